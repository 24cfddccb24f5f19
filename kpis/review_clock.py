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
from kpis.spells import can_tell, management

START, REVIEW, END, GOES_ON = 0, 1, 2, 3
"""What happens on a line of time, in the order in which it counts within a day."""

# A day is a whole number of 18 bits (the years 1696 to 2413); what happens takes two more.
_DAY_BITS, _KIND_BITS = 18, 2
_DAY_ZERO = 100_000
_NO_DAY = (1 << _DAY_BITS) - 1


@dataclass(frozen=True)
class ReviewClock:
    """The review clock of an area, all levels.

    `cases`: `case_id, case`, the number by which the other frames name a case · `runs`: one row per run of a clock:
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
    lanes, lane_cases = _lanes(spells, cases.height)
    runs = _runs(area, cases, lanes, lane_cases)
    return ReviewClock(cases, runs, _owed(area, runs))


def _number(day: pl.Expr) -> pl.Expr:
    """A day as a whole number that fits `_DAY_BITS`."""
    return day.to_physical().cast(pl.Int64) + _DAY_ZERO


def _day(number: pl.Expr) -> pl.Expr:
    return (number - _DAY_ZERO).cast(pl.Int32).cast(pl.Date)


def _bits(number: pl.Expr, count: int) -> pl.Expr:
    """The lowest bits of a number that is not negative."""
    return number % (1 << count)


def _spells(area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cases numbered, and the spells on the clock: `line` (case and level in one number), `first`, `last` as numbers.

    Consecutive stretches of one case at one level are joined where each begins the day the last ended. Only stretches in a
    location where the standard's clock runs count, so that a return to such a location starts a new clock. A stretch that
    stands twice to the letter counts once.
    """
    rows = (
        management(area)
        .filter(pl.col("location").is_in(area.standard.value("review_clock_locations")))
        .select("case_id", pl.col("level").cast(pl.UInt8), "from_on", "until_on")
        .collect()
    )
    cases = rows.select("case_id").unique(maintain_order=True).with_row_index("case")
    line = pl.col("case").cast(pl.Int64) * 4 + pl.col("level")
    last = _number(pl.col("until_on")).fill_null(_NO_DAY)
    stretch = (((line * (1 << _DAY_BITS)) + _number(pl.col("from_on"))) * (1 << _DAY_BITS)) + last
    in_order = rows.join(cases, on="case_id", how="left").select(stretch.alias("stretch")).sort("stretch")
    stretches = in_order.filter(pl.col("stretch").ne_missing(pl.col("stretch").shift(1))).select(
        line=pl.col("stretch") // (1 << 2 * _DAY_BITS),
        first=_bits(pl.col("stretch") // (1 << _DAY_BITS), _DAY_BITS),
        last=_bits(pl.col("stretch"), _DAY_BITS),
    )
    same_line = pl.col("line") == pl.col("line").shift(1)
    begins = (~(same_line & (pl.col("first") == pl.col("last").shift(1)))).fill_null(value=True)
    marked = stretches.with_columns(begins=begins)
    spells = marked.filter("begins").select("line", "first")
    ends = marked.filter(pl.col("begins").shift(-1, fill_value=True)).select("last")
    # A spell that ends before it begins owes nothing.
    return cases, pl.concat([spells, ends], how="horizontal").filter(pl.col("last") >= pl.col("first"))


def _lanes(spells: pl.DataFrame, count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The spells in lanes of time in which none overlaps another, and the further lanes that this takes.

    A lane is its line, unless a spell overlaps an earlier one of its line, which sound records do not do: such a spell gets
    a lane of its own, numbered from `count` on (`line, lane, case` of the second frame).
    """
    reach = (pl.col("line") * (1 << _DAY_BITS) + pl.col("last")).cum_max().shift(1)
    overlaps = (reach // (1 << _DAY_BITS) == pl.col("line")) & (pl.col("first") <= _bits(reach, _DAY_BITS))
    marked = spells.with_columns(overlaps=overlaps.fill_null(value=False))
    number = pl.col("overlaps").cum_sum().cast(pl.Int64) + (count - 1)
    lane = pl.when("overlaps").then(number * 4 + pl.col("line") % 4).otherwise("line")
    lanes = marked.with_columns(lane=lane)
    further = lanes.filter("overlaps").select("line", "lane", case=(pl.col("line") // 4).cast(pl.UInt32))
    return lanes.select("lane", "first", "last"), further


def _held(area: Area) -> list[pl.LazyFrame]:
    """The reviews held: `case_id, level, held_on` and nothing more, a frame per table."""
    # The code list has the level 1 meeting in place 1, and so on.
    meetings = area.tables.lazy("meetings").filter(pl.col("kind").is_not_null() & (pl.col("kind") != SCREENING))
    frames = [meetings.select("case_id", pl.col("kind").to_physical().cast(pl.Int64).alias("level"), "held_on")]
    if area.tables.has("reviews", "case_id", "reviewed_on"):
        reviews = area.tables.lazy("reviews")
        frames.append(
            reviews.select("case_id", pl.lit(1, dtype=pl.Int64).alias("level"), pl.col("reviewed_on").alias("held_on"))
        )
    return frames


def _runs(area: Area, cases: pl.DataFrame, lanes: pl.DataFrame, further: pl.DataFrame) -> pl.DataFrame:
    """The runs of every clock (see `ReviewClock`).

    What happens (a spell starts, a review is held, a spell ends) is one number each: lane, day and kind. Sorted, they stand in
    the order in which they happened, lane by lane.
    """

    def happened(lane: pl.Expr, day: pl.Expr, kind: pl.Expr | int) -> pl.Expr:
        return (((lane * (1 << _DAY_BITS)) + day) * (1 << _KIND_BITS) + kind).alias("event")

    as_at = _number(pl.lit(area.as_at))
    goes_on = pl.col("last") == _NO_DAY
    last, kind = pl.when(goes_on).then(as_at).otherwise("last"), pl.when(goes_on).then(GOES_ON).otherwise(END)
    spells = lanes.lazy()
    events = [
        spells.select(happened(pl.col("lane"), pl.col("first"), START)),
        spells.select(happened(pl.col("lane"), last, kind)),
    ]
    for held in _held(area):
        dated = held.filter(pl.col("held_on").is_not_null()).join(cases.lazy(), on="case_id", how="inner")
        line = pl.col("case").cast(pl.Int64) * 4 + pl.col("level")
        events.append(dated.select(happened(line, _number(pl.col("held_on")), REVIEW)))
        if not further.is_empty():
            on_line = dated.select("held_on", line=line).join(further.lazy(), on="line", how="inner")
            events.append(on_line.select(happened(pl.col("lane"), _number(pl.col("held_on")), REVIEW)))
    event = pl.col("event")
    kind, lane_day, lane = event % (1 << _KIND_BITS), event // (1 << _KIND_BITS), event // (1 << _KIND_BITS + _DAY_BITS)
    # A review counts inside a spell, after its first day, and two on one day are one.
    inside = ((kind == START).cast(pl.Int8) - (kind >= END).cast(pl.Int8)).cum_sum() == 1
    counts = (kind != REVIEW) | (inside & (lane_day != lane_day.shift(1)))
    case = (lane // 4).cast(pl.UInt32)
    if not further.is_empty():
        case = case.replace((further["lane"] // 4).cast(pl.UInt32), further["case"])
    return (
        pl.concat(events)
        .sort("event")
        .filter(counts)
        .select(
            case=case,
            level=(lane % 4).cast(pl.UInt8),
            started_on=_day(_bits(lane_day, _DAY_BITS)),
            kind=kind.cast(pl.UInt8),
        )
        .with_columns(next=pl.col("kind").shift(-1), next_on=pl.col("started_on").shift(-1))
        .filter(pl.col("kind") <= REVIEW)
        .select("case", "level", "started_on", (pl.col("kind") == REVIEW).alias("restarted"), "next", "next_on")
        .collect()
    )


def _owed(area: Area, runs: pl.DataFrame) -> pl.DataFrame:
    """The reviews owed in every run (see `ReviewClock`).

    In time or not, a run that lasted so many whole intervals and a day beyond missed as many reviews; so did one that ended
    with the spell or goes on. One that a review ended within the first interval met the one review it owed.
    """
    weeks = {int(level): area.standard.value(f"review_weeks_level_{level}") for level in LEVELS}
    days = pl.col("level").replace_strict(
        {level: each and each * 7 for level, each in weeks.items()}, return_dtype=pl.Int32
    )
    lasted = pl.col("next_on").to_physical() - pl.col("started_on").to_physical()
    timed = runs.lazy().with_columns(days=days, lasted=lasted).filter(pl.col("days").is_not_null())
    due = (pl.col("started_on").to_physical() + pl.col("days")).cast(pl.Date)
    met = timed.filter((pl.col("next") == REVIEW) & (pl.col("lasted") <= pl.col("days")) & (due <= area.as_at))
    missed = timed.filter(pl.col("lasted") > pl.col("days")).with_columns(
        days=pl.int_ranges(1, (pl.col("lasted") - 1) // pl.col("days") + 1, dtype=pl.Int32) * pl.col("days")
    )
    about = ("case", "level", due.alias("owed_on"))
    return pl.concat(
        [
            met.select(*about, pl.lit(value=True).alias("met"), "next", "next_on"),
            missed.explode("days").select(*about, pl.lit(value=False).alias("met"), "next", "next_on"),
        ]
    ).collect()


def bare_evidence(area: Area, level: str) -> pl.LazyFrame:
    """What counting needs of the evidence: `case, owed_on, met`; one row per review owed, `case` a number per case."""
    owed = area.review_clock.owed.lazy()
    return owed.filter(pl.col("level") == int(level)).select("case", "owed_on", "met")


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
