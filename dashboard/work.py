"""The worklist as people work with it: how each thing stands, what is chosen, in which words. Pure functions over
`dashboard.worklist.WORKLIST` as it was stored and `connectors.store.CHASES` as they stand now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from connectors.store import CHASES, Outcome, Thing
from connectors.store.chases import ASKED, ASSIGNED, BACK, CLOSED, DONE, NOTED, REOPENED, SETTLED, SNOOZED, WOKEN
from dashboard import accepted, quality, written_down
from dashboard.review_list import NOT_RECORDED
from dashboard.text import day, s
from dashboard.worklist import WORKLIST

TO_DO, PUT_OFF, LIVED_WITH, ELSEWHERE, GONE = "to do", "snoozed", "accepted", "done elsewhere", "settled"
STATES: dict[str, str] = {
    TO_DO: "To do",
    PUT_OFF: "Snoozed",
    LIVED_WITH: "Accepted",
    ELSEWHERE: "Done elsewhere",
    GONE: "Settled by new data",
}
"""How a thing stands → in words."""

NOTHING: dict[str, str] = {
    TO_DO: "Nothing is left to do: everything owed is done and recorded, snoozed, accepted, or said to be done elsewhere.",
    PUT_OFF: "Nothing is snoozed.",
    LIVED_WITH: "Nothing here comes from a finding that is accepted for a while. Findings are accepted on the page Data quality.",
    ELSEWHERE: "Nothing is said to be done elsewhere. What is stays on this list until the records show it.",
    GONE: "No chase has been closed by new data yet. What you chase closes by itself once a refresh finds it done.",
}

DECISIVE_SIGN = "★"


@dataclass(frozen=True)
class Chosen:
    """What is chosen of the list; an empty tuple or text leaves that free."""

    state: str = TO_DO
    agencies: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    given_to: tuple[str, ...] = ()
    find: str = ""


_ACCEPTED = ("accepted", "accepted_until", "accepted_reason", "accepted_by")
_STANDING = ("version", "assigned_to", "asked_on", "snooze_reason", "note", "changed_at", "changed_by")


def standing(worklist: pl.DataFrame, chases: pl.DataFrame, acceptances: pl.DataFrame, today: date) -> pl.DataFrame:
    """The list with how each thing stands today; last come the chased things that new data has settled.

    What a finding alone puts on the list is accepted for as long as the finding is; what rests on evidence never is.

    Besides the columns of `WORKLIST`: `standing` one of `STATES` · `version` 0 where nobody has acted on it · `until` the day a
    snooze ends or ended, never later than the next review of the case · `assigned_to, asked_on, snooze_reason, note,
    changed_at, changed_by` · `accepted` how the finding stands (`dashboard.quality.STANDINGS`), null where there is none ·
    `accepted_until, accepted_reason, accepted_by`.
    """
    worklist = pl.concat([pl.DataFrame(schema=WORKLIST), worklist], how="diagonal_relaxed")  # early ones name no rule
    about = chases.select("key", "state", "snoozed_until", *_STANDING)
    joined = worklist.join(about, on="key", how="left", maintain_order="left").join(
        _accepted(worklist, acceptances, today), on="key", how="left", maintain_order="left"
    )
    closed = chases.filter((pl.col("state") == CLOSED) & ~pl.col("key").is_in(worklist["key"].implode()))
    gone = closed.with_columns(
        decisive=pl.lit(value=False),
        why=pl.lit("The records no longer show it as owed."),
        to_do=pl.lit("Nothing: it closed by itself."),
    )
    together = pl.concat(
        [joined, gone.select(name for name in gone.columns if name in joined.columns)], how="diagonal_relaxed"
    )
    until = pl.min_horizontal("snoozed_until", pl.when(pl.col("snoozed_until").is_not_null()).then("snooze_at_most"))
    return (
        together.with_columns(until=until, version=pl.col("version").fill_null(0))
        .with_columns(
            standing=pl.when(pl.col("state") == CLOSED)
            .then(pl.lit(GONE))
            .when(pl.col("state") == DONE)
            .then(pl.lit(ELSEWHERE))
            .when(pl.col("accepted") == quality.ACCEPTED)
            .then(pl.lit(LIVED_WITH))
            .when(pl.col("until") > today)
            .then(pl.lit(PUT_OFF))
            .otherwise(pl.lit(TO_DO))
        )
        .select(*WORKLIST, "standing", "until", *_STANDING, *_ACCEPTED)
    )


def _accepted(worklist: pl.DataFrame, acceptances: pl.DataFrame, today: date) -> pl.DataFrame:
    """`key` of each thing that comes from a finding, and how that stands."""
    findings = worklist.filter(pl.col("rule").is_not_null()).select(
        "rule", "table", "field", "row", thing="key", key="record", since=pl.lit(None, dtype=pl.String)
    )
    told = accepted.standing(findings, acceptances, today)
    return told.select(*_ACCEPTED[1:], key="thing", accepted="standing")


def counts(rows: pl.DataFrame) -> dict[str, int]:
    """How many things stand how, every state named."""
    found = dict(rows.group_by("standing").len().iter_rows())
    return {state: int(found.get(state, 0)) for state in STATES}


def options(rows: pl.DataFrame, column: str) -> list[str]:
    """The values to choose from in a column, with `NOT_RECORDED` last where it has gaps."""
    values = sorted(rows[column].drop_nulls().unique().to_list())
    return [*values, *([NOT_RECORDED] if rows[column].null_count() else [])]


def _is_one_of(column: str, values: Sequence[str]) -> pl.Expr:
    if not values:
        return pl.lit(value=True)
    return pl.col(column).fill_null(NOT_RECORDED).is_in(list(values))


def chosen_rows(rows: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """The rows chosen, in the order of the list."""
    sought = chosen.find.strip()
    found = pl.lit(value=True)
    if sought:
        found = pl.any_horizontal(
            pl.col(name).str.to_lowercase().str.contains(sought.lower(), literal=True)
            for name in ("title", "case_id", "meeting_id", "note", "snooze_reason", "accepted_reason")
        ).fill_null(value=False)
    return rows.filter(
        pl.col("standing") == chosen.state,
        _is_one_of("agency", chosen.agencies),
        _is_one_of("kind", chosen.kinds),
        _is_one_of("level", chosen.levels),
        _is_one_of("assigned_to", chosen.given_to),
        found,
    )


def headline(found: Mapping[str, int], decisive: int) -> str:
    """One sentence on the whole list."""
    left = found[TO_DO]
    if not left:
        return "Nothing is left to do today."
    things = f"{left:,} thing{s(left)} to do"
    if not decisive:
        return f"{things}; no verdict of the Board hangs on any of them."
    it = "it" if decisive == 1 else "them"
    return f"{things}. {DECISIVE_SIGN} {decisive:,} could change a verdict of the Board: begin with {it}."


def lateness(days: int | None) -> str:
    """How late or how near a thing is, in a sign and words."""
    if days is None:
        return "? no day known"
    if days == 0:
        return "◆ due on the as-at day"
    amount = f"{abs(days):,} day{s(abs(days))}"
    return f"▲ {amount} late" if days > 0 else f"◇ due in {amount}"


def label(row: Mapping[str, Any]) -> str:
    """A row in one line, for the box that selects it."""
    late = lateness(row["days_late"]) if row["standing"] != GONE else "✓ settled"
    return f"{DECISIVE_SIGN} {late}: {row['title']}" if row["decisive"] else f"{late}: {row['title']}"


def whose(row: Mapping[str, Any]) -> str:
    """Kind, agency, level and record of a row."""
    parts = [row["kind"], row["agency"] or "no agency recorded"]
    if row["level"]:
        parts.append(f"level {row['level']}")
    if row["row"] is not None:
        where = f"row {row['row']:,}" if row["row"] else ""
        parts.append(", ".join(part for part in (row["file"], row["sheet"], where) if part))
    return " · ".join(parts)


def chased(row: Mapping[str, Any], today: date) -> str:
    """What has been done about a row, in one line; empty where nothing has."""
    if not row["version"]:
        return ""
    parts = []
    if row["until"] is not None:
        reason = f" ({row['snooze_reason']})" if row["snooze_reason"] else ""
        ended = row["until"] <= today
        parts.append(
            f"Due again: the snooze ended on {day(row['until'])}{reason}"
            if ended
            else f"Snoozed until {day(row['until'])}{reason}"
        )
    if row["assigned_to"]:
        parts.append(f"with {row['assigned_to']}")
    if row["asked_on"] is not None:
        parts.append(f"asked on {day(row['asked_on'])}")
    if row["note"]:
        parts.append(f"note: {row['note']}")
    return " · ".join(parts)


_DID = {
    NOTED: "noted",
    ASSIGNED: "gave it to",
    ASKED: "asked on",
    SNOOZED: "snoozed it until",
    WOKEN: "ended the snooze",
    DONE: "said it is done elsewhere",
    REOPENED: "opened it again",
    SETTLED: "closed it: the records no longer show it as owed",
    BACK: "opened it again: the records show it as owed once more",
}


def did(action: str, text: str | None, on: date | None, snapshot: int | None = None) -> str:
    """A step in words, without who took it."""
    said = _DID.get(action, action)
    if on is not None:
        said = f"{said} {day(on)}"
    if snapshot is not None:
        said = f"{said} (snapshot {snapshot})"
    return f"{said}: {text}" if text else said


def history_lines(history: pl.DataFrame, key: str) -> list[str]:
    """Every step about a thing, the newest first."""
    return written_down.history_lines(
        history.filter(key=key), lambda row: did(row["action"], row["text"], row["day"], row["snapshot_id"])
    )


def thing(row: Mapping[str, Any], seen: int) -> Thing:
    """What is chased, as the store wants it; `seen` the version that the person had before them."""
    about = {name: row[name] for name in ("key", "kind", "title", "agency", "level", "due_on", "snooze_at_most")}
    return Thing(**about, seen=seen)


def outcome_in_words(outcome: Outcome) -> tuple[str, list[str]]:
    """What was written down, and sentences on what was not, or not as asked."""
    said, problems = written_down.outcome_in_words(outcome, "thing", lambda each: did(each.action, each.text, each.day))
    problems += [
        f"{title}: snoozed until {day(ends)} only, when a review of the case falls due."
        for title, ends in outcome.shortened.items()
    ]
    return said, problems


def filters_in_words(chosen: Chosen) -> str:
    """What is chosen, in one sentence for the sheet that says what a file is about."""
    parts = [f"standing: {STATES[chosen.state].lower()}"]
    parts += [
        f"{name}: {', '.join(values)}"
        for name, values in (
            ("agency", chosen.agencies),
            ("kind", chosen.kinds),
            ("level", chosen.levels),
            ("with", chosen.given_to),
        )
        if values
    ]
    if chosen.find.strip():
        parts.append(f"containing: {chosen.find.strip()}")
    return "; ".join(parts)


def no_chases() -> pl.DataFrame:
    """The chases of an area in which nothing was ever chased."""
    return pl.DataFrame(schema=CHASES)
