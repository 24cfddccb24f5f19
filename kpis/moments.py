"""Whose and on which day as one whole number: quicker to sort and to look for than the two beside each other."""

from __future__ import annotations

import polars as pl

_DAY_ZERO, _DAYS = 1 << 20, 1 << 22
"""Days from far before 1970 to far after, as numbers from 0."""


def moment(whose: pl.Expr, day: pl.Expr) -> pl.Expr:
    """One number (Int64) for whose it is, a number from 0, and the day; in the order of both."""
    return whose.cast(pl.Int64) * _DAYS + day.to_physical().cast(pl.Int64) + _DAY_ZERO


def whose_of(packed: pl.Expr) -> pl.Expr:
    """Whose it is."""
    return packed // _DAYS


def day_of(packed: pl.Expr) -> pl.Expr:
    """The day."""
    return (packed % _DAYS - _DAY_ZERO).cast(pl.Int32).cast(pl.Date)
