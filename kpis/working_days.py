"""Working days: weekdays that are no public holiday of the standard's calendar nor a day off of the area's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import polars as pl

from checks.standard import Standard, WorkingDayCalendar

FIRST_YEAR, LAST_YEAR = 1990, 2060
"""The years whose public holidays are known; a working day outside them would be reckoned by weekdays alone."""


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
    # Rolling back from a day off leaves the next working day as day 1; rolling forward would make it day 0.
    return day.dt.add_business_days(count, holidays=off, roll="backward")
