"""The reviews to come, against plain loops and against what a co-ordinator would count on her fingers."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest

from checks.standard import shipped
from kpis.area import Area
from kpis.late_reviews import late_reviews
from kpis.review_load import (
    AGAIN,
    FIRST_DUE,
    LOAD,
    MEETING_DAYS,
    OVERDUE,
    UNKNOWN,
    ahead,
    meeting_days,
    places,
    review_load,
)
from tests.kpis import naive_flow
from tests.kpis.random_area import random_area
from tests.tables import typed

AS_AT = date(2023, 12, 31)


def area_of(spells: list[dict], meetings: list[dict] | None = None, as_at: date = AS_AT, cases: int = 0) -> Area:
    about = {"category": "1", "location": "community", "entered_on": "2022-01-03", "lead_agency": "police"}
    names = sorted({row["case_id"] for row in spells} | {f"C{n}" for n in range(cases)})
    levels = {row["case_id"]: row["level"] for row in spells}
    rows = [{**about, "case_id": name, "level": levels.get(name, "2")} for name in names]
    tables = {"cases": rows, "meetings": meetings or [], "spells": spells}
    return Area(typed(tables, as_at), shipped("jersey"))


def due(area: Area) -> pl.DataFrame:
    """The forecast without the months in which nothing is due."""
    return review_load(area).filter(pl.col("reviews") > 0)


def spell(case: str, level: str, since: date) -> dict:
    return {"case_id": case, "level": level, "location": "community", "from_on": since}


def test_every_review_is_that_of_the_plain_loops() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(300, 324):
        made = random_area(seed, tidy=seed % 2 == 0)
        area = made.product()
        quarters = ahead(area)
        late = late_reviews(area)
        told = review_load(area, late)
        assert dict(told.schema) == LOAD
        assert told.filter(kind=OVERDUE)["reviews"].sum() == late.filter(state="overdue").height
        ours = {
            row[:4]: row[4] for row in told.filter((pl.col("kind") != UNKNOWN) & (pl.col("reviews") > 0)).iter_rows()
        }
        theirs: Counter[tuple[str, str, str | None, date | None]] = Counter()
        for (level, kind, on), count in naive_flow.review_load(made.naive(), quarters[-1].end).items():
            period = None if on is None else next(each.name for each in quarters if each.start <= on <= each.end)
            theirs[level, kind, period, on and on.replace(day=1)] += count
        assert ours == theirs, f"seed {seed}"
        kinds.update(row[1] for row in ours)
    assert min(kinds[kind] for kind in (OVERDUE, FIRST_DUE, AGAIN)) >= 10, kinds


def test_one_case_at_each_turn_of_its_clock() -> None:
    """Level 3, six weeks: due on 10 January, then by assumption every six weeks to the end of June."""
    area = area_of([spell("C1", "3", date(2023, 11, 29))])
    assert due(area).select("kind", "period", "month", "reviews").rows() == [
        (FIRST_DUE, "2024-Q1", date(2024, 1, 1), 1),
        (AGAIN, "2024-Q1", date(2024, 2, 1), 1),
        (AGAIN, "2024-Q2", date(2024, 4, 1), 1),
        (AGAIN, "2024-Q2", date(2024, 5, 1), 1),
        (AGAIN, "2024-Q2", date(2024, 6, 1), 1),
    ]


def test_what_is_overdue_is_held_at_once_and_due_again_an_interval_later() -> None:
    area = area_of([spell("C1", "2", date(2023, 9, 1))])  # due 24 November
    assert due(area).select("kind", "month", "reviews").rows() == [
        (OVERDUE, None, 1),
        (AGAIN, date(2024, 3, 1), 1),  # 31 December and twelve weeks: 24 March
        (AGAIN, date(2024, 6, 1), 1),  # 16 June
    ]


@pytest.mark.parametrize(("due_on", "kind"), [(AS_AT - timedelta(days=1), OVERDUE), (AS_AT, FIRST_DUE)])
def test_on_the_as_at_day_itself_a_review_is_not_overdue(due_on: date, kind: str) -> None:
    area = area_of([spell("C1", "2", due_on - timedelta(weeks=12))])
    assert due(area)["kind"][0] == kind


def test_in_mid_quarter_the_rest_of_it_comes_first() -> None:
    area = area_of([spell("C1", "3", date(2023, 11, 1))], as_at=date(2023, 11, 20))
    assert [each.name for each in ahead(area)] == ["2023-Q4", "2024-Q1", "2024-Q2"]
    assert due(area)["period"][0] == "2023-Q4"


def test_cases_without_a_date_are_counted_apart() -> None:
    area = area_of([spell("C9", "2", date(2023, 12, 1))], cases=2)
    assert review_load(area).filter(kind=UNKNOWN).select("level", "reviews").rows() == [("2", 2)]


def meeting(number: int, case: str | None, held: str, kind: str = "level 2") -> dict:
    return {"meeting_id": f"M{number}", "case_id": case, "held_on": held, "kind": kind, "outcome_level": "2"}


MEETINGS = [
    meeting(1, "C1", "2023-02-01"),
    meeting(2, "C2", "2023-02-01"),
    meeting(3, "C3", "2023-02-01"),
    meeting(4, "C1", "2023-05-10"),
    meeting(5, "C1", "2023-05-10"),  # the same case on the same day, recorded twice
    meeting(6, "C2", "2023-11-08"),
    meeting(7, "C2", "2023-11-08", "level 3"),
    meeting(8, "C3", "2023-11-08", "screening"),
    meeting(9, "C3", "2022-12-31"),  # before the last four quarters
]


def test_cases_on_a_meeting_day_are_counted_over_the_last_four_quarters() -> None:
    area = area_of([spell(f"C{n}", "2", date(2022, 6, 1)) for n in (1, 2, 3)], MEETINGS)
    assert meeting_days(area).rows() == [
        ("2", "2023-Q1", 3, 1),
        ("2", "2023-Q2", 1, 1),
        ("2", "2023-Q4", 1, 1),
        ("3", "2023-Q4", 1, 1),
    ]


def test_the_four_quarters_are_complete_ones() -> None:
    area = area_of([spell("C1", "2", date(2022, 6, 1))], MEETINGS[:4], as_at=date(2024, 2, 10))
    assert set(meeting_days(area)["period"]) == {"2023-Q1", "2023-Q2"}
    area = area_of([spell("C1", "2", date(2022, 6, 1))], MEETINGS, as_at=date(2023, 12, 30))
    assert "2023-Q4" not in set(meeting_days(area)["period"])


def test_days_needed_are_whole_days_at_the_recent_mean() -> None:
    load = pl.DataFrame(
        [
            ("2", OVERDUE, None, None, 3),
            ("2", FIRST_DUE, "2024-Q1", date(2024, 1, 1), 8),
            ("2", FIRST_DUE, "2024-Q2", date(2024, 4, 1), 0),
            ("2", AGAIN, "2024-Q2", date(2024, 4, 1), 10),
            ("2", UNKNOWN, None, None, 99),
            ("1", FIRST_DUE, "2024-Q1", date(2024, 1, 1), 50),
            ("3", FIRST_DUE, "2024-Q1", date(2024, 2, 1), 1),
            ("3", FIRST_DUE, "2024-Q2", date(2024, 4, 1), 0),
        ],
        schema=LOAD,
        orient="row",
    )
    held = pl.DataFrame([("2", "2023-Q1", 3, 1), ("2", "2023-Q2", 2, 1)], schema=MEETING_DAYS, orient="row")
    assert places(load, held).rows() == [
        ("2", None, 3, 5, 2, 2),  # 3 overdue at 2.5 a day
        ("2", "2024-Q1", 8, 5, 2, 4),  # 3.2, so 4 days
        ("2", "2024-Q2", 10, 5, 2, 4),  # exactly 4
        ("3", None, 0, None, None, 0),
        ("3", "2024-Q1", 1, None, None, None),  # no level 3 meeting day on record: cannot be told
        ("3", "2024-Q2", 0, None, None, 0),
    ]


def test_every_month_of_the_forecast_has_its_row() -> None:
    area = area_of([spell("C1", "2", date(2023, 11, 1))], as_at=date(2023, 11, 20))
    told = review_load(area).filter(level="2", kind=FIRST_DUE).select("month", "period", "reviews").rows()
    assert [row[0].month for row in told] == [11, 12, 1, 2, 3, 4, 5, 6]
    assert [row[1] for row in told] == ["2023-Q4"] * 2 + ["2024-Q1"] * 3 + ["2024-Q2"] * 3
    assert [row[2] for row in told] == [0, 0, 1, 0, 0, 0, 0, 0]


def test_without_meetings_nothing_is_told() -> None:
    area = Area(typed({"cases": []}, AS_AT), shipped("jersey"))
    assert meeting_days(area).equals(pl.DataFrame(schema=MEETING_DAYS))
    assert review_load(area).equals(pl.DataFrame(schema=LOAD))
