"""Process-behaviour (XmR) limits and signals: what is usual variation and what is worth asking about (domain 4.8).

Centre line the mean, limits mean ± 2.66 × mean moving range (Wheeler). Restarts of the centre line are set by hand, with a
reason, never found by the machine.
"""

from __future__ import annotations

import polars as pl

POINTS: dict[str, type[pl.DataType]] = {"on": pl.Date, "value": pl.Float64}
"""One row per point in time, such as a quarter by its first day; null where there is no figure."""

RESTARTS: dict[str, type[pl.DataType]] = {"on": pl.Date, "reason": pl.String}
"""One row per restart set by hand: from the first point on or after `on` the centre line is worked out anew."""

LIMITS: dict[str, type[pl.DataType]] = {
    **POINTS,
    "stretch": pl.Int64,
    "reason": pl.String,
    "points": pl.Int64,
    "state": pl.String,
    "centre": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "outside": pl.Boolean,
    "one_side": pl.Boolean,
    "steady": pl.Boolean,
}
"""One row per point, in order.

`stretch` counts from 0, one more at each restart, whose `reason` it bears · `points` with a figure in the stretch · `state` one of
`STATES` · `centre, lower, upper` null where there are too few points · signals: `outside` the limits, one of eight or more in a
row on `one_side` of the centre line, one of six or more in a row all rising or all falling (`steady`).
"""

TOO_FEW, TRIAL, FULL = "too few points", "trial limits", "limits"
STATES = (TOO_FEW, TRIAL, FULL)

LEAST, LEAST_FULL = 8, 12
"""Points for any limits, and for limits that are not on trial."""

FACTOR = 2.66
SAME_SIDE, ALL_ONE_WAY = 8, 6

_TINY = 1e-12
"""Figures that differ by no more are the same: a mean of equal rates is not always that rate to the last binary digit."""


def process_limits(
    points: pl.DataFrame, restarts: pl.DataFrame | None = None, within: tuple[float, float] | None = (0.0, 1.0)
) -> pl.DataFrame:
    """Limits and signals (columns: `LIMITS`) of points (columns: `POINTS`), with `restarts` (columns: `RESTARTS`) set by hand.

    `within` the bounds that the limits are kept in: 0 to 1 for rates, None for counts. A point without a figure takes no part:
    its neighbours count as next to each other.
    """
    ordered = points.select(pl.col(name).cast(kind) for name, kind in POINTS.items()).sort("on")
    begun = (pl.DataFrame(schema=RESTARTS) if restarts is None else restarts).select(*RESTARTS).sort("on")
    numbered = begun.with_columns(stretch=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    placed = ordered.join_asof(numbered, on="on", strategy="backward").with_columns(pl.col("stretch").fill_null(0))
    told = _signals(_limits(placed.filter(pl.col("value").is_not_null()), within))
    of_stretch = told.group_by("stretch").agg(pl.col("points", "state", "centre", "lower", "upper").first())
    signals = ("outside", "one_side", "steady")
    return (
        placed.join(of_stretch, on="stretch", how="left", maintain_order="left")
        .join(told.select("on", *signals), on="on", how="left", maintain_order="left")
        .with_columns(
            pl.col("points").fill_null(0),
            pl.col("state").fill_null(TOO_FEW),
            *(pl.col(name).fill_null(value=False) for name in signals),
        )
        .select(pl.col(name).cast(kind) for name, kind in LIMITS.items())
    )


def _limits(rows: pl.DataFrame, within: tuple[float, float] | None) -> pl.DataFrame:
    value, enough = pl.col("value"), pl.col("points") >= LEAST
    counted = rows.with_columns(points=pl.len().over("stretch"), centre=value.mean().over("stretch"))
    spread = counted.with_columns(_range=(value - value.shift(1).over("stretch")).abs()).with_columns(
        reach=FACTOR * pl.col("_range").mean().over("stretch")
    )
    ends = {"lower": pl.col("centre") - pl.col("reach"), "upper": pl.col("centre") + pl.col("reach")}
    if within is not None:
        ends = {name: each.clip(*within) for name, each in ends.items()}
    return spread.with_columns(
        **{name: pl.when(enough).then(each) for name, each in {"centre": pl.col("centre"), **ends}.items()},
        state=pl.when(~enough)
        .then(pl.lit(TOO_FEW))
        .when(pl.col("points") < LEAST_FULL)
        .then(pl.lit(TRIAL))
        .otherwise(pl.lit(FULL)),
    )


def _signals(rows: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value")
    step = value - value.shift(1).over("stretch")
    drawn = pl.col("centre").is_not_null()
    signed = rows.with_columns(side=_sign(value - pl.col("centre")), way=_sign(step))
    # A run of rising points begins with the point it rises from.
    runs = signed.with_columns(
        _side=pl.struct("stretch", "side").rle_id(), _way=pl.struct("stretch", "way").rle_id()
    ).with_columns(
        one_side=drawn & (pl.col("side") != 0) & (pl.len().over("_side") >= SAME_SIDE),
        _rising=(pl.col("way") != 0) & (pl.len().over("_way") >= ALL_ONE_WAY - 1),
    )
    begins = pl.col("_rising").shift(-1).over("stretch") & (pl.col("_way").shift(-1) != pl.col("_way"))
    return runs.with_columns(
        outside=drawn & ((value > pl.col("upper") + _TINY) | (value < pl.col("lower") - _TINY)),
        steady=drawn & (pl.col("_rising") | begins.fill_null(value=False)),
    )


def _sign(difference: pl.Expr) -> pl.Expr:
    """-1, 0 or 1; 0 also where there is nothing to compare with."""
    told = pl.when(difference > _TINY).then(1).when(difference < -_TINY).then(-1).otherwise(0)
    return told.cast(pl.Int8)
