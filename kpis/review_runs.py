"""The runs of the review clock (domain 4.1; J10 10.11; H08 “Frequency”) as bare numbers: what started each, and what ended it.

Written for a national area as for an island: what happens to a case is put on one line of time as whole numbers, sorted once,
and read off by looking at neighbours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import polars as pl

from checks.codes import SCREENING
from checks.numbers import CASE
from kpis.area import Area
from kpis.spells import numbered_management, on_the_clock

T = TypeVar("T")

START, REVIEW, END, GOES_ON = 0, 1, 2, 3
"""What happens on a line of time, in the order in which it counts within a day."""

# What happens is one whole number: level, case, lane, day (the years 1696 to 2413) and kind, so that sorting puts it in order.
KIND_BITS, DAY_BITS, LANE_BITS, CASE_BITS = 2, 18, 16, 24
_DAY_ZERO = 100_000
NO_DAY = (1 << DAY_BITS) - 1
"""Where no day is: that of what goes on."""

OF_LINE = LANE_BITS + DAY_BITS + KIND_BITS
"""The bits below those of the line: level and case."""


def numbered_day(day: pl.Expr) -> pl.Expr:
    """A day as a whole number that fits `DAY_BITS`."""
    return day.to_physical().cast(pl.Int64) + _DAY_ZERO


def day_number(day: date) -> int:
    """A day as it stands in a packed number (`numbered_day`)."""
    return (day - date(1970, 1, 1)).days + _DAY_ZERO


def as_date(number: pl.Expr) -> pl.Expr:
    """The day that a number stands for."""
    return (number - _DAY_ZERO).cast(pl.Int32).cast(pl.Date)


def packed_field(packed: pl.Expr, bits: int, *below: int) -> pl.Expr:
    """A field of a packed number: so many bits, above those of the fields below it."""
    shift = sum(below)
    return (packed // (1 << shift) if shift else packed) & ((1 << bits) - 1)


def _line(level: pl.Expr | int, case: pl.Expr) -> pl.Expr:
    """A case at a level."""
    wide = level.cast(pl.Int64) if isinstance(level, pl.Expr) else level
    return wide * (1 << CASE_BITS) + case.cast(pl.Int64)


def _event(line: pl.Expr, day: pl.Expr, kind: int) -> pl.Expr:
    """What happens on a line, in its lane 0."""
    in_lane = line * (1 << LANE_BITS)
    return ((in_lane * (1 << DAY_BITS) + day) * (1 << KIND_BITS) + kind).alias("event")


def _stretches(area: Area) -> pl.LazyFrame:
    """The stretches of management on the clock, each as one number: level and case, first and last day; some several times.

    One that ends before it begins covers no day and does not count.
    """
    rows = on_the_clock(area, numbered_management(area))
    from_on, until_on = pl.col("from_on"), pl.col("until_on")
    bits = 1 << DAY_BITS
    # The code list of levels begins with level 1, in place 0.
    line = _line(pl.col("level").to_physical().cast(pl.Int64) + 1, pl.col("case"))
    span = (numbered_day(from_on) * bits + numbered_day(until_on).fill_null(NO_DAY)).alias("span")
    return rows.filter((until_on >= from_on).fill_null(value=True)).select(line * (bits * bits) + span)


@dataclass(frozen=True)
class _Spells:
    """The spells on the clock, in order: a number each of `line` (level and case), `first` and `last` day, and `lane`."""

    line: np.ndarray
    first: np.ndarray
    last: np.ndarray
    lane: np.ndarray


def _spells(stretches: np.ndarray) -> _Spells:
    """What stretches of management on the clock make up.

    Consecutive stretches of one case at one level are joined where each begins the day the last ended. Only stretches in a
    location where the standard's clock runs count, so that a return to such a location starts a new clock. A stretch that
    stands twice to the letter counts once.

    `lane` is 0, unless a spell overlaps an earlier one of its line, which sound records do not do: such a spell runs beside
    the others in a lane of its own.
    """
    # As bare numbers, like all that is done to millions of them below: once each and in order.
    every = np.sort(stretches)
    each = every[np.append(True, every[1:] != every[:-1])[: len(every)]]
    line, first, last = each >> 2 * DAY_BITS, each >> DAY_BITS & NO_DAY, each & NO_DAY
    begins = np.ones(len(each), dtype=bool)
    begins[1:] = (line[1:] != line[:-1]) | (first[1:] != last[:-1])
    starts = begins.nonzero()[0]
    line, first, last = line[starts], first[starts], last[np.append(starts[1:], len(each))[: len(starts)] - 1]
    lane = _lanes(line, first, last)
    # No life holds more spells than there are lanes; where one pseudonym stands for everybody, no figure is worth having.
    fit = lane < 1 << LANE_BITS
    return _Spells(line[fit], first[fit], last[fit], lane[fit])


def _lanes(line: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The lane of each spell, of spells in order: those of one line that begin before an earlier one has ended, counted from 1."""
    reach = np.maximum.accumulate(line << DAY_BITS | last)
    lane = np.zeros(len(line), dtype=np.int64)
    beside = 1 + ((reach[:-1] >> DAY_BITS == line[1:]) & (first[1:] <= reach[:-1] & NO_DAY)).nonzero()[0]
    of_line = line[beside]
    count = np.arange(len(beside))
    lane[beside] = 1 + count - of_line.searchsorted(of_line)
    return lane


def _held(area: Area) -> list[pl.LazyFrame]:
    """The reviews held, as they happen to spells that run beside no other: frames of `event`."""
    case, held_on = pl.col(CASE), pl.col("held_on")
    meetings = area.numbered.lazy("meetings").filter(pl.col("kind") != SCREENING)
    # The code list of kinds begins with the screening, so that the meeting of level 1 is in place 1.
    frames = [meetings.select("held_on", line=_line(pl.col("kind").to_physical().cast(pl.Int64), case))]
    if area.tables.has("reviews", "case_id", "reviewed_on"):
        frames.append(area.numbered.lazy("reviews").select(held_on="reviewed_on", line=_line(1, case)))
    known = held_on.is_not_null() & pl.col("line").is_not_null()
    return [frame.filter(known).select(_event(pl.col("line"), numbered_day(held_on), REVIEW)) for frame in frames]


@dataclass(frozen=True)
class Happenings:
    """What happened on every line of time (a spell starts, a review is held, a spell ends), one number each, in any order.

    `chunks` of them, the reviews in lane 0 · `beside` the lanes further up that spells run in: a line and a lane in one number
    each, in order · `shares` of about as many for each core: from a number up to another, none of a case at a level apart.
    """

    chunks: list[np.ndarray]
    beside: np.ndarray
    shares: list[tuple[int, int]]

    def by_share(self, work: Callable[[np.ndarray, np.ndarray], T]) -> list[T]:
        """What `work` makes of the runs of each share: what started each run, and what ended it; in order, side by side."""
        with ThreadPoolExecutor(len(self.shares)) as pool:
            return list(pool.map(lambda share: work(*self._runs(*share)), self.shares))

    def _runs(self, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
        """The runs from one number up to another. Millions of numbers, sorted and compared as bare numbers are.

        Sorted, they stand in the order in which they happened, spell by spell, and a run is an event and its neighbour.
        """
        event = np.concatenate([each[(each >= low) & (each < high)] for each in self.chunks])
        event.sort()
        event = self._with_reviews_beside(event, low, high)
        kind = (event & GOES_ON).astype("int8")
        # Spells of one line and lane never overlap, so that starts and ends take turns.
        inside = ((kind == START).view("int8") - (kind >= END).view("int8")).cumsum(dtype="int8") == 1
        # A review counts inside a spell, after its first day, and two on one day are one.
        inside[1:] &= (event[1:] ^ event[:-1]) > GOES_ON
        counts = (kind != REVIEW) | inside
        steps = event[counts]
        # The last of all ends a spell, and so begins no run.
        begins = (steps[:-1] & GOES_ON <= REVIEW).nonzero()[0]
        return steps[begins], steps[begins + 1]

    def _with_reviews_beside(self, event: np.ndarray, low: int, high: int) -> np.ndarray:
        """The events, in order, with the reviews of a line in every lane of it: what happens to a case happens to each spell."""
        moment = DAY_BITS + KIND_BITS
        lanes = self.beside[slice(*self.beside.searchsorted([low >> moment, (high - 1 >> moment) + 1]))]
        further = []
        for lane in lanes:
            first = lane >> LANE_BITS << LANE_BITS
            alone = event[slice(*event.searchsorted([first << moment, first + 1 << moment]))]
            further.append(alone[alone & GOES_ON == REVIEW] + ((lane - first) << moment))
        if not further:
            return event
        found = np.concatenate(further)
        return np.insert(event, event.searchsorted(found), found)


def happenings(area: Area) -> Happenings:
    """What happened to the cases of an area, up to its as-at date."""
    stretches, *held = pl.collect_all([_stretches(area), *_held(area)])
    spells = _spells(stretches.to_series().to_numpy())
    line = (spells.line << LANE_BITS) + spells.lane
    goes_on = spells.last == NO_DAY
    until = np.where(goes_on, day_number(area.as_at), spells.last)
    ends = np.where(goes_on, GOES_ON, END)
    moments = [(spells.first << KIND_BITS) + START, (until << KIND_BITS) + ends]
    chunks = [(line << DAY_BITS + KIND_BITS) + each for each in moments]
    chunks += [chunk.to_numpy() for each in held for chunk in each["event"].get_chunks()]
    return Happenings(chunks, np.unique(line[spells.lane > 0]), _shares(chunks))


def _shares(chunks: Sequence[np.ndarray]) -> list[tuple[int, int]]:
    """About as many events for each core, none of a case at a level apart: from a number up to another."""
    count = sum(map(len, chunks))
    some = np.sort(np.concatenate([each[:: 1 + count // _SAMPLE] for each in chunks]))
    several = pl.thread_pool_size() if count > _SAMPLE else 1
    cuts = [int(some[len(some) * each // several]) >> OF_LINE << OF_LINE for each in range(1, several)]
    return list(itertools.pairwise([0, *cuts, np.iinfo(np.int64).max]))


_SAMPLE = 10_000


def packed_runs(area: Area) -> pl.DataFrame:
    """The runs of every clock, packed: `event` what started the run, `after` what ended it; one row per run, in order."""

    def framed(event: np.ndarray, after: np.ndarray) -> pl.DataFrame:
        return pl.DataFrame({"event": event, "after": after}, schema={"event": pl.Int64, "after": pl.Int64})

    return pl.concat(happenings(area).by_share(framed))


def runs_at(area: Area, level: str) -> pl.DataFrame:
    """The packed runs of one level: they stand together."""
    runs = area.packed_runs
    first, last = (runs["event"].search_sorted(each) for each in span_of(level))
    return runs[first:last]


def span_of(level: str) -> tuple[int, int]:
    """What happens at a level is numbered from the first of these up to the second."""
    return int(level) << CASE_BITS + OF_LINE, int(level) + 1 << CASE_BITS + OF_LINE
