"""From evidence to results: sums, bounds, intervals and verdicts (domain section 4, common rules)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import polars as pl

from checks.standard import Standard
from kpis.area import Area
from kpis.evidence import in_text
from kpis.measure import Measure
from kpis.periods import Period, days_of, quarter_number
from kpis.tallies import COUNTS, count_met, counts, counts_of_cases, in_quarters

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
WHOLES = ("by review", "by part")
"""What the rows of a measure by case are counted under, all together."""
NOT_RECORDED = "not recorded"

NO_AGENCY, NO_MEMBER = "(agency not recorded)", "(member not recorded)"
NAMELESS = (NO_AGENCY, NO_MEMBER)
"""The units under which stand the rows that name no agency or member: whose they are nobody knows."""

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


def target_of(measure: Measure, area: Area, on: date) -> Decimal | None:
    """The target the area is held to on a day: the standard's, or where it sets none the one that the area has adopted."""
    set_by_standard = area.standard.value(measure.target, on=on) if measure.target else None
    return set_by_standard if set_by_standard is not None else area.adopted_targets.get(measure.id)


def own_target(measure: Measure, standard: Standard) -> str | None:
    """The target in words where the standard sets it for every day, so that an area can adopt none: `0.8, from 2024-07-01 0.9`.

    None where it sets none, or not from the beginning: until then the area's own holds.
    """
    steps = standard.steps(measure.target) if measure.target else ()
    if not steps or any(each.value is None for each in steps):
        return None
    return ", ".join(
        f"{each.value}" if each.from_day is None else f"from {each.from_day} {each.value}" for each in steps
    )


Targets = Mapping[str, Decimal | None]
"""Period → the target in force on its last day."""


def targets_of(measure: Measure, area: Area, periods: Iterable[Period]) -> dict[str, Decimal | None]:
    """The target by which each period is judged: that in force on the period's last day, also while the period still runs."""
    return {each.name: target_of(measure, area, each.end) for each in periods}


def _by_target(targets: Targets, say: Callable[[Decimal | None], pl.Expr]) -> pl.Expr:
    """What `say` makes of the target of each row's `period`."""
    different = list(dict.fromkeys(targets.values()))
    said = say(different[0])
    for target in different[1:]:
        names = [name for name, each in targets.items() if each == target]
        said = pl.when(pl.col("period").is_in(names)).then(say(target)).otherwise(said)
    return said


def target_in_force(targets: Targets) -> pl.Expr:
    """The target of each row's `period`, as a fraction."""
    return _by_target(targets, lambda each: pl.lit(None if each is None else float(each), dtype=pl.Float64))


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


def all_evidence(area: Area, measures: Iterable[Measure] | None = None) -> dict[str, pl.DataFrame]:
    """The evidence of every measure (or of those given) that the standard asks for and the records can tell, by id."""
    told = [each for each in _or_all(measures) if each.in_standard(area.standard) and each.supplied(area)]
    frames = pl.collect_all([each.evidence(area) for each in told])
    return {each.id: frame for each, frame in zip(told, frames, strict=True)}


def all_results(
    area: Area,
    periods: Sequence[Period],
    measures: Iterable[Measure] | None = None,
    evidence: Mapping[str, pl.DataFrame] | None = None,
    *,
    dimensions: bool = True,
) -> pl.DataFrame:
    """The results of every measure (or of those given) for some periods, in the order of the measures (columns: `RESULTS`).

    `evidence` as of `all_evidence`, where it has been collected already · `dimensions` false: only the headlines and the
    breakdown that the contract names.
    """
    if not periods:
        return pl.DataFrame(schema=RESULTS)
    given = evidence or {}
    measures = _or_all(measures)
    said = {each.id: _cannot(each, area) for each in measures}
    told = [each for each in measures if said[each.id] is None]

    def counted(measure: Measure) -> pl.DataFrame:
        tallies = _tallies(measure, area, periods, given.get(measure.id), dimensions)
        told = dict(zip(tallies, map(in_text, pl.collect_all(tallies.values())), strict=True))
        return _finished(_counted(measure, told, area, periods, dimensions), measure, area, periods)

    # Side by side: while one measure waits for its records, or works with one core, another can go on. The measures by case
    # share the review clock, and those of the last day how cases stood on it: while the first of each works it out the others
    # would only wait, so they come last.
    sharing = [
        [each for each in told if each.window == "last day"],
        [each for each in told if each.by_case and each.window != "last day"],
    ]
    first = [each[0] for each in sharing if each]
    after = [each for some in sharing for each in some[1:]]
    in_turn = [*first, *(each for each in told if each not in [*first, *after]), *after]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        figures = dict(zip((each.id for each in in_turn), pool.map(counted, in_turn), strict=True))
    parts = [
        _said(each, area, periods, verdict) if (verdict := said[each.id]) else figures[each.id] for each in measures
    ]
    return pl.concat([pl.DataFrame(schema=RESULTS), *parts])


def results(
    measure: Measure, area: Area, periods: Sequence[Period], evidence: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The results of one measure for some periods (columns: `RESULTS`); `evidence` where it has been collected already."""
    return all_results(area, periods, [measure], None if evidence is None else {measure.id: evidence})


def _or_all(measures: Iterable[Measure] | None) -> list[Measure]:
    if measures is None:
        from kpis.measures import MEASURES  # the measures import this module

        return list(MEASURES.values())
    return list(measures)


def _cannot(measure: Measure, area: Area) -> Verdict | None:
    """Why there is no figure at all, if there is none."""
    if not measure.in_standard(area.standard):
        return "not in this standard"
    return None if measure.supplied(area) else "not supplied"


def in_periods(
    rows: pl.LazyFrame, measure: Measure, standard: Standard, periods: Sequence[Period], as_at: date
) -> pl.LazyFrame:
    """The rows of evidence that belong to each period, with its name in `period`; a row of a quarter is also its year's."""
    if measure.window != "period" or len(periods) == 1:
        parts = [
            rows.filter(pl.col("owed_on").is_between(*days_of(measure.window, each, as_at))).with_columns(
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


def _quarters(measure: Measure, area: Area, periods: Sequence[Period]) -> pl.DataFrame:
    """`period, quarter`: the quarters, by number, whose counts make up each period."""
    spans = [days_of(measure.window, each, area.as_at) for each in periods]
    days = pl.DataFrame(
        {
            "period": [each.name for each in periods],
            "first": [first for first, _ in spans],
            "last": [last for _, last in spans],
        },
        schema={"period": pl.String, "first": pl.Date, "last": pl.Date},
    )
    first, last = (quarter_number(area.standard, pl.col(name)) for name in ("first", "last"))
    return days.select("period", quarter=pl.int_ranges(first, last + 1, dtype=pl.Int32)).explode("quarter")


def _tallies(
    measure: Measure, area: Area, periods: Sequence[Period], evidence: pl.DataFrame | None, dimensions: bool
) -> dict[str, pl.LazyFrame]:
    """The evidence counted as far as periods allow: per quarter, and where a case counts once also per year.

    `quarter`: one row per quarter (its number) and thing it is broken down by: `met, owed, unknown` · for a measure by case
    also `year`, alike per year unless a year is no more than its last day, and in both `reviews_met, reviews_owed,
    reviews_unknown` · `unit`, where such a measure shows its units apart: one row per quarter and unit.
    """
    by = measure.dimensions if dimensions else ()
    if evidence is None and measure.counted is not None and not by:
        counted = measure.counted(area, *_span(measure, area, periods))
        if counted is not None:
            if measure.apart:
                return _of_parts(counted)
            return _of_cases(counted, periods) if measure.by_case else {"quarter": counted}
    if evidence is not None:
        rows = evidence.lazy()
    elif measure.bare is not None and not by:
        rows = measure.bare(area)
    else:
        rows = measure.evidence(area)
    rows = rows.filter(pl.col("owed_on").is_between(*_span(measure, area, periods)))
    if not measure.by_case:
        keys = list(dict.fromkeys([*(["unit"] if measure.unit else []), *by]))
        return {"quarter": counts(rows, area.standard, *keys)}
    wanted = {each.kind for each in periods} if measure.window == "period" else {"quarter"}
    of_cases = counts_of_cases(in_quarters(rows, area.standard, "case_id", *by).collect(), *by)
    out = {"unit": counts(rows, area.standard, "unit")} if measure.apart else {}
    for kind in sorted(wanted):
        # What is said of a case, in a quarter or a year, follows from how many of its rows were met, owed and unknown.
        cases = of_cases[kind].lazy()
        out[kind] = (
            cases.select(kind, _together(measure), *by, *(pl.col(name).alias(f"reviews_{name}") for name in COUNTS))
            .group_by(kind, *by)
            .agg(*count_met(), *(pl.col(f"reviews_{name}").sum() for name in COUNTS))
        )
    return out


def _span(measure: Measure, area: Area, periods: Sequence[Period]) -> tuple[date, date]:
    """The first and the last day that the periods ask about."""
    spans = [days_of(measure.window, each, area.as_at) for each in periods]
    return min(first for first, _ in spans), max(last for _, last in spans)


def _of_cases(counted: pl.LazyFrame, periods: Sequence[Period]) -> dict[str, pl.LazyFrame]:
    """Counts that a measure by case has made itself, in the form of `_tallies`."""
    names = ("met", "owed")
    nothing = pl.lit(0, dtype=pl.Int64)
    unknown = (nothing.alias("unknown"), nothing.alias("reviews_unknown"))
    reviews = [f"reviews_{name}" for name in names]
    tallies = {
        "quarter": counted.select("quarter", *reviews, **{name: f"cases_{name}" for name in names}),
        "year": counted.group_by(year=pl.col("quarter") // 4).agg(
            pl.col(reviews).sum(), **{name: pl.col(f"year_cases_{name}").sum() for name in names}
        ),
    }
    kinds = {each.kind for each in periods}
    return {kind: tally.with_columns(unknown) for kind, tally in tallies.items() if kind in kinds}


def _of_parts(counted: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """Counts of a measure that shows its units apart, in the form of `_tallies`."""
    parts = counted.filter(pl.col("unit").is_not_null())
    together = parts.group_by("quarter").agg(pl.col(name).sum().alias(f"reviews_{name}") for name in COUNTS)
    cases = counted.filter(pl.col("unit").is_null()).drop("unit")
    return {"unit": parts, "quarter": cases.join(together, on="quarter", how="left")}


def _together(measure: Measure) -> pl.Expr:
    """`met` of a case, from the counts of its rows of a period put together."""
    met, owed, unknown = (pl.col(name) for name in COUNTS)
    if measure.together == "more than one":
        return (owed > 1).alias("met")
    missed = met + unknown < owed
    return pl.when(missed).then(pl.lit(value=False)).when(unknown == 0).then(pl.lit(value=True)).alias("met")


def _counted(
    measure: Measure, tallies: dict[str, pl.DataFrame], area: Area, periods: Sequence[Period], dimensions: bool
) -> pl.DataFrame:
    """From counts per quarter to counts per period: `period, by, unit, met, owed, unknown`."""
    every = pl.DataFrame({"period": [each.name for each in periods]})
    reviews = [f"reviews_{name}" for name in COUNTS] if measure.by_case else []
    quarters = _quarters(measure, area, periods)
    if measure.by_case and measure.window == "period":
        columns = ("period", *COUNTS, *reviews, *(measure.dimensions if dimensions else ()))
        placed = [
            tallies[kind].join(_numbers(area.standard, periods, kind), on=kind, how="inner").select(columns)
            for kind in ("quarter", "year")
            if kind in tallies
        ]
        at = pl.concat(placed)
    else:
        at = tallies["quarter"].join(quarters, on="quarter", how="inner").drop("quarter")

    def summed(*keys: str) -> pl.DataFrame:
        return at.group_by("period", *keys).agg(pl.col(*COUNTS, *reviews).sum())

    whole = every.join(summed(), on="period", how="left").fill_null(0)
    parts = [whole.select("period", pl.lit(HEADLINE).alias("by"), pl.lit(None, dtype=pl.String).alias("unit"), *COUNTS)]
    if measure.by_case and measure.unit:
        counts = [pl.col(f"reviews_{name}").alias(name) for name in COUNTS]
        unit = pl.lit(f"by {measure.unit}").alias("unit")
        parts.append(whole.select("period", pl.lit(UNIT).alias("by"), unit, *counts))
        if measure.apart:
            units = tallies["unit"].join(quarters, on="quarter").group_by("period", "unit").agg(pl.col(COUNTS).sum())
            parts.append(units.select("period", pl.lit(UNIT).alias("by"), "unit", *COUNTS))
    elif measure.counts:
        codes = every.join(pl.DataFrame({"unit": list(measure.counts)}), how="cross")
        told = codes.join(summed("unit").select("period", "unit", "owed"), on=["period", "unit"], how="left").fill_null(
            0
        )
        nothing = [pl.lit(None, dtype=pl.Int64).alias(name) for name in ("met", "unknown")]
        parts.append(told.with_columns(nothing).select("period", pl.lit(UNIT).alias("by"), "unit", *COUNTS))
    elif measure.unit:
        parts.append(summed("unit").select("period", pl.lit(UNIT).alias("by"), "unit", *COUNTS))
    for name in measure.dimensions if dimensions else ():
        unit = pl.col(name).fill_null(NOT_RECORDED).alias("unit")
        parts.append(summed(name).select("period", pl.lit(name).alias("by"), unit, *COUNTS))
    return pl.concat(parts)


def _numbers(standard: Standard, periods: Sequence[Period], kind: str) -> pl.DataFrame:
    """`period` and its number, as `quarter` or `year`."""
    of_kind = [each for each in periods if each.kind == kind]
    frame = pl.DataFrame(
        {"period": [each.name for each in of_kind], "first": [each.start for each in of_kind]},
        schema={"period": pl.String, "first": pl.Date},
    )
    number = quarter_number(standard, pl.col("first")).cast(pl.Int32)
    return frame.select("period", (number if kind == "quarter" else number // 4).alias(kind))


def _finished(counted: pl.DataFrame, measure: Measure, area: Area, periods: Sequence[Period]) -> pl.DataFrame:
    """Fractions, intervals, verdicts and the columns of `RESULTS`; units that are only counted keep just `owed`."""
    met, owed, unknown = pl.col("met"), pl.col("owed"), pl.col("unknown")
    some = pl.when(owed > 0)
    low, high = wilson(met, owed)
    figures = counted.with_columns(
        rate=some.then(met / owed),
        worst=some.then(met / owed),
        best=some.then((met + unknown) / owed),
        low=low,
        high=high,
        measure=pl.lit(measure.id),
    )
    framed = judged(figures, measure, targets_of(measure, area, periods)).join(_as_frame(periods), on="period")
    ordered = framed.sort("period_start", "period_kind", "by", "unit", nulls_last=False, maintain_order=True)
    return ordered.select(pl.col(name).cast(dtype) for name, dtype in RESULTS.items())


def judged(counted: pl.DataFrame, measure: Measure, targets: Targets) -> pl.DataFrame:
    """The counts of a measure (`period, by, unit, met, owed, unknown`) with `target` and `verdict`.

    Each period is held to its own of the `targets`. What is only counted, and what nobody could count, has no verdict of its own.
    """
    counts_only = (pl.col("by") == UNIT) & pl.lit(bool(measure.counts))
    told = counted.with_columns(
        target=pl.when(~counts_only).then(target_in_force(targets)),
        verdict=pl.when(~counts_only).then(_by_target(targets, verdict_of)),
    )
    if measure.each and any(each is not None for each in targets.values()):
        told = _of_each(told, targets)
    return told


def _of_each(told: pl.DataFrame, targets: Targets) -> pl.DataFrame:
    """The verdicts where the KPI speaks of each unit: one that surely misses the target decides, whatever all together reach.

    Rows that name nobody decide nothing against the target, for they may be anybody's: together they meet it only if each of
    them is met, and a unit misses it surely only if it does with all of them that may be met counted as its own.
    """
    has_target, of_unit = pl.col("target").is_not_null(), pl.col("by") == UNIT
    nameless = of_unit & pl.col("unit").is_in(NAMELESS).fill_null(value=False)
    perhaps = pl.when(nameless).then(pl.col("met") + pl.col("unknown")).otherwise(0).sum().over("period")
    open_ = pl.lit("depends on missing records")
    all_met = pl.when(pl.col("met") == pl.col("owed")).then(pl.lit("met")).otherwise(open_)
    by_name = told.with_columns(
        verdict=pl.when(nameless & has_target & (pl.col("owed") > 0)).then(all_met).otherwise("verdict"),
        _perhaps=perhaps,
    )
    at_best = _by_target(targets, lambda target: verdict_of(target).replace_strict({"not met": True}, default=False))
    favoured = by_name.with_columns(met=pl.col("met") + pl.col("_perhaps"), owed=pl.col("owed") + pl.col("_perhaps"))
    misses = by_name.with_columns(_missed=favoured.select(at_best).to_series()).with_columns(
        _missed=pl.col("_missed") & of_unit & (pl.col("owed") > 0) & ~nameless
    )
    together = (
        pl.when(pl.col("_missed").any().over("period"))
        .then(pl.lit("not met"))
        .when((of_unit & pl.col("verdict").is_in(["not met", "depends on missing records"])).any().over("period"))
        .then(open_)
        .otherwise(pl.lit("met"))
    )
    headline = (pl.col("by") == HEADLINE) & (pl.col("owed") > 0) & has_target
    return misses.with_columns(verdict=pl.when(headline).then(together).otherwise("verdict")).drop(
        "_perhaps", "_missed"
    )


def _as_frame(periods: Sequence[Period]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "period": [each.name for each in periods],
            "period_kind": [each.kind for each in periods],
            "period_start": [each.start for each in periods],
            "period_end": [each.end for each in periods],
        }
    )


def _said(measure: Measure, area: Area, periods: Sequence[Period], verdict: Verdict) -> pl.DataFrame:
    """A headline without a figure for every period: the verdict says why there is none."""
    frame = _as_frame(periods).with_columns(
        measure=pl.lit(measure.id),
        by=pl.lit(HEADLINE),
        target=target_in_force(targets_of(measure, area, periods)),
        verdict=pl.lit(verdict),
    )
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in RESULTS.items()
    )
