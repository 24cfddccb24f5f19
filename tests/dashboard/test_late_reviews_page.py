"""The page Late reviews shows what the snapshot holds, filters and orders it, and says what it cannot tell."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from connectors.store import Store
from dashboard import frames
from dashboard import review_list as reviews
from dashboard.exports import csv_bytes, xlsx_bytes
from dashboard.settings import load_settings, store_address
from dashboard.text import plain
from kpis.late_reviews import IN_14, LATE_REVIEWS, LATER, NO_DATE, OVERDUE, STATES
from tests.dashboard.area_folder import AS_AT, HOSTILE, heading_said, refreshed, sample_tables, settings_in, text_in
from tests.dashboard.conftest import OpenPage

NBSP = "\N{NO-BREAK SPACE}"


def stored(settings: Path, standard: str = "jersey") -> pl.DataFrame:
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        newest = store.newest()
        assert newest is not None
        return store.frame(newest.id, frames.late_reviews(standard))


def column(page: AppTest, heading: str) -> list[str]:
    """A column of the list as it is read, spaces as spaces."""
    table = page.table[0].value
    named = {heading_said(str(name)): name for name in table.columns}
    return [str(cell).replace(NBSP, " ").replace("\\", "") for cell in table[named[heading]]]


def test_the_cards_count_what_is_stored(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "late_reviews")
    held = dict(stored(sample_settings).group_by("state").len().iter_rows())
    shown = [int(metric.value.replace(",", "")) for metric in page.metric]
    assert shown == [held.get(state, 0) for state in reviews.SHOWN_FIRST]
    assert sum(shown) > 0


def test_the_list_holds_every_case_that_is_not_due_later(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "late_reviews")
    wanted = stored(sample_settings).filter(pl.col("state") != LATER)
    assert column(page, "Case") == wanted["case_id"].to_list()


def test_what_is_due_later_comes_when_asked_for_a_hundred_at_a_time(sample_settings: Path, open_page: OpenPage) -> None:
    wanted = stored(sample_settings).filter(state=LATER)["case_id"].to_list()
    assert len(wanted) > 100
    page = open_page(sample_settings, "late_reviews", state=LATER)
    assert column(page, "Case") == wanted[:100]
    page.number_input(key="rows").set_value(2).run()
    assert column(page, "Case") == wanted[100:]


def test_filters_in_the_address_narrow_the_list(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "late_reviews", state=OVERDUE, level="2", agency="probation")
    wanted = stored(sample_settings).filter(state=OVERDUE, level="2", lead_agency="probation")
    assert wanted.height > 1
    assert column(page, "Case") == wanted["case_id"].to_list()
    assert all(words.startswith("▲ ") and words.endswith(" late") for words in column(page, "Days late"))
    page.selectbox(key="order").set_value(reviews.BY_CASE).run()
    assert column(page, "Case") == sorted(wanted["case_id"].to_list())


def test_a_state_without_cases_is_said(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "late_reviews", state=NO_DATE)
    assert not page.table
    assert [each.value for each in page.info] == ["Every case has a date."]


def test_text_of_the_source_is_shown_as_it_stands(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    refreshed(settings, text_in("lead_agency", "cases", HOSTILE, 400)(sample_tables()))
    page = open_page(settings, "late_reviews")
    cells = {str(cell) for cell in page.table[0].value.iloc[:, 7]}
    assert cells == {plain(HOSTILE).replace(" ", NBSP)}
    assert HOSTILE in page.multiselect(key="agency").options


def test_levels_without_records_are_said(tmp_path: Path, open_page: OpenPage) -> None:
    tables = sample_tables()
    del tables["reviews"]
    tables["meetings"] = tables["meetings"].filter(pl.col("kind") != "level 1")
    settings = settings_in(tmp_path)
    refreshed(settings, tables)
    page = open_page(settings, "late_reviews")
    assert [each.value for each in page.info] == [
        "Level 1 reviews are not supplied, so level 1 cases are not on this list."
    ]
    assert set(column(page, "Level")) == {"2"}


def test_without_any_case_the_list_is_said_to_be_empty(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    refreshed(settings, {name: frame.clear() for name, frame in sample_tables().items()})
    page = open_page(settings, "late_reviews")
    assert not page.table
    assert "There is no active case" in " ".join(each.value for each in page.markdown)


# --- The pure functions ----------------------------------------------------------------------------------------------------


def rows(*given: tuple[str, str, int | None]) -> pl.DataFrame:
    """Rows of the list: case, state, days until due."""
    made = [
        {
            "case_id": case,
            "state": state,
            "due_on": None if until is None else AS_AT + timedelta(days=until),
            "days_late": None if until is None else max(0, -until),
        }
        for case, state, until in given
    ]
    return pl.DataFrame(made, schema=LATE_REVIEWS)


@pytest.mark.parametrize(
    ("state", "until", "words"),
    [
        (OVERDUE, -1, "▲ 1 day late"),
        (OVERDUE, -264, "▲ 264 days late"),
        (IN_14, 0, "◆ due on the as-at day"),
        (IN_14, 1, "◆ due in 1 day"),
        (LATER, 40, "○ due in 40 days"),
        (NO_DATE, None, "? no date known"),
    ],
)
def test_lateness_is_said_in_sign_and_words(state: str, until: int | None, words: str) -> None:
    said = rows(("C1", state, until)).select(reviews.lateness(AS_AT)).item()
    assert said == words


def test_every_state_has_a_sign_of_its_own_and_words() -> None:
    assert len(set(reviews.SIGNS.values())) == len(STATES)
    for said in (reviews.SIGNS, reviews.IN_WORDS, reviews.WHAT_TO_DO, reviews.NONE_IN_STATE):
        assert set(said) == set(STATES)


@pytest.mark.parametrize("order", reviews.SORTS)
def test_every_order_keeps_every_case_and_never_depends_on_how_they_came(order: str) -> None:
    given = rows(("C3", OVERDUE, -3), ("C1", IN_14, 5), ("C2", IN_14, 5), ("C4", NO_DATE, None))
    chosen = reviews.Chosen(states=(), sort=order)
    one, other = reviews.chosen_rows(given, chosen), reviews.chosen_rows(given.reverse(), chosen)
    assert one.equals(other)
    assert sorted(one["case_id"]) == ["C1", "C2", "C3", "C4"]


def test_gaps_can_be_chosen_as_not_recorded() -> None:
    given = rows(("C1", OVERDUE, -1), ("C2", OVERDUE, -2)).with_columns(
        lead_agency=pl.Series([None, "police"], dtype=pl.String)
    )
    assert reviews.options(reviews.groups(given), "lead_agency") == ["police", reviews.NOT_RECORDED]
    chosen = reviews.chosen_rows(given, reviews.Chosen(lead_agencies=(reviews.NOT_RECORDED,)))
    assert chosen["case_id"].to_list() == ["C1"]


def test_the_headline_says_when_nothing_is_overdue() -> None:
    assert reviews.headline(reviews.counts(reviews.groups(rows(("C1", IN_14, 5))))).startswith(
        "Nothing is overdue: 0 of 1 active case"
    )
    assert reviews.headline(reviews.counts(reviews.groups(rows(("C1", OVERDUE, -5))))).startswith(
        "1 of 1 active case on the"
    )


def test_the_files_hold_what_is_listed_with_dates_and_numbers(sample_settings: Path) -> None:
    listed = reviews.chosen_rows(stored(sample_settings), reviews.Chosen(states=(OVERDUE,)))
    taken = reviews.for_files(listed)
    assert taken["Case"].to_list() == listed["case_id"].to_list()
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"Late reviews": taken})))["Late reviews"]
    headings = [cell.value for cell in sheet[1]]
    assert headings == list(reviews.HEADINGS.values())
    first = dict(zip(headings, sheet[2], strict=True))
    assert first["Review due"].is_date
    assert first["Review due"].value.date() == listed["due_on"][0]
    assert first["Days late"].value == (AS_AT - listed["due_on"][0]).days == listed["days_late"][0]
    lines = csv_bytes(taken).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + listed.height
    assert listed["due_on"][0].isoformat() in lines[1]


def test_days_late_are_left_empty_where_no_date_is_known() -> None:
    taken = reviews.for_files(rows(("C1", NO_DATE, None)).with_columns(days_late=pl.lit(0, dtype=pl.Int64)))
    assert taken["Days late"].to_list() == [None]


def test_the_filters_are_said_in_words() -> None:
    said = reviews.filters_in_words(reviews.Chosen(states=("due within 28 days",), levels=("2", "3")))
    assert said == "state: due in 15 to 28 days; level: 2, 3; order: latest first"


def test_days_are_counted_to_the_as_at_day_not_to_today() -> None:
    given = rows(("C1", OVERDUE, -3))
    assert given.select(reviews.lateness(date(2024, 1, 1))).item() == "▲ 4 days late"
