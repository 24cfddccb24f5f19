"""A SQL database, by its SQLAlchemy URL: the canonical tables or views of its default schema.

The session only reads, and sees one and the same moment of every table: changes that others commit meanwhile are not
seen. What can hold a host, a user or a password (a driver's own words above all) never reaches a message.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.sql.elements import ColumnElement, quoted_name
from sqlalchemy.types import TypeEngine

from checks.errors import SourceError
from checks.locators import LOCATORS
from checks.table_names import KEYS
from connectors.sources.headings import (
    Place,
    both,
    in_order,
    left_aside,
    located,
    matched,
    nothing_of_ours,
    table_called,
)
from connectors.sources.source import Progress, Pull, SourceFile, silent

KIND = "a database by its SQLAlchemy URL, such as postgresql://user@host/name or sqlite:///file.db"

CONNECT_SECONDS = 10  # how long to wait for the server, or for a locked SQLite file
STATEMENT_SECONDS = 600  # how long one table may take
BATCH = 100_000  # rows fetched at a time

_SQLITE_MAGIC = b"SQLite format 3\0"
_OWN_SECRET = (
    "The database's address holds its password: give it through the environment instead, where others do not see it."
)


def reads(address: str) -> bool:
    """Whether the address has the form of a database's URL."""
    return "://" in address


def pull(address: str, password: str | None = None, progress: Progress = silent) -> Pull:
    """Every canonical table or view of the database, one frame each, ordered by its key.

    Server databases give typed columns; SQLite, which types no column strictly, gives text, with a declared BOOLEAN's
    0 and 1 as false and true. `password` takes the place of one in the URL.
    """
    try:
        return _pull(_url(address), password, progress)
    except SourceError as error:
        sentence = str(error)
    # Raised anew: the driver's exception, which knows the password, must not hang on ours as its context.
    raise SourceError(sentence)


def _pull(url: sa.URL, password: str | None, progress: Progress) -> Pull:
    brought = Pull(tables={}, notes=[_OWN_SECRET] if url.password and password is None else [])
    name = _called(url)
    with session(url, password) as connection:
        with _told(url):
            inspector = sa.inspect(connection)
            ours, strangers = _ours(inspector, name)
        brought.notes.extend(left_aside(name, "tables and views", strangers))
        if connection.dialect.name not in _SESSIONS:
            brought.notes.append(
                f"{name}: for databases of this kind reading only is not enforced by us; give an account that may only "
                "SELECT."
            )
        for done, (table, stands_as) in enumerate(ours.items()):
            progress(f"{name}, {stands_as}", done, len(ours))
            with _told(url, stands_as):
                frame = _table(connection, inspector, table, Place(name, stands_as, "table"), brought.notes)
            brought.tables[table] = frame
            shown_as = f"{name}: {stands_as}"
            brought.files.append(SourceFile(shown_as, (table,), frame.height, None, _fingerprint(frame)))
        progress("read", len(ours), len(ours))
    return brought


# --- The session


@contextmanager
def session(url: sa.URL, password: str | None = None) -> Generator[sa.Connection]:
    """A connection in one transaction that cannot write and sees one moment of the database.

    PostgreSQL: repeatable read, read only. MySQL and MariaDB: the same. SQLite: the file opened read-only, in one
    deferred transaction. Others: serialisable where the dialect offers it; an account that may only SELECT is advised.
    """
    with _told(url):
        engine = _engine(url if password is None else url.set(password=password))
    try:
        with _told(url):
            connection = engine.connect()
        with connection:
            with _told(url):
                _SESSIONS.get(connection.dialect.name, _other)(connection)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _postgresql(connection: sa.Connection) -> None:
    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {STATEMENT_SECONDS * 1000}")
    connection.exec_driver_sql("SET LOCAL DateStyle = 'ISO'")


def _mysql(connection: sa.Connection) -> None:
    connection.execution_options(isolation_level="REPEATABLE READ")
    connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
    connection.commit()


def _sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only = ON")
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the snapshot is taken at the first read


def _other(connection: sa.Connection) -> None:
    driver = connection.connection.dbapi_connection
    if driver is not None and "SERIALIZABLE" in connection.dialect.get_isolation_level_values(driver):
        connection.execution_options(isolation_level="SERIALIZABLE")


_SESSIONS = {"postgresql": _postgresql, "sqlite": _sqlite, "mysql": _mysql, "mariadb": _mysql}


def _url(address: str) -> sa.URL:
    try:
        return sa.make_url(address)
    except (exc.ArgumentError, ValueError):
        pass
    raise SourceError(
        "The database's address is not understood. Expected kind://user@host:port/name; "
        "characters such as @ or / in a part are written as %40 or %2F."
    )


def _called(url: sa.URL) -> str:
    """What the database is called to people: its name, or its file's without the folder."""
    name = url.database or ""
    return (Path(name).name if url.get_backend_name() == "sqlite" else name) or url.get_backend_name()


def _engine(url: sa.URL) -> sa.Engine:
    kind = url.get_backend_name()
    if kind == "sqlite":
        return _sqlite_engine(url)
    arguments: dict[str, int] = {}
    if url.get_driver_name() in ("psycopg", "psycopg2", "pymysql", "mysqldb"):
        arguments = {"connect_timeout": CONNECT_SECONDS}
    return sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments, hide_parameters=True)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    name = _called(url)
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise SourceError("The SQLite address names no file. Expected sqlite:///folder/file.db.")
    path = Path(url.database)
    try:
        if not path.exists():
            raise SourceError(f"There is no SQLite file {name} at the address given. Check its path.")
        if path.is_dir():
            raise SourceError(f"{name} is a folder. Expected a SQLite file.")
        with path.open("rb") as file:
            start = file.read(len(_SQLITE_MAGIC))
    except OSError:
        start = None
    if start is None:
        raise SourceError(f"The SQLite file {name} could not be opened: this account may not read it.")
    if not start:
        raise SourceError(f"The SQLite file {name} is empty (0 bytes). Expected a database with tables.")
    if start != _SQLITE_MAGIC:
        raise SourceError(f"{name} is not a SQLite database (or is encrypted). Check the path.")
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"

    def open_read_only() -> sqlite3.Connection:
        # isolation_level None: the driver must not end our one transaction by its own lights
        return sqlite3.connect(uri, uri=True, timeout=CONNECT_SECONDS, isolation_level=None)

    return sa.create_engine("sqlite://", creator=open_read_only, poolclass=sa.NullPool, hide_parameters=True)


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "backslashreplace")


# --- What is there


def _ours(inspector: sa.Inspector, place: str) -> tuple[dict[str, str], list[str]]:
    """Canonical table → the name of the table or view that holds it, and the names that are not ours."""
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    if inspector.dialect.name == "postgresql":
        names += inspector.get_materialized_view_names()
    ours: dict[str, str] = {}
    strangers: list[str] = []
    for name in sorted(names):
        table = table_called(name)
        if table is None:
            strangers.append(name)
        elif table in ours:
            raise both(f'{place}: "{ours[table]}"', f'"{name}"', table)
        else:
            ours[table] = name
    if not ours:
        raise nothing_of_ours(place, "a table or view")
    return in_order(ours), strangers


# --- Reading a table


@dataclass(frozen=True)
class _Column:
    """One column to fetch: its canonical name, the expression that selects it, the type it has in the frame."""

    name: str
    select: ColumnElement
    dtype: pl.DataType | type[pl.DataType]
    boolean: bool = False  # SQLite only: declared BOOLEAN, stored as 0 and 1


def _table(
    connection: sa.Connection, inspector: sa.Inspector, table: str, place: Place, notes: list[str]
) -> pl.DataFrame:
    there = inspector.get_columns(place.sheet or "")
    found = matched([column["name"] for column in there], table, place, notes)
    dialect = connection.dialect.name
    columns = [_column(name, there[index]["name"], there[index]["type"], dialect) for name, index in found.items()]
    try:
        frame = _fetched(connection, columns, table, place)
    except (exc.DataError, pl.exceptions.PolarsError, OverflowError, TypeError):
        # A value that its type cannot hold on this side (PostgreSQL's date "infinity"): as text it becomes a finding.
        columns = [_Column(c.name, sa.cast(c.select, sa.Text), pl.String, c.boolean) for c in columns]
        frame = _fetched(connection, columns, table, place)
    except exc.OperationalError as error:
        driver = connection.connection.dbapi_connection
        if not isinstance(driver, sqlite3.Connection) or "decode" not in str(error.orig).lower():
            raise
        driver.text_factory = _text  # text that is not UTF-8 becomes a finding too; slower, so only where it is met
        frame = _fetched(connection, columns, table, place)
    return located(frame, table, place, pl.int_range(1, pl.len() + 1))


def _column(name: str, stands_as: str, kind: TypeEngine, dialect: str) -> _Column:
    column: ColumnElement = sa.column(quoted_name(stands_as, True))
    if dialect == "sqlite":
        return _Column(name, column, pl.String, isinstance(kind, sa.Boolean))
    if isinstance(kind, sa.Boolean):
        return _Column(name, column, pl.Boolean)
    if isinstance(kind, sa.Date):
        return _Column(name, column, pl.Date)
    if isinstance(kind, sa.DateTime):
        # The wall clock that the database shows: the day of a moment in another zone is not the day meant.
        moment = sa.cast(column, sa.DateTime()) if kind.timezone else column
        return _Column(name, moment, pl.Datetime("us"))
    if isinstance(kind, sa.Integer):
        return _Column(name, column, pl.Int64)
    if isinstance(kind, sa.Float):
        return _Column(name, column, pl.Float64)
    if isinstance(kind, sa.String) and not isinstance(kind, (sa.CHAR, sa.Enum)):
        return _Column(name, column, pl.String)
    return _Column(name, sa.cast(column, sa.Text), pl.String)  # fixed-width text loses its padding so


def _fetched(connection: sa.Connection, columns: list[_Column], table: str, place: Place) -> pl.DataFrame:
    """The columns in the order of the table's key, then of all the rest, so that a row keeps its number."""
    fetched = [column.select.label(f"c{index}") for index, column in enumerate(columns)]
    names = [column.name for column in columns]
    first = [names.index(key) for key in KEYS[table] if key in names]
    order = [fetched[index] for index in [*first, *(i for i in range(len(names)) if i not in first)]]
    query = sa.select(*fetched).select_from(sa.table(quoted_name(place.sheet or "", True))).order_by(*order)
    schema = {column.name: column.dtype for column in columns}
    frames = [pl.DataFrame(schema=schema)]
    with connection.execute(query, execution_options={"yield_per": BATCH}) as result:
        sqlite = connection.dialect.name == "sqlite"
        for rows in result.partitions():
            cells = zip(columns, zip(*rows, strict=True), strict=True)
            frames.append(pl.DataFrame([_text_column(c, v) if sqlite else _typed_column(c, v) for c, v in cells]))
    return pl.concat(frames)


def _typed_column(column: _Column, values: tuple[object, ...]) -> pl.Series:
    return pl.Series(column.name, values, dtype=column.dtype, strict=True)


def _text_column(column: _Column, values: tuple[object, ...]) -> pl.Series:
    """A SQLite column as text; value by value only where it is not text already."""
    if not {type(value) for value in values} <= {str, type(None)}:
        values = tuple(_cell(value, column.boolean) for value in values)
    return pl.Series(column.name, values, dtype=pl.String, strict=True)


def _cell(value: object, boolean: bool) -> str | None:
    """One SQLite cell as text: its type is the cell's own, whatever the column is declared."""
    if value is None or isinstance(value, str):
        return value
    if boolean and value in (0, 1):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return _text(value)
    return str(value)


def _fingerprint(frame: pl.DataFrame) -> str:
    """SHA-256 over the columns' names and types and every cell, in the order fetched."""
    content = frame.drop(LOCATORS)
    digest = hashlib.sha256(repr(content.schema).encode())
    for part in content.iter_slices(BATCH):
        digest.update(part.write_csv(include_header=False).encode())
    return digest.hexdigest()


# --- Errors in our own words


@contextmanager
def _told(url: sa.URL, table: str | None = None) -> Generator[None]:
    """Turn the driver's errors into one sentence of our own."""
    sentence = None
    try:
        yield
    except (exc.SQLAlchemyError, ImportError, sqlite3.Error, UnicodeError, ValueError) as error:
        sentence = _sentence(error, url, table)
    if sentence is not None:
        raise SourceError(sentence) from None


def _sentence(error: Exception, url: sa.URL, table: str | None) -> str:
    kind, name = url.get_backend_name(), _called(url)
    database = f"The {kind} database {name}"
    if isinstance(error, exc.NoSuchModuleError):
        hint = " Did you mean postgresql?" if kind == "postgres" else ""
        return f"There is no kind of database called {kind}.{hint}"
    if isinstance(error, ImportError):
        return f"{database} needs a driver that is not installed. Ask for the Python driver {url.get_driver_name()}."
    if not isinstance(error, exc.DBAPIError):
        where = f": {table} could not be read" if table else " could not be read"
        return f"{database}{where}. Check that it can be opened with another program."
    code = str(getattr(error.orig, "sqlstate", "") or "")
    words = str(error.orig).lower()
    if kind == "sqlite":
        return _sqlite_sentence(words, database, table)
    reading = f'{database}: "{table}"' if table else database
    if code == "42501":
        return f"{reading} may not be read by this account. Ask for the right to SELECT from it."
    if code in ("42P01", "42703"):
        return f"{reading} is not there any more, or a column of it is not. Try again."
    if code in ("57014", "55P03"):
        return f"{reading} was not read within {STATEMENT_SECONDS} seconds. Try when the database is less busy."
    if code or table or error.connection_invalidated:
        return f"{reading} could not be read: the connection broke or the database refused. Try again."
    return _not_connected(words, database, url)


def _not_connected(words: str, database: str, url: sa.URL) -> str:
    refused = "password authentication failed" in words or "access denied" in words or "login failed" in words
    if "no password supplied" in words:
        return f"{database} asks for a password and none was given. Set it in the environment."
    if refused or ("role" in words and "does not exist" in words):
        return f"{database} refused the user name or password. Check both."
    if "does not exist" in words or "unknown database" in words:
        return f"The server has no {url.get_backend_name()} database called {_called(url)}. Check the name."
    if "pg_hba.conf" in words:
        return f"{database} does not admit this user from this machine. Ask its administrator."
    return (
        f"{database} could not be reached within {CONNECT_SECONDS} seconds. "
        "Check the address and port, and that the server runs and admits this machine."
    )


def _sqlite_sentence(words: str, database: str, table: str | None) -> str:
    if "locked" in words or "busy" in words:
        return f"{database} is locked by another program. Close that program and try again."
    if "malformed" in words or "not a database" in words:
        return f"{database} is damaged. Restore it from a copy."
    if "no such table" in words or "no such column" in words:
        return f'{database}: "{table}" cannot be read, as something it is made from is missing.'
    return f"{database} could not be opened for reading. Check the rights of the file and of its folder."
