"""How each case stood on the last day of each quarter: what the measures of a state, not of an event, are made from."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.codes import CATEGORIES, LEVELS, LOCATIONS
from checks.locators import FILE, ROW, SHEET
from checks.numbers import CASE
from kpis.area import Area
from kpis.evidence import always
from kpis.periods import quarter_number
from kpis.spells import can_tell, numbered_management
from kpis.tallies import COUNTS

STATES: dict[str, type[pl.DataType] | pl.Enum] = {
    "case": pl.UInt32,
    "case_id": pl.String,
    "category": pl.Enum(CATEGORIES),
    "level": pl.Enum(LEVELS),
    "location": pl.Enum(LOCATIONS),
    "first": pl.UInt32,
    "end": pl.UInt32,
}
"""One row per case and run of last days (`kpis.area.Area.last_days`) at whose end it was under management and stood alike.

`case` the number of the case (`kpis.area.Area.of_case`) · `first`, `end` the run: by number from 0, the end excluded. No two
runs of a case overlap.
"""


def states(area: Area) -> pl.DataFrame:
    """How each case of the standard's categories stood (columns: `STATES`).

    On the as-at date level and location are the case's own, which say how things stand now; on an earlier day those of
    the stretch of management that covers it (of several the one that began last, of these the longest), as in
    `kpis.caseload`. Each falls back on the other.
    """
    days = pl.Series("owed_on", area.last_days, dtype=pl.Date)
    if not len(days):
        return pl.DataFrame(schema=STATES)
    # Where the categories change on a date, each day is looked at by itself (`on_last_days`).
    by_day = len(area.standard.steps("categories")) > 1
    numbered = area.cases.lazy().with_row_index(CASE)
    managed = numbered if by_day else area.within(numbered)
    active = managed.filter(pl.col("entered_on").is_not_null())
    if can_tell(area):
        told = _told(numbered_management(area), days)
    else:
        told = pl.DataFrame(schema={name: STATES[name] for name in ("case", "level", "location", "first", "end")})
    cases = (
        _runs(active, days, "entered_on", "exited_on")
        .select(
            pl.col(CASE).alias("case"),
            "first",
            "end",
            pl.col("level").cast(STATES["level"]).alias("own_level"),
            pl.col("location").cast(STATES["location"]).alias("own_location"),
            "case_id",
            pl.col("category").cast(STATES["category"]),
        )
        .collect()
    )
    within = (
        cases.lazy()
        .join(told.lazy(), on="case", how="inner", suffix="_told")
        .with_columns(pl.max_horizontal("first", "first_told"), pl.min_horizontal("end", "end_told"))
        .filter(pl.col("first") < pl.col("end"))
        .sort("case", "first")
        .collect()
    )
    both = pl.concat([within.lazy(), _untold(cases.lazy(), within.lazy())], how="diagonal")
    today = pl.lit(len(days) - 1, dtype=pl.UInt32)
    before = both.with_columns(*_stood("level", "location", own_first=False), pl.min_horizontal("end", today))
    now = both.filter(pl.col("end") > today).with_columns(*_stood("level", "location", own_first=True), first=today)
    parts = [before.filter(pl.col("first") < pl.col("end")), now]
    columns = [pl.col(name).cast(dtype) for name, dtype in STATES.items()]
    return pl.concat([each.select(columns) for each in parts]).collect()


def on_last_days(area: Area, runs: pl.LazyFrame) -> pl.LazyFrame:
    """Runs of days (of `states`, with whatever columns), once for every day: `owed_on` in place of the run, `lead_agency`."""
    days = pl.Series(area.last_days, dtype=pl.Date)
    led = runs.with_columns(area.of_case("lead_agency", pl.col("case")))
    every = led.with_columns(owed_on=pl.int_ranges("first", "end", dtype=pl.UInt32)).drop("first", "end")
    dated = every.explode("owed_on").with_columns(owed_on=pl.lit(days).gather("owed_on"))
    return area.within(dated, "owed_on") if len(area.standard.steps("categories")) > 1 else dated


def counted_on_last_days(area: Area, runs: pl.LazyFrame, first: date, last: date, *by: str) -> pl.LazyFrame:
    """Runs of days counted on every last day between two days: `quarter` (its number), `met, owed, unknown`, one row per `by`.

    `runs`: `first`, `end`, and `met, owed, unknown` as numbers to be added up. Runs that are alike are put together before they
    are told day by day: the cases of a country are, in a few thousand.
    """
    days = pl.Series(area.last_days, dtype=pl.Date)
    alike = runs.group_by("first", "end", *by).agg(pl.col(COUNTS).cast(pl.Int64).sum())
    every = alike.with_columns(owed_on=pl.int_ranges("first", "end", dtype=pl.UInt32)).explode("owed_on")
    dated = every.with_columns(owed_on=pl.lit(days).gather("owed_on")).filter(pl.col("owed_on").is_between(first, last))
    quarter = quarter_number(area.standard, pl.col("owed_on")).cast(pl.Int32).alias("quarter")
    return dated.group_by(quarter, *by).agg(pl.col(COUNTS).sum())


def records_of_cases(area: Area, *columns: str) -> pl.LazyFrame:
    """The record that tells of each case: `case` (its number), `case_id`, further columns of the table, `table`, the locators.

    What records of one case contradict each other in is null, as in `Area.cases`; the first of them by file, sheet and row
    is named.
    """
    rows = area.numbered.lazy("cases").filter(pl.col("case_id").is_not_null())
    if area.repeats("cases", "case_id"):
        agreed = [pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in columns]
        in_order = rows.sort(FILE, SHEET, ROW, nulls_last=True)
        rows = in_order.group_by("case_id", maintain_order=True).agg(*agreed, pl.col(CASE, FILE, SHEET, ROW).first())
    return rows.select(
        pl.col(CASE).alias("case"), "case_id", *columns, always("cases").alias("table"), FILE, SHEET, ROW
    )


def _stood(*names: str, own_first: bool) -> list[pl.Expr]:
    own_and_told = [(f"own_{name}", name) if own_first else (name, f"own_{name}") for name in names]
    return [pl.coalesce(*pair).alias(name) for name, pair in zip(names, own_and_told, strict=True)]


def _runs(rows: pl.LazyFrame, days: pl.Series, begins: str, ends: str) -> pl.LazyFrame:
    """The rows with `first`, `end`: at the end of which of the days they hold; those of no day left out."""
    first, last = pl.lit(days).search_sorted(pl.col(begins)), pl.lit(days).search_sorted(pl.col(ends))
    end = pl.when(pl.col(ends).is_null()).then(pl.lit(len(days), dtype=pl.UInt32)).otherwise(last)
    placed = rows.with_columns(first.cast(pl.UInt32).alias("first"), end.cast(pl.UInt32).alias("end"))
    return placed.filter(pl.col("first") < pl.col("end"))


def _told(history: pl.LazyFrame, days: pl.Series) -> pl.DataFrame:
    """`case, level, location, first, end`: what the history tells of a case on a run of days; no two runs overlap."""
    runs = (
        _runs(history, days, "from_on", "until_on")
        # Of those that begin on one day the longest tells; where a row stands tells nothing.
        .sort("case", "from_on", "until_on", "level", "location", nulls_last=True)
        .select(
            pl.col("case").cast(pl.UInt32),
            pl.col("level").cast(pl.String).cast(STATES["level"]),
            pl.col("location").cast(STATES["location"]),
            "first",
            "end",
        )
        .collect()
    )
    overlaps = (pl.col("case") == pl.col("case").shift(1)) & (pl.col("first") < pl.col("end").shift(1))
    unclear = runs.filter(overlaps).select("case").unique()
    if unclear.is_empty():
        return runs
    by_day = (
        runs.join(unclear, on="case", how="semi", maintain_order="left")
        .with_columns(first=pl.int_ranges("first", "end", dtype=pl.UInt32))
        .explode("first")
        .unique(["case", "first"], keep="last", maintain_order=True)
        .with_columns(end=pl.col("first") + 1)
    )
    return pl.concat([runs.join(unclear, on="case", how="anti"), by_day])


def _untold(cases: pl.LazyFrame, within: pl.LazyFrame) -> pl.LazyFrame:
    """The days of the cases of which the history tells nothing, as runs: before, between and after those of which it does."""
    bounds = cases.select("case", case_first="first", case_end="end")
    told = within.select("case", "first", "end").join(bounds, on="case", how="left", maintain_order="left")
    same = pl.col("case") == pl.col("case").shift(1)
    previous = pl.when(same).then(pl.col("end").shift(1)).otherwise("case_first")
    ahead = told.select("case", first=previous.fill_null(pl.col("case_first")), end="first")
    last = pl.col("case").ne_missing(pl.col("case").shift(-1))
    behind = told.filter(last).select("case", first="end", end="case_end")
    silent = bounds.join(told, on="case", how="anti").select("case", first="case_first", end="case_end")
    gaps = pl.concat([ahead, behind, silent]).filter(pl.col("first") < pl.col("end"))
    return gaps.join(cases.drop("first", "end"), on="case", how="left", maintain_order="left")
