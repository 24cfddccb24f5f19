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
    received = rows.select("received_on", pl.col(*BREAKDOWNS).cast(pl.String)).collect()
    parts = [
        received.filter(pl.col("received_on").is_between(each.start, each.end))
        .group_by(pl.col(by).fill_null(NOT_RECORDED).alias("name"))
        .agg(referrals=pl.len().cast(pl.Int64))
        .sort("referrals", "name", descending=[True, False])
        .select(period=pl.lit(each.name), by=pl.lit(by), name="name", referrals="referrals")
        for each in periods
        for by in BREAKDOWNS
    ]
    return pl.concat([pl.DataFrame(schema=REFERRALS), *parts])
