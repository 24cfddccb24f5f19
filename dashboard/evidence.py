"""The rows beneath a figure: the evidence of one measure in one period, from the frames that the snapshot keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any

import polars as pl

from dashboard import frames
from dashboard.words import MET_WORDS
from kpis.evidence import EVIDENCE, in_text
from kpis.once import once
from kpis.periods import Period, days_of
from kpis.results import NAMELESS


def window_of(measure: Mapping[str, Any], period: Period, as_at: date) -> tuple[date, date]:
    """The days whose rows belong to a period; `measure` as the snapshot's definitions hold it."""
    return days_of(measure["window"], period, as_at)


def years_touched(first: date, last: date, periods: Sequence[Period]) -> list[Period]:
    """The reporting years that hold any of the days, in order."""
    return _touched("year", first, last, periods)


def _touched(kind: str, first: date, last: date, periods: Sequence[Period]) -> list[Period]:
    return sorted(each for each in periods if each.kind == kind and each.start <= last and each.end >= first)


@dataclass(frozen=True)
class Beneath:
    """What is asked for: one measure of a snapshot in one period.

    `words` of the measure, as the snapshot's definitions hold them · `periods` all that the snapshot has results of · `stored`
    the names of the frames that the snapshot has · `read` gives some of them, one after the other.
    """

    measure: str
    words: Mapping[str, Any]
    standard: str
    period: Period
    periods: Sequence[Period]
    as_at: date
    stored: Collection[str]
    read: Callable[[tuple[str, ...]], pl.DataFrame]

    @property
    def window(self) -> tuple[date, date]:
        """The days whose rows belong to the period."""
        return window_of(self.words, self.period, self.as_at)

    def rows(self) -> pl.DataFrame:
        """The rows of evidence of the period (columns: `kpis.evidence.EVIDENCE`), text of a few different words as `IN_WORDS`."""
        first, last = self.window
        held = self._stored(first, last)
        if not held:
            return pl.DataFrame(schema=EVIDENCE)
        rows = self.read(tuple(held.values()))
        if all(first <= period.start and period.end <= last for period in held):
            return rows
        return rows.filter(pl.col("owed_on").is_between(first, last))

    def around(self) -> pl.DataFrame:
        """The rows of all the reporting years that the period's days touch, every Enum as text."""
        years = years_touched(*self.window, self.periods)
        held = self._stored(years[0].start, years[-1].end) if years else {}
        return in_text(self.read(tuple(held.values()))) if held else pl.DataFrame(schema=EVIDENCE)

    def _stored(self, first: date, last: date) -> dict[Period, str]:
        """What holds any of the days: a frame for each year, or for each quarter where a year's rows are kept by quarter."""
        held = {}
        for year in years_touched(first, last, self.periods):
            quarters = _touched("quarter", max(first, year.start), min(last, year.end), self.periods)
            of_year = frames.evidence(self.standard, self.measure, year.name)
            for each in [year] if of_year in self.stored else quarters:
                name = frames.evidence(self.standard, self.measure, each.name)
                if name in self.stored:
                    held[each] = name
        return held


def nameless() -> pl.Expr:
    """The rows of evidence of which it is known whether they are met, and not whose they are."""
    return pl.col("met").is_not_null() & pl.col("missing_field").is_not_null()


def deciding(rows: pl.DataFrame, units: pl.DataFrame | None, *, by_case: bool) -> pl.Series:
    """The places in `rows`, from 0, of those that could change the verdict: what is missing, and decides.

    `units`: one row per unit of the period's results (`unit, verdict`), where the target is for each unit; None where it is
    for all together. `by_case`: an unknown row of a case that has missed something anyway changes nothing.
    """
    places = pl.int_range(pl.len(), dtype=pl.UInt32).alias(_PLACE)
    missing = pl.col("met").is_null()
    if units is not None:
        missing |= nameless()
    unknown = rows.lazy().select(places, "met", "unit", "case_id", "missing_field").filter(missing).collect()
    if units is not None:
        open_units = units.filter(verdict="depends on missing records")["unit"]
        of_open_unit = pl.col("unit").cast(pl.String).is_in(open_units.implode(), nulls_equal=True)
        # What nobody knows whose it is may be that of a unit which the target still asks it of.
        short = units.filter(~pl.col("unit").is_in(NAMELESS) & ~pl.col("verdict").is_in(["met", "nothing due"])).height
        unknown = unknown.filter(of_open_unit & ~pl.col("met").fill_null(value=False) | nameless() & pl.lit(short > 0))
    if by_case and unknown.height:  # a country's cases are many to go through for nothing
        missed = rows.lazy().filter(~pl.col("met")).select("case_id").collect()
        unknown = unknown.join(missed, on="case_id", how="anti", nulls_equal=True, maintain_order="left")
    return unknown[_PLACE]


@dataclass(frozen=True)
class Alike:
    """Some of the rows of evidence, those that are `marked`, by their days; put in order only when they are looked at."""

    owed_on: pl.Series
    marked: pl.Series

    @cached_property
    def height(self) -> int:
        """How many there are."""
        return int(self.marked.sum() or 0)

    @once
    def places(self) -> pl.Series:
        """Their places, from 0, in order; of one day by their places."""
        there = self.marked.arg_true().cast(pl.Int64)
        # Day and place in one number: numbers are sorted in a fraction of the time that rows are.
        numbers = self.owed_on.to_physical().gather(there).cast(pl.Int64) * _PLACES + there
        return (numbers.sort() % _PLACES).cast(pl.UInt32)


@dataclass(frozen=True)
class Listed:
    """Rows of evidence in an order: `rows` as they were stored, and the kinds of them that are listed, one after the other.

    A screen shows a hundred of what may be hundreds of thousands: only the rows that are looked at are brought together.
    """

    rows: pl.DataFrame
    kinds: tuple[Alike, ...]

    @cached_property
    def height(self) -> int:
        """How many rows are listed."""
        return sum(each.height for each in self.kinds)

    def part(self, first: int = 0, many: int | None = None) -> pl.DataFrame:
        """So many of the rows from this place on, from 0; all of them unless said otherwise. Every Enum as text."""
        left = self.height if many is None else many
        found = [pl.Series(dtype=pl.UInt32)]
        for each in self.kinds:
            if first < each.height and left > 0:
                found.append(each.places.slice(first, left))
                left -= found[-1].len()
            first = max(0, first - each.height)
        return in_text(self.rows[pl.concat(found)])

    def telling(self) -> list[str]:
        """The columns that say something in any row that is listed, in their order; all where no row is."""
        everywhere = {name: self.rows[name].null_count() for name in self.rows.columns}
        if not self.height or self.height == self.rows.height:
            return [name for name, nulls in everywhere.items() if not self.height or nulls < self.height]
        listed = reduce(or_, (each.marked for each in self.kinds))
        return [
            name
            for name, nulls in everywhere.items()
            if not nulls or (nulls < self.rows.height and (self.rows[name].is_not_null() & listed).any())
        ]


@dataclass(frozen=True)
class InOrder:
    """The rows beneath a figure in the order to work through: missing, not met, met; of each first what could change the verdict.

    `every`: all of them · `decisive`: those alone that could · `missing`, `not_met`, `met`: those of a kind.
    """

    every: Listed
    decisive: Listed
    missing: Listed
    not_met: Listed
    met: Listed


_PLACE = "_place"


def most_telling_first(rows: pl.DataFrame, units: pl.DataFrame | None, *, by_case: bool) -> InOrder:
    """The rows in the order to work through, those of a kind by their day; further arguments as `deciding` takes them.

    Each row must have its day, `owed_on`.
    """
    places = deciding(rows, units, by_case=by_case)
    met, owed_on = rows["met"], rows["owed_on"]
    kinds = met.is_null(), (~met).fill_null(value=False), met.fill_null(value=False)
    decides = pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True).scatter(places, values=True)
    parted = [(Alike(owed_on, kind & decides), Alike(owed_on, kind & ~decides)) for kind in kinds]
    missing, not_met, done = (Listed(rows, each) for each in parted)
    every = Listed(rows, tuple(some for each in parted for some in each))
    return InOrder(every, Listed(rows, tuple(first for first, _ in parted)), missing, not_met, done)


_PLACES = 1 << 32
"""More than a frame has rows."""


_HEADINGS = {
    "case_id": "Case",
    "meeting_id": "Meeting",
    "level": "Level",
    "category": "Category",
    "lead_agency": "Lead agency",
    "owed_on": "Due or held on",
    "done_on": "Done on",
    "met": "Met?",
    "why": "Why",
    "missing_field": "Missing field",
    "table": "Table",
    "_file": "File",
    "_sheet": "Sheet",
    "_row": "Row",
}


def for_people(rows: pl.DataFrame, unit: str | None, telling: Sequence[str] | None = None) -> pl.DataFrame:
    """Evidence under headings for people, `met` in words if it is there.

    `telling`: the columns that are shown; unless they are said, those that say something in any of these rows.
    """
    told = rows
    if "met" in rows.columns:
        words = pl.col("met").replace_strict(MET_WORDS, return_dtype=pl.String)
        told = rows.with_columns((words if rows.height else pl.col("met").cast(pl.String)).alias("met"))
    headings = {**_HEADINGS, "unit": (unit or "unit").capitalize()}
    order = ["met", "case_id", "meeting_id", "unit", "owed_on", "done_on", "why", "missing_field"]
    order += ["level", "category", "lead_agency", "table", "_file", "_sheet", "_row"]
    there = [name for name in order if name in told.columns]
    if telling is None:
        kept = [name for name in there if told.height == 0 or told[name].null_count() < told.height]
    else:
        kept = [name for name in there if name == "met" or name in telling]  # what is not known is said, too
    return told.select(pl.col(name).alias(headings[name]) for name in kept)
