"""The rows beneath a figure: the evidence of one measure in one period, from the frames that the snapshot keeps by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dashboard import frames
from dashboard.words import MET_WORDS
from kpis.evidence import EVIDENCE, in_text
from kpis.periods import Period, days_of

DECISIVE = "decisive"
"""Whether the verdict hangs on the row: it is unknown, and so is whether its unit reaches the target."""


def window_of(measure: Mapping[str, Any], period: Period, as_at: date) -> tuple[date, date]:
    """The days whose rows belong to a period; `measure` as the snapshot's definitions hold it."""
    return days_of(measure["window"], period, as_at)


def years_touched(first: date, last: date, periods: Sequence[Period]) -> list[Period]:
    """The reporting years that hold any of the days, in order."""
    years = (each for each in periods if each.kind == "year" and each.start <= last and each.end >= first)
    return sorted(years)


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
        """The rows of evidence of the period (columns: `kpis.evidence.EVIDENCE`)."""
        return self._put_together(pl.col("owed_on").is_between(*self.window))

    def around(self) -> pl.DataFrame:
        """The same, with the rows of all the reporting years that the period's days touch."""
        return self._put_together(pl.lit(value=True))

    def _put_together(self, wanted: pl.Expr) -> pl.DataFrame:
        years = years_touched(*self.window, self.periods)
        stored = (self.read(frames.evidence(self.standard, self.measure, year.name)) for year in years)
        found = [in_text(rows.filter(wanted)) for rows in stored if rows is not None]
        return pl.concat(found) if found else pl.DataFrame(schema=EVIDENCE)


def most_telling_first(rows: pl.DataFrame, open_units: Sequence[str | None] | None, *, by_case: bool) -> pl.DataFrame:
    """The rows in the order to work through, with `decisive`: what could change the verdict, then missing, not met, met.

    `open_units`: the units whose own verdict depends on missing records, where the target is for each unit; None where it is
    for all together. `by_case`: an unknown row of a case that has missed something anyway changes nothing.
    """
    unknown = pl.col("met").is_null()
    decisive = unknown
    if open_units is not None:
        decisive = unknown & pl.col("unit").is_in(list(open_units), nulls_equal=True)
    if by_case and rows["met"].null_count():  # a country's cases are many to go through for nothing
        decisive = decisive & ~(~pl.col("met")).any().over("case_id")
    order = pl.when(unknown).then(0).when(~pl.col("met")).then(1).otherwise(2)
    marked = rows.with_columns(decisive.fill_null(value=False).alias(DECISIVE), _order=order)
    return marked.sort(~pl.col(DECISIVE), "_order", "owed_on", maintain_order=True).drop("_order")


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


def for_people(rows: pl.DataFrame, unit: str | None) -> pl.DataFrame:
    """Evidence under headings for people, `met` in words if it is there; columns that say nothing in any row are left out."""
    told = rows
    if "met" in rows.columns:
        words = pl.col("met").replace_strict(MET_WORDS, return_dtype=pl.String)
        told = rows.with_columns((words if rows.height else pl.col("met").cast(pl.String)).alias("met"))
    headings = {**_HEADINGS, "unit": (unit or "unit").capitalize()}
    order = ["met", "case_id", "meeting_id", "unit", "owed_on", "done_on", "why", "missing_field"]
    order += ["level", "category", "lead_agency", "table", "_file", "_sheet", "_row"]
    there = [name for name in order if name in told.columns]
    kept = [name for name in there if told.height == 0 or told[name].null_count() < told.height]
    return told.select(pl.col(name).alias(headings[name]) for name in kept)
