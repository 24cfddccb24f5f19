"""Time at a level: how long cases stay at it, those that are still there counted for as long as they have been (domain 4.6)."""

from __future__ import annotations

import polars as pl

from kpis.area import Area
from kpis.caseload import is_supplied
from kpis.level_history import level_history
from kpis.spells import can_tell
from kpis.survival import kaplan_meier, medians, on_days

SPELLS: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "days": pl.Int64,
    "ended": pl.Boolean,
    "after_gap": pl.Boolean,
}
"""One row per spell at a level: how many `days` it lasted, to the as-at date where it has not `ended`.

`after_gap`: the history is silent about the days before, so that the spell may have begun earlier.
"""

TIMES: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "spells": pl.Int64,
    "ended": pl.Int64,
    "after_gap": pl.Int64,
    "median": pl.Int64,
    "median_low": pl.Int64,
    "median_high": pl.Int64,
}
"""One row per level: spells on record, how many of them have ended, how many follow a gap, and the median time in days with its
95 % interval; null where it is not reached yet."""

STAYS: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "days": pl.Int64,
    "at_risk": pl.Int64,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
"""One row per level and day of the grid: `share` still at the level after so many days, its 95 % interval, and `at_risk` how many
spells lasted at least so long. Null beyond the longest on record."""

MARKS = (0, 91, 183, 365, 731, 1096, 1826, 3653)
"""Days at which numbers at risk are told: nothing, a quarter, half a year, 1, 2, 3, 5 and 10 years."""

STEP = 14
LONGEST = 20 * 366
"""The curve is kept every fortnight for twenty years at most, whatever the caseload."""


def spells_at_level(area: Area) -> pl.DataFrame:
    """Every spell at a level, wherever the case lived (columns: `SPELLS`), as far as the history of management tells it.

    Pieces at one level of which each begins the day the last ended are one spell. It ends when the case moves to another level
    or leaves. (The review clock's spells are others: they end where its clock stops.)
    """
    if not (is_supplied(area) and can_tell(area)):
        return pl.DataFrame(schema=SPELLS)
    case, level, told = pl.col("case"), pl.col("level"), pl.col("told")
    same_case = (case == case.shift(1)).fill_null(value=False)
    joined = same_case & told.shift(1) & (level == level.shift(1))
    return (
        level_history(area)
        .with_columns(spell=(~joined.fill_null(value=False)).cum_sum(), after_gap=same_case & ~told.shift(1))
        .filter("told")
        .group_by("spell", maintain_order=True)
        .agg(level.first(), pl.col("from_on", "after_gap").first(), pl.col("until_on").last())
        .select(
            pl.col("level").cast(pl.String),
            (pl.col("until_on").fill_null(area.as_at) - pl.col("from_on")).dt.total_days().alias("days"),
            pl.col("until_on").is_not_null().alias("ended"),
            pl.col("after_gap").fill_null(value=False),
        )
        .cast(dict(SPELLS))
    )


def time_at_level(area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The median times (columns: `TIMES`) and the curves (columns: `STAYS`); without rows where no history is supplied."""
    spells = spells_at_level(area)
    if spells.is_empty():
        return pl.DataFrame(schema=TIMES), pl.DataFrame(schema=STAYS)
    curve = kaplan_meier(spells, ["level"])
    times = (
        spells.group_by("level")
        .agg(pl.len().alias("spells"), pl.col("ended", "after_gap").sum())
        .join(medians(curve, ["level"]), on="level")
        .sort("level")
    )
    longest = min(int(curve.select(pl.col("days").max()).item()), LONGEST)
    days = {*range(0, longest + STEP, STEP), *MARKS}
    stays = on_days(curve, sorted(days), "level")
    return (
        times.select(pl.col(name).cast(kind) for name, kind in TIMES.items()),
        stays.select(pl.col(name).cast(kind) for name, kind in STAYS.items()),
    )
