"""What the page What if shows: what can be moved, and the figures of a period beside those that would follow. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from dashboard import reference, words
from kpis.results import HEADLINE
from kpis.what_if import Changes

MOVABLE = ("_weeks", "_months", "_working_days")
"""Parts of the names of figures that are a time allowed, in whole numbers."""

START = 90.0
"""Per cent at which a target begins to be moved where none is set."""

NOT_KNOWN = ("not supplied", "not in this standard")


@dataclass(frozen=True)
class Movable:
    """Something that can be moved: a figure of the standard, or the target of a measure (`is_target`, in per cent).

    `label` in words, without its value · `now` the value in force, None where none is set · `said` the value in words.
    """

    name: str
    label: str
    now: float | int | None
    said: str
    is_target: bool

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{'target' if self.is_target else 'figure'} {self.name}"


def movable(standard: Mapping[str, Any], measures: Mapping[str, Any], now: pl.DataFrame, on: date) -> list[Movable]:
    """The figures in force on a day that are one whole number of weeks, months or days, then the targets.

    `standard`, `measures` as stored with the snapshot · `now` the period's results.
    """
    found = []
    for name, figure in standard["figures"].items():
        value = reference.in_force(figure, on)
        if any(part in name for part in MOVABLE) and isinstance(value, int):
            said = reference.figure_in_words(name, value)
            found.append(Movable(name, reference.figure_sentence(figure["sentence"]), value, said, is_target=False))
    for row in now.filter(by=HEADLINE).iter_rows(named=True):
        if row["measure"] in measures and row["verdict"] not in NOT_KNOWN:
            target = row["target"]
            per_cent = None if target is None else float(Decimal(str(target)) * 100)
            said = reference.NONE_SET if target is None else words.target_percent(target)
            found.append(Movable(row["measure"], measures[row["measure"]]["title"], per_cent, said, is_target=True))
    return found


def changes(asked: Mapping[str, float | int], known: Mapping[str, Movable]) -> Changes:
    """What was moved: `asked` key of a `Movable` → value; what stands where it stood is no change."""
    moved = {known[key]: value for key, value in asked.items() if value != known[key].now}
    return Changes(
        figures={each.name: int(value) for each, value in moved.items() if not each.is_target},
        targets={each.name: Decimal(str(value)) / 100 for each, value in moved.items() if each.is_target},
    )


def in_words(made: Changes, known: Mapping[str, Movable]) -> list[str]:
    """Every change in a few words: Level 2 review every: 10 weeks instead of 12 weeks."""
    said = []
    for each in known.values():
        of = made.targets if each.is_target else made.figures
        if each.name in of:
            value = of[each.name]
            then = words.target_percent(float(value)) if each.is_target else reference.figure_in_words(each.name, value)
            before = "none" if each.now is None else each.said
            said.append(f"{'Target of ' if each.is_target else ''}{each.label}: {then} instead of {before}")
    return said


@dataclass(frozen=True)
class Beside:
    """One measure as it is and as it would be: rows of results."""

    title: str
    real: Mapping[str, Any]
    then: Mapping[str, Any]

    @property
    def verdict_changes(self) -> bool:
        """Whether the verdict would be another."""
        return self.real["verdict"] != self.then["verdict"]

    @property
    def changes(self) -> bool:
        """Whether anything would be otherwise."""
        return any(self.real[name] != self.then[name] for name in ("met", "owed", "unknown", "target", "verdict"))


def beside(real: pl.DataFrame, then: pl.DataFrame, measures: Mapping[str, Any]) -> list[Beside]:
    """The headlines of a period beside those that would follow, in the order of the measures; of what both hold."""
    rows = {row["measure"]: row for row in then.filter(by=HEADLINE).iter_rows(named=True)}
    return [
        Beside(measures[row["measure"]]["title"], row, rows[row["measure"]])
        for row in real.filter(by=HEADLINE).iter_rows(named=True)
        if row["measure"] in rows and row["measure"] in measures
    ]


def not_as_stored(real: pl.DataFrame, baseline: pl.DataFrame) -> list[str]:
    """The measures that, measured again with nothing moved, do not give what is stored: settings or product have changed since."""
    counts = ["measure", "by", "unit", "met", "owed", "unknown"]
    told = [frame.filter(by=HEADLINE).select(counts) for frame in (real, baseline)]
    stored, again = ({row[0]: row for row in frame.iter_rows()} for frame in told)
    return [name for name, row in stored.items() if again.get(name, row) != row]


def table(rows: list[Beside]) -> pl.DataFrame:
    """`Measure, As it is, Verdict, What if, Verdict then`: one row per measure, each rate with its numerator and denominator."""
    headings = ("Measure", "As it is", "Verdict", "What if", "Verdict then")
    told = [(each.title, _rate(each.real), _verdict(each.real), _rate(each.then), _verdict(each.then)) for each in rows]
    return pl.DataFrame(told, schema=dict.fromkeys(headings, pl.String), orient="row")


def _rate(row: Mapping[str, Any]) -> str:
    if row["owed"] is None:
        return words.DASH
    missing = f", {row['unknown']:,} missing" if row["unknown"] else ""
    return f"{words.rate_of(row)}{missing}"


def _verdict(row: Mapping[str, Any]) -> str:
    aim = "" if row["target"] is None or row["verdict"] in NOT_KNOWN else f" ({words.target_percent(row['target'])})"
    return f"{words.verdict(row['verdict'])}{aim}"


def summary(rows: list[Beside], period: str) -> str:
    """How much would be otherwise, in one sentence."""
    judged = [each for each in rows if each.real["verdict"] not in NOT_KNOWN]
    figures, verdicts = sum(each.changes for each in rows), sum(each.verdict_changes for each in rows)
    if not figures:
        return f"No figure and no verdict of {period} would be otherwise."
    return f"Of {len(judged):,} measures with a figure in {period}, {figures:,} would read otherwise; " + (
        f"{verdicts:,} would have another verdict." if verdicts else "no verdict would be another."
    )


def changed_in_words(each: Beside) -> str:
    """One measure that would read otherwise, in a sentence of plain text."""
    if not each.verdict_changes:
        return f"{each.title}: {_rate(each.then)} instead of {_rate(each.real)}; still {words.verdict(each.then['verdict'])}."
    return (
        f"{each.title}: {words.verdict(each.then['verdict'])} instead of {words.verdict(each.real['verdict'])}, "
        f"at {_rate(each.then)}."
    )
