"""No filter of the lay readers' pages gives a hidden count away: who adds and subtracts all that is shown finds none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard import frames
from dashboard.lay_room import differences, for_lay_readers, of_declared
from dashboard.refresh import open_store
from dashboard.settings import load_settings
from kpis.results import RESULTS
from kpis.suppression import SUPPRESSED

BELOW = 5
PARTS = ("met", "missed", "unknown")
UNITS, LEVELS = ("housing", "police", "prison", "probation"), ("2", "3")
NAMES = {"one": "2023-Q4", "two": "2023-24-Q3"}
"""Two standards whose reporting years differ; the second leaves a category out."""

Case = tuple[str, str, str, bool]
"""What was owed of a case: unit, level, which of the `PARTS` it is, whether the second standard counts it."""

Key = tuple[str, str, str | None, str]
"""Standard, by, unit, part (or owed)."""


def some_cases(seed: int) -> list[Case]:
    chance = random.Random(seed)
    many = chance.choice((12, 40, 90))
    weights = chance.choice(((8, 2, 0), (5, 3, 2), (9, 0, 1)))
    return [
        (
            chance.choices(UNITS, (1, 6, 2, 4))[0],
            chance.choices(LEVELS, (5, 1))[0],
            chance.choices(PARTS, weights)[0],
            chance.random() > chance.choice((0.0, 0.06, 0.3)),
        )
        for _ in range(many)
    ]


def counted(cases: list[Case], measure: str, period: str) -> pl.DataFrame:
    """The results of these cases, all together, by unit and by level."""
    rows = []
    keys = [("all", None), *(("unit", each) for each in UNITS), *(("level", each) for each in LEVELS)]
    for by, unit in keys:
        of_it = [case[2] for case in cases if unit is None or unit in case[:2]]
        if unit is not None and not of_it:
            continue
        met, unknown, owed = of_it.count("met"), of_it.count("unknown"), len(of_it)
        rate = met / owed if owed else None
        best = (met + unknown) / owed if owed else None
        bounds = (rate, rate, best, rate, best)
        days = (date(2023, 10, 1), date(2023, 12, 31))
        rows.append((measure, period, "quarter", *days, by, unit, met, owed, unknown, *bounds, None, "no target"))
    return pl.DataFrame(rows, schema=RESULTS, orient="row")


def two_standards(cases: list[Case], measures: tuple[str, ...] = ("m",)) -> dict[str, pl.DataFrame]:
    return {
        name: pl.concat(
            [
                counted([case for case in cases if name == "one" or case[3]], measure, NAMES[name])
                for measure in measures
            ]
        )
        for name in NAMES
    }


class Attacker:
    """Knows all that is shown, that rows add up, that the second standard counts no more than the first, c is not nought."""

    def __init__(self, shown: dict[str, pl.DataFrame]) -> None:
        self.low: dict[Key, int] = {}
        self.high: dict[Key, int] = {}
        self.hidden: set[Key] = set()
        for standard, frame in shown.items():
            for row in frame.iter_rows(named=True):
                self._see(standard, row)
        self.sums = list(self._adding_up())
        for key in [each for each in self.low if each[0] == "two"]:
            # Of each count the second standard has a part of the first's; the rest has a name of its own.
            first, rest = ("one", *key[1:]), ("between", *key[1:])
            self.low[rest], self.high[rest] = 0, 10_000
            self.sums.append((first, [key, rest]))
        while self._sharper():
            pass

    def _see(self, standard: str, row: dict[str, Any]) -> None:
        place = (standard, str(row["by"]), row["unit"])
        for part in ("owed", *PARTS):
            key = (*place, part)
            value = row.get(part)
            if part == "missed" and row["owed"] is not None and row["met"] is not None and row["unknown"] is not None:
                value = row["owed"] - row["met"] - row["unknown"]
            if isinstance(value, int):
                self.low[key] = self.high[key] = value
            else:
                self.low[key], self.high[key] = int(part == "owed"), 10_000
                self.hidden.add(key)

    def _adding_up(self) -> Iterator[tuple[Key, list[Key]]]:
        for standard, by, unit, part in list(self.low):
            if part == "owed":
                yield (standard, by, unit, part), [(standard, by, unit, each) for each in PARTS]
            if by == "all":
                for other in ("unit", "level"):
                    yield (
                        (standard, by, unit, part),
                        [each for each in self.low if (each[0], each[1], each[3]) == (standard, other, part)],
                    )

    def _sharper(self) -> bool:
        """Draw every bound as tight as one sum alone can; whether any moved."""
        before = dict(self.low), dict(self.high)
        for whole, parts in self.sums:
            self.low[whole] = max(self.low[whole], sum(self.low[each] for each in parts))
            self.high[whole] = min(self.high[whole], sum(self.high[each] for each in parts))
            for part in parts:
                others = [each for each in parts if each != part]
                self.high[part] = min(self.high[part], self.high[whole] - sum(self.low[each] for each in others))
                self.low[part] = max(self.low[part], self.low[whole] - sum(self.high[each] for each in others))
        assert all(self.low[key] <= self.high[key] for key in self.low), "what is shown contradicts itself"
        return before != (self.low, self.high)

    def knows(self, key: Key) -> bool:
        return self.low[key] == self.high[key]


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_count_can_be_worked_out_within_or_between_standards(seed: int) -> None:
    attacker = Attacker(for_lay_readers(two_standards(some_cases(seed)), (), BELOW))
    small = {key for key in attacker.low if attacker.knows(key) and 0 < attacker.low[key] < BELOW}
    assert small == set(), "small counts that follow from what is shown"


def test_the_attacker_would_find_what_is_not_protected() -> None:
    """The property above is worth nothing with an attacker who finds nothing."""
    cases: list[Case] = [("police", "2", "met", n >= 3) for n in range(40)] + [("prison", "2", "met", True)] * 20
    shown = {
        name: frame.with_columns(pl.lit([], dtype=pl.List(pl.String)).alias(SUPPRESSED))
        for name, frame in two_standards(cases).items()
    }
    attacker = Attacker(shown)
    assert attacker.knows(("between", "all", None, "met"))
    assert attacker.low["between", "all", None, "met"] == 3
    protected = Attacker(for_lay_readers(two_standards(cases), (), BELOW))
    assert not protected.knows(("between", "all", None, "met"))


def test_what_two_standards_differ_in_by_a_few_is_hidden_under_the_later_one() -> None:
    cases: list[Case] = [("police", "2", "met", n >= 3) for n in range(40)]
    shown = for_lay_readers(two_standards(cases), (), BELOW)
    assert shown["one"]["owed"].to_list() == [40, 40, 40]
    assert shown["two"].filter(by="all")["owed"].to_list() == [None]
    assert shown["two"].filter(by="all")["rate"].to_list() == [None]
    # A larger difference tells nobody.
    many: list[Case] = [("police", "2", "met", n >= 9) for n in range(40)]
    assert for_lay_readers(two_standards(many), (), BELOW)["two"]["owed"].to_list() == [31, 31, 31]


def test_standards_that_count_otherwise_have_no_differences() -> None:
    one, two = (
        counted([("police", "2", "met", True)] * 9, "m", "a"),
        counted([("police", "2", "missed", True)] * 8, "m", "b"),
    )
    assert differences(one, two).is_empty()


def test_measures_that_count_the_same_things_hide_the_same_denominators() -> None:
    """Where one measure hides a unit to keep another one's count, the next must not show it."""
    by_unit = {"housing": (2, 0), "police": (12, 0), "prison": (9, 9), "probation": (30, 0)}
    first: list[Case] = [(unit, "2", "met", True) for unit, (many, _) in by_unit.items() for _ in range(many)]
    second = [
        (unit, level, "met" if place < by_unit[unit][1] else "missed", kept)
        for place, (unit, level, _, kept) in enumerate(first)
    ]
    frames = {"one": pl.concat([counted(first, "m", "q"), counted(second, "n", "q")])}
    shown = for_lay_readers(frames, (), BELOW)["one"].filter(by="unit")
    hidden = {measure: set(shown.filter(pl.col("owed").is_null(), measure=measure)["unit"]) for measure in ("m", "n")}
    assert hidden["m"] == hidden["n"]
    assert "housing" in hidden["m"]
    assert len(hidden["m"]) >= 2


def test_one_below_hides_nothing_and_measures_of_no_case_are_shown() -> None:
    frames = two_standards([("police", "2", "met", True)] * 3)
    assert for_lay_readers(frames, (), 1)["one"]["owed"].to_list() == [3, 3, 3]
    assert for_lay_readers(frames, (), BELOW)["one"]["owed"].to_list() == [None] * 3
    assert for_lay_readers(frames, (), BELOW, ["m"])["one"]["owed"].to_list() == [3, 3, 3]


def test_a_refresh_keeps_results_as_pages_read_them_and_what_lay_readers_see(sample_settings: Path) -> None:
    settings = load_settings(sample_settings)
    with open_store(settings, read_only=True) as store:
        snapshot = store.newest()
        assert snapshot is not None
        standards = [each.name for each in snapshot.standards]
        every = {name: store.results(snapshot.id, standard=name) for name in standards}
        made = of_declared(every, store.definitions(snapshot.id)["measures"], settings.suppress_below)
        for name in standards:
            assert_frame_equal(store.frame(snapshot.id, frames.results(name)), every[name])
            kept = store.frame(snapshot.id, frames.small_counts_hidden(name, settings.suppress_below))
            assert_frame_equal(kept, made[name])
            assert kept[SUPPRESSED].list.len().sum() > 0
