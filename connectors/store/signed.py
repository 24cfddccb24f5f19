"""What people write down under their own name, whatever it is about: who and what is checked, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from checks.errors import UsageError

LONGEST_TEXT, LONGEST_NAME = 1_000, 80


@dataclass(frozen=True)
class Overtaken:
    """Something that somebody else changed meanwhile: the last that was written down, which the person had not seen."""

    key: str
    title: str
    author: str
    at: datetime
    action: str
    text: str | None
    day: date | None


@dataclass(frozen=True)
class Outcome:
    """What became of it: the keys of what it was written down for, what others had changed, and what it does not fit.

    `refused`: title → why · `shortened`: title → the day that a snooze ends, where that is earlier than was asked for.
    """

    done: tuple[str, ...] = ()
    overtaken: tuple[Overtaken, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    shortened: Mapping[str, date] = field(default_factory=dict)


def signed(author: str, at: datetime, text: str | None, what: str) -> tuple[str, str | None]:
    """The author and the text as they are kept, None for an empty one; `what` a text is called.

    Raises UsageError that says what is missing or too long.
    """
    who, words = _clean(author), _clean(text)
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    if not who:
        raise UsageError("Nothing was written down: your name is missing. Type it, so that others know whom to ask.")
    if len(who) > LONGEST_NAME:
        raise UsageError(f"Nothing was written down: a name has at most {LONGEST_NAME} characters.")
    if len(words) > LONGEST_TEXT:
        raise UsageError(
            f"Nothing was written down: a {what} has at most {LONGEST_TEXT:,} characters, this one {len(words):,}."
        )
    return who, words or None


def _clean(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def changed_since(seen: int, row: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The row that the store holds, where others have written since version `seen` (0: nothing yet) was on the screen."""
    if row is None and seen:
        raise ValueError("a version was seen of something about which nothing was ever written down")
    return row if row is not None and row["version"] != seen else None
