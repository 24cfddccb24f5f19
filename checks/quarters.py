"""Quarters of a standard's reporting year, by number: the one piece of the calendar that checks and measures share."""

from __future__ import annotations

from datetime import date

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


def quarters_of(standard: Standard, days: pl.Series) -> pl.Expr:
    """The quarter of each day of a frame's column by its `quarter_number`, null where there is no day. Only beside other columns.

    Looked up in a list of all days between the first and the last: there are few of those, however many rows.
    """
    first, last = days.min(), days.max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return pl.lit(None, dtype=pl.Int32)
    between = pl.date_range(first, last, eager=True)
    numbers = between.to_frame("day").select(quarter_number(standard, pl.col("day"))).to_series()
    place = pl.col(days.name).to_physical() - int(between.to_physical()[0])
    return pl.lit(numbers).gather(place)
