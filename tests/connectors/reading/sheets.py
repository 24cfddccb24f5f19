"""Small files made for the tests of reading, in every format, each from rows of cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from connectors.reading import Read, read

Rows = Sequence[Sequence[object]]


def as_csv(folder: Path, rows: Rows, name: str = "area.csv") -> Read:
    """The rows read back from a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return as_bytes(folder, out.getvalue().encode(), name)


def as_bytes(folder: Path, content: bytes, name: str = "area.csv") -> Read:
    """A file of that name and content, read."""
    path = folder / name
    path.write_bytes(content)
    return read(path)


def put(sheet: Worksheet, rows: Rows) -> None:
    """The rows into a sheet, text as text and dates as dates."""
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif cell is not None:
                sheet.write(row, column, cell)


def workbook(
    path: Path, *sheets: tuple[str, Rows | Callable[[Worksheet], object]], options: dict[str, object] | None = None
) -> Path:
    """An xlsx workbook of the named sheets, each given as rows or filled by a function."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy", **(options or {})}) as made:
        for name, content in sheets:
            sheet = made.add_worksheet(name)
            if callable(content):
                content(sheet)
            else:
                put(sheet, content)
    return path


def patched(path: Path, *changes: tuple[str, str]) -> Path:
    """The workbook with texts in its first sheet's XML replaced by others."""
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for old, new in changes:
        assert old in sheet
        sheet = sheet.replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else part)
    return path


def as_xlsx(folder: Path, *sheets: tuple[str, Rows | Callable[[Worksheet], object]]) -> Read:
    """Such a workbook, read."""
    return read(workbook(folder / "area.xlsx", *sheets))


_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"
)
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def ods(path: Path, body: str) -> Path:
    """An OpenDocument spreadsheet whose tables are given as XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        made.writestr("META-INF/manifest.xml", _MANIFEST)
        made.writestr("content.xml", _CONTENT.format(body))
    return path


def ods_cell(cell: object, more: str = "") -> str:
    """One cell of such a table."""
    if cell is None:
        return f"<table:table-cell{more}/>"
    if isinstance(cell, date):
        return f'<table:table-cell{more} office:value-type="date" office:date-value="{cell}"/>'
    if isinstance(cell, int | float):
        return f'<table:table-cell{more} office:value-type="float" office:value="{cell}"/>'
    return f'<table:table-cell{more} office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def ods_table(name: str, rows: Rows) -> str:
    """A table of such cells."""
    made = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    return f"<table:table table:name={quoteattr(name)}>{made}</table:table>"


def left(done: Read, sheet: int = 0) -> dict[str, tuple[int, ...]]:
    """Reason → rows left out, of one sheet."""
    return {each.reason: each.rows for each in done.accounts[sheet].left_out}


def assert_whole(done: Read) -> None:
    """Every account adds up, and the records of the tables are the rows that it calls data."""
    for account in done.accounts:
        assert account.adds_up, account
        tables = [table for table in done.tables if table.sheet == account.sheet]
        rows = {row for table in tables for row in table.frame["_row"]}
        assert len(rows) == account.data
        assert rows.isdisjoint(row for each in account.left_out for row in each.rows)
        for table in tables:
            assert table.frame.columns == [*map(str, range(len(table.headings))), "_row"]
            assert len(table.letters) == len(table.headings) == len({each.casefold() for each in table.headings})
            assert table.frame["_row"].is_sorted()
