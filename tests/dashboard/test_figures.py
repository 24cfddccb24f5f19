"""Charts: they show the figures they are given, gaps as gaps, text as it stands, and say in words what they show."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import polars as pl
import pytest

from dashboard.cards import caseload_table
from dashboard.figures.counts import caseload_bars, caseload_bars_alt, count_bars, count_bars_alt
from dashboard.figures.rates import rate_bars, rate_bars_alt, trend_alt, trend_lines
from dashboard.figures.stacks import count_stacks, count_stacks_alt
from dashboard.figures.style import DARK, DASHES, LIGHT, MARKERS, PATTERNS, Look
from tests.dashboard.conftest import ODD

QUARTERS = ["2023-Q2", "2023-Q3", "2023-Q4"]
STARTS = dict(zip(QUARTERS, (date(2023, 4, 1), date(2023, 7, 1), date(2023, 10, 1)), strict=True))


def result(period: str, met: int, owed: int, unknown: int = 0) -> dict[str, Any]:
    return {
        "period": period, "period_start": STARTS[period], "met": met, "owed": owed, "unknown": unknown, "target": 0.85,
        "rate": met / owed if owed else None, "best": (met + unknown) / owed if owed else None,
    }  # fmt: skip


SERIES = pl.DataFrame([result("2023-Q2", 1, 2), result("2023-Q3", 0, 0), result("2023-Q4", 2, 4, 1)])


def spec(figure: Any) -> dict[str, Any]:
    return figure.to_plotly_json()


def test_a_trend_shows_the_rates_a_gap_where_nothing_was_due_and_the_target() -> None:
    drawn = spec(trend_lines([("Police", SERIES)], QUARTERS, LIGHT))["data"]
    line = drawn[0]
    assert line["y"] == [0.5, None, 0.5]
    assert line["connectgaps"] is False
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in line["customdata"]] == [
        "50.0 % (1 of 2)",
        "nothing due",
        "50.0 % (2 of 4), 1 missing",
    ]
    target = next(each for each in drawn if (each.get("name") or "").startswith("target"))
    assert set(target["y"]) == {0.85}


def test_a_target_that_changed_is_drawn_as_it_was_in_each_quarter() -> None:
    changed = SERIES.with_columns(target=pl.Series([None, 0.85, 0.9]))
    drawn = spec(trend_lines([("Police", changed)], QUARTERS, LIGHT))["data"]
    target = next(each for each in drawn if (each.get("name") or "").startswith("target"))
    assert list(target["y"]) == [None, 0.85, 0.9]
    assert target["name"] == "target"
    said = trend_alt([("Police", changed)], "reviews").replace("\N{NO-BREAK SPACE}", " ")
    assert said.endswith("The target is none until 2023-Q2 and 85 % from 2023-Q3 and 90 % from 2023-Q4.")


def test_only_figures_with_missing_records_have_a_line_to_what_they_could_be() -> None:
    drawn = spec(trend_lines([("Police", SERIES)], QUARTERS, LIGHT))["data"]
    lines = [each for each in drawn if "error_y" in each]
    assert [list(each["x"]) for each in lines] == [["2023-Q4"]]
    assert list(lines[0]["error_y"]["array"]) == [pytest.approx(0.25)]
    whole = SERIES.with_columns(unknown=0)
    assert not [each for each in spec(trend_lines([("Police", whole)], QUARTERS, LIGHT))["data"] if "error_y" in each]


def test_series_differ_in_more_than_colour() -> None:
    names = [f"Agency {number}" for number in range(6)]
    drawn = spec(trend_lines([(name, SERIES) for name in names], QUARTERS, LIGHT))["data"]
    looks = {(each["marker"]["symbol"], each["line"]["dash"]) for each in drawn if each.get("name") in names}
    assert len(looks) == len(names)
    assert len(set(MARKERS)) == 6
    assert "dash" not in DASHES, "plain dashes are the target's"
    assert len(set(PATTERNS)) == 6


@pytest.mark.parametrize("count", [3, 20])
def test_many_quarters_are_labelled_by_their_first_of_each_year(count: int) -> None:
    names = [f"{year}-Q{quarter}" for year, quarter in product(range(2019, 2024), range(1, 5))][:count]
    axis = spec(trend_lines([("x", SERIES.clear())], names, LIGHT))["layout"]["xaxis"]
    assert len(axis["ticktext"]) == (3 if count == 3 else 5)
    assert axis["ticktext"][0] == "Q1<br>2019"


def test_a_bar_of_a_rate_stands_beside_its_numerator_and_denominator() -> None:
    figure = rate_bars(SERIES, ["a", "b", "c"], LIGHT)
    drawn = spec(figure)
    ticks = [text.replace("\N{NO-BREAK SPACE}", " ") for text in drawn["layout"]["yaxis"]["ticktext"]]
    assert ticks == ["a<br>50.0 % (1 of 2)", "b<br>nothing due", "c<br>50.0 % (2 of 4)"]
    assert list(drawn["data"][0]["x"]) == [0.5, 0.0, 0.5]
    assert "target 85" in drawn["layout"]["annotations"][0]["text"]


def test_counts_are_drawn_in_the_order_given_with_their_numbers() -> None:
    counts = pl.DataFrame({"name": ["Level 1", "Exit"], "number": [1200, 0]})
    bars = spec(count_bars(counts, LIGHT))["data"][0]
    assert list(bars["x"]) == [1200, 0]
    assert list(bars["text"]) == ["1,200", "0"]
    assert (
        count_bars_alt(counts, "screenings by outcome") == "Bar chart of screenings by outcome: Level 1 1,200, Exit 0."
    )


CASELOAD = pl.DataFrame(
    {
        "on": [date(2023, 12, 31)] * 3,
        "category": ["1", "1", "pdp"],
        "level": ["1", "2", "not recorded"],
        "cases": [155, 34, 2],
    }
)


def test_the_caseload_table_adds_up_and_shows_categories_without_cases() -> None:
    table = caseload_table(CASELOAD, date(2023, 12, 31), {"1": "1: Registered", "4": "4: Terrorist"})
    assert table.rows() == [
        ("1: Registered", 155, 34, 0, 0, 189),
        ("4: Terrorist", 0, 0, 0, 0, 0),
        ("pdp", 0, 0, 0, 2, 2),
        ("Total", 155, 34, 0, 2, 191),
    ]
    assert table.columns == ["Category", "Level 1", "Level 2", "Level 3", "Not recorded", "Total"]
    assert caseload_table(CASELOAD, date(2020, 1, 1), {}).is_empty()


def test_the_caseload_chart_shows_the_table_without_its_totals() -> None:
    table = caseload_table(CASELOAD, date(2023, 12, 31), {"1": "1: Registered"})
    levels = ["Level 1", "Level 2", "Level 3", "Not recorded"]
    drawn = spec(caseload_bars(table, levels, LIGHT))["data"]
    assert [list(each["x"]) for each in drawn] == [[155, 0], [34, 0], [0, 0], [0, 2]]
    assert "1: Registered: Level 1 155, Level 2 34" in caseload_bars_alt(table, levels)


def test_stacks_count_nought_where_a_quarter_has_no_row() -> None:
    rows = SERIES.filter(period="2023-Q4")
    assert list(spec(count_stacks([("Exit", rows)], QUARTERS, LIGHT))["data"][0]["y"]) == [0, 0, 4]
    assert "Exit 4" in count_stacks_alt([("Exit", rows)], "outcomes")


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_names_reach_no_chart_as_markup_and_every_text_has_the_themes_colour(look: Look) -> None:
    table = caseload_table(CASELOAD.with_columns(category=pl.lit(ODD)), date(2023, 12, 31), {})
    figures = [
        trend_lines([(ODD, SERIES), ("b", SERIES)], QUARTERS, look),
        rate_bars(SERIES, [ODD] * 3, look),
        count_bars(pl.DataFrame({"name": [ODD], "number": [1]}), look),
        count_stacks([(ODD, SERIES)], QUARTERS, look),
        caseload_bars(table, ["Level 1"], look),
    ]
    for figure in figures:
        text = figure.to_json()
        assert "<script>" not in text
        assert "\\u003cscript" not in text.lower()
        layout = spec(figure)["layout"]
        assert {layout[axis]["tickfont"]["color"] for axis in ("xaxis", "yaxis")} == {look.text}
        assert layout["font"]["color"] == look.text


def test_charts_say_in_words_what_they_show() -> None:
    said = trend_alt([("Police", SERIES), ("Prison", SERIES.filter(owed=0))], "attendance").replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert said == (
        "Line chart of attendance by quarter. Police: 50.0 % (1 of 2) in 2023-Q2, 50.0 % (2 of 4) in 2023-Q4; "
        "Prison: nothing was due. The target is 85 %."
    )
    assert "b nothing due" in rate_bars_alt(SERIES, ["a", "b", "c"], "attendance")
