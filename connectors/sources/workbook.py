"""A workbook with one sheet per canonical table: Excel (xlsx, xlsm, xlsb, xls) or OpenDocument (ods)."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import fastexcel
import polars as pl
import python_calamine

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, ROW
from connectors.sources.headings import (
    Place,
    both,
    in_order,
    left_aside,
    located,
    matched,
    nothing_of_ours,
    shown,
    table_called,
)
from connectors.sources.source import Progress, Pull, SourceFile, silent

KIND = "a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) with one sheet per table"
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

_BLANK = " \t\r\n"
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


def reads(address: str) -> bool:
    """Whether the address is a file named like a workbook."""
    path = Path(address)
    return path.suffix.lower() in SUFFIXES and path.is_file()


def pull(address: str, progress: Progress = silent) -> Pull:
    """Every canonical sheet of the workbook, one frame each, its cells as text.

    Dates are ISO, whole numbers have no point, true and false are so spelt, and an error cell is its own text
    (`#N/A`), so that it is found and not taken for missing.
    """
    path = Path(address)
    name = path.name
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        data = path.read_bytes()
    except PermissionError:
        raise SourceError(f"{name} could not be read: this account may not read it.") from None
    except OSError as error:
        raise SourceError(f"{name} could not be read: {(error.strerror or 'the system refused').lower()}.") from None
    book = _opened(data, path)
    sheets, strangers = _ours(book.sheet_names, name)
    brought = Pull(tables={}, notes=left_aside(name, "sheets", strangers))
    for done, (table, sheet) in enumerate(sheets.items()):
        progress(f"{name}, {sheet}", done, len(sheets))
        brought.tables[table] = _table(book, data, table, Place(name, sheet), brought.notes)
    progress("read", len(sheets), len(sheets))
    rows = sum(frame.height for frame in brought.tables.values())
    brought.files.append(SourceFile(name, tuple(sheets), rows, modified, hashlib.sha256(data).hexdigest()))
    return brought


def _opened(data: bytes, path: Path) -> fastexcel.ExcelReader:
    name = path.name
    if not data:
        raise SourceError(f"{name} is empty (0 bytes). Save the workbook again.")
    locked = data.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data
    why = ""
    if not locked:
        try:
            return fastexcel.read_excel(data)
        except fastexcel.FastExcelError:
            why = _why_not(path)
    if locked or "password" in why or "encrypt" in why:
        raise SourceError(
            f"{name} is protected with a password. Save a copy without one, in a place only you can read."
        )
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        raise SourceError(
            f"{name} is a web page or XML file that is only named like a workbook. Open it and save it as .xlsx."
        )
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise SourceError(f"{name} is damaged, cut short or no workbook inside. Open it, and save it again as .xlsx.")
    raise SourceError(f"{name} is not a workbook, though named like one. Open it and save it as .xlsx.")


def _why_not(path: Path) -> str:
    """The reader's own words: from bytes it only says that it knows no such format, from a path what was wrong."""
    try:
        fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        return str(error).lower()
    return ""


def _ours(names: list[str], file: str) -> tuple[dict[str, str], list[str]]:
    """Canonical table → its sheet, and the sheets that are not ours."""
    sheets: dict[str, str] = {}
    strangers: list[str] = []
    for sheet in names:
        table = table_called(sheet)
        if table is None:
            strangers.append(sheet)
        elif table in sheets:
            raise both(f"{file}: the sheets {shown(sheets[table])}", shown(sheet), table)
        else:
            sheets[table] = sheet
    if not sheets:
        raise nothing_of_ours(file, "a sheet")
    return in_order(sheets), strangers


def _table(book: fastexcel.ExcelReader, data: bytes, table: str, place: Place, notes: list[str]) -> pl.DataFrame:
    cells, hidden = _cells(book, place)
    if hidden:
        notes.append(f"{place}: the sheet is hidden, and was read.")
    if cells.is_empty():
        raise SourceError(f"{place}: the sheet is empty. Expected a header row.")
    headings = [(text or "").strip() for text in cells.row(0)]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise SourceError(f"{place}: the first row is blank. Expected the headings there.")
    found = matched(headings, table, place, notes, first_column=lambda: _first_column(data, place))
    return _records(cells, found, len(headings), table, place)


def _cells(book: fastexcel.ExcelReader, place: Place) -> tuple[pl.DataFrame, bool]:
    """The sheet's used columns as text, from its very first row on, and whether the sheet is hidden."""
    try:
        # Without skip_rows=0 the blank rows above the first filled one would go, and with them the row numbers.
        sheet = book.load_sheet(place.sheet or "", header_row=None, skip_rows=0, dtypes="string")
        batch, failed = sheet.to_arrow_with_errors()
    except fastexcel.FastExcelError:
        sheet = None
    if sheet is None:
        raise SourceError(f"{place}: the sheet cannot be read. Open the workbook, and save it again as .xlsx.")
    frame = pl.DataFrame(batch)
    if failed is not None:
        frame = _with_errors(frame, [(*error.position, error.detail) for error in failed.errors])
    return frame, sheet.visible != "visible"


def _with_errors(frame: pl.DataFrame, failed: list[tuple[int, int, str]]) -> pl.DataFrame:
    """Each cell that has no value because it is an error, as the text that a spreadsheet shows there."""
    for column in {column for _, column, _ in failed}:
        rows, texts = [], []
        for row, of, detail in failed:
            if of == column:
                kind = _ERROR_KIND.search(detail)
                rows.append(row)
                texts.append(_ERRORS.get(kind[1], _UNKNOWN_ERROR) if kind else _UNKNOWN_ERROR)
        cells = frame.to_series(column).clone().scatter(rows, texts)
        frame = frame.with_columns(cells)
    return frame


def _first_column(data: bytes, place: Place) -> int:
    """The physical position of the sheet's first used column (1 = A), which the quick reader does not tell."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        start = book.get_sheet_by_name(place.sheet or "").start
    except python_calamine.CalamineError:  # damaged in a way that the quick reader forgives
        return 1
    return start[1] + 1 if start else 1


def _records(cells: pl.DataFrame, found: dict[str, int], width: int, table: str, place: Place) -> pl.DataFrame:
    """The rows below the header that are not blank, their cells in canonical text."""
    names = cells.columns

    def filled(columns: list[str]) -> pl.Expr:
        if not columns:
            return pl.lit(False)
        return pl.any_horizontal(pl.col(column).fill_null("").str.strip_chars(_BLANK) != "" for column in columns)

    frame = cells.with_row_index(ROW, offset=1).slice(1)
    frame = frame.with_columns(filled(names[width:]).alias(EXTRA_CELLS)).filter(filled(names))
    frame = frame.select(
        *(_canonical(pl.col(names[index])).alias(column) for column, index in found.items()), ROW, EXTRA_CELLS
    )
    return located(frame, table, place, pl.col(ROW))


def _canonical(cell: pl.Expr) -> pl.Expr:
    """The reader spells a date cell `2023-01-04 00:00:00`: a midnight is a date, another time keeps its time.

    A time with no day (a cell that shows 12:30) is spelt as of 1899 or 1900; left with its time, it is no date.
    """
    moment = cell.str.contains(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$")
    midnight = cell.str.ends_with(" 00:00:00") & ~cell.str.starts_with("1899-")
    return (
        pl.when(moment & midnight)
        .then(cell.str.head(10))
        .when(moment)
        .then(cell.str.replace(" ", "T", literal=True))
        .otherwise(cell)
    )
