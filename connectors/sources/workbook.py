"""A workbook with one sheet per canonical table: Excel (xlsx, xlsm, xlsb, xls) or OpenDocument (ods)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import fastexcel
import polars as pl

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, ROW
from connectors.reading import opening, sheet_cells, workbooks
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
    content = opening.content(path)
    book, _ = workbooks.opened(content, path)
    sheets, strangers = _ours(book.sheet_names, name)
    binary = opening.is_binary(content.data)
    brought = Pull(tables={}, notes=left_aside(name, "sheets", strangers))
    for done, (table, sheet) in enumerate(sheets.items()):
        progress(f"{name}, {sheet}", done, len(sheets))
        brought.tables[table] = _table(book, table, Place(name, sheet), brought.notes, binary=binary)
    progress("read", len(sheets), len(sheets))
    rows = sum(frame.height for frame in brought.tables.values())
    fingerprint = hashlib.sha256(content.data).hexdigest()
    brought.files.append(SourceFile(name, tuple(sheets), rows, content.modified, fingerprint))
    return brought


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


def _table(book: fastexcel.ExcelReader, table: str, place: Place, notes: list[str], *, binary: bool) -> pl.DataFrame:
    sheet = sheet_cells.load(book, place.sheet or "", binary=binary)
    if sheet is None:
        raise SourceError(f"{place}: the sheet cannot be read. Open the workbook, and save it again as .xlsx.")
    if not sheet.visible:
        notes.append(f"{place}: the sheet is hidden, and was read.")
    cells = sheet.frame
    if cells.is_empty():
        raise SourceError(f"{place}: the sheet is empty. Expected a header row.")
    headings = [(text or "").strip() for text in cells.row(0)]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise SourceError(f"{place}: the first row is blank. Expected the headings there.")
    found = matched(headings, table, place, notes, first_column=lambda: sheet.first_column)
    return _records(cells, found, len(headings), table, place)


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
        *(sheet_cells.canonical(pl.col(names[index])).alias(column) for column, index in found.items()),
        ROW,
        EXTRA_CELLS,
    )
    return located(frame, table, place, pl.col(ROW))
