"""Intervals against published values, verdicts by exact fractions, and the sums in between."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from kpis.results import verdict_of, wilson


def interval(met: int, owed: int) -> tuple[float | None, float | None]:
    low, high = wilson(pl.col("met"), pl.col("owed"))
    return pl.DataFrame({"met": [met], "owed": [owed]}).select(low.alias("low"), high.alias("high")).row(0)


@pytest.mark.parametrize(
    ("met", "owed", "low", "high"),
    [
        # Newcombe 1998, “Two-sided confidence intervals for the single proportion”, table I, method 3 (score).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(met: int, owed: int, low: float, high: float) -> None:
    assert interval(met, owed) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("met", "owed", "low", "high"),
    [
        # statsmodels 0.15.0, proportion_confint(…, 0.05, "wilson").
        (0, 1, 0.0, 0.7934506856227627),
        (0, 20, 0.0, 0.1611251580528194),
        (1, 29, 0.006113214292762667, 0.17175521879320294),
        (29, 30, 0.8332960900859081, 0.9940914096183875),
        (52, 89, 0.4804710436601585, 0.6810947071427202),
        (81, 263, 0.2552885198782742, 0.36620957698280004),
        (20, 20, 0.8388748419471804, 1.0),
    ],
)
def test_the_interval_is_that_of_a_well_known_package(met: int, owed: int, low: float, high: float) -> None:
    assert interval(met, owed) == (pytest.approx(low, rel=1e-12), pytest.approx(high, rel=1e-12))


@pytest.mark.parametrize("owed", [1, 2, 7, 1000])
def test_the_interval_of_none_and_of_all_ends_at_the_rate_itself(owed: int) -> None:
    none, every = interval(0, owed), interval(owed, owed)
    assert none[0] == 0.0
    assert every[1] == 1.0
    assert none[1] == pytest.approx(1 - (every[0] or 0))
    assert 0 < (none[1] or 0) < 1


def test_no_interval_where_nothing_is_owed() -> None:
    assert interval(0, 0) == (None, None)


@pytest.mark.parametrize(
    ("target", "met", "owed", "unknown", "verdict"),
    [
        ("0.85", 17, 20, 0, "met"),  # 0.85 has no exact binary form; 17 of 20 is 85 % to the last digit
        ("0.90", 9, 10, 0, "met"),
        ("0.85", 1699, 2000, 0, "not met"),  # 84.95 %, which rounds to 85.0 %
        ("0.85", 16, 20, 1, "depends on missing records"),
        ("0.85", 16, 20, 0, "not met"),
        ("0.85", 15, 20, 1, "not met"),
        ("0.85", 17, 20, 3, "met"),
        ("1.00", 99, 100, 1, "depends on missing records"),
        ("1.00", 100, 100, 0, "met"),
        ("1.00", 0, 0, 0, "nothing due"),
        (None, 0, 0, 0, "nothing due"),
        (None, 1, 2, 0, "no target"),
    ],
)
def test_the_verdict_compares_exact_fractions(
    target: str | None, met: int, owed: int, unknown: int, verdict: str
) -> None:
    counts = pl.DataFrame({"met": [met], "owed": [owed], "unknown": [unknown]})
    assert counts.select(verdict_of(None if target is None else Decimal(target))).item() == verdict


def test_every_count_around_a_target_is_judged_as_whole_numbers_are() -> None:
    counts = pl.DataFrame(
        [{"met": met, "owed": owed, "unknown": 0} for owed in range(1, 121) for met in range(owed + 1)]
    )
    for per_cent in (85, 90, 100):
        judged = counts.with_columns(verdict=verdict_of(Decimal(per_cent) / 100))
        expected = (
            pl.when(pl.col("met") * 100 >= pl.col("owed") * per_cent).then(pl.lit("met")).otherwise(pl.lit("not met"))
        )
        assert judged.filter(pl.col("verdict") != expected).is_empty()
