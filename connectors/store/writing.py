"""One snapshot into the database, inside one transaction that the caller holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

import polars as pl
import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.source import Progress, SourceFile
from connectors.store import frames, schema
from connectors.store.numbering import added
from connectors.store.snapshots import SnapshotContent

_ROWS_AT_ONCE = 5_000


def write_snapshot(
    connection: sa.Connection,
    content: SnapshotContent,
    results: pl.DataFrame,
    rule_outcomes: pl.DataFrame,
    chunk_bytes: int,
    progress: Progress,
) -> int:
    """Add the snapshot's rows and say its id. `results` and `rule_outcomes` are those of `content`, fitted."""
    steps = steps_of(content)
    snapshot_id = _header(connection, content)
    for done, (name, frame) in enumerate(content.frames.items()):
        progress(f"storing {name}", done, steps)
        _frame(connection, snapshot_id, name, frame, chunk_bytes)
    progress("storing results", steps - 3, steps)
    _rows(connection, schema.result, snapshot_id, results)
    progress("storing rule outcomes", steps - 2, steps)
    _rows(connection, schema.rule_outcome, snapshot_id, rule_outcomes)
    return snapshot_id


def steps_of(content: SnapshotContent) -> int:
    """How many steps of progress it takes: each frame, the results, the rule outcomes, the closing."""
    return len(content.frames) + 3


def as_json(source: SourceFile) -> dict[str, Any]:
    """A source as the header keeps it."""
    return {
        **asdict(source),
        "tables": list(source.tables),
        "modified": None if source.modified is None else source.modified.isoformat(),
    }


def _header(connection: sa.Connection, content: SnapshotContent) -> int:
    definitions = _definitions(connection, content.definitions)
    values = {
        "area": content.area,
        "as_at": content.as_at,
        "made_at": content.made_at,
        "product_version": content.product_version,
        "fingerprint": content.fingerprint,
        "previous_id": content.previous_id,
        "standards": [asdict(standard) for standard in content.standards],
        "sources": [as_json(source) for source in content.sources],
        "notes": list(content.notes),
        "definitions_sha256": definitions,
    }
    return added(connection, schema.snapshot, values)


def _definitions(connection: sa.Connection, document: Mapping[str, Any]) -> str:
    name = frames.sha256(json.dumps(document, allow_nan=False).encode())
    table = schema.definition_set
    if connection.scalar(sa.select(table.c.sha256).where(table.c.sha256 == name)) is None:
        connection.execute(sa.insert(table).values(sha256=name, document=dict(document)))
    return name


def _frame(
    connection: sa.Connection, snapshot_id: int, name: str, frame: pl.DataFrame | frames.PackedFrame, chunk_bytes: int
) -> None:
    kept = frame if isinstance(frame, frames.PackedFrame) else frames.packed(frame)
    table = schema.frame_content
    if connection.scalar(sa.select(table.c.sha256).where(table.c.sha256 == kept.sha256)) is None:
        size = len(kept.data)
        connection.execute(sa.insert(table).values(sha256=kept.sha256, bytes=size, chunks=-(-size // chunk_bytes)))
        for number, piece in enumerate(frames.pieces(kept.data, chunk_bytes)):
            connection.execute(sa.insert(schema.frame_chunk).values(sha256=kept.sha256, number=number, data=piece))
    connection.execute(
        sa.insert(schema.snapshot_frame).values(snapshot_id=snapshot_id, name=name, rows=kept.rows, sha256=kept.sha256)
    )


def _rows(connection: sa.Connection, table: sa.Table, snapshot_id: int, frame: pl.DataFrame) -> None:
    """All rows in each database's quickest way (2.5 times SQLAlchemy's own); the frame's order is kept in `line`."""
    frame = frame.select(
        pl.lit(snapshot_id, dtype=pl.Int64).alias("snapshot_id"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("line"),
        pl.all(),
    )
    if connection.dialect.name == "postgresql":
        _copy(connection, table, frame)
        return
    insert = sa.insert(table).values({name: sa.bindparam(name) for name in frame.columns})
    statement = str(insert.compile(dialect=connection.dialect))
    in_order = frame.select(column.name for column in table.columns).with_columns(pl.col(pl.Date).cast(pl.String))
    for batch in in_order.iter_slices(_ROWS_AT_ONCE):
        connection.exec_driver_sql(statement, batch.rows())


def _copy(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    """PostgreSQL's COPY, with the driver's errors turned into SQLAlchemy's, which hide the rows."""
    import psycopg
    from psycopg import sql

    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in frame.iter_rows():
                copy.write_row(row)
    except psycopg.Error as error:
        raise exc.DBAPIError(f"COPY {table.name}", None, error, hide_parameters=True) from None
