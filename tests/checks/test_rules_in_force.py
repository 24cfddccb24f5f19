"""Rules that read a figure of the standard go by the figure of the record's own day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from checks.runner import check
from tests.checks.changing import changing
from tests.tables import raw

AS_AT = date(2023, 12, 31)

Row = dict[str, str]
CASE: Row = {"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": "2023-02-01"}
CATEGORIES = ("categories", "2023-07-01", '["1", "2", "4"]')
MEETING: Row = {"meeting_id": "M1", "case_id": "C1", "kind": "level 2", "outcome_level": "2"}


def broken(folder: Path, base: str, change: tuple[str, str, str], rule: str, **tables: list[Row]) -> bool:
    return rule in set(check(raw(tables), changing(folder, base, change), AS_AT).findings["rule"])


@pytest.mark.parametrize(
    ("category", "exited", "found"),
    [
        ("3", None, True),
        ("3", "2023-06-30", False),
        ("4", None, False),
        ("4", "2023-06-30", True),
        ("4", "2023-07-01", False),
    ],
)
def test_a_category_is_one_of_the_standard_on_the_cases_last_day(
    tmp_path: Path, category: str, exited: str | None, found: bool
) -> None:
    case = {**CASE, "category": category, **({"exited_on": exited} if exited else {})}
    assert broken(tmp_path, "hampshire", CATEGORIES, "cases.category.standard", cases=[case]) == found


@pytest.mark.parametrize(("exited", "found"), [(None, True), ("2023-06-30", False), ("2023-07-01", True)])
def test_the_lowest_level_of_category_3_is_that_of_the_cases_last_day(
    tmp_path: Path, exited: str | None, found: bool
) -> None:
    change = ("lowest_level_category_3", "2023-07-01", '"2"')
    case = {**CASE, "category": "3", "level": "1", **({"exited_on": exited} if exited else {})}
    assert broken(tmp_path, "jersey", change, "cases.level.category_3", cases=[case]) == found


@pytest.mark.parametrize(("entered", "found"), [("2023-06-30", True), ("2023-07-01", False)])
@pytest.mark.parametrize("history", [True, False])
def test_a_category_4_case_enters_at_the_level_of_the_day_of_its_entry(
    tmp_path: Path, entered: str, history: bool, found: bool
) -> None:
    change = ("entry_level_category_4", "2023-07-01", '"2"')
    case = {**CASE, "category": "4", "entered_on": "2023-02-01" if history else entered}
    spell = {"case_id": "C1", "level": "2", "location": "community", "from_on": entered}
    tables = {"cases": [case], "spells": [spell]} if history else {"cases": [case]}
    assert broken(tmp_path, "jersey", change, "cases.category.entry_level_4", **tables) == found


@pytest.mark.parametrize(
    ("held", "next_on", "found"),
    [
        # 12 weeks until June 2023 and 10 from July; what passes its ten weeks before July is due on its first day.
        ("2023-03-01", "2023-05-24", False),
        ("2023-03-01", "2023-05-25", True),
        ("2023-04-17", "2023-07-01", False),
        ("2023-04-17", "2023-07-02", True),
        ("2023-06-01", "2023-08-10", False),
        ("2023-06-01", "2023-08-11", True),
    ],
)
def test_the_next_review_is_late_by_the_interval_of_the_day_on_which_it_falls_due(
    tmp_path: Path, held: str, next_on: str, found: bool
) -> None:
    meeting = {**MEETING, "held_on": held, "next_review_on": next_on}
    change = ("review_weeks_level_2", "2023-07-01", "10")
    rule = "meetings.next_review_on.too_late"
    assert broken(tmp_path, "jersey", change, rule, cases=[CASE], meetings=[meeting]) == found
