"""What the texts of a feed's columns of codes mean, spelled out so that somebody can look at it and put it right."""

from __future__ import annotations

from collections.abc import Callable

from checks.tables.table import Field
from connectors.mapping import words
from connectors.mapping.cleaning import folded
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import Feed, field_of, is_coded
from connectors.mapping.profile import Profile
from connectors.mapping.showing import looks_like_a_code, shown_values
from connectors.mapping.values import says_nothing

_MOST_TEXTS = 200
_LONGEST = 60


def meaning(text: str, of: Field, own: tuple[str, ...] = ()) -> tuple[str, Certainty] | None:
    """The code, yes or no, or agency that a text means, and how sure that is; None where it is not understood."""
    if of.codes is not None:
        return words.codes(of.table, of.name).find(text)
    if of.kind == "true/false":
        return words.flags(of.table, of.name).find(text)
    return words.agency(text, own)


def spelled(feed: Feed, profile: Callable[[str], Profile], own: tuple[str, ...] = ()) -> Feed:
    """The feed with what the texts of its columns mean, and those that may be shown and mean nothing that we know.

    `profile` gives the column of a heading. What a mapping says already stands.
    """
    values: dict[str, dict[str, str]] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    read = {name: [heading] for name, heading in feed.columns.items()}
    if feed.spread is not None:
        read[feed.spread.value] = list(feed.spread.headings)
    for name, named in read.items():
        of = field_of(feed.table, name)
        if not is_coded(of):
            continue
        said = feed.values.get(name, {})
        pairs, odd = dict(said), []
        known = {folded(text) for text in said}
        for heading in named:
            for text in profile(heading).counts["text"].head(_MOST_TEXTS):
                if len(text) <= _LONGEST and folded(text) not in known and not says_nothing(text, of):
                    _spell(text, of, own, pairs, odd)
        if pairs:
            values[name] = pairs
        if shown := shown_values(odd, is_code=True):
            unknown[name] = tuple(shown)
    return feed.model_copy(update={"values": values, "not_understood": unknown})


def _spell(text: str, of: Field, own: tuple[str, ...], pairs: dict[str, str], odd: list[str]) -> None:
    found = meaning(text, of, own)
    if found is None:
        odd.append(text)
        return
    meant, certainty = found
    if meant != text and (certainty is Certainty.CERTAIN or looks_like_a_code(text) or len(folded(text)) <= 3):
        pairs[text] = meant
