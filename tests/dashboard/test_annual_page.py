"""The page *Annual tables* and the command `annual`: the same figures, from a snapshot and from the records."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.command import mappa
from tests.dashboard.area_folder import heading_said
from tests.dashboard.conftest import ODD, OpenPage


def bare(text: object) -> str:
    """Text without the marks that keep it from being read as markup."""
    return str(text).replace("\\", "").replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")


def tables(page: AppTest) -> dict[str, dict[str, list[str]]]:
    """Heading of a table → its headings and cells."""
    headings = [bare(each.value) for each in page.subheader]
    frames = [
        {bare(heading_said(str(name))): list(map(bare, column)) for name, column in each.value.items()}
        for each in page.table
    ]
    return dict(zip(headings, frames, strict=True))


def told(page: AppTest) -> str:
    return bare(
        " ".join(each.value for kind in (page.markdown, page.warning, page.info, page.caption) for each in kind)
    )


def test_the_last_whole_year_is_shown_in_the_standards_layout(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "annual_tables")
    assert page.selectbox(key="choose year").value == "2023"
    shown = tables(page)
    eligible = shown["2. People under management on 31 December 2023, by level and category"]
    assert eligible["Of what"] == ["Level 1", "Level 2", "Level 3", "Total"]
    assert eligible["Category 1: Registered sex offenders"] == ["158", "31", "0", "189"]
    assert eligible["Total"][-1] == "246"
    routes = shown["7. Referrals received, by where they were sent"]
    assert routes["Of what"][-2:] == ["Not recorded", "Total"]
    assert routes["Referrals"][-2:] == ["2", "57"]
    said = told(page)
    assert "Small numbers: " in said
    assert "“Not supplied” means that the records cannot tell; it is not 0." in said
    assert "more may belong here: notification_from is not recorded." in said
    assert [each.proto.label for each in page.get("download_button")] == [
        "Download Excel workbook",
        "Download CSV",
        "Download PDF",
        "Download HTML",
    ]


def test_another_standard_has_its_own_layout_and_year(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "annual_tables", standard="hampshire")
    assert page.selectbox(key="choose year").value == "2022-23"
    orders = next(frame for heading, frame in tables(page).items() if "Restrictive orders" in heading)
    assert orders["Of what"] == ["SOPO", "FTO", "NO"]
    running = open_page(sample_settings, "annual_tables", standard="hampshire", year="2023-24")
    assert "The reporting year is not over: the figures are those up to 31 December 2023." in told(running)


def test_a_year_that_is_not_there_is_said(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "annual_tables", year="**1066**")
    assert "The address asks for a year **1066**, of which there are no tables." in told(page)
    assert page.selectbox(key="choose year").value == "2023"


def test_names_from_the_records_are_shown_as_they_stand(odd_settings: Path, open_page: OpenPage) -> None:
    page = open_page(odd_settings, "annual_tables")
    sources = tables(page)["5. Referrals received, by who referred"]
    assert sources["Of what"][0] == ODD[:1].upper() + ODD[1:]
    events = tables(page)["10. Serious further offences and serious case reviews"]
    assert events["Year"] == ["not supplied", "not supplied"]
    assert "Not supplied: the records have no table events." in told(page)


# The command

SAMPLE = ("annual", "--source", "sample", "--as-at", "2023-12-31")


def test_the_document_holds_every_cell_as_the_page_shows_it(sample_settings: Path, open_page: OpenPage) -> None:
    ran = mappa(*SAMPLE, "--year", "2023", "--json")
    assert ran.code == 0
    document = ran.json
    assert list(document) == ["area", "standard", "as_at", "year", "cells"]
    assert document["year"] == {"name": "2023", "start": "2023-01-01", "end": "2023-12-31"}
    held = {(each["table"], each["row"], each["column"]): each for each in document["cells"]}
    cell = held["eligible at year end", "level 1", "category 1"]
    assert (cell["value"], cell["state"], cell["unknown"], cell["cite"]) == (158, "counted", 0, "J23 3")
    page = tables(open_page(sample_settings, "annual_tables"))
    individuals = page["9. Individuals over the year"]
    assert individuals["Year"] == [
        str(held["individuals", "year", column]["value"])
        for column in (
            "entered",
            "managed through multi-agency plans",
            "discussed at any meeting",
            "discussed at more than one meeting",
        )
    ]


def test_people_read_tables_and_how_they_are_counted() -> None:
    ran = mappa(*SAMPLE, "--standard", "england-wales")
    assert ran.code == 0
    text = " ".join(ran.out.split())
    assert text.startswith("Annual tables in the layout of England and Wales, 2022-23 sample")
    assert "SHPO with foreign travel restriction 0" in text
    assert "Small numbers: " in ran.said


@pytest.mark.parametrize(
    ("ending", "start"),
    [(".xlsx", b"PK"), (".csv", b"\xef\xbb\xbfarea,"), (".pdf", b"%PDF-"), (".html", b"<!DOCTYPE html>")],
)
def test_a_file_of_each_kind(tmp_path: Path, ending: str, start: bytes) -> None:
    out = tmp_path / f"tables{ending}"
    ran = mappa(*SAMPLE, "--out", out)
    assert (ran.code, ran.out) == (0, "")
    assert out.read_bytes().startswith(start)
    assert out.stat().st_mode & 0o077 == 0
    assert f"Wrote 10 tables to {out}." in ran.said


def test_the_cases_beneath_the_figures(tmp_path: Path) -> None:
    evidence = tmp_path / "beneath.csv"
    ran = mappa(*SAMPLE, "--out", tmp_path / "x.csv", "--evidence", evidence)
    assert ran.code == 0
    with evidence.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum((row["table"], row["row"]) == ("eligible at year end", "level 2") for row in rows) == 63


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "x.doc"), "x.doc: cannot tell what to write; the name must end in .xlsx or .csv or .pdf or .html."),
        (("--year", "2023-Q4"), "“2023-Q4” is a quarter: annual tables are of a whole year, such as 2023."),
        (("--year", "2024"), "The reporting year 2024 begins on 2024-01-01, after the as-at date 2023-12-31."),
        (("--year", "soon"), "“soon” is not a period"),
    ],
)
def test_what_cannot_be_asked_for_is_answered_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    ran = mappa(*SAMPLE, *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
