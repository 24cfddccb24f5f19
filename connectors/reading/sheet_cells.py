"""One sheet of a workbook → its cells as text, from the sheet's very first row on, error cells as they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import fastexcel
import polars as pl

from connectors.reading.quiet import without_reports

_ERRORS = {
    "NA": "#N/A",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_UNKNOWN_ERROR = "#ERROR!"
_ERROR_KIND = re.compile(r"Error\((\w+)\)")
_MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$"

_DAY_59, _NO_DAY = "1900-02-28 ", "1900-02-29 "
_IS_DAY_60 = re.compile(r"DateTime \{ value: 60(?:\.\d+)?,")

ERRORS = (*_ERRORS.values(), _UNKNOWN_ERROR)
"""What an error cell says."""


@dataclass(frozen=True)
class SheetCells:
    """A sheet's used columns as text: `frame` one row per physical row from 1 on, null where a cell is empty.

    `first_column` the physical position of the first of them (1 = A) · `visible` whether the workbook shows the sheet.
    """

    frame: pl.DataFrame
    first_column: int
    visible: bool


def load(
    book: fastexcel.ExcelReader, sheet: str, errors: Callable[[], bool] = lambda: True, *, binary: bool = False
) -> SheetCells | None:
    """The sheet's cells, or None where it cannot be read; `binary`: the workbook is an .xlsb.

    `errors`, asked once the sheet is parsed: whether some cell may be an error; where none is, looking for them is saved.
    """
    try:
        # Without skip_rows=0 the blank rows above the first filled one would go, and with them the row numbers.
        with without_reports(wanted=binary):
            found = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
            columns = found.selected_columns
            batch, failed = found.to_arrow_with_errors() if errors() else (found.to_arrow(), None)
    except fastexcel.FastExcelError:
        return None
    except BaseException as error:
        if not panicked(error):
            raise
        return None
    frame = pl.DataFrame(batch)
    if failed is not None:
        frame = _with_errors(frame, [(*error.position, error.detail) for error in failed.errors])
    frame = _without_confusion(frame, book, sheet, [column.absolute_index for column in columns])
    first = columns[0].absolute_index + 1 if columns else 1
    return SheetCells(frame, first, found.visible == "visible")


def panicked(error: BaseException) -> bool:
    """Whether the reader broke down over a damaged file, which is no Exception and whose class has no name to import."""
    return type(error).__name__ == "PanicException"


def _with_errors(frame: pl.DataFrame, failed: list[tuple[int, int, str]]) -> pl.DataFrame:
    """Each cell that has no value because it is an error, as the text that a spreadsheet shows there."""
    by_column: dict[int, tuple[list[int], list[str]]] = {}
    for row, column, detail in failed:
        kind = _ERROR_KIND.search(detail)
        rows, texts = by_column.setdefault(column, ([], []))
        rows.append(row)
        texts.append(_ERRORS.get(kind[1], _UNKNOWN_ERROR) if kind else _UNKNOWN_ERROR)
    for column, (rows, texts) in by_column.items():
        frame = frame.with_columns(frame.to_series(column).clone().scatter(rows, texts))
    return frame


def _without_confusion(
    frame: pl.DataFrame, book: fastexcel.ExcelReader, sheet: str, positions: list[int]
) -> pl.DataFrame:
    """Day 60 of a workbook that counts from 1900 as what it is: 29 February 1900, of which there was none.

    Excel counts that day all the same. The reader gives it as the 28th, which day 59 is: which of the two stands there, only asking
    for numbers tells.
    """
    if not frame.height or not frame.width:
        return frame
    found = frame.select(pl.all().str.starts_with(_DAY_59).any()).row(0)
    for name, place in [(name, n) for n, name in enumerate(frame.columns) if found[n]]:
        asked = book.load_sheet(sheet, header_row=None, skip_rows=0, use_columns=[positions[place]], dtypes="float")
        _, failed = asked.to_arrow_with_errors()
        rows = [each.position[0] for each in (failed.errors if failed else ()) if _IS_DAY_60.search(each.detail)]
        if rows:
            column = frame.get_column(name)
            spelt = column.gather(rows).str.replace(_DAY_59, _NO_DAY, literal=True)
            frame = frame.with_columns(column.clone().scatter(rows, spelt))
    return frame


def is_moment(cell: pl.Expr) -> pl.Expr:
    """Whether the text is how the reader spells a date cell: `2023-01-04 00:00:00`."""
    return cell.str.contains(_MOMENT)


def canonical(cell: pl.Expr) -> pl.Expr:
    """A date cell as ISO text: a midnight is a date, another time keeps its time.

    A time with no day (a cell that shows 12:30) is spelt as of 1899 or 1900; left with its time, it is no date.
    """
    midnight = cell.str.ends_with(" 00:00:00") & ~cell.str.starts_with("1899-")
    return (
        pl.when(is_moment(cell) & midnight)
        .then(cell.str.head(10))
        .when(is_moment(cell))
        .then(cell.str.replace(" ", "T", literal=True))
        .otherwise(cell)
    )
