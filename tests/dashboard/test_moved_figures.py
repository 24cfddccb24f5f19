"""Figures that moved between two snapshots: each is told with both figures, and with changes in the records that add up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from connectors.store import Store
from dashboard import moved, moved_parts
from dashboard.settings import load_settings, store_address
from dashboard.words import rate_of
from kpis import moved as behind
from kpis.moved import CHANGES
from kpis.results import RESULTS
from tests.dashboard.area_folder import refreshed, sample_tables, settings_in
from tests.dashboard.conftest import OpenPage
from tests.dashboard.test_data_quality_page import NBSP, column, said

QUARTER = (date(2023, 10, 1), date(2023, 12, 31))


def corrected(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Three minutes of level 2 meetings of the last quarter recorded after all, as issued the next day; one taken back."""
    held = pl.col("held_on").str.to_date(strict=False)
    of_quarter = (pl.col("kind") == "level 2") & held.is_between(*QUARTER)
    gaps = of_quarter & (pl.col("minutes_issued_on").fill_null("") == "") & (held < date(2023, 12, 1))
    given = of_quarter & (pl.col("minutes_issued_on").fill_null("") != "") & (held < date(2023, 12, 1))
    first_gaps = gaps & (gaps.cum_sum() <= 3)
    first_given = given & (given.cum_sum() <= 1)
    issued = (
        pl.when(first_gaps)
        .then((held + pl.duration(days=1)).dt.to_string("%Y-%m-%d"))
        .when(first_given)
        .then(None)
        .otherwise("minutes_issued_on")
    )
    return {**tables, "meetings": tables["meetings"].with_columns(issued.alias("minutes_issued_on"))}


@pytest.fixture(scope="module")
def thrice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three snapshots: in the second some minutes are recorded late and one record is taken back; in the third much has changed."""
    settings = settings_in(tmp_path_factory.mktemp("thrice"))
    before = sample_tables()
    gone = pl.col("held_on").str.to_date(strict=False).is_between(*QUARTER) & (pl.col("kind") == "level 2")
    emptied = pl.when(gone & (gone.cum_sum() <= 6)).then(None).otherwise("minutes_issued_on")
    before["meetings"] = before["meetings"].with_columns(emptied.alias("minutes_issued_on"))
    refreshed(settings, before, 1)
    refreshed(settings, corrected(before), 2)
    changed = {name: frame.filter(pl.int_range(pl.len()) % 23 != 5) for name, frame in before.items()}
    held = pl.col("held_on").str.to_date(strict=False)
    later = (held + pl.duration(days=20)).dt.to_string("%Y-%m-%d")
    some = (pl.int_range(pl.len()) % 17 == 3) & (held < date(2023, 12, 1))
    changed["meetings"] = changed["meetings"].with_columns(
        pl.when(some).then(later).otherwise("held_on").alias("held_on")
    )
    refreshed(settings, changed, 3)
    return settings


def headline(settings: Path, snapshot: int, measure: str, period: str) -> dict:
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        return store.results(snapshot).filter(measure=measure, period=period, by="all").row(0, named=True)


def test_the_opened_measure_says_what_moved_it(thrice: Path, open_page: OpenPage) -> None:
    then, now = (headline(thrice, number, "minutes_level_2", "2023-Q4") for number in (1, 2))
    assert now["met"] - then["met"] == 2
    page = open_page(thrice, "measure", measure="minutes_level_2", period="2023-Q4", snapshot="2")
    told = said(page)
    sentence = f"{rate_of(then)} in snapshot 1, {rate_of(now)} now: 3 now met (recorded late); 1 no longer met".replace(
        NBSP, " "
    )
    assert sentence in told
    assert "(the record of its doing taken back)" in told
    rows = next(each.value for each in page.dataframe if "What changed" in each.value.columns)
    assert rows["What changed"].to_list() == [behind.NOW_MET] * 3 + [behind.NO_LONGER_MET]
    assert rows["Done on, is"].isna().to_list() == [False] * 3 + [True]
    assert set(rows["File"]) == {"meetings.csv"}


def test_a_figure_that_did_not_move_is_said_to_be_the_same(thrice: Path, open_page: OpenPage) -> None:
    page = open_page(thrice, "measure", measure="disclosure", period="2023-Q4", snapshot="2")
    assert "The counts are the same as in snapshot 1" in said(page)


def test_without_an_earlier_snapshot_there_is_nothing_to_compare_with(thrice: Path, open_page: OpenPage) -> None:
    page = open_page(thrice, "measure", measure="minutes_level_2", period="2023-Q4", snapshot="1")
    assert "snapshot 1 now" not in said(page)
    assert all("Since an earlier snapshot" not in each.value for each in page.header)
    page = open_page(thrice, "data_quality", part="Figures that moved", snapshot="1")
    assert "There is no earlier snapshot under this standard" in said(page)


def test_every_figure_that_moved_is_listed_and_can_be_looked_behind(thrice: Path, open_page: OpenPage) -> None:
    page = open_page(thrice, "data_quality", part="Figures that moved", snapshot="2")
    assert len(set(column(page, "Measure"))) == 1
    assert column(page, "Period") == ["2023-Q4", "2023"]
    assert column(page, "Met") == ["+2", "+2"]
    assert column(page, "Owed") == ["same", "same"]
    box = page.selectbox(key="behind")
    box.set_value(box.options[1]).run()
    assert not page.exception
    assert "3 now met (recorded late)" in said(page)


def test_what_lies_behind_every_figure_of_much_changed_records_adds_up(
    thrice: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    drawn = moved_parts._changed

    def spied(shown, before, row, words) -> pl.DataFrame:
        found = drawn(shown, before, row, words)
        compared.append((row, behind.balance(found)))
        return found

    monkeypatch.setattr(moved_parts, "_changed", spied)
    page = open_page(thrice, "data_quality", part="Figures that moved", against="2: as at 31 December 2023")
    names = page.selectbox(key="behind").options
    assert len(names) > 30
    for name in names[:: len(names) // 8]:
        page.selectbox(key="behind").set_value(name).run()
        assert not page.exception
    assert len(compared) >= 6
    for row, balance in compared:
        expected = tuple(row[f"{name}_now"] - row[f"{name}_then"] for name in ("met", "owed", "unknown"))
        assert balance == expected, row


# --- The pure functions ----------------------------------------------------------------------------------------------------


def results(*rows: tuple[str, str, int | None, int | None, str]) -> pl.DataFrame:
    made = [
        {"measure": measure, "period": period, "period_kind": "quarter", "period_end": date(2023, 12, 31), "by": "all",
         "met": met, "owed": owed, "unknown": None if owed is None else 0, "rate": met / owed if owed and met is not None else None,
         "verdict": verdict}
        for measure, period, met, owed, verdict in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=RESULTS, orient="row")


def test_a_figure_that_came_or_went_has_moved_and_is_never_nought_per_cent() -> None:
    then = results(
        ("a", "2023-Q4", None, None, "not supplied"), ("b", "2023-Q4", 1, 2, "met"), ("c", "2023-Q4", 1, 2, "met")
    )
    now = results(
        ("a", "2023-Q4", 3, 4, "no target"), ("b", "2023-Q4", 0, 0, "nothing due"), ("c", "2023-Q4", 1, 2, "met")
    )
    rows = {row["measure"]: row for row in moved.figures(then, now).to_dicts()}
    assert set(rows) == {"a", "b"}
    assert moved.side(rows["a"], "then") == "not supplied"
    assert not moved.has_rows(rows["a"])
    assert moved.side(rows["b"], "now") == "nothing due"
    new = moved.figures(then.filter(measure="c"), now)
    assert [(row["measure"], moved.side(row, "then")) for row in new.to_dicts()] == [("a", "no figure")]


def test_changes_are_counted_by_kind_and_reason_and_say_what_was_met() -> None:
    rows = [
        {"kind": behind.NOW_MET, "reason": behind.RECORDED_LATE, "then": behind.NOT_MET, "now": behind.MET},
        {"kind": behind.NOW_MET, "reason": behind.RECORDED_LATE, "then": behind.NOT_MET, "now": behind.MET},
        {"kind": behind.NOW_MET, "reason": behind.CORRECTED, "then": behind.NOT_MET, "now": behind.MET},
        {"kind": behind.NEWLY_OWED, "reason": behind.FELL_DUE, "then": behind.NOT_OWED, "now": behind.MET},
        {"kind": behind.NO_LONGER_OWED, "reason": behind.MOVED, "then": behind.NOT_MET, "now": behind.NOT_OWED},
    ]
    assert moved.kinds_in_words(pl.DataFrame(rows, schema=CHANGES, orient="row")) == (
        "3 now met (2 recorded late, 1 corrected); 1 newly owed, 1 of them met (fell due since); "
        "1 no longer owed, none of them had been met (its day moved from or to another period)"
    )
