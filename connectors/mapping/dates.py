"""Dates as people write them → ISO. Whether the day or the month comes first is decided for a column as a whole, never guessed.

A value is matched against a pattern first and only then read: a date reader left to itself takes `9/5/26` for the year 26.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from checks.tables.table import EARLIEST, LATEST


class DateStyle(StrEnum):
    """Which part of a date written in figures comes first."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


class Epoch(StrEnum):
    """The day from which a workbook counts its days."""

    FROM_1900 = "1900"
    FROM_1904 = "1904"


class Settled(StrEnum):
    """What a column says of the order of day and month."""

    NOTHING_TO_SETTLE = "nothing to settle"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    AMBIGUOUS = "ambiguous"
    CONTRADICTORY = "contradictory"


LAST_YEAR_OF_THIS_CENTURY = 49
"""Years of two figures up to this one are of the years from 2000, those above it of the years from 1900."""

LAST_YEAR_OF_BIRTH_OF_THIS_CENTURY = 15
"""The same for years of birth: nobody under management is younger."""

FIRST_SERIAL, LAST_SERIAL = 7_000, 90_000
"""Numbers outside these are not taken for a spreadsheet's days: they would lie before 1919 or after 2146."""

_DAY_ZERO = {Epoch.FROM_1900: "1899-12-30", Epoch.FROM_1904: "1904-01-01"}

_TIME = r"(?:[T ,]+(?P<time>\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?))?"
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)[a-z]*\.?,? )?"
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]{0,6})\.?"
_ISO = rf"^(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}$"
_SHUT = r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})$"
_FIGURES = rf"(?i)^{_WEEKDAY}(?P<a>\d{{1,2}}) ?[/.\- ] ?(?P<b>\d{{1,2}}) ?[/.\- ] ?(?P<year>\d{{4}}|'?\d{{2}}){_TIME}$"
_TH = "(?:st|nd|rd|th)?"
_DAY_MONTH = (
    rf"(?i)^{_WEEKDAY}(?P<day>\d{{1,2}}){_TH}(?: of)?[ \-/.,]*{_MONTH}[ \-/.,]*(?P<year>\d{{4}}|'?\d{{2}}){_TIME}$"
)
_MONTH_DAY = rf"(?i)^{_WEEKDAY}{_MONTH}[ \-/.]*(?P<day>\d{{1,2}}){_TH}[ ,\-/.]+(?P<year>\d{{4}}){_TIME}$"
_SERIAL = r"^(\d{4,5})(?:\.\d+)?$"
_ALREADY = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$"
_MONTHS_IN_ORDER = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: str(number + 1) for number, name in enumerate(_MONTHS_IN_ORDER)}


@dataclass(frozen=True)
class Evidence:
    """How many different values of a column can only be read in one order, or in both.

    `both`: the day and the month differ and either could be the month.
    """

    day_first: int = 0
    month_first: int = 0
    both: int = 0

    @property
    def settled(self) -> Settled:
        """What they say together."""
        if self.day_first and self.month_first:
            return Settled.CONTRADICTORY
        if self.day_first:
            return Settled.DAY_FIRST
        if self.month_first:
            return Settled.MONTH_FIRST
        return Settled.AMBIGUOUS if self.both else Settled.NOTHING_TO_SETTLE


def evidence(texts: pl.Series) -> Evidence:
    """What different, cleaned texts of a column say of the order of day and month."""
    parts = texts.str.extract_groups(_FIGURES).struct.unnest()
    a, b = parts["a"].cast(pl.Int32, strict=False), parts["b"].cast(pl.Int32, strict=False)
    as_day, as_month = (b <= 12) & (a <= 31) & (a > 0) & (b > 0), (a <= 12) & (b <= 31) & (a > 0) & (b > 0)
    return Evidence(
        int((as_day & ~as_month).sum()), int((as_month & ~as_day).sum()), int((as_day & as_month & (a != b)).sum())
    )


def read_dates(
    texts: pl.Series,
    style: DateStyle | None = None,
    epoch: Epoch = Epoch.FROM_1900,
    pivot: int = LAST_YEAR_OF_THIS_CENTURY,
) -> pl.Series:
    """ISO text of each cleaned text, null where it is no date; in figures, day and month alike need no style.

    A time of day is left out. Dates outside any life (`checks.tables.table`) are not taken for dates.
    """
    if texts.str.contains(_ALREADY).all() and (days := _already(texts)) is not None:  # the quick way, of most columns
        return days
    left = texts.to_frame("text").with_row_index("place").drop_nulls()
    found = []
    for pattern, reader in _READERS:
        fits = left["text"].str.contains(pattern)
        if fits.any():  # most patterns fit nothing in a column, and looking is cheap
            found.append(reader(left.filter(fits), pattern, _Order(style, epoch, pivot)))
            left = left.filter(~fits)
        if left.is_empty():
            break
    days = pl.Series(texts.name, [None], dtype=pl.String).new_from_index(0, texts.len())
    if not found:
        return days
    read = pl.concat(found).drop_nulls()
    return days.scatter(read["place"], read["iso"])


@dataclass(frozen=True)
class _Order:
    style: DateStyle | None
    epoch: Epoch
    pivot: int


def _already(texts: pl.Series) -> pl.Series | None:
    """The days of texts that are ISO as they stand; None where one of them is no day."""
    days = texts.str.head(10)
    read = days.str.to_date("%Y-%m-%d", strict=False)
    sound = read.is_between(EARLIEST, LATEST).fill_null(value=False) | texts.is_null()
    return days if sound.all() else None


def _parts(fits: pl.DataFrame, pattern: str) -> pl.DataFrame:
    return fits.select("place", pl.col("text").str.extract_groups(pattern).alias("parts")).unnest("parts")


def _dated(places: pl.Series, parts: pl.DataFrame, pivot: int) -> pl.DataFrame:
    return pl.DataFrame({"place": places, "iso": _iso(parts, pivot)})


def _year_first(fits: pl.DataFrame, pattern: str, order: _Order) -> pl.DataFrame:
    parts = _parts(fits, pattern)
    return _dated(parts["place"], parts.select(y="year", m="month", d="day"), order.pivot)


def _in_figures(fits: pl.DataFrame, pattern: str, order: _Order) -> pl.DataFrame:
    parts = _parts(fits, pattern)
    if order.style is None:
        parts = parts.filter(pl.col("a").cast(pl.Int32) == pl.col("b").cast(pl.Int32))
    day, month = ("b", "a") if order.style is DateStyle.MONTH_FIRST else ("a", "b")
    return _dated(parts["place"], parts.select(y="year", m=month, d=day), order.pivot)


def _with_month_named(fits: pl.DataFrame, pattern: str, order: _Order) -> pl.DataFrame:
    parts = _parts(fits, pattern)
    month = pl.col("month").str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.String)
    return _dated(parts["place"], parts.select("day", y="year", m=month).rename({"day": "d"}), order.pivot)


def _serials(fits: pl.DataFrame, pattern: str, order: _Order) -> pl.DataFrame:
    days = fits.select("place", pl.col("text").str.extract(pattern).cast(pl.Int32).alias("days"))
    days = days.filter(pl.col("days").is_between(FIRST_SERIAL, LAST_SERIAL))
    day = pl.lit(_DAY_ZERO[order.epoch]).str.to_date() + pl.duration(days=pl.col("days"))
    return days.select("place", day.dt.strftime("%Y-%m-%d").alias("iso"))


_READERS: tuple[tuple[str, Callable[[pl.DataFrame, str, _Order], pl.DataFrame]], ...] = (
    (_ISO, _year_first),
    (_FIGURES, _in_figures),
    (_DAY_MONTH, _with_month_named),
    (_SERIAL, _serials),
    (_MONTH_DAY, _with_month_named),
    (_SHUT, _year_first),
)


def _iso(parts: pl.DataFrame, pivot: int) -> pl.Series:
    """Columns y, m, d of text → ISO text, null where there is no such day or it lies out of reach."""
    year = pl.col("y").str.strip_prefix("'")
    short = year.str.len_chars() == 2
    number = year.cast(pl.Int32, strict=False)
    whole = pl.when(short).then(number + pl.when(number <= pivot).then(2000).otherwise(1900)).otherwise(number)
    text = pl.format("{}-{}-{}", whole, pl.col("m").str.zfill(2), pl.col("d").str.zfill(2))
    day = text.str.to_date("%Y-%m-%d", strict=False)
    return parts.select(
        pl.when(day.is_between(EARLIEST, LATEST)).then(day.dt.strftime("%Y-%m-%d")).alias("iso")
    ).to_series()
