"""What the pages of everyday work may write: steps of a chase, and decisions on findings. Nothing else of the store can be changed
through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from connectors.store import acceptances, chases, engines
from connectors.store.acceptances import Decision, FindingRef
from connectors.store.chases import Step, Thing
from connectors.store.failures import plainly
from connectors.store.places import Place, place_of
from connectors.store.signed import Outcome
from connectors.store.store import look_at
from connectors.store.upgrading import must_be_readable

PATIENCE = 10.0
"""Seconds that a page waits for somebody else who is writing."""

NOTHING_WRITTEN = " Nothing was written down."
PERHAPS_WRITTEN = " It is not known whether it was written down; look at the history before you try again."


class Chasing:
    """Takes steps about things owed, and decisions on findings. Made by `Chasing.open`; may be shared between threads; close it
    after use."""

    def __init__(self, place: Place, engine: sa.Engine, patience: float) -> None:
        self._place = place
        self._engine = engine
        self._patience = patience

    @classmethod
    def open(cls, url: str | Path | None, *, patience: float = PATIENCE) -> Self:
        """Open a store that is there and up to date; nothing is made or migrated. Raises StoreError."""
        place = place_of(url)
        if place.file is not None:
            look_at(place, place.file, read_only=True)
        with plainly(place):
            chasing = cls(place, engines.engine_of(place, False, patience), patience)
            try:
                with chasing._engine.connect() as connection, connection.begin():
                    must_be_readable(connection, place)
            except BaseException:
                chasing.close()
                raise
        return chasing

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(self, area: str, things: Sequence[Thing], taken: Step, today: date) -> Outcome:
        """Take a step for each thing in one transaction. What somebody has changed since it was seen is left, and told.

        Raises StoreError if it cannot be written, or if somebody else writes for longer than the patience.
        """
        return self._write(lambda connection: chases.record(connection, area, things, taken, today))

    def decide(self, area: str, findings: Sequence[FindingRef], taken: Decision, today: date) -> Outcome:
        """Accept findings, or end that, in one transaction; otherwise as `record`."""
        return self._write(lambda connection: acceptances.record(connection, area, findings, taken, today))

    def _write(self, change: Callable[[sa.Connection], Outcome]) -> Outcome:
        with plainly(self._place, NOTHING_WRITTEN, PERHAPS_WRITTEN), self._engine.connect() as connection:
            connection = connection.execution_options(alone=True)
            with connection.begin():
                engines.take_alone(connection, self._patience)
                return change(connection)
