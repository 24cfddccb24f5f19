"""What a store holds, as headers and frames. Each function works in the transaction that the caller holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from checks.errors import StoreError
from connectors.sources.source import SourceFile
from connectors.store import frames, schema
from connectors.store.places import Place
from connectors.store.snapshots import SnapshotInfo, StandardUsed


def headers(connection: sa.Connection, area: str | None = None) -> list[SnapshotInfo]:
    """Every snapshot's header, oldest first."""
    table = schema.snapshot
    query = sa.select(table).order_by(table.c.id)
    if area is not None:
        query = query.where(table.c.area == area)
    return [_info(row) for row in connection.execute(query).mappings()]


def header(connection: sa.Connection, snapshot_id: int) -> SnapshotInfo:
    """One snapshot's header; it must be there."""
    table = schema.snapshot
    return _info(connection.execute(sa.select(table).where(table.c.id == snapshot_id)).mappings().one())


def newest(connection: sa.Connection, as_at_most: date | None = None, area: str | None = None) -> SnapshotInfo | None:
    """The snapshot stored last; with `as_at_most`, the last of those with the latest as-at date up to that day."""
    table = schema.snapshot
    query = sa.select(table).limit(1)
    if area is not None:
        query = query.where(table.c.area == area)
    if as_at_most is not None:
        query = query.where(table.c.as_at <= as_at_most).order_by(table.c.as_at.desc())
    row = connection.execute(query.order_by(table.c.id.desc())).mappings().first()
    return None if row is None else _info(row)


def rows(
    connection: sa.Connection,
    place: Place,
    table: sa.Table,
    columns: Mapping[str, pl.DataType],
    snapshot_id: int,
    chosen: Mapping[str, str | None],
) -> pl.DataFrame:
    """The rows of one snapshot as they were ordered, where every column in `chosen` that is not None matches."""
    query = sa.select(*(table.c[name] for name in columns)).where(table.c.snapshot_id == snapshot_id)
    for name, value in chosen.items():
        if value is not None:
            query = query.where(table.c[name] == value)
    found = [tuple(row) for row in connection.execute(query.order_by(table.c.line)).all()]
    if not found:
        must_exist(connection, place, snapshot_id)
    return pl.DataFrame(found, schema=dict(columns), orient="row")


def frame(
    connection: sa.Connection, place: Place, snapshot_id: int, names: Sequence[str], columns: Sequence[str] | None
) -> pl.DataFrame:
    """One frame of a snapshot, or several one after the other, checked against the hash they were stored under.

    Only `columns` are decoded.
    """
    data = [_content(connection, place, snapshot_id, name) for name in names]
    try:
        return frames.decoded(data, columns)
    except pl.exceptions.ColumnNotFoundError:
        raise StoreError(
            f"The table {names[0]!r} of snapshot {snapshot_id} in the store {place.label} lacks a column asked for: "
            f"{', '.join(columns or ())}."
        ) from None


def _content(connection: sa.Connection, place: Place, snapshot_id: int, name: str) -> bytes:
    """What is stored of a frame."""
    held, chunk = schema.snapshot_frame, schema.frame_chunk
    content = connection.scalar(sa.select(held.c.sha256).where(held.c.snapshot_id == snapshot_id, held.c.name == name))
    if content is None:
        must_exist(connection, place, snapshot_id)
        raise StoreError(f"Snapshot {snapshot_id} in the store {place.label} holds no table {name!r}.")
    stored = connection.scalars(sa.select(chunk.c.data).where(chunk.c.sha256 == content).order_by(chunk.c.number))
    data = b"".join(stored)
    if frames.sha256(data) != content:
        raise StoreError(
            f"The store {place.label} is damaged: the table {name!r} of snapshot {snapshot_id} is not as it was "
            "stored. Put back a copy of the store."
        )
    return data


def frame_names(connection: sa.Connection, place: Place, snapshot_id: int) -> list[str]:
    """The names of a snapshot's frames, in alphabetical order."""
    table = schema.snapshot_frame
    names = list(connection.scalars(sa.select(table.c.name).where(table.c.snapshot_id == snapshot_id)))
    if not names:
        must_exist(connection, place, snapshot_id)
    return sorted(names)  # here, not in the database: PostgreSQL sorts by its own language


def definitions(connection: sa.Connection, place: Place, snapshot_id: int) -> dict[str, Any]:
    """The definitions document of a snapshot."""
    kept, table = schema.definition_set, schema.snapshot
    document = connection.scalar(
        sa.select(kept.c.document)
        .join(table, table.c.definitions_sha256 == kept.c.sha256)
        .where(table.c.id == snapshot_id)
    )
    if document is None:
        raise _no_snapshot(place, snapshot_id)
    return document


def must_exist(connection: sa.Connection, place: Place, snapshot_id: int) -> None:
    """Raise StoreError if there is no such snapshot."""
    table = schema.snapshot
    if connection.scalar(sa.select(table.c.id).where(table.c.id == snapshot_id)) is None:
        raise _no_snapshot(place, snapshot_id)


def _no_snapshot(place: Place, snapshot_id: int) -> StoreError:
    return StoreError(f"The store {place.label} holds no snapshot {snapshot_id}.")


def _info(row: sa.RowMapping) -> SnapshotInfo:
    return SnapshotInfo(
        id=row["id"],
        area=row["area"],
        as_at=row["as_at"],
        made_at=row["made_at"],
        product_version=row["product_version"],
        fingerprint=row["fingerprint"],
        previous_id=row["previous_id"],
        standards=tuple(StandardUsed(**standard) for standard in row["standards"]),
        sources=tuple(_source(source) for source in row["sources"]),
        notes=tuple(row["notes"]),
    )


def _source(kept: Mapping[str, Any]) -> SourceFile:
    modified = kept["modified"]
    return SourceFile(
        name=kept["name"],
        tables=tuple(kept["tables"]),
        rows=kept["rows"],
        modified=None if modified is None else datetime.fromisoformat(modified),
        fingerprint=kept["fingerprint"],
    )
