"""The Trends page shows the stored quarters, one after the other, and says in words what they come to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard import trends, words
from tests.dashboard.conftest import ODD, OpenPage
from tests.dashboard.test_board_page import said, stored
from tests.dashboard.test_text import as_markdown_shows_it


def test_the_chart_and_the_table_show_every_stored_quarter(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "trends", measure="review_level_2")
    rows = stored(sample_settings, standard="jersey", measure="review_level_2", by="all").filter(period_kind="quarter")
    rows = rows.sort("period_start").tail(20)
    line = json.loads(page.get("plotly_chart")[0].proto.spec)["data"][0]
    assert line["x"] == rows["period"].to_list()
    assert line["y"] == pytest.approx(rows["rate"].to_list())
    table = page.dataframe[-1].value
    assert list(table["Quarter"]) == rows["period"].to_list()[::-1]
    assert list(table["Rate"]) == [words.percent(rate) for rate in rows["rate"]][::-1]
    assert (
        list(table["Done of due"])
        == [words.of(met, owed) for met, owed in rows.select("met", "owed").iter_rows()][::-1]
    )


def test_the_sentence_sets_the_last_two_quarters_side_by_side(sample_settings: Path, open_page: OpenPage) -> None:
    rows = stored(sample_settings, standard="jersey", measure="review_level_2", by="all").filter(period_kind="quarter")
    expected = words.trend(rows.sort("period_start").tail(20).iter_rows(named=True)).replace("\N{NO-BREAK SPACE}", " ")
    assert expected in said(open_page(sample_settings, "trends", measure="review_level_2"))


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


def test_outcomes_are_counted_in_columns(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "trends", measure="screening_outcomes", by="unit")
    rows = stored(sample_settings, standard="jersey", measure="screening_outcomes", by="unit", period="2023-Q4")
    counts = dict(rows.select("unit", "owed").iter_rows())
    first = page.dataframe[-1].value.iloc[0]
    assert first["Quarter"] == "2023-Q4"
    assert (first["Level 2"], first["Not recorded"]) == (counts["2"], counts["not recorded"])


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


def test_more_kinds_than_a_chart_can_show_apart_are_put_together(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "trends", measure="caseload", by="unit")
    stacks = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    assert len(stacks) == trends.SERIES
    assert stacks[-1]["name"] == trends.OTHERS
    rows = stored(sample_settings, standard="jersey", measure="caseload", by="all").filter(period_kind="quarter")
    owed = dict(rows.select("period", "owed").iter_rows())
    for place, period in enumerate(stacks[0]["x"]):
        assert sum(each["y"][place] for each in stacks) == owed[period]
    # The table keeps them apart.
    assert "category 3, level 1" in page.dataframe[-1].value.columns
