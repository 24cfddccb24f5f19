"""The further measures under a standard that changes on a date: what falls due is held to the figure in force on that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.standard import Standard
from kpis.area import Area
from kpis.measures import MEASURES
from tests.checks.changing import changing
from tests.kpis import naive_states
from tests.kpis.random_states import random_states
from tests.kpis.test_state_measures import differences
from tests.tables import typed

AS_AT = date(2023, 12, 31)
Told = list[tuple[str, bool | None]]


def told(measure: str, standard: Standard, tables: dict[str, list[dict[str, Any]]], as_at: date = AS_AT) -> Told:
    """The evidence: the day that places each row, and whether it was met."""
    rows = MEASURES[measure].evidence(Area(typed(tables, as_at, "hampshire"), standard)).collect().sort("owed_on")
    return [(str(owed), met) for owed, met in rows.select("owed_on", "met").rows()]


@pytest.mark.parametrize(
    ("held_on", "issued_on", "expected"),
    [
        # Ten working days until June, three from July 2023. A meeting of 9 June is due on 23 June, by the old figure.
        ("2023-06-09", "2023-06-23", [("2023-06-23", True)]),
        # One of 26 June would be due on 10 July; on 1 July three working days have passed, and then it is due.
        ("2023-06-26", "2023-07-03", [("2023-07-01", False)]),
        ("2023-06-26", "2023-06-30", [("2023-07-01", True)]),
        # One of 29 June has three working days until 4 July.
        ("2023-06-29", "2023-07-04", [("2023-07-04", True)]),
        ("2023-08-01", "2023-08-05", [("2023-08-04", False)]),
    ],
)
def test_minutes_are_due_by_the_figure_in_force_on_their_day(
    tmp_path: Path, held_on: str, issued_on: str, expected: Told
) -> None:
    standard = changing(tmp_path, "jersey", ("minutes_working_days_level_2", "2023-07-01", "3"))
    meeting = {"meeting_id": "M1", "case_id": "C1", "held_on": held_on, "kind": "level 2"}
    assert told("minutes_level_2", standard, {"meetings": [{**meeting, "minutes_issued_on": issued_on}]}) == expected


@pytest.mark.parametrize(("release_on", "asked"), [("2023-11-30", True), ("2024-03-31", False)])
def test_whom_before_release_speaks_of_is_told_by_its_due_day(tmp_path: Path, release_on: str, asked: bool) -> None:
    """Of levels 2 and 3 until June, of level 3 from July 2023; the due days are 30 May and 30 September."""
    later = '{ months = 6, dates = ["release_on"], choose = "earliest", levels = ["3"] }'
    standard = changing(tmp_path, "hampshire", ("before_release", "2023-07-01", later))
    case = {"case_id": "C1", "category": "2", "level": "2", "location": "custody", "entered_on": "2020-01-01"}
    tables = {"cases": [{**case, "release_on": release_on}], "meetings": []}
    assert bool(told("before_release", standard, tables)) == asked


def test_a_visit_is_owed_by_the_interval_of_the_last_day(tmp_path: Path) -> None:
    longer = '{ "very high" = 6, high = 6, medium = 6, low = 12 }'
    standard = changing(tmp_path, "jersey", ("home_visit_months", "2023-10-01", longer))
    case = {"case_id": "C1", "category": "1", "level": "1", "location": "community", "entered_on": "2023-01-02"}
    tables = {
        "cases": [{**case, "risk_of_harm": "high"}],
        "visits": [{"case_id": "C1", "visited_on": "2023-06-29", "agency": "police"}],
    }
    # On 30 September the visit is three months and a day old; at the year's end six months and two days.
    assert told("home_visits", standard, tables) == [("2023-06-30", True), ("2023-09-30", False), ("2023-12-31", False)]
    tables["visits"][0]["visited_on"] = "2023-06-30"
    assert told("home_visits", standard, tables) == [("2023-06-30", True), ("2023-09-30", True), ("2023-12-31", True)]


def test_who_is_invited_to_a_screening_is_told_by_its_day(tmp_path: Path) -> None:
    standard = changing(tmp_path, "jersey", ("least_invited", "2023-07-01", '{ screening = ["police", "housing"] }'))
    tables: dict[str, list[dict[str, Any]]] = {"meetings": [], "attendance": []}
    for day in ("2023-06-30", "2023-07-01"):
        tables["meetings"].append({"meeting_id": day, "case_id": "C1", "held_on": day, "kind": "screening"})
        tables["attendance"] += [
            {"meeting_id": day, "agency": each, "mode": "absent"} for each in ("police", "housing")
        ]
    assert told("standing_agencies_invited", standard, tables) == [("2023-06-30", False), ("2023-07-01", True)]


def test_an_exit_is_held_to_the_months_of_its_day(tmp_path: Path) -> None:
    standard = changing(tmp_path, "jersey", ("stay_months_after_last_trigger", "2023-07-01", "6"))
    case = {"category": "2", "level": "1", "location": "community", "entered_on": "2020-01-01"}
    exits = (("2023-02-28", "2023-06-30"), ("2023-03-15", "2023-07-01"))
    tables = {
        "cases": [{**case, "case_id": licence, "licence_until": licence, "exited_on": left} for licence, left in exits]
    }
    assert told("stays_long_enough", standard, tables) == [("2023-06-30", True), ("2023-07-01", False)]


def test_a_duty_that_begins_on_a_day_is_owed_from_then_on(tmp_path: Path) -> None:
    """Every six months until June, every two from July 2023, from a clock that began on 31 March."""
    standard = changing(tmp_path, "hampshire", ("full_meeting_months_level_2", "2023-07-01", "2"))
    case = {"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": "2023-03-31"}
    spell = {"case_id": "C1", "level": "2", "location": "community", "from_on": "2023-03-31"}
    full = {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-09-11", "kind": "level 2", "format": "full"}
    tables = {"cases": [case], "spells": [spell], "meetings": [full]}
    assert told("full_meetings_level_2", standard, tables) == [
        ("2023-07-01", False),
        ("2023-09-01", False),
        ("2023-11-11", False),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_on_random_areas_every_full_meeting_was_due_by_the_interval_of_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The naive side looks the interval up on every day."""
    area = replace(random_states(700 + seed), standard="hampshire")
    first, second = area.as_at - timedelta(days=330), area.as_at - timedelta(days=100)
    figure = "full_meeting_weeks_level_3"
    standard = changing(tmp_path, "hampshire", (figure, first.isoformat(), "5"), (figure, second.isoformat(), "20"))

    def recurring(
        area: naive_states.StatesArea, clocks: Any, sure: Any, unsure: Any, due: Any
    ) -> list[tuple[str, date, bool | None]]:
        if due(date(2023, 1, 1), 1) != date(2023, 3, 26):  # not the duty of every twelve weeks
            return as_ever(area, clocks, sure, unsure, due)

        def next_due(since: date) -> date:
            day = since + timedelta(days=1)
            while (day - since).days < 7 * standard.value(figure, on=day):
                day += timedelta(days=1)
            return day

        out: list[tuple[str, date, bool | None]] = []
        for case, first_day, last_day in clocks:
            until = last_day or area.as_at
            start = first_day
            for stop in (*sorted(day for day in sure.get(case, ()) if first_day < day <= until), None):
                since, due_on = start, next_due(start)
                if stop is not None and stop <= due_on:
                    out += [(case, due_on, True)] if due_on <= area.as_at else []
                while due_on < (stop or until):
                    perhaps = any(since < day <= due_on for day in unsure.get(case, ()))
                    out.append((case, due_on, None if perhaps else False))
                    since, due_on = due_on, next_due(due_on)
                start = stop or start
        return out

    as_ever = naive_states.recurring
    monkeypatch.setattr(naive_states, "recurring", recurring)
    assert differences(area, replace(area.product(), standard=standard)) == []
