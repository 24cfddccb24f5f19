"""Coming reviews against the days on which the area meets: what falls due on which day, and how many each sitting must take.

Pure functions over `kpis.late_reviews.LATE_REVIEWS`.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import polars as pl

from dashboard.text import s
from kpis.periods import plus_months

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS_AHEAD = 6
MEETS = "●"

LOAD: dict[str, type[pl.DataType]] = {
    "day": pl.Date,
    "reviews": pl.Int64,
    "set_here": pl.Int64,
    "too_late": pl.Int64,
    "level_1": pl.Int64,
    "level_2": pl.Int64,
    "level_3": pl.Int64,
}
"""One row per sitting: `reviews` that must be taken at the latest there · `set_here` how many have their next date set for that
day, whenever they fall due · `too_late` those of `reviews` for which no sitting is left before they fall due, or did."""


def months(as_at: date) -> list[date]:
    """The first days of the months that can be looked at: this one and those ahead."""
    first = as_at.replace(day=1)
    return [plus_months(first, each) for each in range(MONTHS_AHEAD + 1)]


def month_end(first: date) -> date:
    """The last day of a month."""
    return plus_months(first, 1) - timedelta(days=1)


def sittings(meeting_days: Collection[str], off: Collection[date], first: date, last: date) -> list[date]:
    """The days from `first` to `last` on which the area meets, but for its days off."""
    days = (first + timedelta(days=each) for each in range((last - first).days + 1))
    return [each for each in days if WEEKDAYS[each.weekday()] in meeting_days and each not in off]


def due_by_day(reviews: pl.DataFrame) -> dict[date, int]:
    """How many reviews fall due on each day."""
    return dict(reviews.filter(pl.col("due_on").is_not_null()).group_by("due_on").len().iter_rows())


def load(reviews: pl.DataFrame, days: Sequence[date], as_at: date) -> pl.DataFrame:
    """How many reviews each sitting must take at the latest (columns: `LOAD`).

    A review is taken at the last sitting on or before its due day; where none is left before that, at the first one.
    `days`: the sittings after the as-at day, in order. What falls due after the last of them is not told of.
    """
    if not days:
        return pl.DataFrame(schema=LOAD)
    places = pl.DataFrame({"day": list(days)}, schema={"day": pl.Date})
    following = days[-1] + timedelta(days=1)
    known = reviews.filter(pl.col("due_on") < following).sort("due_on")
    taken = known.join_asof(places, left_on="due_on", right_on="day", strategy="backward", coalesce=False)
    late = pl.col("day").is_null()
    counted = (
        taken.with_columns(too_late=late, day=pl.col("day").fill_null(days[0]))
        .group_by("day")
        .agg(
            reviews=pl.len().cast(pl.Int64),
            too_late=pl.col("too_late").sum().cast(pl.Int64),
            **{f"level_{each}": (pl.col("level") == each).sum().cast(pl.Int64) for each in ("1", "2", "3")},
        )
    )
    fixed = (
        reviews.filter(pl.col("next_set_on") > as_at).group_by(day="next_set_on").agg(set_here=pl.len().cast(pl.Int64))
    )
    told = places.join(counted, on="day", how="left").join(fixed, on="day", how="left")
    return told.sort("day").select("day", *(pl.col(name).fill_null(0) for name in LOAD if name != "day"))


def load_for_people(rows: pl.DataFrame) -> pl.DataFrame:
    """The load under headings for people."""
    of_levels = [
        pl.when(pl.col(f"level_{each}") > 0).then(pl.col(f"level_{each}").cast(pl.String) + f" at level {each}")
        for each in ("3", "2", "1")
    ]
    levels = pl.concat_str(of_levels, separator=", ", ignore_nulls=True)
    late = pl.when(pl.col("too_late") > 0).then(pl.col("too_late").cast(pl.String)).otherwise(pl.lit("none"))
    return rows.select(
        pl.col("day").dt.strftime("%a %-d %B %Y").alias("Sitting"),
        pl.col("reviews").cast(pl.String).alias("To be taken by then"),
        levels.alias("Of these"),
        late.alias("Late already, or due before it"),
        pl.col("set_here").cast(pl.String).alias("Next date set for it"),
    )  # fmt: skip


def grid(first: date, due: dict[date, int], days: Collection[date], taken: dict[date, int]) -> pl.DataFrame:
    """A month as a table: a row per week, a column per weekday; on each day how many fall due, and what a sitting takes."""

    def cell(each: date) -> str:
        if each.month != first.month:
            return ""
        parts = [f"{MEETS} {each.day}" if each in days else f"{each.day}"]
        if due.get(each):
            parts.append(f"{due[each]:,} due")
        if taken.get(each):
            parts.append(f"takes {taken[each]:,}")
        return " · ".join(parts)

    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    rows = [[cell(each) for each in week] for week in weeks]
    return pl.DataFrame(rows, schema=dict.fromkeys(WEEKDAYS, pl.String), orient="row")


def headline(first: date, due: dict[date, int], as_at: date) -> str:
    """One sentence on the month."""
    last = month_end(first)
    count = sum(number for each, number in due.items() if max(first, as_at) <= each <= last)
    overdue = sum(number for each, number in due.items() if each < as_at)
    said = f"{count:,} review{s(count)} {'falls' if count == 1 else 'fall'} due in {first:%B %Y}"
    if first <= as_at <= last:
        said += " from the as-at day on"
    return f"{said}; {overdue:,} {'is' if overdue == 1 else 'are'} overdue already." if overdue else f"{said}."
