"""What the Board's people write themselves: a line of commentary per KPI and period, and the Board's actions.

Nothing written is ever changed or lost: every change adds a version with its author and time. Whoever writes says which version
they have seen; if another has come in between, nothing is stored and `WrittenMeanwhile` says who wrote it and when.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, get_args

import sqlalchemy as sa

from checks.errors import StoreError, UsageError
from connectors.store import schema
from connectors.store.numbering import added
from connectors.store.signed import LONGEST_NAME

State = Literal["open", "done", "dropped"]
STATES: tuple[State, ...] = get_args(State)

LONGEST_LINE = 200
"""Letters of a line that is to be read from across a room."""

NOT_KEPT = " What was written has not been kept; try again."

# What turns the direction of writing, so that a line reads as something else than was written.
_TURNS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


class WrittenMeanwhile(StoreError):
    """Somebody else has written since; nothing was stored."""

    def __init__(self) -> None:
        super().__init__("Somebody else has written here in the meantime; nothing was overwritten.")


class CommentaryChanged(WrittenMeanwhile):
    """`now` is the line that stands there."""

    def __init__(self, now: Commentary) -> None:
        super().__init__()
        self.now = now


class ActionChanged(WrittenMeanwhile):
    """`now` is the action as it stands."""

    def __init__(self, now: BoardAction) -> None:
        super().__init__()
        self.now = now


@dataclass(frozen=True)
class Commentary:
    """One version of the line beside a KPI.

    `number` 1 for the first version · `text` empty where the line was taken back · `snapshot_id` the snapshot that was looked at.
    """

    area: str
    standard: str
    period: str
    measure: str
    text: str
    author: str
    written_at: datetime
    snapshot_id: int
    number: int = 0


@dataclass(frozen=True)
class BoardAction:
    """One version of an action of the Board.

    `id` the same for all versions, 0 for one not stored yet · `owner` the agency · `measure` the KPI it belongs to, or None ·
    `reason` why it was dropped · `raised_in`, `raised_until` name and last day of the period on whose screen it was raised ·
    `changed_until` the last day of the period on whose screen this version was written.
    """

    area: str
    text: str
    owner: str
    due_on: date
    raised_in: str
    raised_until: date
    changed_until: date
    author: str
    written_at: datetime
    measure: str | None = None
    state: State = "open"
    reason: str = ""
    id: int = 0
    number: int = 0


def one_line(text: str) -> str:
    """What was typed, on one line, without characters that are not seen and change how it reads."""
    kept = "".join(
        " " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each
        for each in text
        if unicodedata.category(each) != "Cs" and each not in _TURNS
    )
    return " ".join(kept.split())


def _tidy(what: str, text: str, longest: int, *, may_be_empty: bool = False) -> str:
    line = one_line(text)
    if not line and not may_be_empty:
        raise UsageError(f"{what} is missing. Fill it in and save again.")
    if len(line) > longest:
        raise UsageError(
            f"{what} has {len(line):,} letters; at most {longest} can be read from across a room. Shorten it."
        )
    return line


def tidy_commentary(given: Commentary) -> Commentary:
    """The commentary as it is stored; raises UsageError for what is missing or too long."""
    return replace(
        given,
        text=_tidy("The commentary", given.text, LONGEST_LINE, may_be_empty=True),
        author=_tidy("Your name or role", given.author, LONGEST_NAME),
    )


def tidy_action(given: BoardAction) -> BoardAction:
    """The action as it is stored; raises UsageError for what is missing, too long or contradicts itself."""
    if given.state not in STATES:
        raise UsageError(f"The state of an action is one of: {', '.join(STATES)}.")
    dropped = given.state == "dropped"
    reason = _tidy("The reason for dropping the action", given.reason, LONGEST_LINE, may_be_empty=not dropped)
    return replace(
        given,
        text=_tidy("What is to be done", given.text, LONGEST_LINE),
        owner=_tidy("The agency that is to do it", given.owner, LONGEST_NAME),
        author=_tidy("Your name or role", given.author, LONGEST_NAME),
        reason=reason if dropped else "",
    )


_LINE = ("area", "standard", "period", "measure")
_COMMENTARY = (*_LINE, "text", "author", "written_at", "snapshot_id", "number")


def commentary(connection: sa.Connection, area: str, standard: str, period: str) -> list[Commentary]:
    """Every version of every KPI's line for a period, the oldest first."""
    table = schema.board_commentary
    query = sa.select(*(table.c[name] for name in _COMMENTARY)).order_by(table.c.measure, table.c.number)
    chosen = query.where(table.c.area == area, table.c.standard == standard, table.c.period == period)
    return [Commentary(**row) for row in connection.execute(chosen).mappings()]


def add_commentary(connection: sa.Connection, given: Commentary, seen: int) -> Commentary:
    """Add a version after the one that was seen (0: none)."""
    versions = commentary(connection, given.area, given.standard, given.period)
    last = [each for each in versions if each.measure == given.measure]
    if last and last[-1].number != seen:
        raise CommentaryChanged(last[-1])
    added = replace(given, number=seen + 1)
    connection.execute(sa.insert(schema.board_commentary).values({name: getattr(added, name) for name in _COMMENTARY}))
    return added


_HEAD = ("area", "raised_in", "raised_until")
_VERSION = (
    "number", "text", "owner", "due_on", "measure", "state", "reason", "changed_until", "author", "written_at",
)  # fmt: skip


def actions(connection: sa.Connection, area: str) -> list[BoardAction]:
    """Every version of every action of an area, by action, the oldest version first."""
    head, version = schema.board_action, schema.board_action_version
    query = (
        sa.select(head.c.id, *(head.c[name] for name in _HEAD), *(version.c[name] for name in _VERSION))
        .join(version, version.c.action_id == head.c.id)
        .where(head.c.area == area)
        .order_by(head.c.id, version.c.number)
    )
    return [BoardAction(**row) for row in connection.execute(query).mappings()]


def add_action(connection: sa.Connection, given: BoardAction) -> BoardAction:
    """A new action, with its first version."""
    new_id = added(connection, schema.board_action, {name: getattr(given, name) for name in _HEAD})
    return _add_version(connection, replace(given, id=new_id, number=1))


def change_action(connection: sa.Connection, given: BoardAction, seen: int) -> BoardAction:
    """Add a version after the one that was seen."""
    last = [each for each in actions(connection, given.area) if each.id == given.id]
    if not last:
        raise StoreError("The action is no longer in the store; nothing was changed.")
    if last[-1].number != seen:
        raise ActionChanged(last[-1])
    first = {name: getattr(last[0], name) for name in _HEAD}
    return _add_version(connection, replace(given, number=seen + 1, **first))


def _add_version(connection: sa.Connection, given: BoardAction) -> BoardAction:
    values = {name: getattr(given, name) for name in _VERSION}
    connection.execute(sa.insert(schema.board_action_version).values(action_id=given.id, **values))
    return given
