"""All that the pages read: the settings, and the store, kept in memory by the snapshot's number.

A snapshot never changes, so what has been read of one is good for as long as the program runs. Frames are never hashed: the
keys are the store's place, the snapshot, the standard and the name. What is given out is shared by all pages and must not be
changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import streamlit as st

from connectors.store import SnapshotInfo, Store
from dashboard import frames, lay_room
from dashboard.serving import SETTINGS_VARIABLE
from dashboard.settings import FILE_NAME, Settings, load_settings, store_address

FRAMES_KEPT = 24


def settings_path() -> Path:
    """The settings file of this dashboard."""
    return Path(os.environ.get(SETTINGS_VARIABLE) or FILE_NAME)


def settings() -> Settings:
    """The settings as they stand now; raises SettingsError."""
    return load_settings(settings_path())


def has_store(given: Settings) -> bool:
    """Whether there is anything to open: a store in a database is taken to be there."""
    address = store_address(given)
    if "://" in address and not address.startswith("sqlite"):
        return True
    return Path(address.removeprefix("sqlite:///")).exists()


@dataclass(frozen=True)
class Reader:
    """The store as pages see it. `place` tells one store from another, also after its file has been replaced."""

    place: str
    store: Store

    def snapshots(self, area: str) -> list[SnapshotInfo]:
        """The area's snapshots, the newest first."""
        return self.store.snapshots(area)[::-1]


def reader(given: Settings) -> Reader:
    """The settings' store, opened for reading only; raises StoreError."""
    address = store_address(given)
    place = f"{address}#{_file_number(address)}"
    return Reader(place, _store(_Opening(place, address)))


def _file_number(address: str) -> str:
    """What tells a file from another that has taken its name."""
    try:
        at = Path(address.removeprefix("sqlite:///")).stat()
    except (OSError, ValueError):
        return ""
    return f"{at.st_dev}-{at.st_ino}"


@dataclass(frozen=True)
class _Opening:
    place: str
    address: str


@st.cache_resource(
    show_spinner=False, max_entries=4, hash_funcs={_Opening: lambda it: it.place}, on_release=Store.close
)
def _store(opening: _Opening) -> Store:
    return Store.open(opening.address, read_only=True)


_BY_PLACE: dict[str | type[Any], Callable[[Any], Any]] = {Reader: lambda reader: reader.place}


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=_BY_PLACE)
def results(reader: Reader, snapshot_id: int, standard: str) -> pl.DataFrame:
    """Every result of a snapshot under a standard (`connectors.store.RESULTS`); row by row where no frame was kept of them."""
    name = frames.results(standard)
    if name in frame_names(reader, snapshot_id):
        return frame(reader, snapshot_id, name)
    return reader.store.results(snapshot_id, standard=standard)


@st.cache_resource(show_spinner="Looking which counts are too small to show …", max_entries=8, hash_funcs=_BY_PLACE)
def for_lay_readers(
    reader: Reader, snapshot_id: int, standards: tuple[str, ...], below: int, *, own: bool
) -> dict[str, dict[str, pl.DataFrame]]:
    """Standard → measure → its results by quarter, with small counts hidden (`dashboard.lay_room`).

    As the refresh kept them; worked out here where it hid others, or another version of the product made the snapshot (not its
    `own`), so that what is hidden is always what this version would hide.
    """
    kept = {name: frames.small_counts_hidden(name, below) for name in standards}
    if own and frame_names(reader, snapshot_id).issuperset(kept.values()):
        told = {standard: frame(reader, snapshot_id, name) for standard, name in kept.items()}
    else:
        every = {name: results(reader, snapshot_id, name) for name in standards}
        told = lay_room.of_declared(every, definitions(reader, snapshot_id)["measures"], below)
    return {
        name: {str(key[0]): rows for key, rows in frame.group_by("measure", maintain_order=True)}
        for name, frame in told.items()
    }


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=_BY_PLACE)
def rule_outcomes(reader: Reader, snapshot_id: int, standard: str) -> pl.DataFrame:
    """Every rule's outcome (`connectors.store.RULE_OUTCOMES`)."""
    return reader.store.rule_outcomes(snapshot_id, standard)


@st.cache_resource(show_spinner=False, max_entries=FRAMES_KEPT, hash_funcs=_BY_PLACE)
def frame(reader: Reader, snapshot_id: int, name: str) -> pl.DataFrame:
    """A stored frame by its name (`dashboard.frames`)."""
    return reader.store.frame(snapshot_id, name)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=_BY_PLACE)
def together(reader: Reader, snapshot_id: int, names: tuple[str, ...]) -> pl.DataFrame:
    """Stored frames of the same columns, one after the other."""
    return reader.store.frames(snapshot_id, names)


Made = TypeVar("Made")


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=_BY_PLACE)
def once(reader: Reader, snapshot_id: int, what: tuple[str, ...], _make: Callable[[], Made]) -> Made:  # noqa: ARG001
    """What takes long to make of a large area's frames, made once: the next click on the same page wants it again.

    `what` names it among all that is made of this snapshot.
    """
    return _make()


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=_BY_PLACE)
def frame_names(reader: Reader, snapshot_id: int) -> frozenset[str]:
    """The names of a snapshot's frames."""
    return frozenset(reader.store.frame_names(snapshot_id))


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=_BY_PLACE)
def definitions(reader: Reader, snapshot_id: int) -> dict[str, Any]:
    """The declarations as they were when the snapshot was made (`dashboard.definitions`)."""
    return reader.store.definitions(snapshot_id)
