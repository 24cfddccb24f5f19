"""A snapshot's area, to be measured again: its typed tables, each read from the store when a measure first asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock

import polars as pl

from checks.typed_tables import TypedTables
from connectors.store import SnapshotInfo, Store
from dashboard import frames

_FOLDER = frames.table("")


class _Stored(Mapping[str, pl.DataFrame]):
    """The canonical tables of a snapshot by name; many threads may ask, and each table is read once."""

    def __init__(self, store: Store, snapshot: int) -> None:
        self._store, self._snapshot = store, snapshot
        self._names = [name.removeprefix(_FOLDER) for name in store.frame_names(snapshot) if name.startswith(_FOLDER)]
        self._read: dict[str, pl.DataFrame] = {}
        self._reading = Lock()

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        with self._reading:
            if name not in self._read:
                self._read[name] = self._store.frame(self._snapshot, frames.table(name))
            return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def stored_tables(store: Store, snapshot: SnapshotInfo) -> TypedTables:
    """The typed tables of a snapshot as they were checked; raises StoreError."""
    supplied = store.frame(snapshot.id, frames.supplied())
    columns = dict(supplied.group_by("table").agg("field").iter_rows())
    tables = _Stored(store, snapshot.id)
    return TypedTables(tables, {name: frozenset(columns.get(name, ())) for name in tables}, snapshot.as_at)
