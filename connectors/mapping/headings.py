"""What headings mean: how alike a heading is to what people call each canonical column (`headings.toml`)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from checks.table_names import COLUMNS

FILE = Path(__file__).with_name("headings.toml")

EXACT = 1.0
LEAST = 0.6
"""A likeness below this is none."""

_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])|(?<=[a-z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_TYPED_ALIKE = 0.87

Words = tuple[str, ...]


@cache
def declared() -> dict[str, Any]:
    """What `headings.toml` holds."""
    return tomllib.loads(FILE.read_text("utf-8"))


@lru_cache(maxsize=20_000)
def words_of(heading: str) -> Words:
    """The words of a heading that tell it from others, in alphabetical order."""
    said = declared()
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", heading).replace("’", "'")).casefold()
    found = [word for word in _WORD.findall(re.sub(r"'s\b", "", text)) if word != "s"]
    longer = [each for word in found for each in said["shortened"].get(word, word).split(" ")]
    kept = [_singular(word) for word in longer if word not in said["passed_over"]]
    return tuple(sorted(kept or map(_singular, longer)))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


@cache
def _called(table: str, column: str) -> tuple[Words, ...]:
    listed = declared()["columns"].get(table, {}).get(column, [])
    if listed and listed[0].startswith("like "):
        return _called(*listed[0].removeprefix("like ").split("."))
    return tuple(dict.fromkeys(words_of(each) for each in (column, *listed)))


@lru_cache(maxsize=100_000)
def likeness(heading: str, table: str, column: str) -> float:
    """How alike a heading is to what a column is called: 1 the same words, 0 nothing like it; the commoner name a little more."""
    return _nearest(words_of(heading), _called(table, column))


def _nearest(words: Words, called: tuple[Words, ...]) -> float:
    if words in called:
        return EXACT
    best = max((_alike(words, each) for each in called), default=0.0)
    return best if best >= LEAST else 0.0


def _alike(one: Words, other: Words) -> float:
    a, b = set(one), set(other)
    shared = len(a & b)
    if not a or not b or (a ^ b) & set(declared()["telling"]):
        return 0.0
    if shared:
        longer = min(len(a), len(b)) >= 2 or len(a) + len(b) <= 3
        if (a <= b or b <= a) and longer:
            return 0.65 + 0.25 * shared / max(len(a), len(b))
        if shared / len(a | b) >= 0.6:
            return 0.7
    text, of = " ".join(one), " ".join(other)
    if min(len(text), len(of)) < 5 or (not shared and len(a) != len(b)):
        return 0.0
    matcher = SequenceMatcher(None, text, of)
    return 0.8 if matcher.quick_ratio() >= _TYPED_ALIKE and matcher.ratio() >= _TYPED_ALIKE else 0.0


@cache
def _aside() -> dict[Words, str]:
    return {words_of(heading): each["why"] for each in declared()["aside"] for heading in each["headings"]}


def aside(heading: str) -> str | None:
    """Why a column of this heading is not imported; None where nothing is said of it."""
    return _aside().get(words_of(heading))


@cache
def _personal() -> dict[Words, str]:
    said = declared()
    by_kind = {words_of(each): kind for kind, listed in said["personal"].items() for each in listed}
    groups = [each for each in said["aside"] if "personal" in each]
    return by_kind | {words_of(heading): each["personal"] for each in groups for heading in each["headings"]}


def personal(heading: str) -> str | None:
    """What a column of this heading tells of a person: a `name`, the day of `birth`, an `address`; None where nothing is said."""
    return _personal().get(words_of(heading))


@cache
def _whole_names() -> frozenset[Words]:
    return frozenset(
        words_of(each) for group in declared()["aside"] if group.get("whole") for each in group["headings"]
    )


def stands_for_the_case(heading: str) -> bool:
    """Whether a column of this heading holds the whole name of the person that a row is about."""
    return words_of(heading) in _whole_names()


@cache
def _parts_of_names() -> dict[Words, str]:
    return {
        words_of(each): group["part"] for group in declared()["aside"] if "part" in group for each in group["headings"]
    }


def part_of_name(heading: str) -> str | None:
    """Which part of a person's name a column of this heading holds: `surname` or `forename`; None where neither is said."""
    return _parts_of_names().get(words_of(heading))


def table_named(name: str) -> tuple[str, float] | None:
    """The canonical table that a sheet or file of this name holds, and how alike the names are."""
    words = words_of(name)
    found = [
        (_nearest(words, tuple(words_of(each) for each in (table, *listed))), table)
        for table, listed in declared()["tables"].items()
    ]
    best, table = max(found)
    return (table, best) if best else None


@cache
def known() -> frozenset[str]:
    """Every heading that is declared, for whoever looks for the row of headings in a file."""
    said = declared()
    names = [name for columns in COLUMNS.values() for name in columns]
    listed = [each for columns in said["columns"].values() for called in columns.values() for each in called]
    aside_from = [each for group in (*said["aside"], *said["wide"]) for each in group.get("headings", [])]
    spaced = [name.replace("_", " ") for name in names]
    return frozenset(
        each.casefold() for each in (*names, *spaced, *listed, *aside_from) if not each.startswith("like ")
    )


@dataclass(frozen=True)
class Wide:
    """What else a sheet of one table may hold: see `[[wide]]` in the file."""

    beside: str
    table: str
    date: str | None
    headings: tuple[Words, ...]
    also: tuple[str, ...]
    level_into: str | None
    agency_into: str | None
    agency_always: str | None
    only: tuple[str, ...]
    unless: tuple[str, ...]
    spread: str | None
    value: str | None
    numbered: frozenset[Words] = frozenset()

    def likeness(self, heading: str) -> float:
        """How alike a heading is to what the date of this table is called beside the other."""
        return _nearest(words_of(heading), self.headings)


@cache
def wide() -> tuple[Wide, ...]:
    """Every table that another's sheet may hold, in the order of the file."""
    found: list[Wide] = []
    for each in declared()["wide"]:
        called, several = each.get("headings", []), each.get("numbered", [])
        like = next((other for other in found if [f"like {other.table}"] == called), None)
        headings = like.headings if like else tuple(words_of(heading) for heading in called)
        like = next((other for other in found if [f"like {other.table}"] == several), None)
        numbered = like.numbered if like else frozenset(words_of(heading) for heading in several)
        found.append(
            Wide(
                each["beside"],
                each["table"],
                each.get("date"),
                headings,
                tuple(each.get("also", ())),
                each.get("level_into"),
                each.get("agency_into"),
                each.get("agency_always"),
                tuple(each.get("only", ())),
                tuple(each.get("unless", ())),
                each.get("spread"),
                each.get("value"),
                numbered,
            )
        )
    return tuple(found)


def likelier_elsewhere(heading: str, here: Wide) -> bool:
    """Whether a heading is more like the date of another table that the same sheet may hold: “Last visit” is no last review."""
    alike = here.likeness(heading)
    return any(each.beside == here.beside and each.likeness(heading) > alike for each in wide() if each.headings)


def undeclared() -> list[str]:
    """Names in the file that are no canonical tables or columns: none, as a test makes sure."""
    said = declared()
    wrong = [table for table in said["tables"] if table not in COLUMNS]
    for table, columns in said["columns"].items():
        wrong += [f"{table}.{column}" for column in columns if column not in COLUMNS.get(table, ())]
    for each in wide():
        names = [each.date, *each.also, each.level_into, each.agency_into, each.spread, each.value]
        wrong += [f"{each.table}.{name}" for name in names if name and name not in COLUMNS[each.table]]
    return wrong
