"""The figure in force on a day, as expressions, against plain loops over days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest

from checks.in_force import due_in_force, figure_on, listed_on, next_due, times_due
from checks.standard import Standard, shipped
from tests.checks.changing import changing

WEEKS, START = "review_weeks_level_2", date(2023, 1, 1)
DAYS = [START + timedelta(days=each) for each in range(0, 900, 7)]


def one_by_one(expression: pl.Expr, days: Sequence[date | None]) -> list[object]:
    return pl.DataFrame({"day": days}, schema={"day": pl.Date}).with_columns(said=expression)["said"].to_list()


def due_after(standard: Standard, since: date) -> date:
    """The earliest day on which the interval in force that day has passed."""
    day = since + timedelta(days=1)
    while (day - since).days < standard.value(WEEKS, on=day) * 7:
        day += timedelta(days=1)
    return day


def test_every_day_has_the_figure_of_its_day(tmp_path: Path) -> None:
    standard = changing(tmp_path, "jersey", (WEEKS, "2023-07-01", "10"), (WEEKS, "2024-02-01", "14"))
    days = [date(2023, 6, 30), date(2023, 7, 1), date(2024, 1, 31), date(2024, 2, 1), None]
    assert one_by_one(figure_on(standard, WEEKS, pl.col("day"), pl.Int64), days) == [12, 10, 10, 14, None]


def test_a_figure_that_never_changes_is_the_same_on_a_day_that_nobody_knows() -> None:
    assert one_by_one(figure_on(shipped("jersey"), WEEKS, pl.col("day"), pl.Int64), [START, None]) == [12, 12]
    assert one_by_one(figure_on(shipped("jersey"), "after_release_months", pl.col("day"), pl.Int64), [START]) == [None]


def test_a_target_that_is_set_from_a_day_on_is_none_before(tmp_path: Path) -> None:
    standard = changing(tmp_path, "jersey", ("target_review_level_1", "2023-07-01", "0.80"))
    target = figure_on(standard, "target_review_level_1", pl.col("day"), pl.Float64)
    assert one_by_one(target, [START, date(2023, 7, 1)]) == [None, 0.8]


def test_a_code_is_in_the_list_of_its_day(tmp_path: Path) -> None:
    standard = changing(tmp_path, "hampshire", ("categories", "2023-07-01", '["1", "2", "3", "4"]'))
    four = listed_on(standard, "categories", pl.lit("4"), pl.col("day"))
    assert one_by_one(four, [date(2023, 6, 30), date(2023, 7, 1), None]) == [False, True, None]


@pytest.mark.parametrize("seed", range(6))
def test_a_duty_falls_due_when_the_interval_of_that_day_has_passed(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    begins = sorted(chance.sample(DAYS, 3))
    standard = changing(tmp_path, "jersey", *((WEEKS, day.isoformat(), str(chance.randint(1, 30))) for day in begins))
    since = [*chance.sample(DAYS, 20), *begins]
    assert one_by_one(next_due(standard, WEEKS, pl.col("day")), since) == [due_after(standard, each) for each in since]
    before = date(2025, 6, 1)
    counted = []
    for each in since:
        due, times = due_after(standard, each), 0
        while due < before:
            due, times = due_after(standard, due), times + 1
        counted.append(times)
    assert one_by_one(times_due(standard, WEEKS, pl.col("day"), before), since) == counted


def test_a_duty_since_a_day_that_nobody_knows_falls_due_nobody_knows_when(tmp_path: Path) -> None:
    for standard in (shipped("jersey"), changing(tmp_path, "jersey", (WEEKS, "2023-07-01", "10"))):
        assert one_by_one(next_due(standard, WEEKS, pl.col("day")), [None]) == [None]
        assert one_by_one(times_due(standard, WEEKS, pl.col("day"), START), [None]) == [None]


@pytest.mark.parametrize("seed", range(4))
def test_a_thing_falls_due_on_the_first_day_on_which_the_time_allowed_that_day_has_passed(
    tmp_path: Path, seed: int
) -> None:
    """Forwards from a day, and backwards from one that is still to come, whichever way the figure changes."""
    rng = Random(seed)
    dates = sorted(rng.sample(DAYS[5:-25], 2))
    values = rng.sample(range(2, 30), 2)
    standard = changing(
        tmp_path, "jersey", *((WEEKS, day.isoformat(), str(value)) for day, value in zip(dates, values, strict=True))
    )
    for sign in (1, -1):
        told = due_in_force(standard, WEEKS, lambda weeks, sign=sign: pl.col("day").dt.offset_by(f"{sign * weeks}w"))

        def first(since: date, sign: int = sign) -> date:
            day = since - timedelta(weeks=40)
            while since + timedelta(weeks=sign * standard.value(WEEKS, on=day)) > day:
                day += timedelta(days=1)
            return day

        assert one_by_one(told, [*DAYS, None]) == [*(first(day) for day in DAYS), None]


def test_nothing_falls_due_where_no_figure_is_set() -> None:
    name = "after_release_months"
    told = due_in_force(shipped("jersey"), name, lambda months: pl.col("day").dt.offset_by(f"{months}mo"))
    assert one_by_one(told, [START]) == [None]
