"""Small tables for tests: rows written as dicts become raw frames, as a source gives them, or typed tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from checks.locators import FILE, ROW, SHEET
from checks.runner import check
from checks.standard import load_standard
from checks.table_names import COLUMNS
from checks.typed_tables import TypedTables

Rows = Sequence[Mapping[str, Any]]


def raw(example: Mapping[str, Rows], file: str | None = None) -> dict[str, pl.DataFrame]:
    """Raw tables from rows: every canonical column as text, `_file` (`cases.csv` or what is given), `_sheet`, `_row` from 2.

    What a row does not say is missing. Dates, booleans and numbers may be given as such; they are written as a file would.
    """
    return {table: _frame(table, rows, file or f"{table}.csv") for table, rows in example.items()}


def typed(example: Mapping[str, Rows], as_at: date, standard: str = "jersey") -> TypedTables:
    """The typed tables that the checks make of such rows."""
    return check(raw(example), load_standard(standard), as_at).tables


def _frame(table: str, rows: Rows, file: str) -> pl.DataFrame:
    columns = COLUMNS[table]
    unknown = {name for row in rows for name in row} - set(columns)
    assert not unknown, f"{table} has no {', '.join(sorted(unknown))}"
    cells = {name: [_text(row.get(name)) for row in rows] for name in columns}
    return pl.DataFrame(
        {
            **cells,
            FILE: [file] * len(rows),
            SHEET: [None] * len(rows),
            ROW: list(range(2, len(rows) + 2)),
        },
        schema={**dict.fromkeys(columns, pl.String), FILE: pl.String, SHEET: pl.String, ROW: pl.UInt32},
    )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
