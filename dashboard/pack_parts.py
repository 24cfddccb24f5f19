"""What a pack is made of, whichever kind of file it becomes: parts with a message, sentences, charts and tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
LONGEST_TEXT = 2_000


def harmless(text: str) -> str:
    """Text on one line without what is not seen: control characters, and those that turn the direction of what follows.

    A name written from right to left stays as it is; one that would turn round the rest of its line does not.
    """
    shown = []
    for character in text[:LONGEST_TEXT]:
        kind = unicodedata.category(character)
        if kind in {"Cc", "Zl", "Zp"}:
            shown.append(" ")
        elif kind not in {"Cf", "Cs", "Cn"} or character in _JOINERS:
            shown.append(character)
    return "".join(shown).strip()


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what stands in it, and the `number` where it is one; `share` tells that the number is a fraction."""

    text: str
    number: float | None = None
    share: bool = False


@dataclass(frozen=True)
class Table:
    """A table: what it is about, a heading per column, and rows of as many cells.

    `words` how many columns from the left hold words; the others hold figures.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: int = 1

    @property
    def shares(self) -> list[float]:
        """How wide each column is to be, as a share of the whole: by what stands in it, within reason."""
        wanted = []
        for column, heading in enumerate(self.headings):
            texts = sorted(len(row[column].text) for row in self.rows) or [0]
            longest = max((len(word) for word in heading.split()), default=0)
            wanted.append(float(min(max(texts[int(len(texts) * 0.9)], longest + 2, 7), 40)))
        return [each / sum(wanted) for each in wanted]


@dataclass(frozen=True)
class Series:
    """One series of a chart: a value for each category (None where there is none) and what is said of it."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True)
class Chart:
    """A chart: `columns` over time, `bars` beside names, or bars `stacked` of several series.

    `share` the values are fractions of one · `targets` per category, drawn as a line, None where there is none · `alt` what it
    shows, for who cannot see it · `how` how to read it.
    """

    kind: Literal["columns", "bars", "stacked"]
    title: str
    categories: Sequence[str]
    series: Sequence[Series]
    alt: str
    how: str
    share: bool = False
    targets: Sequence[float | None] = ()

    @property
    def has_targets(self) -> bool:
        """Whether any target is to be drawn."""
        return any(target is not None for target in self.targets)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for each in self.series for value in each.values)

    @property
    def top(self) -> float:
        """The value that the axis ends with."""
        if self.share:
            return 1.0
        sums = [sum(each.values[at] or 0 for each in self.series) for at in range(len(self.categories))]
        return max([*sums, 1.0])


@dataclass(frozen=True)
class Part:
    """One part of a pack.

    `title` in the contents · `message` the one sentence it is there for · `says` further sentences, the caveats among them ·
    `notes` definitions, for who presents it.
    """

    title: str
    message: str
    says: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Pack:
    """A pack: its title, lines about it (name → text), warnings, its parts, the line at the `foot` of every page, and when the
    snapshot that it is made of was made.
    """

    title: str
    about: Mapping[str, str]
    warnings: Sequence[str]
    parts: Sequence[Part]
    foot: str
    made_at: datetime
