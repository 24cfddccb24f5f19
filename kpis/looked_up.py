"""What a list tells of a number: a look into the list, where a join would have to search."""

from __future__ import annotations

import polars as pl


def looked_up(told: pl.Series, at: pl.Expr) -> pl.Expr:
    """What stands in the list at each number; null beyond its end, and where the number is null.

    A list that tells nothing is not looked into: Polars takes two of these for one and the same expression, whatever their
    types, and gives one's dates for the other's numbers.
    """
    if told.null_count() == told.len():
        return pl.lit(None, dtype=told.dtype)
    return pl.lit(told).gather(at, null_on_oob=True)
