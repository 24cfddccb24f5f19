"""The review clock: when a review was due and whether it was held in time (domain 4.1; J10 10.11; H08 “Frequency”).

Written for a national area as for an island: what happens to a case is put on one line of time as whole numbers, sorted once,
and read off by looking at neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from checks.codes import LEVELS, SCREENING, meeting_kind
from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.periods import quarter_number
from kpis.spells import can_tell, numbered_management

START, REVIEW, END, GOES_ON = 0, 1, 2, 3
"""What happens on a line of time, in the order in which it counts within a day."""

# What happens is one whole number: level, case, lane, day (the years 1696 to 2413) and kind, so that sorting puts it in order.
_KIND_BITS, _DAY_BITS, _LANE_BITS, _CASE_BITS = 2, 18, 16, 24
_DAY_ZERO = 100_000
_NO_DAY = (1 << _DAY_BITS) - 1


@dataclass(frozen=True)
class ReviewClock:
    """The review clock of an area, all levels.

    `cases`: `case, case_id`, the number by which the other frames name a case · `runs`: one row per run of a clock:
    `case, level, started_on` the day the clock (re)started, `restarted` by a review, `next` what ended the run (`REVIEW`, `END`
    of the spell, or `GOES_ON`: nothing up to as-at) and `next_on` when · `owed`: one row per review owed: `case, level,
    owed_on` the due day, `met`, `next, next_on` of the run.
    """

    cases: pl.DataFrame
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
    cases, spells = _spells(area)
    event, after = pl.col("event"), pl.col("after")
    runs = (
        _steps(area, cases, spells)
        .select(
            case=_field(event, _CASE_BITS, _LANE_BITS, _DAY_BITS, _KIND_BITS).cast(pl.UInt32),
            level=_level(event),
            started_on=_date(_field(event, _DAY_BITS, _KIND_BITS)),
            restarted=_field(event, _KIND_BITS) == REVIEW,
            next=_field(after, _KIND_BITS).cast(pl.UInt8),
            next_on=_date(_field(after, _DAY_BITS, _KIND_BITS)),
        )
        .collect()
    )
    return ReviewClock(cases, runs, _owed(area, runs))


def _number(day: pl.Expr) -> pl.Expr:
    """A day as a whole number that fits `_DAY_BITS`."""
    return day.to_physical().cast(pl.Int64) + _DAY_ZERO


def _date(number: pl.Expr) -> pl.Expr:
    return (number - _DAY_ZERO).cast(pl.Int32).cast(pl.Date)


def _field(packed: pl.Expr, bits: int, *below: int) -> pl.Expr:
    """A field of a packed number: so many bits, above those of the fields below it."""
    shift = sum(below)
    return (packed // (1 << shift) if shift else packed) & ((1 << bits) - 1)


def _level(event: pl.Expr) -> pl.Expr:
    return (event // (1 << _CASE_BITS + _LANE_BITS + _DAY_BITS + _KIND_BITS)).cast(pl.UInt8)


def _line(level: pl.Expr | int, case: pl.Expr) -> pl.Expr:
    """A case at a level."""
    wide = level.cast(pl.Int64) if isinstance(level, pl.Expr) else level
    return wide * (1 << _CASE_BITS) + case.cast(pl.Int64)


def _event(line: pl.Expr, lane: pl.Expr | int, day: pl.Expr, kind: pl.Expr | int) -> pl.Expr:
    in_lane = line * (1 << _LANE_BITS) + lane
    return ((in_lane * (1 << _DAY_BITS) + day) * (1 << _KIND_BITS) + kind).alias("event")


def _spells(area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cases numbered, and the spells on the clock: `line` (level and case in one number), `first`, `last`, `lane`.

    Consecutive stretches of one case at one level are joined where each begins the day the last ended. Only stretches in a
    location where the standard's clock runs count, so that a return to such a location starts a new clock. A stretch that
    stands twice to the letter counts once; one that ends before it begins covers no day and does not count.

    `lane` is 0, unless a spell overlaps an earlier one of its line, which sound records do not do: such a spell runs beside
    the others in a lane of its own.
    """
    cases, rows = numbered_management(area)
    from_on, until_on = pl.col("from_on"), pl.col("until_on")
    bits = 1 << _DAY_BITS
    line = _line(pl.col("level"), pl.col("case"))
    span = (_number(from_on) * bits + _number(until_on).fill_null(_NO_DAY)).alias("span")
    stretches = (
        rows.filter(
            pl.col("location").is_in(area.standard.value("review_clock_locations"))
            & (until_on >= from_on).fill_null(value=True)
        )
        .select(stretch=line * (bits * bits) + span)
        .collect()
        .sort("stretch")
        .filter(pl.col("stretch").ne_missing(pl.col("stretch").shift(1)))
        .select(
            line=pl.col("stretch") // (bits * bits),
            first=_field(pl.col("stretch"), _DAY_BITS, _DAY_BITS),
            last=_field(pl.col("stretch"), _DAY_BITS),
        )
    )
    same_line = pl.col("line") == pl.col("line").shift(1)
    begins = (~(same_line & (pl.col("first") == pl.col("last").shift(1)))).fill_null(value=True)
    marked = stretches.with_columns(begins=begins)
    ends = marked.filter(pl.col("begins").shift(-1, fill_value=True)).select("last")
    spells = pl.concat([marked.filter("begins").select("line", "first"), ends], how="horizontal")
    reach = (pl.col("line") * bits + pl.col("last")).cum_max().shift(1)
    overlaps = ((reach // bits == pl.col("line")) & (pl.col("first") <= reach % bits)).fill_null(value=False)
    lanes = spells.with_columns(lane=overlaps.cast(pl.Int64))
    if lanes["lane"].max() == 1:
        beside = lanes.filter(pl.col("lane") == 1).with_columns(lane=pl.col("lane").cum_sum().over("line"))
        # No life holds more spells than there are lanes; where one pseudonym stands for everybody, no figure is worth having.
        within = beside.filter(pl.col("lane") < 1 << _LANE_BITS)
        lanes = pl.concat([lanes.filter(pl.col("lane") == 0), within])
    return cases, lanes


def _held(area: Area) -> list[tuple[pl.LazyFrame, pl.Expr | int]]:
    """The reviews held: frames of `case_id, held_on`, each with the level reviewed."""
    # The code list has the level 1 meeting in place 1, and so on.
    meetings = area.tables.lazy("meetings").filter(pl.col("kind") != SCREENING)
    frames: list[tuple[pl.LazyFrame, pl.Expr | int]] = [
        (meetings.select("case_id", "held_on", "kind"), pl.col("kind").to_physical())
    ]
    if area.tables.has("reviews", "case_id", "reviewed_on"):
        frames.append((area.tables.lazy("reviews").select("case_id", held_on="reviewed_on"), 1))
    return frames


def _steps(area: Area, cases: pl.DataFrame, spells: pl.DataFrame) -> pl.LazyFrame:
    """The runs of every clock, packed: `event` what started the run, `after` what ended it; one row per run, in order.

    What happens (a spell starts, a review is held, a spell ends) is one number each. Sorted, they stand in the order in which
    they happened, spell by spell, and a run is an event and its neighbour.
    """
    line, first, last, lane = (pl.col(name) for name in ("line", "first", "last", "lane"))
    goes_on = last == _NO_DAY
    until = pl.when(goes_on).then(_number(pl.lit(area.as_at))).otherwise(last)
    ends = pl.when(goes_on).then(GOES_ON).otherwise(END)
    on_clock = spells.lazy()
    events = [
        on_clock.select(_event(line, lane, first, START)),
        on_clock.select(_event(line, lane, until, ends)),
    ]
    crowded = bool((spells["lane"] > 0).any())
    beside = spells.filter(lane > 0).lazy().select("line", "lane")
    for held, level in _held(area):
        dated = held.filter(pl.col("held_on").is_not_null()).join(cases.lazy(), on="case_id", how="inner")
        of_case, day = _line(level, pl.col("case")), _number(pl.col("held_on"))
        events.append(dated.select(_event(of_case, 0, day, REVIEW)))
        if crowded:
            on_line = dated.select("held_on", line=of_case).join(beside, on="line", how="inner")
            events.append(on_line.select(_event(line, lane, day, REVIEW)))
    event = pl.col("event")
    kind, when = event & GOES_ON, event // (1 << _KIND_BITS)
    # A review counts inside a spell, after its first day, and two on one day are one.
    inside = ((kind == START).cast(pl.Int32) - (kind >= END).cast(pl.Int32)).cum_sum() == 1
    counts = (kind != REVIEW) | (inside & (when != when.shift(1)))
    return pl.concat(events).sort("event").filter(counts).with_columns(after=event.shift(-1)).filter(kind <= REVIEW)


def _days(area: Area, level: pl.Expr) -> pl.Expr:
    """The review interval of a level in days; null where the standard sets none."""
    weeks = {int(each): area.standard.value(f"review_weeks_level_{each}") for each in LEVELS}
    days: pl.Expr = pl.lit(None, dtype=pl.Int64)
    for each, interval in weeks.items():
        if interval is not None:
            days = pl.when(level == each).then(pl.lit(interval * 7, dtype=pl.Int64)).otherwise(days)
    return days


def _owed(area: Area, runs: pl.DataFrame) -> pl.DataFrame:
    """The reviews owed in every run (see `ReviewClock`).

    A run that lasted so many whole intervals and a day beyond missed as many reviews, however it ended. One that a review
    ended within the first interval met the one review it owed.
    """
    lasted = (pl.col("next_on") - pl.col("started_on")).dt.total_days()
    timed = runs.lazy().with_columns(days=_days(area, pl.col("level")), lasted=lasted)
    due = pl.col("started_on") + pl.duration(days="days")
    in_time = (pl.col("next") == REVIEW) & (pl.col("lasted") <= pl.col("days")) & (due <= area.as_at)
    missed = timed.filter(pl.col("lasted") > pl.col("days")).with_columns(
        days=pl.int_ranges(1, (pl.col("lasted") - 1) // pl.col("days") + 1) * pl.col("days")
    )
    about = ("case", "level", due.alias("owed_on"))
    met = timed.filter(in_time).select(*about, pl.lit(value=True).alias("met"), "next", "next_on")
    late = missed.explode("days").select(*about, pl.lit(value=False).alias("met"), "next", "next_on")
    return pl.concat([met, late]).collect()


def _quarter(area: Area, owed: pl.DataFrame, day: pl.Expr) -> pl.Expr:
    """The number of the quarter that holds a day, looked up in a list of all days that occur."""
    if owed.is_empty():
        return pl.lit(None, dtype=pl.Int64)
    first, last = (owed.select(each).item() for each in (day.min(), day.max()))
    every = pl.DataFrame({"day": range(first, last + 1)}, schema={"day": pl.Int64})
    numbers = every.select(quarter_number(area.standard, _date(pl.col("day"))).cast(pl.Int64)).to_series()
    return pl.lit(numbers).gather(day - first)


def review_counts(area: Area) -> pl.DataFrame:
    """The reviews owed, counted: one row per level and quarter of the reporting year (its number).

    `reviews_met`, `reviews_owed` · `cases_owed` cases with a review due in the quarter, `cases_met` those of them with every
    one met · `year_cases_owed`, `year_cases_met` the same for whole years: their sums over the quarters of a year.

    The same as counting the rows of evidence, for a tenth of the time: due days are packed and sorted, so that those of one
    case stand together and a case is counted where its first stands.
    """
    event, after = pl.col("event"), pl.col("after")
    above_day = 1 << _LANE_BITS + _DAY_BITS + _KIND_BITS
    lasted = (after // (1 << _KIND_BITS) - event // (1 << _KIND_BITS)).alias("lasted")
    level = event // (above_day << _CASE_BITS)
    start = (event // above_day) * (1 << _DAY_BITS) + _field(event, _DAY_BITS, _KIND_BITS)
    timed = (
        _steps(area, *_spells(area))
        .select(start.alias("start"), lasted, _days(area, level).alias("days"), (after & GOES_ON).alias("next"))
        .collect()
    )
    # The due day may lie beyond as-at only where the review was held before.
    as_at = _number(pl.lit(area.as_at))
    due, days, ran = pl.col("start") + pl.col("days"), pl.col("days"), pl.col("lasted")
    in_time = (ran <= days) & (pl.col("next") == REVIEW) & ((due & _NO_DAY) <= as_at)
    first = timed.select(owed=pl.when(ran > days).then(due * 2).when(in_time).then(due * 2 + 1)).drop_nulls()
    more = (
        timed.filter(ran > 2 * days)
        .select("start", days=pl.int_ranges(2, (ran - 1) // days + 1) * days)
        .explode("days")
        .select(owed=due * 2)
    )
    if first["owed"].is_sorted():
        owed = first.lazy().merge_sorted(more.lazy(), "owed").collect()
    else:  # spells that overlap stand one after the other
        owed = pl.concat([first, more]).sort("owed")
    packed = pl.col("owed")
    placed = owed.select(
        met=(packed & 1) == 1,
        line=packed // (1 << _DAY_BITS + 1),
        quarter=_quarter(area, owed, _field(packed, _DAY_BITS, 1)),
    )
    quarter_of, year_of = pl.col("quarter"), pl.col("quarter") // 4
    at = pl.col("line") // (1 << _CASE_BITS) * (1 << 20) + quarter_of

    def firsts(rows: pl.DataFrame, which: str) -> pl.DataFrame:
        """Per level and quarter, the rows, and those that are the first of their case in the quarter, and in the year."""
        in_quarter = pl.col("line") * (1 << 20) + quarter_of
        in_year = pl.col("line") * (1 << 20) + year_of
        marked = rows.lazy().select(
            at=at,
            cases=in_quarter != in_quarter.shift(1, fill_value=-1),
            year_cases=in_year != in_year.shift(1, fill_value=-1),
        )
        counts = (pl.len().alias("reviews"), pl.col("cases", "year_cases").sum())
        return (
            marked.group_by("at")
            .agg(counts)
            .select("at", pl.exclude("at").cast(pl.Int64).name.suffix(f"_{which}"))
            .collect()
        )

    counted = firsts(placed, "owed").join(firsts(placed.filter(~pl.col("met")), "missed"), on="at", how="left")
    missed = {name: pl.col(f"{name}_missed").fill_null(0) for name in ("reviews", "cases", "year_cases")}
    return counted.select(
        *(pl.col(f"{name}_owed") for name in missed),
        level=(pl.col("at") // (1 << 20)).cast(pl.UInt8),
        quarter=(pl.col("at") & ((1 << 20) - 1)).cast(pl.Int32),
        **{f"{name}_met": pl.col(f"{name}_owed") - each for name, each in missed.items()},
    )


def review_evidence(area: Area, level: str) -> pl.LazyFrame:
    """One row per review that was owed at a level, up to the as-at date.

    `owed_on` the due day, `done_on` the review that came, in time or late. A clock that no review restarts makes a review
    due every interval.
    """
    clock = area.review_clock
    ended_by = pl.col("next")
    rows = (
        clock.owed.lazy()
        .filter(pl.col("level") == int(level))
        .join(clock.cases.lazy(), on="case", how="left", maintain_order="left")
        .select(
            "case_id",
            pl.lit(level).alias("level"),
            "owed_on",
            pl.when(ended_by == REVIEW).then("next_on").alias("done_on"),
            "met",
            pl.when("met")
            .then(pl.lit("reviewed in time"))
            .when(ended_by == REVIEW)
            .then(pl.lit("reviewed late"))
            .when(ended_by == END)
            .then(pl.lit("not reviewed before the spell ended"))
            .otherwise(pl.lit("not reviewed so far"))
            .alias("why"),
        )
        .sort("case_id", "owed_on", maintain_order=True)
    )
    records = _records(area, level).rename({"held_on": "done_on"})
    return as_evidence(area.with_case(rows.join(records, on=["case_id", "done_on"], how="left", maintain_order="left")))


def _records(area: Area, level: str) -> pl.LazyFrame:
    """The records of the reviews held at a level: `case_id, held_on, meeting_id, table` and the locators; one a day."""
    at_level = area.meetings.filter((pl.col("kind") == meeting_kind(level)) & pl.col("case_id").is_not_null())
    parts = [
        at_level.sort("held_on", "meeting_id", maintain_order=True).select(
            "case_id", "held_on", "meeting_id", pl.lit("meetings").alias("table"), FILE, SHEET, ROW
        )
    ]
    if level == "1" and area.tables.has("reviews", "case_id", "reviewed_on"):
        alone = area.tables.lazy("reviews").filter(
            pl.col("reviewed_on").is_not_null() & pl.col("case_id").is_not_null()
        )
        parts.append(
            alone.select(
                "case_id",
                pl.col("reviewed_on").alias("held_on"),
                pl.lit(None, dtype=pl.String).alias("meeting_id"),
                pl.lit("reviews").alias("table"),
                FILE,
                SHEET,
                ROW,
            )
        )
    return pl.concat(parts).unique(["case_id", "held_on"], keep="first", maintain_order=True)
