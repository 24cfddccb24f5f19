"""What falls due: the product and the naive implementation must give the same on areas full of edges."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.runner import check
from checks.standard import shipped
from kpis.area import Area
from kpis.evidence import in_text
from kpis.measures import MEASURES
from kpis.periods import Period, parse_period
from kpis.results import all_evidence, all_results
from kpis.spells import can_tell, management
from tests.kpis import naive_deadlines as naive
from tests.kpis.agreement import differences
from tests.kpis.naive import quarters_and_years
from tests.kpis.random_deadlines import DeadlineArea, deadline_area, every_day, shuffled
from tests.tables import raw, typed

AREAS = 13
OURS = [MEASURES[name] for name in naive.MEASURES]
SEEDS = st.integers(min_value=0, max_value=2**32)
ANY_TIME = settings(
    max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
Key = tuple[str, str, str | None]


def periods_of(area: DeadlineArea) -> list[Period]:
    named = quarters_and_years(area.standard, *every_day(area))
    return [parse_period(name, shipped(area.standard)) for name in named]


def product_rows(area: Area, periods: list[Period], dimensions: bool = True) -> dict[Key, dict[str, Any]]:
    """Headline and units by period, measure and unit."""
    rows = all_results(area, periods, OURS, dimensions=dimensions).filter(pl.col("by").is_in(["all", "unit"]))
    out = {(row["period"], row["measure"], row["unit"]): row for row in rows.to_dicts()}
    assert len(out) == rows.height, "two rows for one thing"
    return out


def naive_rows(area: DeadlineArea, periods: list[Period]) -> dict[Key, dict[str, Any]]:
    told = area.naive()
    owed = naive.everything(told)
    return {
        (each.name, row["measure"], row["unit"]): row
        for each in periods
        for row in naive.results(told, each.start, each.end, owed)
    }


@pytest.mark.parametrize("standard", sorted(naive.DEADLINES))
def test_every_figure_of_random_areas(standard: str) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(AREAS):
        area = deadline_area(20_000 + seed, standard, tidy=seed % 3 == 0)
        periods = periods_of(area)
        theirs = naive_rows(area, periods)
        ours = product_rows(area.product(), periods, dimensions=seed % 2 == 0)
        assert differences(ours, theirs) == [], f"seed {20_000 + seed}"
        for row in theirs.values():
            if row["unit"] is None and row["owed"]:
                seen.update({(row["measure"], "met"): row["met"], (row["measure"], "owed"): row["owed"]})
    # The areas are worth the trouble: everything that the standard asks for was owed, and was both met and missed.
    for measure in OURS:
        if measure.in_standard(shipped(standard)):
            assert 0 < seen[measure.id, "met"] < seen[measure.id, "owed"], measure.id


@ANY_TIME
@given(seed=SEEDS)
def test_any_area_that_hypothesis_thinks_of(seed: int) -> None:
    area = deadline_area(seed)
    periods = periods_of(area)
    assert differences(product_rows(area.product(), periods), naive_rows(area, periods)) == []


@ANY_TIME
@given(seed=SEEDS, order=SEEDS)
def test_the_order_of_the_records_does_not_matter(seed: int, order: int) -> None:
    area = deadline_area(seed)
    periods = periods_of(area)
    one, other = (all_results(each.product(), periods, OURS) for each in (area, shuffled(area, order)))
    assert one.equals(other)


@ANY_TIME
@given(seed=SEEDS)
def test_what_is_owed_grows_with_time_and_stays_what_it_was(seed: int) -> None:
    """A row owed long before as-at is owed by its own records: a later as-at changes nothing about it."""
    area = deadline_area(seed, tidy=True)
    later = DeadlineArea(area.standard, area.as_at + timedelta(days=40), area.tables, area.absent, (), {})
    earlier = DeadlineArea(area.standard, area.as_at, area.tables, area.absent, (), {})
    by_record = ("actions", "identification", "minutes_level_2", "minutes_level_3")
    before, after = (all_evidence(each.product(), [MEASURES[name] for name in by_record]) for each in (earlier, later))
    for name in by_record:
        one, other = (
            {(row["case_id"], row["meeting_id"], row["_row"], row["met"]) for row in each[name].to_dicts()}
            for each in (before, after)
        )
        assert one <= other, name


@ANY_TIME
@given(seed=SEEDS)
def test_every_row_says_why_and_where_it_stands(seed: int) -> None:
    area = deadline_area(seed)
    product = area.product()
    for name, rows in ((name, in_text(rows)) for name, rows in all_evidence(product, OURS).items()):
        assert rows.filter(pl.col("why").is_null() | pl.col("owed_on").is_null()).is_empty(), name
        assert rows.filter(pl.col("table").is_null() | pl.col("_row").is_null()).is_empty(), name
        assert rows.filter(pl.col("owed_on") > area.as_at).is_empty(), name
        # What was done in time bears its day, and what cannot be known names the field (or that the records contradict).
        assert rows.filter(pl.col("met") & pl.col("done_on").is_null()).is_empty(), name
        unknown = rows.filter(pl.col("met").is_null())
        assert unknown.filter(pl.col("missing_field").is_null() & ~pl.col("why").str.contains("twice")).is_empty(), name


@ANY_TIME
@given(seed=SEEDS)
def test_results_from_collected_evidence_are_the_same(seed: int) -> None:
    area = deadline_area(seed)
    periods, product = periods_of(area), area.product()
    from_evidence = all_results(product, periods, OURS, all_evidence(product, OURS))
    assert from_evidence.equals(all_results(product, periods, OURS))


# Reckoned by hand


def told(
    measure: str, tables: dict[str, list[dict[str, Any]]], as_at: str, standard: str = "jersey"
) -> list[tuple[str, bool | None]]:
    """The evidence: the day that places each row, and whether it was met."""
    day = date.fromisoformat(as_at)
    area = Area(typed(tables, day, standard), shipped(standard))
    assert MEASURES[measure].supplied(area)
    rows = MEASURES[measure].evidence(area).collect().sort("owed_on")
    return [(str(owed), met) for owed, met in rows.select("owed_on", "met").rows()]


def case(**fields: str | None) -> dict[str, Any]:
    return {"case_id": "C1", "category": "2", "level": "2", "location": "custody", "entered_on": "2020-01-01", **fields}


def meeting(held_on: str, kind: str = "level 2", **fields: str) -> dict[str, Any]:
    return {"meeting_id": f"M{held_on}", "case_id": "C1", "held_on": held_on, "kind": kind, **fields}


def referral(received_on: str, **fields: str | None) -> dict[str, Any]:
    about = {"case_id": "C1", "route": "level 2", "in_custody": "false"}
    return {"referral_id": f"R{received_on}", "received_on": received_on, **about, **fields}


def spell(location: str, from_on: str, until_on: str | None = None, level: str = "2") -> dict[str, Any]:
    return {"case_id": "C1", "level": level, "location": location, "from_on": from_on, "until_on": until_on}


@pytest.mark.parametrize(
    ("as_at", "held", "expected"),
    [
        # Received on Friday 31 March 2023; Good Friday and Easter Monday lie between.
        ("2023-04-25", [], []),
        ("2023-04-26", [], [("2023-04-25", False)]),
        ("2023-04-24", ["2023-04-24"], []),
        ("2023-04-25", ["2023-04-24"], [("2023-04-25", True)]),
        ("2023-12-31", ["2023-03-30"], [("2023-04-25", False)]),
        ("2023-12-31", ["2023-03-31"], [("2023-04-25", True)]),
        ("2023-12-31", ["2023-04-26"], [("2023-04-25", False)]),
    ],
)
def test_a_referral_counts_once_its_day_has_come(as_at: str, held: list[str], expected: list[Any]) -> None:
    tables = {"referrals": [referral("2023-03-31")], "meetings": [meeting(day) for day in held]}
    assert told("referral_to_meeting", tables, as_at) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [("2023-04-25", False)]),
        ({"route": "screening"}, [("2023-04-25", True)]),
        ({"route": "level 1"}, []),
        ({"route": None}, []),
        ({"in_custody": None}, []),
        ({"in_custody": "true"}, []),
        ({"case_id": None}, [("2023-04-25", None)]),
    ],
)
def test_who_was_referred_where_decides_what_is_owed(change: dict[str, Any], expected: list[Any]) -> None:
    tables = {"referrals": [referral("2023-03-31", **change)], "meetings": [meeting("2023-04-03", "screening")]}
    assert told("referral_to_meeting", tables, "2023-12-31") == expected


@pytest.mark.parametrize(
    ("standard", "dates", "held", "expected"),
    [
        ("jersey", {"release_on": "2023-08-31"}, ["2023-02-28"], [("2023-02-28", True)]),
        ("jersey", {"release_on": "2024-08-31"}, [], []),
        ("jersey", {"release_on": "2023-08-31"}, ["2022-02-28"], [("2023-02-28", True)]),
        ("jersey", {"release_on": "2023-08-31"}, ["2022-02-27", "2023-03-01"], [("2023-02-28", False)]),
        (
            "jersey",
            {"release_on": "2023-08-31", "temporary_licence_eligible_on": "2023-10-31"},
            [],
            [("2023-04-30", False)],
        ),
        ("hampshire", {"release_on": "2023-08-31", "parole_eligible_on": "2023-10-31"}, [], [("2023-02-28", False)]),
        ("hampshire", {"release_on": "2023-10-31", "parole_eligible_on": "2023-08-31"}, [], [("2023-02-28", False)]),
        ("hampshire", {"temporary_licence_eligible_on": "2023-08-31"}, [], []),
        # The protocol asks it only of those at level 2 or 3, the Jersey guidance of everybody in custody.
        ("hampshire", {"release_on": "2023-08-31", "level": "1"}, [], []),
        ("hampshire", {"release_on": "2023-08-31", "level": None}, [], []),
        ("jersey", {"release_on": "2023-08-31", "level": "1"}, [], [("2023-02-28", False)]),
    ],
)
def test_before_release(standard: str, dates: dict[str, str], held: list[str], expected: list[Any]) -> None:
    tables = {"cases": [case(**dates)], "meetings": [meeting(day) for day in held]}
    assert told("before_release", tables, "2023-12-31", standard) == expected


@pytest.mark.parametrize(
    ("spells", "owed"),
    [
        ([spell("custody", "2022-01-01")], True),
        ([spell("custody", "2022-01-01", "2023-02-28"), spell("community", "2023-02-28")], False),
        ([spell("custody", "2022-01-01", "2023-03-01"), spell("community", "2023-03-01")], True),
        ([spell("community", "2022-01-01", "2023-02-28"), spell("custody", "2023-02-28")], True),
        ([spell("community", "2022-01-01", "2023-03-01"), spell("custody", "2023-03-01")], False),
    ],
)
def test_in_custody_on_the_due_day(spells: list[dict[str, Any]], owed: bool) -> None:
    tables = {"cases": [case(release_on="2023-08-31")], "spells": spells, "meetings": []}
    assert bool(told("before_release", tables, "2023-12-31")) == owed


TO_LEVEL_3 = meeting("2023-04-08", "level 1", outcome_level="3")
SCREENED = meeting("2022-03-01", "screening")
SET_TO_2, SET_TO_1 = (meeting(day, outcome_level=level) for day, level in (("2022-10-08", "2"), ("2023-11-08", "1")))
ENDED = meeting("2022-11-08", outcome_level="exit")
TAKEN_UP_AGAIN = meeting("2022-12-08", outcome_level="2")


@pytest.mark.parametrize(
    ("own_level", "release_on", "meetings", "owed"),
    [
        # Due on 26 January at level 1, and raised to level 3 only in April.
        ("3", "2023-07-26", [TO_LEVEL_3], {"jersey": True, "hampshire": False}),
        ("1", "2024-03-01", [SET_TO_2, SET_TO_1], {"jersey": True, "hampshire": True}),
        ("2", "2023-07-26", [SET_TO_2, ENDED], {"jersey": False, "hampshire": False}),
        ("2", "2023-07-26", [SET_TO_2, ENDED, TAKEN_UP_AGAIN], {"jersey": True, "hampshire": True}),
        # Until an outcome sets one the level is not known; but it is known that the case is there.
        ("2", "2023-07-26", [SCREENED], {"jersey": True, "hampshire": False}),
        ("2", "2023-07-26", [SCREENED, ENDED], {"jersey": False, "hampshire": False}),
        ("2", "2023-07-26", [], {"jersey": True, "hampshire": True}),
    ],
)
def test_without_spells_the_history_that_the_meetings_tell_says_who_was_at_which_level(
    own_level: str, release_on: str, meetings: list[dict[str, Any]], owed: dict[str, bool]
) -> None:
    about = case(level=own_level, entered_on="2022-01-15", release_on=release_on)
    tables = {"cases": [about], "meetings": meetings}
    for standard, expected in owed.items():
        assert bool(told("before_release", tables, "2023-12-31", standard)) == expected, standard


@ANY_TIME
@given(seed=SEEDS)
def test_the_derived_history_says_the_same_as_when_it_is_written_out(seed: int) -> None:
    """Before release asks by level and place on a day; it makes no difference whether spells are told or worked out."""
    drawn = deadline_area(seed, "hampshire", tidy=True)
    tables = {name: rows for name, rows in drawn.tables.items() if name != "spells"}
    derived = replace(drawn, tables=tables)
    spells = management(derived.product()).collect().to_dicts()
    if not spells:
        return
    absent = {**drawn.absent, "spells": frozenset[str]()}
    written = replace(drawn, tables={**tables, "spells": spells}, absent=absent)
    measures = [MEASURES["before_release"], MEASURES["release_confirmed"]]
    one, other = (all_evidence(each.product(), measures) for each in (derived, written))
    for name in one:
        assert in_text(one[name]).equals(in_text(other[name])), name


def test_without_outcomes_no_history_can_be_derived_and_the_case_is_taken_as_it_is_now() -> None:
    tables = {"cases": [case(release_on="2023-08-31")], "meetings": [meeting("2023-02-28")]}
    tables_told = {name: frame.drop("outcome_level", strict=False) for name, frame in raw(tables).items()}
    area = Area(check(tables_told, shipped("hampshire"), date(2023, 12, 31)).tables, shipped("hampshire"))
    assert not can_tell(area)
    assert MEASURES["before_release"].evidence(area).collect()["met"].to_list() == [True]


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([spell("custody", "2022-01-01", "2023-01-31"), spell("community", "2023-01-31")], [("2023-02-28", True)]),
        ([spell("custody", "2022-01-01", "2023-01-20"), spell("community", "2023-01-31")], [("2023-02-28", True)]),
        ([spell("custody", "2022-01-01", "2023-01-31"), spell("community", "2023-01-31", level="1")], []),
        ([spell("hospital", "2022-01-01", "2023-01-31"), spell("community", "2023-01-31")], []),
        (
            [
                spell("custody", "2022-01-01", "2023-01-31"),
                spell("community", "2023-01-31", "2023-02-10"),
                spell("community", "2023-02-10", level="3"),
            ],
            [("2023-02-28", True)],
        ),
    ],
)
def test_after_release(spells: list[dict[str, Any]], expected: list[Any]) -> None:
    tables = {"spells": spells, "meetings": [meeting("2023-02-28")]}
    assert told("after_release", tables, "2023-12-31", "hampshire") == expected


@pytest.mark.parametrize(
    ("left_on", "owed"),
    [("2023-03-31", False), ("2023-09-30", False), ("2023-10-01", True), ("2023-12-01", True), (None, True)],
)
def test_a_spell_that_begins_after_the_case_left_is_no_release(left_on: str | None, owed: bool) -> None:
    spells = [spell("custody", "2023-01-25", "2023-10-01"), spell("community", "2023-10-01")]
    tables = {"cases": [case(exited_on=left_on)], "spells": spells, "meetings": []}
    assert told("after_release", tables, "2024-03-31", "hampshire") == [("2023-11-01", False)] * owed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [("2023-02-28", True)]),
        ({"release_confirmed_on": "2023-03-01"}, [("2023-02-28", False)]),
        ({"release_confirmed_on": None}, [("2023-02-28", False)]),
        ({"release_on": None}, []),
        ({"category": "pdp"}, []),
        ({"category": None}, [("2023-02-28", True)]),
    ],
)
def test_release_confirmed(change: dict[str, Any], expected: list[Any]) -> None:
    about = case(release_on="2023-06-30", release_confirmed_on="2023-02-28") | change
    tables = {"cases": [about], "spells": [spell("custody", "2022-01-01")]}
    assert told("release_confirmed", tables, "2023-12-31", "hampshire") == expected


@pytest.mark.parametrize(
    ("standard", "category", "expected"),
    [
        ("jersey", "3", [("2023-04-09", False)]),
        ("jersey", None, [("2023-04-09", False)]),
        ("hampshire", "1", [("2023-04-09", False)]),
        # Good Friday, the weekend and Easter Monday are no working days.
        ("hampshire", "2", [("2023-04-13", True)]),
        ("hampshire", "3", []),
        ("hampshire", None, []),
        ("hampshire", "4", []),
    ],
)
def test_identification(standard: str, category: str | None, expected: list[Any]) -> None:
    about = case(category=category, sentenced_on="2023-04-06", identified_on="2023-04-13")
    assert told("identification", {"cases": [about]}, "2023-12-31", standard) == expected


@pytest.mark.parametrize(
    ("dates", "as_at", "expected"),
    [
        ({"completed_on": "2023-11-08"}, "2023-11-08", [("2023-11-08", True)]),
        ({"completed_on": "2023-11-01"}, "2023-11-07", []),
        ({}, "2023-11-08", []),
        ({}, "2023-11-09", [("2023-11-08", False)]),
        ({"cancelled_on": "2023-11-08"}, "2023-11-09", []),
        ({"cancelled_on": "2023-11-09"}, "2023-11-09", [("2023-11-08", False)]),
        ({"completed_on": "2023-11-09"}, "2023-12-31", [("2023-11-08", False)]),
    ],
)
def test_actions(dates: dict[str, str], as_at: str, expected: list[Any]) -> None:
    action = {"action_id": "A1", "case_id": "C1", "agency": "police", "due_on": "2023-11-08", **dates}
    assert told("actions", {"actions": [action]}, as_at) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"licence_until": "2023-02-28"}, True),
        ({"licence_until": "2023-02-28", "order_until": "2023-03-01"}, False),
        ({"licence_until": "2024-02-28"}, False),
        ({"category": "1", "licence_until": "2023-02-28"}, None),
        ({"category": "1", "licence_until": "2023-03-01"}, False),
        ({"category": "1", "notification_until": "2023-02-28"}, True),
        ({"pathway_until": "2022-01-01", "release_on": "2023-03-01"}, False),
    ],
)
def test_who_left_long_enough_after_the_last_event(change: dict[str, str], expected: bool | None) -> None:
    tables = {"cases": [case(exited_on="2023-05-28", **change)]}
    assert told("stays_long_enough", tables, "2023-12-31") == [("2023-05-28", expected)]


@pytest.mark.parametrize(("dropped_on", "expected"), [("2023-02-28", True), ("2023-03-01", False)])
def test_coming_down_to_level_1_is_such_an_event(dropped_on: str, expected: bool) -> None:
    spells = [spell("community", "2022-01-01", dropped_on), spell("community", dropped_on, level="1")]
    tables = {"cases": [case(exited_on="2023-05-28")], "spells": spells}
    assert told("stays_long_enough", tables, "2023-12-31") == [("2023-05-28", expected)]


def test_who_has_no_such_event_owes_nothing() -> None:
    assert told("stays_long_enough", {"cases": [case(exited_on="2023-05-28")]}, "2023-12-31") == []


@pytest.mark.parametrize("measure", ["referral_to_meeting", "category_1_seen", "stays_long_enough"])
def test_what_a_standard_does_not_set_is_not_asked(measure: str) -> None:
    assert MEASURES[measure].in_standard(shipped("jersey"))
    assert not MEASURES[measure].in_standard(shipped("hampshire"))
    assert not MEASURES[measure].in_standard(shipped("england-wales"))


@pytest.mark.parametrize("measure", ["after_release", "release_confirmed"])
def test_what_extends_a_standard_asks_what_it_asks(measure: str) -> None:
    assert not MEASURES[measure].in_standard(shipped("jersey"))
    assert MEASURES[measure].in_standard(shipped("hampshire"))
    assert MEASURES[measure].in_standard(shipped("england-wales"))


def test_without_a_history_releases_are_not_supplied_rather_than_none() -> None:
    tables = {"cases": [case()], "meetings": [meeting("2023-02-28")], "spells": []}
    area = Area(typed(tables, date(2023, 12, 31), "hampshire"), shipped("hampshire"))
    assert not MEASURES["after_release"].supplied(area)
