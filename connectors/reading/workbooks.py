"""A workbook of any kind → one grid per sheet, with what the sheet hides and what could not be understood."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from checks.errors import SourceError
from connectors.reading import ods_layout, opening, sheet_cells, xls_layout, xlsb_layout, xlsx_layout
from connectors.reading.grid import Grid, grid
from connectors.reading.layout import MOST_COLUMNS, MOST_ROWS, Layout
from connectors.reading.packages import BROKEN_PACKAGE
from connectors.sources.headings import Place, letters
from connectors.sources.source import Progress

MOST_CELLS = 40_000_000  # places between the first and the last used cell of a sheet

_SHOWN_COLUMNS = 8


@dataclass(frozen=True)
class Sheet:
    """One sheet: its `grid`, the rows it hides (from 1), how many cells are not understood, and notes for people."""

    name: str
    grid: Grid
    hidden_rows: tuple[int, ...]
    not_understood: int
    notes: tuple[str, ...]


def sheets(content: opening.Content, path: Path, progress: Progress) -> Iterator[Sheet]:
    """Every sheet of the workbook in turn; SourceError where it is none, is locked, damaged or too large."""
    name = content.name
    book, sizes = opened(content, path)
    names, binary = book.sheet_names, opening.is_binary(content.data)
    with ThreadPoolExecutor(1) as beside:  # unpacking the sheets once more costs nothing while the first is parsed
        told = beside.submit(layouts, content.data, name) if _kind(content.data) == _XLSX else None
        for done, sheet in enumerate(names):
            progress(f"{name}, {sheet}", done, len(names))
            yield _sheet(book, Place(name, sheet), sheet, lambda: told.result() if told else sizes, binary=binary)


def opened(content: opening.Content, path: Path) -> tuple[fastexcel.ExcelReader, dict[str, Layout]]:
    """The workbook, and its sheets' sizes; SourceError as `sheets` says.

    The reader holds every place between the first and the last used cell, so that two cells far apart would take all memory:
    the sizes are asked before a sheet is read, and of the kinds that are read whole at once (ods, xls) before it is opened.
    """
    opening.refuse_unreadable(content.data, path)
    sizes = sized(content.data, content.name) if _is_read_at_once(content.data) else None
    book = opening.workbook(content.data, path)
    return book, sized(content.data, content.name) if sizes is None else sizes


def _is_read_at_once(data: bytes) -> bool:
    try:
        return _kind(data) in (_ODS, _XLS)
    except (*BROKEN_PACKAGE, ValueError):
        return False  # what is wrong with it is said when it is opened


def _sheet(
    book: fastexcel.ExcelReader, place: Place, sheet: str, told: Callable[[], dict[str, Layout]], *, binary: bool
) -> Sheet:
    cells = sheet_cells.load(book, sheet, lambda: told().get(sheet, Layout()).errors, binary=binary)
    layout = told().get(sheet, Layout()) if cells is not None else Layout()
    if cells is None or (layout.filled and not cells.frame.height):
        raise SourceError(f"{place}: the sheet cannot be read. Open the workbook, and save it again as .xlsx.")
    lying = grid(cells.frame, cells.first_column, layout.merged, moments=True)
    errors = error_cells(lying.frame)
    hidden = tuple(row for row in layout.hidden_rows if row <= lying.frame.height)
    notes = tuple(_notes(place, cells, lying, layout, hidden, errors))
    return Sheet(sheet, lying, hidden, errors + layout.no_result, notes)


_XLSX, _XLSB, _ODS, _XLS = "xlsx", "xlsb", "ods", "xls"


def _kind(data: bytes) -> str:
    """Which kind of workbook the bytes are, by what is packed in them."""
    if not data.startswith(b"PK"):
        return _XLS
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {part.lower() for part in package.namelist()}
    if "content.xml" in parts:
        return _ODS
    return _XLSB if "xl/workbook.bin" in parts else _XLSX


def layouts(data: bytes, name: str, *, sizes_only: bool = False) -> dict[str, Layout]:
    """Sheet → layout, for the sheets of which the file tells one. `sizes_only`: no more than how large each is."""
    try:
        kind = _kind(data)
        if kind == _XLS:
            told = xls_layout.layouts(data)
            if told is None:
                raise ValueError("no workbook, or a damaged one, over which the quick reader may break down")
            return told[0]
        if kind == _ODS:
            return ods_layout.layouts(data) or {}
        if kind == _XLSB:
            return xlsb_layout.layouts(data) or {}
        return xlsx_layout.layouts(data, sizes_only=sizes_only) or {}
    except (*BROKEN_PACKAGE, EOFError, ValueError):
        pass
    raise opening.damaged(name)


def sized(data: bytes, name: str) -> dict[str, Layout]:
    """Sheet → layout, of which only the size is sure; SourceError where a sheet's used area is more than can be held."""
    sizes = layouts(data, name, sizes_only=True)
    for sheet, layout in sizes.items():
        rows, columns = layout.rows or 0, layout.columns or 0
        if rows * columns > MOST_CELLS or rows > MOST_ROWS or columns > MOST_COLUMNS:
            raise SourceError(
                f"{Place(name, sheet)}: the used area runs to row {rows:,} and column {letters(columns)}, more than can be "
                "read at once. Delete what stands far from the records, or split the sheet."
            )
    return sizes


def error_cells(frame: pl.DataFrame) -> int:
    """How many cells say no more than that they are an error."""
    if not frame.height or not frame.width:
        return 0
    suspects = frame.select(pl.all().str.starts_with("#").any()).row(0)
    names = [name for name, found in zip(frame.columns, suspects, strict=True) if found]
    return sum(frame.select(pl.col(names).is_in(list(sheet_cells.ERRORS)).sum()).row(0)) if names else 0


def _notes(
    place: Place, cells: sheet_cells.SheetCells, lying: Grid, layout: Layout, hidden: tuple[int, ...], errors: int
) -> Iterator[str]:
    if not lying.frame.height:
        yield f"{place}: the sheet holds no cells."
    if not cells.visible:
        yield f"{place}: the sheet is hidden, and was read."
    if hidden:
        yield f"{place}: {len(hidden):,} hidden {_rows(len(hidden))} read as well."
    last = lying.first_column + lying.width - 1
    columns = [letters(column) for column in layout.hidden_columns if lying.first_column <= column <= last]
    if columns:
        more = " and more" if len(columns) > _SHOWN_COLUMNS else ""
        yield f"{place}: hidden columns were read as well: {', '.join(columns[:_SHOWN_COLUMNS])}{more}."
    if lying.filled is None:
        yield f"{place}: cells are merged over so many rows that only the first row of each was given the value."
    elif lying.filled:
        cells_filled = "1 cell" if lying.filled == 1 else f"{lying.filled:,} cells"
        yield f"{place}: the value of cells merged over several rows was given to each row ({cells_filled} filled)."
    if errors:
        yield f"{place}: {errors:,} {'cell is an error' if errors == 1 else 'cells are errors'} such as #N/A or #REF!."
    if layout.no_result:
        yield (
            f"{place}: {layout.no_result:,} {'formula holds' if layout.no_result == 1 else 'formulas hold'} no stored "
            "result and read as blank. Open the workbook in a spreadsheet program and save it."
        )


def _rows(count: int) -> str:
    return "row was" if count == 1 else "rows were"


def from_1904(data: bytes) -> bool:
    """Whether an Excel workbook (.xlsx, .xlsm, .xls) counts its days from 1904."""
    if data.startswith(b"PK"):
        return xlsx_layout.dates_from_1904(data)
    told = xls_layout.layouts(data)
    return bool(told and told[1])
