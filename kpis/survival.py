"""How long things last when many have not ended yet: the Kaplan–Meier estimate, its interval, and the median.

Kaplan and Meier 1958; variance after Greenwood; the 95 % interval on the log(−log) scale (Kalbfleisch and Prentice), which keeps
within 0 and 1; the median's interval after Brookmeyer and Crowley.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpis.results import Z

CURVE: dict[str, type[pl.DataType]] = {
    "days": pl.Int64,
    "at_risk": pl.Int64,
    "ended": pl.Int64,
    "censored": pl.Int64,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
"""One row per group and number of days at which anything ended or was last seen, in order.

`at_risk` lasted at least so many days · `ended` of them ended then · `censored` were last seen then, not ended · `share` the
estimated share that lasts longer, `low` and `high` its 95 % interval: null once nothing is left, where there is none.
"""

_TINY = 1e-9
"""A share that is a half but for rounding counts as a half."""


def kaplan_meier(spells: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """The curve (columns: `by`, then `CURVE`) of rows with `days` (whole, not negative) and `ended` (true or false).

    `by` the columns of the groups. Who is last seen on a day is still at risk on it.
    """
    keys = list(by) or ["_all"]
    rows = spells if by else spells.with_columns(_all=pl.lit(0))
    ended, at_risk = pl.col("ended"), pl.col("at_risk")
    steps = (
        rows.group_by(*keys, "days")
        .agg(ended.sum().cast(pl.Int64), pl.len().cast(pl.Int64).alias("gone"))
        .sort(*keys, "days")
        .with_columns(at_risk=pl.col("gone").cum_sum(reverse=True).over(keys))
        .with_columns(
            censored=pl.col("gone") - ended,
            share=(1 - ended / at_risk).cum_prod().over(keys),
            variance=(ended / (at_risk * (at_risk - ended))).cum_sum().over(keys),
        )
    )
    share, log = pl.col("share"), pl.col("share").log()
    spread = Z * pl.col("variance").sqrt() / log.abs()
    before, between = share == 1, (share > 0) & (share < 1)
    low = pl.when(before).then(pl.lit(1.0)).when(between).then(share.pow(spread.exp()))
    high = pl.when(before).then(pl.lit(1.0)).when(between).then(share.pow((-spread).exp()))
    return steps.with_columns(low=low, high=high).select(
        *by, *(pl.col(name).cast(kind) for name, kind in CURVE.items())
    )


def medians(curve: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """The median of each group (columns: `by`, `median, median_low, median_high` in days); null where it is not reached.

    The median is the first day on which the share is a half or less; its interval runs from the first day on which the lower
    end of the share's interval is, to the first on which the upper end is.
    """

    def first(name: str) -> pl.Expr:
        return pl.col("days").filter(pl.col(name) <= 0.5 + _TINY).min()

    aggregates = {"median": first("share"), "median_low": first("low"), "median_high": first("high")}
    if by:
        return curve.group_by(*by, maintain_order=True).agg(**aggregates)
    return curve.select(**aggregates)


def on_days(curve: pl.DataFrame, days: Sequence[int], by: str) -> pl.DataFrame:
    """The curve as it stands on given days: `by, days, at_risk, share, low, high`; shares null beyond the longest seen.

    However many rows the curve has, this has one per group and day given.
    """
    groups = curve.group_by(by, maintain_order=True).agg(longest=pl.col("days").max())
    grid = groups.join(pl.DataFrame({"days": sorted(set(days))}, schema={"days": pl.Int64}), how="cross").sort("days")
    ordered = curve.sort("days")
    shares = grid.join_asof(
        ordered.select(by, "days", "share", "low", "high", told=pl.lit(value=True)),
        on="days",
        by=by,
        strategy="backward",
        check_sortedness=False,
    )
    risks = grid.join_asof(
        ordered.select(by, "days", "at_risk"), on="days", by=by, strategy="forward", check_sortedness=False
    )
    beyond = pl.col("days") > pl.col("longest")

    def shown(name: str) -> pl.Expr:
        # Before anything ended, all are still there.
        known = pl.when(pl.col("told").is_null()).then(pl.lit(1.0)).otherwise(pl.col(name))
        return pl.when(~beyond).then(known).alias(name)

    return (
        shares.with_columns(*(shown(name) for name in ("share", "low", "high")), at_risk=risks["at_risk"].fill_null(0))
        .sort(by, "days")
        .select(by, "days", "at_risk", "share", "low", "high")
    )
