"""What an address asks for, and what is shown where it asks for nothing or for what is not there."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.standard import load_standard
from dashboard import choices
from kpis.periods import Period, periods_between

AS_AT = date(2023, 12, 31)


def periods(standard: str, last: date = AS_AT) -> list[Period]:
    made = periods_between(load_standard(standard), date(2021, 7, 1), last)
    columns = ["period_start", "period_end", "period", "period_kind"]
    rows = [(each.start, each.end, each.name, each.kind) for each in made]
    return choices.periods_of(pl.DataFrame(rows, schema=columns, orient="row"))


def test_periods_are_listed_newest_first_and_a_year_stands_with_its_quarters() -> None:
    assert [each.name for each in periods("jersey")[:6]] == [
        "2023-Q4",
        "2023",
        "2023-Q3",
        "2023-Q2",
        "2023-Q1",
        "2022-Q4",
    ]


def test_the_last_quarter_that_is_over_is_shown_unless_another_is_asked_for() -> None:
    in_november = periods("jersey", date(2023, 11, 5))
    assert choices.period_asked(None, in_november, date(2023, 11, 5))[0].name == "2023-Q3"
    assert choices.period_asked(None, periods("jersey"), AS_AT)[0].name == "2023-Q4"
    assert choices.period_asked("2022", in_november, date(2023, 11, 5))[0].name == "2022"


def test_what_is_not_there_is_said_and_the_default_shown() -> None:
    period, remark = choices.period_asked("2031-Q1", periods("jersey"), AS_AT)
    assert period.name == "2023-Q4"
    assert remark is not None
    assert "2031-Q1" in remark
    assert choices.standard_asked("kent", ["jersey", "hampshire"]) == (
        "jersey",
        "The address asks for a standard kent, which this snapshot was not measured by.",
    )
    assert choices.standard_asked("hampshire", ["jersey", "hampshire"]) == ("hampshire", None)


def test_quarters_are_compared_with_quarters_and_years_with_years() -> None:
    made = periods("jersey")
    by_name = {each.name: each for each in made}
    before = choices.before(by_name["2023-Q1"], made)
    assert before is not None
    assert before.name == "2022-Q4"
    before = choices.before(by_name["2023"], made)
    assert before is not None
    assert before.name == "2022"
    assert choices.before(by_name["2021"], made) is None


def test_another_standard_keeps_the_period_of_the_same_days_where_its_year_begins_elsewhere() -> None:
    jersey, hampshire = periods("jersey"), periods("hampshire")
    quarter = next(each for each in jersey if each.name == "2023-Q2")
    assert choices.nearest(quarter, hampshire, AS_AT).name == "2023-24-Q1"
    year = next(each for each in jersey if each.name == "2022")
    assert choices.nearest(year, hampshire, AS_AT).name == "2021-22"


def test_a_period_that_is_not_over_is_marked() -> None:
    running = next(each for each in periods("hampshire") if each.name == "2023-24")
    assert choices.label_of(running, AS_AT) == "2023-24 (Apr 2023 to Mar 2024, so far)"
    over = next(each for each in periods("jersey") if each.name == "2023-Q4")
    assert choices.label_of(over, AS_AT) == "2023-Q4 (Oct to Dec 2023)"
    assert choices.days_of(over) == "1 October to 31 December 2023"


def test_an_address_holds_only_what_differs_from_what_is_shown_anyway() -> None:
    chosen = {"standard": "jersey", "period": "2023-Q4", "snapshot": "2"}
    assert choices.query(chosen, {"standard": "jersey", "snapshot": "3"}) == {"period": "2023-Q4", "snapshot": "2"}
