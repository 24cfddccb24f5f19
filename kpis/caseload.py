"""Caseload: who was under management on a date, by category and level (domain 4.6 “Caseload”)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from checks.in_force import listed_on
from kpis.area import Area
from kpis.results import NOT_RECORDED
from kpis.spells import can_tell, management

CASELOAD: dict[str, type[pl.DataType]] = {"on": pl.Date, "category": pl.String, "level": pl.String, "cases": pl.Int64}
"""One row per date, category and level: how many cases were under management at the end of that day."""


def is_supplied(area: Area) -> bool:
    """Whether the records can tell the caseload."""
    return area.tables.has("cases", "case_id", "entered_on", "level", "category")


def caseload(area: Area, dates: Sequence[date]) -> pl.DataFrame:
    """The caseload at the end of each date (columns: `CASELOAD`), cases of categories that the standard lacks left out.

    On the as-at date the level is the case's own, which says how things stand now; on an earlier date that of the stretch of
    management that covers it (of several, the one that began last, of those the one that ends last), else the case's own.
    """
    if not is_supplied(area) or not dates:
        return pl.DataFrame(schema=CASELOAD)
    earlier = sorted(set(dates) - {area.as_at})
    parts = [_counted(area, earlier, own_first=False)] if earlier else []
    if area.as_at in dates:
        parts.append(_counted(area, [area.as_at], own_first=True))
    return (
        pl.concat(parts)
        .sort("on", "category", "level")
        .select(pl.col(name).cast(kind) for name, kind in CASELOAD.items())
    )


def _counted(area: Area, days: Sequence[date], *, own_first: bool) -> pl.DataFrame:
    """`on, category, level, cases` on days in order. `own_first`: the case's own level tells, and the history where it is silent.

    What is true of a case is true of a run of days, so only the run's first day and the day after its last are counted, and
    summed up along the days: that costs the same for one day as for twenty years of quarters.
    """
    on = pl.Series("on", days, dtype=pl.Date)
    cases = (
        _runs(area.cases.lazy().filter(pl.col("entered_on").is_not_null()), on, "entered_on", "exited_on")
        .select("case_id", pl.col("category").fill_null(NOT_RECORDED), pl.col("level").alias("own"), "first", "last")
        .collect()
    )
    counted = [cases.select("category", pl.col("own").alias("level"), "first", "last", cases=1)]
    if can_tell(area):
        told = cases.lazy().filter(pl.col("own").is_null()) if own_first else cases.lazy()
        within = (
            told.join(_told(area, on).lazy(), on="case_id", how="inner")
            .select(
                "category",
                "own",
                "level",
                first=pl.max_horizontal("first", "first_right"),
                last=pl.min_horizontal("last", "last_right"),
            )
            .filter(pl.col("first") < pl.col("last"))
            .collect()
        )
        counted.append(within.select("category", pl.col("own").alias("level"), "first", "last", cases=-1))
        counted.append(within.select("category", "level", "first", "last", cases=1))
    ranges = pl.concat(counted).with_columns(pl.col("level").fill_null(NOT_RECORDED))
    changes = pl.concat(
        [
            ranges.select("category", "level", at="first", change="cases"),
            ranges.select("category", "level", at="last", change=-pl.col("cases")),
        ]
    )
    known = listed_on(area.standard, "categories", pl.col("category"), pl.col("on"))
    every = pl.DataFrame({"at": range(len(days))}, schema={"at": pl.UInt32}).with_columns(on)
    return (
        changes.select("category", "level")
        .unique()
        .join(every, how="cross")
        .join(
            changes.group_by("category", "level", "at").agg(pl.col("change").sum()),
            on=["category", "level", "at"],
            how="left",
        )
        .sort("at")
        .with_columns(cases=pl.col("change").fill_null(0).cum_sum().over("category", "level"))
        .filter((pl.col("cases") > 0) & (known | (pl.col("category") == NOT_RECORDED)))
        .select("on", "category", "level", "cases")
    )


def _runs(rows: pl.LazyFrame, days: pl.Series, begins: str, ends: str) -> pl.LazyFrame:
    """The rows with `first`, `last`: on which of the days in order they hold, the last excluded; those of no day left out."""
    first = pl.lit(days).search_sorted(pl.col(begins))
    last = pl.lit(days).search_sorted(pl.col(ends))
    placed = rows.with_columns(
        first=first, last=pl.when(pl.col(ends).is_null()).then(pl.lit(len(days), dtype=pl.UInt32)).otherwise(last)
    )
    return placed.filter(pl.col("first") < pl.col("last"))


def _told(area: Area, days: pl.Series) -> pl.DataFrame:
    """`case_id, level, first, last`: the level that the history tells of a case on a run of days; no two runs overlap."""
    runs = (
        _runs(management(area), days, "from_on", "until_on")
        # Of those that begin on one day the longest tells; where a row stands tells nothing.
        .sort("case_id", "from_on", "until_on", "level", nulls_last=True)
        .select("case_id", "level", "first", "last")
        .collect()
    )
    overlaps = (pl.col("case_id") == pl.col("case_id").shift(1)) & (pl.col("first") < pl.col("last").shift(1))
    unclear = runs.filter(overlaps).select("case_id").unique()
    if unclear.is_empty():
        return runs
    by_day = (
        runs.join(unclear, on="case_id", how="semi", maintain_order="left")
        .with_columns(first=pl.int_ranges("first", "last", dtype=pl.UInt32))
        .explode("first")
        .unique(["case_id", "first"], keep="last", maintain_order=True)
        .with_columns(last=pl.col("first") + 1)
    )
    clear = runs.join(unclear, on="case_id", how="anti")
    return pl.concat([clear, by_day.select(pl.col(name).cast(kind) for name, kind in clear.schema.items())])
