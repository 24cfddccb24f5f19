"""What stands around every page: as at when, from which snapshot, how fresh; what to do where there is nothing; refreshing."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from connectors.store import Store
from dashboard.chrome import PAGES as LISTED
from dashboard.refresh import refresh
from dashboard.settings import load_settings
from tests.dashboard.conftest import AS_AT, MADE_AT, OpenPage
from tests.dashboard.test_board_page import PAGES, said
from tests.dashboard.test_text import as_markdown_shows_it

SETTINGS = 'area = "A small area"\nsource = "records"\nstandards = ["jersey"]\nas_at = 2023-12-31\n'
CASES = "case_id,category,level,location,entered_on,lead_agency\nC1,1,2,community,2023-01-04,police\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The settings of an area whose source has one case; nothing has been refreshed."""
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "cases.csv").write_text(CASES, encoding="utf-8")
    path = tmp_path / "area.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.mark.parametrize("view", PAGES)
def test_every_page_says_as_at_when_from_which_snapshot_and_how_fresh(
    sample_settings: Path, open_page: OpenPage, view: str
) -> None:
    text = said(open_page(sample_settings, view))
    assert "As at 31 December 2023" in text
    assert "Jersey (sample)" in text
    assert "Snapshot 1, made 3 January 2024" in text
    assert "sample area: " in text
    assert "Guidance of 2010" in text
    assert "Check yours before you rely on a figure" in text


@pytest.mark.parametrize("view", PAGES)
def test_without_a_snapshot_every_page_says_what_to_do_and_offers_it(
    small: Path, open_page: OpenPage, view: str
) -> None:
    page = open_page(small, view)
    assert "No records of A small area have been read yet" in as_markdown_shows_it(page.info[0].value)
    assert [each.label for each in page.button] == ["Refresh"]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((1, 1, 1, 1), "4 sources, 1 row, last changed 1 February 2023"),
        ((1, 3, 2, 1), "4 sources, 1 row, last changed from 1 February 2023"),
    ],
)
def test_of_many_sources_the_first_and_the_last_change_are_told_and_one_moment_once(
    small: Path, open_page: OpenPage, days: tuple[int, ...], told: str
) -> None:
    records = small.parent / "records"
    for name, field in (("meetings", "meeting_id"), ("spells", "case_id"), ("visits", "case_id")):
        (records / f"{name}.csv").write_text(f"{field}\n", encoding="utf-8")
    for path, day in zip(sorted(records.iterdir()), days, strict=True):
        moment = datetime(2023, 2, day, 12, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))
    refresh(load_settings(small), AS_AT, MADE_AT)
    text = said(open_page(small))
    assert told in text
    assert (" to 3 February 2023" in text) == (len(set(days)) > 1)


def test_the_button_makes_the_first_snapshot_and_then_finds_nothing_new(small: Path, open_page: OpenPage) -> None:
    page = open_page(small)
    page.button(key="refresh").click().run()
    assert not page.exception
    assert "Snapshot 1 was made" in page.success[0].value
    assert "Snapshot 1, made" in said(page)
    assert "cases.csv: 1 row, last changed" in said(page)
    page.button(key="refresh").click().run()
    assert "Nothing has changed since snapshot 1" in page.success[0].value


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_refresh_that_has_to_wait_for_another_program_says_so_and_goes_on(
    small: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(load_settings(small), AS_AT, MADE_AT)
    page = open_page(small)
    (small.parent / "records" / "cases.csv").write_text("case_id,level\nC1,2\nC2,2\n", encoding="utf-8")
    monkeypatch.setattr("connectors.store.store.SAID_AFTER", 0.05)
    told: list[str] = []
    in_full = DeltaGenerator.progress
    monkeypatch.setattr(
        DeltaGenerator, "progress", lambda self, value, text="": (told.append(text), in_full(self, value, text))[1]
    )
    store = sqlite3.connect(small.parent / "mappa-monitor.sqlite", isolation_level=None, check_same_thread=False)
    store.execute("BEGIN IMMEDIATE")
    let_go = threading.Timer(1.0, store.close)
    let_go.start()
    page.button(key="refresh").click().run()
    let_go.join()
    assert "Waiting for another program that is writing to the store" in told
    assert not page.exception
    assert "Snapshot 2 was made" in page.success[0].value


def test_a_refresh_that_fails_says_why_and_leaves_the_last_snapshot(small: Path, open_page: OpenPage) -> None:
    page = open_page(small)
    page.button(key="refresh").click().run()
    (small.parent / "records" / "cases.csv").write_bytes(b"")
    page.button(key="refresh").click().run()
    assert not page.exception
    assert "cases.csv" in as_markdown_shows_it(page.error[0].value)
    assert "Snapshot 1, made" in said(page)


@pytest.mark.parametrize("view", PAGES)
def test_without_settings_the_page_says_what_to_do(tmp_path: Path, open_page: OpenPage, view: str) -> None:
    page = open_page(tmp_path / "none.toml", view)
    assert "mappa-monitor init" in as_markdown_shows_it(page.error[0].value)


def test_wrong_settings_are_told_in_their_own_sentence(small: Path, open_page: OpenPage) -> None:
    small.write_text(SETTINGS + "colour = 1\n", encoding="utf-8")
    assert "area.toml" in as_markdown_shows_it(open_page(small).error[0].value)


def test_a_store_that_is_none_is_told_and_not_touched(small: Path, open_page: OpenPage) -> None:
    store = small.parent / "mappa-monitor.sqlite"
    store.write_text("not a store", encoding="utf-8")
    assert "is not a store" in as_markdown_shows_it(open_page(small).error[0].value)
    assert store.read_text(encoding="utf-8") == "not a store"


def test_a_store_put_in_anothers_place_is_seen(small: Path, open_page: OpenPage) -> None:
    settings = load_settings(small)
    refresh(settings, AS_AT, MADE_AT)
    assert "Snapshot 1, made 3 January 2024" in said(open_page(small))
    for each in small.parent.glob("mappa-monitor.sqlite*"):
        each.unlink()
    refresh(settings, AS_AT, datetime(2024, 2, 1, tzinfo=UTC))
    assert "Snapshot 1, made 1 February 2024" in said(open_page(small))


@pytest.fixture
def two_snapshots(small: Path) -> Path:
    settings = load_settings(small)
    refresh(settings, date(2023, 9, 30), MADE_AT)
    refresh(settings, AS_AT, MADE_AT)
    return small


def test_an_earlier_snapshot_can_be_asked_for_and_is_said_to_be_one(two_snapshots: Path, open_page: OpenPage) -> None:
    page = open_page(two_snapshots, snapshot="1")
    assert "As at 30 September 2023" in said(page)
    assert "The newest is number 2" in page.warning[0].value
    assert "As at 31 December 2023" in said(open_page(two_snapshots))


def test_what_an_address_asks_for_in_vain_is_said(two_snapshots: Path, open_page: OpenPage) -> None:
    page = open_page(two_snapshots, snapshot="9", standard="**kent**", period="2031")
    remarks = [as_markdown_shows_it(each.value) for each in page.warning]
    assert [
        word in remark for word, remark in zip(("snapshot 9", "standard **kent**", "period 2031"), remarks, strict=True)
    ]
    assert all("**kent**" not in each.value for each in page.warning), (
        "what stands in an address is not Markdown either"
    )


def links(page: AppTest) -> list[str]:
    return [each.proto.query_string for each in page.sidebar.get("page_link")]


def test_the_links_at_the_side_carry_what_was_chosen(sample_settings: Path, open_page: OpenPage) -> None:
    assert links(open_page(sample_settings)) == [""] * len(LISTED)
    chosen = links(open_page(sample_settings, standard="hampshire", period="2022-23", measure="disclosure"))
    assert chosen[1:] == ["standard=hampshire&period=2022-23"] * (len(LISTED) - 1)
    assert chosen[0] == "standard=hampshire&period=2022-23&measure=disclosure", "the page shown keeps its own address"
    opened = links(open_page(sample_settings, "measure", period="2022-Q3", measure="disclosure"))
    assert opened == ["period=2022-Q3"] * len(LISTED)


def test_choosing_at_the_side_changes_the_address_and_the_page(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings)
    page.selectbox(key="choose period").set_value("2023-Q2").run()
    assert page.query_params["period"] == "2023-Q2"
    assert "2023-Q2: 1 April to 30 June 2023" in said(page)
    page.selectbox(key="choose standard").set_value("hampshire").run()
    assert not page.exception
    assert page.query_params["period"] == "2023-24-Q1", "the same days in another reporting year"
    assert "Protocol of 2008" in said(page)


def test_only_the_areas_own_snapshots_are_shown(small: Path, open_page: OpenPage) -> None:
    refresh(load_settings(small), AS_AT, MADE_AT)
    other = small.with_name("other.toml")
    other.write_text(SETTINGS.replace("A small area", "Another area"), encoding="utf-8")
    with Store.open(load_settings(other).store_address, read_only=True) as store:
        assert store.snapshots("A small area")
    assert "No records of Another area" in open_page(other).info[0].value
