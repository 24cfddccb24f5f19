"""The page What if: verdicts beside the real ones, nothing stored, and always said to be no figure of the Board's."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from checks.errors import SettingsError
from checks.standard import load_standard, rebuilt
from connectors.store import Store
from dashboard import background, what_if_page
from dashboard.background import Worker
from dashboard.definitions import definitions
from dashboard.refresh import refresh
from dashboard.settings import load_settings
from dashboard.stored_area import stored_tables
from kpis.results import HEADLINE
from tests.checks.changing import changing
from tests.dashboard.conftest import AS_AT, MADE_AT, OpenPage

WEEKS, TARGET = "figure review_weeks_level_2", "target review_level_2"
NOT_THE_BOARDS = "What if: these are not the Board's figures."


def said(page: AppTest) -> str:
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    cells = [str(cell) for table in page.table for cell in table.value.to_numpy().ravel()]
    return (
        "\n".join([*(str(each.value) for each in parts), *cells]).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    )


def moved(page: AppTest, **values: float) -> AppTest:
    """Move what is named as a person would: choose it, then give it its value. `_` stands for a space."""
    named = {name.replace("_", " ", 1): value for name, value in values.items()}
    page.multiselect[0].set_value(list(named)).run()
    for name, value in named.items():
        page.number_input(key=f"what if: {name}").set_value(value).run()
    assert not page.exception, page.exception
    return page


def real(settings: Path, measure: str, period: str = "2023-Q4") -> dict[str, Any]:
    with Store.open(str(settings.parent / "mappa-monitor.sqlite"), read_only=True) as store:
        newest = store.newest()
        assert newest is not None
        rows = store.results(newest.id, standard="jersey")
    return rows.filter(period=period, by=HEADLINE, measure=measure).row(0, named=True)


def contents(settings: Path) -> dict[str, list[Any]]:
    """Every row of every table of the store."""
    with sqlite3.connect(f"file:{settings.parent / 'mappa-monitor.sqlite'}?mode=ro", uri=True) as store:
        names = [name for (name,) in store.execute("select name from sqlite_master where type = 'table' order by 1")]
        return {name: store.execute(f'select * from "{name}"').fetchall() for name in names}  # noqa: S608


def test_a_figure_moved_shows_the_verdicts_beside_the_real_ones(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(moved(open_page(sample_settings, "what_if"), figure_review_weeks_level_2=10))
    row = real(sample_settings, "review_level_2")
    assert NOT_THE_BOARDS in text
    assert "Level 2 review every: 10 weeks instead of 12 weeks" in text
    assert f"{row['met']} of {row['owed']}" in text
    assert "would read otherwise" in text
    assert "✗ target not met (85 %)" in text


def test_a_target_moved_changes_the_verdict_and_not_the_figure(sample_settings: Path, open_page: OpenPage) -> None:
    row = real(sample_settings, "review_level_2")
    assert row["verdict"] == "not met"
    text = said(moved(open_page(sample_settings, "what_if"), target_review_level_2=10.0))
    assert "Target of Level 2 cases reviewed in time: 10 % instead of 85 %" in text
    assert "✓ target met (10 %)" in text
    assert text.count(f"({row['met']} of {row['owed']})") >= 2, "the same figure stands on both sides"


def test_no_record_is_read_for_a_target_alone(
    sample_settings: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the records were read")

    monkeypatch.setattr(what_if_page, "stored_tables", never)
    assert "✓ target met (10 %)" in said(moved(open_page(sample_settings, "what_if"), target_review_level_2=10.0))


def test_nothing_is_stored(sample_settings: Path, open_page: OpenPage) -> None:
    before = contents(sample_settings)
    file = (sample_settings.parent / "mappa-monitor.sqlite").read_bytes()
    page = moved(open_page(sample_settings, "what_if"), figure_review_weeks_level_2=8, target_disclosure=50.0)
    assert NOT_THE_BOARDS in said(page)
    assert contents(sample_settings) == before
    assert (sample_settings.parent / "mappa-monitor.sqlite").read_bytes() == file
    assert not page.query_params or "figure" not in str(page.query_params)


def test_reset_brings_everything_back(sample_settings: Path, open_page: OpenPage) -> None:
    page = moved(open_page(sample_settings, "what_if"), figure_review_weeks_level_2=8)
    page.button(key="what if: reset").click().run()
    text = said(page)
    assert not page.exception
    assert NOT_THE_BOARDS not in text
    assert "Nothing is moved. Choose above what to move" in text
    page.multiselect[0].set_value([WEEKS]).run()
    assert page.number_input(key=f"what if: {WEEKS}").value == 12


def test_what_stands_where_it_stood_is_no_change(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(moved(open_page(sample_settings, "what_if"), figure_review_weeks_level_2=12))
    assert NOT_THE_BOARDS not in text
    assert "Nothing is moved." in text


def test_what_another_standard_cannot_move_is_let_go(sample_settings: Path, open_page: OpenPage) -> None:
    page = moved(open_page(sample_settings, "what_if"), figure_referral_to_meeting_working_days=10)
    page.query_params["standard"] = "hampshire"
    page.run()
    assert not page.exception
    assert page.multiselect[0].value == []


def test_names_from_a_source_stand_as_they_are(odd_settings: Path, open_page: OpenPage) -> None:
    page = moved(open_page(odd_settings, "what_if"), figure_review_weeks_level_2=1)
    assert NOT_THE_BOARDS in said(page)
    assert "*Odd* area" in said(page)


def test_an_adopted_target_is_what_can_be_moved(sample_settings: Path, open_page: OpenPage) -> None:
    text = said(moved(open_page(sample_settings, "what_if"), target_review_level_1=0.0))
    assert "Target of Level 1 cases reviewed in time: 0 % instead of 95 %" in text


def test_settings_that_have_changed_since_are_said_to_make_a_difference(tmp_path: Path, open_page: OpenPage) -> None:
    path = tmp_path / "area.toml"
    text = 'area = "Jersey (sample)"\nsource = "sample"\nstandards = ["jersey"]\nas_at = 2023-12-31\n'
    path.write_text(text, "utf-8")
    refresh(load_settings(path), AS_AT, MADE_AT)
    path.write_text(text + 'smb_members = ["somebody new"]\n', "utf-8")
    page = moved(open_page(path, "what_if"), figure_review_weeks_level_2=10)
    assert "do not give what is stored, because the area's settings have changed" in said(page)


# --- Beneath the page -----------------------------------------------------------------------------------------------------


def test_a_stored_standard_comes_back_to_the_fingerprint(tmp_path: Path) -> None:
    own = changing(
        tmp_path, "jersey", ("review_weeks_level_2", "2024-01-01", "10"), ("target_review_level_1", "2024-01-01", "0.8")
    )
    every = [*(load_standard(name) for name in ("jersey", "hampshire", "england-wales")), own]
    document = json.loads(json.dumps(definitions(every)))["standards"]
    for standard in every:
        assert rebuilt(standard.name, document[standard.name]) == standard


def test_a_standard_stored_by_another_version_is_refused_in_a_plain_sentence() -> None:
    document = json.loads(json.dumps(definitions([load_standard("jersey")])))["standards"]["jersey"]
    document["figures"]["colour"] = {"sentence": "Colour", "value": 1, "cite": "J10", "note": None}
    with pytest.raises(SettingsError, match=r"stored by another version of the product.*Refresh"):
        rebuilt("jersey", document)


def test_a_stored_table_is_read_once_and_only_when_it_is_asked_for(sample_settings: Path) -> None:
    with Store.open(str(sample_settings.parent / "mappa-monitor.sqlite"), read_only=True) as store:
        snapshot = store.newest()
        assert snapshot is not None
        asked: list[str] = []
        frame = store.frame

        class Counting(Store):
            def frame(self, snapshot_id: int, name: str, columns: Any = None) -> pl.DataFrame:
                asked.append(name)
                return frame(snapshot_id, name, columns)

        store.__class__ = Counting
        tables = stored_tables(store, snapshot)
        assert asked == ["supplied"]
        assert tables.as_at == date(2023, 12, 31)
        assert tables.has("cases", "case_id", "entered_on")
        assert not tables.has("cases", "nothing")
        assert asked == ["supplied"]
        for _ in range(3):
            assert tables.lazy("cases").collect().height > 200
        assert asked == ["supplied", "tables/cases"]
        with pytest.raises(KeyError):
            tables.lazy("population of the moon")


def test_work_that_takes_a_moment_is_done_once_and_a_failure_is_tried_again() -> None:
    worker, begun = Worker(), []
    go = threading.Event()

    def job() -> int:
        begun.append(1)
        go.wait(5)
        return 7

    first, second = worker.start("a", job), worker.start("a", job)
    assert first is second
    go.set()
    assert first.result(5) == 7
    assert len(begun) == 1

    def fails() -> None:
        begun.append(2)
        raise SettingsError("no")

    for _ in range(2):
        with pytest.raises(SettingsError):
            worker.start("b", fails).result(5)
    assert begun == [1, 2, 2]
    for number in range(background.KEPT + 1):
        worker.start(number, lambda: None).result(5)
    assert worker.start("a", job).result(5) == 7
    assert begun == [1, 2, 2, 1], "what is long past is worked out anew"


def test_the_page_says_that_it_is_at_work_when_that_takes_a_moment(
    sample_settings: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    words: list[str] = []
    monkeypatch.setattr(background, "SAID_AFTER", 0.0)

    class Place:
        def info(self, text: str) -> None:
            words.append(text)

        def empty(self) -> None:
            words.append("")

    monkeypatch.setattr(background.st, "empty", Place)
    text = said(moved(open_page(sample_settings, "what_if"), figure_review_weeks_level_2=7))
    assert words[0].startswith("Measuring the stored records again")
    assert words[-1] == ""
    assert "7 weeks instead of 12 weeks" in text
