"""Quarters and years of both kinds of reporting year."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from checks.errors import UsageError
from checks.standard import shipped
from kpis.periods import (
    last_complete_quarter,
    parse_period,
    periods_between,
    quarter_number,
    quarter_of,
    year_of,
)
from tests.kpis import naive

JERSEY, HAMPSHIRE = shipped("jersey"), shipped("hampshire")


@pytest.mark.parametrize(
    ("standard", "name", "first", "last"),
    [
        (JERSEY, "2023", date(2023, 1, 1), date(2023, 12, 31)),
        (JERSEY, "2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        (JERSEY, "2023-Q4", date(2023, 10, 1), date(2023, 12, 31)),
        (HAMPSHIRE, "2023-24", date(2023, 4, 1), date(2024, 3, 31)),
        (HAMPSHIRE, "2023-24-Q4", date(2024, 1, 1), date(2024, 3, 31)),
        (HAMPSHIRE, "1999-00-Q1", date(1999, 4, 1), date(1999, 6, 30)),
    ],
)
def test_a_period_by_its_name(standard, name: str, first: date, last: date) -> None:
    period = parse_period(name, standard)
    assert (period.name, period.start, period.end) == (name, first, last)


@pytest.mark.parametrize(
    ("standard", "text"),
    [
        (JERSEY, "2023-24"),
        (JERSEY, "2023-Q5"),
        (JERSEY, "Q4 2023"),
        (JERSEY, ""),
        (HAMPSHIRE, "2023"),
        (HAMPSHIRE, "2023-25"),
        (HAMPSHIRE, "2023-Q1"),
    ],
)
def test_a_name_that_is_none_is_answered_with_how_to_write_it(standard, text: str) -> None:
    with pytest.raises(UsageError, match=r"2023(-24)?-Q4"):
        parse_period(text, standard)


@pytest.mark.parametrize("standard", [JERSEY, HAMPSHIRE], ids=["January", "April"])
def test_every_day_of_five_years_lies_in_one_quarter_and_one_year(standard) -> None:
    days = [date(2019, 12, 1) + timedelta(days=each) for each in range(5 * 366)]
    numbers = pl.DataFrame({"day": days}).select(quarter_number(standard, pl.col("day"))).to_series().to_list()
    before = None
    for day, number in zip(days, numbers, strict=True):
        quarter, year = quarter_of(standard, day), year_of(standard, day)
        assert quarter.start <= day <= quarter.end
        assert year.start <= quarter.start
        assert quarter.end <= year.end
        assert quarter.name == f"{year.name}-Q{number % 4 + 1}"
        assert before is None or number - before == (day == quarter.start)
        before = number


@pytest.mark.parametrize("standard", [JERSEY, HAMPSHIRE], ids=["January", "April"])
def test_the_periods_of_a_history_are_those_that_touch_it(standard) -> None:
    first, last = date(2022, 5, 17), date(2024, 3, 31)
    found = {each.name: (each.start, each.end) for each in periods_between(standard, first, last)}
    assert found == naive.quarters_and_years(standard.name, first, last)


def test_the_last_complete_quarter() -> None:
    assert last_complete_quarter(JERSEY, date(2023, 12, 31)).name == "2023-Q4"
    assert last_complete_quarter(JERSEY, date(2023, 12, 30)).name == "2023-Q3"
    assert last_complete_quarter(HAMPSHIRE, date(2024, 4, 1)).name == "2023-24-Q4"
