"""A folder area for tests of pages: the sample area's records as CSV files, changed as a test wants, refreshed into a store."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl

from checks.locators import EXTRA_CELLS, LOCATORS
from connectors.sources import pull
from dashboard.refresh import refresh
from dashboard.settings import load_settings
from tests.dashboard.made_once import MADE

AS_AT = date(2023, 12, 31)
Tables = dict[str, pl.DataFrame]

HOSTILE = "**bold** <b>x</b> [a](http://example.invalid) :material/home: $a$ =1+1 `c` _i_"
"""Text that Markdown, HTML, an icon's name, a formula, or a spreadsheet would make something else of."""


@cache
def _sample() -> Tables:
    tables = pull("sample").tables
    return {name: frame.drop([*LOCATORS, EXTRA_CELLS], strict=False) for name, frame in tables.items()}


def heading_said(heading: str) -> str:
    """A table's heading as it is read: without the address that it links to."""
    text = re.sub(r"^\[(.*)\]\(.*\)$", r"\1", heading)
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\\", "")


def sample_tables() -> Tables:
    """The sample area's raw tables, all text, without locators; the dict is the caller's."""
    return dict(_sample())


def text_in(column: str, table: str, value: str | None, rows: int) -> Callable[[Tables], Tables]:
    """Put a value into the first rows of a column."""

    def changed(tables: Tables) -> Tables:
        some = pl.when(pl.int_range(pl.len()) < rows).then(pl.lit(value, dtype=pl.String)).otherwise(pl.col(column))
        return {**tables, table: tables[table].with_columns(some.alias(column))}

    return changed


def settings_in(folder: Path, standards: str = '["jersey"]', area: str = "Area") -> Path:
    """A settings file for the CSV files in `folder / "records"`."""
    path = folder / "area.toml"
    path.write_text(
        f'area = "{area}"\nsource = "records"\nstandards = {standards}\nas_at = {AS_AT.isoformat()}\n', encoding="utf-8"
    )
    return path


def refreshed(settings: Path, tables: Tables, number: int = 1) -> None:
    """Write the tables in the place of what was there, and refresh; `number` of the refresh sets when it was made."""
    if [each.name for each in settings.parent.iterdir()] != [settings.name]:
        _refreshed(settings, tables, number)
        return
    said = settings.read_bytes()
    held = "\n".join(f"{name}\n{frame.write_csv()}" for name, frame in sorted(tables.items()))

    def make(begun: Path) -> None:
        (begun / settings.name).write_bytes(said)
        _refreshed(begun / settings.name, tables, number)

    MADE.copy(said + str(number).encode() + held.encode(), make, settings.parent)


def _refreshed(settings: Path, tables: Tables, number: int) -> None:
    records = settings.parent / "records"
    records.mkdir(exist_ok=True)
    for old in records.glob("*.csv"):
        old.unlink()
    for name, frame in tables.items():
        frame.write_csv(records / f"{name}.csv")
    done = refresh(load_settings(settings), AS_AT, datetime(2024, 1, number, 9, 15, tzinfo=UTC))
    assert done.added
