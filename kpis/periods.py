"""Periods of a standard's reporting year: quarters and years, their names and their first and last days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from checks.errors import UsageError
from checks.quarters import quarter_number
from checks.standard import MonthDay, Standard

__all__ = [
    "YEARS_OF_HISTORY", "Period", "Window", "days_of", "last_complete_quarter", "parse_period", "periods_between", "plus_months",
    "quarter", "quarter_number", "quarter_numbered", "quarter_of", "quarters_between", "year", "year_of",
]  # fmt: skip

_NAME = re.compile(r"^(?P<year>\d{4})(?:-(?P<next>\d{2}))?(?:-Q(?P<quarter>[1-4]))?$")


Window = Literal["period", "12 months", "last day"]
"""Which days belong to a period: its own, the twelve months that end with it, or its last day alone."""

YEARS_OF_HISTORY = 20
"""How far back periods are computed; older rows are kept and checked, and stand in no period."""


@dataclass(frozen=True, order=True)
class Period:
    """A quarter or a year, both days included."""

    start: date
    end: date
    name: str
    kind: Literal["quarter", "year"]

    @property
    def first_year(self) -> int:
        """The calendar year in which its reporting year begins, as its name says."""
        return int(self.name[:4])


def _year_start(standard: Standard) -> MonthDay:
    return standard.value("reporting_year_starts")


def plus_months(first: date, months: int) -> date:
    """A first of a month, so many months on (or back)."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first.replace(year=year, month=month + 1)


def _year_name(year: int, starts: MonthDay) -> str:
    in_one_year = starts.month == 1 and starts.day == 1
    return f"{year}" if in_one_year else f"{year}-{(year + 1) % 100:02d}"


def year(standard: Standard, first_year: int) -> Period:
    """The reporting year that begins in a calendar year."""
    starts = _year_start(standard)
    start = date(first_year, starts.month, starts.day)
    end = plus_months(start, 12) - timedelta(days=1)
    return Period(start, end, _year_name(first_year, starts), "year")


def quarter(standard: Standard, first_year: int, number: int) -> Period:
    """Quarter 1 to 4 of the reporting year that begins in a calendar year."""
    whole = year(standard, first_year)
    start = plus_months(whole.start, 3 * (number - 1))
    return Period(start, plus_months(start, 3) - timedelta(days=1), f"{whole.name}-Q{number}", "quarter")


def quarter_numbered(standard: Standard, number: int) -> Period:
    """The quarter of a number (`quarter_number`)."""
    first_year, place = divmod(number, 4)
    return quarter(standard, first_year, place + 1)


def quarter_of(standard: Standard, day: date) -> Period:
    """The quarter that holds a day."""
    starts = _year_start(standard)
    first_year = day.year if day >= date(day.year, starts.month, starts.day) else day.year - 1
    return next(each for number in (4, 3, 2, 1) if (each := quarter(standard, first_year, number)).start <= day)


def year_of(standard: Standard, day: date) -> Period:
    """The reporting year that holds a day."""
    return next(each for first in (day.year, day.year - 1) if (each := year(standard, first)).start <= day)


def last_complete_quarter(standard: Standard, as_at: date) -> Period:
    """The latest quarter that has ended by the as-at date."""
    current = quarter_of(standard, as_at)
    return current if current.end == as_at else quarter_of(standard, current.start - timedelta(days=1))


def quarters_between(standard: Standard, first: date, last: date) -> Iterator[Period]:
    """Every quarter from the one that holds `first` to the one that holds `last`."""
    each = quarter_of(standard, first)
    while each.start <= last:
        yield each
        each = quarter_of(standard, each.end + timedelta(days=1))


def periods_between(standard: Standard, first: date, last: date) -> list[Period]:
    """Every quarter and every reporting year that touch the days from `first` to `last`, in order of time."""
    quarters = list(quarters_between(standard, first, last))
    years = {year_of(standard, each.start) for each in quarters}
    return sorted([*quarters, *years])


def days_of(window: Window | str, period: Period, as_at: date) -> tuple[date, date]:
    """The first and the last of the days that belong to a period."""
    if window == "12 months":
        return plus_months(period.end + timedelta(days=1), -12), period.end
    if window == "last day":
        # Of a period that is not over, the last day is the one as of which the records are known.
        last = min(period.end, max(as_at, period.start))
        return last, last
    return period.start, period.end


def parse_period(text: str, standard: Standard) -> Period:
    """The period of this name; raises UsageError (exit 2) that says how a period is written under the standard."""
    match = _NAME.match(text.strip())
    starts = _year_start(standard)
    in_one_year = starts.month == 1 and starts.day == 1
    if match is None or (match["next"] is None) != in_one_year or not 1900 <= int(match["year"]) <= 2199:
        raise UsageError(_how(text, standard))
    first_year = int(match["year"])
    if match["next"] is not None and int(match["next"]) != (first_year + 1) % 100:
        raise UsageError(_how(text, standard))
    return (
        year(standard, first_year) if match["quarter"] is None else quarter(standard, first_year, int(match["quarter"]))
    )


def _how(text: str, standard: Standard) -> str:
    example = quarter(standard, 2023, 4).name
    return (
        f"“{text}” is not a period: under the standard {standard.name} a quarter is written {example} "
        f"and a year {example.removesuffix('-Q4')}."
    )
