"""What goes wrong with a database, in sentences of our own.

A driver's own words can hold a host, a user, a password or a record, so none of them is ever passed on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

from checks.errors import SourceError
from connectors.sources.wanted import STATEMENT_SECONDS

CONNECT_SECONDS = 10  # how long to wait for the server, or for a locked SQLite file

EXTRAS = {"pyodbc": "sqlserver", "oracledb": "oracle"}
"""Drivers that do not come with the product → the extra of `pyproject.toml` that brings them."""


class Dropped(SourceError):
    """The connection broke, or could not be made: trying again may help."""


_KINDS = (
    "Give one of postgresql, mysql, mariadb, sqlite, mssql or oracle, as in postgresql://user@host/name; a folder or a file is "
    "given by its path alone."
)


@dataclass(frozen=True)
class Reading:
    """What is being read when something goes wrong: `what` in words, the settings' `key` for it if they name it."""

    what: str = ""
    key: str = ""
    seconds: int = STATEMENT_SECONDS


def called(url: sa.URL) -> str:
    """What the database is called to people: its name, or its file's without the folder."""
    name = url.database or ""
    return (Path(name).name if url.get_backend_name() == "sqlite" else name) or url.get_backend_name()


@contextmanager
def told(url: sa.URL, reading: Reading | None = None) -> Generator[None]:
    """Turn the driver's errors into one sentence of our own."""
    error = None
    try:
        yield
    except (exc.SQLAlchemyError, ImportError, sqlite3.Error, UnicodeError, ValueError) as caught:
        error = _error(caught, url, reading or Reading())
    if error is not None:
        raise error from None


def _error(error: Exception, url: sa.URL, reading: Reading) -> SourceError:
    kind = url.get_backend_name()
    database = f"The {kind} database {called(url)}"
    thing = f"{database}: {reading.what}" if reading.what else database
    if isinstance(error, exc.NoSuchModuleError):
        hint = "Did you mean postgresql?" if kind == "postgres" else _KINDS
        return SourceError(f"There is no kind of database called {kind}. {hint}")
    if isinstance(error, ImportError):
        return SourceError(_no_driver(database, url.get_driver_name()))
    if isinstance(error, exc.NoSuchTableError):
        return SourceError(_not_there(thing, reading))
    if not isinstance(error, exc.DBAPIError):
        return SourceError(f"{thing} could not be read. Check that it can be opened with another program.")
    words = str(error.orig).lower()
    if kind == "sqlite":
        return SourceError(_sqlite_sentence(words, database, thing, reading))
    code = _code(error)
    if code in _NO_RIGHT:
        return SourceError(f"{thing} may not be read by this account. Ask for the right to SELECT from it.")
    if code in _GONE:
        return SourceError(_not_there(thing, reading))
    if code in _TOO_LONG:
        return SourceError(_too_long(thing, reading))
    if code in _NOT_UNDERSTOOD:
        return SourceError(_not_understood(thing, reading))
    if error.connection_invalidated or code in _CUT:
        return Dropped(f"{thing} could not be read: the connection broke. Try again.")
    if reading.what or (code and code not in _NO_ENTRY):
        return SourceError(f"{thing} could not be read: the database refused. Try again.")
    return _not_connected(code, words, database, url)


# PostgreSQL's SQLSTATE, or the error numbers of MariaDB and MySQL. Others are told by the words they use.
_NO_RIGHT = frozenset({"42501", "1142", "1143", "1345"})
_GONE = frozenset({"42P01", "42703", "3F000", "1146", "1054", "1356"})
_TOO_LONG = frozenset({"57014", "55P03", "1969", "3024", "1205"})
_NOT_UNDERSTOOD = frozenset({"42601", "42803", "42883", "42804", "42702", "1064", "1060", "1052", "1140", "1630"})
_CUT = frozenset({"57P01", "57P02", "57P03", "1053", "1927", "2006", "2013"})
_NO_ENTRY = frozenset({"28P01", "28000", "3D000", "1044", "1045", "1049", "1130", "1698", "2002", "2003"})


def _code(error: exc.DBAPIError) -> str:
    """The error's number where the driver has one (MariaDB, MySQL), else its SQLSTATE."""
    first = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return str(first) if isinstance(first, int) else str(getattr(error.orig, "sqlstate", None) or "")


def _no_driver(database: str, driver: str) -> str:
    extra = f" (the extra “{EXTRAS[driver]}”)" if driver in EXTRAS else ""
    return (
        f"{database} needs a driver that is not installed: {driver}{extra}. Install it into the environment that runs "
        f"MAPPA Monitor with `python -m pip install {driver}`."
    )


def _not_there(thing: str, reading: Reading) -> str:
    if reading.key:
        return (
            f"{thing} is not there for this account, or something it asks for is not. Correct {reading.key} in the "
            "settings, capitals and small letters as the database has them, or ask for the right to SELECT from it."
        )
    return f"{thing} is not there any more, or a column of it is not. Try again."


def _too_long(thing: str, reading: Reading) -> str:
    return (
        f"{thing} was not read within {reading.seconds} seconds. Try when the database is less busy, or allow more with "
        "statement_seconds under [database] in the settings."
    )


def _not_understood(thing: str, reading: Reading) -> str:
    if reading.key:
        return f"{thing} is not understood by the database. Try it in another program and correct {reading.key} in the settings."
    return f"{thing} could not be read: the database does not understand its own definition. Ask its administrator."


def _not_connected(code: str, words: str, database: str, url: sa.URL) -> SourceError:
    refused = "password authentication failed" in words or "access denied" in words or "login failed" in words
    if "no password supplied" in words or ("access denied" in words and "using password: no" in words):
        return SourceError(f"{database} asks for a password and none was given. Set it in the environment.")
    if code == "1044":
        return SourceError(f"{database} may not be used by this account. Ask for the right to SELECT from it.")
    if refused or ("role" in words and "does not exist" in words) or "ora-01017" in words:
        return SourceError(f"{database} refused the user name or password. Check both.")
    if "does not exist" in words or "unknown database" in words:
        return SourceError(f"The server has no {url.get_backend_name()} database called {called(url)}. Check the name.")
    if "pg_hba.conf" in words or code == "1130":
        return SourceError(f"{database} does not admit this user from this machine. Ask its administrator.")
    how = "Check the address and port, and that the server runs and admits this machine."
    if "refused" in words and "timeout" not in words and "timed out" not in words:
        return Dropped(f"{database} could not be reached: the connection was refused. {how}")
    return Dropped(f"{database} could not be reached within {CONNECT_SECONDS} seconds. {how}")


def _sqlite_sentence(words: str, database: str, thing: str, reading: Reading) -> str:
    if "locked" in words or "busy" in words:
        return f"{database} is locked by another program. Close that program and try again."
    if "malformed" in words or "not a database" in words:
        return f"{database} is damaged. Restore it from a copy."
    if "interrupted" in words:
        return _too_long(thing, reading)
    if "no such table" in words or "no such column" in words:
        if reading.key:
            return _not_there(thing, reading)
        return f"{thing} cannot be read, as something it is made from is missing."
    if reading.key:
        return _not_understood(thing, reading)
    return f"{database} could not be opened for reading. Check the rights of the file and of its folder."
