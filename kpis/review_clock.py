"""The review clock: when a review was due and whether it was held in time (domain 4.1; J10 10.11; H08 “Frequency”)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from checks.codes import LEVELS, meeting_kind
from checks.locators import FILE, LOCATORS, ROW, SHEET
from checks.numbers import CASE
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.looked_up import looked_up
from kpis.review_runs import (
    CASE_BITS,
    DAY_BITS,
    END,
    GOES_ON,
    KIND_BITS,
    OF_LINE,
    REVIEW,
    as_date,
    day_number,
    numbered_day,
    packed_field,
    runs_at,
)
from kpis.spells import can_tell


@dataclass(frozen=True)
class ReviewClock:
    """The review clock of an area, all levels.

    `runs`: one row per run of a clock: `case` its number, `level`, `started_on` the day the clock (re)started, `restarted` by a
    review, `next` what ended the run (`REVIEW`, `END` of the spell, or `GOES_ON`: nothing up to as-at) and `next_on` when ·
    `owed`: one row per review owed: `case, level, owed_on` the due day, `met`, `next, next_on` of the run.
    """

    runs: pl.DataFrame
    owed: pl.DataFrame


def is_supplied(area: Area, level: str) -> bool:
    """Whether the records can tell if cases at the level were reviewed.

    Level 1 is reviewed by the lead agency alone, and many areas record nothing of it: without any level 1 meeting and any row
    of `reviews` nothing is known, which is not the same as nothing done.
    """
    if not (can_tell(area) and area.tables.has("meetings", "case_id", "held_on", "kind")):
        return False
    if level != "1":
        return True
    at_level_1 = area.tables.lazy("meetings").filter((pl.col("kind") == "level 1") & pl.col("held_on").is_not_null())
    looks = [at_level_1.select(pl.len())]
    if "reviews" in area.tables.frames:
        looks.append(area.tables.lazy("reviews").select(pl.col("reviewed_on").count()))
    return any(look.item() for look in pl.collect_all(looks))


def review_clock(area: Area) -> ReviewClock:
    """The clock of every spell from its first day to its last, or to as-at."""
    event, after = pl.col("event"), pl.col("after")
    runs = (
        area.packed_runs.lazy()
        .select(
            case=packed_field(event, CASE_BITS, OF_LINE).cast(pl.UInt32),
            level=(event // (1 << CASE_BITS + OF_LINE)).cast(pl.UInt8),
            started_on=as_date(packed_field(event, DAY_BITS, KIND_BITS)),
            restarted=packed_field(event, KIND_BITS) == REVIEW,
            next=packed_field(after, KIND_BITS).cast(pl.UInt8),
            next_on=as_date(packed_field(after, DAY_BITS, KIND_BITS)),
        )
        .collect()
    )
    owed = [owed_at(area, level) for level in LEVELS]
    return ReviewClock(runs, pl.concat(owed))


@dataclass(frozen=True)
class Interval:
    """A review interval in days, in force from one day up to the day before another (as numbers; None: without end)."""

    days: int
    begins: int | None
    ends: int | None


def review_intervals(area: Area, level: str) -> list[Interval]:
    """The review intervals of a level, in the order in which they were in force; none where the standard sets none."""
    steps = area.standard.steps(f"review_weeks_level_{level}")
    begins = [None if each.from_day is None else day_number(each.from_day) for each in steps]
    ends = [*begins[1:], None]
    return [Interval(each.value * 7, *days) for each, *days in zip(steps, begins, ends, strict=False)]


def _first_due(intervals: Sequence[Interval]) -> pl.Expr:
    """The first day on which the interval in force that day has passed since the clock started."""
    candidates = []
    for each in intervals:
        due = _not_before(pl.col("day") + each.days, each.begins)
        candidates.append(due if each.ends is None else pl.when(due < each.ends).then(due))
    return pl.coalesce(candidates).cast(pl.Int32)


def _not_before(day: pl.Expr, begins: int | None) -> pl.Expr:
    return day if begins is None else day.clip(lower_bound=begins)


def _dues(runs: pl.LazyFrame, intervals: Sequence[Interval], as_at: date, *keep: str) -> list[pl.LazyFrame]:
    """The reviews owed in every run, in frames of `due, met` and what is to be kept: each run's first, then the further ones.

    `runs`: the `day` it began, how many days it `ran`, and whether a review ended it (`reviewed`).

    A run owes a review on every due day before its end, however it ended: all of them missed. One that a review ended by the
    first due day met the one review it owed, once that day has come.
    """
    ended, due = pl.col("day") + pl.col("ran"), pl.col("due")
    timed = runs.with_columns(due=_first_due(intervals))
    late = due < ended
    further = []
    last = pl.col("day")
    long = timed.filter(late if len(intervals) > 1 else due + intervals[0].days < ended)
    for each in intervals:
        begins = _not_before(last + each.days, each.begins)
        stops = ended if each.ends is None else ended.clip(upper_bound=each.ends)
        count = ((stops - begins - 1) // each.days + 1).clip(lower_bound=0)
        # The first of all stands apart.
        skipped = (begins == due).cast(pl.Int32)
        days = begins + pl.int_ranges(skipped, pl.max_horizontal(count, skipped), dtype=pl.Int32) * each.days
        dated = long.select(*keep, due=days).explode("due").filter(due.is_not_null())
        further.append(dated.with_columns(met=pl.lit(value=False)))
        last = pl.when(count > 0).then(begins + (count - 1) * each.days).otherwise(last)
    owes = timed.filter(late | (pl.col("reviewed") & (due <= day_number(as_at))))
    return [owes.select(*keep, "due", met=~late), *further]


def _bare(runs: pl.DataFrame) -> pl.LazyFrame:
    """Runs as the due days are worked out from: `line, day, ran, reviewed`, and what ended them: `next, next_on` (a number)."""
    event, after = pl.col("event"), pl.col("after")
    moment = 1 << KIND_BITS
    return runs.lazy().select(
        line=(event // (1 << OF_LINE)).cast(pl.Int32),
        day=packed_field(event, DAY_BITS, KIND_BITS).cast(pl.Int32),
        ran=(after // moment - event // moment).cast(pl.Int32),
        reviewed=(after & GOES_ON) == REVIEW,
        next=(after & GOES_ON).cast(pl.UInt8),
        next_on=packed_field(after, DAY_BITS, KIND_BITS).cast(pl.Int32),
    )


def owed_at(area: Area, level: str) -> pl.DataFrame:
    """The reviews owed at one level (see `ReviewClock`)."""
    intervals = review_intervals(area, level)
    runs = _bare(runs_at(area, level))
    frames = _dues(runs, intervals, area.as_at, "line", "next", "next_on") if intervals else []
    nothing = pl.LazyFrame(
        schema={"line": pl.Int32, "next": pl.UInt8, "next_on": pl.Int32, "due": pl.Int32, "met": pl.Boolean}
    )
    return (
        pl.concat([nothing, *(frame.select(nothing.collect_schema().names()) for frame in frames)])
        .select(
            case=(pl.col("line") & ((1 << CASE_BITS) - 1)).cast(pl.UInt32),
            level=pl.lit(int(level), dtype=pl.UInt8),
            owed_on=as_date(pl.col("due")),
            met="met",
            next="next",
            next_on=as_date(pl.col("next_on")),
        )
        .collect()
    )


def review_evidence(area: Area, level: str) -> pl.LazyFrame:
    """One row per review that was owed at a level, up to the as-at date, in the order of the cases' references and the due days.

    `owed_on` the due day, `done_on` the review that came, in time or late. A clock that no review restarts makes a review
    due every interval.
    """
    case, reviewed = pl.col("case"), pl.col("next") == REVIEW
    reference = area.case_ids.rank("ordinal")
    in_order = _moment(looked_up(reference, case), pl.col("owed_on"))
    rows = (
        owed_at(area, level)
        .sort(in_order, maintain_order=True)
        .lazy()
        .with_columns(moment=pl.when(reviewed).then(_moment(case, pl.col("next_on"))))
        .join(_records(area, level), on="moment", how="left", maintain_order="left")
    )
    why = one_of(
        (pl.col("met"), "reviewed in time"),
        (reviewed, "reviewed late"),
        (pl.col("next") == END, "not reviewed before the spell ended"),
        otherwise="not reviewed so far",
    )
    return as_evidence(
        rows.select(
            *(area.of_case(name, case) for name in ("case_id", "category", "lead_agency")),
            always(level).alias("level"),
            "owed_on",
            pl.when(reviewed).then("next_on").alias("done_on"),
            "met",
            why.alias("why"),
            "meeting_id",
            "table",
            FILE,
            SHEET,
            ROW,
        )
    )


def _moment(case: pl.Expr, day: pl.Expr) -> pl.Expr:
    """A case and a day as one number: quicker to sort and to look for than a text and a date."""
    return case.cast(pl.Int64) * (1 << DAY_BITS) + numbered_day(day)


_TABLES = pl.Enum(["meetings", "reviews"])


def _records(area: Area, level: str) -> pl.LazyFrame:
    """The records of the reviews held at a level: `moment` (case and day), `meeting_id, table` and the locators; one a day."""
    at_level = area.meetings.filter(pl.col("kind") == meeting_kind(level))
    parts = [
        at_level.sort("held_on", "meeting_id", maintain_order=True).select(
            CASE, "held_on", "meeting_id", pl.lit("meetings", dtype=_TABLES).alias("table"), *LOCATORS
        )
    ]
    if level == "1" and area.tables.has("reviews", "case_id", "reviewed_on"):
        alone = area.numbered.lazy("reviews").filter(pl.col("reviewed_on").is_not_null())
        parts.append(
            alone.select(
                CASE,
                pl.col("reviewed_on").alias("held_on"),
                pl.lit(None, dtype=pl.String).alias("meeting_id"),
                pl.lit("reviews", dtype=_TABLES).alias("table"),
                *LOCATORS,
            )
        )
    moment = _moment(pl.col(CASE), pl.col("held_on")).alias("moment")
    of_cases = pl.concat(parts).filter(pl.col(CASE).is_not_null())
    in_order = of_cases.select(moment, "meeting_id", "table", *LOCATORS).sort("moment", maintain_order=True)
    return in_order.filter(pl.col("moment").ne_missing(pl.col("moment").shift(1)))
