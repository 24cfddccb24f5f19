"""How each case stood on the last day of each quarter: what the measures of a state, not of an event, are made from."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS, LOCATIONS
from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.spells import can_tell, numbered_management

STATES: dict[str, type[pl.DataType] | pl.Enum] = {
    "case_id": pl.String,
    "category": pl.String,
    "lead_agency": pl.String,
    "level": pl.Enum(LEVELS),
    "location": pl.Enum(LOCATIONS),
    "owed_on": pl.Date,
}
"""One row per case and last day (`kpis.area.Area.last_days`) at whose end it was under management."""


def states(area: Area) -> pl.DataFrame:
    """How each case of the standard's categories stood (columns: `STATES`), in the order of the cases, day by day.

    On the as-at date level and location are the case's own, which say how things stand now; on an earlier day those of
    the stretch of management that covers it (of several, the one that began last), as in `kpis.caseload`. Each falls back
    on the other.
    """
    days = pl.Series("owed_on", area.last_days, dtype=pl.Date)
    cases = area.within(area.cases.lazy()).filter(pl.col("entered_on").is_not_null()).collect()
    if not len(days):
        return pl.DataFrame(schema=STATES)
    place = (pl.col("case") * len(days) + pl.col("day")).alias("place")
    if can_tell(area):
        numbers, history = numbered_management(area)
        cases = cases.join(numbers, on="case_id", how="left", maintain_order="left")
        told = _days_told(history, days, place)
    else:
        cases = cases.with_row_index("case")
        told = pl.LazyFrame(schema={"place": pl.Int64, "level": STATES["level"], "location": STATES["location"]})
    active = _on_days(cases.lazy(), days, "entered_on", "exited_on").with_columns(
        pl.col("level").cast(STATES["level"]), pl.col("location").cast(STATES["location"])
    )
    now = pl.col("day") == len(days) - 1

    def stood(name: str) -> pl.Expr:
        own, then = pl.col(name), pl.col(f"{name}_told")
        return pl.when(now).then(pl.coalesce(own, then)).otherwise(pl.coalesce(then, own)).alias(name)

    return (
        active.with_columns(place)
        .join(told, on="place", how="left", suffix="_told", maintain_order="left")
        .with_columns(stood("level"), stood("location"), pl.lit(days).gather("day").alias("owed_on"))
        .select(list(STATES))
        .collect()
    )


def records_of_cases(area: Area, *columns: str) -> pl.LazyFrame:
    """The record that tells of each case: `case_id`, further columns of the table, `table` and the locators."""
    rows = area.tables.lazy("cases").filter(pl.col("case_id").is_not_null())
    if area.repeats("cases", "case_id"):
        rows = rows.unique("case_id", keep="first", maintain_order=True)
    return rows.select("case_id", *columns, pl.lit("cases").alias("table"), FILE, SHEET, ROW)


def _on_days(rows: pl.LazyFrame, days: pl.Series, begins: str, ends: str) -> pl.LazyFrame:
    """The rows once for every one of the days, in order, on which they hold, with its number from 0 as `day`.

    What ends on a day no longer holds at its end.
    """
    every = pl.lit(days)
    first, last = every.search_sorted(pl.col(begins)), every.search_sorted(pl.col(ends))
    end = pl.when(pl.col(ends).is_null()).then(pl.lit(len(days), dtype=pl.UInt32)).otherwise(last)
    placed = rows.with_columns(first=first, end=end).filter(pl.col("first") < pl.col("end"))
    return placed.with_columns(day=pl.int_ranges("first", "end", dtype=pl.Int64)).drop("first", "end").explode("day")


def _days_told(history: pl.LazyFrame, days: pl.Series, place: pl.Expr) -> pl.LazyFrame:
    """`place, level, location`: what the history tells of a case on a day, each place once."""
    in_order = history.select("case", "level", "location", "from_on", "until_on").sort(
        "case", "from_on", maintain_order=True
    )
    told = (
        _on_days(in_order, days, "from_on", "until_on")
        .select(
            place,
            pl.col("level").cast(pl.String).cast(STATES["level"]),
            pl.col("location").cast(STATES["location"]),
        )
        .collect()
    )
    if (told["place"].diff() <= 0).any():  # stretches that overlap, which sound records do not hold
        told = told.unique("place", keep="last", maintain_order=True)
    return told.lazy()
