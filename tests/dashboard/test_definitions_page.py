"""The page Definitions says everything that is declared, from what the snapshot stored, and finds it by any word."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from checks.field_rules import FIELD_RULES
from checks.rules import RULES
from checks.standard import figure_sentences, load_standard, standard_names
from checks.tables import TABLES
from dashboard import reference
from dashboard.definitions import definitions
from dashboard.words_of_the_field import WORDS
from kpis.measures import MEASURES
from tests.checks.changing import changing
from tests.dashboard.conftest import OpenPage

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as it comes back from a store."""
    made = definitions([load_standard(name) for name in standard_names()], {"review_level_1": Decimal("0.95")})
    return json.loads(json.dumps(made))


def said(page: AppTest) -> str:
    parts = [*page.title, *page.header, *page.subheader, *page.markdown, *page.caption, *page.info, *page.warning]
    cells = [str(cell) for table in page.table for cell in table.value.to_numpy().ravel()]
    labels = [each.label for each in page.expander]
    return "\n".join([*(str(each.value) for each in parts), *cells, *labels]).replace("\\", "").replace(NBSP, " ")


def test_every_measure_is_said_whole(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(open_page(sample_settings, "definitions"))
    for measure in MEASURES.values():
        for sentence in (measure.title, measure.sentence, measure.numerator, measure.denominator, measure.how_to_read):
            assert sentence in text
        assert measure.passes.story in text
        assert measure.breaks.story in text


def test_targets_stand_under_each_standard_with_their_citation(document: dict[str, Any]) -> None:
    rows = {title: (target, cite) for title, target, cite in reference.targets(document, "review_level_2").iter_rows()}
    jersey = load_standard("jersey")
    assert rows[jersey.title] == ("85 %", jersey.cite("target_review_level_2"))
    assert rows[load_standard("hampshire").title] == ("none set", "–")


def test_a_target_of_the_areas_own_is_said_to_be_adopted(document: dict[str, Any]) -> None:
    said = set(reference.targets(document, "review_level_1")["Target"])
    assert said == {"95 %, adopted by the area"}


@pytest.mark.parametrize("part", reference.PARTS)
def test_each_part_says_all_that_is_declared(part: str, sample_settings: Path, open_page: OpenPage) -> None:
    text = said(open_page(sample_settings, "definitions", about=part))
    wanted: dict[str, list[str]] = {
        reference.MEASURES: [measure.title for measure in MEASURES.values()],
        reference.RULES: [*FIELD_RULES, *RULES, *(rule.fix for rule in RULES.values())],
        reference.TABLES: [field.sentence for model in TABLES.values() for field in model.fields().values()],
        reference.STANDARDS: [
            word
            for name in ("jersey", "hampshire")
            for word in (load_standard(name).title, load_standard(name).edition, load_standard(name).caution)
        ],
        reference.WORDS: [*WORDS, *WORDS.values()],
    }
    missing = [each for each in wanted[part] if each not in text]
    assert not missing


def test_a_search_says_how_much_it_found_and_shows_only_that(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "definitions", search="pseudonym", about=reference.RULES)
    text = said(page)
    assert "“pseudonym” is found in" in text
    assert "cases.case_id.name_like" in text
    assert "cases.sex.required" not in text


def test_a_search_that_finds_nothing_here_says_where_to_look(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(open_page(sample_settings, "definitions", search="lay adviser", about=reference.MEASURES))
    assert "Nothing here speaks of that. Look under Words." in text


def test_what_is_sought_is_shown_as_it_was_typed(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "definitions", search="[x](http://example.invalid) <b>")
    assert any("\\[x\\]" in str(each.value) and "\\<b\\>" in str(each.value) for each in page.markdown)


def test_every_change_of_a_figure_stands_with_its_days_and_its_citation(tmp_path: Path) -> None:
    changes = (
        ("review_weeks_level_2", "2024-01-01", "10"),
        ("review_weeks_level_2", "2024-07-01", "8"),
        ("target_review_level_1", "2024-04-01", "0.8"),
        ("target_review_level_2", "2024-01-01", "0.9"),
    )
    stored = json.loads(json.dumps(definitions([changing(tmp_path, "jersey", *changes)])))
    rows = reference.figures(stored["standards"]["changing"]).rows()
    assert [(value, cite) for figure, value, cite, _ in rows if figure == "Level 2 review every"] == [
        ("12 weeks, until 31 December 2023", "J10 10.11"),
        ("10 weeks, from 1 January 2024 until 30 June 2024", "T 2024-01-01"),
        ("8 weeks, from 1 July 2024", "T 2024-07-01"),
    ]
    assert [row[1:] for row in reference.targets(stored, "review_level_2").rows()] == [
        ("85 %, until 31 December 2023", "J10 16.2 (2)"),
        ("90 %, from 1 January 2024", "T 2024-01-01"),
    ]
    assert [row[1:] for row in reference.targets(stored, "review_level_1").rows()] == [
        ("none set, until 31 March 2024", "–"),
        ("80 %, from 1 April 2024", "T 2024-04-01"),
    ]
    assert "jersey" not in stored["standards"]


# --- The pure functions ----------------------------------------------------------------------------------------------------


def test_every_figure_of_every_standard_is_said_in_words(document: dict[str, Any]) -> None:
    for standard in document["standards"].values():
        for row in reference.figures(standard).iter_rows(named=True):
            assert row["Value"]
            assert row["Source"]
            assert not set(row["Value"]) & set("{}[]'"), row
        assert len(reference.figures(standard)) + len(reference.not_set(standard)) == len(figure_sentences())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("target_disclosure", "1.00", "100 %"),
        ("target_smb_attendance", "0.925", "92.5 %"),
        ("reporting_year_starts", {"month": 4, "day": 1}, "1 April"),
        ("review_weeks_level_1", 12, "12 weeks"),
        ("after_release_months", 1, "1 month"),
        ("minutes_working_days_level_3", 5, "5 working days"),
        ("review_clock_locations", ["community", "custody"], "community, custody"),
        ("lowest_level_category_3", "2", "level 2"),
        (
            "identified_within",
            {"1": {"days": 3, "working": False}, "2": {"days": 3, "working": True}},
            "category 1: 3 days; category 2: 3 working days",
        ),
        ("home_visit_months", {"high": 1, "low": 12}, "high: 1 month; low: 12 months"),
        (
            "before_release",
            {"months": 6, "dates": ["parole_eligible_on", "release_on"], "choose": "earliest"},
            "6 months before parole_eligible_on or release_on, the earlier of the two",
        ),
        ("working_day_calendar", {"country": "GB", "subdivision": "SCT"}, "public holidays of GB SCT"),
    ],
)
def test_a_figure_is_said_with_its_unit(name: str, value: Any, words: str) -> None:
    assert reference.figure_in_words(name, value) == words


def test_a_figures_sentence_loses_its_unit_only() -> None:
    assert reference.figure_sentence("Level 2 review every (weeks)") == "Level 2 review every"
    assert reference.figure_sentence("Police home visit every (months), by risk") == "Police home visit every, by risk"
    assert reference.figure_sentence("Categories") == "Categories"


def test_all_words_sought_must_be_there_in_any_order_and_case(document: dict[str, Any]) -> None:
    hits = reference.found(document, "RELEASE before")
    assert "jersey" in hits[reference.STANDARDS]
    assert reference.found(document, "release zzzz") == {part: [] for part in reference.PARTS}
    everything = reference.found(document, "  ")
    assert len(everything[reference.RULES]) == len(document["rules"])
    assert set(everything) == set(reference.PARTS)


def test_a_search_is_summed_up_in_one_sentence() -> None:
    hits = {part: [] for part in reference.PARTS} | {reference.RULES: ["a"], reference.WORDS: ["b", "c"]}
    assert reference.found_in_words(hits, "x") == "“x” is found in 1 rule and 2 words."
    assert reference.found_in_words({part: [] for part in reference.PARTS}, "x").startswith(
        "Nothing here speaks of “x”"
    )


def test_the_rules_on_whole_tables_are_among_the_definitions(document: dict[str, Any]) -> None:
    names = reference.table_rules(document)["Rule"].to_list()
    assert names == [
        "TABLE.table.missing",
        "TABLE.table.empty",
        "TABLE.FIELD.absent",
        "TABLE.FIELD.absent",
        "TABLE.row.extra_cells",
    ]
