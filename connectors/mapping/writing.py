"""A mapping → the text of its TOML file, with the words that somebody needs who opens it to put it right."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from checks.errors import UsageError
from connectors.mapping.mapping import Feed, Sheet, SourceMapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 110

_HEAD = """\
# How the headings and values of one source become the canonical tables of MAPPA Monitor. Made by `mappa-monitor map` or on the
# page Sources; change it freely. The page Definitions lists every table and column. It holds headings and codes, never records.
#
# [[sheet]]        one sheet or file; in its name and that of the file, * stands for any text. Without feeds it is left aside.
# left_aside       headings that are not imported, on purpose
# pseudonymise     headings that hold names of people, taken in as pseudonyms only, by a key that is kept elsewhere
# [sheet.forenames] for a column of surnames under pseudonymise: the column of forenames that is one name with it
# [sheet.dates]    "day first" or "month first" for columns whose dates are written in figures as text
# [[sheet.feeds]]  one canonical table that it feeds; columns: canonical column = "your heading"
#   values         what a text of yours means: a code of ours, or "" for not known
#   not_understood texts that nobody has said the meaning of yet; move them to values, or leave them to be found as findings
#   only           which rows · made_id what a reference is made from where you have none · spread columns that are one row each
"""


def to_toml(mapping: SourceMapping, questions: Iterable[str] = ()) -> str:
    """The text of a mapping file; `questions`: what is still to be answered, said at its top."""
    lines: list[str] = [_HEAD.rstrip("\n")]
    if asked := list(questions):
        lines += ["#", "# Still to be answered:", *(f"#  - {_plain(each)}" for each in asked)]
    lines += ["", f"two_digit_years_up_to = {mapping.two_digit_years_up_to}"]
    for sheet in mapping.sheets:
        lines += ["", "[[sheet]]", *_sheet(sheet)]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f"file = {_text(sheet.file)}"
    if sheet.sheet is not None:
        yield f"sheet = {_text(sheet.sheet)}"
    if sheet.table != 1:
        yield f"table = {sheet.table}"
    for name in ("headings", "left_aside", "pseudonymise"):
        if texts := getattr(sheet, name):
            yield from _list(name, texts)
    if sheet.forenames:
        yield from _table("sheet.forenames", sheet.forenames)
    if sheet.dates:
        yield from _table("sheet.dates", {heading: str(style) for heading, style in sheet.dates.items()})
    for feed in sheet.feeds:
        yield from _feed(feed)


def _feed(feed: Feed) -> Iterator[str]:
    yield from ("", "[[sheet.feeds]]", f"table = {_text(feed.table)}")
    if feed.made_id is not None:
        yield f"made_id = {_inline({'case': feed.made_id.case, 'date': feed.made_id.date})}"
    if feed.only is not None:
        only = feed.only
        said = {"heading": only.heading, "as": only.as_field, "is": only.is_one_of, "is_not": only.is_not}
        yield f"only = {_inline(said)}"
    for name in ("not_understood", "columns", "constants"):
        if content := getattr(feed, name):
            yield from _table(f"sheet.feeds.{name}", content)
    for name, pairs in feed.values.items():
        yield from _table(f"sheet.feeds.values.{name}", pairs)
    if feed.spread is not None:
        yield from _table("sheet.feeds.spread", {"into": feed.spread.into, "value": feed.spread.value})
        yield from _table("sheet.feeds.spread.headings", feed.spread.headings)


def _table(name: str, content: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    for key, value in content.items():
        yield f"{_key(key)} = {_value(value)}"


def _list(name: str, texts: Iterable[str]) -> Iterator[str]:
    """A list on one line, or on as many as it needs."""
    whole = f"{name} = {_value(list(texts))}"
    if len(whole) <= _WIDE:
        yield whole
        return
    yield f"{name} = ["
    line = "   "
    for text in map(_text, texts):
        if len(line) + len(text) + 2 > _WIDE and line.strip():
            yield line
            line = "   "
        line += f" {text},"
    yield line
    yield "]"


def _inline(content: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in content.items() if value is not None) + " }"


def _value(value: Any) -> str:
    return _text(value) if isinstance(value, str) else f"[{', '.join(map(_text, value))}]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    """Text as TOML writes it; JSON's way is one of TOML's, but for what cannot be shown."""
    quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", quoted)


def save_mapping(mapping: SourceMapping, path: Path, questions: Iterable[str] = ()) -> None:
    """Write the mapping whole or not at all; raises UsageError (exit 2) where it cannot be written."""
    text = to_toml(mapping, questions)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _cannot(path, error) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError) -> UsageError:
    why = (error.strerror or "the system refused").lower()
    return UsageError(f"The mapping {path.name} could not be written: {why}. Choose another place.")
