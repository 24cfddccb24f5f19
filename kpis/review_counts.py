"""The reviews owed at each level, counted as they are worked out: without a row of evidence each (domain 4.1).

The same as counting the rows of `kpis.review_clock.review_evidence`, for a small part of the time: the runs of the clock stand in
the order of cases and days, and so do due days, so that a case is counted where its first one in a quarter or a year stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from threading import RLock
from typing import Any

import numpy as np
import polars as pl

from checks.codes import LEVELS
from checks.standard import Standard
from kpis.area import Area
from kpis.periods import quarter_number
from kpis.review_clock import Interval, owed_at, review_intervals
from kpis.review_runs import DAY_BITS, GOES_ON, KIND_BITS, NO_DAY, OF_LINE, REVIEW, day_number, happenings, span_of

Counted = tuple[np.ndarray, np.ndarray]
"""The reviews owed and those of them missed, counted (`_Quarters.counted`)."""


class ReviewCounts:
    """The reviews of an area, counted once for the days that are asked about, at all levels together."""

    def __init__(self, area: Area) -> None:
        self._area = area
        self._counted: dict[tuple[date, date], dict[str, Counted]] = {}
        self._at_work = RLock()

    def at(self, level: str, first_day: date, last_day: date) -> pl.DataFrame:
        """The reviews owed at a level between two days: one row per quarter of the reporting year (its number).

        `reviews_met`, `reviews_owed` · `cases_owed` cases with a review due in the quarter, `cases_met` those of them with every
        one met · `year_cases_owed`, `year_cases_met` the same for whole years: their sums over the quarters of a year.
        """
        area, asked = self._area, (first_day, last_day)
        quarters = _Quarters.between(area.standard, first_day, last_day)
        intervals = {each: review_intervals(area, each) for each in LEVELS}
        throughout = {each: some[0] for each, some in intervals.items() if len(some) == 1 and some[0].begins is None}
        if level in throughout:
            with self._at_work:
                if asked not in self._counted:
                    self._counted[asked] = _of_happenings(area, throughout, quarters)
            owed, missed = self._counted[asked][level]
        else:
            owed, missed = _of_reviews(owed_at(area, level), quarters)
        told = {"quarter": quarters.numbers}
        for place, name in enumerate(("reviews", "cases", "year_cases")):
            told[f"{name}_owed"], told[f"{name}_met"] = owed[place], owed[place] - missed[place]
        return pl.DataFrame(told).filter(pl.col("reviews_owed") > 0)


@dataclass(frozen=True)
class _Quarters:
    """The quarters asked about.

    `numbers` of them, in order · `of_day` the place of each day's quarter from the `first` day on, counted from 4 so that
    those of a year share a multiple of 4; 0 before that day and after the last.
    """

    numbers: np.ndarray
    of_day: np.ndarray
    first: int

    @classmethod
    def between(cls, standard: Standard, first_day: date, last_day: date) -> _Quarters:
        """Those that hold any of the days."""
        days = pl.DataFrame({"day": pl.date_range(first_day, last_day, eager=True)})
        number = days.select(quarter_number(standard, pl.col("day")).cast(pl.Int64)).to_series().to_numpy()
        before = number[0] // 4 * 4 - 4
        of_day = np.concatenate([[0], number - before, [0]]).astype(np.int16)
        return cls(np.arange(of_day.max() + 1, dtype=np.int32) + np.int32(before), of_day, day_number(first_day))

    @property
    def last(self) -> int:
        """The last day asked about."""
        return self.first + len(self.of_day) - 3

    def of(self, day: np.ndarray) -> np.ndarray:
        """The place of the quarter of each day."""
        return self.of_day.take(day - (self.first - 1), mode="clip")

    def counted(self, quarter: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Due days counted, by the quarter of each and that of the same case's one before it: one column per quarter.

        The rows: due days, cases with one in the quarter, cases whose first one of the year is in it.
        """
        steps = quarter * 4
        steps += quarter != before
        steps += quarter >> 2 != before >> 2
        often = np.bincount(steps, minlength=4 * len(self.numbers)).reshape(-1, 4)
        often[0] = 0
        return np.stack([often.sum(axis=1), often[:, 1] + often[:, 2], often[:, 2]])


def _of_reviews(owed: pl.DataFrame, quarters: _Quarters) -> Counted:
    """The reviews owed, whatever made them due."""
    due = pl.col("owed_on").to_physical().cast(pl.Int64) + day_number(date(1970, 1, 1))
    packed = owed.select(_packed(pl.col("case").cast(pl.Int64), due, ~pl.col("met"))).to_series().to_numpy()
    return _in_order(np.sort(packed), quarters)


def _packed(case: Any, due: Any, missed: Any) -> Any:
    """A review owed as one number, in the order of cases and due days."""
    return (case * (1 << DAY_BITS) + due) * 2 + missed


def _in_order(packed: np.ndarray, quarters: _Quarters) -> Counted:
    """The reviews owed (`_packed`), in order and all those of a case together."""
    case, quarter = packed >> DAY_BITS + 1, quarters.of((packed >> 1 & NO_DAY).astype(np.int32))
    late = np.flatnonzero(packed & 1)
    return _by_case(case, quarter, quarters), _by_case(case[late], quarter[late], quarters)


def _by_case(case: np.ndarray, quarter: np.ndarray, quarters: _Quarters) -> np.ndarray:
    before = np.zeros_like(quarter)
    before[1:] = quarter[:-1] * (case[1:] == case[:-1])
    return quarters.counted(quarter, before)


def _of_happenings(area: Area, intervals: Mapping[str, Interval], quarters: _Quarters) -> dict[str, Counted]:
    """The reviews owed at these levels, each under one interval throughout; from what happened straight to the counts."""
    last_day = day_number(area.as_at)

    def of_share(event: np.ndarray, after: np.ndarray) -> dict[str, Counted]:
        counted = {}
        for level, interval in intervals.items():
            there = slice(*event.searchsorted(span_of(level)))
            some = [_of_runs(*each, interval, last_day, quarters) for each in _some(event[there], after[there])]
            counted[level] = _added(some, quarters)
        return counted

    of_shares = happenings(area).by_share(of_share)
    return {level: _added([each[level] for each in of_shares], quarters) for level in intervals}


def _added(counted: list[Counted], quarters: _Quarters) -> Counted:
    nothing = np.zeros((3, len(quarters.numbers)), dtype=np.int64)
    return sum((each for each, _ in counted), nothing), sum((each for _, each in counted), nothing)


def _of_runs(event: np.ndarray, after: np.ndarray, interval: Interval, last_day: int, quarters: _Quarters) -> Counted:
    """The reviews owed in some runs of a clock, in order: what started each, and what ended it."""
    moment = event >> KIND_BITS
    ran, day = ((after >> KIND_BITS) - moment).astype(np.int32), moment & NO_DAY
    # Every due day before the end of a run was missed. One that a review ended by then met the one it owed.
    missed = (ran - 1) // np.int32(interval.days)
    met = (after & GOES_ON == REVIEW) & (missed <= 0) & (day <= last_day - interval.days)
    owes = np.flatnonzero((missed > 0) | met)
    missed = missed[owes]
    first = _packed(event[owes] >> OF_LINE, day[owes] + interval.days, missed > 0)
    several = np.flatnonzero(missed > 1)
    further = missed[several] - 1
    nth = np.arange(1, further.sum() + 1) - np.repeat(further.cumsum() - further, further)
    every = np.concatenate([first, np.repeat(first[several], further) + _packed(0, nth * interval.days, 0)])
    every.sort()
    return _in_order(every, quarters)


def _some(event: np.ndarray, after: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The runs, some at a time, none of a case at a level apart."""
    if not len(event):
        return
    several = event[_AT_ONCE::_AT_ONCE] >> OF_LINE << OF_LINE
    cuts = np.unique(event.searchsorted(several))
    yield from zip(np.split(event, cuts), np.split(after, cuts), strict=True)


_AT_ONCE = 1 << 18
"""So many runs that what is worked out of them stays near the core, and still so many that cores seldom wait for each other."""
