"""The benchmarks run and both sides give the same answers, on a small area and without looking at a clock."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.benchmarks import further, measures, pages, reading
from tests.benchmarks.__main__ import main
from tests.benchmarks.area import area_folder
from tests.benchmarks.measures import write_typed
from tests.benchmarks.row import Row

pytestmark = pytest.mark.long

SMALL = ("--cases", "60", "--years", "2", "--times", "1")


@pytest.mark.parametrize("part", ["checks", "measures", "further", "refresh"])
def test_both_sides_give_the_same_answers(part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rows.json"
    assert main([*SMALL, "--only", part, "--json", str(out)]) == 0
    rows = json.loads(out.read_text("utf-8"))
    assert rows
    assert any(row["same_answers"] for row in rows)
    printed = capsys.readouterr().out
    assert all(row["name"] in printed for row in rows)
    assert "cores" in printed
    assert "polars" in printed


def test_both_readers_give_the_same_cells_save_those_that_the_bare_one_drops(tmp_path: Path) -> None:
    path = reading.made(tmp_path / "cases.xlsx", 1_300)
    assert reading.same_cells(path) == (True, 1_300 // 20 - 1_000 // 20)
    rows = [Row.of(each) for each in reading.compared(path, 1)]
    assert [row.same_answers for row in rows] == [True, True]
    assert all(row.ours for row in rows)


KEYS = {
    "cases": ("case_id",),
    "referrals": ("referral_id",),
    "meetings": ("meeting_id", "case_id"),
    "actions": ("action_id",),
}


def _contradicted(frame: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """The records, some of which stand twice under one key with different answers, and some without their whole key."""
    some, others = frame.gather_every(3), frame.gather_every(3, offset=1)
    several = min(some.height, others.height)
    again = others.head(several).with_columns(some.head(several).select(keys))
    return _silent(pl.concat([frame, again]), keys[0], 11)


def _silent(frame: pl.DataFrame, column: str, every: int) -> pl.DataFrame:
    """The records, every so many of which do not tell something."""
    return frame.with_columns(pl.when(pl.int_range(pl.len()) % every != 0).then(pl.col(column)).alias(column))


@pytest.mark.parametrize("asked", [further.ALL, further.ONLY_HAMPSHIRE], ids=lambda each: each.standard)
def test_records_that_contradict_each_other_settle_nothing_on_either_side(asked: further.Asked, tmp_path: Path) -> None:
    told, typed = tmp_path / "told", tmp_path / "typed"
    for folder in (told, typed):
        folder.mkdir()
    for path in area_folder(60, 2).glob("*.parquet"):
        frame, keys = pl.read_parquet(path), KEYS.get(path.stem)
        of_table = _contradicted(frame, keys) if keys else frame
        for column in {"format", "disclosure_reviewed"} & set(frame.columns):
            of_table = _silent(of_table, column, 3)
        of_table.write_parquet(told / path.name)
    repeating = write_typed(told, typed)
    assert any(repeating.values())
    # The SQL of the seven measures takes records as sound.
    only = replace(
        asked,
        measures=tuple(each for each in asked.measures if each not in measures.MEASURES),
        sql=tuple(each for each in asked.sql if each != "measures"),
    )
    every, one = further.periods_of(asked.standard).values()
    for periods in (every, one):
        ours, theirs = further.answers(only, typed, periods, repeating)
        assert_frame_equal(ours, theirs)
    ours, _ = further.answers(only, typed, every, repeating)
    assert ours["unknown"].sum() > 0


def test_pages_are_run_on_both_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "TIMES", 1)
    monkeypatch.setattr(pages, "PAGES", pages.PAGES[:1])
    monkeypatch.setattr(pages, "ISLAND_CASES", 60)
    monkeypatch.setattr(pages, "NATIONAL_YEARS", 2)
    monkeypatch.setenv(pages.SETTINGS_VARIABLE, "put back after the test")
    said = [Row.of(row) for row in pages.run(area_folder(60, 2))]
    assert [row.name for row in said[:2]] == ["Board: first", "Board: again"]
    assert all(row.ours and row.ours > 0 for row in said)
    assert [row.same_answers for row in said[:2]] == [True, True]


def test_a_page_that_draws_more_for_one_area_is_no_comparison(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(_: pages.Page, settings: Path) -> pages.Run:
        return pages.Run(2.0, 1.0, (3 if settings.name == "large" else 0, 1))

    monkeypatch.setattr(pages, "_run", run)
    monkeypatch.setattr(pages, "_stored", lambda _, folder: folder)
    monkeypatch.setattr(pages, "area_folder", lambda *_: tmp_path)
    assert not any(Row.of(row).same_answers for row in pages.run(tmp_path)[:2])


def test_a_bound_is_on_the_ratio_or_where_there_is_none_on_our_side() -> None:
    assert Row("a", 2.0, 1.0, 2.0, 2.0, True).kept is True
    assert Row("a", 2.0, 1.0, 2.0, 1.9, True).kept is False
    assert Row("a", 1.6, None, None, 1.5, None, "GiB").kept is False
    assert Row("a", 1.6, None, None, None, None).kept is None


def test_answers_that_differ_end_in_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    differs = Row("some checks", 1.0, 2.0, 0.5, 1.0, False)
    missed = Row("others", 3.0, 2.0, 1.5, 1.0, True)
    monkeypatch.setattr("tests.benchmarks.__main__._run_apart", lambda *_: [differs, missed])
    assert main([*SMALL, "--only", "checks"]) == 1
    printed = capsys.readouterr().out
    assert "Answers differ, so these figures mean nothing: some checks." in printed
    assert "Bounds missed on this machine in this run: 1 (others)." in printed
    monkeypatch.setattr("tests.benchmarks.__main__._run_apart", lambda *_: [missed])
    assert main([*SMALL, "--only", "checks"]) == 0
