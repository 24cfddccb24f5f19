"""The page Caseload over time shows the stored counts, adds up, and says what it cannot know."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from connectors.store import Store
from dashboard import flows, frames
from dashboard.figures.moves import move_flow, move_flow_alt
from dashboard.figures.stays import stay_lines
from dashboard.figures.style import DARK, LIGHT
from dashboard.settings import load_settings, store_address
from kpis.flow import FLOW
from kpis.review_load import LOAD, PLACES
from kpis.time_at_level import STAYS, TIMES
from tests.dashboard.area_folder import heading_said, refreshed, sample_tables, settings_in
from tests.dashboard.conftest import OpenPage
from tests.dashboard.test_board_page import said

STOCK, MOVES, TIME, COMING = "Stock and flow", "Moves between levels", "Time at a level", "Reviews to come"
NBSP = "\N{NO-BREAK SPACE}"


def stored(settings: Path, name: str) -> pl.DataFrame:
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        newest = store.newest()
        assert newest is not None
        return store.frame(newest.id, name)


def opened(open_page: OpenPage, settings: Path, part: str, **query: str) -> AppTest:
    return open_page(settings, "caseload_over_time", part=part, **query)


def table(page: AppTest, heading: str) -> list[dict[str, Any]]:
    """The rows of the first table that has this heading, as they are read."""
    for each in page.table:
        shown = each.value.rename(columns=lambda name: heading_said(str(name)))
        if heading in shown.columns:
            return [
                {name: str(cell).replace(NBSP, " ").replace("\\", "") for name, cell in row.items()}
                for row in shown.to_dict("records")
            ]
    raise AssertionError(f"no table with {heading}")


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(each.proto.spec) for each in page.get("plotly_chart")]


@pytest.mark.parametrize("period", ["2023-Q4", "2023", "2019-Q1"])
def test_every_row_adds_up_and_its_end_is_the_boards_caseload(
    sample_settings: Path, open_page: OpenPage, period: str
) -> None:
    page = opened(open_page, sample_settings, STOCK, period=period)
    rows = table(page, "From other levels")
    assert [row["Level"] for row in rows] == ["Level 1", "Level 2", "Level 3", "All levels"]
    for row in rows:
        n = {name: int(cell) for name, cell in row.items() if name != "Level"}
        into = n["At start"] + n["Entered"] + n["From other levels"] + n.get("Not told", 0)
        assert into - n["To other levels"] - n["Left"] == n["At end"], row
    for row in table(page, "Category"):
        n = {name: int(cell) for name, cell in row.items() if name != "Category"}
        assert n["At start"] + n["Entered"] - n["Left"] == n["At end"], row
    load = stored(sample_settings, frames.caseload("jersey"))
    end = {"2023-Q4": "2023-12-31", "2023": "2023-12-31", "2019-Q1": "2019-03-31"}[period]
    ends = load.filter(pl.col("on").cast(pl.String) == end)
    assert [int(row["At end"]) for row in rows[:2]] == [ends.filter(level=level)["cases"].sum() for level in "12"]
    assert int(rows[-1]["At end"]) == ends["cases"].sum() > 100
    assert f"{ends['cases'].sum()} at its end" in said(page)


def test_quarters_follow_one_another_in_chart_and_table(sample_settings: Path, open_page: OpenPage) -> None:
    page = opened(open_page, sample_settings, STOCK)
    rows = page.dataframe[-1].value
    assert rows["Quarter"].iloc[0] == "2023-Q4"
    assert list(rows["At start"])[:-1] == list(rows["At end"])[1:]
    columns = charts(page)[0]["data"]
    assert [sum(each["y"][place] for each in columns) for place in range(len(rows))] == list(rows["At end"])[::-1]


def test_one_category_alone(sample_settings: Path, open_page: OpenPage) -> None:
    page = opened(open_page, sample_settings, STOCK, category="pdp")
    flow = stored(sample_settings, frames.flow("jersey")).filter(period="2023-Q4", category="pdp", kind="at end")
    assert int(table(page, "From other levels")[-1]["At end"]) == flow["cases"].sum() > 0
    assert "category PDP: Potentially dangerous persons" in said(page)
    page = opened(open_page, sample_settings, STOCK, category="9")
    assert "no category 9" in page.warning[0].value


def test_the_bands_are_the_rows_of_the_table_beside_them(sample_settings: Path, open_page: OpenPage) -> None:
    page = opened(open_page, sample_settings, MOVES, period="2023")
    drawn = charts(page)[0]["data"][0]
    labels = [label.rsplit(":", 1)[0] for label in drawn["node"]["label"]]
    links = drawn["link"]
    bands = [
        (labels[before], labels[after], number)
        for before, after, number in zip(links["source"], links["target"], links["value"], strict=True)
    ]
    assert bands == [(row["From"], row["To"], int(row["Cases"])) for row in table(page, "From")]
    flow = stored(sample_settings, frames.flow("jersey")).filter(pl.col("period").str.starts_with("2023"))
    down = flow.filter(kind="moved", from_level="2", to_level="1")["cases"].sum()
    assert ("Level 2", "Level 1", down) in bands
    assert down > 0


def test_what_cannot_be_known_is_said(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(opened(open_page, sample_settings, MOVES))
    gaps = dict(stored(sample_settings, frames.flow_gaps("jersey")).iter_rows())
    assert (
        f"{gaps['left before they entered']} cases recorded as having left before they entered are not counted" in text
    )
    assert f"Of {gaps['no history of levels']} cases the history of management tells nothing" in text
    assert "not told by the history of management" in text
    assert "records keep no history of it" in text


def test_medians_and_numbers_at_risk_are_the_stored_ones(sample_settings: Path, open_page: OpenPage) -> None:
    page = opened(open_page, sample_settings, TIME)
    times = stored(sample_settings, frames.times_at_level("jersey")).rows(named=True)
    shown = table(page, "Ended")
    assert [row["Spells"] for row in shown] == [str(row["spells"]) for row in times]
    assert shown[0]["Median time (95 % interval)"] == "not reached yet"
    assert shown[1]["Median time (95 % interval)"] == flows.median_in_words(times[1]).replace(NBSP, " ")
    stays = stored(sample_settings, frames.stays_at_level("jersey")).filter(level="2", days=365).row(0, named=True)
    year = next(row for row in table(page, "At risk") if row["Level"] == "Level 2" and row["After"] == "1 year")
    assert year["At risk"] == str(stays["at_risk"])
    assert year["Still there"] == f"{stays['share'] * 100:.1f} %"


def test_the_forecast_is_the_stored_one_and_says_what_it_assumes(sample_settings: Path, open_page: OpenPage) -> None:
    page = opened(open_page, sample_settings, COMING)
    load = stored(sample_settings, frames.review_load("jersey"))
    rows = table(page, "Assumed")
    assert [row["When"] for row in rows[:2]] == ["Overdue now", "Jan 2024"]
    assert int(rows[0]["All"]) == load.filter(kind="overdue")["reviews"].sum()
    late = stored(sample_settings, frames.late_reviews("jersey"))
    assert int(rows[0]["All"]) == late.filter(state="overdue").height > 0
    for row in rows:
        assert sum(int(row[f"Level {level}"]) for level in "123") == int(row["All"]) >= int(row["Assumed"])
    assert sum(int(row["All"]) for row in rows[:-1]) == int(rows[-1]["All"])
    assert flows.ASSUMED in said(page)
    held = stored(sample_settings, frames.meeting_days("jersey")).filter(level="2")
    cases, days = int(held["cases"].sum()), int(held["days"].sum())
    needed = next(row for row in table(page, "Meeting days") if row["When"] == "2024-Q1")
    assert needed["Cases a meeting day"] == f"{cases / days:.1f} ({cases} on {days} days)"
    assert int(needed["Meeting days"]) == -(-int(needed["Reviews"]) * days // cases)


@pytest.mark.parametrize("part", [STOCK, MOVES, TIME, COMING])
def test_no_reference_of_a_case_is_on_the_page_or_in_what_it_reads(
    sample_settings: Path, open_page: OpenPage, part: str
) -> None:
    cases = set(stored(sample_settings, frames.table("cases"))["case_id"])
    names = [
        each("jersey")
        for each in (
            frames.flow,
            frames.flow_gaps,
            frames.times_at_level,
            frames.stays_at_level,
            frames.review_load,
            frames.meeting_days,
        )
    ]
    texts = {cell for name in names for row in stored(sample_settings, name).rows() for cell in row}
    assert not texts & cases
    page = opened(open_page, sample_settings, part)
    shown = said(page) + json.dumps(charts(page)) + "".join(each.value.to_string() for each in page.table)
    assert not [case for case in cases if case in shown]


def test_in_mid_period_the_end_is_said_to_be_so_far(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path, standards='["hampshire"]')
    refreshed(settings, sample_tables())
    assert "at its end so far" in said(opened(open_page, settings, STOCK, period="2023-24"))


def test_without_a_history_moves_and_times_are_not_supplied_and_not_nought(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    refreshed(settings, {"cases": sample_tables()["cases"]})
    for part in (MOVES, TIME, COMING):
        page = opened(open_page, settings, part)
        assert "Not supplied" in said(page)
        assert not page.get("plotly_chart")
    assert "moves between levels are not known" in said(opened(open_page, settings, STOCK))


def test_without_cases_nothing_is_supplied(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    tables = sample_tables()
    refreshed(settings, {name: tables[name] for name in ("meetings", "attendance")})
    for part in (STOCK, MOVES, TIME, COMING):
        page = opened(open_page, settings, part)
        assert "Not supplied" in said(page)
        assert not page.get("plotly_chart")


def test_an_older_snapshot_without_these_figures_says_what_to_do(
    sample_settings: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "flow", lambda standard: f"{standard}/not kept then")
    page = open_page(sample_settings, "caseload_over_time")
    assert "Refresh to make a new one" in page.info[0].value


# --- The pure functions ----------------------------------------------------------------------------------------------------


def flow_rows(*given: tuple[str, str, str | None, str | None, int], category: str = "1") -> pl.DataFrame:
    return pl.DataFrame([(period, category, *rest) for period, *rest in given], schema=FLOW, orient="row")


def test_a_year_begins_with_its_first_quarter_and_ends_with_its_last() -> None:
    rows = flow_rows(
        ("Q1", "at start", None, "2", 10),
        ("Q1", "entered", None, "2", 3),
        ("Q1", "at end", None, "2", 13),
        ("Q2", "at start", None, "2", 13),
        ("Q2", "left", "2", None, 4),
        ("Q2", "at end", None, "2", 9),
    )
    year = flows.by_level(flows.of_period(rows, ["Q1", "Q2"])).filter(Level="Level 2").row(0, named=True)
    assert (year["At start"], year["Entered"], year["Left"], year["At end"]) == (10, 3, 4, 9)


def test_what_is_not_told_stands_in_a_column_of_its_own() -> None:
    rows = flow_rows(("Q1", "not told", "2", "1", 3), ("Q1", "not told", "not recorded", "2", 1)).drop("period")
    told = dict(flows.by_level(rows).select("Level", "Not told").iter_rows())
    assert told == {"Level 1": 3, "Level 2": -2, "Level 3": 0, "Level not recorded": -1, "All levels": 0}
    assert flows.moves(rows).is_empty()


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_the_flow_chart_keeps_a_level_in_its_colour_and_both_sides_apart(look: Any) -> None:
    moved = pl.DataFrame(
        [("Entered", "Level 2", 5), ("Level 2", "Level 1", 3), ("Level 1", "Left", 2)],
        schema=["before", "after", "number"],
        orient="row",
    )
    names = ["Level 1", "Level 2", "Level 3", "Entered", "Left"]
    drawn = move_flow(moved, names, look).to_plotly_json()["data"][0]
    node = drawn["node"]
    assert list(node["label"]) == ["Entered: 5", "Level 2: 3", "Level 1: 2", "Level 2: 5", "Level 1: 3", "Left: 2"]
    assert node["color"][1] == node["color"][3] == look.colour(1)
    assert list(drawn["link"]["source"]) == [0, 1, 2]
    assert list(drawn["link"]["target"]) == [3, 4, 5]
    assert drawn["textfont"]["color"] == look.text
    assert "Entered to Level 2 5; Level 2 to Level 1 3; Level 1 to Left 2" in move_flow_alt(moved, "moves")


def test_the_lines_stop_where_nothing_is_known() -> None:
    stays = pl.DataFrame(
        [
            ("2", 0, 4, 1.0, 1.0, 1.0),
            ("2", 14, 4, 0.5, 0.1, 0.8),
            ("2", 28, 2, 0.0, None, None),
            ("2", 91, 0, None, None, None),
        ],
        schema=STAYS,
        orient="row",
    )
    drawn = stay_lines([("Level 2", stays), ("Level 3", stays.clear())], LIGHT).to_plotly_json()["data"]
    line = next(each for each in drawn if each.get("name") == "Level 2")
    assert list(line["x"]) == [0, 14, 28]
    bands = [list(each["x"]) for each in drawn if not each.get("name")]
    assert bands == [[0, 14], [0, 14]]


@pytest.mark.parametrize(
    ("median", "low", "high", "words"),
    [
        (None, None, None, "not reached yet"),
        (140, 70, 210, "20 weeks (10 weeks to 30 weeks)"),
        (1096, 300, 2000, "3.0 years (0.8 years to 5.5 years)"),
        (140, 70, None, "20 weeks (10 weeks upwards, no upper end yet)"),
        (7, None, None, "1 week (too few for an interval)"),
    ],
)
def test_a_median_in_words(median: int | None, low: int | None, high: int | None, words: str) -> None:
    row = pl.DataFrame([("2", 9, 5, 0, median, low, high)], schema=TIMES, orient="row").row(0, named=True)
    assert flows.median_in_words(row).replace(NBSP, " ") == words


def test_an_interval_before_anything_has_ended_is_not_shown_as_certainty() -> None:
    stays = pl.DataFrame([("2", 91, 6, 1.0, 1.0, 1.0), ("2", 183, 5, 0.8, 0.2, 0.97)], schema=STAYS, orient="row")
    assert flows.stays_table(stays)["95 % interval"].to_list() == ["–", f"20.0{NBSP}% to 97.0{NBSP}%"]


def test_meeting_days_that_cannot_be_told_are_said_to_be_so() -> None:
    places = pl.DataFrame(
        [("2", "2024-Q1", 4, None, None, None), ("3", "2024-Q1", 0, None, None, 0)], schema=PLACES, orient="row"
    )
    told = flows.places_table(places)
    assert told.select("Level", "Meeting days", "Cases a meeting day").rows() == [
        ("Level 2", "cannot be told", "no meeting day on record")
    ]
    assert flows.idle_levels(places) == ["Level 3"]


def test_the_rest_of_a_month_in_which_nothing_is_due_is_not_shown() -> None:
    rows = [
        ("2", "overdue", None, None, 2),
        ("2", "first due", "2023-Q4", date(2023, 12, 1), 0),
        ("2", "first due", "2024-Q1", date(2024, 1, 1), 0),
    ]
    load = pl.DataFrame(rows, schema=LOAD, orient="row")
    assert [name for _, name in flows.load_columns(flows.without_idle_start(load))] == ["Overdue now", "Jan 2024"]
    busy = pl.DataFrame([*rows, ("3", "due again", "2023-Q4", date(2023, 12, 1), 1)], schema=LOAD, orient="row")
    assert len(flows.load_columns(flows.without_idle_start(busy))) == 3
