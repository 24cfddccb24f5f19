"""A session with a database that cannot write, sees one moment of every table, and ends what takes too long."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event, exc

from checks.errors import SourceError
from connectors.sources import database_words
from connectors.sources.database_words import called, told
from connectors.sources.wanted import STATEMENT_SECONDS

_SQLITE_MAGIC = b"SQLite format 3\0"
_STEPS = 20_000  # SQLite's own small steps between two looks at the clock: about a millisecond
_OUR_DRIVER = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
# How each driver is told how long to wait for the server.
_PATIENCE = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "pyodbc": "timeout",
    "oracledb": "tcp_connect_timeout",
}


def url_of(address: str) -> sa.URL:
    """The address as a URL, with the driver that comes with the product where none is named."""
    try:
        url = sa.make_url(address)
    except (exc.ArgumentError, ValueError):
        url = None
    if url is None:
        raise SourceError(
            "The database's address is not understood. Expected kind://user@host:port/name; "
            "characters such as @ or / in a part are written as %40 or %2F."
        )
    return url.set(drivername=_OUR_DRIVER.get(url.drivername, url.drivername))


@contextmanager
def session(
    url: sa.URL, password: str | None = None, statement_seconds: int = STATEMENT_SECONDS
) -> Generator[sa.Connection]:
    """A connection in one transaction that cannot write and sees one moment of the database.

    PostgreSQL: repeatable read, read only. MariaDB and MySQL: the same, from a consistent snapshot. SQLite: the file opened
    read-only, in one deferred transaction. Oracle: a read-only transaction. Others: serialisable where the dialect offers it; an
    account that may only SELECT is advised. A statement that runs for longer than `statement_seconds` is ended.
    """
    with told(url):
        engine = _engine(url if password is None else url.set(password=password))
    try:
        with told(url):
            connection = engine.connect()
        with connection:
            with told(url):
                _SESSIONS.get(connection.dialect.name, _other)(connection, statement_seconds)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def only_reads(connection: sa.Connection) -> bool:
    """Whether the session itself makes sure that nothing is written."""
    return connection.dialect.name in _SESSIONS


def _postgresql(connection: sa.Connection, seconds: int) -> None:
    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000}")
    connection.exec_driver_sql("SET LOCAL DateStyle = 'ISO'")


def _mysql(connection: sa.Connection, seconds: int) -> None:
    mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    limit = f"max_statement_time = {seconds}" if mariadb else f"max_execution_time = {seconds * 1000}"
    connection.exec_driver_sql(f"SET SESSION {limit}")
    connection.commit()
    connection.execution_options(isolation_level="REPEATABLE READ")
    connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _sqlite(connection: sa.Connection, seconds: int) -> None:
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    until = time.monotonic() + seconds

    def begun(*_: Any) -> None:
        nonlocal until
        until = time.monotonic() + seconds

    event.listen(connection, "before_cursor_execute", begun)
    driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    connection.exec_driver_sql("PRAGMA query_only = ON")
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the snapshot is taken at the first read


def _oracle(connection: sa.Connection, seconds: int) -> None:
    connection.connection.dbapi_connection.call_timeout = seconds * 1000  # ty: ignore[invalid-assignment]
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _other(connection: sa.Connection, seconds: int) -> None:
    driver: Any = connection.connection.dbapi_connection
    if driver is None:
        return
    if connection.dialect.driver == "pyodbc":
        driver.timeout = seconds
    if "SERIALIZABLE" in connection.dialect.get_isolation_level_values(driver):
        connection.execution_options(isolation_level="SERIALIZABLE")


_SESSIONS: dict[str, Callable[[sa.Connection, int], None]] = {
    "postgresql": _postgresql,
    "sqlite": _sqlite,
    "mysql": _mysql,
    "mariadb": _mysql,
    "oracle": _oracle,
}


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    driver = url.get_driver_name()
    arguments: dict[str, Any] = {}
    if driver in _PATIENCE:
        arguments[_PATIENCE[driver]] = database_words.CONNECT_SECONDS
    if driver == "pymysql":
        arguments["charset"] = "utf8mb4"  # whatever the server would choose: no character may be lost on the way
    return sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments, hide_parameters=True)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    name = called(url)
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
        raise SourceError(
            f"The SQLite file {name} could not be opened: this account may not read it. Check its rights."
        )
    if not start:
        raise SourceError(f"The SQLite file {name} is empty (0 bytes). Expected a database with tables.")
    if start != _SQLITE_MAGIC:
        raise SourceError(f"{name} is not a SQLite database (or is encrypted). Check the path.")
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"

    def open_read_only() -> sqlite3.Connection:
        # isolation_level None: the driver must not end our one transaction by its own lights
        return sqlite3.connect(uri, uri=True, timeout=database_words.CONNECT_SECONDS, isolation_level=None)

    return sa.create_engine("sqlite://", creator=open_read_only, poolclass=sa.NullPool, hide_parameters=True)
