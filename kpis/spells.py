"""Spells: who was managed at which level, where, from when until when (domain 4.1)."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS, SCREENING
from checks.numbers import CASE
from kpis.area import Area

ROWS = ("case_id", "level", "location", "from_on", "until_on")

# Without cases nobody knows whose open spell has ended, nor whom the standard leaves out.
_SPELLS_NEED = ("case_id", "level", "location", "from_on")
_CASES_NEED = ("case_id", "level", "location", "entered_on")
_MEETINGS_NEED = ("case_id", "held_on", "kind", "outcome_level")


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
    return area.within(_stretches(area)).select(
        pl.col(CASE).alias("case"),
        "level",
        "location",
        "from_on",
        until_on=pl.coalesce("until_on", area.of_case("exited_on")),
    )


def _stretches(area: Area) -> pl.LazyFrame:
    """`_case, level` (a code), `location, from_on, until_on`: those that can be placed."""
    if area.has_rows("spells"):
        rows = area.numbered.lazy("spells").select(CASE, *ROWS[1:])
    else:
        numbers = area.case_ids.to_frame("case_id").with_row_index(CASE).lazy()
        rows = _derived(area).join(numbers, on="case_id", how="left", maintain_order="left")
        rows = rows.select(CASE, pl.col("level").cast(pl.Enum(LEVELS)), *ROWS[2:])
    return rows.filter(pl.col(CASE).is_not_null() & pl.col("level").is_not_null() & pl.col("from_on").is_not_null())


def _derived(area: Area) -> pl.LazyFrame:
    """Each outcome 1, 2 or 3 sets the level from its day; before the first, the kind of the first meeting tells."""
    changes = pl.concat([_levels_at_entry(area), _outcomes(area)]).sort("case_id", "on", "place")
    until = pl.col("on").shift(-1).over("case_id")
    stretches = changes.with_columns(until_on=until).filter(pl.col("level").is_not_null())
    about = area.cases.lazy().select("case_id", "location", "exited_on")
    return (
        stretches.rename({"on": "from_on"})
        .join(about, on="case_id", how="left")
        .with_columns(until_on=pl.min_horizontal("until_on", "exited_on"))
        .filter(pl.col("until_on").is_null() | (pl.col("until_on") > pl.col("from_on")))
        .select(ROWS)
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
        _sittings(area).filter(pl.col("outcome_level").is_in([*LEVELS, "exit"])).with_row_index("place", offset=1)
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
        .select("case_id", on="entered_on", place=pl.lit(0, dtype=pl.Int64), level=level)
    )
