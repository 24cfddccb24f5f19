"""The sample area's calendar: days as ordinals, years back from the as-at date, working days."""

from __future__ import annotations

from datetime import date

SPAN_BEFORE = 45 * 366
SPAN_AFTER = 12 * 366
_CLOSED = {(1, 1), (5, 9), (12, 25), (12, 26)}


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February falls back to the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


class Days:
    """Days near the as-at date as ordinals, with their text and the working day on or before each.

    Year 0 is the twelve months that end on the as-at date, year 1 those before, and so on; `ends[k]` is the last day of
    year k and `ends[years]` the day before the records start.
    """

    def __init__(self, as_at: date, years: int) -> None:
        self.as_at = as_at.toordinal()
        self.ends = [years_before(as_at, k).toordinal() for k in range(years + 1)]
        self.start = self.ends[years] + 1
        self.first = self.start - SPAN_BEFORE
        days = [date.fromordinal(day) for day in range(self.first, self.as_at + SPAN_AFTER)]
        self._text = [day.isoformat() for day in days]
        self._open = [self.first] * len(days)
        last = self.first
        for place, day in enumerate(days):
            if day.weekday() < 5 and (day.month, day.day) not in _CLOSED:
                last = self.first + place
            self._open[place] = last

    def text(self, day: int) -> str:
        """The ISO date."""
        return self._text[day - self.first]

    def working(self, day: int) -> int:
        """The day itself if it is a working day, else the last one before it."""
        return self._open[day - self.first]

    def year_of(self, day: int) -> int:
        """Which year back from the as-at date holds the day (0 the last)."""
        for k, end in enumerate(self.ends[1:]):
            if day > end:
                return k
        return len(self.ends) - 1
