"""The layout of an old Excel workbook's sheets (.xls): size, merged areas, hidden rows, from its records.

The workbook is one stream in a compound document, a small file system of chained sectors; the stream is a row of records,
each its number, its length and its content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from connectors.reading.layout import MOST_COLUMNS, Area, Layout

_END = 0xFFFFFFFA  # and above: no sector
_SIZE, _START, _STOP, _SHEET, _ROW, _MERGED, _DAYS = 0x200, 0x809, 0x0A, 0x85, 0x208, 0xE5, 0x22
_CELLS = frozenset([0x06, 0x201, 0x203, 0x204, 0x205, 0x207, 0x27E, 0xD6, 0xFD, 0x02, 0x03, 0x04, 0x05])
_SEVERAL = frozenset([0xBD, 0xBE])  # several cells of one row in a record
_HIDDEN = 0x20
_MOST_CLAIMED = 65536 * 256  # cells that such a sheet can have


def layouts(data: bytes) -> tuple[dict[str, Layout], bool] | None:
    """Sheet → layout, and whether days are counted from 1904; None where the bytes are no such workbook."""
    try:
        stream = _workbook(data)
        if stream is None:
            return None
        from_1904, places = False, []
        for number, content in _records(stream, 0):
            if number == _SHEET:
                places.append((struct.unpack_from("<I", content)[0], _name(content)))
            elif number == _DAYS:
                from_1904 = content[:2] == b"\x01\x00"
        return {name: _scanned(stream, at) for at, name in places}, from_1904
    except (struct.error, IndexError, ValueError):
        return None


def _name(content: bytes) -> str:
    length, wide = content[6], content[7] & 1
    return (
        content[8 : 8 + 2 * length].decode("utf-16-le", "replace")
        if wide
        else content[8 : 8 + length].decode("latin-1")
    )


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of the part that begins there, up to its end; parts within it (charts) belong to it."""
    depth = 0
    while at + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + length]
        at += 4 + length
        depth += (number == _START) - (number == _STOP)
        if depth <= 0:
            return
        if depth == 1:
            yield number, content


def _scanned(stream: bytes, at: int) -> Layout:
    rows = columns = 0
    merged: list[Area] = []
    hidden: list[int] = []
    for number, content in _records(stream, at):
        if number in _CELLS or number in _SEVERAL:
            row, column = struct.unpack_from("<HH", content)
            last = struct.unpack_from("<H", content, len(content) - 2)[0] if number in _SEVERAL else column
            rows, columns = max(rows, row + 1), max(columns, last + 1)
        elif number == _SIZE:  # the reader makes room for what is claimed
            first_row, last_row, first, last = struct.unpack_from("<IIHH", content)
            if (last_row - first_row) * (last - first) > _MOST_CLAIMED or last_row < first_row or last < first:
                rows, columns = max(rows, last_row), max(columns, last, MOST_COLUMNS + 1)
        elif number == _ROW:
            row, flags = struct.unpack_from("<H10xH", content)
            if flags & _HIDDEN:
                hidden.append(row + 1)
        elif number == _MERGED:
            areas = struct.iter_unpack("<HHHH", content[2 : 2 + (len(content) - 2) // 8 * 8])
            merged += [(r0 + 1, c0 + 1, r1 + 1, c1 + 1) for r0, r1, c0, c1 in areas]
    return Layout(rows=rows, columns=columns, merged=tuple(merged), hidden_rows=tuple(sorted(set(hidden))))


# --- The compound document


def _workbook(data: bytes) -> bytes | None:
    """The stream that holds the workbook."""
    if len(data) < 512:
        return None
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    tables, directory = struct.unpack_from("<II", data, 44)
    smallest, small_table = struct.unpack_from("<II", data, 56)
    (more,) = struct.unpack_from("<I", data, 68)
    if shift not in (9, 12) or small_shift != 6:
        return None
    size = 1 << shift

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    owners = [each for each in struct.unpack_from("<109I", data, 76) if each < _END]
    while more < _END and len(owners) < tables:
        further = _numbers(sector(more))
        owners += [each for each in further[:-1] if each < _END]
        more = further[-1] if further else _END
    table = [number for owner in owners for number in _numbers(sector(owner))]

    def chained(start: int, table: Sequence[int], piece: int, source: bytes | None = None) -> bytes:
        found, at = [], start
        while at < _END:
            if at >= len(table) or len(found) > len(table):
                raise ValueError("a chain of sectors that leads nowhere, or in a circle")
            found.append(sector(at) if source is None else source[at * piece : (at + 1) * piece])
            at = table[at]
        return b"".join(found)

    entries = chained(directory, table, size)
    streams = {}
    for place in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, place + 64)[0]
        name = entries[place : place + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        streams.setdefault(name.lower(), struct.unpack_from("<II", entries, place + 116))
    found = streams.get("workbook") or streams.get("book")
    if found is None:
        return None
    start, length = found
    if length >= smallest:
        return chained(start, table, size)[:length]
    root = streams.get("root entry")
    if root is None:
        return None
    return chained(start, _numbers(chained(small_table, table, size)), 64, chained(root[0], table, size))[:length]


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
