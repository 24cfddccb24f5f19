"""The text of cells and the field they are for → canonical text, blank, or not understood and kept as it stands for the checks.

The work is done once for each different value of a column, never cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from checks.tables.table import EARLIEST, LATEST, Field
from connectors.mapping import dates, words
from connectors.mapping.cleaning import cleaned, folded
from connectors.mapping.dates import DateStyle, Epoch
from connectors.mapping.likelihood import Certainty

_NUMBER = re.compile(r"[+-]?(\d{1,3}(?:[ ,]\d{3})+|\d+)(?:\.0+)?")
_YEAR = re.compile(r"'?(\d{2}|\d{4})(?:\.0+)?")
_LONGEST_MARK = 24
"""Characters; what is longer does not say that nothing is known."""


@dataclass(frozen=True)
class How:
    """How a column is to be read.

    `pairs`: what a text means, by the mapping's word, before all else; the empty text means blank · `style` of its dates ·
    `epoch` of its serial numbers · `pivot` of years of two figures · `agencies` the area's own names for its agencies.
    """

    pairs: Mapping[str, str] = field(default_factory=dict)
    style: DateStyle | None = None
    epoch: Epoch = Epoch.FROM_1900
    pivot: int = dates.LAST_YEAR_OF_THIS_CENTURY
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meanings:
    """What each different text of a column means: one row per text.

    Columns of `frame`: `text` cleaned, as it stands · `meaning` canonical, null where it says that nothing is known; where
    not understood, the text · `understood` · `likely` understood by a spelling that only a mapping may settle.
    """

    frame: pl.DataFrame

    @property
    def not_understood(self) -> list[str]:
        """The texts that are not understood."""
        return self.frame.filter(~pl.col("understood"))["text"].to_list()


def is_plain(of: Field) -> bool:
    """Whether the field takes any text, so that none is ever not understood."""
    return of.kind == "text" and not words.is_agency(of)


def meanings(texts: pl.Series, of: Field, how: How) -> Meanings:
    """What these different, cleaned texts mean in a field; null among them is left out."""
    texts = texts.drop_nulls().rename("text")
    pairs = {folded(text): meant for text, meant in how.pairs.items()}
    if of.kind != "date":
        return Meanings(_one_by_one(texts, of, how, pairs))
    days = dates.read_dates(texts, how.style, how.epoch, how.pivot)
    read = pl.DataFrame({"text": texts, "meaning": days}).filter(pl.col("meaning").is_not_null())
    read = read.with_columns(understood=pl.lit(value=True), likely=pl.lit(value=False))
    if read.height == texts.len():
        return Meanings(read)
    return Meanings(pl.concat([read, _one_by_one(texts.filter(days.is_null()), of, how, pairs)]))


def _one_by_one(texts: pl.Series, of: Field, how: How, pairs: Mapping[str, str]) -> pl.DataFrame:
    rows = [(text, *_meaning(text, of, how, pairs)) for text in texts.to_list()]
    schema = {"text": pl.String, "meaning": pl.String, "understood": pl.Boolean, "likely": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _meaning(text: str, of: Field, how: How, pairs: Mapping[str, str]) -> tuple[str | None, bool, bool]:
    """A text's meaning, whether it is understood, and whether only likely."""
    key = folded(text) if len(text) <= 200 else text
    if key in pairs:
        return pairs[key] or None, True, False
    found = None
    if of.codes is not None:
        found = words.codes(of.table, of.name).find(text)
    elif of.kind == "true/false":
        found = words.flags(of.table, of.name).find(text)
    elif of.kind == "number":
        number = _number(text, of, how)
        found = None if number is None else (number, Certainty.CERTAIN)
    if found is not None and found[1] is Certainty.CERTAIN:
        return found[0], True, False
    if says_nothing(text, of):
        return None, True, False
    if found is not None:
        return text, False, True
    if of.kind == "text":
        return _text(text, of, how)
    return text, False, False


def _text(text: str, of: Field, how: How) -> tuple[str, bool, bool]:
    if not words.is_agency(of):
        return text, True, False
    found = words.agency(text, how.agencies)
    if found is None:
        return words.plain_agency(text), True, False
    return (found[0], True, False) if found[1] is Certainty.CERTAIN else (words.plain_agency(text), True, True)


def says_nothing(text: str, of: Field) -> bool:
    """Whether a text says that nothing is known, or that the field is empty."""
    if len(text) > _LONGEST_MARK or text.startswith("#"):  # an error that a spreadsheet shows, which is to be seen
        return False
    key = folded(text)
    if key in words.missing_in(of.table, of.name):
        return True
    return key in words.missing_words() and not (of.codes is not None and key in of.codes)


def _number(text: str, of: Field, how: How) -> str | None:
    if of.name.endswith("year"):
        return _year(text, how)
    found = _NUMBER.fullmatch(text)
    return re.sub(r"[ ,]", "", text.partition(".")[0]) if found else None


def _year(text: str, how: How) -> str | None:
    """A year, also one of two figures, and that of a whole date: the rest of the date goes no further."""
    found = _YEAR.fullmatch(text)
    pivot = dates.LAST_YEAR_OF_BIRTH_OF_THIS_CENTURY
    if found:
        number = int(found[1])
        if len(found[1]) == 2:
            number += 2000 if number <= pivot else 1900
        return str(number) if EARLIEST.year <= number <= LATEST.year else None
    # Whichever comes first, day or month, the year is the same.
    for style in (DateStyle.DAY_FIRST, DateStyle.MONTH_FIRST):
        day = dates.read_dates(pl.Series([text]), style, how.epoch, pivot)[0]
        if day is not None:
            return str(day)[:4]
    return None


@dataclass(frozen=True)
class Column:
    """A column as understood: canonical `texts`, and in which rows (`unread`) something stands that is not understood."""

    texts: pl.Series
    unread: pl.Series

    @property
    def not_understood(self) -> int:
        """So many cells."""
        return int(self.unread.sum())


def understand(column: pl.Series, of: Field, how: How) -> Column:
    """A column of cleaned text in canonical values; what is not understood stays as it stands."""
    if is_plain(of) and not how.pairs:
        return Column(_without_marks(column, of), pl.repeat(value=False, n=column.len(), dtype=pl.Boolean, eager=True))
    different = column.unique()
    meant = meanings(different, of, how).frame
    changed = meant.filter(pl.col("text").ne_missing(pl.col("meaning")))
    texts = column.replace(changed["text"], changed["meaning"]) if changed.height else column
    unread = meant.filter(~pl.col("understood"))["text"]
    rows = (
        column.is_in(unread.implode()).fill_null(value=False)
        if unread.len()
        else pl.repeat(value=False, n=column.len(), dtype=pl.Boolean, eager=True)
    )
    return Column(texts.rename(of.name), rows)


def _without_marks(column: pl.Series, of: Field) -> pl.Series:
    """Text of any kind without the marks that say that nothing is known."""
    short = column.filter(column.str.len_bytes() <= _LONGEST_MARK)
    # A mark is of letters, or of punctuation alone: most references hold a figure and need not be looked at.
    perhaps = short.filter(~short.str.contains(r"[1-9]")).unique().drop_nulls()
    marks = [text for text in perhaps if says_nothing(text, of)]
    texts = column.replace(marks, [None] * len(marks)) if marks else column
    return texts.rename(of.name)


__all__ = ["Column", "How", "Meanings", "cleaned", "is_plain", "meanings", "says_nothing", "understand"]
