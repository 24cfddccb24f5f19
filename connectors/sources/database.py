"""A SQL database, by its SQLAlchemy URL: the canonical tables or views of its default schema, or those that the settings name.

The session only reads, and sees one and the same moment of every table: changes that others commit meanwhile are not
seen. What can hold a host, a user or a password (a driver's own words above all) never reaches a message.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time

import polars as pl
import sqlalchemy as sa
from sqlalchemy import exc

from checks.errors import SourceError
from checks.locators import LOCATORS
from checks.table_names import KEYS
from connectors.sources.database_columns import Column, Holder, column, headings_and_types
from connectors.sources.database_session import only_reads, session, url_of
from connectors.sources.database_words import Dropped, Reading, called, told
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
from connectors.sources.wanted import Wanted

KIND = "a database by its SQLAlchemy URL, such as postgresql://user@host/name or sqlite:///file.db"

PAUSES = (1.0, 5.0)  # seconds before each further try, where the connection broke
BATCH = 100_000  # rows fetched at a time

_OWN_SECRET = (
    "The database's address holds its password: give it through the environment instead, where others do not see it."
)


def reads(address: str) -> bool:
    """Whether the address has the form of a database's URL."""
    return "://" in address


def pull(address: str, password: str | None = None, progress: Progress = silent, wanted: Wanted | None = None) -> Pull:
    """Every canonical table, view or query of the database, one frame each, ordered by its key.

    Server databases give typed columns; SQLite, which types no column strictly, gives text, with a declared BOOLEAN's
    0 and 1 as false and true. `password` takes the place of one in the URL; `wanted` names what holds each table. Where the
    connection breaks, everything is read anew from a new moment, a bounded number of times.
    """
    try:
        return _persistently(url_of(address), password, progress, wanted or Wanted())
    except SourceError as error:
        sentence = str(error)
    # Raised anew: the driver's exception, which knows the password, must not hang on ours as its context.
    raise SourceError(sentence)


def _persistently(url: sa.URL, password: str | None, progress: Progress, wanted: Wanted) -> Pull:
    """The pull, tried again where the connection broke midway. A first connection that fails is not tried again."""
    broke = 0
    while True:
        begun = False

        def told_on(what: str, done: int, of: int) -> None:
            nonlocal begun
            begun = True
            progress(what, done, of)

        try:
            brought = _pull(url, password, told_on, wanted)
        except Dropped as error:
            sentence = str(error)
            if not (begun or broke):
                raise
            broke += 1
            if broke > len(PAUSES):
                break
        else:
            if broke:
                times = "once" if broke == 1 else f"{broke} times"
                brought.notes.append(f"{called(url)}: the connection broke {times}; everything was read anew after it.")
            return brought
        progress(f"{called(url)}, again, as the connection broke", 0, 1)
        time.sleep(PAUSES[broke - 1])
    raise Dropped(
        f"{sentence.removesuffix(' Try again.')} It was tried {broke} times; try when the database is steadier."
    )


def _pull(url: sa.URL, password: str | None, progress: Progress, wanted: Wanted) -> Pull:
    brought = Pull(tables={}, notes=[_OWN_SECRET] if url.password and password is None else [])
    name = called(url)
    with session(url, password, wanted.statement_seconds) as connection:
        with told(url):
            inspector = sa.inspect(connection)
            ours, strangers = _ours(inspector, name) if wanted.by_name else (_named(wanted), [])
        brought.notes.extend(left_aside(name, "tables and views", strangers))
        if not only_reads(connection):
            brought.notes.append(
                f"{name}: for databases of this kind reading only is not enforced by us; give an account that may only "
                "SELECT."
            )
        for done, (table, holder) in enumerate(ours.items()):
            progress(f"{name}, {holder.shown}", done, len(ours))
            place = Place(name, holder.shown, "table" if holder.query is None else "query")
            with told(url, _reading(table, holder, wanted)):
                frame = _table(connection, inspector, table, holder, place, brought.notes)
            brought.tables[table] = frame
            shown_as = f"{name}: {holder.shown}"
            brought.files.append(SourceFile(shown_as, (table,), frame.height, None, _fingerprint(frame)))
        progress("read", len(ours), len(ours))
    return brought


def _reading(table: str, holder: Holder, wanted: Wanted) -> Reading:
    if holder.query is not None:
        return Reading(f"the query for {table}", f"database.queries.{table}", wanted.statement_seconds)
    key = f"database.tables.{table}" if table in wanted.tables else ""
    return Reading(f'"{holder.shown}"', key, wanted.statement_seconds)


# --- What is there


def _named(wanted: Wanted) -> dict[str, Holder]:
    """Canonical table → what the settings name for it."""
    tables = {table: Holder.named(name) for table, name in wanted.tables.items()}
    return in_order(tables | {table: Holder(table, query=query) for table, query in wanted.queries.items()})


def _ours(inspector: sa.Inspector, place: str) -> tuple[dict[str, Holder], list[str]]:
    """Canonical table → the table or view that bears its name, and the names that are not ours."""
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    if inspector.dialect.name == "postgresql":
        names += inspector.get_materialized_view_names()
    ours: dict[str, Holder] = {}
    strangers: list[str] = []
    for name in sorted(set(names)):
        table = table_called(name)
        if table is None:
            strangers.append(name)
        elif table in ours:
            raise both(f'{place}: "{ours[table].name}"', f'"{name}"', table)
        else:
            ours[table] = Holder(name)
    if not ours:
        raise nothing_of_ours(place, "a table or view")
    return in_order(ours), strangers


# --- Reading a table


def _table(
    connection: sa.Connection, inspector: sa.Inspector, table: str, holder: Holder, place: Place, notes: list[str]
) -> pl.DataFrame:
    there = headings_and_types(connection, inspector, holder)
    found = matched([heading for heading, _ in there], table, place, notes)
    dialect = connection.dialect
    columns = [column(table, name, *there[index], dialect) for name, index in found.items()]
    try:
        frame = _fetched(connection, columns, table, holder)
    except (exc.DataError, pl.exceptions.PolarsError, OverflowError, TypeError):
        # A value that its type cannot hold on this side (PostgreSQL's date "infinity"): as text it becomes a finding.
        frame = _fetched(connection, [each.as_text(dialect) for each in columns], table, holder)
    except exc.OperationalError as error:
        driver = connection.connection.dbapi_connection
        if not isinstance(driver, sqlite3.Connection) or "decode" not in str(error.orig).lower():
            raise
        driver.text_factory = _text  # text that is not UTF-8 becomes a finding too; slower, so only where it is met
        frame = _fetched(connection, columns, table, holder)
    return located(frame, table, place, pl.int_range(1, pl.len() + 1))


def _fetched(connection: sa.Connection, columns: list[Column], table: str, holder: Holder) -> pl.DataFrame:
    """The columns in the order of the table's key, then of all the rest, so that a row keeps its number."""
    fetched = [column.select.label(f"c{index}") for index, column in enumerate(columns)]
    names = [column.name for column in columns]
    first = [names.index(key) for key in KEYS[table] if key in names]
    order = [fetched[index] for index in [*first, *(i for i in range(len(names)) if i not in first)]]
    query = sa.select(*fetched).select_from(holder.source(connection.dialect)).order_by(*order)
    schema = {column.name: column.dtype for column in columns}
    frames = [pl.DataFrame(schema=schema)]
    with connection.execute(query, execution_options={"yield_per": BATCH}) as result:
        sqlite = connection.dialect.name == "sqlite"
        for rows in result.partitions():
            cells = zip(columns, zip(*rows, strict=True), strict=True)
            frames.append(pl.DataFrame([_text_column(c, v) if sqlite else _typed_column(c, v) for c, v in cells]))
    return pl.concat(frames)


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "backslashreplace")


def _typed_column(column: Column, values: tuple[object, ...]) -> pl.Series:
    return pl.Series(column.name, values, dtype=column.dtype, strict=True)


def _text_column(column: Column, values: tuple[object, ...]) -> pl.Series:
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
