"""The layout of a binary workbook's sheets: .xls and .xlsb, as far as they tell it cheaply (hidden rows they do not)."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

import python_calamine

from connectors.reading.layout import Area, Layout

# xlsb: a record is its number and its length, seven bits a byte, then its content.
_SHEET = 156
_DIMENSION = re.compile(rb"\x94\x01\x10(.{16})", re.DOTALL)
_MERGED_BEGIN = re.compile(rb"\xb1\x01\x04.{4}(?=\xb0\x01\x10)", re.DOTALL)
_MERGED = b"\xb0\x01\x10"


def xls_layouts(data: bytes) -> dict[str, Layout]:
    """Sheet → merged areas of an .xls workbook; nothing where the second reader cannot read it."""
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            found = {sheet: book.get_sheet_by_name(sheet).merged_cell_ranges or [] for sheet in book.sheet_names}
    except Exception:  # it is asked for this alone; what is wrong with the file the first reader says
        return {}
    return {
        sheet: Layout(merged=tuple((r0 + 1, c0 + 1, r1 + 1, c1 + 1) for (r0, c0), (r1, c1) in merged))
        for sheet, merged in found.items()
    }


def xlsb_layouts(data: bytes) -> dict[str, Layout] | None:
    """Sheet → size and merged areas of an .xlsb workbook; None where the bytes are no such workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            relations = ElementTree.fromstring(package.read("xl/_rels/workbook.bin.rels"))
            targets = {each.get("Id"): each.get("Target") or "" for each in relations}
            found = {}
            for identifier, sheet in _sheets(package.read("xl/workbook.bin")):
                path = posixpath.normpath(posixpath.join("xl", targets.get(identifier, "")))
                if path in package.namelist():
                    found[sheet] = _scanned(package.read(path))
            return found
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return None
    except (ElementTree.ParseError, struct.error, IndexError):
        return None


def _sheets(book: bytes) -> Iterator[tuple[str, str]]:
    """The relation and the name of every sheet."""
    at = 0
    while at < len(book):
        number, at = _varied(book, at, 2)
        length, at = _varied(book, at, 4)
        if number == _SHEET:
            relation, next_at = _text(book, at + 8)
            yield relation, _text(book, next_at)[0]
        at += length


def _varied(data: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        byte = data[at]
        at += 1
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            break
    # A record's number keeps its continuation in its second byte: 0x9C 0x01 is 156 as 28 + (1 << 7).
    return value, at


def _text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _scanned(sheet: bytes) -> Layout:
    rows = columns = None
    if match := _DIMENSION.search(sheet, 0, 4096):
        _, last_row, _, last_column = struct.unpack("<4I", match[1])
        rows, columns = last_row + 1, last_column + 1
    merged: list[Area] = []
    if match := _MERGED_BEGIN.search(sheet):
        at = match.end()
        while sheet.startswith(_MERGED, at):
            r0, r1, c0, c1 = struct.unpack_from("<4I", sheet, at + 3)
            merged.append((r0 + 1, c0 + 1, r1 + 1, c1 + 1))
            at += 19
    return Layout(rows=rows, columns=columns, merged=tuple(merged))
