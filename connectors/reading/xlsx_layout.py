"""The layout of an Excel workbook's sheets (.xlsx, .xlsm), from one pass over their packed XML, kept in no memory.

The quick reader tells neither merged cells nor hidden rows, and holds a cell for every place between the first and the last
used one: two cells far apart would take all memory. So the XML is looked through beforehand, as bytes, which costs about a
tenth of reading the cells.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from connectors.reading.layout import Area, Layout, area
from connectors.reading.packages import BROKEN_PACKAGE

_CHUNK = 1 << 20
_MOST_ASIDE = 64 << 20  # bytes kept of what stands before or behind the rows, or of one row

_SMALL = 8 << 20  # bytes of a sheet's part of which every cell is asked where it stands

_START = re.compile(rb"<(?:\w+:)?sheetData\b[^>]*>")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*\bref=[\"']([^\"']+)[\"']")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=[\"']([^\"']+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
_COLUMN_OF = re.compile(rb"\br=[\"']([A-Za-z]{1,3})[0-9]")
_ROW_OF, _FAR_ROW_OF = re.compile(rb"\br=[\"'][A-Za-z]{1,3}([0-9]+)"), re.compile(rb"\br=[\"'][A-Za-z]{1,3}([0-9]{7,})")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_MIN, _MAX = re.compile(rb"\bmin=[\"'](\d+)[\"']"), re.compile(rb"\bmax=[\"'](\d+)[\"']")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_VALUE = re.compile(rb"<(?:\w+:)?(?:v>[^<]|is>)")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def layouts(data: bytes, *, sizes_only: bool = False) -> dict[str, Layout] | None:
    """Sheet → layout, for every worksheet whose part is found; None where the bytes are no such workbook.

    Raises zipfile.BadZipFile or zlib.error where a sheet's part is damaged or longer than it says it is.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (*BROKEN_PACKAGE, ValueError):
        return None
    with package:
        parts = _sheet_parts(package)
        if parts is None:
            return None
        return {sheet: _scanned(package, part, sizes_only) for sheet, part in parts.items()}


def dates_from_1904(data: bytes) -> bool:
    """Whether the workbook counts its days from 1904 (the reader minds it; people are told)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return re.search(rb"\bdate1904=[\"'](?:1|true)[\"']", package.read("xl/workbook.xml")) is not None
    except (*BROKEN_PACKAGE, KeyError, ValueError):
        return False


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo] | None:
    """Sheet → its part, through the workbook's list of sheets and that of its relations."""
    parts = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in package.infolist()}
    try:
        book = ElementTree.fromstring(package.read(parts["xl/workbook.xml"]))
        relations = ElementTree.fromstring(package.read(parts["xl/_rels/workbook.xml.rels"]))
    except (*BROKEN_PACKAGE, LookupError, ElementTree.ParseError, ValueError):
        return None
    targets = {
        each.get("Id"): (each.get("Target") or "").replace("\\", "/")
        for each in relations
        if (each.get("Type") or "").endswith("/worksheet")
    }
    found = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        target = targets.get(sheet.get(_RELATION) or sheet.get(_STRICT_RELATION) or "", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        info = parts.get(path.lower())
        if info is not None:
            found[sheet.get("name") or ""] = info
    return found


def _chunks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(part) as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _scanned(package: zipfile.ZipFile, part: zipfile.ZipInfo, sizes_only: bool) -> Layout:
    head, rows, after = b"", _Rows(), b""
    for chunk in _chunks(package, part):
        if rows.done:
            after += chunk if len(after) < _MOST_ASIDE else b""
        elif rows.begun:
            after = rows.seen(chunk)
        else:
            head += chunk
            if start := _START.search(head):
                head, chunk = head[: start.start()], head[start.end() :]
                rows.begin(head, start[0], part.file_size)
                if sizes_only and rows.declared is not None:
                    return Layout(rows=rows.declared[2], columns=rows.declared[3])
                after = rows.seen(chunk)
            elif len(head) > _MOST_ASIDE:
                break
    rows.seen(b"", last=True)
    return Layout(
        rows=max(rows.row, rows.lowest),
        columns=rows.columns,
        merged=tuple(found for match in _MERGED.finditer(after) if (found := _area(match[1]))),
        hidden_rows=tuple(rows.hidden),
        hidden_columns=_hidden_columns(head),
        no_result=rows.no_result,
        errors=rows.errors,
        filled=rows.filled,
    )


class _Rows:
    """What is gathered from the part of the XML that holds the rows, fed piece by piece.

    Plain searches for bytes, and for single rare bytes before them, because patterns would cost more than all the rest.
    """

    def __init__(self) -> None:
        self.begun, self.done, self.errors, self.filled = False, False, False, False
        self.row, self.columns, self.no_result = 0, 0, 0
        self.hidden: list[int] = []
        self.declared: Area | None = None
        self._kept, self._row_tag = b"", b"<row"
        self._small, self.lowest = True, 0

    def begin(self, head: bytes, start: bytes, size: int) -> None:
        """Before the first piece: what stands before the rows, the tag that opens them, and the whole part's size."""
        self.begun = True
        self.done = start.endswith(b"/>")
        self._small = size <= _SMALL
        self._row_tag = start[: start.index(b"sheetData")] + b"row"
        match = _DIMENSION.search(head)
        declared = _area(match[1]) if match else None
        if declared is not None and _plausible(declared, size):
            self.declared, self.columns = declared, declared[3]

    def seen(self, piece: bytes, last: bool = False) -> bytes:
        """Take in the next piece; gives what stands behind the rows, where they end in it."""
        if self.done:
            return piece
        text, behind = self._kept + piece, b""
        end_of_row = max(text.rfind(self._row_tag.replace(b"<", b"</")), 0)
        if (end := text.find(b"sheetData>", end_of_row)) >= 0:
            self.done, text, behind, self._kept = True, text[:end], text[end:], b""
        elif not last:
            cut = text.rfind(self._row_tag)  # before a row, so that none is seen in two halves
            if cut <= 0 and len(text) < _MOST_ASIDE:
                self._kept = text
                return b""
            text, self._kept = text[:cut], text[cut:]
        self._look(text)
        return behind

    def _look(self, text: bytes) -> None:
        self.filled = self.filled or _VALUE.search(text) is not None
        self.errors = self.errors or (b"e" in text and (b't="e"' in text or b"t='e'" in text))
        if b"f" in text and (b"<f" in text or b":f" in text):
            self.no_result += sum(1 for _ in _NO_RESULT.finditer(text))
        if self.declared is None:
            self._look_at_cells(text)
        if b"h" in text and b"hidden=" in text:
            self._count(text)
        elif (opened := text.rfind(self._row_tag)) >= 0:
            number = _NUMBER.search(text, opened, text.find(b">", opened))
            if number and int(number[1]) > self.row:
                self.row = int(number[1])
            else:
                self._count(text)

    def _look_at_cells(self, text: bytes) -> None:
        """Where the cells themselves say they stand, which is what counts for the reader; in a large part their rows only if
        they are far down, as to look at each would take long."""
        for letters in set(_COLUMN_OF.findall(text)):
            found = _area(letters)
            self.columns = max(self.columns, found[1] if found else 0)
        rows = (_ROW_OF if self._small else _FAR_ROW_OF).findall(text)
        self.lowest = max(self.lowest, max(map(int, rows), default=0))

    def _count(self, text: bytes) -> None:
        """Row by row, for numbers that are left to be counted and rows that are hidden."""
        for match in _ROW.finditer(text):
            number = _NUMBER.search(match[1])
            self.row = int(number[1]) if number else self.row + 1
            if _HIDDEN.search(match[1]):
                self.hidden.append(self.row)


def _area(reference: bytes) -> Area | None:
    return area(reference.decode("ascii", "replace"))


def _plausible(declared: Area, size: int) -> bool:
    """Whether the sheet can be about as large as it says: then its every cell need not be asked where it stands."""
    places = declared[2] * declared[3]
    return places <= 1 << 24 and size > 1 << 20 and 8 <= size / places <= 400


def _hidden_columns(head: bytes) -> tuple[int, ...]:
    found: set[int] = set()
    for match in _COLUMN.finditer(head):
        first, last = _MIN.search(match[1]), _MAX.search(match[1])
        if first and last and _HIDDEN.search(match[1]) and int(last[1]) - int(first[1]) < 256:
            found.update(range(int(first[1]), int(last[1]) + 1))
    return tuple(sorted(found))
