"""A workbook of 100,000 rows and 15 columns read loss-free, with its account, and mapped, against the bare reader of guessed types.

Both sides first have to give the same cells wherever the bare reader gives any: it silently drops what does not fit the type
it guessed, which is counted and told beside it.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import xlsxwriter

from connectors.mapping.dates import DateStyle
from connectors.mapping.editing import with_sheet, with_style
from connectors.mapping.propose import propose
from connectors.mapping.pulling import pull
from connectors.mapping.writing import save_mapping
from connectors.reading import read
from tests.benchmarks.row import in_turn

ROWS = 100_000
TIMES = 5
BOUND = 1.6
"""For reading and mapping together; so reading alone has to leave room for the other."""

HEADINGS = (
    "Case ref",
    "Category",
    "Level",
    "Location",
    "Date in",
    "Date out",
    "Reason",
    "Lead agency",
    "Risk",
    "Year of birth",
    "Sex",
    "Ethnicity",
    "Sentenced",
    "ViSOR",
    "Note",
)


def run(_area_folder: Path) -> list[dict[str, Any]]:
    """The row of the table; the area is not used, as it holds no workbook."""
    with tempfile.TemporaryDirectory() as kept:
        return compared(made(Path(kept) / "cases.xlsx", ROWS), TIMES)


def made(path: Path, rows: int) -> Path:
    """A workbook as people keep it: numbers as text here and there, late values of another type, blank cells."""
    chance = random.Random(1)
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("cases")
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, _record(row, chance))
    return path


def _record(row: int, chance: random.Random) -> list[object]:
    day = date(2015, 1, 1)
    return [
        f"C{row:07d}",
        chance.randint(1, 4) if row % 10 else str(chance.randint(1, 4)),
        chance.randint(1, 3),
        chance.choice(["Community", "Custody"]),
        day + timedelta(chance.randint(0, 3000)),
        day + timedelta(chance.randint(3000, 4000)) if row % 5 < 2 else None,
        chance.choice([None, "exit", "N/A"]),
        chance.choice(["Police", "Probation", "Prison", "Health", "Housing"]),
        chance.choice(["low", "medium", "high", "very high"]),
        chance.randint(1940, 2002),
        chance.choice("MF"),
        chance.choice("ABC"),
        "01/02/2023" if row > 1000 and row % 20 == 0 else day + timedelta(chance.randint(0, 3000)),
        row % 10 > 0,
        f"note {chance.randint(1, 10**6)}",
    ]


def compared(path: Path, times: int) -> list[dict[str, Any]]:
    """The comparison on one workbook."""
    same, dropped = same_cells(path)
    mapping = mapped_by(path)
    sides = (lambda: read(path), lambda: pull(str(path), mapping=mapping), lambda: bare(path))
    alone, mapped, other = in_turn(*sides, times=times, take=statistics.median)
    against = f"against the bare typed reader (which drops {dropped:,} cells)"
    return [
        {
            "name": f"a workbook read with its account, {against}",
            "ours_seconds": alone,
            "other_seconds": other,
            "ratio": alone / other,
            "bound": BOUND,
            "same_answers": same,
        },
        {
            "name": f"the same read and mapped, {against}",
            "ours_seconds": mapped,
            "other_seconds": other,
            "ratio": mapped / other,
            "bound": BOUND,
            "same_answers": same_records(path, mapping),
        },
    ]


def mapped_by(path: Path) -> Path:
    """The mapping that is proposed for the workbook, its one question answered, in a file beside it."""
    proposed = propose([read(path)]).mapping
    (sheet,) = proposed.sheets
    place = path.with_suffix(".toml")
    save_mapping(with_sheet(proposed, 0, with_style(sheet, "Sentenced", DateStyle.DAY_FIRST)), place)
    return place


def same_records(path: Path, mapping: Path) -> bool:
    """Whether the mapped table has every record, with what the bare reader gives of some columns, and what it drops."""
    typed, cases = bare(path), pull(str(path), mapping=mapping).tables["cases"]
    wanted = {"case_id": "Case ref", "level": "Level", "entered_on": "Date in", "exited_on": "Date out"}
    same = all(cases[ours].cast(pl.String).equals(_as_text(typed[theirs])) for ours, theirs in wanted.items())
    dropped = cases["sentenced_on"].cast(pl.String).filter(typed["Sentenced"].is_null())
    return same and bool((dropped == "2023-02-01").all())


def bare(path: Path) -> pl.DataFrame:
    """The first sheet by the bare reader, its types guessed."""
    return fastexcel.read_excel(path).load_sheet(0).to_polars()


def same_cells(path: Path) -> tuple[bool, int]:
    """Whether every cell that the bare reader gives is the same in ours and the account adds up; and how many it drops."""
    done = read(path)
    typed = bare(path)
    (table,) = done.tables
    same = table.headings == tuple(typed.columns) and all(account.adds_up for account in done.accounts)
    dropped = 0
    for number, name in enumerate(typed.columns):
        theirs, ours = _as_text(typed[name]), table.frame[str(number)]
        same = (
            same and bool((theirs == ours).fill_null(True).all()) and not (theirs.is_not_null() & ours.is_null()).any()
        )
        dropped += int((theirs.is_null() & ours.is_not_null()).sum())
    return same, dropped


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Float64:
        return column.cast(pl.Int64).cast(pl.String)
    if isinstance(column.dtype, pl.Datetime):
        return column.cast(pl.Date).cast(pl.String)
    return column.cast(pl.String)
