"""The spellings of `values.toml`, ready to be looked up: what a text means in a field, and how sure that is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from checks.tables import TABLES
from checks.tables.table import Field
from connectors.mapping.cleaning import folded
from connectors.mapping.likelihood import Certainty

FILE = Path(__file__).with_name("values.toml")

ALIKE = 0.86
"""So alike must two names of agencies be written to be thought the same, where none of the spellings fits."""

_MOST_WORDS = 12
"""A text of more words is a sentence, not a code."""


@cache
def spellings() -> dict[str, Any]:
    """What `values.toml` holds."""
    return tomllib.loads(FILE.read_text("utf-8"))


@dataclass(frozen=True)
class Lookup:
    """What folded spellings mean: `certain` and `likely`, spelling → value; `ignored` words, `begins` first word → value."""

    certain: Mapping[str, str]
    likely: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    begins: Mapping[str, str] = field(default_factory=dict)

    def find(self, text: str) -> tuple[str, Certainty] | None:
        """The value that a text means, and how sure that is; None where it is not understood."""
        key = folded(text)
        for known, certainty in ((self.certain, Certainty.CERTAIN), (self.likely, Certainty.LIKELY)):
            if key in known:
                return known[key], certainty
        words = key.split(" ")
        if len(words) > _MOST_WORDS:
            return None
        kept = [word for word in words if word not in self.ignored]
        if kept and len(kept) < len(words) and (found := self.certain.get(" ".join(kept))) is not None:
            return found, Certainty.CERTAIN
        meant = set(self._in_turn(kept))
        if len(meant) == 1 and None not in meant:
            return str(meant.pop()), Certainty.CERTAIN
        if words[0] in self.begins:
            return self.begins[words[0]], Certainty.CERTAIN
        return None

    def _in_turn(self, words: list[str]) -> Iterator[str | None]:
        """The values of spellings that follow each other, the longest first; None for a word that is of none."""
        while words:
            for length in range(len(words), 0, -1):
                if (found := self.certain.get(" ".join(words[:length]))) is not None:
                    yield found
                    words = words[length:]
                    break
            else:
                yield None
                return


def _by_spelling(said: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {folded(spelling): value for value, listed in said.items() for spelling in listed}


@cache
def codes(table: str, name: str) -> Lookup:
    """The codes of a field: the code list's own words, and the spellings declared for them."""
    said = dict(spellings()["codes"].get(f"{table}.{name}", {}))
    if "like" in said:
        return codes(*said["like"].split("."))
    own = {folded(code): code for code in TABLES[table].fields()[name].codes or ()}
    likely, ignored, begins = said.pop("likely", {}), said.pop("ignore", []), said.pop("begins", {})
    return Lookup({**_by_spelling(said), **own}, _by_spelling(likely), frozenset(map(folded, ignored)), dict(begins))


@cache
def flags(table: str, name: str) -> Lookup:
    """Yes and no in every spelling, and the words of one field."""
    said = spellings()["flags"]
    both: dict[str, list[str]] = {value: [*said[value]] for value in ("true", "false")}
    for value, words in said["fields"].get(f"{table}.{name}", {}).items():
        both[value] += words
    return Lookup(_by_spelling(both), _by_spelling(said["likely"]))


@cache
def agencies(own: tuple[str, ...] = ()) -> Lookup:
    """Agencies by their spellings; `own`: the area's names for its agencies, which come first."""
    said = {name: [name, *each["spellings"]] for name, each in spellings()["agencies"].items()}
    named = _by_spelling(said)
    renamed = {name: mine for mine in own if (name := named.get(folded(mine))) is not None}
    known = {spelling: renamed.get(name, name) for spelling, name in named.items()}
    return Lookup({**known, **{folded(mine): mine for mine in own}}, ignored=frozenset({"the"}))


def agency(text: str, own: tuple[str, ...] = ()) -> tuple[str, Certainty] | None:
    """The agency that a text means: certain where it is one of its spellings, likely where a word of it or a slip says so."""
    lookup = agencies(own)
    if (found := lookup.find(text)) is not None:
        return found
    key = folded(text)
    telling = {word: name for name, each in spellings()["agencies"].items() for word in each.get("words", [])}
    meant = {telling[word] for word in key.split(" ") if word in telling}
    if len(meant) == 1:
        return lookup.certain[folded(meant.pop())], Certainty.LIKELY
    if meant or len(key) < 5:
        return None
    close = [
        (ratio, name)
        for spelling, name in lookup.certain.items()
        if len(spelling) >= 5 and (ratio := SequenceMatcher(None, key, spelling).ratio()) >= ALIKE
    ]
    return (max(close)[1], Certainty.LIKELY) if close else None


def plain_agency(text: str) -> str:
    """An agency that is none of those known, in small letters, so that spellings of one do not become two.

    What is not plainly an organisation stays as it stands: it may be a person's name, which is to be seen for one.
    """
    organisation = set(folded(text).split(" ")) & set(spellings()["showing"]["organisation_words"])
    return text.lower() if organisation else text


@cache
def missing_words() -> frozenset[str]:
    """Folded texts that say that nothing is known."""
    return frozenset(map(folded, spellings()["missing"]["words"]))


@cache
def missing_in(table: str, name: str) -> frozenset[str]:
    """Folded texts that mean an empty field in this one."""
    return frozenset(map(folded, spellings()["missing"]["fields"].get(f"{table}.{name}", [])))


def is_agency(of: Field) -> bool:
    """Whether the field says whose record a row is."""
    return TABLES[of.table].about().agency == of.name
