"""Every further point of the guidance that the domain guide lists (4.6) is served by a measure, and no measure is left over."""

from __future__ import annotations

import pytest

from checks.standard import shipped, standard_names
from kpis.measures import MEASURES
from tests.kpis import naive_deadlines, naive_states

POINTS = {
    "Referral to meeting": {"referral_to_meeting"},
    "Before release": {"before_release"},
    "After release": {"after_release"},
    "Release confirmed": {"release_confirmed"},
    "Minutes": {"minutes_level_2", "minutes_level_3"},
    "Identification": {"identification"},
    "Actions": {"actions"},
    "Home visits": {"home_visits"},
    "Full meetings": {"full_meetings_level_2", "full_meetings_level_3"},
    "Level 1 disclosure review": {"level_1_disclosure_review"},
    "Plan content": {"plan_content"},
    "Victim and diversity issues considered": {"victim_and_diversity"},
    "Category 1 seen": {"category_1_seen"},
    "Standing agencies invited": {"standing_agencies_invited"},
    "SMB held": {"smb_held"},
    "Stays long enough": {"stays_long_enough"},
    "Individuals": {"individuals"},
    "Caseload": {"caseload"},
}
KPIS = {
    "review_level_1",
    "review_level_2",
    "review_level_3",
    "disclosure",
    "agency_attendance",
    "smb_attendance",
    "screening_outcomes",
}
"""Those of 4.1 to 4.5."""

ONLY_JERSEY = {"referral_to_meeting", "stays_long_enough", "category_1_seen"}
ONLY_ENGLAND_AND_WALES = {
    "after_release",
    "release_confirmed",
    "full_meetings_level_2",
    "full_meetings_level_3",
    "level_1_disclosure_review",
}


def test_there_are_eighteen_points() -> None:
    assert len(POINTS) == 18


@pytest.mark.parametrize("point", POINTS)
def test_a_point_is_served(point: str) -> None:
    assert POINTS[point]
    assert set(MEASURES) >= POINTS[point]


def test_no_measure_serves_two_points_and_none_is_left_over() -> None:
    serving = [name for names in POINTS.values() for name in names]
    assert len(serving) == len(set(serving))
    assert {*serving, *KPIS} == set(MEASURES)


@pytest.mark.parametrize("standard", standard_names())
def test_a_standard_asks_for_what_its_guidance_asks_for(standard: str) -> None:
    asked = {name for name, each in MEASURES.items() if each.in_standard(shipped(standard))}
    assert MEASURES.keys() - asked == (ONLY_ENGLAND_AND_WALES if standard == "jersey" else ONLY_JERSEY)


def test_each_is_written_a_second_time_in_plain_loops() -> None:
    twice = [*naive_deadlines.MEASURES, *naive_states.MEASURES]
    assert sorted(twice) == sorted(name for names in POINTS.values() for name in names)
