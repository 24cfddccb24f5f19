"""The layout of a binary workbook's sheets (.xlsb): size, merged areas and hidden rows, from its records."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from connectors.reading.layout import Area, Layout
from connectors.reading.packages import BROKEN_PACKAGE

# A record is its number and its length, seven bits a byte, then its content.
_ROW, _LAST_CELL, _SHEET, _MERGED = 0, 19, 156, 176
_HIDDEN = 0x10


def layouts(data: bytes) -> dict[str, Layout] | None:
    """Sheet → layout; where the list of sheets is damaged, by their parts' names; None where the bytes are no such workbook.

    Raises zipfile.BadZipFile, zlib.error or ValueError where a sheet's part is damaged.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (*BROKEN_PACKAGE, ValueError):
        return None
    with package:
        parts = {name for name in package.namelist() if "sheets/" in name.lower() and name.lower().endswith(".bin")}
        named = {part: name for name, part in _named_parts(package).items() if part in parts}
        return {named.get(part, part): _scanned(package.read(part)) for part in sorted(parts)}


def _named_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Sheet → its part."""
    try:
        relations = ElementTree.fromstring(package.read("xl/_rels/workbook.bin.rels"))
        targets = {each.get("Id"): each.get("Target") or "" for each in relations}
        sheets = list(_sheets(package.read("xl/workbook.bin")))
    except (*BROKEN_PACKAGE, LookupError, ElementTree.ParseError, struct.error, ValueError):
        return {}
    return {
        sheet: target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        for identifier, sheet in sheets
        if (target := targets.get(identifier, ""))
    }


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
    rows = columns = row = at = 0
    merged: list[Area] = []
    hidden: list[int] = []
    end = len(sheet)
    sheet += bytes(32)  # so that a last record cut short is read as one
    while at < end:
        number, length = sheet[at], sheet[at + 1]
        at += 2
        if number > 127:
            number, length = (number & 127) | (length & 127) << 7, sheet[at]
            at += 1
        if length > 127:
            length &= 127
            for shift in (7, 14, 21):
                byte = sheet[at]
                at += 1
                length |= (byte & 127) << shift
                if byte < 128:
                    break
        if 0 < number <= _LAST_CELL:
            column = int.from_bytes(sheet[at : at + 4], "little")
            if column >= columns:
                columns = column + 1
            rows = max(rows, row + 1)
        elif number == _ROW:
            row = int.from_bytes(sheet[at : at + 4], "little")
            if length > 11 and sheet[at + 11] & _HIDDEN:
                hidden.append(row + 1)
        elif number == _MERGED:
            r0, r1, c0, c1 = struct.unpack_from("<4I", sheet, at)
            merged.append((r0 + 1, c0 + 1, r1 + 1, c1 + 1))
        at += length
    return Layout(rows=rows, columns=columns, merged=tuple(merged), hidden_rows=tuple(hidden))
