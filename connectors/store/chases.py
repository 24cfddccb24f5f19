"""What is done about things owed: each step of a chase, who took it and when, and how the thing stands after it.

Functions on a connection, inside a transaction that the caller holds. Steps are only ever added. The store knows a thing by
the key that the worklist gives it; what the thing is it keeps in a few words, for when no snapshot shows it any longer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from checks.errors import UsageError
from connectors.store import schema
from connectors.store.numbering import added
from connectors.store.signed import Outcome, Overtaken, changed_since, signed

NOTED, ASSIGNED, ASKED, SNOOZED, WOKEN, DONE_ELSEWHERE, REOPENED = (
    "noted",
    "assigned",
    "asked",
    "snoozed",
    "snooze ended",
    "done elsewhere",
    "reopened",
)
SETTLED, BACK = "settled", "owed again"
ACTIONS = (NOTED, ASSIGNED, ASKED, SNOOZED, WOKEN, DONE_ELSEWHERE, REOPENED)
"""What people do; `SETTLED` and `BACK` are what new data does."""

BY_NEW_DATA = "new data"
"""Stands for the author where a refresh took the step."""

OPEN, DONE, CLOSED = "open", "done elsewhere", "settled"

CHASES: dict[str, pl.DataType] = {
    "key": pl.String(),
    "version": pl.Int64(),
    "state": pl.String(),
    "assigned_to": pl.String(),
    "asked_on": pl.Date(),
    "snoozed_until": pl.Date(),
    "snooze_reason": pl.String(),
    "note": pl.String(),
    "kind": pl.String(),
    "title": pl.String(),
    "agency": pl.String(),
    "level": pl.String(),
    "due_on": pl.Date(),
    "changed_at": pl.Datetime("us", "UTC"),
    "changed_by": pl.String(),
}
"""One row per thing that was ever chased: `state` one of `OPEN`, `DONE`, `CLOSED` (by new data) · `snoozed_until` a day, over or
not: the reader knows what day it is · `note` the last one."""

HISTORY: dict[str, pl.DataType] = {
    "key": pl.String(),
    "version": pl.Int64(),
    "at": pl.Datetime("us", "UTC"),
    "author": pl.String(),
    "action": pl.String(),
    "text": pl.String(),
    "day": pl.Date(),
    "snapshot_id": pl.Int64(),
}
"""One row per step."""

_AT_ONCE = 500


@dataclass(frozen=True)
class Thing:
    """A thing owed as the person saw it: `seen` the version, 0 where nobody had acted on it yet."""

    key: str
    kind: str
    title: str
    agency: str | None = None
    level: str | None = None
    due_on: date | None = None
    snooze_at_most: date | None = None
    seen: int = 0


@dataclass(frozen=True)
class Step:
    """What a person does: `text` the note, who is to see to it, why it is put off, or where it was done; `day` when it was asked
    or until when it is put off. Made by `step`."""

    action: str
    author: str
    at: datetime
    text: str | None = None
    day: date | None = None


def step(action: str, author: str, at: datetime, text: str | None = None, day: date | None = None) -> Step:
    """A step, checked; raises UsageError that says what is missing."""
    if action not in ACTIONS:
        raise ValueError(f"no such action: {action}")
    who, words = signed(author, at, text, "text")
    if action == SNOOZED and (words is None or day is None):
        raise UsageError("Nothing was written down: a snooze needs a reason and a day on which it ends.")
    if action == NOTED and words is None:
        raise UsageError("Nothing was written down: the note is empty.")
    if action == ASSIGNED and words is None:
        raise UsageError("Nothing was written down: say who is to see to it.")
    if action == ASKED and day is None:
        raise UsageError("Nothing was written down: say on which day you asked.")
    return Step(action, who, at, words, day)


def record(connection: sa.Connection, area: str, things: Sequence[Thing], taken: Step, today: date) -> Outcome:
    """Take a step for each of the things, but not for those that others have changed since they were seen."""
    held = {row["key"]: row for row in _held(connection, area, [each.key for each in things])}
    done: list[str] = []
    overtaken: list[Overtaken] = []
    refused: dict[str, str] = {}
    shortened: dict[str, date] = {}
    for thing in {each.key: each for each in things}.values():
        row = held.get(thing.key)
        if (changed := changed_since(thing.seen, row)) is not None:
            overtaken.append(_last(connection, thing, changed))
            continue
        why = _unfit(thing, row, taken, today)
        if why is not None:
            refused[thing.title] = why
            continue
        fitted = taken
        if taken.action == SNOOZED and taken.day is not None and thing.snooze_at_most is not None:
            fitted = replace(taken, day=min(taken.day, thing.snooze_at_most))
            if fitted.day != taken.day:
                shortened[thing.title] = thing.snooze_at_most
        _take(connection, area, thing, row, fitted)
        done.append(thing.key)
    return Outcome(tuple(done), tuple(overtaken), refused, shortened)


def _unfit(thing: Thing, row: Mapping[str, Any] | None, taken: Step, today: date) -> str | None:
    """Why a step cannot be taken for a thing, if it cannot."""
    state = OPEN if row is None else row["state"]
    if taken.action == REOPENED and state == OPEN:
        return "it is open already"
    if taken.action in (SNOOZED, WOKEN, DONE_ELSEWHERE, ASKED, ASSIGNED) and state != OPEN:
        return f"it is {state}; reopen it first"
    if taken.action == WOKEN and (row is None or row["snoozed_until"] is None):
        return "it is not snoozed"
    if taken.action == SNOOZED and taken.day is not None:
        if taken.day <= today:
            return "a snooze must end after today"
        if thing.snooze_at_most is not None and thing.snooze_at_most <= today:
            return "a review of the case falls due today, and no snooze may outlive that"
    return None


def _take(connection: sa.Connection, area: str, thing: Thing, row: Mapping[str, Any] | None, taken: Step) -> None:
    changes = _changes(taken)
    about = {name: getattr(thing, name) for name in ("kind", "title", "agency", "level", "due_on")}
    now = {"changed_at": taken.at, "changed_by": taken.author, "version": thing.seen + 1}
    if row is None:
        chase_id = added(
            connection, schema.chase, {"area": area, "key": thing.key, "state": OPEN, **about, **changes, **now}
        )
    else:
        chase_id = row["id"]
        _change(connection, chase_id, thing.seen, {**about, **changes, **now})
    _add(connection, chase_id, thing.seen + 1, taken.at, taken.author, taken.action, taken.text, taken.day)


_AWAKE: dict[str, Any] = {"snoozed_until": None, "snooze_reason": None}


def _changes(taken: Step) -> dict[str, Any]:
    """What a step changes in how a thing stands."""
    match taken.action:
        case "noted":
            return {"note": taken.text}
        case "assigned":
            return {"assigned_to": taken.text}
        case "asked":
            return {"asked_on": taken.day}
        case "snoozed":
            return {"snoozed_until": taken.day, "snooze_reason": taken.text}
        case "done elsewhere":
            return {"state": DONE, **_AWAKE}
        case "reopened":
            return {"state": OPEN, **_AWAKE}
        case _:
            return _AWAKE


def _change(connection: sa.Connection, chase_id: int, version: int, values: Mapping[str, Any]) -> None:
    table = schema.chase
    changed = connection.execute(
        sa.update(table).where(table.c.id == chase_id, table.c.version == version).values(**values)
    )
    if changed.rowcount != 1:
        raise RuntimeError("a chase changed although nobody else could write")


def _add(
    connection: sa.Connection,
    chase_id: int,
    version: int,
    at: datetime,
    author: str,
    action: str,
    text: str | None = None,
    day: date | None = None,
    snapshot_id: int | None = None,
) -> None:
    connection.execute(
        sa.insert(schema.chase_event).values(
            chase_id=chase_id,
            version=version,
            at=at,
            author=author,
            action=action,
            text=text,
            day=day,
            snapshot_id=snapshot_id,
        )
    )


def _batches(keys: Sequence[str]) -> Iterator[list[str]]:
    """The keys, each once, so many at a time as any database takes in one question."""
    each_once = list(dict.fromkeys(keys))
    for start in range(0, len(each_once), _AT_ONCE):
        yield each_once[start : start + _AT_ONCE]


def _held(connection: sa.Connection, area: str, keys: Sequence[str]) -> Iterator[sa.RowMapping]:
    table = schema.chase
    for some in _batches(keys):
        yield from connection.execute(sa.select(table).where(table.c.area == area, table.c.key.in_(some))).mappings()


def _last(connection: sa.Connection, thing: Thing, row: Mapping[str, Any]) -> Overtaken:
    """The last step taken about a thing that is not as it was seen."""
    table = schema.chase_event
    found = connection.execute(
        sa.select(table).where(table.c.chase_id == row["id"], table.c.version == row["version"])
    ).mappings()
    event = found.one()
    return Overtaken(thing.key, thing.title, *(event[name] for name in ("author", "at", "action", "text", "day")))


def settle(connection: sa.Connection, area: str, snapshot_id: int, at: datetime, still_owed: Collection[str]) -> None:
    """Close what a new snapshot no longer shows as owed, and open again what it shows although it had been closed so."""
    table = schema.chase
    for row in connection.execute(sa.select(table).where(table.c.area == area)).mappings().all():
        owed, closed = row["key"] in still_owed, row["state"] == CLOSED
        if owed != closed:
            continue
        version, action = row["version"] + 1, BACK if owed else SETTLED
        values = {"state": OPEN if owed else CLOSED, "version": version, "changed_at": at, "changed_by": BY_NEW_DATA}
        _change(connection, row["id"], row["version"], {**values, **_AWAKE})
        _add(connection, row["id"], version, at, BY_NEW_DATA, action, snapshot_id=snapshot_id)


def all_of(connection: sa.Connection, area: str) -> pl.DataFrame:
    """How everything that was chased in an area stands."""
    table = schema.chase
    query = sa.select(*(table.c[name] for name in CHASES)).where(table.c.area == area).order_by(table.c.id)
    return pl.DataFrame([tuple(row) for row in connection.execute(query)], schema=CHASES, orient="row")


def history(connection: sa.Connection, area: str, keys: Sequence[str]) -> pl.DataFrame:
    """Every step taken about things of an area."""
    chase, event = schema.chase, schema.chase_event
    columns = [chase.c.key, *(event.c[name] for name in HISTORY if name != "key")]
    query = sa.select(*columns).join(event, event.c.chase_id == chase.c.id).where(chase.c.area == area)
    found: list[tuple[Any, ...]] = []
    for some in _batches(keys):
        found += map(tuple, connection.execute(query.where(chase.c.key.in_(some))))
    return pl.DataFrame(found, schema=HISTORY, orient="row").sort("key", "version")
