"""`mappa-monitor map`, and a mapping given to the other commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Ran, assert_plain, assert_shows_nothing, mappa

NAME, NOTE = "Zebedee Quillfeather", "told her neighbour at the harbour"
HIDDEN = (NAME, "Quillfeather", NOTE, "C001")
HEADINGS = "Ref;Surname;MAPPA Level;Custody/Community;Date adopted;Notes;Colour"
ROWS = [
    f"C001;Quillfeather;L2;Custody;31/12/2022;{NOTE};red",
    f"C002;Quillfeather;1;Comm;3/4/2022;{NOTE};blue",
    f"C003;Quillfeather;?9;Comm;n/a;{NOTE};blue",
]
AS_AT = ("--as-at", "2023-12-31")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "caseload.csv", HEADINGS, *ROWS)
    return tmp_path


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="cp1252")
    return path


def text_of(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_a_proposal_shows_what_is_certain_likely_and_unknown_and_writes_nothing(here: Path) -> None:
    ran = mappa("map", "--source", "caseload.csv")
    assert ran.code == 0
    assert_shows_nothing(ran, *HIDDEN)
    text = text_of(ran)
    assert "caseload.csv (3 rows) → cases: likely" in text
    assert "✓ C MAPPA Level → cases.level (likely)" in text or "◐ C MAPPA Level → cases.level (likely)" in text
    assert "◐ D Custody/Community → cases.location (likely)" in text
    assert "? G Colour → left aside (unknown): the heading is like none of ours" in text
    assert "✓ B Surname → left aside (certain): names of people are never imported" in text
    assert "L2 = 2" in text
    assert "dates, day first, 3 cells" in text
    assert "? not known: ?9" in text
    assert "caseload.csv: 4 rows, of these 3 records; left out: 1 header (row 1)." in text
    assert "Nothing was written. Save it with --out caseload.mapping.toml" in ran.said
    assert [each.name for each in here.iterdir()] == ["caseload.csv"]


def test_saved_it_is_used_by_every_command(here: Path) -> None:
    ran = mappa("map", "--source", "caseload.csv", "--out", "caseload.mapping.toml")
    assert "It lies beside the source and is used by itself." in ran.said
    assert not any(word in (here / "caseload.mapping.toml").read_text("utf-8") for word in HIDDEN)
    checked = mappa("check", "--source", "caseload.csv", *AS_AT, "--json")
    assert checked.code == 1
    levels = [each for each in checked.json["findings"] if each["rule"] == "cases.level.code"]
    assert [(each["file"], each["row"]) for each in levels] == [("caseload.csv", 4)]
    assert "Read by the mapping caseload.mapping.toml, which lies beside the source." in checked.said
    assert mappa("measure", "--source", "caseload.csv", *AS_AT, "--json").code == 0
    assert mappa("annual", "--source", "caseload.csv", *AS_AT, "--json").code == 0
    assert mappa("pack", "--source", "caseload.csv", *AS_AT, "--out", "pack.html").code == 0


def test_a_mapping_elsewhere_is_named(here: Path) -> None:
    mappa("map", "--source", "caseload.csv", "--out", "our.toml")
    assert mappa("check", "--source", "caseload.csv", *AS_AT).code == 3
    assert mappa("check", "--source", "caseload.csv", "--mapping", "our.toml", *AS_AT).code == 1
    settings = 'area = "A"\nsource = "caseload.csv"\nmapping = "our.toml"\nstandards = ["jersey"]\nas_at = 2023-12-31\n'
    write(here / "mappa-monitor.toml", settings)
    assert mappa("refresh").code == 0
    assert "Nothing has changed since snapshot 1" in mappa("refresh").said
    text = (here / "our.toml").read_text("utf-8")
    (here / "our.toml").write_text(text.replace("two_digit_years_up_to = 49", "two_digit_years_up_to = 48"), "utf-8")
    assert "Stored snapshot 2" in mappa("refresh").said


def test_next_month_it_says_what_no_longer_fits(here: Path) -> None:
    mappa("map", "--source", "caseload.csv", "--out", "caseload.mapping.toml")
    new = [row.replace("Custody;", "Moon base;") for row in ROWS]
    write(here / "caseload.csv", HEADINGS.replace("Colour", "Shade").replace("Date adopted", "Start"), *new)
    for ran in (mappa("map", "--source", "caseload.csv"), mappa("check", "--source", "caseload.csv", *AS_AT)):
        text = " ".join(f"{ran.out} {ran.said}".split())
        assert 'headings of the mapping are gone: "Date adopted", so nothing is read into cases.entered_on' in text
        assert 'headings that the mapping has not seen, and left aside: "Start", "Shade"' in text
        assert_shows_nothing(ran, *HIDDEN)


def test_as_json(here: Path) -> None:
    document = mappa("map", "--source", "caseload.csv", "--json").json
    (table,) = document["tables"]
    assert table["feeds"] == ["cases"]
    columns = {each["heading"]: each for each in table["columns"]}
    assert columns["MAPPA Level"]["fields"] == ["cases.level"]
    assert columns["MAPPA Level"]["values_not_understood"] == ["?9"]
    assert columns["Notes"]["fields"] == []
    assert document["accounts"][0]["records"] == 3
    assert not any(word in str(document) for word in HIDDEN)


def test_dates_that_could_be_either_are_asked_about_and_refused(here: Path) -> None:
    write(here / "caseload.csv", HEADINGS, *(row.replace("31/12/2022", "5/6/2022") for row in ROWS))
    ran = mappa("map", "--source", "caseload.csv", "--out", "caseload.mapping.toml")
    assert "TO BE ANSWERED" in ran.out
    assert "Answer in it what is still to be answered." in ran.said
    refused = mappa("check", "--source", "caseload.csv", *AS_AT)
    assert_plain(refused, 4, "caseload.csv", "Date adopted", '"day first" or "month first"', hidden=HIDDEN, most=3)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("map", "--source", "sample"), 2, "a mapping is for workbooks and text files"),
        (("map", "--source", "none.xlsx"), 3, "There is no file or folder called none.xlsx"),
        (("map", "--source", "caseload.csv", "--mapping", "none.toml"), 4, "There is no mapping file none.toml"),
        (("map", "--source", "caseload.csv", "--out", "caseload.csv"), 2, "the name must end in .toml"),
        (("check", "--source", "caseload.csv"), 3, "mappa-monitor map --source caseload.csv"),
        (("check", "--source", "sample", "--mapping", "our.toml"), 2, "A mapping is for workbooks and text files"),
    ],
)
def test_what_cannot_be_done_is_said(here: Path, words: tuple[str, ...], code: int, said: str) -> None:
    assert_plain(mappa(*words), code, said)


def test_a_mapping_that_is_there_is_not_written_over(here: Path) -> None:
    write(here / "our.toml", "# mine")
    assert_plain(mappa("map", "--source", "caseload.csv", "--out", "our.toml"), 2, "our.toml is there already")
    assert (here / "our.toml").read_text("utf-8") == "# mine"
