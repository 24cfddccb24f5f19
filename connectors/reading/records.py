"""The records of separated text: by Polars where the text is regular, which is quick, else record by record.

Both ways give columns `0`, `1`, … (String, null where the cell is empty or absent) and `checks.locators.ROW`, the record's
row as a spreadsheet would show it, one row per record, blank ones included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

import polars as pl

from checks.locators import ROW

BATCH = 50_000  # records turned into columns at a time


def schema(width: int) -> dict[str, pl.DataType]:
    """The text columns of records of `width` cells."""
    return {str(n): pl.String() for n in range(width)}


def empty(width: int) -> pl.DataFrame:
    """No record of `width` cells."""
    return pl.DataFrame(schema={**schema(width), ROW: pl.UInt32()})


@cache
def _quoted(separator: bytes) -> re.Pattern[bytes]:
    """A quoted cell as it should be: it fills the cell from separator to separator, quotes inside it doubled."""
    mark = re.escape(separator)
    return re.compile(rb'"(?<![^' + mark + rb'\n]")[^"]*(?:""[^"]*)*"(?=' + mark + rb"|\r?\n|\r?\Z)")


def unquoted(body: bytes, separator: bytes = b",") -> bytes | None:
    """The text without its quoted cells, so that every separator and line end left in it is one; None if it is irregular.

    Regular means: line ends are \\n or \\r\\n, and every quotation mark belongs to a cell quoted as it should be.
    """
    if body.count(b"\r") != body.count(b"\r\n"):
        return None
    plain = _quoted(separator).sub(b"", body) if b'"' in body else body
    return None if b'"' in plain else plain


def quickly(body: bytes, lines: int, cells: int, separator: str = ",", first_row: int = 1) -> pl.DataFrame | None:
    """The `lines` records of regular text by Polars; None where one has more than `cells` cells or another number came out.

    `body` UTF-8 without byte-order mark or header; `first_row` the number of its first record.
    """
    if lines == 0:
        return empty(cells)
    names = separator.join(str(n) for n in range(cells)).encode()
    try:
        frame = pl.read_csv(
            names + (b"\r\n" if b"\r" in body else b"\n") + body,
            separator=separator,
            infer_schema=False,
            null_values="",
            row_index_name=ROW,
            row_index_offset=first_row,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if frame.height == lines else None


def batches(records: Iterable[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    """The numbered records some at a time."""
    each = iter(records)
    while batch := list(islice(each, BATCH)):
        yield batch


def as_columns(batch: Sequence[tuple[int, list[str]]], width: int) -> pl.DataFrame:
    """The first `width` cells of some numbered records as columns."""
    columns = {
        str(n): pl.Series([(record[n] or None) if n < len(record) else None for _, record in batch], dtype=pl.String)
        for n in range(width)
    }
    return pl.DataFrame({**columns, ROW: pl.Series([row for row, _ in batch], dtype=pl.UInt32)})
