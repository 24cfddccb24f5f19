"""A name that stands where a pseudonym belongs goes no further than the place of its finding."""

from __future__ import annotations

from datetime import date

import pytest

from checks.runner import check
from checks.standard import shipped
from checks.tables import TABLES
from checks.withheld import STAND_IN
from tests.tables import raw

AREA = {
    "cases": [{"case_id": "Surname, Forename", "level": "2"}, {"case_id": "C0000001"}, {"case_id": "Another, Name"}],
    "meetings": [{"meeting_id": "M1", "case_id": "Surname, Forename"}, {"meeting_id": "M2", "case_id": "C0000001"}],
}


def test_names_leave_neither_in_tables_nor_in_findings() -> None:
    checked = check(raw(AREA), shipped("jersey"), date(2023, 12, 31))
    everything = str([frame.to_dicts() for frame in checked.tables.frames.values()]) + str(checked.findings.to_dicts())
    assert "Surname" not in everything
    assert "Another" not in everything
    found = checked.findings.filter(rule="cases.case_id.name_like")
    assert sorted(found["row"]) == [2, 4]


def test_a_case_keeps_its_meetings_and_others_keep_their_pseudonyms() -> None:
    tables = check(raw(AREA), shipped("jersey"), date(2023, 12, 31)).tables.frames
    cases, meetings = tables["cases"]["case_id"].to_list(), tables["meetings"]["case_id"].to_list()
    assert cases[1] == meetings[1] == "C0000001"
    assert cases[0] == meetings[0]
    assert cases[0] != cases[2]


@pytest.mark.parametrize(
    ("table", "column"),
    [(name, field.name) for name, model in TABLES.items() for field in model.fields().values() if field.pseudonym],
)
def test_a_name_goes_no_further_from_any_table(table: str, column: str) -> None:
    rows = [{column: "Surname, Forename"}, {column: "C0000001"}]
    name, other = check(raw({table: rows}), shipped("jersey"), date(2023, 12, 31)).tables.frames[table][column]
    assert other == "C0000001"
    assert name == STAND_IN.format(1)


PEOPLE = (
    "John Surname",
    "SURNAME, John",
    "Mrs Surname",
    "dr. A Surname",
    "Jane Surname-Other (police)",
    "Jane Surname - housing",
)
BODIES = (
    "police", "Home Affairs", "Women's Refuge", "St Helier Parish", "Grace House", "Howard League", "probation (Jane's team)",
    "lay adviser", "adult mental health", "HMP La Moye", "Dean Street surgery", "Mark", "children's services",
)  # fmt: skip


@pytest.mark.parametrize("text", PEOPLE)
def test_a_person_in_place_of_an_agency_is_found_and_withheld_wherever_it_would_be_told(text: str) -> None:
    attended = [
        {"smb_meeting_id": "S1", "member": text, "attended": "bad"},
        {"smb_meeting_id": "S1", "member": "police"},
    ]
    area = {"smb_meetings": [{"smb_meeting_id": "S1", "held_on": "2023-10-04"}], "smb_attendance": attended}
    checked = check(raw(area), shipped("jersey"), date(2023, 12, 31))
    found = checked.findings.filter(rule="smb_attendance.member.name_like")
    assert found.select("severity", "row").rows() == [("warning", 2)]
    told = [*checked.tables.frames.values(), checked.findings, checked.completeness, checked.quality]
    assert "urname" not in str([frame.to_dicts() for frame in told])
    assert checked.tables.frames["smb_attendance"]["member"].to_list() == [STAND_IN.format(1), "police"]


@pytest.mark.parametrize("text", BODIES)
def test_an_agency_is_not_taken_for_a_person(text: str) -> None:
    checked = check(raw({"visits": [{"agency": text}]}), shipped("jersey"), date(2023, 12, 31))
    assert checked.findings.filter(rule="visits.agency.name_like").is_empty()
    assert checked.tables.frames["visits"]["agency"].to_list() == [text]
