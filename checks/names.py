"""What looks like a person's name: where a pseudonym belongs, and where an agency or a role does."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import polars as pl

FORENAMES = Path(__file__).with_name("forenames.toml")


@cache
def forenames() -> frozenset[str]:
    """Common forenames, in lower case."""
    return frozenset(tomllib.loads(FORENAMES.read_text("utf-8"))["forenames"])


# Two or more words of letters, a word before a comma and one after it, or one word with a capital and no figure.
_WORD = r"\p{L}[\p{L}\p{M}'’.\-]*"
_LETTERS_ALONE = rf"^{_WORD}(?:[\s,]+{_WORD})+$|\p{{L}}{{2,}}\s*,\s*\p{{L}}|^\p{{Lu}}[\p{{L}}\p{{M}}'’\-]{{2,}}$"

# Letters without capitals, as Chinese has them; initials; a forename and a surname as accounts are called.
_SHORT = r"^\p{Lo}{2,}$|^(?:\p{Lu}\.\s*){2,}$|^\p{Ll}{2,}[._]\p{Ll}{2,}\d*$"

# Two words side by side, one of them with no capital but its first: a name with a number, a year or a date of birth beside it.
_CAPITAL = r"\p{Lu}[\p{Ll}\p{M}'’]+"
_CAPITALS = r"\p{Lu}{2,}"
_BESIDE_FIGURES = rf"{_CAPITAL}[\s._/,]+(?:\p{{Lu}}\.?\s+)?(?:{_CAPITAL}|{_CAPITALS})|{_CAPITALS}[\s._/,]+{_CAPITAL}"
_OF_REFERENCES = (
    r"(?i)(?:^|[^\p{L}])(?:case|ref|reference|no|nr|number|record|file|nominal|subject|id|urn|crn|pnc|visor|j?mappa|"
    r"meeting|review|screening|level|board|smb)(?:[^\p{L}]|$)"
)


_PLAIN = r"^[^\s,._/]*[0-9][^\s,._/]*$"


def plain_reference(text: pl.Expr) -> pl.Expr:
    """Whether a text holds a figure and nothing that parts words: it is nobody's name then, and has no space around it.

    So are most references, of which a country has millions; one look for it takes a third of the time that `like_name` takes.
    """
    return text.str.contains(_PLAIN)


def like_name(text: pl.Expr) -> pl.Expr:
    """Whether a text that should be a pseudonym looks like a person's name; null where there is none."""
    beside_figures = text.str.contains(_BESIDE_FIGURES) & ~text.str.contains(_OF_REFERENCES)
    return text.str.contains(f"{_LETTERS_ALONE}|{_SHORT}") | beside_figures


_TITLE = r"(?i)^(?:mr|mrs|miss|ms|mx|dr)\.?\s+\p{L}"
_AFTER_THE_NAME = r"\s*[(/].*$|\s+[-–].*$"  # whom the person is from
_OF_BODIES = (
    r"(?i)\b(?:academy|agency|aid|association|board|care|cent(?:re|er)|charity|church|clinic|college|council|court|department|"
    r"foundation|group|health|homes?|hospital|house|housing|league|limited|ltd|office|partnership|police|prison|probation|project|"
    r"refuge|school|services?|society|surgery|team|trust|unit|university)\b"
)


def like_person(text: pl.Expr) -> pl.Expr:
    """Whether a text that should be an agency or a role looks like somebody's name; null where there is none.

    Agencies are called all sorts of things: only what begins with a title or a common forename counts, or gives one after a comma.
    """
    known = "|".join(sorted(forenames()))
    name = rf"(?i)^(?:{known})(?:\s+\p{{L}}[\p{{L}}\p{{M}}'’.\-]*){{1,2}}$|^\p{{L}}[\p{{L}}'’\-]+\s*,\s*(?:{known})\b"
    alone = text.str.replace(_AFTER_THE_NAME, "")
    return (alone.str.contains(name) | alone.str.contains(_TITLE)) & ~alone.str.contains(_OF_BODIES)
