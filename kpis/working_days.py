"""Working days: weekdays that are no public holiday of the standard's calendar nor a day off of the area's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from checks.standard import Standard, WorkingDayCalendar

FIRST_YEAR, LAST_YEAR = 1990, 2060
"""The years whose public holidays are known; a working day outside them is reckoned by weekdays alone."""

_FIRST_DAY, _LAST_DAY = date(1880, 1, 1), date(2220, 12, 31)
"""The days of the calendar: every date that a record can hold, and what falls due after the last of them."""


@lru_cache(maxsize=16)
def _public(country: str, subdivision: str | None) -> tuple[date, ...]:
    import holidays  # a tenth of a second that pages need not spend

    calendar = holidays.country_holidays(country, subdiv=subdivision, years=range(FIRST_YEAR, LAST_YEAR + 1))
    return tuple(sorted(calendar))


def days_off(standard: Standard, extra: Iterable[date] = ()) -> list[date]:
    """Every public holiday of the standard's calendar, and the area's further days off."""
    calendar: WorkingDayCalendar = standard.value("working_day_calendar")
    return sorted({*_public(calendar.country, calendar.subdivision), *extra})


def working_days_after(day: pl.Expr, count: int, off: list[date]) -> pl.Expr:
    """The `count`-th working day after a date; the first working day after it is day 1, whatever day it is itself."""
    # Looked up in a calendar of all days: that costs a tenth of reckoning row by row against the list of holidays.
    place = day.to_physical().cast(pl.Int64) - (_FIRST_DAY - date(1970, 1, 1)).days
    return pl.lit(_calendar(count, tuple(off))).gather(place, null_on_oob=True)


@lru_cache(maxsize=32)
def _calendar(count: int, off: tuple[date, ...]) -> pl.Series:
    """For every day from `_FIRST_DAY` on, the `count`-th working day after it."""
    days = pl.DataFrame({"day": pl.date_range(_FIRST_DAY, _LAST_DAY + timedelta(days=1), eager=True)})
    day, works = pl.col("day"), pl.col("works")
    marked = days.with_columns(works=(day.dt.weekday() <= 5) & ~day.is_in(list(off)))
    working = marked.filter("works").to_series()
    # So many working days have passed by the end of a day: the next of them is the one in that place, counting from nought.
    after = marked.select(works.cum_sum().cast(pl.Int64) + count - 1).to_series()
    return pl.select(pl.lit(working).gather(after, null_on_oob=True)).to_series()
