"""Tables as a reader would hand them on, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from checks.locators import ROW
from connectors.reading import Account, LeftOut, RawTable, Read, Why
from connectors.sources.headings import letters
from connectors.sources.source import SourceFile

Rows = Sequence[Sequence[str | None]]


def raw(file: str, sheet: str | None, headings: Sequence[str], rows: Rows, first: int = 2) -> RawTable:
    """A table whose records begin in row `first`."""
    columns = {str(n): pl.Series([row[n] for row in rows], dtype=pl.String) for n in range(len(headings))}
    numbers = pl.Series(ROW, range(first, first + len(rows)), dtype=pl.UInt32)
    frame = pl.DataFrame(columns).with_columns(numbers)
    names = tuple(letters(n + 1) for n in range(len(headings)))
    return RawTable(file, sheet, sheet or file.rpartition(".")[0], tuple(headings), names, frame)


def read(*tables: RawTable, from_1904: bool = False) -> Read:
    """A file of these tables, each on a sheet of its own with its headings in the first row."""
    accounts = tuple(
        Account(each.file, each.sheet, each.frame.height + 1, each.frame.height, (LeftOut(Why.HEADER, (1,)),))
        for each in tables
    )
    file = SourceFile(tables[0].file, (), 0, datetime(2024, 1, 1, tzinfo=UTC), "f")
    return Read(tables, accounts, (), file, from_1904=from_1904)


def sheet(
    headings: Sequence[str], *rows: Sequence[str | None], file: str = "book.xlsx", name: str | None = "Cases"
) -> Read:
    """A file of one table."""
    return read(raw(file, name, headings, rows))
