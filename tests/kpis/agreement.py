"""The product's results beside those of the naive implementation."""

from __future__ import annotations

from collections.abc import Iterable
from math import isclose
from typing import Any

import polars as pl

from checks.standard import shipped
from kpis.area import Area
from kpis.periods import Period, parse_period
from kpis.results import all_results
from tests.kpis import naive
from tests.kpis.random_area import RandomArea, every_day

MEASURES = (
    "review_level_1",
    "review_level_2",
    "review_level_3",
    "disclosure",
    "agency_attendance",
    "smb_attendance",
    "screening_outcomes",
)
COUNTS = ("met", "owed", "unknown", "verdict")
FRACTIONS = ("rate", "worst", "best", "low", "high", "target")


def periods_of(area: RandomArea) -> list[Period]:
    """Every quarter and year of the area's history."""
    named = naive.quarters_and_years(area.standard, *every_day(area))
    return [parse_period(name, shipped(area.standard)) for name in named]


def product_rows(
    area: Area, periods: Iterable[Period], dimensions: bool = True
) -> dict[tuple[str, str, str | None], dict[str, Any]]:
    """Headline and contract units by period, measure and unit."""
    rows = all_results(area, list(periods), dimensions=dimensions).filter(
        pl.col("by").is_in(["all", "unit"]) & pl.col("measure").is_in(MEASURES)
    )
    out = {(row["period"], row["measure"], row["unit"]): row for row in rows.to_dicts()}
    assert len(out) == rows.height, "two rows for one thing"
    return out


def naive_rows(area: RandomArea, periods: Iterable[Period]) -> dict[tuple[str, str, str | None], dict[str, Any]]:
    """The same from the naive implementation."""
    told = area.naive()
    return {
        (each.name, row["measure"], row["unit"]): row
        for each in periods
        for row in naive.results(told, each.start, each.end)
    }


def differences(ours: dict[Any, dict[str, Any]], theirs: dict[Any, dict[str, Any]]) -> list[str]:
    """What differs, in words; counts and verdicts to the letter, fractions but for the last bits."""
    out = [f"only in the product: {key}" for key in ours.keys() - theirs.keys()]
    out += [f"only in the naive: {key}" for key in theirs.keys() - ours.keys()]
    for key in ours.keys() & theirs.keys():
        one, other = ours[key], theirs[key]
        out += [f"{key} {name}: {one[name]} / {other[name]}" for name in COUNTS if one[name] != other[name]]
        out += [f"{key} {name}: {one[name]} / {other[name]}" for name in FRACTIONS if not _same(one[name], other[name])]
    return sorted(out)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-7)
