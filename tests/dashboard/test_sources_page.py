"""The page Sources: a proposal that can be looked at, put right, answered, saved and used, before anything has been read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from connectors.mapping.mapping import load_mapping
from connectors.mapping.pulling import pull
from connectors.mapping.writing import save_mapping
from dashboard.mapped import looked_at
from tests.dashboard.area_folder import HOSTILE
from tests.dashboard.conftest import OpenPage

NAME, NOTE = "Zebedee Quillfeather", "told her neighbour at the harbour"
HEADINGS = ["URN", "Surname", "MAPPA Level", "Lead agency", "Date adopted", "Notes", HOSTILE]
ROWS = [
    ["C1", "Quillfeather", "L2", "SOJP", "03/04/2023", NOTE, "x"],
    ["C2", "Quillfeather", "L1 or 2", "NPS", "05/06/2023", NOTE, "x"],
    ["C3", "Quillfeather", "2", "Acme Support Trust", "07/08/2023", NOTE, "x"],
]
SETTINGS = 'area = "A small area"\nsource = "caseload.csv"\nstandards = ["jersey"]\nas_at = 2023-12-31\n'


@pytest.fixture
def area(tmp_path: Path) -> Path:
    """The settings of an area whose one file has headings of its own."""
    lines = [";".join(f'"{cell}"' for cell in row) for row in (HEADINGS, *ROWS)]
    (tmp_path / "caseload.csv").write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "area.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def said(page: AppTest) -> str:
    parts: list[Any] = [
        *page.title,
        *page.header,
        *page.markdown,
        *page.caption,
        *page.info,
        *page.warning,
        *page.error,
    ]
    parts += [*page.success, *page.text]
    cells = [str(cell) for each in page.table for cell in each.value.to_numpy().ravel()]
    labels = [each.label for each in (*page.selectbox, *page.radio)]
    text = "\n".join([*(str(each.value) for each in parts), *cells, *labels])
    return text.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")


def field(page: AppTest, letter: str) -> str:
    return f"sources: field 0 {letter}"


def answer(page: AppTest) -> AppTest:
    page.radio[0].set_value("day first").run()
    assert not page.exception, page.exception
    return page


def test_a_proposal_is_shown_before_anything_has_been_read(area: Path, open_page: OpenPage) -> None:
    page = open_page(area, "sources")
    text = said(page)
    assert "This is a proposal" in text
    assert "What it holds" in text
    assert page.selectbox(key="sources: table 0").value == "cases"
    assert page.selectbox(key=field(page, "C")).value == "cases: level"
    assert page.selectbox(key=field(page, "B")).value == "left aside"
    for words in ("✓ certain", "names of people are never imported", "To be answered", "3 rows"):
        assert words in text
    assert "Not yet:" in text, "it cannot be read before the dates are settled"


def test_no_name_reference_or_free_text_is_shown_and_a_hostile_heading_is_data(area: Path, open_page: OpenPage) -> None:
    page = open_page(area, "sources")
    text = said(page)
    assert not any(word in text for word in ("Quillfeather", "neighbour", "C1", "03/04/2023'"))
    assert HOSTILE in text
    labels = [each.label for each in page.selectbox if "bold" in each.label]
    assert labels
    assert not any("**bold**" in label or "](http" in label for label in labels)


def test_answered_put_right_saved_and_used(area: Path, open_page: OpenPage) -> None:
    page = answer(open_page(area, "sources"))
    assert "Not yet:" not in said(page)
    page.selectbox(key="sources: value 0 C L1 or 2").set_value("1").run()
    page.selectbox(key="sources: value 0 D Acme Support Trust").set_value("housing").run()
    assert "Every cell that is read is understood" in said(page)
    page.button(key="sources: save").click().run()
    assert not page.exception
    assert "Saved as caseload.mapping.toml, beside the source." in said(page)
    mapping = load_mapping(area.parent / "caseload.mapping.toml")
    assert mapping.sheets[0].dates == {"Date adopted": "day first"}
    cases = pull(str(area.parent / "caseload.csv")).tables["cases"]
    assert cases.select("case_id", "level", "lead_agency", "entered_on").rows() == [
        ("C1", "2", "police", "2023-04-03"),
        ("C2", "1", "probation", "2023-06-05"),
        ("C3", "2", "housing", "2023-08-07"),
    ]
    page.button(key="refresh").click().run()
    assert "Snapshot 1 was made" in page.success[0].value
    text = said(open_page(area, "sources"))
    assert "Read by the mapping caseload.mapping.toml" in text
    assert "Nothing is changed against caseload.mapping.toml" in text


def test_a_column_is_read_as_something_else_or_left_aside(area: Path, open_page: OpenPage) -> None:
    page = answer(open_page(area, "sources"))
    page.selectbox(key=field(page, "E")).set_value("cases: release_on").run()
    page.selectbox(key=field(page, "D")).set_value("left aside").run()
    assert not page.exception
    assert page.selectbox(key=field(page, "E")).value == "cases: release_on"
    assert "you say so" in said(page)
    page.button(key="sources: save").click().run()
    (feed,) = load_mapping(area.parent / "caseload.mapping.toml").sheets[0].feeds
    assert feed.columns == {"case_id": "URN", "level": "MAPPA Level", "release_on": "Date adopted"}


def test_a_sheet_is_another_table_or_none(area: Path, open_page: OpenPage) -> None:
    page = open_page(area, "sources")
    page.selectbox(key="sources: table 0").set_value("spells").run()
    assert not page.exception
    assert page.selectbox(key=field(page, "C")).value == "spells: level"
    page.selectbox(key="sources: table 0").set_value("left aside").run()
    assert "fits nothing that is there" in said(page)


def test_what_no_longer_fits_is_said(area: Path, open_page: OpenPage) -> None:
    source = area.parent / "caseload.csv"
    save_mapping(looked_at(str(source)).mapping, area.parent / "caseload.mapping.toml")
    source.write_text(source.read_text("utf-8").replace('"Lead agency"', '"Owner of it"'), encoding="utf-8")
    text = said(open_page(area, "sources"))
    assert 'headings of the mapping are gone: "Lead agency", so nothing is read into cases.lead_agency' in text
    assert 'headings that the mapping has not seen, and left aside: "Owner of it"' in text


def test_a_mapping_changed_meanwhile_is_left_as_it_is(area: Path, open_page: OpenPage) -> None:
    page = answer(open_page(area, "sources"))
    place = area.parent / "caseload.mapping.toml"
    place.write_text("# somebody else's\n", encoding="utf-8")
    page.button(key="sources: save").click().run()
    assert not page.exception
    assert place.read_text("utf-8") == "# somebody else's\n"
    assert "has been changed by somebody else meanwhile, and was left as it is" in said(page)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="an account that may write everywhere")
def test_where_it_may_not_be_written_it_is_offered_to_be_downloaded(area: Path, open_page: OpenPage) -> None:
    area.parent.chmod(0o555)
    try:
        page = open_page(area, "sources")
        assert page.button(key="sources: save").disabled
        assert "cannot be written by this account" in said(page)
    finally:
        area.parent.chmod(0o755)


def test_a_wrong_mapping_is_told_in_its_own_sentence(area: Path, open_page: OpenPage) -> None:
    (area.parent / "caseload.mapping.toml").write_text("colour = 1\n", encoding="utf-8")
    assert "The mapping caseload.mapping.toml: colour: unknown key" in said(open_page(area, "sources"))


def test_a_source_that_needs_no_mapping_says_so(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(open_page(sample_settings, "sources"))
    assert "This source gives its tables by their names, and needs no mapping." in text
    assert "As at 31 December 2023" in text


def test_a_canonical_source_that_has_been_read_is_only_looked_at_when_asked(
    odd_settings: Path, open_page: OpenPage
) -> None:
    page = open_page(odd_settings, "sources")
    assert "has the names that we look for" in said(page)
    page.button(key="sources: look").click().run()
    assert not page.exception
    assert page.selectbox(key="sources: table 0").value == "attendance"


def test_the_empty_board_leads_to_the_sources(area: Path, open_page: OpenPage) -> None:
    page = open_page(area)
    page.button(key="refresh").click().run()
    assert "the page Sources propose which is which" in "".join(str(each.value) for each in page.error).replace(
        "\\", ""
    )


# Names

NAMED = [
    ["Name", "MAPPA Level", "Category", "Date adopted", "Seen by"],
    ["Quillfeather, Zebedee", "2", "1", "2023-01-04", "Zebedee Featherstonehaugh"],
    ["Mary Featherstonehaugh", "3", "2", "2023-02-14", "Mary Quillfeather"],
]
NAMES = "sources: names 0 A"


@pytest.fixture
def named(area: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same area, whose file tells by names alone whom a row is about; no key is set."""
    monkeypatch.delenv("MAPPA_PSEUDONYM_KEY", raising=False)
    (area.parent / "caseload.csv").write_text("\n".join(";".join(row) for row in NAMED), encoding="utf-8")
    return area


def test_names_are_left_aside_or_taken_in_as_pseudonyms_as_somebody_chooses(named: Path, open_page: OpenPage) -> None:
    page = open_page(named, "sources")
    assert page.radio(key=NAMES).label.startswith("Name looks like names of people.")
    assert page.radio(key=NAMES).options == ["Leave it aside", "Take it in as pseudonyms"]
    assert page.radio(key=NAMES).value == "take it in as pseudonyms"
    assert "No key is set yet: set MAPPA_PSEUDONYM_KEY to a long random text" in said(page)
    page.radio(key=NAMES).set_value("leave it aside").run()
    assert page.selectbox(key=field(page, "A")).value == "left aside"
    page.radio(key=NAMES).set_value("take it in as pseudonyms").run()
    assert not page.exception
    assert page.selectbox(key=field(page, "A")).value == "cases: case_id"
    page.button(key="sources: save").click().run()
    mapping = load_mapping(named.parent / "caseload.mapping.toml")
    assert mapping.sheets[0].pseudonymise == ("Name",)
    assert not any(word in said(page) for word in ("Quillfeather", "Featherstonehaugh"))
    page.button(key="refresh").click().run()
    assert "Snapshot 1 was made" in page.success[0].value
    text = said(open_page(named, "sources"))
    assert "The key comes from the file mappa-monitor.key beside the settings." in text
    assert (named.parent / "mappa-monitor.key").read_text("ascii").strip() not in text


def test_left_aside_it_is_out_of_the_mapping_altogether(named: Path, open_page: OpenPage) -> None:
    page = open_page(named, "sources")
    page.radio(key=NAMES).set_value("leave it aside").run()
    page.button(key="sources: save").click().run()
    (sheet,) = load_mapping(named.parent / "caseload.mapping.toml").sheets
    assert sheet.pseudonymise == ()
    assert "Name" in sheet.left_aside
    assert "case_id" not in sheet.feeds[0].columns


def test_what_a_mapping_would_take_in_as_it_stands_is_asked_about_here(
    named: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPPA_PSEUDONYM_KEY", "a long and random text")
    place = named.parent / "caseload.mapping.toml"
    save_mapping(looked_at(str(named.parent / "caseload.csv")).mapping, place)
    text = place.read_text("utf-8").replace('pseudonymise = ["Name"]\n', "")
    place.write_text(text.replace('case_id = "Name"', 'case_id = "Name"\nlead_agency = "Seen by"'), "utf-8")
    page = open_page(named, "sources")
    assert "To be answered before the source can be read" in said(page)
    assert page.radio(key=NAMES).value == "not said yet"
    assert page.radio(key="sources: names 0 E").options == ["Not said yet", "Leave it aside"]
    page.radio(key=NAMES).set_value("take it in as pseudonyms").run()
    page.radio(key="sources: names 0 E").set_value("leave it aside").run()
    text = said(page)
    assert "To be answered" not in text
    assert "Every cell that is read is understood" in text
    assert "The key comes from MAPPA_PSEUDONYM_KEY." in text
    assert "a long and random text" not in text
    page.button(key="sources: save").click().run()
    assert load_mapping(place).sheets[0].pseudonymise == ("Name",)


def test_names_beside_a_reference_can_stand_for_it(named: Path, open_page: OpenPage) -> None:
    rows = [[f"C{n}" if n else "URN", *row] for n, row in enumerate(NAMED)]
    (named.parent / "caseload.csv").write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    page = open_page(named, "sources")
    page.radio(key="sources: names 0 B").set_value("take it in as pseudonyms").run()
    assert not page.exception
    assert page.selectbox(key=field(page, "A")).value == "left aside"
    assert page.selectbox(key=field(page, "B")).value == "cases: case_id"
    page.selectbox(key=field(page, "A")).set_value("cases: case_id").run()
    assert page.radio(key="sources: names 0 B").value == "leave it aside"
    page.button(key="sources: save").click().run()
    assert load_mapping(named.parent / "caseload.mapping.toml").sheets[0].pseudonymise == ()


def test_surname_and_forename_are_one_choice(named: Path, open_page: OpenPage) -> None:
    rows = [
        "Surname;First name;MAPPA Level;Category;Date adopted",
        "Quillfeather;Zebedee;2;1;2023-01-04",
        "Smith;Ann;3;2;2023-02-14",
    ]
    (named.parent / "caseload.csv").write_text("\n".join(rows), encoding="utf-8")
    page = open_page(named, "sources")
    assert page.radio(key=NAMES).options == ["Leave it aside", "Take it in as pseudonyms, one name with First name"]
    assert "Taken in together with **Surname**, as one name." in said(page)
    page.radio(key=NAMES).set_value("leave it aside").run()
    assert page.selectbox(key=field(page, "B")).value == "left aside"
    page.radio(key=NAMES).set_value("take it in as pseudonyms").run()
    assert not page.exception
    page.button(key="sources: save").click().run()
    (sheet,) = load_mapping(named.parent / "caseload.mapping.toml").sheets
    assert sheet.forenames == {"Surname": "First name"}
    assert sheet.left_aside == ()
