"""What `mappa-monitor pack` makes its pack from: a snapshot of the store, or the records themselves."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from checks.errors import StoreError, UsageError
from connectors.sources.source import Progress
from connectors.store import SnapshotInfo, Store
from dashboard import choices
from dashboard.pack import Snapshot, stored
from dashboard.settings import Settings, store_address
from kpis.periods import Period


@contextmanager
def of_store(settings: Settings, number: int | None, standard: str | None, period: str | None) -> Generator[Snapshot]:
    """A snapshot of the settings' store: that of a number, else the newest.

    Raises StoreError (exit 5) where the store holds none, UsageError (exit 2) where it does not hold the one asked for.
    """
    with Store.open(store_address(settings), read_only=True) as store:
        known = store.snapshots(settings.area)
        if not known:
            raise StoreError(
                f"The store {store.label} holds no snapshot of {settings.area} yet. Run `mappa-monitor refresh` first."
            )
        info = next((each for each in known if each.id == number), None) if number is not None else known[-1]
        if info is None:
            there = _list([str(each.id) for each in known])
            raise UsageError(f"--snapshot: there is no snapshot {number} of {settings.area}; there is {there}.")
        read = _read(store, info, standard or settings.loaded_standards()[0].name, period)
        yield replace(read, below=settings.suppress_below)


@contextmanager
def of_records(
    settings: Settings, as_at: date, made_at: datetime, period: str | None, told: Progress
) -> Generator[Snapshot]:
    """The records that the settings name, read, checked and measured for this alone: nothing of it is kept."""
    from dashboard.refresh import STORING, refresh

    def nothing_kept(what: str, done: int, of: int) -> None:
        told("putting the figures together" if what.startswith(STORING) else what, done, of)

    with tempfile.TemporaryDirectory(prefix="mappa-monitor-") as folder:
        passing = settings.model_copy(update={"store": str(Path(folder) / "passing.sqlite")})
        done = refresh(passing, as_at, made_at, nothing_kept)
        with Store.open(store_address(passing), read_only=True) as store:
            read = _read(store, done.snapshot, done.snapshot.standards[0].name, period)
            yield replace(read, kept=False, below=settings.suppress_below)


def _read(store: Store, info: SnapshotInfo, standard: str, period: str | None) -> Snapshot:
    measured = [each.name for each in info.standards]
    if standard not in measured:
        raise UsageError(f"--standard: snapshot {info.id} was not measured by {standard}, but by {_list(measured)}.")

    def wanted(periods: Sequence[Period]) -> Period:
        if period is None:
            return choices.last_complete(periods, info.as_at)
        for each in periods:
            if each.name == period:
                return each
        names = [each.name for each in periods if each.kind == "quarter"]
        raise UsageError(
            f"--period: there is nothing for “{period}” under the standard {standard} as at {info.as_at}: "
            f"there are the quarters {names[-1]} to {names[0]}, and their years, written as {periods[-1].name}."
        )

    return stored(store, info, standard, wanted)


def _list(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
