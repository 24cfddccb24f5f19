"""References for rows that have none of their own: the same case and day give the same reference, each month again."""

from __future__ import annotations

import hashlib

import polars as pl

from checks.names import like_name

_ISO = r"^\d{4}-\d{2}-\d{2}$"
_NUMBERED = ("actions", "referrals")
"""Of these there may be two of one case on one day; a meeting of a case there is but one a day."""


def made(case: pl.Series | None, day: pl.Series) -> pl.Series:
    """`case day`, or the day alone; null where either is not known or the day is no date.

    What looks like a person's name goes into no reference: its fingerprint does.
    """
    known = day.str.contains(_ISO).fill_null(value=False)
    if case is None:
        return day.set(~known, None)
    names = case.unique().drop_nulls()
    names = names.to_frame("text").filter(like_name(pl.col("text"))).to_series()
    if names.len():
        prints = [hashlib.sha256(name.encode()).hexdigest()[:12] for name in names]
        case = case.replace(names, pl.Series(prints, dtype=pl.String))
    together = pl.DataFrame({"case": case, "day": day})
    return together.select(pl.when(known).then(pl.format("{} {}", "case", "day"))).to_series()


def is_numbered(table: str) -> bool:
    """Whether the rows of a table may share case and day and are still different things."""
    return table in _NUMBERED


def numbered(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The frame with the second, third … of one reference told apart, in the order of the file."""
    place = pl.int_range(1, pl.len() + 1).over(column)
    again = pl.col(column).is_not_null() & (place > 1)
    return frame.with_columns(pl.when(again).then(pl.format("{} ({})", column, place)).otherwise(column).alias(column))
