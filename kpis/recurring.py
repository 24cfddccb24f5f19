"""What is owed again and again while a spell lasts, at an interval of its own: full meetings, reviews of disclosure.

The rules are those of the review clock (domain 4.1): the clock starts with the spell, whatever was done restarts it, and while
nothing is done it is owed again every interval. `kpis.review_clock` is the same for the reviews themselves, of all levels at
once and in weeks only, for a tenth of the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

import polars as pl

from checks.locators import FILE, ROW, SHEET
from checks.standard import Standard
from kpis.area import Area
from kpis.evidence import as_evidence, one_of
from kpis.looked_up import looked_up
from kpis.moments import day_of, moment, whose_of
from kpis.spells import management, on_the_clock
from kpis.states import records_of_cases

DONE: dict[str, type[pl.DataType]] = {
    "case_id": pl.String,
    "done_on": pl.Date,
    "sure": pl.Boolean,
    "meeting_id": pl.String,
    "table": pl.String,
    FILE: pl.String,
    SHEET: pl.String,
    ROW: pl.UInt32,
}
"""One row per record of something done; `sure` false where the record does not say whether it was what is owed."""


@dataclass(frozen=True)
class Interval:
    """So many weeks, or so many calendar months, which fall back to the month's last day."""

    weeks: int | None = None
    months: int | None = None

    def after(self, day: pl.Expr, times: pl.Expr) -> pl.Expr:
        """The day so many intervals later, counted from the first."""
        if self.months is None:
            return day + pl.duration(days=times * 7 * (self.weeks or 0))
        return day.dt.offset_by(pl.format("{}mo", times * self.months))

    def at_most(self, first: pl.Expr, last: pl.Expr) -> pl.Expr:
        """How many intervals at most end between two days; never less than 1."""
        if self.months is None:
            whole = (last - first).dt.total_days() // (7 * (self.weeks or 1))
        else:
            between = (last.dt.year() - first.dt.year()).cast(pl.Int64) * 12 + last.dt.month() - first.dt.month()
            whole = between // self.months
        return pl.max_horizontal(whole, pl.lit(1, dtype=pl.Int64))


@dataclass(frozen=True)
class InForce:
    """An interval for as long as it is in force: from a day on, that day included (None: from the first); None: none is."""

    interval: Interval | None
    from_day: date | None = None


def intervals(standard: Standard, figure: str) -> list[InForce]:
    """The intervals of a figure of so many weeks or months (its name says which), in the order in which they are in force."""
    unit = "weeks" if "_weeks" in figure else "months"
    steps = standard.steps(figure)
    return [InForce(None if each.value is None else Interval(**{unit: each.value}), each.from_day) for each in steps]


def spells(area: Area, level: str, *, clock: bool) -> pl.LazyFrame:
    """The spells at a level: `case_id, spell, first, last` (null: it goes on); where the review clock runs, or anywhere.

    Stretches are joined where each begins the day the last ended; one that stands twice to the letter counts once, and one
    that ends before it begins does not count.
    """
    until = pl.col("until_on")
    stretches = (
        (on_the_clock(area, management(area)) if clock else management(area))
        .filter((pl.col("level") == level) & (until >= pl.col("from_on")).fill_null(value=True))
        .select("case_id", "from_on", "until_on")
        .unique()
        .sort("case_id", "from_on", "until_on", nulls_last=True)
    )
    goes_on_from_last = (pl.col("case_id") == pl.col("case_id").shift(1)) & (pl.col("from_on") == until.shift(1))
    begins = ~goes_on_from_last.fill_null(value=False)
    return (
        stretches.with_columns(spell=begins.cum_sum())
        .group_by("spell", maintain_order=True)
        .agg(pl.col("case_id").first(), pl.col("from_on").first().alias("first"), until.last().alias("last"))
    )


def owed(area: Area, during: pl.LazyFrame, done: pl.LazyFrame, every: Sequence[InForce]) -> pl.LazyFrame:
    """One row per thing owed up to as-at: `case_id, owed_on, met, next_on` (when it came, if it did), `doubt`.

    `case` is a number of the case, by which it is counted faster than by its pseudonym · `during` as of `spells` · `done`
    as of `DONE` · `every` the intervals. `met` is null where something was done in the interval of which the record does not
    say whether it was what is owed; `doubt` is its day.
    """
    as_at = pl.lit(area.as_at)
    clocks = during.with_columns(until=pl.coalesce("last", as_at)).with_row_index("clock").collect()
    did = done.select("case_id", "done_on", "sure").collect()
    restarts = (
        clocks.lazy()
        .join(did.lazy().filter("sure"), on="case_id", how="inner")
        .filter((pl.col("done_on") > pl.col("first")) & (pl.col("done_on") <= pl.col("until")))
        .select("clock", on="done_on")
    )
    # Clock and day as one number, which sorts faster; two on one day are one.
    packed = pl.col("packed")
    events = pl.concat([clocks.lazy().select("clock", on="first"), restarts])
    in_order = events.select(packed=moment(pl.col("clock"), pl.col("on"))).sort("packed")
    on, ahead = day_of(packed), packed.shift(-1)
    next_on = pl.when(whose_of(packed) == whose_of(ahead)).then(day_of(ahead))
    numbers = clocks["case_id"].rank("dense")
    unsure = did.filter(~pl.col("sure"))
    of_clock = clocks.select("until", doubtful=pl.col("case_id").is_in(unsure["case_id"].unique().implode()))
    clock = pl.col("clock")
    runs = (
        in_order.filter((packed != packed.shift(1)).fill_null(value=True))
        .select(clock=whose_of(packed), on=on, next_on=next_on)
        .with_columns(looked_up(of_clock[name], clock).alias(name) for name in of_clock.columns)
    )
    until_next = pl.coalesce("next_on", "until")
    due = pl.col("owed_on")
    in_time = pl.col("at_once") & (due >= pl.col("next_on")).fill_null(value=False)
    rows = (
        pl.concat(_falls_due(runs, every))
        .filter((in_time & (due <= as_at)) | (due < until_next))
        .with_columns(
            looked_up(clocks["case_id"], clock).alias("case_id"),
            looked_up(numbers, clock).alias("case"),
            met=in_time,
            doubt=pl.lit(None, dtype=pl.Date),
        )
        .collect()
    )
    columns = ("case", "case_id", "owed_on", "next_on", "met", "doubt")
    open_to_doubt = pl.col("doubtful") & ~pl.col("met")
    perhaps = unsure.lazy().select("case_id", owed_on="done_on", perhaps="done_on").sort("owed_on")
    told = (
        rows.lazy()
        .filter(open_to_doubt)
        .sort("owed_on")
        .join_asof(perhaps, on="owed_on", by="case_id", strategy="backward", check_sortedness=False)
    )
    doubt = (pl.col("perhaps") > pl.col("since")).fill_null(value=False)
    settled = told.with_columns(met=pl.when(~doubt).then("met"), doubt=pl.when(doubt).then("perhaps"))
    return pl.concat([rows.lazy().filter(~open_to_doubt).select(columns), settled.select(columns)])


def _falls_due(runs: pl.LazyFrame, every: Sequence[InForce]) -> list[pl.LazyFrame]:
    """The runs once for every day on which something would fall due while an interval is in force, a frame for each interval.

    `runs`: with `on`, `next_on`, `until`. Added are `owed_on`, `since` (the day before it on which something fell due, or the
    run began) and `at_once`: it is the run's first. The next is due on the earliest day on which the interval in force that
    day has passed since the last.
    """
    parts: list[pl.LazyFrame] = []
    since, until_next = pl.col("since"), pl.coalesce("next_on", "until")
    state = runs.with_columns(since=pl.col("on"), at_once=pl.lit(value=True))
    for each, after in zip_longest(every, every[1:]):
        interval = each.interval
        if interval is None:
            continue
        # An interval that has passed before it comes into force makes it due on that day, and counts on from there.
        late = pl.lit(value=False) if each.from_day is None else interval.after(since, pl.lit(1)) < each.from_day
        placed = state.with_columns(
            anchor=pl.when(late).then(pl.lit(each.from_day, dtype=pl.Date)).otherwise(since),
            first=pl.when(late).then(0).otherwise(1).cast(pl.Int64),
        )
        anchor, first, times = pl.col("anchor"), pl.col("first"), pl.col("times")
        ends = None if after is None else after.from_day
        limit = until_next if ends is None else pl.min_horizontal(until_next, pl.lit(ends))
        owed_on = interval.after(anchor, times)
        part = (
            placed.with_columns(times=pl.int_ranges(first, interval.at_most(anchor, limit) + 1, dtype=pl.Int64))
            .explode("times")
            .with_columns(
                owed_on=owed_on,
                since=pl.when(times == first).then(since).otherwise(interval.after(anchor, times - 1)),
                at_once=pl.col("at_once") & (times == first),
            )
        )
        parts.append((part if ends is None else part.filter(pl.col("owed_on") < ends)).drop("anchor", "first", "times"))
        if ends is not None:
            most = interval.at_most(anchor, pl.lit(ends))
            last = pl.when(interval.after(anchor, most) < ends).then(most).otherwise(most - 1)
            some = last >= first
            state = placed.with_columns(
                since=pl.when(some).then(interval.after(anchor, last)).otherwise(since),
                at_once=pl.col("at_once") & ~some,
            ).drop("anchor", "first")
    return parts


def bare(rows: pl.LazyFrame) -> pl.LazyFrame:
    """What was owed (`owed`) with no more than counting needs: `case_id` (a number), `owed_on, met`."""
    return rows.select("owed_on", "met", case_id="case")


def evidence(
    area: Area, level: str, rows: pl.LazyFrame, done: pl.LazyFrame, *, what: str, perhaps: str, missing_field: str
) -> pl.LazyFrame:
    """Evidence from what was owed (`owed`): `what` was owed, in words; `perhaps` what leaves it open, and the field."""
    doubt, came = pl.col("doubt").is_not_null(), pl.col("next_on").is_not_null()
    told = rows.with_columns(
        level=pl.lit(level),
        done_on=pl.when(~doubt).then("next_on"),
        record_on=pl.coalesce("doubt", "next_on"),
        sure=~doubt,
        why=one_of(
            (doubt, perhaps),
            (pl.col("met"), f"{what} in time"),
            (came, f"{what} late"),
            otherwise=f"no {what} so far in the spell",
        ),
        missing_field=one_of(
            (doubt, missing_field),
        ),
    )
    records = (
        done.sort("done_on", "meeting_id", maintain_order=True)
        .unique(["case_id", "done_on", "sure"], keep="first", maintain_order=True)
        .rename({"done_on": "record_on"})
    )
    located = told.join(
        records, on=["case_id", "record_on", "sure"], how="left", nulls_equal=False, maintain_order="left"
    ).join(records_of_cases(area), on="case_id", how="left", suffix="_case", maintain_order="left")
    # What never came has no record of its own: that of the case stands for it.
    found = pl.col("table").is_not_null()
    own = [pl.when(found).then(name).otherwise(f"{name}_case").alias(name) for name in (FILE, SHEET, ROW)]
    own.append(
        one_of(*((pl.col("table") == each, each) for each in ("meetings", "reviews")), otherwise="cases").alias("table")
    )
    return as_evidence(area.with_case(located.with_columns(own).sort("case_id", "owed_on", maintain_order=True)))
