"""The Trends page shows the stored quarters, one after the other, and says in words what they come to."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import trends, words
from dashboard.exports import csv_bytes
from tests.dashboard.conftest import ODD, OpenPage
from tests.dashboard.test_board_page import said, stored
from tests.dashboard.test_text import as_markdown_shows_it


@pytest.fixture
def every_count(sample_settings: Path) -> Path:
    """Settings of the same area and store under which no count is too small to show, with a restart."""
    path = sample_settings.with_name("every_count.toml")
    restart = '[[restarts]]\nmeasure = "review_level_2"\nfrom = 2022-01-01\nreason = "<b>one</b> team for all"\n'
    path.write_text("suppress_below = 1\n" + sample_settings.read_text("utf-8") + restart, encoding="utf-8")
    return path


def drawn(page: AppTest, name: str) -> dict[str, Any]:
    """A line of the chart by its name."""
    traces = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    return next(each for each in traces if each.get("name") == name)


def test_the_chart_and_the_table_show_every_stored_quarter(
    sample_settings: Path, every_count: Path, open_page: OpenPage
) -> None:
    page = open_page(every_count, "trends", measure="review_level_2")
    rows = stored(sample_settings, standard="jersey", measure="review_level_2", by="all").filter(period_kind="quarter")
    rows = rows.sort("period_start").tail(20)
    line = drawn(page, "within the usual variation")
    assert line["x"] == rows["period"].to_list()
    assert line["y"] == pytest.approx(rows["rate"].to_list())
    table = page.dataframe[-1].value
    assert list(table["Quarter"]) == rows["period"].to_list()[::-1]
    assert list(table["Rate"]) == [words.percent(rate) for rate in rows["rate"]][::-1]
    assert (
        list(table["Done of due"])
        == [words.of(met, owed) for met, owed in rows.select("met", "owed").iter_rows()][::-1]
    )


def test_the_sentence_sets_the_last_two_quarters_side_by_side(
    sample_settings: Path, every_count: Path, open_page: OpenPage
) -> None:
    rows = stored(sample_settings, standard="jersey", measure="review_level_2", by="all").filter(period_kind="quarter")
    expected = words.trend(rows.sort("period_start").tail(20).iter_rows(named=True)).replace("\N{NO-BREAK SPACE}", " ")
    assert expected in said(open_page(every_count, "trends", measure="review_level_2"))


def test_a_measure_can_be_seen_by_agency(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "trends", measure="agency_attendance", by="unit")
    chosen = page.multiselect[0].value
    assert len(chosen) == 3
    names = [each["name"] for each in json.loads(page.get("plotly_chart")[0].proto.spec)["data"] if each.get("name")]
    assert names[:3] == chosen
    assert set(page.dataframe[-1].value["Agency"]) == set(chosen)
    page.multiselect[0].set_value([]).run()
    assert not page.exception
    assert "Choose at least one." in said(page)


def test_outcomes_are_counted_in_columns(sample_settings: Path, every_count: Path, open_page: OpenPage) -> None:
    page = open_page(every_count, "trends", measure="screening_outcomes", by="unit")
    rows = stored(sample_settings, standard="jersey", measure="screening_outcomes", by="unit", period="2023-Q4")
    counts = dict(rows.select("unit", "owed").iter_rows())
    first = page.dataframe[-1].value.iloc[0]
    assert first["Quarter"] == "2023-Q4"
    assert (first["Level 2"], first["Not recorded"]) == (str(counts["2"]), str(counts["not recorded"]))


def test_a_choice_is_put_into_the_address(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "trends")
    page.selectbox(key="choose measure").set_value("disclosure").run()
    assert page.query_params["measure"] == "disclosure"
    assert page.header[0].value == "Disclosure considered and the decision recorded"
    page.selectbox(key="choose by").set_value("level").run()
    assert not page.exception
    assert page.query_params["by"] == "level"


@pytest.mark.parametrize("standard", ["jersey", "hampshire"])
def test_every_measure_can_be_seen_by_everything(sample_settings: Path, open_page: OpenPage, standard: str) -> None:
    told = stored(sample_settings, standard=standard).filter(period_kind="quarter").select("measure", "by").unique()
    page = open_page(sample_settings, "trends", standard=standard)
    for measure, by in told.sort("measure", "by").iter_rows():
        page.query_params["measure"], page.query_params["by"] = measure, by
        page.run()
        assert not page.exception, (measure, by)
    assert told.height > 10


def test_a_measure_without_records_is_not_supplied(odd_settings: Path, open_page: OpenPage) -> None:
    page = open_page(odd_settings, "trends", measure="smb_attendance")
    assert "– not supplied" in said(page)
    assert not page.get("plotly_chart")


def test_odd_names_stay_text(odd_settings: Path, open_page: OpenPage) -> None:
    page = open_page(odd_settings, "trends", measure="agency_attendance", by="unit")
    assert ODD in set(page.dataframe[-1].value["Agency"])
    assert any(as_markdown_shows_it(each.value).startswith(f"**{ODD}:**") for each in page.markdown)
    assert "<script>" not in page.get("plotly_chart")[0].proto.spec


def test_of_many_kinds_the_first_few_are_drawn_and_any_can_be_picked(every_count: Path, open_page: OpenPage) -> None:
    page = open_page(every_count, "trends", measure="caseload", by="unit")
    assert len(page.multiselect[0].value) == trends.SERIES
    assert "category 3, level 1" in page.multiselect[0].options
    page.multiselect[0].set_value(["category 3, level 1"]).run()
    assert not page.exception
    assert page.query_params["unit"] in ("category 3, level 1", ["category 3, level 1"])
    assert "mostly the same people as on the last" in said(page)


def test_small_counts_and_what_would_tell_them_stand_nowhere_on_the_page(
    sample_settings: Path, open_page: OpenPage
) -> None:
    rows = stored(sample_settings, standard="jersey", measure="agency_attendance", by="unit")
    rows = rows.filter(period_kind="quarter")
    missed = pl.when(pl.col("unknown") == 0).then(pl.col("owed") - pl.col("met"))
    small = rows.filter(pl.col("met").is_between(1, 4) | missed.is_between(1, 4))
    assert small.height > 20
    page = open_page(sample_settings, "trends", measure="agency_attendance", by="unit")
    shown = {(line["Quarter"], line["Agency"]): line for line in page.dataframe[-1].value.to_dict("records")}
    named = {each["name"]: dict(zip(each["x"], each["y"], strict=True)) for each in chart_lines(page)}
    checked = 0
    for row in small.iter_rows(named=True):
        line = shown.get((row["period"], row["unit"]))
        if line is not None:
            checked += 1
            assert line["Rate"] == words.SUPPRESSED
            assert line["Done of due"].startswith(words.SUPPRESSED)
            assert named[row["unit"]][row["period"]] is None
    assert checked > 10
    assert "c: not shown, as a count below 5 could be read from it." in said(page)


def chart_lines(page: AppTest) -> list[dict[str, Any]]:
    traces = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    return [each for each in traces if each.get("name") and not each["name"].startswith("target")]


def test_a_restart_is_drawn_and_told_with_its_reason_letter_by_letter(every_count: Path, open_page: OpenPage) -> None:
    page = open_page(every_count, "trends", measure="review_level_2")
    assert (
        as_markdown_shows_it(next(each.value for each in page.markdown if "set by hand" in each.value))
        == "The centre line starts anew in 2022-Q1, set by hand: <b>one</b> team for all."
    )
    notes = json.loads(page.get("plotly_chart")[0].proto.spec)["layout"]["annotations"]
    assert "&lt;b&gt;one&lt;/b&gt; team" in notes[0]["text"]
    assert "Stretch 1, 2019-Q1 to 2021-Q4" in said(page)
    assert "trial limits" in said(page)


def test_signals_have_a_shape_and_a_word(every_count: Path, open_page: OpenPage) -> None:
    plain = every_count.with_name("no_restart.toml")
    plain.write_text(every_count.read_text("utf-8").split("[[restarts]]")[0], encoding="utf-8")
    page = open_page(plain, "trends", measure="review_level_2")
    marked = drawn(page, "eight or more on one side of the average")
    assert marked["marker"]["symbol"] == "square"
    table = page.dataframe[-1].value.set_index("Quarter")["Signal"]
    assert all("run on one side" in table[quarter] or "outside limits" in table[quarter] for quarter in marked["x"])
    assert "The share of level 2 cases reviewed in time was below its average for" in said(page)


def test_the_units_of_an_address_are_shown(every_count: Path, open_page: OpenPage) -> None:
    page = open_page(every_count, "trends", measure="agency_attendance", by="unit", unit="housing")
    assert page.multiselect[0].value == ["housing"]
    assert "Signal" in page.dataframe[-1].value
    assert "housing" in page.get("plotly_chart")[0].proto.alt


def test_only_the_newest_snapshot_is_shown(every_count: Path, open_page: OpenPage) -> None:
    page = open_page(every_count, "trends", snapshot="7")
    assert "This page shows the newest snapshot only" in page.warning[0].value
    assert [each.key for each in page.sidebar.selectbox] == ["choose standard"]


def test_every_term_opens_its_explanation(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "trends")
    assert {each.proto.popover.label for each in page.get("popover")} >= {"signal", "limits of usual variation"}
    assert "It says that something has changed, not what, nor whether it is good." in said(page)


def test_the_download_names_the_counts_that_it_does_not_show() -> None:
    columns = ["met", "owed", "unknown", "rate", "worst", "best", "low", "high", "target"]
    rows = pl.DataFrame(
        {
            "period": ["2023-Q3", "2023-Q4"],
            "period_start": [date(2023, 7, 1), date(2023, 10, 1)],
            "period_end": [date(2023, 9, 30), date(2023, 12, 31)],
            "unit": [None, None],
            **{name: [None, 1] for name in columns},
            "verdict": [None, "met"],
            "suppressed": [["met", "rate"], []],
        }
    )
    made = pl.read_csv(csv_bytes(trends.for_download(rows, None, {})))
    assert made.select("period", "met", "suppressed").rows() == [("2023-Q3", None, "met, rate"), ("2023-Q4", 1, "")]
    assert "suppressed" not in trends.for_download(rows.tail(1), None, {}).columns
