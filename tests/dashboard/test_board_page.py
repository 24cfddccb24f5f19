"""The Board page shows what is stored, says what is not known, and opens every figure down to its rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from checks.standard import shipped
from connectors.store import Store
from dashboard import words
from dashboard.serving import SETTINGS_VARIABLE
from dashboard.settings import load_settings
from kpis.measure import THEMES
from kpis.measures import MEASURES
from tests.dashboard.conftest import APP, ODD, OpenPage
from tests.dashboard.test_text import as_markdown_shows_it

KPIS = {name for name, each in MEASURES.items() if each.theme == THEMES[0]}


def stored(settings: Path, **chosen: str) -> pl.DataFrame:
    given = load_settings(settings)
    with Store.open(given.store_address, read_only=True) as store:
        snapshot = store.newest(area=given.area)
        assert snapshot is not None
        return store.results(snapshot.id, **chosen)  # type: ignore[arg-type]


def said(page: AppTest) -> str:
    """Everything the page says in lines, as a reader sees it."""
    parts = [
        each.value for kind in (page.title, page.header, page.subheader, page.markdown, page.caption) for each in kind
    ]
    return as_markdown_shows_it("\n".join(parts)).replace("\N{NO-BREAK SPACE}", " ")


def further(page: AppTest) -> list[tuple[str, str, str]]:
    """The rows of the tables of further measures: the measure, its figure, of how many."""
    return [
        (as_markdown_shows_it(row[0]), as_markdown_shows_it(row[1]), as_markdown_shows_it(row[2]))
        for each in page.table
        if each.value.columns[0].startswith("[Measure](definitions?")
        for row in each.value.itertuples(index=False)
    ]


def test_every_figure_on_the_board_is_the_stored_one(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings)
    headlines = stored(sample_settings, standard="jersey", period="2023-Q4", by="all").filter(pl.col("owed") > 0)
    cards = [(each.value, each.label.split()[0], each.label.split()[2]) for each in page.metric]
    rows = [(figure, *of.split()[0:3:2]) for _, figure, of in further(page) if of != words.DASH]
    expected = [
        (words.percent(row["rate"]), f"{row['met']:,}", f"{row['owed']:,}") for row in headlines.iter_rows(named=True)
    ]
    assert sorted(cards + rows) == sorted(expected)
    assert len(cards) >= 5
    assert len(rows) >= 10


@pytest.mark.parametrize("period", ["2023", "2021-Q2"])
def test_the_period_of_the_address_is_shown(sample_settings: Path, open_page: OpenPage, period: str) -> None:
    page = open_page(sample_settings, period=period)
    headlines = stored(sample_settings, standard="jersey", period=period, by="all").filter(pl.col("owed") > 0)
    shown = [each.value for each in page.metric] + [figure for _, figure, of in further(page) if of != words.DASH]
    assert sorted(shown) == sorted(words.percent(rate) for rate in headlines["rate"])
    assert f"{period}:" in said(page)


def test_cards_with_a_target_come_first_and_say_their_verdict_with_a_sign(
    sample_settings: Path, open_page: OpenPage
) -> None:
    page = open_page(sample_settings)
    text = said(page)
    order = ("Measures with a target", "Measures without a target", "Further measures of the guidance")
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)
    for row in stored(sample_settings, standard="jersey", period="2023-Q4", by="all").iter_rows(named=True):
        if row["measure"] in KPIS:
            assert words.verdict(row["verdict"]) in text


def test_further_measures_stand_in_tables_by_theme_each_opening_to_its_rows(
    sample_settings: Path, open_page: OpenPage
) -> None:
    page = open_page(sample_settings, period="2023-Q3")
    themes = [as_markdown_shows_it(each.value) for each in page.subheader]
    assert [each for each in themes if each in THEMES] == list(THEMES[1:])
    asked = {name for name, each in MEASURES.items() if each.in_standard(shipped("jersey"))} - KPIS
    assert {measure for measure, _, _ in further(page)} == {MEASURES[name].title for name in asked}
    opened = [
        parse_qs(each.proto.query_string) for each in page.get("page_link") if "measure=" in each.proto.query_string
    ]
    assert {each["measure"][0] for each in opened} == asked | KPIS
    assert {each["period"][0] for each in opened} == {"2023-Q3"}


def test_what_the_standard_does_not_ask_for_is_said_in_one_line(sample_settings: Path, open_page: OpenPage) -> None:
    line = next(each.value for each in open_page(sample_settings).markdown if "Not in this standard" in each.value)
    elsewhere = [each for each in MEASURES.values() if not each.in_standard(shipped("jersey"))]
    assert len(elsewhere) == 5
    assert [each.title in as_markdown_shows_it(line) for each in elsewhere] == [True] * 5


@pytest.mark.parametrize("name", ["actions", "after_release", "caseload", "home_visits", "individuals", "plan_content"])
def test_measures_of_every_kind_can_be_opened(sample_settings: Path, open_page: OpenPage, name: str) -> None:
    text = said(open_page(sample_settings, "measure", measure=name, period="2023"))
    assert MEASURES[name].title in text
    assert MEASURES[name].how_to_read in text


def test_a_target_that_the_area_adopted_is_shown_as_adopted(sample_settings: Path, open_page: OpenPage) -> None:
    assert "Target: 95 %, adopted by the area" in said(open_page(sample_settings))


def test_a_verdict_that_hangs_on_missing_records_says_so_and_lists_them(
    sample_settings: Path, open_page: OpenPage
) -> None:
    row = stored(sample_settings, standard="jersey", period="2023-Q4", measure="disclosure", by="all").row(
        0, named=True
    )
    assert row["verdict"] == "depends on missing records"
    text = said(open_page(sample_settings))
    assert f"{row['unknown']} of {row['owed']} records are missing or incomplete" in text
    opened = open_page(sample_settings, "measure", measure="disclosure")
    assert "Records to complete first" in said(opened)
    first = opened.dataframe[1].value
    assert list(first["Missing field"]) == ["disclosure_decision"] * row["unknown"]
    assert {"Table", "Meeting", "File", "Sheet", "Row"} <= set(first.columns)


def test_the_change_is_against_the_period_before_of_the_same_kind(sample_settings: Path, open_page: OpenPage) -> None:
    before = stored(sample_settings, standard="jersey", period="2023-Q3", measure="review_level_2", by="all").row(
        0, named=True
    )
    assert f"{words.rate_of(before)} in 2023-Q3".replace("\N{NO-BREAK SPACE}", " ") in said(open_page(sample_settings))
    year = stored(sample_settings, standard="jersey", period="2022", measure="review_level_2", by="all").row(
        0, named=True
    )
    text = said(open_page(sample_settings, period="2023"))
    assert f"{words.rate_of(year)} in 2022".replace("\N{NO-BREAK SPACE}", " ") in text
    assert "in 2022-Q" not in text


def test_reviews_show_the_rate_by_review_beside_the_headline(sample_settings: Path, open_page: OpenPage) -> None:
    rows = stored(sample_settings, standard="jersey", period="2023-Q4", measure="review_level_2", by="unit")
    review = rows.filter(unit="by review").row(0, named=True)
    assert f"By review: {words.rate_of(review)}.".replace("\N{NO-BREAK SPACE}", " ") in said(open_page(sample_settings))


@pytest.mark.parametrize(
    "measure", ["review_level_2", "disclosure", "agency_attendance", "smb_attendance", "screening_outcomes"]
)
def test_each_card_opens_to_its_rows(sample_settings: Path, open_page: OpenPage, measure: str) -> None:
    page = open_page(sample_settings, "measure", measure=measure)
    met = stored(sample_settings, standard="jersey", period="2023-Q4", measure=measure, by="all")["met"][0]
    rows = page.dataframe[-1].value
    assert 0 < len(rows) <= 100
    assert set(rows["Met?"]) <= {"✓ met", "✗ not met", "◐ not known"}
    assert met > 0
    assert [each.proto.label for each in page.get("download_button")] == [
        "Download all rows (CSV)",
        "Download all rows (xlsx)",
    ]


def test_the_rows_can_be_narrowed_to_those_not_met(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "measure", measure="review_level_2")
    page.radio(key="rows shown").set_value("Not met").run()
    assert not page.exception
    assert set(page.dataframe[-1].value["Met?"]) == {"✗ not met"}


def test_what_is_not_there_is_said_to_be_not_supplied_and_never_nought(odd_settings: Path, open_page: OpenPage) -> None:
    page = open_page(odd_settings)
    text = said(page)
    assert "– not supplied" in text
    assert "neither 0 % nor 100 %" in text
    assert "Nothing was due in 2023-Q4" in text
    opened = open_page(odd_settings, "measure", measure="smb_attendance")
    assert not opened.metric
    assert "– not supplied" in said(opened)


def test_a_measure_that_is_not_there_is_said_so(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "measure", measure="weather")
    assert "There is no measure weather" in as_markdown_shows_it(page.warning[0].value)


def test_odd_names_are_shown_as_they_stand(odd_settings: Path, open_page: OpenPage) -> None:
    page = open_page(odd_settings)
    tables = [column for table in page.table for column in table.value.iloc[:, 0]]
    assert ODD in [as_markdown_shows_it(each) for each in tables], "the referring agency"
    assert all(ODD not in each for each in tables), "a table's cells read Markdown"
    opened = open_page(odd_settings, "measure", measure="agency_attendance")
    assert ODD in set(opened.dataframe[-1].value["Agency"]), "a data frame shows its cells as they are"
    assert all("<script>" not in each.proto.spec for each in opened.get("plotly_chart"))
    assert "*Odd* area" in said(page)


def test_caseload_and_screening_add_up_to_what_is_stored(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings)
    text = said(page)
    outcomes = stored(sample_settings, standard="jersey", period="2023-Q4", measure="screening_outcomes", by="unit")
    assert f"{outcomes['owed'].sum()} screening meetings were held in 2023-Q4" in text
    caseload = next(each.value for each in page.table if "Category" in each.value.columns)
    levels = [name for name in caseload.columns if name not in {"Category", "Total"}]
    assert caseload["Total"].iloc[-1] == caseload[levels].iloc[:-1].to_numpy().sum() > 200
    assert f"{caseload['Total'].iloc[-1]} cases under management" in text


PAGES = (
    "board",
    "prepare_the_board",
    "worklist",
    "late_reviews",
    "trends",
    "caseload_over_time",
    "data_quality",
    "annual_tables",
    "what_if",
    "definitions",
)


def test_no_page_imports_what_only_a_refresh_needs(sample_settings: Path) -> None:
    script = f"""
import os, sys
os.environ[{SETTINGS_VARIABLE!r}] = {str(sample_settings)!r}
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(APP)!r}, default_timeout=60).run()
page.query_params["measure"] = "disclosure"
page.switch_page("views/measure.py").run()
assert not page.exception
assert "Every row beneath the figure" in [each.value for each in page.header]
for view in {PAGES!r}:
    page.switch_page(f"views/{{view}}.py").run()
    assert not page.exception, view
    assert page.title[0].value.lower().replace(" ", "_") == view
print("pandera" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.strip() == "False"
