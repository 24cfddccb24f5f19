"""The smallest binary workbooks: .xls (a BIFF8 stream in a compound document) and .xlsb, for tests of reading them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

Cell = str | float | int | bool | None | tuple[str, float]
"""A tuple ("date", serial) is a date cell; ("error", code) an error cell."""

_DAY = 14  # the built-in number format of a day


# --- xls


def xls(
    path: Path,
    sheets: dict[str, Sequence[Sequence[Cell]]],
    *,
    from_1904: bool = False,
    merged: Sequence[tuple[int, int, int, int]] = (),
    hidden: Sequence[str] = (),
    password: int | None = None,
    far: tuple[int, int] | None = None,
    hidden_rows: Sequence[int] = (),
) -> Path:
    """An .xls file. `merged`: first row, last row, first column, last column, from 0, on every sheet.

    `password`: the way it is locked, 0 or 1. `far`: one more cell, at that row and column. `hidden_rows` from 0.
    """
    streams = [_xls_sheet(rows, merged, far, hidden_rows) for rows in sheets.values()]
    names = [struct.pack("<BBBB", int(name in hidden), 0, len(name), 0) + name.encode("latin-1") for name in sheets]
    head = _biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 0))
    if password is not None:
        head += _biff(0x2F, struct.pack("<HHH", password, 1, 1))
    head += _biff(0x22, struct.pack("<H", int(from_1904)))
    head += b"".join(_biff(0xE0, struct.pack("<HHH", 0, number, 0) + bytes(14)) for number in (0, _DAY))
    end = _biff(0x0A, b"")
    at = len(head) + sum(8 + len(name) for name in names) + len(end)
    globals_ = head
    for name, stream in zip(names, streams, strict=True):
        globals_ += _biff(0x85, struct.pack("<I", at) + name)
        at += len(stream)
    path.write_bytes(_compound(globals_ + end + b"".join(streams)))
    return path


def _biff(number: int, content: bytes) -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def _xls_sheet(
    rows: Sequence[Sequence[Cell]],
    merged: Sequence[tuple[int, int, int, int]],
    far: tuple[int, int] | None,
    hidden_rows: Sequence[int],
) -> bytes:
    out = _biff(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 1997, 0, 0))
    width = max((len(row) for row in rows), default=0)
    out += _biff(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r in hidden_rows:
        out += _biff(0x208, struct.pack("<HHHHHHHH", r, 0, width, 255, 0, 0, 0x120, 0))
    if far:
        out += _biff(0x203, struct.pack("<HHHd", *far, 0, 1.0))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            if isinstance(cell, tuple) and cell[0] == "error":
                out += _biff(0x205, struct.pack("<HHHBB", r, c, 0, int(cell[1]), 1))
            elif isinstance(cell, tuple):
                out += _biff(0x203, struct.pack("<HHHd", r, c, 1, cell[1]))
            elif isinstance(cell, bool):
                out += _biff(0x205, struct.pack("<HHHBB", r, c, 0, int(cell), 0))
            elif isinstance(cell, str):
                out += _biff(0x204, struct.pack("<HHHHB", r, c, 0, len(cell), 1) + cell.encode("utf-16-le"))
            else:
                out += _biff(0x203, struct.pack("<HHHd", r, c, 0, cell))
    if merged:
        out += _biff(0xE5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *area) for area in merged))
    return out + _biff(0x0A, b"")


def _compound(stream: bytes) -> bytes:
    """A compound document with one stream, `Workbook`, large enough not to be a small one."""
    sectors = -(-max(len(stream), 4096) // 512)
    body = stream.ljust(sectors * 512, b"\0")
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chains = [fat, end, *(n + 1 for n in range(2, sectors + 1)), end]
    assert len(chains) <= 128, "one sector of the allocation table holds 128"
    table = b"".join(struct.pack("<I", each) for each in chains + [free] * (128 - len(chains)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<I", 0) + b"\xff" * 4 * 108
    length = max(len(stream), 4096)
    root = _entry("Root Entry", 5, 1, end, 0)
    book = _entry("Workbook", 2, free, 2, length)
    unused = (bytes(66) + b"\0\0" + b"\xff" * 12).ljust(128, b"\0")
    return head + table + root + book + unused * 2 + body


def _entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    entry += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36)
    return entry + struct.pack("<IQ", start, length)


# --- xlsb


def xlsb(
    path: Path,
    sheets: dict[str, Sequence[Sequence[Cell]]],
    *,
    merged: Sequence[tuple[int, int, int, int]] = (),
    declared: tuple[int, int] | None = None,
    last_row: bytes = b"",
    hidden_rows: Sequence[int] = (),
) -> Path:
    """An .xlsb file. `merged` as for `xls`; `declared` a last row and column, from 0, to claim instead of the true ones;
    `last_row` the number of the last row, as it is written."""
    relations, bundle = "", b""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        types = '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
        types += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        made.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>',
        )
        made.writestr("_rels/.rels", _relations(_relation("rId1", "officeDocument", "xl/workbook.bin")))
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            relations += _relation(f"rId{number}", "worksheet", f"worksheets/sheet{number}.bin")
            bundle += _record(156, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name))
            made.writestr(
                f"xl/worksheets/sheet{number}.bin", _xlsb_sheet(rows, merged, declared, last_row, hidden_rows)
            )
        made.writestr("xl/_rels/workbook.bin.rels", _relations(relations))
        book = _record(131, b"") + _record(153, struct.pack("<III", 0, 0, 0)) + _record(143, b"")
        made.writestr("xl/workbook.bin", book + bundle + _record(144, b"") + _record(132, b""))
    return path


def _relations(content: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{content}</Relationships>'
    )


def _relation(identifier: str, kind: str, target: str) -> str:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return f'<Relationship Id="{identifier}" Type="{base}{kind}" Target="{target}"/>'


def _record(number: int, content: bytes) -> bytes:
    head = bytes([number]) if number < 128 else bytes([(number & 127) | 128, number >> 7])
    length, size = b"", len(content)
    while True:
        length += bytes([(size & 127) | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            return head + length + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_sheet(
    rows: Sequence[Sequence[Cell]],
    merged: Sequence[tuple[int, int, int, int]],
    declared: tuple[int, int] | None,
    far: bytes,
    hidden_rows: Sequence[int],
) -> bytes:
    last_row, last_column = declared or (len(rows) - 1, max((len(row) for row in rows), default=1) - 1)
    out = _record(129, b"") + _record(148, struct.pack("<4I", 0, last_row, 0, last_column)) + _record(145, b"")
    for r, row in enumerate(rows):
        number = far if far and r == len(rows) - 1 else struct.pack("<I", r)
        out += _record(0, number + struct.pack("<IHBBBI", 0, 0, 0, 0x10 if r in hidden_rows else 0, 0, 0))
        for c, cell in enumerate(row):
            place = struct.pack("<II", c, 0)
            if isinstance(cell, bool):
                out += _record(4, place + bytes([cell]))
            elif isinstance(cell, str):
                out += _record(6, place + _wide(cell))
            elif isinstance(cell, int | float):
                out += _record(5, place + struct.pack("<d", cell))
            elif isinstance(cell, tuple):
                out += _record(3, place + bytes([int(cell[1])]))
    out += _record(146, b"")
    if merged:
        out += _record(177, struct.pack("<I", len(merged)))
        out += b"".join(_record(176, struct.pack("<4I", *area)) for area in merged) + _record(178, b"")
    return out + _record(130, b"")
