"""The pages *Published reports* and *Comparison*: what a reader sees of the shipped reports and of a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import ODD, OpenPage

HEAD = "area,reporting_year,table,row,column,value\n"


def bare(text: object) -> str:
    """Text without the marks that keep it from being read as markup."""
    return str(text).replace("\\", "").replace("\N{WORD JOINER}", "")


def told(page: AppTest) -> str:
    """Everything on the page that is prose."""
    kinds = (page.markdown, page.error, page.warning, page.success, page.info, page.caption)
    return bare(" ".join(each.value for kind in kinds for each in kind))


def tables(page: AppTest) -> list[dict[str, list[str]]]:
    """Heading → cells of every table."""
    return [{bare(name): list(map(bare, column)) for name, column in frame.value.items()} for frame in page.table]


# Published reports


def test_jersey_is_shown_first_with_what_does_not_add_up(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "published")
    assert [each.value for each in page.header] == ["Jersey 2023"]
    said = told(page)
    assert "✗ 4 do not add up · ◐ 1 worth a question" in said
    assert (
        "✗ Does not add up.** Jersey 2023, “referrals by route”, row “referrals”: 17 (level 2) + 38 (screening) = 55"
        in said
    )
    assert "◐ Worth a question.** Jersey 2023: 87 people" in said
    assert "JMAPPA Annual Report 2023, Jersey" in said
    routes = tables(page)[4]
    assert list(routes.values()) == [["Level 2", "Screening", "Total"], ["17 ✗", "38 ✗", "57 ✗"]]


@pytest.mark.parametrize(
    ("report", "name"), [("kent-2013-14", "Kent 2013-14"), ("lancashire-2020-21", "Lancashire 2020-21")]
)
def test_kent_and_lancashire_add_up(sample_settings: Path, open_page: OpenPage, report: str, name: str):
    page = open_page(sample_settings, "published", report=report)
    assert page.header[0].value.replace("\\", "") == name
    assert "✗" not in told(page).split("Figures as printed")[0]
    assert page.success[0].value.startswith("**✓ ")
    assert "31 March 20" in told(page).split("Somebody has read this")[1]
    first = tables(page)[0]
    assert first["Category 3"][0] == "–"
    assert first["Total"][-1] in {"2,274", "3,092"}


def test_a_total_without_parts_is_said_not_to_be_checked(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "published", report="jersey-2022")
    assert "◐ Not checked. Jersey 2022, “referrals by route”" in told(page)


def test_an_address_of_no_report_shows_one_and_says_so(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "published", report="atlantis-1999")
    assert "The address asks for a report atlantis-1999, which is not here." in told(page)
    assert page.header[0].value == "Jersey 2023"


def test_a_file_of_ones_own_is_checked_in_the_page(sample_settings: Path, open_page: OpenPage, tmp_path: Path):
    page = open_page(sample_settings, "published")
    before = sorted(path.name for path in sample_settings.parent.iterdir())
    rows = "".join(f'hill,2023,"{ODD}",{row},x,{value}\n' for row, value in (("a", 1), ("b", 2), ("total", 4)))
    page.file_uploader[0].upload("mine.csv", (HEAD + rows).encode()).run()
    assert not page.exception
    assert page.header[0].value == "Hill 2023"
    assert "✗ 1 does not add up" in told(page)
    assert f"{ODD}”, column “x”: 1 (a) + 2 (b) = 3, but the total is printed as 4." in told(page)
    assert "nothing of it is stored" in told(page)
    assert sorted(path.name for path in sample_settings.parent.iterdir()) == before


def test_a_file_that_cannot_be_read_is_answered_with_a_sentence(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "published")
    page.file_uploader[0].upload("mine.csv", (HEAD + "hill,2023,t,a,x,Zebedee\n").encode()).run()
    assert not page.exception
    assert "mine.csv, row 2, column value: expected a whole number such as 1472, found letters. " in told(page)
    assert "Zebedee" not in told(page)
    assert page.header[0].value == "Jersey 2023"


# Comparison


def test_own_figures_stand_beside_kents_with_their_counts(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "comparison", beside="kent-2013-14", period="2023")
    by_category = next(each for each in tables(page) if "Category" in each)
    row = by_category["Category"].index("Category 1")
    assert by_category["Kent 2013-14"][row].replace("\N{NO-BREAK SPACE}", " ") == "65.5 % (1,489 of 2,274)"
    mine = by_category["Jersey (sample) 2023"][row].replace("\N{NO-BREAK SPACE}", " ")
    assert mine.endswith("of 246)")
    said = told(page)
    assert "in Kent 2013-14 only people in the community are counted" in said
    assert "**Category 3.** The lowest level of category 3" in said
    assert "Referrals by route: not given by Kent 2013-14." in said
    assert "Choose a year at the side" not in said


def test_the_rate_is_shown_with_count_and_population(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "comparison", beside="lancashire-2020-21", period="2023")
    rate = next(each for each in tables(page) if "Per 100,000" in each)
    assert rate["Report"] == ["Jersey (sample) 2023", "Lancashire 2020-21"]
    assert rate["Per 100,000"][1] == "172"
    assert rate["Cases"][1] == "2,301"
    assert rate["People aged 10 and over"] == ["95,000", "not printed"]


def test_a_quarter_is_said_not_to_be_a_year(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "comparison", beside="jersey-2023", period="2023-Q3")
    said = told(page)
    assert "2023-Q3 is a quarter" in said
    assert "Time: Jersey (sample) 2023-Q3 is over 2023-Q3, Jersey 2023 over 2023." in said


def test_every_chart_says_in_words_what_it_shows(sample_settings: Path, open_page: OpenPage):
    page = open_page(sample_settings, "comparison", beside="jersey-2023", period="2023")
    charts = page.get("plotly_chart")
    assert len(charts) == 8
    assert all("Jersey 2023" in chart.proto.alt for chart in charts)


def test_records_that_hold_almost_nothing_are_compared_as_far_as_they_go(odd_settings: Path, open_page: OpenPage):
    page = open_page(odd_settings, "comparison", beside="jersey-2023", period="2023")
    by_source = next(each for each in tables(page) if "Agency" in each)
    label = by_source["Agency"].index(ODD)
    cells = by_source["*Odd* area 2023"]
    assert cells[label].replace("\N{NO-BREAK SPACE}", " ") == "100.0 % (1 of 1)"
    assert "one of the two gives neither a rate nor a count with a population" in told(page)
    assert "Few referrals: *Odd* area 2023 has 1" in told(page)
