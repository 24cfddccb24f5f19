"""What is compared with what, and what is known of how each report counts, as declared in `comparison.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kpis.published.identities import Cell

FILE = Path(__file__).with_name("comparison.toml")


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Known(_Declared):
    """What a document does, and where it says so."""

    value: str
    cite: str


class Source(_Declared):
    """A document that figures were read off; `notes` what was found in its text, which no table holds."""

    title: str
    edition: str
    notes: list[str] = Field(default_factory=list)
    facts: dict[str, Known]


class Fact(_Declared):
    """Something in which two reports can differ; `bears_on` names comparisons, `rows` the labels where not all of them."""

    about: str
    bears_on: list[str]
    rows: list[str] = Field(default_factory=list)
    values: dict[str, str]


class Comparison(_Declared):
    """One table of shares, side by side; `heading` is what its rows are."""

    id: str
    heading: str
    title: str
    sentence: str
    how: str
    table: str
    axis: Literal["rows", "columns"]
    numerator: list[str]
    denominator: Literal["all", "each"]
    counted: str
    at: Literal["day", "period"]


class RateDeclared(_Declared):
    """The rate per 100,000 and the cells that it is printed in or made from."""

    id: str
    title: str
    sentence: str
    how: str
    table: str
    row: str
    column: str
    count: Cell
    population: Cell
    at: Literal["day", "period"]

    @property
    def printed(self) -> Cell:
        """The cell that a report prints it in."""
        return Cell(table=self.table, row=self.row, column=self.column)


class Comparisons(_Declared):
    """All that is declared."""

    sources: dict[str, Source]
    facts: dict[str, Fact]
    comparison: list[Comparison]
    rate: RateDeclared

    @model_validator(mode="after")
    def _names_meet(self) -> Comparisons:
        ids = {self.rate.id, *(each.id for each in self.comparison)}
        for name, fact in self.facts.items():
            if unknown := set(fact.bears_on) - ids:
                raise ValueError(f"{name} bears on {sorted(unknown)}, which is not compared")
        for short, source in self.sources.items():
            for name, known in source.facts.items():
                if name not in self.facts or known.value not in self.facts[name].values:
                    raise ValueError(f"{short}: {name} = {known.value} is not declared")
        return self


@cache
def comparisons() -> Comparisons:
    """What is declared in `comparison.toml`."""
    return Comparisons.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
