"""The bytes of a CSV file → its cells as text, with every record's row number.

Two ways that give the same answer. Polars reads regular files, quickly; what it would misread is found beforehand, or
shows in the number of rows, and is then read by Python's own csv module, record by record.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, ROW
from connectors.reading import records

BOM = b"\xef\xbb\xbf"
BLANK = " \t\r\n"  # a cell of nothing else is blank


@dataclass(frozen=True)
class Cells:
    """One CSV file: `headings` as they stand (none blank at the end) and `frame`, one row per record that is not blank.

    Columns of `frame`: `0`, `1`, … one String per heading (null where the cell is empty or absent), `ROW` the record's
    row as a spreadsheet would show it (header = 1, blank rows counted) and `EXTRA_CELLS`, whether something stands
    beyond the last heading.
    """

    headings: list[str]
    frame: pl.DataFrame


def read(data: bytes, name: str) -> Cells:
    """The cells of a comma-separated UTF-8 file called `name`; SourceError, naming it, where it is not one."""
    text = _text(data, name)
    headings = _headings(text, name)
    body = data.removeprefix(BOM)
    frame = quick(body, len(headings))
    if frame is None:
        frame = thorough(text, len(headings), name)
    return Cells(headings, frame)


def _text(data: bytes, name: str) -> str:
    if not data.removeprefix(BOM).strip():
        raise SourceError(f"{name} is empty: expected a header row. Export it again, with its headings.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(_not_utf8(name, "it looks like UTF-16, which Excel calls Unicode text"))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF")):
        raise SourceError(f"{name} is {_instead(name)}. Save it as CSV UTF-8 (comma delimited).")
    if (at := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise SourceError(
            f"{name} is not plain text: line {line} holds a NUL byte, so the file is damaged or of another kind. "
            "Export it again as CSV UTF-8 (comma delimited)."
        )
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise SourceError(_not_utf8(name, f"line {line} holds a character in another encoding"))


def _instead(name: str) -> str:
    """What a file that does not begin as text is, by its name."""
    kind = Path(name).suffix.lower()
    if kind.startswith((".xls", ".ods")):
        return "a workbook and not a CSV file"
    return "not a CSV file, though named like one" if kind == ".csv" else "not a CSV file"


def _not_utf8(name: str, why: str) -> str:
    return f'{name} is not UTF-8: {why}. In Excel, save it again as "CSV UTF-8 (comma delimited)".'


def _records(text: str, name: str) -> Iterator[list[str]]:
    """Every record in turn, blank lines as []; a quote out of place ends it with a sentence that names the row."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 0
    while True:
        row += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            opened = "delimiter" not in str(error) and "expected after" not in str(error)
            break
        yield record
    why = "a quotation mark is opened and never closed" if opened else "a quotation mark stands inside a quoted cell"
    raise SourceError(
        f"{name}, row {row}: {why}, so the cells cannot be told apart. "
        'Correct that row; a quotation mark within a cell is written twice ("").'
    )


def _headings(text: str, name: str) -> list[str]:
    headings = next(_records(text, name), [])
    while headings and not headings[-1].strip():
        headings.pop()
    if not headings:
        raise SourceError(f"{name}: the first row is blank. Expected the headings there.")
    return headings


def _finished(frame: pl.DataFrame, width: int, extra: pl.Expr) -> pl.DataFrame:
    """Blank rows dropped (their numbers are not given again), cells beyond the headings reduced to a flag."""
    frame = frame.with_columns(extra.alias(EXTRA_CELLS))
    # "!" is the first character that is no blank: one cheap comparison leaves few rows to look at closely.
    perhaps = pl.all_horizontal(pl.col(str(n)).fill_null("") < "!" for n in range(width)) & ~pl.col(EXTRA_CELLS)
    blank = pl.all_horizontal(pl.col(str(n)).fill_null("").str.strip_chars(BLANK) == "" for n in range(width))
    rows = frame.filter(perhaps).filter(blank)[ROW]
    if rows.len():
        frame = frame.filter(~pl.col(ROW).is_in(rows.implode()))
    return frame.select(*records.schema(width), ROW, EXTRA_CELLS)


def _something_in(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars(BLANK) != ""


def quick(body: bytes, width: int) -> pl.DataFrame | None:
    """The records below the header by Polars, or None where the file is not regular enough to be sure.

    Sure means: line ends are \\n or \\r\\n; every quotation mark belongs to a cell that is quoted as it should be; no
    record has more cells than the header's own, save one; and Polars found as many records as there are line ends
    outside quotes. `body`: the file without its byte-order mark, header included.
    """
    plain = records.unquoted(body)
    if plain is None:
        return None
    end = body.find(b"\n")
    if end < 0 or body.count(b'"', 0, end) % 2:
        return None if b'"' in body[:end] else _finished(records.empty(width), width, pl.lit(False))
    header = next(csv.reader([body[:end].decode()]))
    cells = max(len(header), width) + 1  # one more than there should be: a cell too many lands there and is seen
    lines = plain.count(b"\n") + (not body.endswith(b"\n")) - 1
    frame = records.quickly(body[end + 1 :], lines, cells, first_row=2)
    if frame is None:
        return None
    if lines == 0:
        return _finished(records.empty(width), width, pl.lit(False))
    beyond = [_something_in(str(n)) for n in range(width, cells)]
    return _finished(frame, width, pl.any_horizontal(beyond))


def thorough(text: str, width: int, name: str) -> pl.DataFrame:
    """The records below the header by Python's csv module, which takes a row of any length."""
    numbered = enumerate(_records(text, name), start=1)
    next(numbered)
    frames = [records.empty(width).with_columns(pl.lit(False).alias(EXTRA_CELLS))]
    for batch in records.batches(numbered):
        extra = pl.Series([any(cell.strip(BLANK) for cell in record[width:]) for _, record in batch])
        frames.append(_finished(records.as_columns(batch, width), width, pl.lit(extra)))
    return pl.concat(frames)
