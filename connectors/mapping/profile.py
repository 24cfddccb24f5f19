"""What stands in a column, looked at once: how much of it, how many different values, what they can be read as."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from checks.names import like_name
from checks.tables.table import Field
from connectors.mapping import dates, words
from connectors.mapping.cleaning import cleaned, folded
from connectors.mapping.dates import DateStyle
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import is_coded
from connectors.mapping.values import How, meanings

MOST_CODES = 60
"""A column of more different values than these is no column of codes; only so many are looked at."""

_NAMES_LOOKED_AT = 200
"""So many different values tell whether a column holds names; each is compared with every agency that is known, which is slow."""

_LOOKED_AT = 5_000


@dataclass(frozen=True)
class Fit:
    """How a column's cells fit a field: `read` of the `given` cells are understood, `likely` of them only by a likely spelling."""

    given: int
    read: int
    likely: int

    @property
    def share(self) -> float:
        """Of the cells that say something, those that are understood in some way; 1 where none says anything."""
        return (self.read + self.likely) / self.given if self.given else 1.0

    @property
    def surely(self) -> float:
        """The same for those that can mean nothing else."""
        return self.read / self.given if self.given else 1.0


class Profile:
    """One column of a table of a file."""

    def __init__(self, column: pl.Series) -> None:
        texts = cleaned(column)
        self.rows = texts.len()
        self.blank = texts.null_count()
        self.counts = (
            texts.drop_nulls().rename("text").value_counts(name="cells").sort("cells", "text", descending=[True, False])
        )
        self._fits: dict[tuple[str, str], Fit] = {}

    @property
    def different(self) -> int:
        """So many different values."""
        return self.counts.height

    @property
    def given(self) -> int:
        """So many cells that are not blank."""
        return self.rows - self.blank

    @cached_property
    def evidence(self) -> dates.Evidence:
        """What the values say of the order of day and month."""
        return dates.evidence(self.counts["text"])

    @property
    def are_dates(self) -> float:
        """Which share of the cells that say something is a date in some style."""
        return self._dated[0] / self._dated[1] if self._dated[1] else 0.0

    @cached_property
    def _dated(self) -> tuple[int, int]:
        """So many cells are dates in some style, of so many that say something."""
        some = self.counts.head(_LOOKED_AT)
        said = some.filter(~pl.Series([_mark(text) for text in some["text"]], dtype=pl.Boolean))
        total = int(said["cells"].sum())
        either = [dates.read_dates(said["text"], style) for style in DateStyle]
        return int(said["cells"].filter(either[0].is_not_null() | either[1].is_not_null()).sum()), total

    @cached_property
    def like_names(self) -> float:
        """Which share of the cells looks like a person's name and is no agency that is known."""
        some = self.counts.head(_NAMES_LOOKED_AT)
        names = some.filter(like_name(pl.col("text")))
        cells = sum(
            count
            for text, count in names.iter_rows()
            if words.agency(text) is None and words.plain_agency(text) == text
        )
        total = int(some["cells"].sum())
        return cells / total if total else 0.0

    @property
    def are_different(self) -> float:
        """Which share of the cells stands nowhere else in the column."""
        return self.different / self.given if self.given else 0.0

    def fit(self, of: Field, own: tuple[str, ...] = ()) -> Fit | None:
        """How the cells fit a field; None where any text would."""
        if of.kind == "text" and not words.is_agency(of):
            return None
        key = of.table, of.name
        if key not in self._fits:
            self._fits[key] = self._fit(of, own)
        return self._fits[key]

    def _fit(self, of: Field, own: tuple[str, ...]) -> Fit:
        if of.kind == "date":
            return Fit(self._dated[1], self._dated[0], 0)
        if is_coded(of) and self.different > MOST_CODES and self.different > self.given / 4:
            return Fit(self.given, 0, 0)
        some = self.counts.head(_LOOKED_AT)
        meant = meanings(some["text"], of, How(agencies=own)).frame.with_columns(some["cells"])
        meant = meant.filter(pl.col("meaning").is_not_null())
        if of.kind == "text":
            known = {text: words.agency(text, own) for text in meant["text"]}
            sure = [text for text, found in known.items() if found and found[1] is Certainty.CERTAIN]
            maybe = [text for text, found in known.items() if found and found[1] is Certainty.LIKELY]
            read, likely = pl.col("text").is_in(sure), pl.col("text").is_in(maybe)
        else:
            read, likely = pl.col("understood"), pl.col("likely")
        sums = meant.select(
            given=pl.col("cells").sum(),
            read=pl.col("cells").filter(read).sum(),
            likely=pl.col("cells").filter(likely).sum(),
        )
        return Fit(*map(int, sums.row(0)))


def _mark(text: str) -> bool:
    """Whether a text says that nothing is known, in any field."""
    return len(text) <= 24 and folded(text) in words.missing_words()
