"""What a rule is: a declaration with everything that a page, the catalogue, a finding and a test need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from checks.standard import Standard

Severity = Literal["error", "warning"]
Dimension = Literal["completeness", "validity", "consistency", "uniqueness", "timeliness", "accuracy"]
Status = Literal["pass", "fail", "could not check"]

Example = Mapping[str, list[dict[str, Any]]]
"""Tables as a few rows, each a dict of canonical values as text; what is not given is missing."""


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides its own row.

    `tables`: canonical name → typed frame with its flags (`checks.flags`), for the tables that the source has ·
    `supplied`: canonical name → the columns that the source has.
    """

    standard: Standard
    as_at: date
    tables: Mapping[str, pl.DataFrame]
    supplied: Mapping[str, frozenset[str]]

    def has(self, *columns: str) -> bool:
        """Whether the source has all these columns, each written `"table.field"`."""
        return all(name in self.supplied.get(table, ()) for table, _, name in (each.partition(".") for each in columns))


@dataclass(frozen=True)
class Lookup:
    """Columns brought to each row of a table from elsewhere: `build` gives one row per value of `on`, none for null.

    `needs` the columns it is made from, as `"table.field"`; where one is absent the rules that use it cannot be checked, nor where
    the table `filled` has no record: that is one finding, and not one more for each row that points into it.
    """

    name: str
    on: str
    needs: tuple[str, ...]
    build: Callable[[Context], pl.LazyFrame]
    filled: str | None = None


@dataclass(frozen=True)
class Rule:
    """One rule on the rows of one table.

    `id` stable, `TABLE.FIELD.WORD` · `fields` the columns of the table that it reads; the first is the one that a finding
    names · `message` what is wrong, in plain words · `fix` how to put it right · `cite` the source that asks for it ·
    `fails` gives an expression, true in the rows that break the rule; what is unknown breaks nothing ·
    `lookups` what it needs from other tables · `applies` whether the standard asks for it at all ·
    `passes`, `breaks` an example each, under the standard `example_standard`.
    """

    id: str
    severity: Severity
    dimension: Dimension
    table: str
    fields: tuple[str, ...]
    message: str
    fix: str
    cite: str
    fails: Callable[[Context], pl.Expr]
    passes: Example
    breaks: Example
    example_standard: str = "jersey"
    lookups: tuple[Lookup, ...] = ()
    applies: Callable[[Standard], bool] = field(default=lambda _: True)
