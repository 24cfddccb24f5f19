"""What kind of thing a cell's text looks like: enough to tell a heading from what stands beneath it, and no more.

What a value means (which date, which code) is not decided here.
"""

from __future__ import annotations

import re
from functools import lru_cache

TEXT, NUMBER, DATE, FLAG, MARK = "text", "number", "date", "flag", "mark"

_NUMBER = re.compile(r"[£$€(+\-−~<>]*\s*\d[\d,  ]*(\.\d+)?([eE][+-]?\d+)?\s*%?\)?|[£$€(+\-−]*\.\d+\s*%?\)?")
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[/.\-]\d{1,2}[/.\-](\d{4}|\d{2})( .*)?"
    r"|\d{1,2}(st|nd|rd|th)?[ \-][A-Za-z]{3,9}\.?[ \-,]+(\d{4}|\d{2})|\d{1,2}:\d{2}(:\d{2})?"
)
_FLAGS = frozenset(["true", "false", "yes", "no", "y", "n", "✓", "✗", "x"])
_MARKS = frozenset(
    ["-", "–", "—", "--", "..", "...", "*", ":", ".", "?", "n/a", "na", "nil", "none", "null", "tbc", "tba", "unknown"]
)
_YEARS = range(1900, 2101)

LONGEST_LABEL = 200


@lru_cache(maxsize=1 << 16)
def kind(text: str) -> str:
    """TEXT, NUMBER, DATE, FLAG (true/false) or MARK (what people write for nothing)."""
    bare = text.strip()
    if len(bare) > 40:
        return TEXT
    folded = bare.casefold()
    if folded in _MARKS:
        return MARK
    if folded in _FLAGS:
        return FLAG
    if bare[:1] == "#" and bare.upper() == bare and len(bare) > 3:
        return MARK
    if any(character.isdigit() for character in bare):
        if _DATE.fullmatch(bare):
            return DATE
        if _NUMBER.fullmatch(bare):
            return NUMBER
    return TEXT


def is_label(text: str) -> bool:
    """Whether the text can be a heading by itself."""
    return kind(text) == TEXT and len(text) <= LONGEST_LABEL


def year(text: str) -> int | None:
    """The year that the text is, if it is nothing else."""
    bare = text.strip()
    return int(bare) if len(bare) == 4 and bare.isascii() and bare.isdigit() and int(bare) in _YEARS else None


def clean(text: str) -> str:
    """The text on one line, its white space single and none around it."""
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())


def folded(text: str) -> str:
    """The text as two are compared: cleaned, case aside."""
    return clean(text).casefold()
