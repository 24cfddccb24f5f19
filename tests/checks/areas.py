"""A small sound area, and frames of a check's answer as sets, for the tests of the checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import polars as pl
from hypothesis import Phase

from checks.locators import FILE, ROW, SHEET
from checks.runner import Checked, check
from checks.standard import shipped
from connectors.sample.area import make_area

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Hypothesis without shrinking: with a whole check per example it takes minutes, and the example says enough."""

AS_AT = date(2023, 12, 31)
Tables = Mapping[str, pl.DataFrame]
Found = tuple[str, str | None, int | None]


@cache
def small_area(flaws: bool = False, cases: int = 25, years: int = 2) -> dict[str, pl.DataFrame]:
    """The sample area in little, as raw tables with locators."""
    area = make_area(cases=cases, years=years, flaws=flaws)
    return {
        name: frame.with_columns(
            pl.lit(f"{name}.csv").alias(FILE),
            pl.lit(None, dtype=pl.String).alias(SHEET),
            pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(ROW),
        )
        for name, frame in area.tables.items()
    }


def checked(tables: Tables, standard: str = "jersey", as_at: date = AS_AT) -> Checked:
    """The checks' answer for these raw tables."""
    return check(tables, shipped(standard), as_at)


def found(tables: Tables, standard: str = "jersey", as_at: date = AS_AT) -> set[Found]:
    """Every finding as (rule, key, row)."""
    findings = checked(tables, standard, as_at).findings
    rows = set(findings.select("rule", "key", "row").iter_rows())
    assert len(rows) == findings.height
    return rows


def status(answer: Checked, rule: str) -> str:
    """What came of one rule."""
    return answer.outcomes.row(by_predicate=pl.col("rule") == rule, named=True)["status"]
