"""The bytes of a file, what kind of file they are whatever its name says, and a workbook opened from them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import fastexcel

from checks.errors import SourceError
from connectors.reading.sheet_cells import panicked

LARGEST_FILE = 1 << 30  # bytes of a file
LARGEST_UNPACKED = 3 << 30  # bytes that a workbook says it unpacks to

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_LOCKED = re.compile(
    rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL
)  # a password right after the start
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
        raise SourceError(f"{name} could not be read: this account may not read it.") from None
    except OSError as error:
        raise SourceError(f"{name} could not be read: {(error.strerror or 'the system refused').lower()}.") from None


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as those of a workbook do (a zip archive or a compound document)."""
    return data.startswith((_ZIP, _OLE))


def other_kind(data: bytes) -> str | None:
    """What the file is, in words, where it is surely neither a workbook nor plain text; else None."""
    for start, kind in _OTHERS.items():
        if data.startswith(start):
            return kind
    return "a web page or XML file" if _is_markup(data) else None


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
    name = path.name
    if not data:
        raise SourceError(f"{name} is empty (0 bytes). Save the workbook again.")
    _refuse_bomb(data, name)
    locked = data.startswith(_OLE) and ("EncryptedPackage".encode("utf-16-le") in data or bool(_LOCKED.search(data)))
    why = ""
    if not locked:
        try:
            return fastexcel.read_excel(data)
        except fastexcel.FastExcelError:
            why = _why_not(path)
        except BaseException as error:
            if not panicked(error):
                raise
    if locked or "password" in why or "encrypt" in why:
        raise SourceError(
            f"{name} is protected with a password. Save a copy without one, in a place only you can read."
        )
    if _is_markup(data) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SourceError(
            f"{name} is a web page or XML file that is only named like a workbook. Open it and save it as .xlsx."
        )
    if is_workbook(data):
        raise SourceError(f"{name} is damaged, cut short or no workbook inside. Open it, and save it again as .xlsx.")
    raise SourceError(f"{name} is not a workbook, though named like one. Open it and save it as .xlsx.")


def _refuse_bomb(data: bytes, name: str) -> None:
    if not data.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            unpacked = sum(part.file_size for part in package.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # the reader says below what is wrong with it
    if unpacked > LARGEST_UNPACKED:
        raise SourceError(
            f"{name} unpacks to {unpacked >> 20:,} MiB, more than can be read at once. Delete what does not belong to the "
            "records, or split the workbook."
        )


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
