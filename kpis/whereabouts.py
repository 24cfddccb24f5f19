"""Where people under management were, and when they came out of custody (domain 4.1, 4.6)."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS
from checks.locators import FILE, ROW, SHEET
from checks.numbers import CASE
from kpis import spells
from kpis.area import Area

COMMUNITY, CUSTODY = "community", "custody"

_STRETCHES_NEED = ("case_id", "location", "from_on")
_CASES_NEED = ("case_id", "location", "entered_on")


def can_tell(area: Area) -> bool:
    """Whether the records can tell where a person was on a day."""
    if area.has_rows("spells"):
        return area.tables.has("spells", *_STRETCHES_NEED)
    return area.tables.has("cases", *_CASES_NEED)


def whereabouts(area: Area) -> pl.LazyFrame:
    """Where each case was from when until when: its number, `level, location, from_on, until_on` (null: continues).

    Taken from the table of spells; where there is none, from the history that cases and meetings tell, all along where the case
    is now. Unlike the history of management (`kpis.spells`) it holds stretches at no known level too. Where no history can be
    told, a case has been at its present level since it entered.
    """
    if area.has_rows("spells"):
        rows = area.numbered.lazy("spells").filter(pl.col(CASE).is_not_null() & pl.col("from_on").is_not_null())
        placed = rows.with_columns(until_on=pl.coalesce("until_on", area.of_case("exited_on")))
    elif spells.can_tell(area):
        placed = spells.derived(area)
    else:
        cases = area.cases.lazy().with_row_index(CASE)
        placed = cases.rename({"entered_on": "from_on", "exited_on": "until_on"})
        placed = placed.filter(pl.col("from_on").is_not_null())
    return placed.select(CASE, pl.col("level").cast(pl.Enum(LEVELS)), "location", "from_on", "until_on")


def in_custody_on(rows: pl.LazyFrame, stretches: pl.LazyFrame, day: str) -> pl.LazyFrame:
    """The rows, in their order, whose case was in custody at the end of a day, with the `level` it was at there.

    `rows`: with the number of the case and the column `day` · `stretches`: as of `whereabouts`. A stretch holds from its
    first day until the day before its last: who is released on a day is out at the end of it.
    """
    numbered = rows.with_row_index("_number")
    on, begins, ends = pl.col(day), pl.col("from_on"), pl.col("until_on")
    inside = (
        numbered.select("_number", CASE, day)
        .join(stretches.filter(pl.col("location") == CUSTODY), on=CASE, how="inner")
        .filter((begins <= on) & (on < ends).fill_null(value=True))
        .group_by("_number")
        .agg(pl.col("level").max())
    )
    return numbered.join(inside, on="_number", how="inner", maintain_order="left").drop("_number")


def releases_told(area: Area) -> bool:
    """Whether the records can tell of releases: only a table of spells can."""
    return area.has_rows("spells") and area.tables.has("spells", *_STRETCHES_NEED)


def releases(area: Area) -> pl.LazyFrame:
    """The rows of spells in the community that follow one in custody.

    The number of the case, `case_id, level, from_on` (the release) and the locators.

    The row before is the one that began before, whether or not a gap lies between the two: a person who was in custody and is
    next known to be in the community was released. A row still open ends when the case left; one that ends before it begins does
    not count.
    """
    begins, ends = pl.col("from_on"), pl.col("until_on")
    known = (
        area.within(area.numbered.lazy("spells"), "from_on")
        .filter(pl.col(CASE).is_not_null() & begins.is_not_null())
        .with_columns(until_on=pl.coalesce("until_on", area.of_case("exited_on")))
        .filter((ends >= begins).fill_null(value=True))
    )
    rows = known.select(CASE, "case_id", "level", "location", "from_on", "until_on", FILE, SHEET, ROW)
    ever = rows.filter(pl.col("location") == CUSTODY).select(CASE).unique()
    in_order = rows.join(ever, on=CASE, how="semi").sort(
        CASE, "from_on", "until_on", "location", "level", nulls_last=True
    )
    follows = (pl.col("location").shift(1) == CUSTODY) & (pl.col(CASE).shift(1) == pl.col(CASE))
    return in_order.filter((pl.col("location") == COMMUNITY) & follows).select(
        CASE, "case_id", "level", "from_on", FILE, SHEET, ROW
    )
