"""Where people under management were, and when they came out of custody (domain 4.1, 4.6)."""

from __future__ import annotations

import polars as pl

from checks.locators import FILE, ROW, SHEET
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
    """Where each case was from when until when: `case_id, level, location, from_on, until_on` (null: continues), codes as text.

    Taken from the table of spells; where there is none, a case has been all along where it is now. Unlike the history of
    management (`kpis.spells`) it holds stretches at no known level too.
    """
    about = area.cases.lazy().select("case_id", "exited_on")
    if area.has_rows("spells"):
        rows = area.tables.lazy("spells").filter(pl.col("case_id").is_not_null() & pl.col("from_on").is_not_null())
        placed = rows.join(about, on="case_id", how="left", maintain_order="left").with_columns(
            until_on=pl.coalesce("until_on", "exited_on")
        )
    else:
        placed = area.cases.lazy().rename({"entered_on": "from_on", "exited_on": "until_on"})
        placed = placed.filter(pl.col("from_on").is_not_null())
    return placed.select("case_id", pl.col("level", "location").cast(pl.String), "from_on", "until_on")


def in_custody_on(rows: pl.LazyFrame, stretches: pl.LazyFrame, day: str) -> pl.LazyFrame:
    """The rows, in their order, whose case was in custody at the end of a day, with the `level` it was at there.

    `rows`: with `case_id` and the column `day` · `stretches`: as of `whereabouts`. A stretch holds from its first day until
    the day before its last: who is released on a day is out at the end of it.
    """
    numbered = rows.with_row_index("_number")
    on, begins, ends = pl.col(day), pl.col("from_on"), pl.col("until_on")
    inside = (
        numbered.select("_number", "case_id", day)
        .join(stretches.filter(pl.col("location") == CUSTODY), on="case_id", how="inner")
        .filter((begins <= on) & (on < ends).fill_null(value=True))
        .group_by("_number")
        .agg(pl.col("level").max())
    )
    return numbered.join(inside, on="_number", how="inner", maintain_order="left").drop("_number")


def releases_told(area: Area) -> bool:
    """Whether the records can tell of releases: only a table of spells can."""
    return area.has_rows("spells") and area.tables.has("spells", *_STRETCHES_NEED)


def releases(area: Area) -> pl.LazyFrame:
    """The rows of spells in the community that follow one in custody: `case_id, level, from_on` (the release) and the locators.

    The row before is the one that began before, whether or not a gap lies between the two: a person who was in custody and is
    next known to be in the community was released.
    """
    begins, ends = pl.col("from_on"), pl.col("until_on")
    known = area.within(area.tables.lazy("spells"), "from_on").filter(
        pl.col("case_id").is_not_null() & begins.is_not_null() & (ends >= begins).fill_null(value=True)
    )
    rows = known.select("case_id", pl.col("level", "location").cast(pl.String), "from_on", "until_on", FILE, SHEET, ROW)
    ever = rows.filter(pl.col("location") == CUSTODY).select("case_id").unique()
    in_order = rows.join(ever, on="case_id", how="semi").sort(
        "case_id", "from_on", "until_on", "location", "level", nulls_last=True
    )
    follows = (pl.col("location").shift(1) == CUSTODY) & (pl.col("case_id").shift(1) == pl.col("case_id"))
    return in_order.filter((pl.col("location") == COMMUNITY) & follows).select(
        "case_id", "level", "from_on", FILE, SHEET, ROW
    )
