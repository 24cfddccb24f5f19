"""The rows beneath a figure: the evidence of one measure in one period, from the frames that the snapshot keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dashboard import frames
from dashboard.words import MET_WORDS
from kpis.evidence import EVIDENCE, in_text
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

    `words` of the measure, as the snapshot's definitions hold them · `periods` all that the snapshot has results of · `read`
    gives a stored frame by its name, or None where the snapshot has none.
    """

    measure: str
    words: Mapping[str, Any]
    standard: str
    period: Period
    periods: Sequence[Period]
    as_at: date
    read: Callable[[str], pl.DataFrame | None]

    @property
    def window(self) -> tuple[date, date]:
        """The days whose rows belong to the period."""
        return window_of(self.words, self.period, self.as_at)

    def rows(self) -> pl.DataFrame:
        """The rows of evidence of the period (columns: `kpis.evidence.EVIDENCE`), text of a few different words as `IN_WORDS`."""
        first, last = self.window
        found = []
        for period, rows in self._stored(first, last):
            whole = first <= period.start and period.end <= last
            found.append(rows if whole else rows.filter(pl.col("owed_on").is_between(first, last)))
        return pl.concat(found) if found else pl.DataFrame(schema=EVIDENCE)

    def around(self) -> pl.DataFrame:
        """The rows of all the reporting years that the period's days touch, every Enum as text."""
        years = years_touched(*self.window, self.periods)
        parts = self._stored(years[0].start, years[-1].end) if years else ()
        found = [in_text(rows) for _, rows in parts]
        return pl.concat(found) if found else pl.DataFrame(schema=EVIDENCE)

    def _stored(self, first: date, last: date) -> Iterator[tuple[Period, pl.DataFrame]]:
        """What holds any of the days: a frame for each year, or for each quarter where a year's rows are kept by quarter."""
        for year in years_touched(first, last, self.periods):
            rows = self._of(year)
            if rows is not None:
                yield year, rows
                continue
            for quarter in _touched("quarter", max(first, year.start), min(last, year.end), self.periods):
                rows = self._of(quarter)
                if rows is not None:
                    yield quarter, rows

    def _of(self, period: Period) -> pl.DataFrame | None:
        return self.read(frames.evidence(self.standard, self.measure, period.name))


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
class Listed:
    """Rows of evidence in an order: `rows` as they were stored, `order` the places in them, from 0, of those that are listed.

    A screen shows a hundred of what may be hundreds of thousands: only the rows that are looked at are brought together.
    """

    rows: pl.DataFrame
    order: pl.Series

    @property
    def height(self) -> int:
        """How many rows are listed."""
        return self.order.len()

    def part(self, first: int = 0, many: int | None = None) -> pl.DataFrame:
        """So many of the rows from this place on, from 0; all of them unless said otherwise. Every Enum as text."""
        return in_text(self.rows[self.order.slice(first, many)])

    def telling(self) -> list[str]:
        """The columns that say something in any row that is listed, in their order; all where no row is."""
        everywhere = {name: self.rows[name].null_count() for name in self.rows.columns}
        if not self.height or self.height == self.rows.height:
            return [name for name, nulls in everywhere.items() if not self.height or nulls < self.height]
        return [
            name
            for name, nulls in everywhere.items()
            if not nulls or (nulls < self.rows.height and self.rows[name].is_not_null().gather(self.order).any())
        ]


@dataclass(frozen=True)
class InOrder:
    """The rows beneath a figure in the order to work through: missing, not met, met; of each first what could change the verdict.

    `decisive`: those alone that could · `missing`, `not_met`, `met`: how many there are of each.
    """

    every: Listed
    decisive: Listed
    missing: int
    not_met: int
    met: int

    def kind(self, name: str) -> Listed:
        """The rows of one of the kinds that are counted, in the same order."""
        first = {"missing": 0, "not_met": self.missing, "met": self.missing + self.not_met}[name]
        return Listed(self.every.rows, self.every.order.slice(first, getattr(self, name)))


_PLACE = "_place"


def most_telling_first(rows: pl.DataFrame, units: pl.DataFrame | None, *, by_case: bool) -> InOrder:
    """The rows in the order to work through, those of a kind by their day; further arguments as `deciding` takes them.

    Each row must have its day, `owed_on`.
    """
    decisive = deciding(rows, units, by_case=by_case)
    met = rows["met"]
    # Kind, day and place in one number: numbers are sorted in a fraction of the time that rows are.
    kinds = rows.select(pl.when(met.is_null()).then(1).when(~met).then(3).otherwise(5).cast(pl.Int64)).to_series()
    kinds = kinds.scatter(decisive, kinds.gather(decisive) - 1) if decisive.len() else kinds
    numbers = rows.select(
        kinds * _DAYS * _PLACES + pl.col("owed_on").to_physical() * _PLACES + pl.int_range(pl.len(), dtype=pl.Int64)
    ).to_series()
    every, could_change = (
        Listed(rows, (each.sort() % _PLACES).cast(pl.UInt32)) for each in (numbers, numbers.gather(decisive))
    )
    done, missing = int(met.sum() or 0), met.null_count()
    return InOrder(every, could_change, missing, rows.height - missing - done, done)


_DAYS, _PLACES = 1 << 24, 1 << 32
"""More than there are days in any date, and than a frame has rows."""


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
