"""Published figures as they arrive: a CSV of `area,reporting_year,table,row,column,value[,source]` → checked figures.

Whoever sends another file by mistake may send records: no sentence repeats a cell.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, ROW
from checks.published_figures import FIGURES, KEY
from connectors.sources import csv_text

COLUMNS = (*KEY, "value")
"""The columns that must be there; `source` may be."""

LARGEST = 1_000_000_000_000
"""A figure of a report is below this."""

LONGEST_LABEL = 200
"""Characters of an area, table, row, column or source; what is longer is no label."""

MOST_FIGURES = 100_000
"""A report has some hundreds; more than those of a country over many years is another kind of file."""

MOST_CELLS = 20_000
"""Rows times columns of one table; what is larger is no printed table."""

_WHOLE = re.compile(r"[0-9]+")
_LONGEST = 16
_PERCENTAGE = re.compile(r"[+-]?\d+([.,]\d+)?\s*%")
_SEPARATED = re.compile(r"\d{1,3}([, \u00a0]\d{3})+")
_DECIMAL = re.compile(r"[+-]?\d*[.,]\d+")

_NO_COUNT = "Only counts are checked: leave its row out."
_HIDDEN = "Leave out the row of a figure that the report hides or does not print."


def read_file(path: Path) -> pl.DataFrame:
    """The figures of a file (columns: `FIGURES`); raises SourceError (exit 3)."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise SourceError(
            f"{path.name} is a folder: expected a CSV file of published figures. Name the file in it."
        ) from None
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or "").lower()
        raise SourceError(
            f"{path.name} could not be read: {why or 'the system refused'}. Check its name and rights."
        ) from None
    return read(data, path.name)


def read(data: bytes, name: str, most: int = MOST_FIGURES) -> pl.DataFrame:
    """The figures of a CSV called `name`, at most so many (columns: `FIGURES`); raises SourceError, which names row and column."""
    cells = csv_text.read(data, name)
    places = _places(cells.headings, name)
    frame = cells.frame
    if frame.is_empty():
        raise SourceError(f"{name} holds no figures: expected a row for each below the headings.")
    if frame.height > most:
        raise SourceError(f"{name} holds {frame.height:,} rows: expected at most {most:,} figures of published tables.")
    beyond = frame.filter(EXTRA_CELLS)[ROW]
    if beyond.len():
        raise SourceError(
            f"{name}, row {beyond[0]}: there are more cells than headings. "
            "A text with a comma in it must stand in quotation marks."
        )
    texts = frame.select(
        *(pl.col(str(place)).str.replace_all(r"\s+", " ").str.strip_chars().alias(column) for column, place in places),
        line=pl.col(ROW).cast(pl.Int64),
    )
    _refuse_blanks(texts, name)
    for column in (*KEY, *(each for each in ("source",) if each in texts.columns)):
        long = texts.filter(pl.col(column).str.len_chars() > LONGEST_LABEL)["line"]
        if long.len():
            raise SourceError(
                f"{name}, row {long[0]}, column {column}: expected a label of at most {LONGEST_LABEL} characters, "
                "found a longer text."
            )
    numbers = [_number(value, row, name) for value, row in texts.select("value", "line").iter_rows()]
    spelt = texts.with_columns(
        *(_one_spelling(texts[column]) for column in KEY),
        value=pl.Series(numbers, dtype=pl.Int64),
        source=pl.col("source") if "source" in texts.columns else pl.lit(None, dtype=pl.String),
    ).select(pl.col(column).cast(kind) for column, kind in FIGURES.items())
    _refuse_repeats(spelt, name)
    _refuse_giants(spelt, name)
    return spelt


def _places(headings: list[str], name: str) -> list[tuple[str, int]]:
    """Column → its place in the file."""
    folded = [heading.strip().casefold() for heading in headings]
    if len(folded) == 1 and any(mark in folded[0] for mark in ";\t|"):
        raise SourceError(f"{name} is not separated by commas. Save it again as CSV UTF-8 (comma delimited).")
    absent = [column for column in COLUMNS if column not in folded]
    if absent:
        raise SourceError(
            f"{name}, row 1: the column{'s' if len(absent) > 1 else ''} {', '.join(absent)} "
            f"{'are' if len(absent) > 1 else 'is'} missing. Expected the headings {','.join(COLUMNS)}."
        )
    for column in (*COLUMNS, "source"):
        if folded.count(column) > 1:
            raise SourceError(f"{name}, row 1: the column {column} stands there more than once; leave one.")
    return [(column, folded.index(column)) for column in (*COLUMNS, "source") if column in folded]


def _refuse_blanks(texts: pl.DataFrame, name: str) -> None:
    for column in COLUMNS:
        blank = texts.filter(pl.col(column).fill_null("") == "")["line"]
        if blank.len():
            how = (
                _HIDDEN.removesuffix(".")
                if column == "value"
                else "Every figure needs its area, reporting year, table, row and column"
            )
            raise SourceError(f"{name}, row {blank[0]}: the column {column} is empty. {how}.")


def _number(text: str, row: int, name: str) -> int:
    how = "Correct it."
    if _WHOLE.fullmatch(text):
        if len(text) < _LONGEST and int(text) < LARGEST:
            return int(text)
        found = "a number too large for a count"
    elif _SEPARATED.fullmatch(text):
        found, how = "a number with separators in it", "Write it without them."
    elif _PERCENTAGE.fullmatch(text):
        found, how = "a percentage", _NO_COUNT
    elif _DECIMAL.fullmatch(text):
        found, how = "a number with decimals", _NO_COUNT
    elif text.startswith("-") and text[1:].isdecimal():
        found = "a number below 0"
    else:
        found, how = "letters" if text.isalpha() else "text", _HIDDEN
    raise SourceError(f"{name}, row {row}, column value: expected a whole number such as 1472, found {found}. {how}")


def _one_spelling(labels: pl.Series) -> pl.Series:
    """The labels, each spelt as it first stood."""
    first: dict[str, str] = {}
    return pl.Series(labels.name, [first.setdefault(label.casefold(), label) for label in labels], dtype=pl.String)


def _refuse_repeats(figures: pl.DataFrame, name: str) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for *key, line in figures.select(*KEY, "line").iter_rows():
        before = seen.setdefault(tuple(key), line)
        if before != line:
            raise SourceError(
                f"{name}, row {line}: the same figure (area, reporting year, table, row and column) "
                f"stands in row {before} already. Take one of them out."
            )


def _refuse_giants(figures: pl.DataFrame, name: str) -> None:
    sizes = figures.group_by(KEY[:3], maintain_order=True).agg(
        pl.col("line").first(), rows=pl.col("row").n_unique(), columns=pl.col("column").n_unique()
    )
    giant = sizes.filter(pl.col("rows").cast(pl.Int64) * pl.col("columns").cast(pl.Int64) > MOST_CELLS)
    if giant.height:
        line, rows, columns = giant.select("line", "rows", "columns").row(0)
        raise SourceError(
            f"{name}, row {line}: the table that begins there has {rows:,} rows and {columns:,} columns. "
            f"Expected a printed table, of at most {MOST_CELLS:,} cells."
        )
