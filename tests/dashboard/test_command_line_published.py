"""`mappa-monitor published`: what it prints, what other programs read, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.command_line import run
from kpis.published import SHIPPED

HEAD = "area,reporting_year,table,row,column,value\n"
ADDS_UP = HEAD + "hill,2023,t,a,x,1\nhill,2023,t,a,y,2\nhill,2023,t,a,total,3\n"


def written(folder: Path, content: str) -> str:
    path = folder / "figures.csv"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_the_document_of_the_shipped_figures(capsys: pytest.CaptureFixture[str]):
    assert run(["published", "--source", str(SHIPPED), "--json"]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert set(document) == {"findings"}
    assert {(each["severity"], each["printed"], each["computed"]) for each in document["findings"]} == {
        ("error", 57, 55),
        ("error", 21, 19),
        ("error", 126, 124),
        ("error", 190, 183),
        ("note", 87, 65),
    }
    first = document["findings"][0]
    assert list(first) == [
        "area",
        "reporting_year",
        "table",
        "rows",
        "columns",
        "printed",
        "computed",
        "message",
        "severity",
    ]
    assert first["rows"] == ["screening"]
    assert "the total stands without its parts" in err


def test_people_read_sentences_and_how_much_was_checked(capsys: pytest.CaptureFixture[str]):
    assert run(["published", "--source", str(SHIPPED)]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "✗ Jersey 2023, “referrals by route”, row “referrals”: 17 (level 2) + 38 (screening) = 55, but" in said
    assert "◐ Jersey 2023: 87 people were managed through multi-agency plans, but only 65" in said
    assert "4 do not add up and 1 is worth a question." in said


def test_what_adds_up_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["published", "--source", written(tmp_path, ADDS_UP)]) == 0
    assert capsys.readouterr().out == "1 check on 3 of 3 figures: 0 do not add up.\n"


def test_a_note_alone_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    note = HEAD + "hill,2023,individuals,year,managed through multi-agency plans,9\n"
    note += "hill,2023,individuals,year,discussed at any meeting,8\n"
    assert run(["published", "--source", written(tmp_path, note), "--json"]) == 0
    assert [each["severity"] for each in json.loads(capsys.readouterr().out)["findings"]] == ["note"]


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    bad = HEAD + "hill,2023,t,a,x,Zebedee\n"
    assert run(["published", "--source", written(tmp_path, bad), "--json"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    said = "figures.csv, row 2, column value: expected a whole number such as 1472, found letters. "
    assert err == said + "Leave out the row of a figure that the report hides or does not print.\n"


def test_without_a_source_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]):
    assert run(["published"]) == 2
    assert "--source" in capsys.readouterr().err


def test_text_of_the_file_cannot_drive_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    hostile = HEAD + "hill,2023,t,\x1b[31ma,x,1\nhill,2023,t,\x1b[31ma,total,2\n"
    assert run(["published", "--source", written(tmp_path, hostile)]) == 1
    assert "\x1b" not in capsys.readouterr().out
