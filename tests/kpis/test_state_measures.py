"""The measures of a state and of what recurs agree with a second, naive implementation, whatever the records."""

from __future__ import annotations

from datetime import date
from math import isclose
from typing import Any

import polars as pl
import pytest

from checks.standard import shipped
from kpis.area import Area
from kpis.evidence import in_text
from kpis.measures import MEASURES
from kpis.periods import parse_period
from kpis.results import all_evidence, all_results, results
from tests.kpis import naive, naive_states
from tests.kpis.random_states import RandomStates, random_states
from tests.tables import typed

IDS = naive_states.MEASURES
COUNTS = ("met", "owed", "unknown", "verdict")
FRACTIONS = ("rate", "low", "high")
SEEDS = 24


def differences(area: RandomStates, product: Area | None = None, *, bare: bool = False) -> list[str]:
    """What the two say differently of any quarter or year, in words."""
    named = naive.quarters_and_years(area.standard, *area.days())
    standard = shipped(area.standard)
    periods = [parse_period(name, standard) for name in named]
    told = all_results(product or area.product(), periods, [MEASURES[name] for name in IDS], dimensions=not bare)
    rows = told.filter(pl.col("by").is_in(["all", "unit"])).to_dicts()
    ours = {(row["period"], row["measure"], row["unit"]): row for row in rows}
    assert len(ours) == len(rows), "two rows for one thing"
    theirs: dict[tuple[str, str, str | None], naive_states.Result] = {}
    other = area.naive()
    for name, (begin, end) in named.items():
        theirs |= {(name, *key): result for key, result in naive_states.results(other, begin, end).items()}
    out = [f"only in the product: {key}" for key in ours.keys() - theirs.keys()]
    out += [f"only in the naive: {key}" for key in theirs.keys() - ours.keys()]
    for key in ours.keys() & theirs.keys():
        met, owed, unknown, rate, verdict = theirs[key]
        low, high = (None, None) if met is None else naive_states.interval(theirs[key])
        expected = dict(zip((*COUNTS, *FRACTIONS), (met, owed, unknown, verdict, rate, low, high), strict=True))
        for name, value in expected.items():
            if not _same(ours[key][name], value):
                out.append(f"{key} {name}: {ours[key][name]} / {value}")
    return sorted(out)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-7)
    return one == other


@pytest.mark.parametrize("block", range(6))
def test_whatever_the_records_both_say_the_same(block: int) -> None:
    for seed in range(block * SEEDS // 6, (block + 1) * SEEDS // 6):
        assert differences(random_states(seed), bare=seed % 3 == 0) == [], seed


def test_of_tidy_records_both_say_the_same_and_nothing_is_idle() -> None:
    found: set[tuple[str, bool | None]] = set()
    for seed in range(22):
        area = random_states(seed, tidy=True)
        product = area.product()
        assert differences(area, product) == [], seed
        for name, rows in all_evidence(product, [MEASURES[each] for each in IDS]).items():
            found |= {(name, met) for met in rows["met"].unique()}
    # All that was asked for, met and missed, was there to be compared.
    assert {(name, met) for name in IDS for met in (True, False)} <= found | {("individuals", False)}


def test_evidence_leads_back_to_the_record_and_names_what_is_missing() -> None:
    for seed in range(8):
        told = all_evidence(random_states(seed).product(), [MEASURES[each] for each in IDS])
        for name, rows in ((name, in_text(rows)) for name, rows in told.items()):
            assert rows["why"].null_count() == 0, name
            assert rows.filter(pl.col("owed_on").is_null()).is_empty(), name
            met = rows.filter(pl.col("met"))
            located = met.select(pl.col("table", "_file", "_row", "done_on").is_null().any()).row(0)
            assert not any(located), (seed, name)
            unknown = rows.filter(pl.col("met").is_null() & ~pl.col("why").str.contains("recorded twice"))
            assert unknown["missing_field"].null_count() == 0, (seed, name)


CASE = {
    "case_id": "C1",
    "category": "1",
    "level": "2",
    "location": "community",
    "entered_on": "2021-01-04",
    "risk_of_harm": "high",
}


def told(
    measure: str,
    tables: dict[str, list[dict[str, Any]]],
    period: str,
    standard: str = "jersey",
    parts: str | None = None,
    **settings: Any,
) -> tuple[int | None, ...]:
    """met, owed, unknown of the headline (or of one unit), as at the end of 2023."""
    area = Area(typed(tables, date(2023, 12, 31), standard), shipped(standard), **settings)
    rows = results(MEASURES[measure], area, [parse_period(period, area.standard)])
    asked = pl.col("by") == "all" if parts is None else pl.col("unit") == parts
    return rows.filter(asked).select("met", "owed", "unknown").row(0)


@pytest.mark.parametrize(("visited_on", "met"), [("2023-09-29", 0), ("2023-09-30", 1), ("2023-12-31", 1)])
def test_an_interval_of_calendar_months_reaches_back_to_the_last_day_of_a_shorter_month(
    visited_on: str, met: int
) -> None:
    visit = {"case_id": "C1", "visited_on": visited_on, "agency": "States Police"}
    assert told("home_visits", {"cases": [CASE], "visits": [visit]}, "2023-Q4") == (met, 1, 0)


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"risk_of_harm": None}, (0, 1, 1)),
        ({"entered_on": "2023-10-01"}, (0, 0, 0)),
        ({"entered_on": "2023-09-30"}, (0, 1, 0)),
        ({"location": "custody"}, (0, 0, 0)),
        ({"category": None}, (0, 0, 0)),
        ({"exited_on": "2023-12-31"}, (0, 0, 0)),
    ],
)
def test_who_is_owed_a_home_visit(change: dict[str, Any], counts: tuple[int, int, int]) -> None:
    tables = {"cases": [{**CASE, **change}], "visits": []}
    assert told("home_visits", tables, "2023-Q4") == counts


def test_a_past_quarter_is_judged_by_where_the_person_was_then() -> None:
    spells = [
        {"case_id": "C1", "level": "2", "location": "custody", "from_on": "2021-01-04", "until_on": "2023-08-02"},
        {"case_id": "C1", "level": "2", "location": "community", "from_on": "2023-08-02"},
    ]
    tables = {"cases": [CASE], "spells": spells, "visits": []}
    owed = {name: told("home_visits", tables, name)[1] for name in ("2023-Q2", "2023-Q3", "2023-Q4", "2023")}
    assert owed == {"2023-Q2": 0, "2023-Q3": 1, "2023-Q4": 1, "2023": 1}


def test_a_full_meeting_is_owed_again_every_six_months_counted_from_the_start() -> None:
    tables = {
        "cases": [{**CASE, "entered_on": "2022-08-31"}],
        "spells": [{"case_id": "C1", "level": "2", "location": "community", "from_on": "2022-08-31"}],
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-05-03", "kind": "level 2"}],
    }
    area = Area(typed(tables, date(2023, 12, 31), "hampshire"), shipped("hampshire"))
    rows = all_evidence(area, [MEASURES["full_meetings_level_2"]])["full_meetings_level_2"]
    # The meeting of May may have been a full one: what is missed first is sure, what comes after it is not.
    assert rows.select("owed_on", "met", "missing_field").rows() == [
        (date(2023, 2, 28), False, None),
        (date(2023, 8, 31), None, "format"),
    ]


def test_a_plan_made_after_the_day_says_nothing_of_the_day() -> None:
    case = {**CASE, "risk_plan_on": "2023-08-02", "victim_plan": True, "contingency_plan": False}
    tables = {"cases": [case], "actions": [{"action_id": "A1", "case_id": "C1", "agency": "police"}]}
    assert told("plan_content", tables, "2023-Q2", parts="by part") == (0, 4, 3)
    assert told("plan_content", tables, "2023-Q3", parts="by part") == (2, 4, 0)
    assert told("plan_content", tables, "2023-Q3", parts="victim plan") == (1, 1, 0)
    # The action without a due day is known to be wrong on either day, and so is the plan as a whole.
    assert told("plan_content", tables, "2023-Q2") == (0, 1, 0)


def test_nobody_says_whom_to_invite() -> None:
    meeting = {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}
    row = {"meeting_id": "M1", "agency": "police", "mode": "absent"}
    tables = {"meetings": [meeting], "attendance": [row, {"meeting_id": "M1", "mode": "absent"}]}
    measure = "standing_agencies_invited"
    assert told(measure, tables, "2023-24-Q3", "hampshire") == (None, None, None)
    # In Jersey the guidance names the least that is invited to a screening, and this was none.
    assert told(measure, tables, "2023-Q4") == (0, 0, 0)
    assert told(measure, tables, "2023-Q4", standing_agencies={"level 3": ["police"]}) == (0, 0, 0)
    assert told(measure, tables, "2023-Q4", standing_agencies={"level 2": ["police"]}) == (1, 1, 0)
    # One invitation without a name may be that of one agency, and cannot be that of two.
    assert told(measure, tables, "2023-Q4", standing_agencies={"level 2": ["police", "prison"]}) == (0, 1, 1)
    assert told(measure, tables, "2023-Q4", standing_agencies={"level 2": ["health", "prison"]}) == (0, 1, 0)


def test_on_its_last_day_a_quarter_is_not_over() -> None:
    tables: dict[str, list[dict[str, Any]]] = {"cases": [CASE], "smb_meetings": []}
    assert told("smb_held", tables, "2023") == (0, 3, 0)
    tables["smb_meetings"].append({"smb_meeting_id": "S1", "held_on": "2023-12-31"})
    assert told("smb_held", tables, "2023") == (1, 4, 0)


@pytest.mark.parametrize(
    ("entered_on", "board_on", "owed"),
    [
        ("2023-05-03", None, 3),
        ("2023-05-03", "2023-02-01", 4),
        ("2023-05-03", "2023-08-01", 3),
        ("2022-12-31", None, 4),
    ],
)
def test_the_board_owes_a_meeting_from_the_quarter_in_which_the_records_begin(
    entered_on: str, board_on: str | None, owed: int
) -> None:
    board = [] if board_on is None else [{"smb_meeting_id": "S1", "held_on": board_on}]
    tables = {"cases": [{**CASE, "entered_on": entered_on}], "smb_meetings": board}
    area = Area(typed(tables, date(2024, 1, 31)), shipped("jersey"))
    told_of_year = all_results(area, [parse_period("2023", area.standard)], [MEASURES["smb_held"]])
    assert told_of_year.filter(by="all")["owed"].to_list() == [owed]
