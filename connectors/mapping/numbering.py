"""Headings that count: “Review 1”, “Review 2 date”, “3rd meeting”, and a heading that stands several times over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from connectors.mapping import headings
from connectors.mapping.headings import Words

_FEW = 2
_MOST = 60

# Figures that say which kind of thing it is, and not which of several.
_NO_COUNT = re.compile(
    r"(?i)(?<![a-z])(?:levels?|lvl|lev|l|cat(?:egory)?|stage|tier|phase|step|q|quarter|week|year)[ .\-]*\d+(?!\d)"
)
_COUNT = re.compile(r"(?i)(?:\b(?:no|nr|num|number)\b\.?\s*|#\s*)?(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?![\d])(?![a-z])")
_AGAIN = re.compile(r" \((\d+)\)$")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(rf"(?i)\b({'|'.join(_ORDINALS)})\b")


@dataclass(frozen=True)
class Counting:
    """Headings of which each names one of several: `places` number → position; `words` those that are left without the number;
    `doubled` whether it is one heading that stands several times, which the reader has numbered."""

    words: Words
    places: dict[int, int]
    doubled: bool = False


def counting(names: Sequence[str]) -> list[Counting]:
    """The headings among these that count, in the order of their first; each has two numbers or more."""
    found: dict[tuple[Words, bool], dict[int, int]] = {}
    for place, heading in enumerate(names):
        again = _AGAIN.search(heading)
        if again is not None and heading[: again.start()] in names:
            key = headings.words_of(heading[: again.start()]), True
            found.setdefault(key, {}).setdefault(1, names.index(heading[: again.start()]))
            found[key].setdefault(int(again[1]), place)
        elif (counted := _counted(heading)) is not None:
            number, rest = counted
            found.setdefault((headings.words_of(rest), False), {}).setdefault(number, place)
    return [
        Counting(words, dict(sorted(places.items())), doubled)
        for (words, doubled), places in found.items()
        if len(places) >= _FEW and words
    ]


@lru_cache(maxsize=256)
def numbered_places(names: tuple[str, ...]) -> frozenset[int]:
    """The positions of headings of which each says by a number of its own which of several it is."""
    return frozenset(place for each in counting(names) if not each.doubled for place in each.places.values())


def _counted(heading: str) -> tuple[int, str] | None:
    """The one number in a heading, and the heading without it; None where it has none, or more than one."""
    kinds = _NO_COUNT.findall(heading)
    bare = _NO_COUNT.sub(" \0 ", heading)
    figures = [each for each in _COUNT.finditer(bare) if int(each[1]) <= _MOST]
    spelt = list(_ORDINAL.finditer(bare))
    if len(figures) + len(spelt) != 1 or len(re.findall(r"\d+", bare)) != len(figures):
        return None
    (one,) = (*figures, *spelt)
    number = int(one[1]) if figures else _ORDINALS.index(one[1].casefold()) + 1
    rest = f"{bare[: one.start()]} {bare[one.end() :]}"
    for kind in kinds:
        rest = rest.replace("\0", kind, 1)
    return number, rest
