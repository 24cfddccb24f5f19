"""Connections to the two databases, set so that a reader is never held up and a writer is alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event, pool

from connectors.store.places import Place

_LOCK = 0x4D41505041  # "MAPPA": the advisory lock that every writer to a PostgreSQL store takes
_CONNECT_SECONDS = 10


def engine_of(place: Place, read_only: bool, patience: float) -> sa.Engine:
    """An engine for the place. Parameters are never shown in its errors or logs.

    `patience`: seconds that a writer waits for another.
    """
    if place.file is not None:
        return _sqlite(place.file, read_only, patience)
    if place.url is None:
        raise ValueError("a place is a file or a URL")
    arguments = {} if "connect_timeout" in place.url.query else {"connect_timeout": _CONNECT_SECONDS}
    return sa.create_engine(
        place.url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args=arguments,
        execution_options={"postgresql_readonly": True} if read_only else {},
    )


def _sqlite(file: Path, read_only: bool, patience: float) -> sa.Engine:
    # The file is never made here: it must be made for its owner only, before (`owner_only.create`).
    address = f"{file.resolve().as_uri()}?mode={'ro' if read_only else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # records never go to a temporary file elsewhere
        connection.execute("PRAGMA synchronous = FULL")  # what was said to be stored outlasts a power cut
        connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
        return connection

    # A connection for each piece of work, closed after it (0.2 ms): the file can be put back from a copy, or deleted,
    # under a running dashboard.
    engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool.NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # The driver's own way begins no transaction before tables are made, and begins writing ones too late to wait.
        alone = connection.get_execution_options().get("alone", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")

    return engine


def journal_ahead(engine: sa.Engine) -> None:
    """Let pages read while a refresh writes (SQLite's write-ahead log; stays with the file). Not for PostgreSQL."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def take_alone(connection: sa.Connection, patience: float) -> None:
    """Wait until no other writer is at work, then keep others out until the transaction ends (PostgreSQL).

    On SQLite the connection's `alone` option has done so at the beginning of the transaction.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {int(patience * 1000)}"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
