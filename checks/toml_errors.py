"""A TOML file that a person wrote: what it holds, or what is wrong in it, said for that person."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from checks.errors import SettingsError

_PLACE = re.compile(r"line (?P<line>\d+), column (?P<column>\d+)")
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_TWICE = ("Cannot overwrite a value", "Cannot declare", "Cannot mutate immutable namespace")
_TWICE_INLINE = re.compile(r"Duplicate inline table key '(.*)' \(at")
_LONGEST_KEY = 60
"""Characters of a key that are shown."""
_LONGEST_VALUE = 500
"""Lines of a value, above which its key is not looked for."""

_EXPECTED = {
    "int_type": "a whole number",
    "decimal_type": "a number with a decimal point, such as 0.85",
    "is_instance_of": "a number with a decimal point, such as 0.85",
    "string_type": "text in quotes",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table of keys and values",
    "model_type": "a table of keys and values",
    "bool_type": "true or false",
    "date_type": "a date, such as 2023-12-31 without quotes",
    "too_short": "at least one entry",
}

_TYPES: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    Decimal: "a decimal number",
    str: "text",
    list: "a list",
    dict: "a table",
    date: "a date",
    datetime: "a date with a time",
}


def content_of(text: str, called: str) -> dict[str, Any]:
    """What the text of a TOML file holds, its numbers exact; `called` is what a sentence calls it: “The settings file area.toml”.

    Raises SettingsError (exit 4) with a sentence that says what is wrong, and in which line.
    """
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        wrong = _not_toml(text, str(error))
    except RecursionError:
        wrong = (
            " holds lists or tables within one another, too deep to be read. Take them apart: a few levels are enough."
        )
    except (ValueError, ArithmeticError):
        wrong = " holds a number that is too long to be read. Correct it."
    raise SettingsError(called + wrong) from None


def _not_toml(text: str, said: str) -> str:
    place = _PLACE.search(said)
    lines = text.replace("\r\n", "\n").split("\n")
    number, column = (int(place["line"]), int(place["column"])) if place else (len(lines), 0)
    if inline := _TWICE_INLINE.match(said):
        return f": the key {inline[1][:_LONGEST_KEY]} stands twice (line {number}); keep one of the two."
    if said.startswith(_TWICE) and (name := _last_set(lines[:number])):
        return f": {name} stands twice (line {number}); keep one of the two."
    if place:
        for token in _DAY.finditer(lines[number - 1]):
            if token.start() < column <= token.end() + 1 and not _is_day(token[0]):
                return f": {token[0]} (line {number}) is no day of the calendar. Correct it there."
    where = place[0] if place else "its end"
    return f" is not valid TOML: it could not be understood at {where}. Correct it there; text stands in double quotes."


def _last_set(lines: list[str]) -> str | None:
    """What the last statement of the lines sets: a table, or a key, whose value may begin some lines before."""
    if lines[-1].lstrip().startswith("[") and _is_toml(lines[-1:]):
        return f"the table {lines[-1].partition('#')[0].strip()[:_LONGEST_KEY]}"
    for first in reversed(range(max(0, len(lines) - _LONGEST_VALUE), len(lines))):
        key = lines[first].partition("=")[0].strip()
        if key and _is_toml(lines[first:]):
            return f"the key {key[:_LONGEST_KEY]}"
    return None


def _is_toml(lines: Iterable[str]) -> bool:
    try:
        tomllib.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def first_sentence(error: ValidationError, needed: Mapping[str, str] | None = None) -> str:
    """The first thing wrong, in plain words: which key, what was expected, what was found.

    `needed`: key → what to say in a file in which it is missing or empty, such as “say where the records are”.
    """
    first = error.errors()[0]
    parts = [f" (entry {part + 1})" if isinstance(part, int) else f".{part}" for part in first["loc"]]
    inner = (".Figure[", ".dict[", ".function-", ".[key]")
    key = "".join(part for part in parts if not part.startswith(inner)).removeprefix(".")
    kind = first["type"]
    if kind == "extra_forbidden":
        return f"{key}: unknown key; take it out or correct its spelling."
    if kind == "missing":
        return f"{key} is missing; {(needed or {}).get(key, 'add it')}."
    if kind == "string_too_short":
        return f"{key} is empty; {(needed or {}).get(key, 'give it a text, or take it out')}."
    return f"{key}: expected {_expected(first)}, found {_found(first['input'])}."


def _expected(first: Any) -> str:
    limits = first.get("ctx", {})
    bounds = {
        "less_than_equal": "at most {le}",
        "greater_than_equal": "at least {ge}",
        "greater_than": "more than {gt}",
    }
    if first["type"] in bounds:
        return "a number of " + bounds[first["type"]].format(**limits)
    return _EXPECTED.get(first["type"]) or first["msg"].removeprefix("Input should be ")


def _found(value: Any) -> str:
    name = _TYPES.get(type(value), type(value).__name__)
    return f"{name} ({value})" if isinstance(value, int | Decimal | str | date) else name
