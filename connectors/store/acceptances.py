"""Findings that people live with for a while: which, why, until when, who said so; every decision is kept.

Functions on a connection, inside a transaction that the caller holds. A finding is known by its rule, table, record and field,
never by its row, so that a decision holds after the next refresh as well. Nothing here hides a finding or changes a figure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from checks.errors import UsageError
from connectors.store import schema
from connectors.store.numbering import added
from connectors.store.signed import Outcome, Overtaken, changed_since, signed

ACCEPTED, ENDED = "accepted", "ended"
ACTIONS = (ACCEPTED, ENDED)

LONGEST_DAYS = 731
"""Two years: what is accepted for longer would be forgotten."""

IDENTITY = ("rule", "table", "key", "field")
"""What tells one finding from another, from snapshot to snapshot."""

ACCEPTANCES: dict[str, pl.DataType] = {
    "rule": pl.String(),
    "table": pl.String(),
    "key": pl.String(),
    "field": pl.String(),
    "version": pl.Int64(),
    "action": pl.String(),
    "reason": pl.String(),
    "until_on": pl.Date(),
    "author": pl.String(),
    "at": pl.Datetime("us", "UTC"),
}
"""One row per decision. `key`, `field` null where a finding is about a table or column as a whole · `until_on` the last day on
which it is accepted; null, as `reason` may be, where the acceptance was ended by hand."""


@dataclass(frozen=True)
class FindingRef:
    """A finding as the person saw it: `seen` the version of the last decision on it, 0 where there was none."""

    rule: str
    table: str
    key: str | None = None
    field: str | None = None
    seen: int = 0

    @property
    def title(self) -> str:
        """The finding in a few words."""
        return f"{self.rule} ({self.key})" if self.key else self.rule


@dataclass(frozen=True)
class Decision:
    """What a person decides about findings. Made by `decision`."""

    action: str
    author: str
    at: datetime
    reason: str | None = None
    until_on: date | None = None


def decision(
    action: str, author: str, at: datetime, today: date, reason: str | None = None, until_on: date | None = None
) -> Decision:
    """A decision, checked; raises UsageError that says what is missing."""
    if action not in ACTIONS:
        raise ValueError(f"no such action: {action}")
    who, words = signed(author, at, reason, "reason")
    if action == ENDED:
        return Decision(action, who, at, words)
    if words is None:
        raise UsageError("Nothing was written down: say why the finding is accepted.")
    if until_on is None:
        raise UsageError("Nothing was written down: say until which day the finding is accepted.")
    if until_on < today:
        raise UsageError("Nothing was written down: the last day of an acceptance must not be over.")
    if (until_on - today).days > LONGEST_DAYS:
        raise UsageError("Nothing was written down: a finding can be accepted for two years at most, then again.")
    return Decision(action, who, at, words, until_on)


def record(
    connection: sa.Connection, area: str, findings: Sequence[FindingRef], taken: Decision, today: date
) -> Outcome:
    """Write a decision down for each of the findings, but not for those that others have decided on since they were seen."""
    last = _last_of(connection, area, {each.rule for each in findings})
    done: list[str] = []
    overtaken: list[Overtaken] = []
    refused: dict[str, str] = {}
    for one in {(each.rule, each.table, each.key, each.field): each for each in findings}.values():
        row = last.get((one.rule, one.table, one.key or "", one.field or ""))
        if (changed := changed_since(one.seen, row)) is not None:
            last_said = (changed[name] for name in ("author", "at", "action", "reason", "until_on"))
            overtaken.append(Overtaken(one.title, one.title, *last_said))
            continue
        if taken.action == ENDED and not _holds(row, today):
            refused[one.title] = "it is not accepted"
            continue
        _add(connection, area, one, row, taken)
        done.append(one.title)
    return Outcome(tuple(done), tuple(overtaken), refused)


def _holds(row: sa.RowMapping | None, today: date) -> bool:
    return row is not None and row["action"] == ACCEPTED and row["until_on"] >= today


def _add(connection: sa.Connection, area: str, one: FindingRef, row: sa.RowMapping | None, taken: Decision) -> None:
    if row is None:
        values = {"area": area, "rule": one.rule, "table": one.table, "key": one.key or "", "field": one.field or ""}
        finding_id = added(connection, schema.accepted_finding, values)
    else:
        finding_id = row["id"]
    connection.execute(
        sa.insert(schema.accepted_finding_version).values(
            finding_id=finding_id,
            version=one.seen + 1,
            action=taken.action,
            reason=taken.reason,
            until_on=taken.until_on,
            author=taken.author,
            at=taken.at,
        )
    )


def _decisions(area: str) -> sa.Select[*tuple[Any, ...]]:
    head, version = schema.accepted_finding, schema.accepted_finding_version
    told = [head.c[name] if name in IDENTITY else version.c[name] for name in ACCEPTANCES]
    return (
        sa.select(head.c.id, *told)
        .join(version, version.c.finding_id == head.c.id)
        .where(head.c.area == area)
        .order_by(head.c.id, version.c.version)
    )


def _newest_only(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    head, version = schema.accepted_finding, schema.accepted_finding_version
    each = version.alias()
    newest = sa.select(sa.func.max(each.c.version)).where(each.c.finding_id == head.c.id).correlate(head)
    return query.where(version.c.version == newest.scalar_subquery())


def _last_of(
    connection: sa.Connection, area: str, rules: Collection[str]
) -> dict[tuple[str, str, str, str], sa.RowMapping]:
    """The last decision on every finding of these rules."""
    rows = connection.execute(
        _newest_only(_decisions(area)).where(schema.accepted_finding.c.rule.in_(sorted(rules)))
    ).mappings()
    return {(row["rule"], row["table"], row["key"], row["field"]): row for row in rows}


def _framed(connection: sa.Connection, query: sa.Select[*tuple[Any, ...]]) -> pl.DataFrame:
    rows = [tuple(row)[1:] for row in connection.execute(query)]
    nothing = pl.col("key", "field").replace("", None)
    return pl.DataFrame(rows, schema=ACCEPTANCES, orient="row").with_columns(nothing)


def last_decisions(connection: sa.Connection, area: str) -> pl.DataFrame:
    """The last decision on every finding of an area that was ever accepted."""
    return _framed(connection, _newest_only(_decisions(area)))


def every_decision(connection: sa.Connection, area: str) -> pl.DataFrame:
    """Every decision of an area, by finding, the oldest first."""
    return _framed(connection, _decisions(area))
