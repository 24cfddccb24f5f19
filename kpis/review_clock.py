"""The review clock: when a review was due and whether it was held in time (domain 4.1; J10 10.11; H08 “Frequency”).

Written for a national area as for an island: what happens to a case is put on one line of time as whole numbers, sorted once,
and read off by looking at neighbours.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from checks.codes import LEVELS, SCREENING, meeting_kind
from checks.locators import FILE, LOCATORS, ROW, SHEET
from checks.numbers import CASE
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.looked_up import looked_up
from kpis.spells import can_tell, numbered_management, on_the_clock

START, REVIEW, END, GOES_ON = 0, 1, 2, 3
"""What happens on a line of time, in the order in which it counts within a day."""

# What happens is one whole number: level, case, lane, day (the years 1696 to 2413) and kind, so that sorting puts it in order.
KIND_BITS, DAY_BITS, LANE_BITS, CASE_BITS = 2, 18, 16, 24
_DAY_ZERO = 100_000
NO_DAY = (1 << DAY_BITS) - 1
"""Where no day is: that of what goes on."""


@dataclass(frozen=True)
class ReviewClock:
    """The review clock of an area, all levels.

    `runs`: one row per run of a clock: `case` its number, `level`, `started_on` the day the clock (re)started, `restarted` by a
    review, `next` what ended the run (`REVIEW`, `END` of the spell, or `GOES_ON`: nothing up to as-at) and `next_on` when ·
    `owed`: one row per review owed: `case, level, owed_on` the due day, `met`, `next, next_on` of the run.
    """

    runs: pl.DataFrame
    owed: pl.DataFrame


def is_supplied(area: Area, level: str) -> bool:
    """Whether the records can tell if cases at the level were reviewed.

    Level 1 is reviewed by the lead agency alone, and many areas record nothing of it: without any level 1 meeting and any row
    of `reviews` nothing is known, which is not the same as nothing done.
    """
    if not (can_tell(area) and area.tables.has("meetings", "case_id", "held_on", "kind")):
        return False
    if level != "1":
        return True
    at_level_1 = area.tables.lazy("meetings").filter((pl.col("kind") == "level 1") & pl.col("held_on").is_not_null())
    looks = [at_level_1.select(pl.len())]
    if "reviews" in area.tables.frames:
        looks.append(area.tables.lazy("reviews").select(pl.col("reviewed_on").count()))
    return any(look.item() for look in pl.collect_all(looks))


def review_clock(area: Area) -> ReviewClock:
    """The clock of every spell from its first day to its last, or to as-at."""
    event, after = pl.col("event"), pl.col("after")
    runs = (
        area.packed_runs.lazy()
        .select(
            case=_field(event, CASE_BITS, LANE_BITS, DAY_BITS, KIND_BITS).cast(pl.UInt32),
            level=(event // (1 << CASE_BITS + LANE_BITS + DAY_BITS + KIND_BITS)).cast(pl.UInt8),
            started_on=_date(_field(event, DAY_BITS, KIND_BITS)),
            restarted=_field(event, KIND_BITS) == REVIEW,
            next=_field(after, KIND_BITS).cast(pl.UInt8),
            next_on=_date(_field(after, DAY_BITS, KIND_BITS)),
        )
        .collect()
    )
    owed = [owed_at(area, level) for level in LEVELS]
    return ReviewClock(runs, pl.concat(owed))


def _number(day: pl.Expr) -> pl.Expr:
    """A day as a whole number that fits `DAY_BITS`."""
    return day.to_physical().cast(pl.Int64) + _DAY_ZERO


def _date(number: pl.Expr) -> pl.Expr:
    return (number - _DAY_ZERO).cast(pl.Int32).cast(pl.Date)


def _field(packed: pl.Expr, bits: int, *below: int) -> pl.Expr:
    """A field of a packed number: so many bits, above those of the fields below it."""
    shift = sum(below)
    return (packed // (1 << shift) if shift else packed) & ((1 << bits) - 1)


def _line(level: pl.Expr | int, case: pl.Expr) -> pl.Expr:
    """A case at a level."""
    wide = level.cast(pl.Int64) if isinstance(level, pl.Expr) else level
    return wide * (1 << CASE_BITS) + case.cast(pl.Int64)


def _event(line: pl.Expr, lane: pl.Expr | int, day: pl.Expr, kind: pl.Expr | int) -> pl.Expr:
    in_lane = line * (1 << LANE_BITS) + lane
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
    span = (_number(from_on) * bits + _number(until_on).fill_null(NO_DAY)).alias("span")
    return rows.filter((until_on >= from_on).fill_null(value=True)).select(line * (bits * bits) + span)


def _spells(stretches: np.ndarray) -> pl.DataFrame:
    """The spells on the clock: `line` (level and case in one number), `first`, `last`, `lane`.

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
    return pl.DataFrame({"line": line, "first": first, "last": last, "lane": lane}).filter(
        pl.col("lane") < 1 << LANE_BITS
    )


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
    return [frame.filter(known).select(_event(pl.col("line"), 0, _number(held_on), REVIEW)) for frame in frames]


def packed_runs(area: Area) -> pl.DataFrame:
    """The runs of every clock, packed: `event` what started the run, `after` what ended it; one row per run, in order.

    What happens (a spell starts, a review is held, a spell ends) is one number each. Sorted, they stand in the order in which
    they happened, spell by spell, and a run is an event and its neighbour.
    """
    stretches, *held = pl.collect_all([_stretches(area), *_held(area)])
    spells = _spells(stretches.to_series().to_numpy())
    line, first, last, lane = (pl.col(name) for name in ("line", "first", "last", "lane"))
    goes_on = last == NO_DAY
    until = pl.when(goes_on).then(_number(pl.lit(area.as_at))).otherwise(last)
    ends = pl.when(goes_on).then(GOES_ON).otherwise(END)
    events = [
        spells.select(_event(line, lane, first, START)),
        spells.select(_event(line, lane, until, ends)),
        *held,
    ]
    beside = spells.filter(lane > 0).select("line", "lane")
    if beside.height:
        # What happens to a case happens to each of its spells.
        of_line, in_lane = 1 << LANE_BITS + DAY_BITS + KIND_BITS, 1 << DAY_BITS + KIND_BITS
        event = pl.col("event")
        events += [
            reviews.select("event", line=event // of_line)
            .join(beside, on="line", how="inner")
            .select(event + lane * in_lane)
            for reviews in held
        ]
    chunks = [each.to_numpy() for each in pl.concat(events)["event"].get_chunks()]
    shares = _shares(chunks)
    with ThreadPoolExecutor(len(shares)) as pool:
        return pl.concat(pool.map(lambda share: _in_order(chunks, *share), shares))


def _shares(chunks: Sequence[np.ndarray]) -> list[tuple[int, int]]:
    """About as many events for each core, none of a case at a level apart: from a number up to another."""
    of_lane = LANE_BITS + DAY_BITS + KIND_BITS
    count = sum(map(len, chunks))
    some = np.sort(np.concatenate([each[:: 1 + count // _SAMPLE] for each in chunks]))
    several = pl.thread_pool_size() if count > _SAMPLE else 1
    cuts = [int(some[len(some) * each // several]) >> of_lane << of_lane for each in range(1, several)]
    return list(itertools.pairwise([0, *cuts, np.iinfo(np.int64).max]))


_SAMPLE = 10_000


def _in_order(chunks: Sequence[np.ndarray], low: int, high: int) -> pl.DataFrame:
    """What happened, in any order, as the runs of `packed_runs`, from one number up to another.

    Millions of numbers, sorted and compared as bare numbers are.
    """
    event = np.concatenate([each[(each >= low) & (each < high)] for each in chunks])
    event.sort()
    kind = (event & GOES_ON).astype("int8")
    # Spells of one line and lane never overlap, so that starts and ends take turns.
    inside = ((kind == START).view("int8") - (kind >= END).view("int8")).cumsum(dtype="int8") == 1
    # A review counts inside a spell, after its first day, and two on one day are one.
    inside[1:] &= (event[1:] ^ event[:-1]) > GOES_ON
    counts = (kind != REVIEW) | inside
    steps = event[counts]
    # The last of all ends a spell, and so begins no run.
    begins = (steps[:-1] & GOES_ON <= REVIEW).nonzero()[0]
    runs = {"event": steps[begins], "after": steps[begins + 1]}
    return pl.DataFrame(runs, schema=dict.fromkeys(runs, pl.Int64))


@dataclass(frozen=True)
class Interval:
    """A review interval in days, in force from one day up to the day before another (as numbers; None: without end)."""

    days: int
    begins: int | None
    ends: int | None


def review_intervals(area: Area, level: str) -> list[Interval]:
    """The review intervals of a level, in the order in which they were in force; none where the standard sets none."""
    steps = area.standard.steps(f"review_weeks_level_{level}")
    begins = [None if each.from_day is None else day_number(each.from_day) for each in steps]
    ends = [*begins[1:], None]
    return [Interval(each.value * 7, *days) for each, *days in zip(steps, begins, ends, strict=False)]


def _first_due(intervals: Sequence[Interval]) -> pl.Expr:
    """The first day on which the interval in force that day has passed since the clock started."""
    candidates = []
    for each in intervals:
        due = _not_before(pl.col("day") + each.days, each.begins)
        candidates.append(due if each.ends is None else pl.when(due < each.ends).then(due))
    return pl.coalesce(candidates).cast(pl.Int32)


def _not_before(day: pl.Expr, begins: int | None) -> pl.Expr:
    return day if begins is None else day.clip(lower_bound=begins)


def _dues(runs: pl.LazyFrame, intervals: Sequence[Interval], as_at: date, *keep: str) -> list[pl.LazyFrame]:
    """The reviews owed in every run, in frames of `due, met` and what is to be kept: each run's first, then the further ones.

    `runs`: the `day` it began, how many days it `ran`, and whether a review ended it (`reviewed`).

    A run owes a review on every due day before its end, however it ended: all of them missed. One that a review ended by the
    first due day met the one review it owed, once that day has come.
    """
    ended, due = pl.col("day") + pl.col("ran"), pl.col("due")
    timed = runs.with_columns(due=_first_due(intervals))
    late = due < ended
    further = []
    last = pl.col("day")
    long = timed.filter(late if len(intervals) > 1 else due + intervals[0].days < ended)
    for each in intervals:
        begins = _not_before(last + each.days, each.begins)
        stops = ended if each.ends is None else ended.clip(upper_bound=each.ends)
        count = ((stops - begins - 1) // each.days + 1).clip(lower_bound=0)
        # The first of all stands apart.
        skipped = (begins == due).cast(pl.Int32)
        days = begins + pl.int_ranges(skipped, pl.max_horizontal(count, skipped), dtype=pl.Int32) * each.days
        dated = long.select(*keep, due=days).explode("due").filter(due.is_not_null())
        further.append(dated.with_columns(met=pl.lit(value=False)))
        last = pl.when(count > 0).then(begins + (count - 1) * each.days).otherwise(last)
    owes = timed.filter(late | (pl.col("reviewed") & (due <= day_number(as_at))))
    return [owes.select(*keep, "due", met=~late), *further]


def day_number(day: date) -> int:
    """A day as it stands in a packed number (`_number`)."""
    return (day - date(1970, 1, 1)).days + _DAY_ZERO


def runs_at(area: Area, level: str) -> pl.DataFrame:
    """The packed runs of one level: they stand together."""
    runs = area.packed_runs
    bits = CASE_BITS + LANE_BITS + DAY_BITS + KIND_BITS
    first, last = (runs["event"].search_sorted(each << bits) for each in (int(level), int(level) + 1))
    return runs[first:last]


def _bare(runs: pl.DataFrame) -> pl.LazyFrame:
    """Runs as the due days are worked out from: `line, day, ran, reviewed`, and what ended them: `next, next_on` (a number)."""
    event, after = pl.col("event"), pl.col("after")
    moment = 1 << KIND_BITS
    return runs.lazy().select(
        line=(event // (1 << LANE_BITS + DAY_BITS + KIND_BITS)).cast(pl.Int32),
        day=_field(event, DAY_BITS, KIND_BITS).cast(pl.Int32),
        ran=(after // moment - event // moment).cast(pl.Int32),
        reviewed=(after & GOES_ON) == REVIEW,
        next=(after & GOES_ON).cast(pl.UInt8),
        next_on=_field(after, DAY_BITS, KIND_BITS).cast(pl.Int32),
    )


def owed_at(area: Area, level: str) -> pl.DataFrame:
    """The reviews owed at one level (see `ReviewClock`)."""
    intervals = review_intervals(area, level)
    runs = _bare(runs_at(area, level))
    frames = _dues(runs, intervals, area.as_at, "line", "next", "next_on") if intervals else []
    nothing = pl.LazyFrame(
        schema={"line": pl.Int32, "next": pl.UInt8, "next_on": pl.Int32, "due": pl.Int32, "met": pl.Boolean}
    )
    return (
        pl.concat([nothing, *(frame.select(nothing.collect_schema().names()) for frame in frames)])
        .select(
            case=(pl.col("line") & ((1 << CASE_BITS) - 1)).cast(pl.UInt32),
            level=pl.lit(int(level), dtype=pl.UInt8),
            owed_on=_date(pl.col("due")),
            met="met",
            next="next",
            next_on=_date(pl.col("next_on")),
        )
        .collect()
    )


def review_evidence(area: Area, level: str) -> pl.LazyFrame:
    """One row per review that was owed at a level, up to the as-at date, in the order of the cases' references and the due days.

    `owed_on` the due day, `done_on` the review that came, in time or late. A clock that no review restarts makes a review
    due every interval.
    """
    case, reviewed = pl.col("case"), pl.col("next") == REVIEW
    reference = area.case_ids.rank("ordinal")
    in_order = _moment(looked_up(reference, case), pl.col("owed_on"))
    rows = (
        owed_at(area, level)
        .sort(in_order, maintain_order=True)
        .lazy()
        .with_columns(moment=pl.when(reviewed).then(_moment(case, pl.col("next_on"))))
        .join(_records(area, level), on="moment", how="left", maintain_order="left")
    )
    why = one_of(
        (pl.col("met"), "reviewed in time"),
        (reviewed, "reviewed late"),
        (pl.col("next") == END, "not reviewed before the spell ended"),
        otherwise="not reviewed so far",
    )
    return as_evidence(
        rows.select(
            *(area.of_case(name, case) for name in ("case_id", "category", "lead_agency")),
            always(level).alias("level"),
            "owed_on",
            pl.when(reviewed).then("next_on").alias("done_on"),
            "met",
            why.alias("why"),
            "meeting_id",
            "table",
            FILE,
            SHEET,
            ROW,
        )
    )


def _moment(case: pl.Expr, day: pl.Expr) -> pl.Expr:
    """A case and a day as one number: quicker to sort and to look for than a text and a date."""
    return case.cast(pl.Int64) * (1 << DAY_BITS) + _number(day)


_TABLES = pl.Enum(["meetings", "reviews"])


def _records(area: Area, level: str) -> pl.LazyFrame:
    """The records of the reviews held at a level: `moment` (case and day), `meeting_id, table` and the locators; one a day."""
    at_level = area.meetings.filter(pl.col("kind") == meeting_kind(level))
    parts = [
        at_level.sort("held_on", "meeting_id", maintain_order=True).select(
            CASE, "held_on", "meeting_id", pl.lit("meetings", dtype=_TABLES).alias("table"), *LOCATORS
        )
    ]
    if level == "1" and area.tables.has("reviews", "case_id", "reviewed_on"):
        alone = area.numbered.lazy("reviews").filter(pl.col("reviewed_on").is_not_null())
        parts.append(
            alone.select(
                CASE,
                pl.col("reviewed_on").alias("held_on"),
                pl.lit(None, dtype=pl.String).alias("meeting_id"),
                pl.lit("reviews", dtype=_TABLES).alias("table"),
                *LOCATORS,
            )
        )
    moment = _moment(pl.col(CASE), pl.col("held_on")).alias("moment")
    of_cases = pl.concat(parts).filter(pl.col(CASE).is_not_null())
    in_order = of_cases.select(moment, "meeting_id", "table", *LOCATORS).sort("moment", maintain_order=True)
    return in_order.filter(pl.col("moment").ne_missing(pl.col("moment").shift(1)))
