"""Caseload: who was under management on a date, by category and level (domain 4.6 “Caseload”)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

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
    management that covers it, else the case's own.
    """
    if not is_supplied(area) or not dates:
        return pl.DataFrame(schema=CASELOAD)
    days = pl.LazyFrame({"on": list(dates)}, schema={"on": pl.Date})
    there = (
        area.within(area.cases.lazy())
        .filter(pl.col("entered_on").is_not_null())
        .join_where(days, pl.col("entered_on") <= pl.col("on"))
        .filter(pl.col("exited_on").is_null() | (pl.col("exited_on") > pl.col("on")))
        .select("on", "case_id", "category", own_level="level")
    )
    if can_tell(area):
        at = (
            management(area)
            .select("case_id", "level", "from_on", "until_on")
            .join_where(days, pl.col("from_on") <= pl.col("on"))
            .filter(pl.col("until_on").is_null() | (pl.col("until_on") > pl.col("on")))
            .sort("from_on")
            .group_by("on", "case_id", maintain_order=True)
            .agg(pl.col("level").last())
        )
        there = there.join(at, on=["on", "case_id"], how="left")
    else:
        there = there.with_columns(level=pl.lit(None, dtype=pl.String))
    return (
        there.with_columns(
            level=pl.when(pl.col("on") == area.as_at)
            .then(pl.coalesce("own_level", "level"))
            .otherwise(pl.coalesce("level", "own_level"))
            .fill_null(NOT_RECORDED),
            category=pl.col("category").fill_null(NOT_RECORDED),
        )
        .group_by("on", "category", "level")
        .agg(cases=pl.len().cast(pl.Int64))
        .sort("on", "category", "level")
        .collect()
        .select(pl.col(name).cast(dtype) for name, dtype in CASELOAD.items())
    )
