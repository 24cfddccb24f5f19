"""Time at a level: how long cases stay at it, those that are still there counted for as long as they have been (domain 4.6)."""

from __future__ import annotations

import polars as pl

from kpis.area import Area
from kpis.caseload import is_supplied
from kpis.spells import can_tell
from kpis.survival import kaplan_meier, medians, on_days

SPELLS: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "days": pl.Int64,
    "ended": pl.Boolean,
    "cut": pl.Boolean,
}
"""One row per spell at a level: how many `days` it lasted, to the as-at date where it has not `ended`.

`cut`: it was running already when the history of the area begins, so that nobody can tell when it began.
"""

TIMES: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "spells": pl.Int64,
    "ended": pl.Int64,
    "cut": pl.Int64,
    "median": pl.Int64,
    "median_low": pl.Int64,
    "median_high": pl.Int64,
}
"""One row per level: spells whose beginning is on record, how many of them have ended, how many more are left out because they are
`cut`, and the median time in days with its 95 % interval; null where it is not reached yet."""

STAYS: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "days": pl.Int64,
    "at_risk": pl.Int64,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
"""One row per level and day of the grid: `share` still at the level after so many days, its 95 % interval, and `at_risk` how many
spells lasted at least so long. Beyond the longest on record only the days of `MARKS`, with null shares."""

MARKS = (0, 91, 183, 365, 731, 1096, 1826, 3653)
"""Days at which numbers at risk are told: nothing, a quarter, half a year, 1, 2, 3, 5 and 10 years."""

STEP = 14
LONGEST = 20 * 366
"""The curve is kept every fortnight, and where it ends, for twenty years at most: whatever the caseload."""


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
    # Where the records begin on a day, cases that were there before seem to begin on it too: how long they had been at their
    # level is lost, and to count them from that day would make every time too short.
    history = area.level_history
    cut = same_case & ~told.shift(1) & (pl.col("from_on").shift(1) < pl.lit(history.begins, dtype=pl.Date))
    return (
        history.pieces.with_columns(spell=(~joined.fill_null(value=False)).cum_sum(), cut=cut)
        .filter("told")
        .group_by("spell", maintain_order=True)
        .agg(level.first(), pl.col("from_on", "cut").first(), pl.col("until_on").last())
        .select(
            pl.col("level").cast(pl.String),
            (pl.col("until_on").fill_null(area.as_at) - pl.col("from_on")).dt.total_days().alias("days"),
            pl.col("until_on").is_not_null().alias("ended"),
            pl.col("cut").fill_null(value=False),
        )
        .cast(dict(SPELLS))
    )


def time_at_level(area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The median times (columns: `TIMES`) and the curves (columns: `STAYS`); without rows where no history is supplied."""
    spells = spells_at_level(area)
    if spells.is_empty():
        return pl.DataFrame(schema=TIMES), pl.DataFrame(schema=STAYS)
    counted = spells.filter(~pl.col("cut"))
    curve = kaplan_meier(counted, ["level"])
    about = counted.group_by("level").agg(pl.len().alias("spells"), pl.col("ended").sum())
    times = (
        spells.group_by("level")
        .agg(pl.col("cut").sum())
        .join(about, on="level", how="left")
        .join(medians(curve, ["level"]), on="level", how="left")
        .with_columns(pl.col("spells", "ended").fill_null(0))
        .sort("level")
    )
    ends = [min(int(day), LONGEST) for day in curve.group_by("level").agg(pl.col("days").max())["days"]]
    # With the last day of each level, so that its line ends where its records do.
    days = {*range(0, max(ends, default=0) + STEP, STEP), *ends, *MARKS}
    stays = on_days(curve, sorted(days), "level").filter(pl.col("share").is_not_null() | pl.col("days").is_in(MARKS))
    return (
        times.select(pl.col(name).cast(kind) for name, kind in TIMES.items()),
        stays.select(pl.col(name).cast(kind) for name, kind in STAYS.items()),
    )
