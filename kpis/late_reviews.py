"""Late and coming reviews: for every active case on the clock, when its next review is due (domain 4.1)."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from checks.codes import LEVELS
from checks.in_force import next_due, times_due
from kpis.area import Area
from kpis.review_clock import is_supplied
from kpis.review_runs import GOES_ON

LATE_REVIEWS: dict[str, type[pl.DataType]] = {
    "case_id": pl.String,
    "level": pl.String,
    "category": pl.String,
    "lead_agency": pl.String,
    "state": pl.String,
    "due_on": pl.Date,
    "days_late": pl.Int64,
    "missed": pl.Int64,
    "last_review_on": pl.Date,
    "next_set_on": pl.Date,
    "next_set": pl.String,
}
"""One row per active case.

`state` one of `STATES` · `due_on` the first due day of the clock that runs · `days_late` after it, 0 while it is to come ·
`missed` reviews missed on this clock so far · `last_review_on` null: none on record at this level · `next_set_on` the date that
the case's last meeting set · `next_set` in words: whether one is set, and in time.
"""

OVERDUE, IN_14, IN_28, LATER, NO_DATE = (
    "overdue",
    "due within 14 days",
    "due within 28 days",
    "due later",
    "no date known",
)
STATES = (OVERDUE, IN_14, IN_28, LATER, NO_DATE)


def levels_told(area: Area) -> list[str]:
    """The levels whose reviews the records can tell of."""
    return [level for level in LEVELS if is_supplied(area, level)]


def late_reviews(area: Area) -> pl.DataFrame:
    """Every active case of the levels that the records tell of (columns: `LATE_REVIEWS`), the latest first.

    A case outside the locations where the clock runs owes no review and is not listed. One that is active but has no running
    clock where it should have, for want of a spell, a level or a location, is listed with no date known.
    """
    levels = levels_told(area)
    if not levels:
        return pl.DataFrame(schema=LATE_REVIEWS)
    as_at = area.as_at
    active = area.within(area.cases.lazy()).filter(pl.col("exited_on").is_null() & pl.col("entered_on").is_not_null())
    clock = area.review_clock
    running = (
        clock.runs.lazy()
        .filter(pl.col("next") == GOES_ON)
        .with_columns(area.of_case("case_id", pl.col("case")))
        .sort("case_id", "started_on", "level")
        .unique("case_id", keep="last", maintain_order=True)
        .select(
            "case_id",
            pl.col("level").cast(pl.String).alias("clock_level"),
            "started_on",
            pl.when("restarted").then("started_on").alias("last_review_on"),
        )
    )
    since = pl.col("started_on")
    due = _of_level(lambda figure: next_due(area.standard, figure, since))
    until_due = (due - pl.lit(as_at)).dt.total_days()
    state = (
        pl.when(until_due.is_null())
        .then(pl.lit(NO_DATE))
        .when(until_due < 0)
        .then(pl.lit(OVERDUE))
        .when(until_due <= 14)
        .then(pl.lit(IN_14))
        .when(until_due <= 28)
        .then(pl.lit(IN_28))
        .otherwise(pl.lit(LATER))
    )
    runs_here = pl.col("location").is_in(area.standard.value("review_clock_locations", on=as_at))
    listed = (
        # A clock that runs is listed even where the case's own record is missing or has no day of entry.
        pl.concat([active.select("case_id"), running.select("case_id")])
        .unique(maintain_order=True)
        .join(area.cases.lazy(), on="case_id", how="left")
        .join(running, on="case_id", how="left")
        .join(_next_set(area), on="case_id", how="left")
        # What the clock says outweighs the case's own fields, which only tell where they are the only ones.
        .with_columns(level=pl.coalesce("clock_level", "level"))
        .filter(pl.col("level").is_in(levels) | pl.col("level").is_null())
        .filter(pl.col("started_on").is_not_null() | pl.col("location").is_null() | runs_here)
        .with_columns(
            state=state,
            due_on=due,
            days_late=(-until_due).clip(lower_bound=0),
            missed=_of_level(lambda figure: times_due(area.standard, figure, since, as_at)),
        )
        .with_columns(
            next_set=pl.when(pl.col("next_set_on").is_null())
            .then(pl.lit("none set"))
            .when(pl.col("next_set_on") < as_at)
            .then(pl.lit("set, but past"))
            .when(pl.col("next_set_on") > pl.col("due_on"))
            .then(pl.lit("set, after the due day"))
            .otherwise(pl.lit("set, in time"))
        )
    )
    place = pl.col("state").replace_strict({name: index for index, name in enumerate(STATES)}, return_dtype=pl.Int8)
    ordered = listed.sort(
        place, "due_on", pl.col("level").cast(pl.Int8, strict=False), "case_id", descending=[False, False, True, False]
    )
    return ordered.select(pl.col(name).cast(dtype) for name, dtype in LATE_REVIEWS.items()).collect()


def _of_level(say: Callable[[str], pl.Expr]) -> pl.Expr:
    """What `say` makes of the figure that holds the review interval of each row's level on the clock."""
    said = pl.when(pl.col("clock_level").is_null()).then(None)
    for level in LEVELS:
        said = said.when(pl.col("clock_level") == level).then(say(f"review_weeks_level_{level}"))
    return said.otherwise(None)


def _next_set(area: Area) -> pl.LazyFrame:
    """`case_id, next_set_on`: the date that the last meeting of each case set for the next review."""
    meetings = area.meetings.filter(pl.col("case_id").is_not_null()).sort("held_on", "meeting_id")
    last = meetings.group_by("case_id", maintain_order=True).agg(pl.col("next_review_on").last())
    return last.select("case_id", next_set_on="next_review_on")
