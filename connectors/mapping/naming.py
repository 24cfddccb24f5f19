"""Names of files and sheets as they will be next month."""

from __future__ import annotations

import re

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_SHORT = "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
_CHANGING = re.compile(
    rf"(?<![A-Za-z])(?:{_MONTHS}|{_SHORT})(?![A-Za-z])"
    r"|\d{1,2}[-_. ]\d{1,2}[-_. ]\d{2,4}|(?:19|20)\d{2}(?:[-_. ]?\d{1,2}){0,2}"
    r"|\(\d+\)|(?<![A-Za-z])[vV]\d+|(?<![A-Za-z])[qQ][1-4]",
    re.IGNORECASE,
)


def generalised(name: str) -> str:
    """A name with `*` for its dates, months, quarters and numbers of copies: what next month's is called too."""
    return re.sub(r"\*(?:[-_. ]*\*)+", "*", _CHANGING.sub("*", name))
