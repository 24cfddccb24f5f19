"""Numbered columns of a wide sheet: each feeds the same table once more, as likely and no more, and no cell goes unsaid."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.mapping.apply import apply
from connectors.mapping.editing import with_field, with_sheet
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import read_mapping
from connectors.mapping.numbering import counting
from connectors.mapping.preview import preview
from connectors.mapping.propose import Proposal, propose
from connectors.mapping.writing import to_toml
from connectors.reading import Read
from connectors.sources.source import Pull
from tests.connectors.mapping.raw import raw, read, sheet


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["Review 1", "Review 2"], [[1, 2]]),
        (["Review1", "Review3", "Review10"], [[1, 3, 10]]),
        (["1st review date", "2nd review date"], [[1, 2]]),
        (["First review", "Second review", "Third review"], [[1, 2, 3]]),
        (["Date of review #1", "Date of review no. 2"], [[1, 2]]),
        (["Level 2 meeting 1", "Level 2 meeting 2", "Level 3 meeting 1"], [[1, 2]]),
        (["Review 1", "Review 1 outcome", "Review 2", "Review 2 outcome"], [[1, 2], [1, 2]]),
        (["Date of review", "Date of review (2)", "Date of review (3)"], [[1, 2, 3]]),
        (["Level 1", "Level 2", "Level 3", "Cat 1", "Cat 2", "Q1", "Q2"], []),
        (["Review 2022", "Review 2023", "Risk Matrix 2000"], []),
        (["Review 1", "Meeting 2", "Review"], []),
        (["Review 1/2", "Review 3/4", "1", "2"], []),
    ],
)
def test_what_counts(names: list[str], numbers: list[list[int]]) -> None:
    assert [list(each.places) for each in counting(names)] == numbers


NAMES = [
    "URN", "Level", "Category", "Date adopted", "Review 1", "Review 1 outcome", "Review 2", "Review 2 outcome", "Review 3",
    "Last review", "Visit 1", "Visit 2", "Attended 1", "Attended 2",
]  # fmt: skip
ROWS = [
    ["C1", "2", "1", "2022-01-04", "2023-01-10", "2", "2023-04-10", "1", None, "2023-04-10", "2023-05-01", None, "Y", "N"],
    ["C2", "3", "2", "2022-02-04", "2023-02-10", "3", "TBC", None, None, "2023-02-10", None, "2023-06-01", "Y", "N"],
    ["C3", "1", "3", "2022-03-04", "2023-03-10", None, "2023-03-10", None, None, None, None, None, None, None],
]  # fmt: skip


def wide() -> Read:
    return sheet(NAMES, *ROWS, name="Nominals")


def applied(file: Read, proposal: Proposal) -> Pull:
    """What the proposal makes of the file, saved and read back first."""
    mapping = read_mapping(to_toml(proposal.mapping), "our.mapping.toml")
    assert mapping == proposal.mapping
    pulled = apply([file], mapping, "our.mapping.toml")
    assert all(account.adds_up and account.data == len(file.tables[0].frame) for account in pulled.accounts)
    return pulled


def note(pulled: Pull, words: str) -> str:
    (found,) = [each for each in pulled.notes if words in each]
    return found


def test_each_number_feeds_the_table_once_more_and_none_of_it_is_certain() -> None:
    file = wide()
    proposal = propose([file])
    (table,) = proposal.tables
    assert [feed.table for feed in table.sheet.feeds] == ["cases", *["meetings"] * 3, *["reviews"] * 3, *["visits"] * 2]
    for heading in ("Review 1", "Review 2", "Review 3", "Review 2 outcome", "Visit 1", "Visit 2"):
        assert table.reasons[heading].certainty is Certainty.LIKELY, heading
    assert "the level of each is taken to be the level now" in table.reasons["Review 1"].why
    assert "numbered columns hold the days of meetings" in table.reasons["Last review"].why
    assert "one of several numbered alike" in table.reasons["Attended 1"].why
    shown = preview([file], proposal.mapping, proposal, proposed=True)
    assert shown.questions == ()
    (review,) = [column for column in shown.tables[0].columns if column.heading == "Review 2"]
    assert review.fields == ("meetings.held_on", "reviews.reviewed_on")


def test_every_cell_of_them_becomes_a_row_or_is_said() -> None:
    file = wide()
    pulled = applied(file, propose([file]))
    meetings = pulled.tables["meetings"].sort("meeting_id", nulls_last=True)
    assert meetings.select("meeting_id", "case_id", "held_on", "kind", "outcome_level", "_row").rows() == [
        ("C1 2023-01-10", "C1", "2023-01-10", "level 2", "2", 2),
        ("C1 2023-04-10", "C1", "2023-04-10", "level 2", "1", 2),
        ("C2 2023-02-10", "C2", "2023-02-10", "level 3", "3", 3),
    ]
    reviews = pulled.tables["reviews"].select("case_id", "reviewed_on", "_row").rows()
    assert reviews == [("C3", "2023-03-10", 4), ("C3", "2023-03-10", 4)], (
        "each is a row; whether both are right a rule asks"
    )
    assert pulled.tables["visits"].select("case_id", "visited_on", "agency").rows() == [
        ("C1", "2023-05-01", "police"),
        ("C2", "2023-06-01", "police"),
    ]
    assert (
        "3 rows of the table meetings made from it by 3 numbered columns; 3 cells without its date made none"
        in note(pulled, "table meetings made from it")
    )
    assert "of each case it holds up to 3 days for meetings" in note(pulled, "days for meetings")
    assert "is taken to be that of the case now" in note(pulled, "rows of meetings is taken")


def test_a_level_in_the_heading_is_the_level_of_that_meeting_whatever_the_case_has_now() -> None:
    names = ["URN", "Level", "Category", "Date adopted", "Level 2 meeting 1", "Level 2 meeting 2"]
    file = sheet(
        names, ["C1", "1", "1", "2022-01-04", "2023-01-10", "2023-04-10"], ["C2", "3", "2", "2022-01-05", None, None]
    )
    pulled = applied(file, propose([file]))
    assert set(pulled.tables["meetings"]["kind"]) == {"level 2"}
    assert "reviews" not in pulled.tables


def test_headings_that_stand_several_times_over_count_too() -> None:
    names = ["URN", "Level", "Category", "Date adopted", "Review date", "Review date (2)", "Review date (3)"]
    file = sheet(names, ["C1", "2", "1", "2022-01-04", "2023-01-10", "2023-04-10", "2023-07-10"])
    pulled = applied(file, propose([file]))
    assert pulled.tables["meetings"]["held_on"].to_list() == ["2023-01-10", "2023-04-10", "2023-07-10"]


def test_each_is_asked_about_its_own_dates() -> None:
    names = ["URN", "Level", "Category", "Date adopted", "Review 1", "Review 2"]
    file = sheet(names, ["C1", "2", "1", "2022-01-04", "31/01/2023", "03/04/2023"])
    assert ['"Review 2"' in each for each in propose([file]).questions] == [True]


def test_meetings_with_a_sheet_of_their_own_are_taken_from_there() -> None:
    log = raw(
        "book.xlsx",
        "Meetings",
        ["URN", "Date of meeting", "Type of meeting", "Outcome"],
        [["C1", "2023-01-10", "level 2", "2"]],
    )
    cases = raw("book.xlsx", "Cases", NAMES, ROWS)
    table, _ = propose([read(cases, log)]).tables
    assert {feed.table for feed in table.sheet.feeds} == {"cases", "reviews", "visits"}, "reviews at level 1 have none"
    assert "the table meetings has a sheet of its own here" in table.reasons["Review 1 outcome"].why


@pytest.mark.parametrize("beside", [["Attended 1", "Attended 2"], []])
def test_numbered_agencies_of_a_meeting_and_how_each_took_part(beside: Sequence[str]) -> None:
    names = ["Meeting ref", "URN", "Date of meeting", "Type of meeting", "Agency 1", "Agency 2", *beside]
    rows = [
        ["M1", "C1", "2023-01-10", "level 2", "Police", "NPS", *["In person", "Apologies"][: len(beside)]],
        ["M2", "C2", "2023-02-10", "level 3", "Housing", None, *["In person", None][: len(beside)]],
    ]
    file = sheet(names, *rows, name="Meetings")
    proposal = propose([file])
    assert proposal.tables[0].reasons["Agency 2"].certainty is Certainty.LIKELY
    made = applied(file, proposal).tables["attendance"].sort("meeting_id", "agency")
    assert made.select("meeting_id", "agency").rows() == [("M1", "police"), ("M1", "probation"), ("M2", "housing")]
    if beside:
        assert made["mode"].to_list() == ["in person", "apologies", "in person"]


def test_another_number_is_one_row_more_and_left_aside_one_less() -> None:
    file = wide()
    proposal = propose([file])
    (table,) = proposal.tables
    profile = table.looked.profile
    less = with_field(table.sheet, "Review 3", None, profile)
    assert [feed.columns["held_on"] for feed in less.feeds if feed.table == "meetings"] == ["Review 1", "Review 2"]
    assert sum(feed.table == "visits" for feed in with_field(table.sheet, "Visit 2", None, profile).feeds) == 1
    again = with_field(less, "Review 3", ("meetings", "held_on"), profile)
    last = [feed for feed in again.feeds if feed.table == "meetings"][-1]
    assert last.columns == {"case_id": "URN", "held_on": "Review 3", "kind": "Level"}
    assert (last.made_id.date if last.made_id else None) == "Review 3"
    assert "Review 3" not in again.left_aside
    assert read_mapping(to_toml(with_sheet(proposal.mapping, 0, again)), "a.toml").sheets == (again,)


def test_a_day_of_another_table_is_not_taken_for_one_of_the_numbered() -> None:
    names = ["URN", "Level", "Category", "Date adopted", "Review 1", "Review 2", "Last visit"]
    file = sheet(names, ["C1", "2", "1", "2022-01-04", "2023-01-31", "2023-04-03", "2023-05-04"])
    pulled = applied(file, propose([file]))
    assert pulled.tables["visits"]["visited_on"].to_list() == ["2023-05-04"]
