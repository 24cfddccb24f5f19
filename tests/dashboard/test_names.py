"""Workbooks with names in them: the import stops and says how to go on; nobody's name is in anything that it leaves behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from connectors.mapping.pulling import pull
from dashboard import frames
from dashboard.refresh import open_store
from dashboard.settings import key_place, load_settings
from tests.command import Ran, assert_plain, assert_shows_nothing, mappa

FIRST, SECOND = "Zebedee Quillfeather", "Ann-Marie Featherstonehaugh"
HIDDEN = ("Zebedee", "Quillfeather", "QUILLFEATHER", "Featherstonehaugh", "FEATHERSTONEHAUGH", "Harbour", "1980-12-31")
CASES = [
    ["Name", "MAPPA Level", "Category", "Date adopted", "DOB", "Home address"],
    [FIRST, "2", "1", "2023-01-04", "1980-12-31", "12 Harbour Street"],
    [SECOND, "3", "2", "2023-02-14", "1975-06-30", "14 Harbour Street"],
]
MEETINGS = [
    ["Name", "Meeting date", "Meeting type", "Outcome level"],
    ["QUILLFEATHER, Zebedee", "2023-03-22", "level 2", "2"],
    ["featherstonehaugh,  ann marie", "2023-03-23", "level 3", "3"],
    ["ZEBEDEE QUILLFEATHER", "2023-06-07", "level 2", "2"],
]
SETTINGS = 'area = "A"\nsource = "records"\nstandards = ["jersey"]\nas_at = 2023-12-31\n'


def workbook(path: Path, sheet: str, rows: list[list[str]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAPPA_PSEUDONYM_KEY", raising=False)
    (tmp_path / "records").mkdir()
    workbook(tmp_path / "records" / "caseload.xlsx", "Cases", CASES)
    workbook(tmp_path / "records" / "meetings.xlsx", "Meetings", MEETINGS)
    (tmp_path / "mappa-monitor.toml").write_text(SETTINGS, encoding="utf-8")
    yield tmp_path
    for path in tmp_path.rglob("*"):  # whatever was done: nothing that it left behind holds a name
        if path.is_file() and path.suffix != ".xlsx":
            assert not [word for word in HIDDEN if word.encode() in path.read_bytes()], path.name


def proposed(here: Path) -> Path:
    """The mapping as it is proposed, saved beside the source."""
    ran = mappa("map", "--source", "records", "--out", "records.mapping.toml")
    assert ran.code == 0, ran
    assert_shows_nothing(ran, *HIDDEN)
    return here / "records.mapping.toml"


def without_pseudonyms(mapping: Path) -> None:
    text = mapping.read_text("utf-8")
    assert text.count('pseudonymise = ["Name"]\n') == 2
    mapping.write_text(text.replace('pseudonymise = ["Name"]\n', ""), "utf-8")


def shown(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_the_proposal_says_which_column_holds_names_and_offers_pseudonyms(here: Path) -> None:
    ran = mappa("map", "--source", "records")
    assert_shows_nothing(ran, *HIDDEN)
    text = shown(ran)
    assert "◐ A Name → cases.case_id" in text
    assert "taken in as pseudonyms only (pseudonymise)" in text
    assert (
        "F Home address → left aside (certain): where somebody lives, or how to reach them, is never imported" in text
    )
    assert proposed(here).read_text("utf-8").count('pseudonymise = ["Name"]') == 2


@pytest.mark.parametrize("command", [("refresh",), ("check",), ("measure", "--json")])
def test_without_it_the_import_stops(here: Path, command: tuple[str, ...]) -> None:
    without_pseudonyms(proposed(here))
    said = ('caseload.xlsx, sheet "Cases": the column "Name" (A) looks like names of people', 'pseudonymise = ["Name"]')
    assert_plain(mappa(*command), 4, *said, "records.mapping.toml", hidden=HIDDEN)
    assert not (here / "mappa-monitor.key").exists()
    asked = mappa("map", "--source", "records")
    assert_shows_nothing(asked, *HIDDEN)
    assert 'write pseudonymise = ["Name"] under its [[sheet]]' in shown(asked)
    assert "TO BE ANSWERED" in asked.out


def test_the_same_person_is_the_same_in_both_files_and_nobodys_name_is_kept(here: Path) -> None:
    proposed(here)
    ran = mappa("refresh")
    assert ran.code == 0, ran
    assert_shows_nothing(ran, *HIDDEN)
    key = (here / "mappa-monitor.key").read_text("ascii").strip()
    assert "A key for pseudonyms was made" in ran.said
    assert 'the column "Name" (A) was taken in as pseudonyms, 2 different ones.' in ran.said
    assert_shows_nothing(ran, key)
    assert key.encode() not in (here / "mappa-monitor.sqlite").read_bytes()
    checked = mappa("check", "--json", "--out", "findings.csv")
    assert_shows_nothing(checked, *HIDDEN, key)
    rules = {each["rule"]: each for each in checked.json["rules"]}
    assert rules["meetings.case_id.exists"]["status"] == "pass"
    assert rules["meetings.case_id.exists"]["rows"] == 3
    assert rules["cases.case_id.name_like"]["failing"] == 0
    assert rules["cases.birth_year.type"]["failing"] == 0  # the year is taken from the date of birth, and no more
    with open_store(load_settings(here / "mappa-monitor.toml"), read_only=True) as store:
        snapshot = store.newest()
        assert snapshot is not None
        kept = {name: store.frame(snapshot.id, name) for name in store.frame_names(snapshot.id)}
        told = str(store.definitions(snapshot.id)) + str(snapshot)
    for name, frame in kept.items():  # the store packs what it keeps: its bytes alone would tell nothing
        assert not [word for word in (*HIDDEN, key) if word in str(frame.to_dicts())], name
    assert not [word for word in (*HIDDEN, key) if word in told]
    keys = set(kept[frames.table("cases")]["case_id"])
    assert len(keys) == 2
    assert keys == set(kept[frames.table("meetings")]["case_id"])
    assert all(re.fullmatch(r"P1-[A-Z2-7]{12}", each) for each in keys)
    evidence = mappa("measure", "--period", "2023-Q1", "--evidence", "evidence.csv")
    assert_shows_nothing(evidence, *HIDDEN, key)
    assert any(each in (here / "evidence.csv").read_text("utf-8") for each in keys)


def test_next_month_everybody_keeps_the_pseudonym_and_with_another_key_nobody(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed(here)

    def keys() -> set[str]:
        tables = pull("records", key=key_place(here)).tables
        assert set(tables["cases"]["case_id"]) == set(tables["meetings"]["case_id"])
        return set(tables["cases"]["case_id"])

    first = keys()
    assert len(first) == 2
    again = [[*CASES[0]], [SECOND.upper(), *CASES[2][1:]], ["Quillfeather, Zebedee", *CASES[1][1:]]]
    workbook(here / "records" / "caseload.xlsx", "Cases", again)
    assert keys() == first
    monkeypatch.setenv("MAPPA_PSEUDONYM_KEY", "another long and random text")
    assert not keys() & first
    monkeypatch.setenv("MAPPA_PSEUDONYM_KEY", "short")
    assert_plain(mappa("check"), 4, "MAPPA_PSEUDONYM_KEY is too short", hidden=HIDDEN)


def test_surname_and_forename_in_two_columns_are_the_person_named_in_one(here: Path) -> None:
    rows = [["Forename", "Surname", *CASES[0][1:]]]
    rows += [[*name.rsplit(" ", 1), *rest] for name, *rest in CASES[1:]]
    workbook(here / "records" / "caseload.xlsx", "Cases", rows)
    ran = mappa("map", "--source", "records", "--out", "records.mapping.toml")
    assert_shows_nothing(ran, *HIDDEN)
    assert 'A Forename → cases.case_id (likely): one name with "Surname"' in shown(ran)
    assert '[sheet.forenames]\nSurname = "Forename"' in (here / "records.mapping.toml").read_text("utf-8")
    tables = pull("records", key=key_place(here)).tables
    assert tables["cases"]["case_id"].n_unique() == 2
    assert set(tables["cases"]["case_id"]) == set(tables["meetings"]["case_id"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('birth_year = "DOB"', 'sentenced_on = "DOB"', ('"DOB" (E) looks like dates of birth, which are never', "left_aside")),
        ('birth_year = "DOB"', 'lead_agency = "Home address"', ('"Home address" (F) looks like addresses', "left_aside")),
        ('birth_year = "DOB"', 'lead_agency = "Name"', ("pseudonymise", "is read into more than case_id")),
        ('pseudonymise = ["Name"]', 'pseudonymise = ["DOB"]', ("pseudonymise", "is read into more than case_id")),
        ('pseudonymise = ["Name"]', 'pseudonymise = ["Names"]', ("pseudonymise", "none of the headings of this sheet")),
        ('pseudonymise = ["Name"]', 'pseudonymise = ["Home address"]', ("pseudonymise", "nothing is read from")),
    ],
)  # fmt: skip
def test_what_is_never_taken_in(here: Path, old: str, new: str, said: tuple[str, ...]) -> None:
    mapping = proposed(here)
    text = mapping.read_text("utf-8")
    assert old in text
    mapping.write_text(text.replace(old, new, 1), "utf-8")
    assert_plain(mappa("check"), 4, *said, hidden=HIDDEN)
