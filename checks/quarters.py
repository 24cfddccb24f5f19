"""Quarters of a standard's reporting year, by number: the one piece of the calendar that checks and measures share."""

from __future__ import annotations

import polars as pl

from checks.standard import MonthDay, Standard


def quarter_number(standard: Standard, day: pl.Expr) -> pl.Expr:
    """A number per quarter of the reporting year, running on from year to year; for grouping.

    Four times the calendar year in which the reporting year begins, and 0 to 3 for the quarter in it.
    """
    starts: MonthDay = standard.value("reporting_year_starts")
    shifted = day.dt.offset_by(f"-{starts.day - 1}d") if starts.day > 1 else day
    months = shifted.dt.year().cast(pl.Int32) * 12 + shifted.dt.month().cast(pl.Int32) - starts.month
    return months // 3
