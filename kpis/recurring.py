"""What is owed again and again while a spell lasts, at an interval of its own: full meetings, reviews of disclosure.

The rules are those of the review clock (domain 4.1): the clock starts with the spell, whatever was done restarts it, and while
nothing is done it is owed again every interval. `kpis.review_clock` is the same for the reviews themselves, of all levels at
once and in weeks only, for a tenth of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.evidence import as_evidence, one_of
from kpis.spells import management
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


def spells(area: Area, level: str, locations: list[str] | None = None) -> pl.LazyFrame:
    """The spells at a level: `case_id, spell, first, last` (null: it goes on); those in some locations only, or in all.

    Stretches are joined where each begins the day the last ended; one that stands twice to the letter counts once, and one
    that ends before it begins does not count.
    """
    until, here = pl.col("until_on"), pl.col("location").is_in(locations) if locations else pl.lit(value=True)
    stretches = (
        management(area)
        .filter((pl.col("level") == level) & here & (until >= pl.col("from_on")).fill_null(value=True))
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


def owed(area: Area, during: pl.LazyFrame, done: pl.LazyFrame, interval: Interval) -> pl.LazyFrame:
    """One row per thing owed up to as-at: `case_id, owed_on, met, next_on` (when it came, if it did), `doubt`.

    `case` is a number of the case, by which it is counted faster than by its pseudonym · `during` as of `spells` · `done`
    as of `DONE`. `met` is null where something was done in the interval of which the record does not say whether it was
    what is owed; `doubt` is its day.
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
    packed, day = pl.col("packed"), pl.col("on").to_physical().cast(pl.Int64) + _DAY_ZERO
    events = pl.concat([clocks.lazy().select("clock", on="first"), restarts])
    in_order = events.select(packed=pl.col("clock").cast(pl.Int64) * _DAYS + day).sort("packed")
    on, ahead = _date(packed), packed.shift(-1)
    next_on = pl.when(packed // _DAYS == ahead // _DAYS).then(_date(ahead))
    numbers = clocks["case_id"].rank("dense")
    unsure = did.filter(~pl.col("sure"))
    of_clock = clocks.select("until", doubtful=pl.col("case_id").is_in(unsure["case_id"].unique().implode()))
    clock = pl.col("clock")
    runs = (
        in_order.filter((packed != packed.shift(1)).fill_null(value=True))
        .select(clock=packed // _DAYS, on=on, next_on=next_on)
        .with_columns(pl.lit(of_clock[name]).gather(clock).alias(name) for name in of_clock.columns)
    )
    begun, until_next = pl.col("on"), pl.coalesce("next_on", "until")
    due, at_once = pl.col("owed_on"), pl.col("times") == 1
    in_time = at_once & (due >= pl.col("next_on")).fill_null(value=False)
    rows = (
        runs.with_columns(times=pl.int_ranges(1, interval.at_most(begun, until_next) + 1, dtype=pl.Int64))
        .explode("times")
        .with_columns(owed_on=interval.after(begun, pl.col("times")))
        .filter((in_time & (due <= as_at)) | (due < until_next))
        .with_columns(
            pl.lit(clocks["case_id"]).gather(clock).alias("case_id"),
            pl.lit(numbers).gather(clock).alias("case"),
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
    since = pl.when(at_once).then(begun).otherwise(interval.after(begun, pl.col("times") - 1))
    doubt = (pl.col("perhaps") > since).fill_null(value=False)
    settled = told.with_columns(met=pl.when(~doubt).then("met"), doubt=pl.when(doubt).then("perhaps"))
    return pl.concat([rows.lazy().filter(~open_to_doubt).select(columns), settled.select(columns)])


_DAY_ZERO, _DAYS = 1 << 20, 1 << 22
"""Days from far before 1970 to far after, as numbers from 0."""


def _date(packed: pl.Expr) -> pl.Expr:
    return (packed % _DAYS - _DAY_ZERO).cast(pl.Int32).cast(pl.Date)


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
