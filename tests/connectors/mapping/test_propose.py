"""What is proposed from headings and contents: certain, likely or unknown, with the reason; what cannot be told is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.mapping import headings
from connectors.mapping.apply import apply
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import MadeId, Only, Sheet, read_mapping
from connectors.mapping.naming import generalised
from connectors.mapping.preview import preview
from connectors.mapping.propose import Proposal, ProposedTable, propose
from connectors.mapping.writing import to_toml
from connectors.reading import Read
from tests.connectors.mapping.raw import raw, read, sheet

NAME, NOTE = "Zebedee Quillfeather", "told her neighbour at the harbour"

CASELOAD = [
    "ViSOR Ref", "Surname", "MAPPA Cat", "MAPPA Level", "Lead agency", "Offender Manager", "D.O.B",
    "Custody/Community", "RoSH", "Date of last review", "Next MAPPA", "Date adopted", "Notes", "Colour", "On ViSOR?",
]  # fmt: skip


def case(number: int) -> list[str | None]:
    third, half = number % 3, number % 2
    return [
        f"V{number:03d}", "Quillfeather", ["Cat 1", "RSO", "2"][third], ["L1", "L2", "III"][third],
        ["Police", "NPS", "Prob. Service"][third], NAME, f"{number + 1:02d}/05/1980", ["Custody", "Comm"][half],
        ["High", "V High", "Med"][third], f"{13 + number}/01/2023", f"{number + 1}/{13 + number}/2023",
        f"0{number % 9 + 1}/04/2022", NOTE, "red", "Y" if half else "N",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def caseload() -> Read:
    return sheet(CASELOAD, *map(case, range(12)), file="caseload March 2024.xlsx", name="Nominals")


@pytest.fixture(scope="module")
def proposal(caseload: Read) -> Proposal:
    return propose([caseload])


def only(found: Proposal) -> ProposedTable:
    (table,) = found.tables
    return table


def sure(found: ProposedTable, heading: str) -> Certainty:
    return found.reasons[heading].certainty


def why(found: ProposedTable, heading: str) -> str:
    return found.reasons[heading].why


def proposed(
    names: Sequence[str], *rows: Sequence[str | None], name: str | None = "Sheet1", file: str = "book.xlsx"
) -> ProposedTable:
    return only(propose([sheet(names, *rows, name=name, file=file)]))


def feed(found: ProposedTable, table: str) -> dict[str, str]:
    return next(each.columns for each in found.sheet.feeds if each.table == table)


def test_a_caseload_in_the_fields_own_words_is_understood(proposal: Proposal) -> None:
    table = only(proposal)
    assert feed(table, "cases") == {
        "case_id": "ViSOR Ref",
        "category": "MAPPA Cat",
        "level": "MAPPA Level",
        "location": "Custody/Community",
        "entered_on": "Date adopted",
        "lead_agency": "Lead agency",
        "risk_of_harm": "RoSH",
        "birth_year": "D.O.B",
        "visor_recorded": "On ViSOR?",
    }
    assert sure(table, "ViSOR Ref") is sure(table, "MAPPA Level") is Certainty.CERTAIN
    assert sure(table, "Custody/Community") is Certainty.LIKELY
    assert table.reason.certainty is Certainty.CERTAIN
    values = table.sheet.feeds[0].values
    assert values["category"] == {"Cat 1": "1", "RSO": "1"}
    assert values["lead_agency"] == {"Police": "police", "NPS": "probation", "Prob. Service": "probation"}


def test_names_notes_and_strangers_are_left_aside_with_the_reason(proposal: Proposal) -> None:
    table = only(proposal)
    assert table.sheet.left_aside == ("Surname", "Offender Manager", "Notes", "Colour")
    assert why(table, "Surname") == "left aside: names of people are never imported"
    assert why(table, "Offender Manager") == "left aside: its cells look like names of people"
    assert "free text is never imported" in why(table, "Notes")
    assert (sure(table, "Colour"), why(table, "Colour")) == (
        Certainty.UNKNOWN,
        "left aside: the heading is like none of ours",
    )


def test_the_date_of_the_last_review_feeds_meetings_and_level_1_reviews(proposal: Proposal) -> None:
    _, meetings, reviews = only(proposal).sheet.feeds
    assert meetings.columns == {
        "case_id": "ViSOR Ref",
        "held_on": "Date of last review",
        "kind": "MAPPA Level",
        "next_review_on": "Next MAPPA",
    }
    assert meetings.made_id == MadeId(case="ViSOR Ref", date="Date of last review")
    assert meetings.only == Only(heading="MAPPA Level", as_field="cases.level", is_not=("1",))
    assert (reviews.table, reviews.columns["agency"]) == ("reviews", "Lead agency")
    assert reviews.only == Only(heading="MAPPA Level", as_field="cases.level", is_one_of=("1",))
    assert "of each case only this one day is known" in why(only(proposal), "Date of last review")


def test_styles_are_settled_column_by_column_and_what_is_open_is_asked(proposal: Proposal) -> None:
    table = only(proposal)
    assert table.sheet.dates == {"Date of last review": "day first", "Next MAPPA": "month first"}
    assert sure(table, "Date adopted") is Certainty.UNKNOWN
    (question,) = proposal.questions
    assert '"Date adopted": its dates could begin with the day or the month' in question


def test_a_contradictory_column_is_asked_about() -> None:
    table = proposed(
        ["URN", "Level", "Date adopted"], ["C1", "2", "31/12/2023"], ["C2", "1", "12/31/2023"], name="Caseload"
    )
    assert sure(table, "Date adopted") is Certainty.UNKNOWN
    assert "only begin with the day (1) and some only with the month (1)" in why(table, "Date adopted")
    assert table.sheet.dates == {}


def test_the_proposal_is_a_mapping_that_can_be_saved_answered_and_used(caseload: Read, proposal: Proposal) -> None:
    text = to_toml(proposal.mapping, proposal.questions)
    assert not any(word in text for word in ("Zebedee", "harbour", "V001"))
    answered = text.replace("\n[sheet.dates]\n", '\n[sheet.dates]\n"Date adopted" = "day first"\n')
    pulled = apply([caseload], read_mapping(answered, "a.toml"), "a.toml")
    assert {name: frame.height for name, frame in pulled.tables.items()} == {"cases": 12, "meetings": 8, "reviews": 4}
    assert pulled.tables["cases"]["level"].unique().sort().to_list() == ["1", "2", "3"]
    assert pulled.accounts[0].cells_not_understood == 0


def test_the_preview_shows_codes_and_counts_and_no_persons_data(caseload: Read, proposal: Proposal) -> None:
    shown = preview([caseload], proposal.mapping, proposal, proposed=True)
    text = repr(shown)
    assert not any(word in text for word in ("Zebedee", "harbour", "Quillfeather'", "V001", "05/1980", "/2023"))
    columns = {column.heading: column for column in shown.tables[0].columns}
    assert columns["MAPPA Level"].fields == ("cases.level", "meetings.kind")
    assert ("L2", "2") in columns["MAPPA Level"].values
    assert (columns["ViSOR Ref"].holds, columns["Next MAPPA"].holds) == ("text, not shown", "dates, month first")
    assert (columns["Date adopted"].asks, columns["Date adopted"].not_understood) == (True, 11)
    assert columns["Surname"].holds == "not shown"


def test_the_name_of_a_file_holds_next_month_too(proposal: Proposal) -> None:
    assert only(proposal).sheet.file == "caseload *.xlsx"
    names = ("a 2024-03.xlsx", "Level 2.csv", "Q3 list (1).csv", "31.12.2023", "may.xlsx", "Mayor.xlsx")
    assert [generalised(name) for name in names] == [
        "a *.xlsx",
        "Level 2.csv",
        "* list *.csv",
        "*",
        "*.xlsx",
        "Mayor.xlsx",
    ]


MEETINGS = [
    "Case Ref", "Date of meeting", "Level", "Police", "Probation Service", "Housing", "Disclosure considered?", "Minutes sent",
]  # fmt: skip


def meeting(number: int) -> list[str | None]:
    half = number % 2
    return [
        f"V{number % 5:03d}", f"2023-0{number % 9 + 1}-14", "Level 2", ["Present", "Apols"][half], ["Teams", None][half],
        ["DNA", "✓"][half], ["Y", "N"][half], "2023-10-01",
    ]  # fmt: skip


def test_a_meeting_log_with_a_column_per_agency_feeds_attendance() -> None:
    table = proposed(MEETINGS, *map(meeting, range(10)), name="L2 meetings")
    meetings, attendance = table.sheet.feeds
    assert (meetings.table, meetings.made_id) == ("meetings", MadeId(case="Case Ref", date="Date of meeting"))
    assert attendance.spread is not None
    assert attendance.spread.headings == {"Police": "police", "Probation Service": "probation", "Housing": "housing"}
    assert attendance.values["mode"] == {
        "Present": "in person",
        "Apols": "apologies",
        "Teams": "video",
        "DNA": "absent",
        "✓": "in person",
    }
    assert (sure(table, "Probation Service"), sure(table, "Police")) == (Certainty.CERTAIN, Certainty.LIKELY)


def test_the_last_review_is_left_to_the_meetings_own_sheet() -> None:
    file = read(
        raw("book.xlsx", "Cases", CASELOAD, [case(n) for n in range(12)]),
        raw("book.xlsx", "Meetings", MEETINGS, [meeting(n) for n in range(10)]),
        raw("book.xlsx", "Lookups", ["List A", "List B"], [["a", "b"]]),
    )
    cases, meetings, lookups = propose([file]).tables
    assert [each.table for each in cases.sheet.feeds] == ["cases", "reviews"]
    assert [each.table for each in meetings.sheet.feeds] == ["meetings", "attendance"]
    assert lookups.sheet.feeds == ()
    assert lookups.reason.certainty is Certainty.UNKNOWN


@pytest.mark.parametrize(
    ("names", "row", "table"),
    [
        (
            ["Referral ID", "Date received", "Referred by", "Reason for referral", "Outcome", "Urgent?"],
            ["R1", "2023-01-14", "Police", "DV", "Level 2", "N"],
            "referrals",
        ),
        (["Meeting ref", "Agency invited", "Attendance", "Senior enough?"], ["M1", "NPS", "Apols", "Y"], "attendance"),
        (
            ["Action no.", "Case ref", "Owner", "Due date", "Completed"],
            ["A1", "C1", "Police", "2023-01-14", "n/a"],
            "actions",
        ),
        (["Nominal", "Date of visit", "Visited by"], ["C1", "2023-01-14", "Police"], "visits"),
        (
            ["Case", "From", "To", "MAPPA level", "Location"],
            ["C1", "2023-01-14", "2023-02-14", "2", "Custody"],
            "spells",
        ),
        (["Case", "Event", "Date of event"], ["C1", "SFO", "2023-01-14"], "events"),
        (["SMB meeting", "Board member", "Attended"], ["B1", "Police", "Deputy"], "smb_attendance"),
        (["Area", "Year", "Population"], ["jersey", "2023", "95,000"], "population"),
    ],
)
def test_every_table_is_known_by_the_headings_people_use(names: list[str], row: list[str | None], table: str) -> None:
    found = proposed(names, row, [f"{row[0]}9", *row[1:]])
    assert [each.table for each in found.sheet.feeds] == [table]
    assert found.sheet.left_aside == ()


def test_canonical_headings_are_certain() -> None:
    found = proposed(["case_id", "category", "level", "entered_on"], ["C1", "1", "2", "2023-01-14"], name="cases")
    assert set(feed(found, "cases")) == {"case_id", "category", "level", "entered_on"}
    assert {reason.certainty for reason in found.reasons.values()} == {Certainty.CERTAIN}


def test_contents_speak_against_a_heading() -> None:
    found = proposed(
        ["URN", "Level", "Date adopted", "Category"],
        *[[f"C{n}", "basement", "soon", "1"] for n in range(5)],
        name="Caseload",
    )
    assert "level" not in feed(found, "cases")
    assert why(found, "Level") == "left aside: only 0 of its 5 cells can be read as codes of level"
    assert "only 0 of its 5 cells can be read as dates" in why(found, "Date adopted")


def test_contents_speak_for_a_column_whose_heading_says_nothing() -> None:
    rows = [[f"C{n}", "2", ["custody", "in the community"][n % 2]] for n in range(6)]
    found = proposed(["URN", "Level", "Xyz"], *rows, name="Caseload")
    assert feed(found, "cases")["location"] == "Xyz"
    assert sure(found, "Xyz") is Certainty.LIKELY


def test_the_sheet_and_the_file_say_what_no_column_does() -> None:
    found = proposed(["URN", "Category"], ["C1", "1"], ["C2", "2"], name="Level 2 cases", file="Police caseload.xlsx")
    assert found.sheet.feeds[0].constants == {"level": "2", "lead_agency": "police"}


def test_a_month_taken_for_a_day_by_a_spreadsheet_is_warned_of() -> None:
    texts = ["2023-03-04", "2023-07-11", "2023-12-01", "13/04/2023", "25/05/2023", "31/12/2023"]
    table = raw(
        "book.xlsx",
        "Caseload",
        ["URN", "Level", "Date adopted"],
        [[f"C{n}", "2", text] for n, text in enumerate(texts)],
    )
    table = replace(table, dated=frozenset({2}))
    assert "may have taken day for month" in why(only(propose([read(table)])), "Date adopted")


def test_a_mapping_held_against_a_later_file_says_what_is_new(caseload: Read, proposal: Proposal) -> None:
    later = sheet(
        [*CASELOAD[:-1], "Release date"], *map(case, range(3)), file="caseload April 2024.xlsx", name="Nominals"
    )
    shown = preview([later], proposal.mapping, propose([later]), proposed=False)
    (table,) = shown.tables
    assert any('"On ViSOR?", so nothing is read into cases.visor_recorded' in each for each in table.misfits)
    assert any('has not seen, and left aside: "Release date"' in each for each in table.misfits)
    new = next(column for column in table.columns if column.heading == "Release date")
    assert (new.reason.certainty, new.fields) == (Certainty.UNKNOWN, ())


def test_the_areas_own_names_are_proposed() -> None:
    found = only(
        propose(
            [sheet(["URN", "Level", "Lead agency"], ["C1", "2", "police"], name="Caseload")],
            ["Avon Police", "Police Service"],
        )
    )
    assert found.sheet.feeds[0].values["lead_agency"] == {"police": "Police Service"}


def test_every_heading_declared_is_of_a_column_that_there_is() -> None:
    assert headings.undeclared() == []


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("ViSOR No.", "cases.case_id"),
        ("PNC ID", "cases.case_id"),
        ("DateOfBirth", "cases.birth_year"),
        ("lead_agency", "cases.lead_agency"),
        ("Review / Next", "meetings.next_review_on"),
        ("date minutes sent", "meetings.minutes_issued_on"),
        ("Offender Manager", "cases.lead_agency"),
        ("RMP Date", "cases.risk_plan_on"),
        ("next MAPPA", "meetings.next_review_on"),
    ],
)
def test_headings_in_the_fields_words(heading: str, field: str) -> None:
    assert headings.likeness(heading, *field.split(".")) == 1


def test_a_heading_that_says_the_opposite_is_not_alike() -> None:
    assert headings.likeness("Last review", "meetings", "next_review_on") == 0
    assert headings.likeness("Nominal surname", "cases", "case_id") == 0
    assert headings.likeness("Ofender manager", "cases", "lead_agency") > 0


def test_two_months_of_one_file_are_one_entry_with_what_both_hold() -> None:
    names = ["URN", "Level", "Date adopted"]
    march = sheet(names, ["C1", "L2", "31/12/2023"], file="list 2024-03.csv", name=None)
    april = sheet(names, ["C2", "Level 3", "4/5/2023"], file="list 2024-04.csv", name=None)
    (entry,) = propose([march, april]).mapping.sheets
    assert entry.file == "list *.csv"
    assert entry.dates == {"Date adopted": "day first"}
    assert entry.feeds[0].values == {"level": {"L2": "2", "Level 3": "3"}}
    pulled = apply([march, april], propose([march, april]).mapping, "a.toml")
    assert pulled.tables["cases"]["entered_on"].to_list() == ["2023-12-31", "2023-05-04"]


def test_an_empty_sheet_is_left_aside() -> None:
    assert proposed(["URN", "Level"], name="Caseload").sheet == Sheet(
        file="book.xlsx", sheet="Caseload", headings=("URN", "Level")
    )
