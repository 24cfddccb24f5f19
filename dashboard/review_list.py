"""The co-ordinator's list of reviews: what stands on it, in which order, in which words. Pure functions over
`kpis.late_reviews.LATE_REVIEWS` as it was stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.text import s
from kpis.late_reviews import IN_14, IN_28, LATER, NO_DATE, OVERDUE, STATES

NOT_RECORDED = "not recorded"

SIGNS: dict[str, str] = {OVERDUE: "▲", IN_14: "◆", IN_28: "◇", LATER: "○", NO_DATE: "?"}
"""The sign of each state, beside its word: nobody needs to tell colours apart."""

IN_WORDS: dict[str, str] = {state: state for state in STATES} | {IN_28: "due in 15 to 28 days"}
"""The states as people read them: a case stands in one state only, so the second fortnight is not the first one too."""

SHOWN_FIRST = (OVERDUE, IN_14, IN_28, NO_DATE)
"""What the page shows unless asked: what is due later needs nothing done yet."""

WHAT_TO_DO: dict[str, str] = {
    OVERDUE: "The day has passed with no review on record.",
    IN_14: "The review falls due in the next two weeks.",
    IN_28: "The review falls due in two to four weeks.",
    LATER: "Nothing to do yet.",
    NO_DATE: "The record lacks the spell, level or location that tells when.",
}
NONE_IN_STATE: dict[str, str] = {
    OVERDUE: "Nothing is overdue.",
    IN_14: "Nothing falls due within 14 days.",
    IN_28: "Nothing falls due in 15 to 28 days.",
    LATER: "Nothing falls due later.",
    NO_DATE: "Every case has a date.",
}

BY_LATENESS, BY_DUE, BY_MISSED, BY_CASE, BY_LEVEL, BY_AGENCY, BY_LAST = (
    "latest first",
    "due day, earliest first",
    "most missed first",
    "case",
    "level, highest first",
    "lead agency",
    "last review, oldest first",
)
SORTS = (BY_LATENESS, BY_DUE, BY_MISSED, BY_LEVEL, BY_AGENCY, BY_LAST, BY_CASE)

HEADINGS: dict[str, str] = {
    "case_id": "Case",
    "state": "State",
    "days_late": "Days late",
    "due_on": "Review due",
    "last_review_on": "Last review",
    "missed": "Missed so far",
    "level": "Level",
    "category": "Category",
    "lead_agency": "Lead agency",
    "next_set": "Next date",
    "next_set_on": "Next date set for",
}
"""The columns for people, in their order; the files' headings as well."""


@dataclass(frozen=True)
class Chosen:
    """What is chosen of the list; an empty tuple leaves that column free."""

    states: tuple[str, ...] = SHOWN_FIRST
    levels: tuple[str, ...] = ()
    lead_agencies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sort: str = BY_LATENESS


def groups(reviews: pl.DataFrame) -> pl.DataFrame:
    """How many `cases` there are of each kind: one row per state, level, lead agency and category that any has."""
    return reviews.group_by("state", "level", "lead_agency", "category").agg(cases=pl.len())


def counts(kinds: pl.DataFrame) -> dict[str, int]:
    """How many active cases are in each state, every state named; `kinds` as `groups` gives them."""
    found = dict(kinds.group_by("state").agg(pl.col("cases").sum()).iter_rows())
    return {state: int(found.get(state, 0)) for state in STATES}


def options(kinds: pl.DataFrame, column: str) -> list[str]:
    """The values to choose from in a column, with `NOT_RECORDED` last where it has gaps; `kinds` as `groups` gives them."""
    values = sorted(kinds[column].drop_nulls().unique().to_list())
    return [*values, *([NOT_RECORDED] if kinds[column].null_count() else [])]


def _is_one_of(column: str, values: Sequence[str]) -> pl.Expr:
    if not values:
        return pl.lit(value=True)
    gap = pl.col(column).is_null() & pl.lit(NOT_RECORDED in values)
    return pl.col(column).is_in(list(values)).fill_null(value=False) | gap


def chosen_rows(reviews: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """The rows chosen, in the order chosen; of equal rows the case decides, so that the order is always the same."""
    kept = reviews.filter(
        _is_one_of("state", chosen.states),
        _is_one_of("level", chosen.levels),
        _is_one_of("lead_agency", chosen.lead_agencies),
        _is_one_of("category", chosen.categories),
    )
    place = pl.col("state").replace_strict({state: index for index, state in enumerate(STATES)}, return_dtype=pl.Int8)
    level = pl.col("level").cast(pl.Int8, strict=False)
    by: dict[str, tuple[list[pl.Expr], list[bool]]] = {
        BY_LATENESS: ([place, pl.col("due_on"), level], [False, False, True]),
        BY_DUE: ([pl.col("due_on")], [False]),
        BY_MISSED: ([pl.col("missed"), pl.col("due_on")], [True, False]),
        BY_CASE: ([], []),
        BY_LEVEL: ([level, place, pl.col("due_on")], [True, False, False]),
        BY_AGENCY: ([pl.col("lead_agency"), place, pl.col("due_on")], [False, False, False]),
        BY_LAST: ([pl.col("last_review_on"), pl.col("due_on")], [False, False]),
    }
    keys, descending = by[chosen.sort]
    return kept.sort([*keys, pl.col("case_id")], descending=[*descending, False], nulls_last=True, maintain_order=True)


def lateness(as_at: date) -> pl.Expr:
    """How late or how near each review is, in a sign and words."""
    days = (pl.col("due_on") - pl.lit(as_at)).dt.total_days()
    said = days.abs().cast(pl.String) + pl.when(days.abs() == 1).then(pl.lit(" day")).otherwise(pl.lit(" days"))
    sign = pl.col("state").replace_strict(SIGNS, default="", return_dtype=pl.String)
    words = (
        pl.when(days.is_null())
        .then(pl.lit(NO_DATE))
        .when(days < 0)
        .then(said + " late")
        .when(days == 0)
        .then(pl.lit("due on the as-at day"))
        .otherwise(pl.lit("due in ") + said)
    )
    return pl.concat_str(sign, words, separator=" ")


def for_screen(rows: pl.DataFrame, as_at: date) -> pl.DataFrame:
    """The rows as text under the headings for people; gaps are said, not left blank."""

    def day(name: str, gap: str) -> pl.Expr:
        return pl.col(name).dt.strftime("%-d %b %Y").fill_null(gap)

    when_set = pl.col("next_set_on").dt.strftime("%-d %b %Y")
    # `set, but past` → `but past`: the date itself says that it is set.
    how_set = pl.col("next_set").str.strip_prefix("set, ")
    next_date = pl.when(pl.col("next_set_on").is_null()).then("next_set").otherwise(when_set + ", " + how_set)
    missed = pl.col("missed").cast(pl.String).fill_null("–")
    return rows.select(
        pl.col("case_id").alias("Case"),
        lateness(as_at).alias("Days late"),
        day("due_on", "not known").alias("Review due"),
        day("last_review_on", "none on record").alias("Last review"),
        missed.alias("Missed so far"),
        pl.col("level").fill_null(NOT_RECORDED).alias("Level"),
        pl.col("category").fill_null(NOT_RECORDED).alias("Category"),
        pl.col("lead_agency").fill_null(NOT_RECORDED).alias("Lead agency"),
        next_date.alias("Next date"),
    )


def for_files(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows for CSV and xlsx: every column, dates as dates, numbers as numbers, gaps empty."""
    known = pl.col("due_on").is_not_null()
    said = rows.with_columns(
        pl.col("state").replace(IN_WORDS),
        days_late=pl.when(known).then("days_late"),
        missed=pl.when(known).then("missed"),
    )
    return said.select(pl.col(name).alias(heading) for name, heading in HEADINGS.items())


def filters_in_words(chosen: Chosen) -> str:
    """What is chosen, in one sentence for the sheet that says what a file is about."""
    parts = [
        f"{name}: {', '.join(values)}"
        for name, values in (
            ("state", [IN_WORDS[state] for state in chosen.states]),
            ("level", chosen.levels),
            ("lead agency", chosen.lead_agencies),
            ("category", chosen.categories),
        )
        if values
    ]
    return "; ".join([*(parts or ["every active case on the clock"]), f"order: {chosen.sort}"])


def not_told(verdicts: Mapping[str, str]) -> list[str]:
    """The levels that the list cannot tell of, each in a sentence; `verdicts`: level → a headline's verdict."""
    said = []
    for level, verdict in sorted(verdicts.items()):
        if verdict == "not supplied":
            said.append(f"Level {level} reviews are not supplied, so level {level} cases are not on this list.")
        elif verdict == "not in this standard":
            said.append(f"This standard sets no review interval for level {level}, so its cases are not on this list.")
    return said


def headline(found: Mapping[str, int]) -> str:
    """One sentence on the whole list: how many of how many are overdue."""
    total = sum(found.values())
    if not total:
        return "There is no active case whose review can be told."
    overdue = found[OVERDUE]
    cases = f"{total:,} active case{s(total)} on the review clock"
    if not overdue:
        return f"Nothing is overdue: 0 of {cases}."
    return f"{overdue:,} of {cases} {'is' if overdue == 1 else 'are'} overdue."
