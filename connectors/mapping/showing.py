"""Which values of a column may be shown to people and written into a mapping: codes and agencies, never a person's data.

A column of codes can hold a name by mistake, and a column of agencies that of an officer. A value is shown only
where it looks like a code or an agency: short, not like a name, and no free text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.mapping.cleaning import folded
from connectors.mapping.words import spellings

MOST_SHOWN = 12
LONGEST_CODE = 32
"""Characters."""

_MOST_WORDS = 4
_ACRONYM = re.compile(r"[A-Z][A-Z&/.\-]{1,7}")
_DIGITS = re.compile(r"\d{3,}|\d[/.\-]\d")


def _code_words() -> frozenset[str]:
    said = spellings()
    texts = [
        *(
            text
            for lists in said["codes"].values()
            for listed in lists.values()
            if isinstance(listed, list)
            for text in listed
        ),
        *said["missing"]["words"],
        *(text for value in ("true", "false") for text in said["flags"][value]),
        *(text for lists in said["flags"]["fields"].values() for listed in lists.values() for text in listed),
    ]
    return frozenset(word for text in texts for word in folded(text).split(" "))


_known: list[frozenset[str]] = []


def looks_like_a_code(text: str) -> bool:
    """Whether a value that is not understood may be shown: an acronym, or a few words that codes and agencies are made of.

    A single capitalised word could be a surname, long digits a person's number: neither is shown.
    """
    if not _known:
        _known.append(_code_words())
    words = folded(text).split(" ")
    if len(text) > LONGEST_CODE or len(words) > _MOST_WORDS or _DIGITS.search(text):
        return False
    if _ACRONYM.fullmatch(text.strip()) or len(text.strip()) <= 3:
        return True
    if any(word in spellings()["showing"]["organisation_words"] for word in words):
        return True
    return any(word in _known[0] for word in words if not word.isdigit()) and not _capitals(text)


def _capitals(text: str) -> bool:
    """Two words that begin with a capital letter, as a person's name does."""
    return len(re.findall(r"\b[^\W\d_A-Z]*[A-Z][a-z]+", text)) > 1


def shown_values(values: Iterable[str], is_code: bool) -> list[str]:
    """Those of the different values that may be shown, a decent number of them; none of a column that holds no codes."""
    if not is_code:
        return []
    return [value for value in dict.fromkeys(values) if looks_like_a_code(value)][:MOST_SHOWN]
