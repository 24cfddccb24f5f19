"""What goes wrong in a database or on a disk, said in plain sentences.

The database's own message is never passed on: it may hold values, user names or the address with its password.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import exc

from checks.errors import StoreError
from connectors.store.places import Place

NOT_STORED = " Nothing was stored; the last snapshot stands."
PERHAPS_STORED = " It is not known whether the snapshot was stored; refresh again: if it was, nothing is added."

_FULL = "has no room: the disk or the space allowed is full. Free some space and try again."
_BUSY = "is being written by another refresh. Wait until that has ended and try again."
_DENIED = "is a file, or in a folder, that this user may not write. Change that, or give another place."

_READ_ONLY = (
    "lies on a read-only file system, and a store has to write beside itself even to be read. Copy it to a place that can be "
    "written, or give another."
)

_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_TOOBIG": "takes no piece of that size.",
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": _DENIED,
    "SQLITE_PERM": _DENIED,
    "SQLITE_CANTOPEN": "cannot be opened. Check that the file and its folder exist and may be read and written.",
    "SQLITE_NOTADB": "is not a store of MAPPA Monitor. Give another file.",
    "SQLITE_CORRUPT": "is damaged. Put back a copy of it, or give another file and refresh.",
    "SQLITE_IOERR": "cannot be read or written on its disk. Check the disk and the space and file size allowed on it.",
}

_LOGIN = "did not accept the user name or password. Check them in the environment or the secrets file."
_NO_DATABASE = "does not exist on that server. Check the name, or have it created."
_UNREACHABLE = (
    "cannot be reached, or the connection was lost. Check that the server runs, and its name, port, user and password."
)

_POSTGRESQL = {
    "28": _LOGIN,
    "3D": _NO_DATABASE,
    "3F": "has no schema to keep tables in. Have one created, or set search_path for the user.",
    "42501": "does not let this user do that. Ask its administrator for the right to create and write tables.",
    "53100": _FULL,
    "53200": "has run out of memory. Try again when the server is less busy.",
    "53300": "has too many connections. Try again later.",
    "55P03": _BUSY,
    "25006": "is read-only. Give a server that may be written.",
    "08": _UNREACHABLE,
    "57P": _UNREACHABLE,
    "XX": "is damaged or failed inside. Ask its administrator to look at the server's log.",
}

_DISK = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _READ_ONLY,
    errno.EISDIR: "is a folder. Give a file in it.",
    errno.ENOTDIR: "lies under something that is not a folder. Give another place.",
    errno.ENAMETOOLONG: "has too long a name. Give another.",
}


@contextmanager
def plainly(place: Place, outcome: str = "", unsure: str = "") -> Generator[None]:
    """Turn an error of the database or its driver into a StoreError; `outcome` says what became of the work.

    `unsure` is said in its stead where the database gave no answer, so that nobody can tell.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        problem, answered = _database(error, place)
        raise StoreError(f"The store {place.label} {problem}{outcome if answered else unsure or outcome}") from None
    except sqlite3.Error as error:
        raise StoreError(f"The store {place.label} {_sqlite(error, place)}{outcome}") from None


@contextmanager
def plainly_on_disk(place: Place) -> Generator[None]:
    """Turn an OSError over the store's file into a StoreError."""
    try:
        yield
    except OSError as error:
        problem = _DISK.get(error.errno or 0, "cannot be opened. Check the file and its folder.")
        raise StoreError(f"The store {place.label} {problem}") from None


def _database(error: exc.SQLAlchemyError, place: Place) -> tuple[str, bool]:
    """What is wrong, and whether the database itself said so."""
    original = getattr(error, "orig", None)
    if isinstance(original, sqlite3.Error):
        return _sqlite(original, place), True
    code = getattr(original, "sqlstate", None)
    if code:
        for length in (5, 3, 2):
            if code[:length] in _POSTGRESQL:
                return _POSTGRESQL[code[:length]], code[:2] not in ("08", "57")
        return f"refused the work (PostgreSQL's code {code}).", True
    unanswered = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
    if isinstance(error, unanswered) or type(original).__name__ == "OperationalError":
        # A refused login carries no code in the driver, only the server's words.
        words = str(original).lower()
        if "password" in words or "authentication" in words or ("role" in words and "does not exist" in words):
            return _LOGIN, True
        if "database" in words and "does not exist" in words:
            return _NO_DATABASE, True
        return _UNREACHABLE, False
    return f"could not do its work ({type(error).__name__}).", original is not None


def _sqlite(error: sqlite3.Error, place: Place) -> str:
    name = getattr(error, "sqlite_errorname", None) or "SQLITE_ERROR"
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")) and _is_read_only(place):
        return _READ_ONLY
    for start, problem in _SQLITE.items():
        if name.startswith(start):
            return problem
    return f"could not do its work (SQLite's code {name})."


def _is_read_only(place: Place) -> bool:
    """Whether the store's folder is on a file system that takes no writing; False where the system cannot say."""
    if place.file is None or not hasattr(os, "statvfs"):
        return False
    try:
        return bool(os.statvfs(place.file.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False
