"""What if: the results are those of an area that had always been held to the other figure; targets alone need no record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from checks.errors import SettingsError
from checks.standard import shipped
from kpis.area import Area
from kpis.measures import MEASURES
from kpis.periods import parse_period
from kpis.results import HEADLINE, all_results
from kpis.what_if import Changes, judged_again, what_if
from tests.kpis import naive
from tests.kpis.agreement import MEASURES as TWICE
from tests.kpis.agreement import differences, naive_rows, periods_of
from tests.kpis.random_area import random_area
from tests.tables import typed

AS_AT = date(2023, 12, 31)


def every_12_weeks() -> Area:
    """One level 2 case reviewed every 12 weeks to the day, from 4 January 2023."""
    first = date(2023, 1, 4)
    held = [first + timedelta(weeks=12 * each) for each in range(1, 5)]
    tables = {
        "cases": [{"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": first}],
        "spells": [{"case_id": "C1", "level": "2", "location": "community", "from_on": first}],
        "meetings": [
            {"meeting_id": f"M{place}", "case_id": "C1", "held_on": day, "kind": "level 2", "outcome_level": "2"}
            for place, day in enumerate(held)
            if day <= AS_AT
        ],
    }
    return Area(typed(tables, AS_AT), shipped("jersey"))


def headline(rows: list[dict], measure: str) -> tuple:
    (row,) = (each for each in rows if each["measure"] == measure and each["by"] == HEADLINE)
    return tuple(row[name] for name in ("met", "owed", "target", "verdict"))


def test_reviews_that_are_in_time_at_12_weeks_are_late_at_10() -> None:
    area = every_12_weeks()
    period = [parse_period("2023-Q2", area.standard)]
    assert headline(all_results(area, period).to_dicts(), "review_level_2") == (1, 1, 0.85, "met")
    then = what_if(area, Changes(figures={"review_weeks_level_2": 10}), period).to_dicts()
    assert headline(then, "review_level_2") == (0, 1, 0.85, "not met")
    both = Changes(figures={"review_weeks_level_2": 10}, targets={"review_level_2": Decimal(0)})
    assert headline(what_if(area, both, period).to_dicts(), "review_level_2") == (0, 1, 0.0, "met")


@pytest.mark.parametrize("seed", range(4))
def test_on_random_areas_the_answer_is_that_of_a_standard_with_the_other_figures(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    area = random_area(30_000 + seed, standard="jersey")
    changes = Changes(
        figures={"review_weeks_level_2": 10, "review_weeks_level_3": 8},
        targets={"disclosure": Decimal("0.5"), "review_level_1": Decimal("0.4"), "screening_outcomes": Decimal("0.75")},
    )
    rules = naive.RULES["jersey"]
    aims = {**rules.targets, **{name: Fraction(value) for name, value in changes.targets.items()}}
    weeks = {**rules.weeks, "2": 10, "3": 8}
    monkeypatch.setitem(naive.RULES, "jersey", replace(rules, targets=aims, weeks=weeks))
    periods = periods_of(area)
    told = what_if(area.product(), changes, periods).to_dicts()
    ours = {(row["period"], row["measure"], row["unit"]): row for row in told if row["measure"] in TWICE}
    assert differences(ours, naive_rows(area, periods)) == []


@pytest.mark.parametrize("seed", range(6))
def test_other_targets_alone_give_the_same_from_the_results_as_from_the_records(seed: int) -> None:
    area = random_area(31_000 + seed).product()
    periods = periods_of(random_area(31_000 + seed))
    targets = {
        name: Decimal(each) for name, each in zip(MEASURES, ("0.3", "0.6", "0.1", "0.9", "0.5", "0.2"), strict=False)
    }
    changes = Changes(targets=targets)
    again = judged_again(all_results(area, periods), area, changes, periods)
    keys = ["measure", "period", "by", "unit"]
    measured = what_if(area, changes, periods)
    for frame in (again, measured):
        assert not frame.select(keys).is_duplicated().any()
    kept = measured.join(again, on=keys, how="left", nulls_equal=True, suffix="_again")
    assert kept.height == measured.height
    assert kept["verdict"].equals(kept["verdict_again"], null_equal=True)
    assert kept["target"].equals(kept["target_again"], null_equal=True)


def test_the_area_and_its_standard_stay_as_they_are() -> None:
    area = every_12_weeks()
    period = [parse_period("2023", area.standard)]
    before = all_results(area, period)
    what_if(area, Changes(figures={"review_weeks_level_2": 1}, targets={"screening_outcomes": Decimal(1)}), period)
    assert area.standard == shipped("jersey")
    assert all_results(area, period).equals(before)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            Changes(figures={"review_weeks_level_2": 0}),
            "review_weeks_level_2.value should be a whole number from 1 to 520",
        ),
        (Changes(figures={"review_weeks_level_2": 2.5}), "review_weeks_level_2.value should be a whole number"),
        (Changes(figures={"colour": 1}), "colour is not a key that a standard has"),
        (Changes(targets={"review_level_2": Decimal(2)}), "target_review_level_2.value should be a share from 0 to 1"),
    ],
)
def test_what_no_standard_could_set_is_refused(changes: Changes, sentence: str) -> None:
    area = every_12_weeks()
    with pytest.raises(SettingsError, match=sentence):
        what_if(area, changes, [parse_period("2023", area.standard)])
