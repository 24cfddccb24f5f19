"""The bytes of a file, what kind of file they are whatever its name says, and a workbook opened from them."""

from __future__ import annotations

import io
import logging
import re
import struct
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import fastexcel

from checks.errors import SourceError
from connectors.reading.packages import BROKEN_PACKAGE
from connectors.reading.quiet import without_reports
from connectors.reading.sheet_cells import panicked

LARGEST_FILE = 1 << 30  # bytes of a file
LARGEST_UNPACKED = 3 << 30  # bytes that a workbook says it unpacks to

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_LOCKED = re.compile(
    rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL
)  # a password right after the start
_DIFFERENT = re.compile(rb"\buniqueCount=[\"'](\d+)")
_EXCEL_XML = re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet|<(?:\w+:)?workbook[\s/>]")
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|table|div|style|meta)\b")
_LOOKED_AT = 1 << 16  # bytes at the start of a part
_OTHERS = {
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a packed file (gzip)",
    b"7z\xbc\xaf": "a packed file (7z)",
    b"Rar!": "a packed file (rar)",
    b"SQLite format 3": "an SQLite database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document (RTF)",
}


# The reader's remarks on a file would stand on standard error where nobody has said where remarks go.
for _ in ("calamine", "fastexcel"):
    logging.getLogger(_).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Content:
    """A file read once, so that what is read and what is fingerprinted are the same: its name, bytes, time of change."""

    name: str
    data: bytes
    modified: datetime


def content(path: Path) -> Content:
    """The bytes of the file; SourceError where this account may not read them, or there are too many."""
    name = path.name
    try:
        about = path.stat()
        if about.st_size > LARGEST_FILE:
            raise SourceError(
                f"{name} is larger than {LARGEST_FILE >> 30} GiB, more than can be read at once. Split it, or put it into a "
                "database and give that as the source."
            )
        return Content(name, path.read_bytes(), datetime.fromtimestamp(about.st_mtime, UTC))
    except PermissionError:
        raise SourceError(f"{name} could not be read: this account may not read it. Check its rights.") from None
    except OSError as error:
        raise SourceError(
            f"{name} could not be read: {(error.strerror or 'the system refused').lower()}. Check its name and rights."
        ) from None


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as those of a workbook do (a zip archive or a compound document)."""
    return data.startswith((_ZIP, _OLE))


def is_binary(data: bytes) -> bool:
    """Whether the bytes are a binary workbook (.xlsb): of those, damaged ones are not all found out before they are opened."""
    return data.startswith(_ZIP) and b"xl/workbook.bin" in data


def other_kind(data: bytes) -> str | None:
    """What the file is, in words, where it is surely neither a workbook nor plain text; else None."""
    for start, kind in _OTHERS.items():
        if data.startswith(start):
            return kind
    return markup_kind(data)


def markup_kind(data: bytes) -> str | None:
    """What kind of markup the bytes are, in words: what systems export under the name of a workbook; None where they are none."""
    if not _is_markup(data):
        return None
    start = data[:_LOOKED_AT].replace(b"\0", b"").lower()  # of UTF-16, every other byte
    if _EXCEL_XML.search(start):
        return "a workbook in Excel's XML format of 2003"
    if _HTML.search(start):
        return "a web page (HTML)"
    return "an XML file"


def _is_markup(data: bytes) -> bool:
    start = data[:4000]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.replace(b"\0", b"")[2:]
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    marks = (
        b"<?xml",
        b"<!doctype",
        b"<html",
        b"<table",
        b"<head",
        b"<body",
        b"<workbook",
        b"<meta",
        b"<!--",
        b"<div",
        b"<style",
    )
    return start.startswith(marks)


def workbook(data: bytes, path: Path) -> fastexcel.ExcelReader:
    """The workbook, opened; SourceError where it is empty, locked, damaged, too large or none at all."""
    refuse_unreadable(data, path)
    try:
        with without_reports(wanted=is_binary(data)):
            return fastexcel.read_excel(data)
    except fastexcel.FastExcelError:
        with without_reports(wanted=is_binary(data)):
            why = _why_not(path)
    except BaseException as error:
        if not panicked(error):
            raise
        why = ""
    if "password" in why or "encrypt" in why:
        raise _locked(path.name)
    raise damaged(path.name)


def refuse_unreadable(data: bytes, path: Path) -> None:
    """SourceError where the first bytes tell that it is no workbook, or one that is locked, torn or unpacks to too much."""
    name = path.name
    if not data:
        raise SourceError(f"{name} is empty (0 bytes). Save the workbook again.")
    if _is_markup(data) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        kind = markup_kind(data) or "an XML file"
        raise SourceError(
            f"{name} is {kind} and only named like a workbook, as many systems export it. Open it in a spreadsheet program, and "
            "save it from there as .xlsx."
        )
    if not is_workbook(data):
        raise SourceError(f"{name} is not a workbook, though named like one. Open it and save it as .xlsx.")
    _refuse_bomb(data, name)
    if data.startswith(_OLE) and ("EncryptedPackage".encode("utf-16-le") in data or _LOCKED.search(data)):
        raise _locked(name)
    if _is_torn(data):
        raise damaged(name)


def damaged(name: str) -> SourceError:
    """The error of a file that begins like a workbook and is none that can be read."""
    return SourceError(f"{name} is damaged, cut short or no workbook inside. Open it, and save it again as .xlsx.")


def _locked(name: str) -> SourceError:
    return SourceError(f"{name} is protected with a password. Save a copy without one, in a place only you can read.")


def _refuse_bomb(data: bytes, name: str) -> None:
    """SourceError where a packed workbook says that it unpacks to too much, or counts more texts than its bytes can hold, for
    all of which the reader would make room."""
    if not data.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            unpacked = sum(part.file_size for part in package.infolist())
            false = unpacked <= LARGEST_UNPACKED and any(
                _counts_too_much(package, part)
                for part in package.infolist()
                if part.filename.lower().endswith("sharedstrings.xml")
            )
    except (*BROKEN_PACKAGE, ValueError):
        return  # the reader says what is wrong with it
    if unpacked > LARGEST_UNPACKED:
        raise SourceError(
            f"{name} unpacks to {unpacked >> 20:,} MiB, more than can be read at once. Delete what does not belong to the "
            "records, or split the workbook."
        )
    if false:
        raise damaged(name)


def _counts_too_much(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with package.open(part) as opened:
        start = opened.read(_LOOKED_AT)
    return any(int(count) > part.file_size for count in _DIFFERENT.findall(start))


def _is_torn(data: bytes) -> bool:
    """Whether a compound document says that it has more sectors than it holds: the reader would make room for them all."""
    if not data.startswith(_OLE):
        return False
    if len(data) < 512:
        return True
    (shift,) = struct.unpack_from("<H", data, 30)
    most = (len(data) >> shift) + 2 if shift in (9, 12) else 0
    counts = [struct.unpack_from("<I", data, place)[0] for place in (40, 44, 64, 72)]
    return any(count > most for count in counts)


def _why_not(path: Path) -> str:
    """The reader's own words: from bytes it only says that it knows no such format, from a path what was wrong."""
    try:
        fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        return str(error).lower()
    except BaseException as error:
        if not panicked(error):
            raise
    return ""
