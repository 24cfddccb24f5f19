"""The pages Ask and Plain words show answers with the figures they rest on, words with their meaning, and nothing personal."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from connectors.store import Store
from dashboard import frames, glossary
from dashboard.answers import QUESTIONS
from dashboard.settings import load_settings
from dashboard.words_of_the_field import WORDS
from kpis.measures import MEASURES
from tests.dashboard.conftest import ODD, OpenPage
from tests.dashboard.test_board_page import said
from tests.dashboard.test_text import as_markdown_shows_it


@pytest.mark.parametrize("standard", ["jersey", "hampshire"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_answered_for_every_standard(
    sample_settings: Path, open_page: OpenPage, question: str, standard: str
) -> None:
    page = open_page(sample_settings, "ask", question=question, standard=standard)
    assert page.header[0].value == QUESTIONS[question].text
    assert "nothing is guessed" in said(page)
    assert len(page.table) <= 1
    if page.table:
        assert "As at 31 December 2023" in said(page)
        assert page.table[0].value.shape[0] > 0


@pytest.mark.parametrize("question", QUESTIONS)
def test_odd_names_stay_text_and_an_area_with_next_to_nothing_gets_an_answer(
    odd_settings: Path, open_page: OpenPage, question: str
) -> None:
    every = odd_settings.with_name("every.toml")
    every.write_text("suppress_below = 1\n" + odd_settings.read_text("utf-8"), encoding="utf-8")
    page = open_page(every, "ask", question=question)
    shown = " ".join(as_markdown_shows_it(each.value) for each in page.markdown)
    if question == "furthest":
        assert "police" in shown
        assert any(ODD in as_markdown_shows_it(str(each)) for each in page.table[0].value.iloc[:, 0])
    hidden = open_page(odd_settings, "ask", question=question)
    told = said(hidden) + "".join(each.value.to_string().replace("\\", "") for each in hidden.table)
    assert not re.search(r"\([1-4] of", told), "three cases are too few to tell anything of"


def test_a_choice_is_put_into_the_address_and_a_year_becomes_its_last_quarter(
    sample_settings: Path, open_page: OpenPage
) -> None:
    page = open_page(sample_settings, "ask", period="2022")
    assert "2022-Q4 is shown" in as_markdown_shows_it(page.info[0].value)
    page.selectbox(key="choose question").set_value("too-thin").run()
    assert page.query_params["question"] == "too-thin"
    page.selectbox(key="choose period").set_value("2023-Q1").run()
    assert not page.exception
    assert page.query_params["period"] == "2023-Q1"
    assert "2023-Q1" in said(page)


def test_what_is_asked_in_vain_is_said(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "ask", question="**who**")
    assert "There is no question **who** here" in as_markdown_shows_it(page.warning[0].value)


def test_an_answer_leads_to_its_chart(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "ask", question="furthest")
    links = [each.proto.query_string for each in page.main.get("page_link")]
    assert any(each.startswith("measure=agency_attendance&by=unit&unit=") for each in links), links


@pytest.mark.parametrize("view", ["trends", "ask", "plain_words"])
def test_no_case_and_no_meeting_stands_in_the_room(sample_settings: Path, open_page: OpenPage, view: str) -> None:
    with Store.open(load_settings(sample_settings).store_address, read_only=True) as store:
        cases = store.frame(1, frames.table("cases"))["case_id"].cast(pl.String).to_list()
        meetings = store.frame(1, frames.table("meetings"))["meeting_id"].cast(pl.String).to_list()
    page = open_page(sample_settings, view)
    everything = said(page) + "".join(each.value.to_string() for each in [*page.table, *page.dataframe])
    everything += "".join(each.proto.spec for each in page.get("plotly_chart"))
    assert not [each for each in (*cases, *meetings) if re.search(rf"\\b{re.escape(each)}\\b", everything)]


def test_plain_words_explain_every_word_figure_and_chart(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(open_page(sample_settings, "plain_words"))
    for name in WORDS:
        assert name in text
    for chart in glossary.CHARTS.values():
        assert chart.how in text
        assert chart.cannot in text
    assert text.count("What it cannot tell:") >= len(MEASURES)


def test_plain_words_can_be_searched(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "plain_words", search="trial")
    assert "from eight to eleven quarters only" in said(page)
    assert "A request by an agency" not in said(page)
    page = open_page(sample_settings, "plain_words", search="xyzzy")
    assert "Nothing here speaks of" in as_markdown_shows_it(page.info[0].value)


def test_a_chart_is_read_in_two_sentences() -> None:
    for name, chart in glossary.CHARTS.items():
        assert len(re.findall(r"[.?](?= |$)", chart.how)) == 2, name


def test_all_words_that_open_are_explained() -> None:
    from dashboard.trends_page import TERMS

    wanted = {*TERMS, *(term for question in QUESTIONS.values() for term in question.terms)}
    assert wanted <= set(WORDS)
