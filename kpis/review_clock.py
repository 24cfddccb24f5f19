"""The review clock: when a review was due and whether it was held in time (domain 4.1; J10 10.11; H08 “Frequency”).

Written for a national area as for an island: what happens to a case is put on one line of time as whole numbers, sorted once,
and read off by looking at neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


def review_counts(area: Area, first_day: date, last_day: date) -> pl.DataFrame:
    """The reviews owed between two days, counted: one row per level and quarter of the reporting year (its number).

    `reviews_met`, `reviews_owed` · `cases_owed` cases with a review due in the quarter, `cases_met` those of them with every
    one met · `year_cases_owed`, `year_cases_met` the same for whole years: their sums over the quarters of a year.

    The same as counting the rows of evidence, for a tenth of the time: runs stand in the order of cases and days, and so do
    due days, so that a case is counted where its first one in a quarter or a year stands.
    """
    event, after = pl.col("event"), pl.col("after")
    moment = 1 << _KIND_BITS
    runs = (
        _steps(area, *_spells(area))
        .select(
            line=(event // (1 << _LANE_BITS + _DAY_BITS + _KIND_BITS)).cast(pl.Int32),
            day=_field(event, _DAY_BITS, _KIND_BITS).cast(pl.Int32),
            ran=(after // moment - event // moment).cast(pl.Int32),
            reviewed=(after & GOES_ON) == REVIEW,
        )
        .collect()
    )
    days = pl.DataFrame({"day": pl.date_range(first_day, last_day, eager=True)})
    numbers = days.select(quarter_number(area.standard, pl.col("day")).cast(pl.Int32)).to_series()
    counted = []
    for level in LEVELS:
        weeks = area.standard.value(f"review_weeks_level_{level}")
        if weeks is not None:
            from_line, to_line = (
                runs["line"].search_sorted(each << _CASE_BITS) for each in (int(level), int(level) + 1)
            )
            owed = _owed_in(area, runs[from_line:to_line], weeks * 7, first_day, last_day)
            counted.append(
                _quarters_of(owed, numbers, first_day).with_columns(level=pl.lit(int(level), dtype=pl.UInt8))
            )
    return pl.concat(counted)


def _owed_in(area: Area, runs: pl.DataFrame, interval: int, first_day: date, last_day: date) -> pl.Series:
    """The reviews owed at one level between two days, one number each (line, due day, met), in order.

    `runs`: `line`, the `day` it began, how many days it `ran`, and whether a review ended it (`reviewed`).
    """
    as_at, first, last = ((each - date(1970, 1, 1)).days + _DAY_ZERO for each in (area.as_at, first_day, last_day))
    line, day, ran, reviewed = pl.col("line"), pl.col("day"), pl.col("ran"), pl.col("reviewed")
    due, late = day + interval, ran > interval

    def owed(due: pl.Expr, met: pl.Expr | int) -> pl.Expr:
        return ((line.cast(pl.Int64) * (1 << _DAY_BITS) + due) * 2 + met).alias("owed")

    # The due day may lie beyond as-at only where the review was held before: such a one is not owed yet.
    counts = (late | (reviewed & (due <= as_at))) & due.is_between(first, last)
    one = runs.filter(counts).select(owed(due, (~late).cast(pl.Int64)))
    more = (
        runs.filter(ran > 2 * interval)
        .select(line, day=day + pl.int_ranges(2, (ran - 1) // interval + 1, dtype=pl.Int32) * interval)
        .explode("day")
        .filter(day.is_between(first, last))
        .select(owed(day, 0))
    )
    if one["owed"].is_sorted() and more["owed"].is_sorted():
        return one.lazy().merge_sorted(more.lazy(), "owed").collect()["owed"]
    # Spells that overlap stand one after the other.
    return pl.concat([one, more])["owed"].sort()


def _quarters_of(owed: pl.Series, numbers: pl.Series, first_day: date) -> pl.DataFrame:
    """The counts of one level per quarter (see `review_counts`); `numbers`: the number of the quarter of every day."""
    first = (first_day - date(1970, 1, 1)).days + _DAY_ZERO
    packed = pl.col("owed")
    taken = owed.to_frame().select(
        day=(_field(packed, _DAY_BITS, 1) - first).cast(pl.UInt32),
        line=(packed // (1 << _DAY_BITS + 1)).cast(pl.Int32),
        missed=(packed & 1) == 0,
    )
    placed = taken.with_columns(quarter=numbers.gather(taken["day"]))
    line, quarter, year = pl.col("line"), pl.col("quarter"), pl.col("quarter") // 4

    def firsts(rows: pl.LazyFrame, which: str) -> pl.LazyFrame:
        """Per quarter, the rows, and those that are the first of their case in the quarter, and in the year."""
        of_another = line != line.shift(1, fill_value=-1)
        marked = rows.select(
            "quarter",
            cases=of_another | (quarter != quarter.shift(1, fill_value=-1)),
            year_cases=of_another | (year != year.shift(1, fill_value=-1)),
        )
        counts = (pl.len().alias("reviews"), pl.col("cases", "year_cases").sum())
        named = pl.exclude("quarter").cast(pl.Int64).name.suffix(f"_{which}")
        return marked.group_by("quarter").agg(counts).select("quarter", named)

    every, late = pl.collect_all([firsts(placed.lazy(), "owed"), firsts(placed.lazy().filter("missed"), "missed")])
    counted = every.join(late, on="quarter", how="left")
    missed = {name: pl.col(f"{name}_missed").fill_null(0) for name in ("reviews", "cases", "year_cases")}
    return counted.select(
        "quarter",
        *(pl.col(f"{name}_owed") for name in missed),
        **{f"{name}_met": pl.col(f"{name}_owed") - each for name, each in missed.items()},
    )


def review_evidence(area: Area, level: str) -> pl.LazyFrame:
    """One row per review that was owed at a level, up to the as-at date, in the order of the cases' references and the due days.

    `owed_on` the due day, `done_on` the review that came, in time or late. A clock that no review restarts makes a review
    due every interval. Numbers are sorted and joined, and the words put beside them last: that takes half the memory.
    """
    clock = area.review_clock
    about = area.with_case(clock.cases.lazy()).collect()
    reference = about["case_id"].rank("ordinal")
    owed = clock.owed.filter(pl.col("level") == int(level))
    in_order = _moment(pl.lit(reference).gather(pl.col("case")), pl.col("owed_on"))
    reviewed = pl.col("next") == REVIEW
    rows = (
        owed.sort(in_order, maintain_order=True)
        .lazy()
        .with_columns(moment=pl.when(reviewed).then(_moment(pl.col("case"), pl.col("next_on"))))
        .join(_records(area, level), on="moment", how="left", maintain_order="left")
    )
    why = (
        pl.when("met")
        .then(pl.lit("reviewed in time"))
        .when(reviewed)
        .then(pl.lit("reviewed late"))
        .when(pl.col("next") == END)
        .then(pl.lit("not reviewed before the spell ended"))
        .otherwise(pl.lit("not reviewed so far"))
    )
    return as_evidence(
        rows.select(
            # The number of a case is its row among the cases: what is told of it is picked out by it.
            *(
                pl.lit(about[name]).gather(pl.col("case")).alias(name)
                for name in ("case_id", "category", "lead_agency")
            ),
            pl.lit(level).alias("level"),
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
    return case.cast(pl.Int64) * (1 << _DAY_BITS) + _number(day)


def _records(area: Area, level: str) -> pl.LazyFrame:
    """The records of the reviews held at a level: `moment` (case and day), `meeting_id, table` and the locators; one a day."""
    at_level = area.meetings.filter(pl.col("kind") == meeting_kind(level))
    parts = [
        at_level.sort("held_on", "meeting_id", maintain_order=True).select(
            "case_id", "held_on", "meeting_id", pl.lit("meetings").alias("table"), FILE, SHEET, ROW
        )
    ]
    if level == "1" and area.tables.has("reviews", "case_id", "reviewed_on"):
        alone = area.tables.lazy("reviews").filter(pl.col("reviewed_on").is_not_null())
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
    of_cases = pl.concat(parts).join(area.review_clock.cases.lazy(), on="case_id", how="inner", maintain_order="left")
    moment = _moment(pl.col("case"), pl.col("held_on")).alias("moment")
    return of_cases.select(moment, "meeting_id", "table", FILE, SHEET, ROW).unique(
        "moment", keep="first", maintain_order=True
    )
