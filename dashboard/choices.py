"""What can be chosen at the side, and what an address asks for: snapshot, standard, period.

An address holds only what was chosen. What it does not hold is the newest snapshot, the area's first standard and the last
period that is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from connectors.store import SnapshotInfo
from dashboard.text import day
from kpis.periods import Period

STANDARD, PERIOD, SNAPSHOT = "standard", "period", "snapshot"


@dataclass(frozen=True)
class Chosen:
    """What is shown; `remarks` say what the address asked for that is not there."""

    snapshot: SnapshotInfo
    standard: str
    period: Period
    remarks: tuple[str, ...] = ()


def periods_of(results: pl.DataFrame) -> list[Period]:
    """The periods that results tell of, the newest first, each year after its quarters."""
    named = results.select("period_start", "period_end", "period", "period_kind").unique().rows()
    periods = [Period(start, end, name, kind) for start, end, name, kind in named]
    return sorted(periods, key=lambda each: (each.end, each.start), reverse=True)


def last_complete(periods: Sequence[Period], as_at: date) -> Period:
    """The last quarter that is over; if none is, the first one."""
    quarters = [each for each in periods if each.kind == "quarter"]
    return next((each for each in quarters if each.end <= as_at), quarters[-1])


def before(period: Period, periods: Sequence[Period]) -> Period | None:
    """The period of the same kind that ended before this one began: quarters stand beside quarters, years beside years."""
    same = [each for each in periods if each.kind == period.kind and each.end < period.start]
    return max(same, key=lambda each: each.end, default=None)


def snapshot_asked(asked: str | None, snapshots: Sequence[SnapshotInfo]) -> tuple[SnapshotInfo, str | None]:
    """The snapshot of this number, else the newest with a remark; `snapshots` newest first."""
    if asked is None:
        return snapshots[0], None
    for each in snapshots:
        if str(each.id) == asked:
            return each, None
    return snapshots[0], f"The address asks for a snapshot {asked}, which is not here; the newest is shown."


def standard_asked(asked: str | None, names: Sequence[str]) -> tuple[str, str | None]:
    """The standard of this name, else the first with a remark."""
    if asked is None or asked in names:
        return asked or names[0], None
    return names[0], f"The address asks for a standard {asked}, which this snapshot was not measured by."


def period_asked(asked: str | None, periods: Sequence[Period], as_at: date) -> tuple[Period, str | None]:
    """The period of this name, else the last complete quarter with a remark."""
    default = last_complete(periods, as_at)
    if asked is None:
        return default, None
    for each in periods:
        if each.name == asked:
            return each, None
    return default, f"The address asks for a period {asked}, for which there are no figures; {default.name} is shown."


def nearest(period: Period, periods: Sequence[Period], as_at: date) -> Period:
    """The period of another reporting year that stands for this one: of the same kind, and ending no later."""
    same = [each for each in periods if each.kind == period.kind and each.end <= period.end]
    return max(same, key=lambda each: each.end, default=last_complete(periods, as_at))


def days_of(period: Period) -> str:
    """The days of a period: 1 October to 31 December 2023."""
    if period.start.year == period.end.year:
        return f"{period.start.day} {period.start:%B} to {day(period.end)}"
    return f"{day(period.start)} to {day(period.end)}"


def label_of(period: Period, as_at: date) -> str:
    """A period in the list at the side: 2023-Q4 (Oct to Dec 2023)."""
    months = f"{period.start:%b} to {period.end:%b %Y}"
    if period.start.year != period.end.year:
        months = f"{period.start:%b %Y} to {period.end:%b %Y}"
    running = ", so far" if period.end > as_at else ""
    return f"{period.name} ({months}{running})"


def query(chosen: Mapping[str, str | None], defaults: Mapping[str, str]) -> dict[str, str]:
    """The part of an address that holds what was chosen, where it is not what is shown anyway."""
    return {name: value for name, value in chosen.items() if value is not None and value != defaults.get(name)}
