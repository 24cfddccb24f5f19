"""How far records reach, and what is said of periods beyond."""

from __future__ import annotations

from datetime import date

import pytest

from checks.standard import shipped
from kpis.periods import parse_period
from kpis.reach import beyond, first_day
from tests.tables import typed

AS_AT = date(2023, 12, 31)
TABLES = {
    "cases": [{"case_id": "C1", "sentenced_on": "1985-03-02", "entered_on": "2019-05-01"}, {"case_id": "C2"}],
    "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2018-11-30"}],
}


def test_records_begin_with_the_first_thing_that_took_place_and_not_with_a_sentence_long_before() -> None:
    assert first_day(typed(TABLES, AS_AT)) == date(2018, 11, 30)
    assert first_day(typed({"cases": [{"case_id": "C1"}]}, AS_AT)) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2024-Q1", "2024-Q1 begins on 2024-01-01, after the as-at date 2023-12-31: nothing of it is known yet."),
        ("2023-Q4", None),
        ("2018-Q4", None),
        ("2018", None),
        ("2018-Q3", "The records hold nothing so early as 2018-Q3: what they tell of begins on 2018-11-30."),
        ("1990", "The records hold nothing so early as 1990: what they tell of begins on 2018-11-30."),
    ],
)
def test_a_period_beyond_the_records_is_told(name: str, said: str | None) -> None:
    assert beyond(parse_period(name, shipped("jersey")), typed(TABLES, AS_AT)) == said


def test_of_records_without_any_day_nothing_is_said_of_early_periods() -> None:
    assert beyond(parse_period("1990", shipped("jersey")), typed({"cases": [{"case_id": "C1"}]}, AS_AT)) is None
