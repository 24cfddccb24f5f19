"""The reviews owed at a level, counted as they are worked out: without a row of evidence each (domain 4.1).

The same as counting the rows of `kpis.review_clock.review_evidence`, for a small part of the time: the runs of the clock stand in
the order of cases and days, and so do due days, so that a case is counted where its first one in a quarter or a year stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from checks.standard import Standard
from kpis.area import Area
from kpis.periods import quarter_number
from kpis.review_clock import (
    DAY_BITS,
    GOES_ON,
    KIND_BITS,
    LANE_BITS,
    NO_DAY,
    REVIEW,
    Interval,
    day_number,
    owed_at,
    review_intervals,
    runs_at,
)


def review_counts(area: Area, level: str, first_day: date, last_day: date) -> pl.DataFrame:
    """The reviews owed at a level between two days, counted: one row per quarter of the reporting year (its number).

    `reviews_met`, `reviews_owed` · `cases_owed` cases with a review due in the quarter, `cases_met` those of them with every
    one met · `year_cases_owed`, `year_cases_met` the same for whole years: their sums over the quarters of a year.
    """
    quarters = _Quarters.between(area.standard, first_day, last_day)
    intervals = review_intervals(area, level)
    runs = runs_at(area, level)
    if len(intervals) == 1 and intervals[0].begins is None:
        owed, missed = _of_runs(runs, intervals[0], area.as_at, quarters)
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


def _of_reviews(owed: pl.DataFrame, quarters: _Quarters) -> tuple[np.ndarray, np.ndarray]:
    """The reviews owed and those of them missed, counted (`_Quarters.counted`), whatever made them due."""
    due = pl.col("owed_on").to_physical().cast(pl.Int64) + day_number(date(1970, 1, 1))
    packed = owed.select(_packed(pl.col("case").cast(pl.Int64), due, ~pl.col("met"))).to_series().to_numpy()
    return _in_order(np.sort(packed), quarters)


def _packed(case: Any, due: Any, missed: Any) -> Any:
    """A review owed as one number, in the order of cases and due days."""
    return (case * (1 << DAY_BITS) + due) * 2 + missed


def _in_order(packed: np.ndarray, quarters: _Quarters) -> tuple[np.ndarray, np.ndarray]:
    """Reviews owed (`_packed`), in order and all those of a case together, counted: all of them, and those missed."""
    case, quarter = packed >> DAY_BITS + 1, quarters.of((packed >> 1 & NO_DAY).astype(np.int32))
    late = np.flatnonzero(packed & 1)
    return _by_case(case, quarter, quarters), _by_case(case[late], quarter[late], quarters)


def _by_case(case: np.ndarray, quarter: np.ndarray, quarters: _Quarters) -> np.ndarray:
    before = np.zeros_like(quarter)
    before[1:] = quarter[:-1] * (case[1:] == case[:-1])
    return quarters.counted(quarter, before)


def _of_runs(runs: pl.DataFrame, interval: Interval, as_at: date, quarters: _Quarters) -> tuple[np.ndarray, np.ndarray]:
    """The same of the runs of a clock, under one interval throughout; millions of them, as bare numbers."""

    def of_share(share: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        event, after = share
        moment = event >> KIND_BITS
        ran, day = ((after >> KIND_BITS) - moment).astype(np.int32), moment & NO_DAY
        # Every due day before the end of a run was missed. One that a review ended by then met the one it owed.
        missed = (ran - 1) // np.int32(interval.days)
        met = (after & GOES_ON == REVIEW) & (missed <= 0) & (day <= day_number(as_at) - interval.days)
        owes = np.flatnonzero((missed > 0) | met)
        missed = missed[owes]
        first = _packed(event[owes] >> LANE_BITS + DAY_BITS + KIND_BITS, day[owes] + interval.days, missed > 0)
        several = np.flatnonzero(missed > 1)
        further = missed[several] - 1
        nth = np.arange(1, further.sum() + 1) - np.repeat(further.cumsum() - further, further)
        every = np.concatenate([first, np.repeat(first[several], further) + _packed(0, nth * interval.days, 0)])
        every.sort()
        return _in_order(every, quarters)

    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        owed, missed = zip(*pool.map(of_share, _shares(runs)), strict=True)
    return sum(owed), sum(missed)


def _shares(runs: pl.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The runs (`event, after`), some at a time, none of a case at a level apart."""
    of_line = LANE_BITS + DAY_BITS + KIND_BITS
    yield np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for chunk in zip(runs["event"].get_chunks(), runs["after"].get_chunks(), strict=True):
        event, after = (each.to_numpy() for each in chunk)
        several = event[_AT_ONCE::_AT_ONCE] >> of_line << of_line
        cuts = np.unique(event.searchsorted(several))
        yield from zip(np.split(event, cuts), np.split(after, cuts), strict=True)


_AT_ONCE = 1 << 17
"""So many runs that what is worked out of them stays close to the core."""
