"""What the rules across fields and tables say at their edges."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.checks.areas import checked, status
from tests.tables import raw

Row = dict[str, Any]


def broken(rule: str, standard: str = "jersey", /, **tables: list[Row]) -> list[int]:
    """The rows (2 is the first) of which the rule complains."""
    findings = checked(raw(tables), standard).findings.filter(pl.col("rule") == rule)
    return sorted(findings["row"].to_list())


def spell(case: str, start: str | None, end: str | None = None, level: str = "2", location: str = "community") -> Row:
    return {"case_id": case, "from_on": start, "until_on": end, "level": level, "location": location}


@pytest.mark.parametrize(
    ("spells", "rows"),
    [
        ([("2023-01-01", "2023-02-01"), ("2023-02-01", None)], []),
        ([("2023-01-01", "2023-02-01"), ("2023-01-31", None)], [3]),
        ([("2023-02-01", None), ("2023-01-01", "2023-02-02")], [2]),  # whatever their order
        ([("2023-01-01", None), ("2023-06-01", None)], [3]),
        ([("2023-01-01", "2023-12-01"), ("2023-02-01", "2023-03-01"), ("2023-04-01", "2023-05-01")], [3, 4]),
        ([("2023-01-01", "not known"), ("2023-06-01", None)], []),  # the first one's end has its own finding
        ([("not known", "2023-12-01"), ("2023-06-01", None)], []),
        ([("2023-01-01", "2024-06-01"), ("2023-06-01", None)], []),  # an end after the as-at date likewise
        ([("2023-01-01", "2023-01-01"), ("2023-01-01", None)], []),
    ],
)
def test_spells_of_one_case_may_not_overlap(spells: list[tuple[str, str | None]], rows: list[int]) -> None:
    assert broken("spells.from_on.overlap", spells=[spell("C1", *each) for each in spells]) == rows


def test_spells_of_different_cases_may_overlap() -> None:
    assert broken("spells.from_on.overlap", spells=[spell("C1", "2023-01-01"), spell("C2", "1990-06-01")]) == []
    assert broken("spells.from_on.overlap", spells=[spell("C2", "2023-01-01"), spell("C1", "2023-06-01")]) == []


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("2023-01-01", "2023-06-01", True),
        ("2023-01-01", None, True),
        ("2022-12-31", "2023-06-01", False),
        ("2023-01-01", "2023-06-02", False),
        ("2023-06-02", None, False),
    ],
)
def test_a_spell_lies_inside_its_cases_dates(start: str, end: str | None, inside: bool) -> None:
    case = {"case_id": "C1", "entered_on": "2023-01-01", "exited_on": "2023-06-01"}
    rows = broken("spells.from_on.outside_case", cases=[case], spells=[spell("C1", start, end)])
    assert rows == ([] if inside else [2])


@pytest.mark.parametrize(
    ("held", "inside"), [("2023-01-01", True), ("2023-06-01", True), ("2022-12-31", False), ("2023-06-02", False)]
)
def test_a_meeting_lies_inside_its_cases_dates(held: str, inside: bool) -> None:
    case = {"case_id": "C1", "entered_on": "2023-01-01", "exited_on": "2023-06-01"}
    rows = broken("meetings.held_on.outside_case", cases=[case], meetings=[meeting("M1", held)])
    assert rows == ([] if inside else [2])


def meeting(reference: str, held: str | None, outcome: str | None = "2", kind: str | None = "level 2") -> Row:
    return {"meeting_id": reference, "case_id": "C1", "held_on": held, "kind": kind, "outcome_level": outcome}


FIRST = meeting("M1", "2023-01-04", "1")


@pytest.mark.parametrize(
    ("meetings", "level", "wrong"),
    [
        ([FIRST], "1", False),
        ([FIRST], "2", True),
        ([meeting("M2", "2023-05-01", "2"), FIRST], "2", False),  # the last by date, whatever the order of rows
        ([FIRST, meeting("M2", "2023-05-01", "exit")], "1", False),  # what sets no level is passed over
        ([FIRST, meeting("M2", "2023-05-01", None)], "2", False),  # an outcome nobody knows could be any
        ([FIRST, meeting("M2", None, "2")], "3", False),  # so could be a day nobody knows
        ([FIRST, meeting("M2", "not known", "2")], "3", False),
        ([FIRST, meeting("M2", "2024-05-01", "2")], "3", False),  # dated after the as-at date: its own finding
        ([FIRST, meeting("M2", "2023-01-04", "3", "level 3")], "3", False),  # on one day the higher kind decides
        ([FIRST, meeting("M2", "2023-01-04", "3", "level 3")], "1", True),
        ([FIRST, meeting("M0", "2023-01-04", "3")], "1", False),  # of one kind the later reference
        ([FIRST, meeting("M0", "2023-01-04", "3")], "3", True),
    ],
)
def test_a_cases_level_is_the_one_its_last_meeting_decided(meetings: list[Row], level: str, wrong: bool) -> None:
    case = {"case_id": "C1", "level": level}
    for rows in (meetings, meetings[::-1]):
        assert broken("cases.level.last_outcome", cases=[case], meetings=rows) == ([2] if wrong else [])


def test_a_level_that_neither_history_supports_is_one_finding() -> None:
    tables = {
        "cases": [{"case_id": "C1", "level": "3"}],
        "meetings": [meeting("M1", "2023-02-01", "2")],
        "spells": [spell("C1", "2023-01-01")],
    }
    assert broken("cases.level.last_spell", **tables) == [2]
    assert broken("cases.level.last_outcome", **tables) == []


def test_a_meeting_that_the_history_did_not_follow_is_found_and_a_later_change_of_level_is_not() -> None:
    case = [{"case_id": "C1", "level": "2"}]
    decided = [meeting("M1", "2023-02-01", "1")]
    stayed = [spell("C1", "2022-01-01", "2023-03-01"), spell("C1", "2023-03-01", location="custody")]
    moved = [spell("C1", "2023-02-01", "2023-05-01", "1"), spell("C1", "2023-05-01", level="2")]
    assert broken("cases.level.last_outcome", cases=case, meetings=decided, spells=stayed) == [2]
    assert broken("cases.level.last_outcome", cases=case, meetings=decided, spells=moved) == []


@pytest.mark.parametrize(
    ("spells", "level", "wrong"),
    [
        ([spell("C1", "2023-05-01", level="1"), spell("C1", "2023-01-01", "2023-05-01", "2")], "1", False),
        ([spell("C1", "2023-05-01", level="1"), spell("C1", "2023-01-01", "2023-05-01", "2")], "2", True),
        ([spell("C1", None, level="1"), spell("C1", "2023-01-01", level="2")], "1", False),
        ([spell("C1", "2023-01-01", level="not known")], "2", False),
        ([spell("C2", "2023-01-01", level="1")], "2", False),
    ],
)
def test_a_cases_level_is_that_of_its_last_spell(spells: list[Row], level: str, wrong: bool) -> None:
    case = {"case_id": "C1", "level": level}
    for rows in (spells, spells[::-1]):
        assert broken("cases.level.last_spell", cases=[case], spells=rows) == ([2] if wrong else [])


ENTRY = "cases.category.entry_level_4"


@pytest.mark.parametrize(
    ("level", "tables", "wrong"),
    [
        ("3", {}, False),
        ("2", {}, True),
        ("1", {"spells": [spell("C1", "2023-01-01", "2023-05-01", "3"), spell("C1", "2023-05-01", level="1")]}, False),
        ("3", {"spells": [spell("C1", "2023-01-01", "2023-05-01", "2"), spell("C1", "2023-05-01", level="3")]}, True),
        ("3", {"spells": [spell("C1", None, level="2")]}, False),
        ("2", {"meetings": [meeting("M1", "2023-01-04", "2", "level 3")]}, False),
        ("3", {"meetings": [meeting("M1", "2023-01-04", "3", "level 2")]}, True),
        ("3", {"meetings": [meeting("M1", "2023-01-04", "2", "screening")]}, True),
        ("2", {"meetings": [meeting("M1", "2023-01-04", "3", "screening")]}, False),
        (
            "2",
            {
                "meetings": [
                    meeting("M1", "2022-01-04", "not accepted", "screening"),
                    meeting("M2", "2023-01-04", "3", "level 3"),
                ]
            },
            False,
        ),
        ("2", {"meetings": [meeting("M1", "2023-01-04", None, "screening")]}, False),
    ],
)
def test_category_4_enters_at_level_3_in_jersey(level: str, tables: dict[str, list[Row]], wrong: bool) -> None:
    case = [{"case_id": "C1", "category": "4", "level": level}]
    assert broken(ENTRY, cases=case, **tables) == ([2] if wrong else [])


def test_other_categories_enter_at_any_level_and_hampshire_does_not_ask() -> None:
    assert broken(ENTRY, cases=[{"case_id": "C1", "category": "3", "level": "2"}]) == []
    assert ENTRY not in set(checked(raw({"cases": []}), "hampshire").outcomes["rule"])


@pytest.mark.parametrize(
    ("standard", "category", "wrong"),
    [
        ("jersey", "4", []),
        ("jersey", "pdp", []),
        ("hampshire", "4", [2]),
        ("hampshire", "pdp", [2]),
        ("hampshire", "3", []),
    ],
)
def test_a_category_that_the_standard_does_not_have(standard: str, category: str, wrong: list[int]) -> None:
    assert broken("cases.category.standard", standard, cases=[{"case_id": "C1", "category": category}]) == wrong


def test_category_3_at_level_1_is_in_order_in_jersey_alone() -> None:
    case = [{"case_id": "C1", "category": "3", "level": "1"}]
    assert broken("cases.level.category_3", cases=case) == []
    assert broken("cases.level.category_3", "hampshire", cases=case) == [2]
    assert broken("cases.level.category_3", "england-wales", cases=case) == [2]


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        ({"level": "2"}, True),
        ({"level": "3"}, True),
        ({"level": "1"}, False),
        ({"level": "2", "exited_on": "2023-06-01"}, False),
        ({"level": "2", "exited_on": "not known"}, False),
    ],
)
def test_an_active_case_at_level_2_or_3_has_a_meeting(case: Row, wrong: bool) -> None:
    cases = [{"case_id": "C1", **case}]
    other = {"meeting_id": "M1", "case_id": "C2"}
    assert broken("cases.case_id.no_meeting", cases=cases, meetings=[other]) == ([2] if wrong else [])
    assert broken("cases.case_id.no_meeting", cases=cases, meetings=[{**other, "case_id": "C1"}]) == []
    assert status(checked(raw({"cases": cases})), "cases.case_id.no_meeting") == "could not check"


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        ({}, True),
        ({"level": "1"}, True),
        ({"exited_on": "2023-06-01"}, False),
        ({"exited_on": "not known"}, False),
        ({"case_id": None}, False),
    ],
)
def test_an_active_case_has_a_spell_where_there_are_any(case: Row, wrong: bool) -> None:
    cases = [{"case_id": "C1", **case}]
    other = {"case_id": "C2", "level": "2"}
    assert broken("cases.case_id.no_spell", cases=cases, spells=[other]) == ([2] if wrong else [])
    assert broken("cases.case_id.no_spell", cases=cases, spells=[other, {"case_id": "C1"}]) == []
    assert broken("cases.case_id.no_spell", cases=cases, spells=[]) == []
    assert status(checked(raw({"cases": cases})), "cases.case_id.no_spell") == "could not check"


@pytest.mark.parametrize(
    ("kind", "wrong"), [("level 2", True), ("level 3", True), ("level 1", False), ("screening", False), (None, False)]
)
def test_a_level_2_or_3_meeting_has_attendance(kind: str | None, wrong: bool) -> None:
    rule = "meetings.meeting_id.no_attendance"
    meetings = [{"meeting_id": "M1", "kind": kind}]
    assert broken(rule, meetings=meetings, attendance=[{"meeting_id": "M2"}, {}]) == ([2] if wrong else [])
    assert broken(rule, meetings=meetings, attendance=[{"meeting_id": "M1"}]) == []


@pytest.mark.parametrize(
    ("considered", "decision", "wrong"),
    [
        ("true", "disclose", False),
        ("false", "disclose", True),
        (None, "disclose", True),
        ("not known", "disclose", False),
        ("false", None, False),
        ("false", "not known", False),
    ],
)
def test_a_decision_rests_on_consideration(considered: str | None, decision: str | None, wrong: bool) -> None:
    meetings = [{"meeting_id": "M1", "disclosure_considered": considered, "disclosure_decision": decision}]
    assert broken("meetings.disclosure_decision.not_considered", meetings=meetings) == ([2] if wrong else [])


@pytest.mark.parametrize(
    ("outcome", "day", "wrong"),
    [
        ("2", "2023-03-29", False),  # 12 weeks to the day
        ("2", "2023-03-30", True),
        ("3", "2023-02-15", False),  # 6 weeks to the day
        ("3", "2023-02-16", True),
        ("1", "2023-12-30", False),
        (None, "2023-12-30", False),
    ],
)
def test_the_next_review_is_set_within_the_interval_of_the_level_decided(
    outcome: str | None, day: str, wrong: bool
) -> None:
    meetings = [{**meeting("M1", "2023-01-04", outcome), "next_review_on": day}]
    assert broken("meetings.next_review_on.too_late", meetings=meetings) == ([2] if wrong else [])


def test_a_reference_to_a_row_that_is_not_there_but_not_a_missing_one() -> None:
    tables = {"cases": [{"case_id": "C1"}], "visits": [{"case_id": "C1"}, {"case_id": "C2"}, {}]}
    assert broken("visits.case_id.exists", **tables) == [3]


# Names here are made up of the words surname and forename, of letters, or are no one's.
NAMES = (
    "Smith, John",
    "Smith,John",
    "J. Smith",
    "John Smith",
    "O'Brien Pat",
    "O’Brien-Jones, Pat A.",
    "SMITH",
    "Smith",
    "Éloïse Le Brun",
    "John  Smith",
    "Smith, John 1970",
    "de la Haye Anne",
    "SMITH John 12/03/1980",
    "John Smith 2",
    "John Smith (1980)",
    "john.smith",
    "John_Smith",
    "Smith/Jones",
    "J.S.",
    "John A SMITH 1980",
    "李雷",
)
PSEUDONYMS = (
    "C0000001",
    "NOM-12",
    "12345",
    "A1",
    "N/2023/17",
    "case 17",
    "x",
    "AB",
    "C-1-A",
    "1970/0042",
    "P_001",
    "c",
    "Case No 14",
    "Nominal Ref 2023/7",
    "JSY MAPPA 0012",
    "JSY_2023_A",
    "ref.12",
    "C0000001 2023-01-04",
    "name withheld 1",
    "new",
)


@pytest.mark.parametrize("text", NAMES)
def test_what_looks_like_a_name_is_found_and_its_finding_does_not_repeat_it(text: str) -> None:
    answer = checked(raw({"cases": [{"case_id": text}]}))
    assert status(answer, "cases.case_id.name_like") == "fail"
    assert set(answer.findings.filter(pl.col("row") == 2)["key"]) == {None}


@pytest.mark.parametrize("text", PSEUDONYMS)
def test_a_pseudonym_is_not_taken_for_a_name(text: str) -> None:
    answer = checked(raw({"cases": [{"case_id": text}]}))
    assert status(answer, "cases.case_id.name_like") == "pass"
    assert set(answer.findings.filter(pl.col("row") == 2)["key"]) == {text}
