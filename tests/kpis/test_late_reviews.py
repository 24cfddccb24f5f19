"""Who is late, who is next, and for whom no date is known."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from checks.standard import shipped
from kpis.area import Area
from kpis.late_reviews import LATE_REVIEWS, late_reviews
from kpis.spells import management
from tests.kpis import naive
from tests.kpis.random_area import random_area
from tests.tables import typed

AS_AT = date(2023, 12, 31)


def listed(cases: list[dict], standard: str = "jersey", **tables: list[dict]) -> pl.DataFrame:
    about = {"category": "1", "location": "community", "entered_on": "2023-01-04", "lead_agency": "police"}
    rows = {"cases": [{**about, **case} for case in cases], "meetings": [], **tables}
    return late_reviews(Area(typed(rows, AS_AT, standard), shipped(standard)))


def spell(case: str, level: str, since: date, location: str = "community") -> dict:
    return {"case_id": case, "level": level, "location": location, "from_on": since}


@pytest.mark.parametrize(
    ("days_until_due", "state", "late"),
    [
        (-1, "overdue", 1),
        (0, "due within 14 days", 0),
        (14, "due within 14 days", 0),
        (15, "due within 28 days", 0),
        (28, "due within 28 days", 0),
        (29, "due later", 0),
    ],
)
def test_a_case_stands_where_its_due_day_puts_it(days_until_due: int, state: str, late: int) -> None:
    since = AS_AT + timedelta(days=days_until_due - 84)
    row = listed([{"case_id": "C1", "level": "2"}], spells=[spell("C1", "2", since)]).row(0, named=True)
    assert (row["state"], row["days_late"], row["missed"]) == (state, late, int(late > 0))
    assert row["due_on"] == AS_AT + timedelta(days=days_until_due)
    assert row["last_review_on"] is None
    assert row["next_set"] == "none set"


def test_the_latest_come_first_and_the_date_set_is_judged() -> None:
    meeting = {"kind": "level 2", "outcome_level": "2"}
    frame = listed(
        [{"case_id": name, "level": "2"} for name in ("C1", "C2", "C3")],
        spells=[spell(name, "2", date(2023, 1, 4)) for name in ("C1", "C2", "C3")],
        meetings=[
            {**meeting, "meeting_id": "M1", "case_id": "C1", "held_on": "2023-12-06", "next_review_on": "2024-02-20"},
            {**meeting, "meeting_id": "M2", "case_id": "C2", "held_on": "2023-06-07", "next_review_on": "2023-08-01"},
            {**meeting, "meeting_id": "M3", "case_id": "C3", "held_on": "2023-11-08", "next_review_on": "2024-03-05"},
        ],
    )
    assert frame.select("case_id", "state", "missed", "last_review_on", "next_set").rows() == [
        ("C2", "overdue", 2, date(2023, 6, 7), "set, but past"),
        ("C3", "due later", 0, date(2023, 11, 8), "set, after the due day"),
        ("C1", "due later", 0, date(2023, 12, 6), "set, in time"),
    ]


def test_who_is_gone_or_off_the_clock_is_not_listed_and_who_should_be_on_it_is() -> None:
    frame = listed(
        [
            {"case_id": "gone", "level": "2", "exited_on": "2023-06-01"},
            {"case_id": "away", "level": "2", "location": "outside area"},
            {"case_id": "lost", "level": "2"},
            {"case_id": "new", "level": "3"},
        ],
        spells=[
            spell("gone", "2", date(2023, 1, 4)),
            spell("away", "2", date(2023, 1, 4), "outside area"),
            spell("new", "3", AS_AT),
        ],
    )
    assert frame.select("case_id", "state").rows() == [("new", "due later"), ("lost", "no date known")]


def test_custody_stops_the_clock_in_hampshire_and_not_in_jersey() -> None:
    case = [{"case_id": "C1", "level": "2", "location": "custody"}]
    spells = [spell("C1", "2", date(2023, 1, 4), "custody")]
    assert listed(case, "hampshire", spells=spells).is_empty()
    assert listed(case, "jersey", spells=spells)["state"].to_list() == ["overdue"]


def test_level_1_is_not_listed_where_no_level_1_review_is_recorded() -> None:
    case = [{"case_id": "C1", "level": "1"}]
    spells = [spell("C1", "1", date(2023, 1, 4))]
    review = {"case_id": "C1", "reviewed_on": "2023-12-01", "agency": "police"}
    assert listed(case, spells=spells).is_empty()
    assert listed(case, spells=spells, reviews=[review])["last_review_on"].to_list() == [date(2023, 12, 1)]


def test_who_is_overdue_on_random_areas_is_who_the_naive_clock_says() -> None:
    seen = 0
    for seed in range(500, 540):
        made = random_area(seed, tidy=True)
        area, plain = made.product(), made.naive()
        told = {level for level in "123" if naive.reviews_told(plain, level)}
        open_clocks: dict[str, list[tuple[date, str]]] = {}
        for level in told:
            for case, first, last in naive.clocks(plain, level):
                if last is None:
                    open_clocks.setdefault(case, []).append((first, level))
        overdue = set()
        for case, clocks in open_clocks.items():
            # Of two clocks that run at once, which sound records do not have, the list shows the later.
            if len(clocks) == 1:
                first, level = clocks[0]
                held = [
                    row["held_on"]
                    for row in plain.rows("meetings")
                    if row.get("case_id") == case and row.get("kind") == f"level {level}" and "held_on" in row
                ]
                if level == "1":
                    alone = [row for row in plain.rows("reviews") if row.get("case_id") == case]
                    held += [row["reviewed_on"] for row in alone if "reviewed_on" in row]
                restarted = max((day for day in held if day > first), default=first)
                if restarted + timedelta(weeks=plain.rules.weeks[level]) < made.as_at:
                    overdue.add(case)
        single = {case for case, clocks in open_clocks.items() if len(clocks) == 1}
        ours = set(late_reviews(area).filter(pl.col("state") == "overdue")["case_id"])
        assert ours & single == overdue, f"seed {seed}"
        seen += len(overdue)
    assert seen > 20


def test_an_area_that_cannot_tell_gives_an_empty_list_of_the_same_shape() -> None:
    frame = late_reviews(Area(typed({}, AS_AT), shipped("jersey")))
    assert frame.is_empty()
    assert dict(frame.schema) == LATE_REVIEWS


def test_the_history_keeps_the_cases_that_the_table_of_cases_does_not_hold() -> None:
    tables = {"cases": [], "meetings": [], "spells": [spell("C9", "2", date(2023, 1, 4))]}
    area = Area(typed(tables, AS_AT), shipped("jersey"))
    assert management(area).collect().select("case_id", "level").rows() == [("C9", "2")]
