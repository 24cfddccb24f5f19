"""Spells: who was managed at which level, where, from when until when (domain 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import zip_longest

import polars as pl

from checks.codes import LEVELS, SCREENING
from checks.numbers import CASE
from checks.standard import Step
from kpis.area import Area

ROWS = ("case_id", "level", "location", "from_on", "until_on")

# Without cases nobody knows whose open spell has ended, nor whom the standard leaves out.
_SPELLS_NEED = ("case_id", "level", "location", "from_on")
_CASES_NEED = ("case_id", "level", "location", "entered_on")
_MEETINGS_NEED = ("case_id", "held_on", "kind", "outcome_level")

_AT_ENTRY = 0
"""The place of what the entry says among what is said of one day: before every outcome."""


def can_tell(area: Area) -> bool:
    """Whether the records hold a history of management, or what it can be derived from."""
    if area.has_rows("spells"):
        return area.tables.has("spells", *_SPELLS_NEED) and area.tables.has("cases", "case_id")
    return area.tables.has("cases", *_CASES_NEED) and area.tables.has("meetings", *_MEETINGS_NEED)


def management(area: Area) -> pl.LazyFrame:
    """The history of management: `case_id, level, location, from_on, until_on` (null: continues); one row per stretch.

    Taken from the table of spells, or derived from cases and meetings where there is none. A stretch that is still open
    ends when its case exits. Cases that the standard leaves out are not in it.

    A table of spells without a single row, as an unused sheet of a workbook is, counts as none: to take it at its word would
    be to say that nobody is owed a review.
    """
    return numbered_management(area).select(
        area.of_case("case_id", pl.col("case")),
        pl.col("level", "location").cast(pl.String),
        "from_on",
        "until_on",
    )


def numbered_management(area: Area) -> pl.LazyFrame:
    """The history by the numbers of the cases: `case, level, location, from_on, until_on`; the rows are those of `management`."""
    steps = area.standard.steps("categories")
    rows = _stretches(area)
    managed = (rows if len(steps) > 1 else area.within(rows)).select(
        pl.col(CASE).alias("case"),
        "level",
        "location",
        "from_on",
        until_on=pl.coalesce("until_on", area.of_case("exited_on")),
    )
    if len(steps) == 1:
        return managed
    of_category = managed.with_columns(category=area.of_case("category", pl.col("case")))
    return while_listed(of_category, "category", steps, area.as_at).drop("category")


def on_the_clock(area: Area, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The stretches of management in a location where the standard's review clock runs, each for as long as it runs there."""
    steps = area.standard.steps("review_clock_locations")
    located = rows.filter(pl.col("location").is_not_null())
    if len(steps) == 1:
        return located.filter(pl.col("location").is_in(steps[0].value))
    return while_listed(located, "location", steps, area.as_at)


def while_listed(rows: pl.LazyFrame, code: str, steps: Sequence[Step], as_at: date) -> pl.LazyFrame:
    """The stretches (`from_on, until_on`) cut to the days on which their code is in the list in force; one not known stays whole.

    A stretch that begins before its code is listed counts from that day on, and one whose code is struck from the list ends
    on that day: what is owed is owed by who is under the standard, from when and for as long as they are.
    """
    times = []
    for each in dict.fromkeys(each for step in steps for each in step.value):
        listed = [each in step.value for step in steps]
        begins = [
            step.from_day for place, step in enumerate(steps) if listed[place] and not (place and listed[place - 1])
        ]
        ends = [step.from_day for place, step in enumerate(steps) if place and listed[place - 1] and not listed[place]]
        times += [(each, begin, end) for begin, end in zip_longest(begins, ends)]
    told = pl.LazyFrame(times, schema={code: pl.String, "_begin": pl.Date, "_end": pl.Date}, orient="row")
    unknown = rows.filter(pl.col(code).is_null())
    from_on, until_on, end = pl.col("from_on"), pl.col("until_on"), pl.col("_end")
    within = (
        rows.with_columns(pl.col(code).cast(pl.String))
        .join(told, on=code, how="inner", maintain_order="left")
        .filter(
            (from_on < end).fill_null(value=True)
            & (until_on >= pl.col("_begin")).fill_null(value=True)
            & (pl.col("_begin") <= as_at).fill_null(value=True)
        )
        .with_columns(
            from_on=pl.max_horizontal("from_on", "_begin"),
            # Of an end that is still to come nothing is known.
            until_on=pl.min_horizontal("until_on", pl.when(end <= as_at).then(end)),
        )
        .drop("_begin", "_end")
    )
    return pl.concat([within, unknown.with_columns(pl.col(code).cast(pl.String))])


def _stretches(area: Area) -> pl.LazyFrame:
    """`_case, level` (a code), `location, from_on, until_on`: those that can be placed."""
    told = area.has_rows("spells")
    rows = area.numbered.lazy("spells").select(CASE, *ROWS[1:]) if told else derived(area)
    return rows.filter(pl.col(CASE).is_not_null() & pl.col("level").is_not_null() & pl.col("from_on").is_not_null())


def derived(area: Area) -> pl.LazyFrame:
    """The history as cases and meetings tell it: the number of the case, `level, location, from_on, until_on`.

    Each outcome 1, 2 or 3 sets the level from its day; before the first, the kind of the first meeting tells. The level is null
    from the entry on where nothing tells it until an outcome does; after an outcome `exit` there is no row.
    """
    changes = pl.concat([_levels_at_entry(area), _outcomes(area)]).sort("case_id", "on", "place")
    until = pl.col("on").shift(-1).over("case_id")
    from_entry = pl.col("place") == _AT_ENTRY
    stretches = changes.with_columns(until_on=until).filter(pl.col("level").is_not_null() | from_entry)
    numbers = area.case_ids.to_frame("case_id").with_row_index(CASE).lazy()
    about = area.cases.lazy().select("case_id", "location", "exited_on")
    return (
        stretches.rename({"on": "from_on"})
        .join(about, on="case_id", how="left")
        .with_columns(until_on=pl.min_horizontal("until_on", "exited_on"))
        .filter(pl.col("until_on").is_null() | (pl.col("until_on") > pl.col("from_on")))
        .join(numbers, on="case_id", how="left", maintain_order="left")
        .select(CASE, pl.col("level").cast(pl.Enum(LEVELS)), *ROWS[2:])
    )


def _sittings(area: Area) -> pl.LazyFrame:
    """Dated meetings in the order in which they set levels: on one day a screening first, the others by their references."""
    meetings = area.tables.lazy("meetings").filter(pl.col("held_on").is_not_null() & pl.col("case_id").is_not_null())
    not_screening = pl.col("kind").ne_missing(pl.lit(SCREENING))
    in_order = meetings.sort(
        "case_id",
        "held_on",
        not_screening,
        "meeting_id",
        # Of records without a reference, or with one and the same, what they say gives the order, not where they stand.
        pl.col("kind", "outcome_level").cast(pl.String),
        nulls_last=True,
    )
    return in_order.select("case_id", "held_on", pl.col("kind", "outcome_level").cast(pl.String))


def _outcomes(area: Area) -> pl.LazyFrame:
    """`case_id, on, place, level`: the days on which an outcome sets a level (or none: exit), in order."""
    deciding = (
        _sittings(area)
        .filter(pl.col("outcome_level").is_in([*LEVELS, "exit"]))
        .with_row_index("place", offset=_AT_ENTRY + 1)
    )
    level = pl.when(pl.col("outcome_level") != "exit").then(pl.col("outcome_level"))
    return deciding.select("case_id", on="held_on", place=pl.col("place").cast(pl.Int64), level=level)


def _levels_at_entry(area: Area) -> pl.LazyFrame:
    """`case_id, on, place, level`: the level from entry until an outcome sets one, where the records tell it."""
    kind = pl.col("kind")
    at_level = kind.str.starts_with("level ")
    history = (
        _sittings(area)
        .group_by("case_id")
        .agg(
            first_kind=kind.filter(at_level).first(),
            first_at_level=pl.col("held_on").filter(at_level).min(),
            first_screening=pl.col("held_on").filter(kind == SCREENING).min(),
            first_outcome=pl.col("held_on").filter(pl.col("outcome_level").is_in(LEVELS)).min(),
            met=pl.lit(value=True),
        )
    )
    screened_first = (pl.col("first_screening") < pl.col("first_at_level")).fill_null(value=False)
    level = (
        pl.when(pl.col("met").is_null())
        .then(pl.col("level"))
        .when(~screened_first)
        .then(pl.col("first_kind").str.tail(1))
    )
    return (
        area.cases.lazy()
        .join(history, on="case_id", how="left")
        .filter(
            pl.col("entered_on").is_not_null()
            & (pl.col("first_outcome").is_null() | (pl.col("entered_on") < pl.col("first_outcome")))
        )
        .select("case_id", on="entered_on", place=pl.lit(_AT_ENTRY, dtype=pl.Int64), level=level)
    )
