"""What is wrong in a TOML file, said for the person who wrote it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

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
    "string_too_short": "text that is not empty",
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


def first_sentence(error: ValidationError) -> str:
    """The first thing wrong, in plain words: which key, what was expected, what was found."""
    first = error.errors()[0]
    parts = [f" (entry {part + 1})" if isinstance(part, int) else f".{part}" for part in first["loc"]]
    inner = (".Figure[", ".dict[", ".function-", ".[key]")
    key = "".join(part for part in parts if not part.startswith(inner)).removeprefix(".")
    kind = first["type"]
    if kind == "extra_forbidden":
        return f"{key}: unknown key; take it out or correct its spelling."
    if kind == "missing":
        return f"{key} is missing." + (" Every figure needs its citation." if key.endswith(".cite") else "")
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
    return f"{name} ({value})" if isinstance(value, int | Decimal | str) else name
