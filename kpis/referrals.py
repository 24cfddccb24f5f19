"""Referrals received, by source, concern and route (domain 4.5; J23 4.1)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpis.area import Area
from kpis.periods import Period
from kpis.results import NOT_RECORDED

REFERRALS: dict[str, type[pl.DataType]] = {
    "period": pl.String,
    "by": pl.String,
    "name": pl.String,
    "referrals": pl.Int64,
}
"""One row per period, breakdown (`source_agency`, `concern`, `route`) and name in it; what is not recorded is a row of its own."""

BREAKDOWNS = ("source_agency", "concern", "route")


def is_supplied(area: Area) -> bool:
    """Whether the records can tell of referrals."""
    return area.tables.has("referrals", "received_on")


def referrals(area: Area, periods: Sequence[Period]) -> pl.DataFrame:
    """Referrals received in each period (columns: `REFERRALS`)."""
    if not is_supplied(area):
        return pl.DataFrame(schema=REFERRALS)
    rows = area.within(area.tables.lazy("referrals"), "received_on").filter(pl.col("received_on").is_not_null())
    received = rows.select("received_on", pl.col(*BREAKDOWNS).cast(pl.String).fill_null(NOT_RECORDED)).collect()
    days = pl.DataFrame(
        [(place, each.name, each.start, each.end) for place, each in enumerate(periods)],
        schema={"place": pl.Int64, "period": pl.String, "start": pl.Date, "end": pl.Date},
        orient="row",
    )
    within = received.join_where(days, pl.col("received_on") >= pl.col("start"), pl.col("received_on") <= pl.col("end"))
    parts = [
        within.group_by("place", "period", pl.col(by).alias("name"))
        .agg(referrals=pl.len().cast(pl.Int64))
        .with_columns(by=pl.lit(by), breakdown=pl.lit(at))
        for at, by in enumerate(BREAKDOWNS)
    ]
    return (
        pl.concat(parts)
        .sort("place", "breakdown", "referrals", "name", descending=[False, False, True, False])
        .select(*REFERRALS)
    )
