"""The store as the rest of the product sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import polars as pl
import sqlalchemy as sa
from sqlalchemy import exc

from checks.errors import StoreError
from connectors.sources.source import Progress, silent
from connectors.store import acceptances, board_entries, chases, engines, owner_only, reading, schema
from connectors.store.board_entries import BoardAction, Commentary
from connectors.store.failures import NOT_STORED, PERHAPS_STORED, plainly, plainly_on_disk
from connectors.store.places import DEFAULT_FILE, Place, place_of
from connectors.store.snapshots import (
    RESULTS,
    RESULTS_KEY,
    RULE_OUTCOMES,
    RULE_OUTCOMES_KEY,
    SnapshotContent,
    SnapshotInfo,
    fitted,
)
from connectors.store.upgrading import bring_up_to_date, must_be_readable, version_of
from connectors.store.writing import steps_of, write_snapshot

__all__ = ["CHUNK_BYTES", "DEFAULT_FILE", "PATIENCE", "Store"]

CHUNK_BYTES = 16 << 20
PATIENCE = 60.0
"""Seconds that a refresh waits for another one that is storing."""

SAID_AFTER = 3.0
"""Seconds of waiting after which it is said for what."""
WAITING = "waiting for another program that is writing to the store"


Added = TypeVar("Added")


class Store:
    """Snapshots in a SQLite file or a PostgreSQL database. Made by `Store.open`; may be shared between threads.

    Snapshots, and versions of what the Board's people write, are only ever added: there is no way to change one. Close it, or
    use it in a `with`.
    """

    def __init__(self, place: Place, engine: sa.Engine, read_only: bool, patience: float, chunk_bytes: int) -> None:
        self._place = place
        self._engine = engine
        self._read_only = read_only
        self._patience = patience
        self._chunk_bytes = chunk_bytes

    @classmethod
    def open(
        cls,
        url: str | Path | None,
        *,
        read_only: bool = False,
        patience: float = PATIENCE,
        chunk_bytes: int = CHUNK_BYTES,
        progress: Progress = silent,
    ) -> Self:
        """Open the store at a path or SQLAlchemy URL (None: `DEFAULT_FILE` in the working folder).

        A SQLite file that is missing is made, readable by its owner only, with the folders above it; one that is open
        to others is closed to them. A file of 0 bytes is a store whose making was cut off before anything was in it:
        it is adopted. A file or database with anything else in it is refused and left as it is. A store of an older
        version is migrated, in one transaction; one of a newer version is refused.

        `read_only`, for pages: nothing is made, migrated or written, and the store must be there and up to date. `progress` is
        told where another program that is writing has to be waited for.

        Raises StoreError for all that can go wrong, with the place but never a user or password in it.
        """
        place = place_of(url)
        if place.file is not None:
            look_at(place, place.file, read_only)
        with plainly(place):
            engine = engines.engine_of(place, read_only, patience)
        store = cls(place, engine, read_only, patience, chunk_bytes)
        try:
            if read_only:
                with store._reading() as connection:
                    must_be_readable(connection, place)
            else:
                store._prepare(progress)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def label(self) -> str:
        """Where the store is, for people: no user, no password."""
        return self._place.label

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def write(self, content: SnapshotContent, progress: Progress = silent) -> tuple[SnapshotInfo, bool]:
        """Store a snapshot in one transaction: whatever stops it, all of it is there afterwards or none.

        Returns its header and True; or, if the area's newest snapshot has the same fingerprint, that one's header and
        False, with nothing added. While another refresh is storing, this waits; if that one then has changed what this
        one was compared with, or does not end within the store's patience, StoreError. ValueError for content that no
        correct program gives (see `fitted`).
        """
        if self._read_only:
            raise StoreError(f"The store {self._place.label} was opened for reading only.{NOT_STORED}")
        results = fitted(content.results, RESULTS, RESULTS_KEY, "results")
        rule_outcomes = fitted(content.rule_outcomes, RULE_OUTCOMES, RULE_OUTCOMES_KEY, "rule outcomes")
        steps = steps_of(content)
        with plainly(self._place, NOT_STORED), self._engine.connect() as connection:
            connection = connection.execution_options(alone=True)
            with _waiting(progress) as begun, connection.begin() as transaction:
                engines.take_alone(connection, self._patience)
                begun()
                newest = reading.newest(connection, area=content.area)
                if newest is not None and newest.fingerprint == content.fingerprint:
                    transaction.rollback()
                    return newest, False
                self._must_follow(newest, content)
                new_id = write_snapshot(connection, content, results, rule_outcomes, self._chunk_bytes, progress)
                if content.still_owed is not None:
                    chases.settle(connection, content.area, new_id, content.made_at, content.still_owed)
                added = reading.header(connection, new_id)
                progress("closing the snapshot", steps - 1, steps)
                with plainly(self._place, NOT_STORED, PERHAPS_STORED):
                    transaction.commit()
        progress("stored", steps, steps)
        return added, True

    def snapshots(self, area: str | None = None) -> list[SnapshotInfo]:
        """Every snapshot's header, oldest first."""
        with self._reading() as connection:
            return reading.headers(connection, area)

    def newest(self, as_at_most: date | None = None, area: str | None = None) -> SnapshotInfo | None:
        """The snapshot stored last, or None.

        With `as_at_most`: of those as at that day or before, the one with the latest as-at date (of several, the last).
        """
        with self._reading() as connection:
            return reading.newest(connection, as_at_most, area)

    def results(
        self,
        snapshot_id: int,
        *,
        standard: str | None = None,
        measure: str | None = None,
        period: str | None = None,
        by: str | None = None,
    ) -> pl.DataFrame:
        """The snapshot's results (columns and types of `RESULTS`) in the order given; each argument narrows them."""
        chosen = {"standard": standard, "measure": measure, "period": period, "by": by}
        with self._reading() as connection:
            return reading.rows(connection, self._place, schema.result, RESULTS, snapshot_id, chosen)

    def rule_outcomes(self, snapshot_id: int, standard: str | None = None) -> pl.DataFrame:
        """The snapshot's rule outcomes, columns and types of `RULE_OUTCOMES`, in the order they were given."""
        chosen = {"standard": standard}
        with self._reading() as connection:
            return reading.rows(connection, self._place, schema.rule_outcome, RULE_OUTCOMES, snapshot_id, chosen)

    def frame(self, snapshot_id: int, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """One frame as it was given, or only `columns` of it, in that order (the others are not decoded).

        StoreError if the snapshot has no such frame or the frame no such column.
        """
        with self._reading() as connection:
            return reading.frame(connection, self._place, snapshot_id, [name], columns)

    def frames(self, snapshot_id: int, names: Sequence[str]) -> pl.DataFrame:
        """Frames of the same columns, at least one, read side by side and put one after the other in the order of `names`.

        StoreError if the snapshot lacks one of them.
        """
        with self._reading() as connection:
            return reading.frame(connection, self._place, snapshot_id, names, None)

    def frame_names(self, snapshot_id: int) -> list[str]:
        """The names of the snapshot's frames, in alphabetical order."""
        with self._reading() as connection:
            return reading.frame_names(connection, self._place, snapshot_id)

    def definitions(self, snapshot_id: int) -> dict[str, Any]:
        """The definitions as they were declared when the snapshot was made."""
        with self._reading() as connection:
            return reading.definitions(connection, self._place, snapshot_id)

    def commentary(self, area: str, standard: str, period: str) -> list[Commentary]:
        """Every version of the lines beside the KPIs of a period, by KPI, the oldest first."""
        with self._reading() as connection:
            return board_entries.commentary(connection, area, standard, period)

    def write_commentary(self, given: Commentary, seen: int) -> Commentary:
        """Add a version after number `seen` (0: there was none); an empty text takes the line back.

        Raises CommentaryChanged if another version has come since, UsageError for what is missing or too long.
        """
        tidy = board_entries.tidy_commentary(given)
        return self._add(lambda connection: board_entries.add_commentary(connection, tidy, seen))

    def board_actions(self, area: str) -> list[BoardAction]:
        """Every version of every action of the Board, by action, the oldest first."""
        with self._reading() as connection:
            return board_entries.actions(connection, area)

    def raise_board_action(self, given: BoardAction) -> BoardAction:
        """Store a new action; gives it with its id. Raises UsageError for what is missing or too long."""
        tidy = board_entries.tidy_action(given)
        return self._add(lambda connection: board_entries.add_action(connection, tidy))

    def change_board_action(self, given: BoardAction, seen: int) -> BoardAction:
        """Add a version of the action `given.id` after number `seen`; when it was raised stays what it was.

        Raises ActionChanged if another version has come since, UsageError for what is missing or too long.
        """
        tidy = board_entries.tidy_action(given)
        return self._add(lambda connection: board_entries.change_action(connection, tidy, seen))

    def _add(self, add: Callable[[sa.Connection], Added]) -> Added:
        """Do it in one transaction; of two at the same moment the second then finds what the first has written."""
        if self._read_only:
            raise StoreError(f"The store {self._place.label} was opened for reading only.{board_entries.NOT_KEPT}")
        with plainly(self._place, board_entries.NOT_KEPT):
            try:
                return self._in_one_go(add)
            except exc.IntegrityError:
                return self._in_one_go(add)

    def _in_one_go(self, add: Callable[[sa.Connection], Added]) -> Added:
        with self._engine.connect() as connection:
            connection = connection.execution_options(alone=True)
            with connection.begin():
                return add(connection)

    def chases(self, area: str) -> pl.DataFrame:
        """How everything that was chased stands (columns: `connectors.store.chases.CHASES`), the oldest first."""
        with self._reading() as connection:
            return chases.all_of(connection, area)

    def chase_history(self, area: str, keys: Sequence[str]) -> pl.DataFrame:
        """Every step taken about some things (columns: `connectors.store.chases.HISTORY`), each thing's oldest first."""
        with self._reading() as connection:
            return chases.history(connection, area, keys)

    def acceptances(self, area: str) -> pl.DataFrame:
        """The last decision on every finding ever accepted (columns: `connectors.store.acceptances.ACCEPTANCES`)."""
        with self._reading() as connection:
            return acceptances.last_decisions(connection, area)

    def acceptance_history(self, area: str) -> pl.DataFrame:
        """Every decision on findings (columns as above), each finding's oldest first."""
        with self._reading() as connection:
            return acceptances.every_decision(connection, area)

    @contextmanager
    def _reading(self) -> Generator[sa.Connection]:
        with plainly(self._place), self._engine.connect() as connection, connection.begin():
            yield connection

    def _prepare(self, progress: Progress) -> None:
        """Bring the store to this product's schema; a file or database of somebody else's is not touched."""
        with _waiting(progress), self._reading() as connection:
            version_of(connection, self._place)
        if self._place.file is not None:
            with plainly_on_disk(self._place):
                owner_only.tighten(self._place.file)
            with plainly(self._place):
                self._journal_ahead()
        with plainly(self._place), self._engine.connect() as connection:
            connection = connection.execution_options(alone=True)
            with _waiting(progress) as begun, connection.begin():
                engines.take_alone(connection, self._patience)
                begun()
                bring_up_to_date(connection, self._place)

    def _journal_ahead(self) -> None:
        """Two processes making one store at once: SQLite does not wait for this step by itself."""
        tries = 40
        for left in reversed(range(tries)):
            try:
                engines.journal_ahead(self._engine)
            except Exception as error:
                if not left or "locked" not in str(error):
                    raise
                time.sleep(0.05)
            else:
                return

    def _must_follow(self, newest: SnapshotInfo | None, content: SnapshotContent) -> None:
        """Its comparisons were made with `previous_id`: with anything stored since, they would be wrong."""
        if content.previous_id != (None if newest is None else newest.id):
            raise StoreError(
                f"The store {self._place.label} has changed since this refresh began: another one has stored a "
                f"snapshot.{NOT_STORED} Refresh again."
            )


@contextmanager
def _waiting(progress: Progress) -> Generator[Callable[[], None]]:
    """Say what is waited for, where what is within takes long to begin; it calls what it is given once it has begun."""
    timer = threading.Timer(SAID_AFTER, progress, (WAITING, 0, 1))
    timer.daemon = True
    timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()


def look_at(place: Place, file: Path, read_only: bool) -> None:
    """Make a missing file; refuse one that is not SQLite's before anything is done to it."""
    with plainly_on_disk(place):
        if not file.exists():
            if read_only:
                raise StoreError(f"There is no store {place.label} yet. Run mappa-monitor refresh first.")
            owner_only.create(file)
        if not owner_only.looks_like_sqlite(file):
            raise StoreError(f"The file {place.label} is not a store of MAPPA Monitor. Give another file.")
