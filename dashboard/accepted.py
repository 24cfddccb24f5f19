"""How findings stand that somebody may have accepted: open, accepted, or open again because the acceptance has run out.

Pure functions over the findings as stored and `connectors.store.ACCEPTANCES` as they stand now. An accepted finding stays in
every count; it is only said beside it why it is lived with, and until when.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from connectors.store import FindingRef, Outcome
from connectors.store import acceptances as stored
from dashboard import written_down
from dashboard.changes import NEW, NO_LONGER_CHECKED, RESOLVED
from dashboard.quality import ACCEPTED, EXPIRED, OPEN, SEVERITY_SIGNS, STANDING_SIGNS, STANDINGS, place_of
from dashboard.text import day, s

IDENTITY = list(stored.IDENTITY)

COLUMNS = ("standing", "accepted_until", "accepted_reason", "accepted_by", "accepted_version")
"""What `standing` adds to findings."""


def _identified() -> pl.Expr:
    """Findings that can be found again after a refresh; a row number alone tells only where a record stands today."""
    return pl.col("key").is_not_null() | pl.col("row").is_null()


def standing(findings: pl.DataFrame, acceptances: pl.DataFrame, today: date) -> pl.DataFrame:
    """The findings, in their order, with how each stands today.

    `standing` one of `STANDINGS`, null for a finding that is no longer there · `accepted_until, accepted_reason, accepted_by` of
    the acceptance that holds or has run out · `accepted_version` of the last decision, 0 where there was none, null where nothing
    can be decided as nothing but a row number tells the finding from others.
    """
    last = acceptances.select(*IDENTITY, "version", "action", "reason", "until_on", "author")
    joined = findings.join(last, on=IDENTITY, how="left", nulls_equal=True, maintain_order="left")
    known = _identified()
    given = known & (pl.col("action") == stored.ACCEPTED)
    how = (
        pl.when(pl.col("since").is_in([RESOLVED, NO_LONGER_CHECKED]).fill_null(value=False))
        .then(None)
        .when(given & (pl.col("until_on") >= today))
        .then(pl.lit(ACCEPTED))
        .when(given)
        .then(pl.lit(EXPIRED))
        .otherwise(pl.lit(OPEN))
    )
    return joined.with_columns(
        standing=how,
        accepted_until=pl.when(given).then("until_on"),
        accepted_reason=pl.when(given).then("reason"),
        accepted_by=pl.when(given).then("author"),
        accepted_version=pl.when(known).then(pl.col("version").fill_null(0)),
    ).drop("version", "action", "reason", "until_on", "author")


def for_files(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings (of `standing`) as files hold them."""
    return findings.drop("accepted_version")


def counts(findings: pl.DataFrame) -> dict[str, int]:
    """How many findings (of `standing`) are open, accepted, expired."""
    found = dict(findings.group_by("standing").len().iter_rows())
    return {each: int(found.get(each, 0)) for each in STANDINGS}


def in_words(found: Mapping[str, int]) -> str:
    """What is accepted, in a sentence or two; empty where nothing ever was."""
    said = []
    if number := found[ACCEPTED]:
        said.append(
            f"{number:,} of the findings {'is' if number == 1 else 'are'} accepted for a while, with a reason; "
            f"{'it is' if number == 1 else 'they are'} counted all the same."
        )
    if number := found[EXPIRED]:
        said.append(f"{number:,} acceptance{s(number)} {'has' if number == 1 else 'have'} run out: look again.")
    return " ".join(said)


def gone(findings: pl.DataFrame, acceptances: pl.DataFrame, today: date) -> int:
    """How many acceptances hold of findings that these records do not have."""
    holding = acceptances.filter(pl.col("action") == stored.ACCEPTED, pl.col("until_on") >= today)
    there = findings.filter(pl.col("standing").is_not_null())
    return holding.join(there, on=IDENTITY, how="anti", nulls_equal=True).height


def to_decide(findings: pl.DataFrame) -> pl.DataFrame:
    """One row per finding that somebody can decide on, with `alike`: how many rows of the records it stands for, and `box`: what
    tells it from the others."""
    there = findings.filter(pl.col("standing").is_not_null())
    alike = pl.when(_identified()).then(pl.len().over(IDENTITY)).otherwise(1)
    names = [pl.col(name).fill_null("") for name in IDENTITY]
    row = pl.when(~_identified()).then(pl.col("row").cast(pl.String)).otherwise(pl.lit(""))
    told = there.with_columns(alike=alike, box=pl.concat_str(*names, row, separator="\x1f"))
    return told.filter(~_identified() | pl.struct(IDENTITY).is_first_distinct())


def ref(row: Mapping[str, Any], seen: int) -> FindingRef:
    """A finding as the store wants it."""
    return FindingRef(row["rule"], row["table"], row["key"], row["field"], seen)


def label(row: Mapping[str, Any]) -> str:
    """A finding in one line, for the box that selects it."""
    many = f" ({row['alike']:,} rows)" if row["alike"] > 1 else ""
    return f"{SEVERITY_SIGNS[row['severity']]} {row['key'] or row['table']}{many}: {row['message']}"


def lived_with(standing: str | None, row: Mapping[str, Any]) -> str:
    """That a finding is accepted, why, by whom and until when, or that this has run out; empty where it stands otherwise."""
    if standing == ACCEPTED:
        ends, why = day(row["accepted_until"]), row["accepted_reason"]
        return f"{STANDING_SIGNS[ACCEPTED]} Accepted until {ends}: {why} ({row['accepted_by']})"
    if standing == EXPIRED:
        ended, why = day(row["accepted_until"]), row["accepted_reason"]
        return f"{STANDING_SIGNS[EXPIRED]} Open again: the acceptance ran out on {ended} ({why})"
    return ""


def stands(row: Mapping[str, Any]) -> str:
    """How a finding stands, in one line."""
    if row["accepted_version"] is None:
        return (
            "It cannot be accepted: only its row number tells it from others, and that is another one after the next change. "
            "Give the record its key first."
        )
    return lived_with(row["standing"], row) or f"{STANDING_SIGNS[OPEN]} Open"


def where(row: Mapping[str, Any]) -> str:
    """Rule and place of a finding."""
    new = "new since the last snapshot" if row["since"] == NEW else ""
    return " · ".join(part for part in (row["rule"], place_of(row), new) if part)


def _did(action: str, until: date | None, reason: str | None) -> str:
    said = f"accepted it until {day(until)}" if action == stored.ACCEPTED else "ended the acceptance"
    return f"{said}: {reason}" if reason else said


def history_lines(history: pl.DataFrame, row: Mapping[str, Any]) -> list[str]:
    """Every decision on a finding, the newest first."""
    same = [pl.col(name).eq_missing(pl.lit(row[name], dtype=pl.String)) for name in IDENTITY]
    return written_down.history_lines(
        history.filter(*same), lambda each: _did(each["action"], each["until_on"], each["reason"])
    )


def outcome_in_words(outcome: Outcome) -> tuple[str, list[str]]:
    """What was written down, and sentences on what was not."""
    return written_down.outcome_in_words(outcome, "finding", lambda each: _did(each.action, each.day, each.text))
