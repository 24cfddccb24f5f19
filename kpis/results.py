"""From evidence to results: sums, bounds, intervals and verdicts (domain section 4, common rules)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import polars as pl

from checks.standard import Standard
from kpis.area import Area
from kpis.measure import Measure
from kpis.periods import Period, plus_months, quarter_number

Verdict = Literal[
    "met", "not met", "depends on missing records", "nothing due", "not supplied", "no target", "not in this standard"
]

RESULTS: dict[str, type[pl.DataType]] = {
    "measure": pl.String,
    "period": pl.String,
    "period_kind": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "by": pl.String,
    "unit": pl.String,
    "met": pl.Int64,
    "owed": pl.Int64,
    "unknown": pl.Int64,
    "rate": pl.Float64,
    "worst": pl.Float64,
    "best": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "target": pl.Float64,
    "verdict": pl.String,
}
"""One row per measure, period and thing it is told for.

`by` is `all` for the headline, `unit` for the breakdown that the contract names, else a dimension (`level`, `category`,
`lead_agency`) · `met`, `owed`, `unknown` counts · `rate` = `worst` = met / owed: what is unknown gets no credit ·
`best` = (met + unknown) / owed · `low`, `high` the Wilson 95 % interval of the rate · fractions are null where nothing is owed.
"""

HEADLINE, UNIT = "all", "unit"
BY_REVIEW = "by review"
NOT_RECORDED = "not recorded"

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution, for a two-sided 95 % interval."""


def wilson(met: pl.Expr, owed: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper end of the Wilson 95 % interval of met / owed, as fractions; null where nothing is owed."""
    n = pl.when(owed > 0).then(owed).cast(pl.Float64)
    share = met / n
    centre = share + Z**2 / (2 * n)
    half = Z * (share * (1 - share) / n + Z**2 / (4 * n**2)).sqrt()
    scale = 1 + Z**2 / n
    # At 0 and n of n the end is exact; rounding must not push it a hair past the rate itself.
    low = pl.when(met == 0).then(pl.lit(0.0)).otherwise((centre - half) / scale)
    high = pl.when(met == owed).then(pl.lit(1.0)).otherwise((centre + half) / scale)
    return pl.when(owed > 0).then(low), pl.when(owed > 0).then(high)


def target_of(measure: Measure, area: Area) -> Decimal | None:
    """The target the area is held to: the standard's, or where it sets none the one that the area has adopted."""
    set_by_standard = area.standard.value(measure.target) if measure.target else None
    return set_by_standard if set_by_standard is not None else area.adopted_targets.get(measure.id)


def verdict_of(target: Decimal | None) -> pl.Expr:
    """The verdict of one rate, from `met`, `owed` and `unknown`; compared as exact fractions, never as rounded ones."""
    if target is None:
        decided = pl.lit("no target")
    else:
        share = Fraction(target)
        wanted = pl.col("owed") * share.numerator
        decided = (
            pl.when(pl.col("met") * share.denominator >= wanted)
            .then(pl.lit("met"))
            .when((pl.col("met") + pl.col("unknown")) * share.denominator < wanted)
            .then(pl.lit("not met"))
            .otherwise(pl.lit("depends on missing records"))
        )
    return pl.when(pl.col("owed") == 0).then(pl.lit("nothing due")).otherwise(decided)


def all_results(area: Area, periods: Sequence[Period], measures: Iterable[Measure] | None = None) -> pl.DataFrame:
    """The results of every measure (or of those given) for some periods, in the order of the measures (columns: `RESULTS`)."""
    if measures is None:
        from kpis.measures import MEASURES  # the measures import this module

        measures = MEASURES.values()
    return pl.concat([pl.DataFrame(schema=RESULTS), *(results(each, area, periods) for each in measures)])


def results(
    measure: Measure, area: Area, periods: Sequence[Period], evidence: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The results of one measure for some periods (columns: `RESULTS`); `evidence` where it has been collected already."""
    if not measure.in_standard(area.standard):
        return _said(measure, periods, "not in this standard")
    if not measure.supplied(area):
        return _said(measure, periods, "not supplied")
    rows = measure.evidence(area) if evidence is None else evidence.lazy()
    columns = list(dict.fromkeys(["case_id", "unit", "owed_on", "met", *measure.dimensions]))
    placed = in_periods(rows.select(columns), measure, area.standard, periods)
    target = target_of(measure, area)
    counted = pl.collect_all(
        [
            _headline(placed, measure, periods, target),
            *_units(placed, measure, periods, target),
            *(_dimension(placed, measure, name, target) for name in measure.dimensions),
        ]
    )
    return _finished(pl.concat(counted, how="diagonal"), measure, periods, target)


def in_periods(rows: pl.LazyFrame, measure: Measure, standard: Standard, periods: Sequence[Period]) -> pl.LazyFrame:
    """The rows of evidence that belong to each period, with its name in `period`; a row of a quarter is also its year's."""
    if measure.window == "12 months" or len(periods) == 1:
        parts = [
            rows.filter(pl.col("owed_on").is_between(_first_day(measure, each), each.end)).with_columns(
                period=pl.lit(each.name)
            )
            for each in periods
        ]
        return pl.concat(parts)
    numbered = rows.filter(pl.col("owed_on").is_not_null()).with_columns(
        _quarter=quarter_number(standard, pl.col("owed_on"))
    )
    parts = []
    for kind, quarters in (("quarter", 1), ("year", 4)):
        wanted = [each for each in periods if each.kind == kind]
        if not wanted:
            continue
        names = pl.LazyFrame({"period": [each.name for each in wanted], "_first": [each.start for each in wanted]})
        names = names.select("period", _number=quarter_number(standard, pl.col("_first")) // quarters)
        at = numbered.with_columns(_number=pl.col("_quarter") // quarters)
        parts.append(at.join(names, on="_number", how="inner").drop("_quarter", "_number"))
    return pl.concat(parts)


def _first_day(measure: Measure, period: Period) -> date:
    if measure.window == "period":
        return period.start
    return plus_months(period.end + timedelta(days=1), -12)


def _by_case(placed: pl.LazyFrame, measure: Measure, *keep: str) -> pl.LazyFrame:
    """One row per case and period: met when everything owed was met, missed when anything surely was not."""
    if not measure.by_case:
        return placed
    missed, unknown = (~pl.col("met")).any(), pl.col("met").is_null().any()
    together = pl.when(missed).then(pl.lit(value=False)).when(~unknown).then(pl.lit(value=True))
    return placed.group_by("period", "case_id").agg(together.alias("met"), *(pl.col(name).first() for name in keep))


def _counted(rows: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    return rows.group_by("period", *keys).agg(
        met=pl.col("met").sum().cast(pl.Int64),
        owed=pl.len().cast(pl.Int64),
        unknown=pl.col("met").is_null().sum().cast(pl.Int64),
    )


def _every_period(counted: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """A row for every period, also for one in which nothing was owed."""
    frame = pl.LazyFrame({"period": [each.name for each in periods]})
    return frame.join(counted, on="period", how="left").with_columns(pl.col("met", "owed", "unknown").fill_null(0))


def _headline(
    placed: pl.LazyFrame, measure: Measure, periods: Sequence[Period], target: Decimal | None
) -> pl.LazyFrame:
    counted = _every_period(_counted(_by_case(placed, measure)), periods).with_columns(by=pl.lit(HEADLINE))
    if not (measure.each and target is not None):
        return counted.with_columns(verdict=verdict_of(target))
    # The KPI speaks of each unit: one that surely misses the target decides, whatever the rate of all together.
    units = _counted(placed, "unit").with_columns(verdict=verdict_of(target)).group_by("period")
    said = units.agg(verdict=pl.col("verdict"))
    of_units = pl.col("verdict").list
    together = (
        pl.when(pl.col("owed") == 0)
        .then(pl.lit("nothing due"))
        .when(of_units.contains("not met"))
        .then(pl.lit("not met"))
        .when(of_units.contains("depends on missing records"))
        .then(pl.lit("depends on missing records"))
        .otherwise(pl.lit("met"))
    )
    return counted.join(said, on="period", how="left").with_columns(verdict=together)


def _units(
    placed: pl.LazyFrame, measure: Measure, periods: Sequence[Period], target: Decimal | None
) -> list[pl.LazyFrame]:
    """The breakdown that the contract names."""
    if measure.by_case:
        counted = _every_period(_counted(placed), periods).with_columns(unit=pl.lit(BY_REVIEW))
        return [counted.with_columns(by=pl.lit(UNIT), verdict=verdict_of(target))]
    if measure.unit is None:
        return []
    if not measure.counts:
        return [_counted(placed, "unit").with_columns(by=pl.lit(UNIT), verdict=verdict_of(target))]
    names = pl.LazyFrame({"period": [each.name for each in periods]})
    every = names.join(pl.LazyFrame({"unit": list(measure.counts)}), how="cross")
    owed = placed.group_by("period", "unit").agg(owed=pl.len().cast(pl.Int64))
    counted = every.join(owed, on=["period", "unit"], how="left").with_columns(pl.col("owed").fill_null(0))
    return [counted.with_columns(by=pl.lit(UNIT))]


def _dimension(placed: pl.LazyFrame, measure: Measure, name: str, target: Decimal | None) -> pl.LazyFrame:
    counted = _counted(_by_case(placed, measure, name), name).rename({name: "unit"})
    named = counted.with_columns(by=pl.lit(name), unit=pl.col("unit").fill_null(NOT_RECORDED))
    return named.with_columns(verdict=verdict_of(target))


def _finished(
    counted: pl.DataFrame, measure: Measure, periods: Sequence[Period], target: Decimal | None
) -> pl.DataFrame:
    """Fractions, intervals and the columns of `RESULTS`; the units of a measure that only counts them keep just `owed`."""
    met, owed, unknown = pl.col("met"), pl.col("owed"), pl.col("unknown")
    some = pl.when(owed > 0)
    low, high = wilson(met, owed)
    counts_only = (pl.col("by") == UNIT) & pl.lit(bool(measure.counts))
    fractions = {
        "rate": some.then(met / owed),
        "worst": some.then(met / owed),
        "best": some.then((met + unknown) / owed),
        "low": low,
        "high": high,
        "target": pl.when(~counts_only).then(pl.lit(None if target is None else float(target), dtype=pl.Float64)),
    }
    frame = counted.with_columns(**fractions, measure=pl.lit(measure.id)).join(_as_frame(periods), on="period")
    ordered = frame.sort("period_start", "period_kind", "by", pl.col("unit"), nulls_last=False, maintain_order=True)
    return ordered.select(pl.col(name).cast(dtype) for name, dtype in RESULTS.items())


def _as_frame(periods: Sequence[Period]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "period": [each.name for each in periods],
            "period_kind": [each.kind for each in periods],
            "period_start": [each.start for each in periods],
            "period_end": [each.end for each in periods],
        }
    )


def _said(measure: Measure, periods: Sequence[Period], verdict: Verdict) -> pl.DataFrame:
    """A headline without a figure for every period: the verdict says why there is none."""
    frame = _as_frame(periods).with_columns(measure=pl.lit(measure.id), by=pl.lit(HEADLINE), verdict=pl.lit(verdict))
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in RESULTS.items()
    )
