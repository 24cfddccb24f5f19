"""Layouts of the annual tables: what an annual report prints, one TOML each in `checks/annual_layouts/` (domain 4.7).

A layout is data: which tables there are, what each counts, by what, and in one sentence how. A standard names the layout that it
belongs to (`annual_layout`). What can be counted is in `kpis.annual.things`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parent / "annual_layouts"

Text = Annotated[str, Field(min_length=1)]
Where = dict[str, Annotated[list[str], Field(min_length=1)]]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Axis(_Declared):
    """What stands along one side of a table: a single label (`one`), or what the counted things are told apart `by`.

    `labels`: those that always stand there, in order; `categories` and `orders` are the standard's, `found` are those in the
    records, the most frequent first. Whatever else is found follows them, “not recorded” last. `total`: whether a sum ends it.
    """

    one: Text | None = None
    by: Text | None = None
    labels: list[str] | Literal["categories", "orders", "found"] = "found"
    total: bool = True

    @model_validator(mode="after")
    def _one_or_by(self) -> Axis:
        if (self.one is None) == (self.by is None):
            raise ValueError("an axis has either one label or something it is told apart by")
        return self


class CountedFigure(_Declared):
    """One figure of a table of single figures.

    It counts things, or is by how much figures of the table (`plus`) exceed others (`minus`), 0 where they do not; with `per` it is
    a rate to so many people.
    """

    column: Text
    counts: Text | None = None
    where: Where = Field(default_factory=dict)
    per: int | None = None
    plus: list[str] = Field(default_factory=list)
    minus: list[str] = Field(default_factory=list)
    how: Text | None = None
    cite: Text | None = None

    @model_validator(mode="after")
    def _counts_or_balances(self) -> CountedFigure:
        if (self.counts is None) == (not self.plus):
            raise ValueError("a figure counts something or is a balance")
        return self


class Line(_Declared):
    """One line of a table that sets the year beside the year before: the cells (table, row, column) that are added up."""

    row: Text
    cells: list[Annotated[tuple[str, str, str], Field(strict=False)]] = Field(min_length=1)


class TableLayout(_Declared):
    """One table: counted by two axes (`counts`, `rows`, `columns`), or made of single `figures` in a `row`, or of `lines`.

    `where`: field → values; of the things counted only those with one of these values.
    """

    name: Text
    title: Text
    how: Text
    cite: Text
    counts: Text | None = None
    where: Where = Field(default_factory=dict)
    rows: Axis | None = None
    columns: Axis | None = None
    row: Text | None = None
    figures: list[CountedFigure] = Field(default_factory=list)
    lines: list[Line] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_of_three(self) -> TableLayout:
        crossed = [self.counts is not None, self.rows is not None, self.columns is not None]
        single = [self.row is not None, bool(self.figures)]
        kinds = [all(crossed), all(single), bool(self.lines)]
        if sum(kinds) != 1 or any(crossed) != all(crossed) or any(single) != all(single):
            raise ValueError("a table is counted by two axes, or made of figures, or of lines")
        return self


class AnnualLayout(_Declared):
    """The annual tables of one layout, in the order in which they are printed."""

    name: Text
    title: Text
    cite: Text
    tables: list[TableLayout] = Field(min_length=1)


@cache
def annual_layouts() -> dict[str, AnnualLayout]:
    """Every layout by its name."""
    found = (tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml")))
    return {each.name: each for each in map(AnnualLayout.model_validate, found)}
