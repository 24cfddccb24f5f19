"""The benchmarks run and both sides give the same answers, on a small area and without looking at a clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import pages, reading
from tests.benchmarks.__main__ import main
from tests.benchmarks.area import area_folder
from tests.benchmarks.row import Row

SMALL = ("--cases", "60", "--years", "2")


@pytest.mark.parametrize("part", ["checks", "measures", "refresh"])
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
    (row,) = map(Row.of, reading.compared(path, 1))
    assert row.same_answers
    assert row.ours


def test_pages_are_run_on_both_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "TIMES", 1)
    monkeypatch.setattr(pages, "PAGES", pages.PAGES[:1])
    monkeypatch.setattr(pages, "ISLAND_CASES", 60)
    monkeypatch.setattr(pages, "NATIONAL_YEARS", 2)
    monkeypatch.setenv(pages.SETTINGS_VARIABLE, "put back after the test")
    said = [Row.of(row) for row in pages.run(area_folder(60, 2))]
    assert [row.name for row in said[:2]] == ["Board: first", "Board: again"]
    assert all(row.ours and row.ours > 0 for row in said)


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
