"""The run of screens: one message each, the same figures as everywhere, nothing that a quarter without cases could break."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape, unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from connectors.store import BoardAction, Store
from dashboard import cards, headlines, presentation, summary, words
from dashboard.choices import before, periods_of
from dashboard.figures import far_bars, quarters
from dashboard.figures.quarters import Point
from dashboard.figures.style import DARK, LIGHT
from dashboard.presentation import Quarter
from dashboard.settings import load_settings
from tests.dashboard.area_folder import refreshed, sample_tables, settings_in
from tests.dashboard.conftest import ODD, OpenPage
from tests.dashboard.test_board_page import stored
from tests.dashboard.test_text import as_markdown_shows_it

AREA = "Jersey (sample)"
AS_AT = date(2023, 12, 31)


def screen(page: AppTest) -> str:
    """The HTML of the screen shown."""
    (shown,) = [each.proto.body for each in page.get("html") if 'class="far-screen"' in each.proto.body]
    return shown


def read(html: str) -> str:
    """What a reader sees of it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace(words.NBSP, " ").split())


def headline_of(page: AppTest) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", screen(page))
    assert found is not None
    return read(found[1])


def position(page: AppTest) -> tuple[int, int]:
    found = re.search(r"(\d+) of (\d+)</span></div></div>$", screen(page))
    assert found is not None
    return int(found[1]), int(found[2])


def test_the_run_is_summary_every_measure_actions_with_the_figures_of_the_result(
    sample_settings: Path, open_page: OpenPage
) -> None:
    first = open_page(sample_settings, "present")
    number, last = position(first)
    assert number == 1
    told = []
    for place in range(1, last + 1):
        page = open_page(sample_settings, "present", screen=str(place))
        assert position(page) == (place, last)
        told.append(headline_of(page))
    rows = stored(sample_settings, standard="jersey", period="2023-Q4", by="all")
    targets = rows.filter(pl.col("target").is_not_null())
    assert told[0].startswith(f"2023-Q4: {(targets['verdict'] == 'met').sum()} of {targets.height} targets met")
    assert told[-1] == "No action of the Board is open"
    for row in targets.filter(pl.col("owed") > 0).iter_rows(named=True):
        figures, rate = f"{row['met']:,} of {row['owed']:,} ", words.percent(row["rate"]).replace(words.NBSP, " ")
        assert sum(figures in each and rate in each for each in told) == 1, row["measure"]
    assert sum(each.startswith("Screening meetings") for each in told) == 1, "a KPI without a target"
    assert last == 2 + targets.height + 1


def test_period_standard_and_screen_are_those_of_the_address(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "present", period="2022-23-Q2", standard="hampshire", screen="1")
    assert headline_of(page).startswith("2022-23-Q2: ")
    assert "Hampshire" in read(screen(page))
    assert "as at 31 December 2023" in read(screen(page))
    for asked, number in (("99", -1), ("0", 1), ("-1", 1), ("two", 1), ("٣", 1)):
        page = open_page(sample_settings, "present", screen=asked)
        shown, last = position(page)
        assert shown == (last if number == -1 else number)


def test_each_key_has_a_button_that_turns_to_its_screen(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "present")
    _, last = position(page)
    for key, expected in (
        ("Left", 1), ("Right", 2), ("PageDown", 3), ("PageUp", 2), ("End", last), ("Right", last), ("Left", last - 1),
        ("Home", 1),
    ):  # fmt: skip
        button = page.button(key=f"present {key}")
        assert button.proto.shortcut == key.lower()
        button.click().run()
        assert not page.exception
        assert position(page)[0] == expected
        assert page.query_params["screen"] == str(expected)


def test_nothing_else_stands_on_the_page(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "present")
    assert not page.sidebar.children
    assert not page.title
    assert not page.markdown
    assert {each.label for each in page.button} == {
        "← Back", "Next →", "Back", "Next", "First screen", "Last screen", "Leave",
    }  # fmt: skip


def test_where_there_is_nothing_to_show_it_says_so_and_leads_on(tmp_path: Path, open_page: OpenPage) -> None:
    nothing = open_page(settings_in(tmp_path), "present")
    assert "No records of Area have been read yet" in as_markdown_shows_it(nothing.info[0].value)
    without = open_page(tmp_path / "none.toml", "present")
    assert "mappa-monitor init" in as_markdown_shows_it(without.error[0].value)
    for page in (nothing, without):
        assert [each.proto.label for each in page.get("page_link")] == ["To the Board’s page"]


@pytest.fixture(scope="module")
def empty_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An area whose tables are all there and have no row."""
    settings = settings_in(tmp_path_factory.mktemp("empty"))
    refreshed(settings, {name: frame.clear() for name, frame in sample_tables().items()})
    return settings


@pytest.fixture(scope="module")
def one_case_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An area with one case at level 2, entered in July, met once in October."""
    folder = tmp_path_factory.mktemp("one")
    settings = settings_in(folder)
    tables = {
        "cases": [{"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": "2023-07-05"}],
        "meetings": [
            {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-10-20", "kind": "level 2", "outcome_level": "2",
             "disclosure_considered": "true", "disclosure_decision": None},
        ],
    }  # fmt: skip
    refreshed(settings, {name: pl.DataFrame(rows) for name, rows in tables.items()})
    return settings


def run_of(open_page: OpenPage, settings: Path) -> list[str]:
    _, last = position(open_page(settings, "present"))
    return [read(screen(open_page(settings, "present", screen=str(place)))) for place in range(1, last + 1)]


def test_without_a_case_nothing_is_nought_per_cent(empty_settings: Path, open_page: OpenPage) -> None:
    told = run_of(open_page, empty_settings)
    assert told[0].startswith("2023-Q4: 0 of 5 targets met")
    assert "nothing was due" in told[0]
    for each in told[1:-1]:
        assert re.search(r"nothing was due in 2023-Q4|not known; the source", each)
        assert "so there is nothing to draw" in each
        assert "NaN" not in each
        assert not re.search(r"(?<![\d.])0(\.0)? %", each.replace("neither 0 % nor 100 %", ""))
    board = open_page(empty_settings)
    assert not board.exception


def test_of_one_case_the_sentences_are_in_the_singular(one_case_settings: Path, open_page: OpenPage) -> None:
    told = run_of(open_page, one_case_settings)
    review = next(each for each in told if each.startswith("Level 2 cases"))
    assert review.startswith("Level 2 cases reviewed in time: nothing was due in 2023-Q4") or "1 case " in review
    disclosure = next(each for each in told if each.startswith("Disclosure"))
    assert disclosure.startswith(
        "Disclosure considered and the decision recorded: not known for any of 1 meeting, target 100 %, "
        "depends on 1 missing record"
    )
    assert not re.search(r"(?<![\d.])0\.0 % \(0 of 1", disclosure)


def test_names_from_a_source_are_shown_letter_by_letter(odd_settings: Path, open_page: OpenPage) -> None:
    bodies = []
    _, last = position(open_page(odd_settings, "present"))
    for place in range(1, last + 1):
        bodies.append(screen(open_page(odd_settings, "present", screen=str(place))))
    assert sum(escape(ODD) in each for each in bodies) == 1, "the agency's bar"
    assert not any("<script" in each or "<a " in each for each in bodies)
    assert all("*Odd* area" in each for each in bodies)


def made(settings: Path, period_name: str = "2023-Q4", actions: list[BoardAction] | None = None) -> Quarter:
    given = load_settings(settings)
    with Store.open(given.store_address, read_only=True) as store:
        info = store.newest(area=given.area)
        assert info is not None
        results = store.results(info.id, standard="jersey").drop("standard", strict=False)
        definitions = store.definitions(info.id)
    periods = periods_of(results)
    period = next(each for each in periods if each.name == period_name)
    of = cards.cards(results, definitions, "jersey", period, before(period, periods))
    lines = summary.lines(of, results, period, periods, {})
    return Quarter(period, AS_AT, info.id, results, definitions, lines, actions or [])


ACTION = BoardAction(
    AREA, "Police to explain absences at level 3", "police", date(2024, 3, 1), "2023-Q3", date(2023, 9, 30),
    date(2023, 9, 30), "chair", datetime(2023, 11, 6, tzinfo=UTC), measure="agency_attendance", id=7, number=1,
)  # fmt: skip


def test_many_actions_and_many_measures_go_on_to_further_screens(sample_settings: Path) -> None:
    long = (
        "A sentence of an action that goes on and on, as the sentences of boards will, until it has filled its room. "
        * 2
    )
    many = [replace(ACTION, id=number, text=long[:200]) for number in range(1, 8)]
    screens = presentation.run(made(sample_settings, actions=many), LIGHT)
    of_actions = [each for each in screens if each.headline.startswith("Actions of the Board: 7 open")]
    assert len(of_actions) == 4, "two of three lines and one of the KPI each"
    assert [each.main.count("<tr") - 1 for each in of_actions] == [2, 2, 2, 1]
    quarter = made(sample_settings)
    doubled = replace(quarter, lines=[*quarter.lines, *quarter.lines])
    tables = [
        each for each in presentation.run(doubled, LIGHT) if "far_table" in each.main or 'class="kpi far"' in each.main
    ]
    assert [each.main.count("<tr") - 1 for each in tables] == [7, 7]


def test_a_year_stands_beside_years_alone(sample_settings: Path) -> None:
    quarter = made(sample_settings, "2023")
    line = next(each for each in quarter.lines if each.card.measure == "review_level_2")
    assert len(line.trend) >= 3
    assert all(re.fullmatch(r"\d{4}", each.period) for each in line.trend)


def row(met: int, owed: int, unknown: int = 0) -> dict[str, Any]:
    rates = (
        {"rate": met / owed, "worst": met / owed, "best": (met + unknown) / owed}
        if owed
        else dict.fromkeys(("rate", "worst", "best"))
    )
    return {"met": met, "owed": owed, "unknown": unknown, "verdict": "not met", "target": 0.9, **rates}


def test_the_drawing_tells_every_figure_and_joins_only_what_follows() -> None:
    told = [
        Point("2023-Q1", row(5, 10)), Point("2023-Q2", row(8, 10, 1)), Point("2023-Q3", row(0, 0)), Point("2023-Q4", row(0, 4, 4)),
    ]  # fmt: skip
    assert quarters.alt(told).replace(words.NBSP, " ") == (
        "2023-Q1: 50.0 % (5 of 10); 2023-Q2: 80.0 % (8 of 10, 1 not known); 2023-Q3: nothing due; "
        "2023-Q4: 0 of 4, 4 not known. The target is 90 %."
    )
    large = quarters.large(told, DARK)
    assert "5<br>of 10" in large
    assert large.count("quarters-over") + large.count("quarters-under") == 2, "what is not known has no rate"
    assert not re.search(rf"(?<!\d)0\.0{words.NBSP}%", large)
    nothing = [Point("2023-Q3", row(0, 0)), Point("2023-Q4", None)]
    assert quarters.large(nothing, LIGHT) == ""
    assert "nothing due; 2023-Q4: nothing due" in quarters.small(nothing, LIGHT)


def test_a_target_that_changed_is_drawn_and_told_as_it_was() -> None:
    told = [Point("2023-Q3", {**row(5, 10), "target": 0.8}), Point("2023-Q4", row(8, 10))]
    assert (
        quarters.alt(told).replace(words.NBSP, " ").endswith("The target is 80 % until 2023-Q3 and 90 % from 2023-Q4.")
    )
    drawn = base64.b64decode(re.findall(r"base64,([^\"]+)", quarters.small(told, LIGHT))[0]).decode()
    dashed = [each for each in re.findall(r"<line[^>]+>", drawn) if "dasharray" in each]
    assert [re.findall(r'x1="([\d.]+)%".*x2="([\d.]+)%"', each)[0] for each in dashed] == [
        ("0.00", "50.00"),
        ("50.00", "100.00"),
    ]


def test_bars_say_what_is_not_known_and_how_many_are_left_out() -> None:
    rows = [row(0, 3, 3), *[row(number, 12) for number in range(11)]]
    told = read(far_bars.rate_bars(rows, [f"<b>agency {number}</b>" for number in range(12)], LIGHT, "Agencies"))
    assert "0 of 3, 3 not known" in told
    assert "<b>agency 0</b>" in told, "letter by letter"
    assert told.endswith("and 4 more, on the Board’s page")
    assert read(far_bars.count_bars([("Level 2", 0)], LIGHT, "Outcomes")).endswith("Level 2 0")


def test_headline_and_caveats_stand_on_the_screen_of_their_measure(sample_settings: Path) -> None:
    quarter = made(sample_settings)
    line = next(each for each in quarter.lines if each.card.measure == "disclosure")
    shown = next(each for each in presentation.run(quarter, LIGHT) if each.headline.startswith("Disclosure"))
    assert shown.headline == headlines.headline(line.card, "2023-Q4")
    assert shown.beside == tuple(headlines.caveats(line.card))
    assert "depends on" in shown.headline
