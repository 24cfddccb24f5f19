"""The reviews to come in the next two quarters, from due dates alone, and the meeting days they would take."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from checks.codes import LEVELS, MULTI_AGENCY_KINDS
from kpis.area import Area
from kpis.late_reviews import NO_DATE, late_reviews, levels_told
from kpis.periods import Period, last_complete_quarter, plus_months, quarter_of

LOAD: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "kind": pl.String,
    "period": pl.String,
    "month": pl.Date,
    "reviews": pl.Int64,
}
"""One row per level, kind and month: how many reviews.

`kind` one of `KINDS`: `overdue` on the as-at date · `first due` then or later, by the clock that runs now · `due again` if each
review is held as assumed · `no date` an active case of which no due day is known (its count is one of cases) · `period` the
quarter and `month` its first day, within the forecast; null for `overdue` and `no date`. Every month of the forecast has a row
of `first due` for every level of whose reviews the records can tell, also where none is due.
"""

OVERDUE, FIRST_DUE, AGAIN, UNKNOWN = "overdue", "first due", "due again", "no date"
KINDS = (OVERDUE, FIRST_DUE, AGAIN, UNKNOWN)

MEETING_DAYS: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "period": pl.String,
    "cases": pl.Int64,
    "days": pl.Int64,
}
"""One row per level (2 and 3) and quarter: how many `cases` were discussed at meetings of the level, on how many `days`."""

PLACES: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "period": pl.String,
    "reviews": pl.Int64,
    "cases": pl.Int64,
    "days": pl.Int64,
    "days_needed": pl.Int64,
}
"""One row per level (2 and 3) and quarter of the forecast, and before these one for what is overdue (`period` null).

`reviews` that need a place · `cases` and meeting `days` of the last four quarters · `days_needed` at their mean; null where no
meeting day is on record to tell by.
"""

QUARTERS_BACK = 4
QUARTERS_AHEAD = 2


def ahead(area: Area) -> list[Period]:
    """The quarters of the forecast: the one that holds the as-at date, of which the rest is to come, and the next two."""
    quarters = [quarter_of(area.standard, area.as_at)]
    while len(quarters) <= QUARTERS_AHEAD:
        quarters.append(quarter_of(area.standard, quarters[-1].end + timedelta(days=1)))
    return quarters


def review_load(area: Area, late: pl.DataFrame | None = None) -> pl.DataFrame:
    """The reviews to come up to the end of the forecast (columns: `LOAD`); `late` as of `late_reviews`, where it is made already.

    Assumed: a review that is overdue is held on the as-at date, each other one on its due day; after each, the next is due when
    the standard's interval has passed; nobody enters, leaves, moves or changes level.
    """
    rows = late_reviews(area) if late is None else late
    quarters = ahead(area)
    last = quarters[-1].end
    weeks = {level: area.standard.value(f"review_weeks_level_{level}") for level in LEVELS}
    as_at = pl.lit(area.as_at)
    due = (
        rows.lazy()
        .filter(pl.col("due_on").is_not_null())
        .select(
            "level",
            "due_on",
            held_on=pl.max_horizontal("due_on", as_at),
            interval=pl.col("level").replace_strict(weeks, default=None, return_dtype=pl.Int64) * 7,
        )
    )
    first = due.filter(pl.col("due_on") <= last).select(
        "level",
        kind=pl.when(pl.col("due_on") < as_at).then(pl.lit(OVERDUE)).otherwise(pl.lit(FIRST_DUE)),
        on=pl.when(pl.col("due_on") >= as_at).then("due_on"),
    )
    times = (pl.lit(last) - pl.col("held_on")).dt.total_days() // pl.col("interval")
    again = (
        due.filter(times >= 1)
        .select("level", "held_on", after=pl.int_ranges(1, times + 1) * pl.col("interval"))
        .explode("after")
        .select("level", kind=pl.lit(AGAIN), on=pl.col("held_on") + pl.duration(days="after"))
    )
    unknown = (
        rows.lazy()
        .filter(pl.col("state") == NO_DATE)
        .select(pl.col("level").fill_null("not recorded"), kind=pl.lit(UNKNOWN), on=pl.lit(None, dtype=pl.Date))
    )
    found = pl.concat([first, again, unknown]).select("level", "kind", month=pl.col("on").dt.month_start(), reviews=1)
    every = pl.LazyFrame({"level": levels_told(area)}, schema={"level": pl.String}).join(
        _months(area).lazy(), how="cross"
    )
    none_due = every.select("level", pl.lit(FIRST_DUE).alias("kind"), "month", reviews=0)
    counted = (
        pl.concat([found, none_due])
        .group_by("level", "kind", "month")
        .agg(pl.col("reviews").sum())
        .join(_months(area).lazy(), on="month", how="left")
        .collect()
    )
    order = pl.col("kind").replace_strict({kind: at for at, kind in enumerate(KINDS)}, return_dtype=pl.Int8)
    return counted.sort("level", order, "month").select(pl.col(name).cast(kind) for name, kind in LOAD.items())


def _months(area: Area) -> pl.DataFrame:
    """`month, period`: the months from the as-at date's to the end of the forecast, each with its quarter."""
    quarters = ahead(area)
    firsts = [(plus_months(each.start, n), each.name) for each in quarters for n in range(3)]
    now = area.as_at.replace(day=1)
    return pl.DataFrame(
        [pair for pair in firsts if pair[0] >= now], schema={"month": pl.Date, "period": pl.String}, orient="row"
    )


def meeting_days(area: Area) -> pl.DataFrame:
    """Cases discussed and meeting days of levels 2 and 3 in the last four complete quarters (columns: `MEETING_DAYS`).

    Without rows where meetings are not supplied, or none was held. A case that stands twice on one day counts once.
    """
    if not area.tables.has("meetings", "held_on", "kind"):
        return pl.DataFrame(schema=MEETING_DAYS)
    end = last_complete_quarter(area.standard, area.as_at).end
    quarters = _last_quarters(area, end)
    starts = pl.Series([each.start for each in quarters], dtype=pl.Date)
    names = pl.Series([each.name for each in quarters], dtype=pl.String)
    held = (
        area.meetings.filter(
            pl.col("kind").is_in(MULTI_AGENCY_KINDS) & pl.col("held_on").is_between(quarters[0].start, end)
        )
        .with_row_index("row")
        .select(
            "held_on",
            level=pl.col("kind").cast(pl.String).str.tail(1),
            # A record of no known case is one of its own.
            case=pl.coalesce("case_id", pl.format("no case {}", "row")),
        )
        .unique()
    )
    counted = (
        held.with_columns(
            period=pl.lit(names).gather(
                pl.lit(starts).search_sorted(pl.col("held_on"), side="right").cast(pl.Int64) - 1
            )
        )
        .group_by("level", "period")
        .agg(cases=pl.len(), days=pl.col("held_on").n_unique())
        .sort("level", "period")
        .collect()
    )
    return counted.select(pl.col(name).cast(kind) for name, kind in MEETING_DAYS.items())


def _last_quarters(area: Area, end: date) -> list[Period]:
    quarters = [quarter_of(area.standard, end)]
    while len(quarters) < QUARTERS_BACK:
        quarters.insert(0, quarter_of(area.standard, quarters[0].start - timedelta(days=1)))
    return quarters


def places(load: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The meeting days that the forecast would take (columns: `PLACES`); `load` of `review_load`, `held` of `meeting_days`.

    Of a level of whose reviews the records cannot tell there is no row.
    """
    coming = load.filter(pl.col("kind").is_in([OVERDUE, FIRST_DUE, AGAIN]))
    levels = [kind[-1] for kind in MULTI_AGENCY_KINDS]
    told = coming.filter((pl.col("kind") == FIRST_DUE) & pl.col("level").is_in(levels))
    when = told.select("period", "month").unique("period").sort("month").select("period")
    none = pl.DataFrame({"period": [None]}, schema={"period": pl.String})
    wanted = (
        told.select("level")
        .unique()
        .sort("level")
        .join(pl.concat([none, when]), how="cross", maintain_order="left_right")
    )
    reviews = coming.group_by("level", "period").agg(pl.col("reviews").sum())
    recent = held.group_by("level").agg(pl.col("cases", "days").sum())
    cases, days, wants = pl.col("cases"), pl.col("days"), pl.col("reviews")
    return (
        wanted.join(reviews, on=["level", "period"], how="left", maintain_order="left", nulls_equal=True)
        .join(recent, on="level", how="left", maintain_order="left")
        .with_columns(pl.col("reviews").fill_null(0))
        # Whole days: part of a day is a day.
        .with_columns(days_needed=pl.when(wants == 0).then(0).when(cases > 0).then((wants * days + cases - 1) // cases))
        .select(pl.col(name).cast(kind) for name, kind in PLACES.items())
    )
