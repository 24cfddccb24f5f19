"""A printed table, and one thing checked in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from checks.published_figures import is_total


@dataclass(frozen=True)
class Printed:
    """One table of one report: labels in the order of print, and its cells."""

    area: str
    year: str
    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], int]

    @property
    def total_row(self) -> str | None:
        """The row that is a sum, as it is spelt here."""
        return next(filter(is_total, self.rows), None)

    @property
    def total_column(self) -> str | None:
        """The column that is a sum."""
        return next(filter(is_total, self.columns), None)

    def found(self, row: str, column: str) -> tuple[str, str] | None:
        """The labels of a cell as they are spelt here, if it is printed."""
        there = next((each for each in self.rows if each.casefold() == row.casefold()), None)
        across = next((each for each in self.columns if each.casefold() == column.casefold()), None)
        if there is None or across is None or (there, across) not in self.cells:
            return None
        return there, across


@dataclass(frozen=True)
class Check:
    """One thing that should hold.

    `holds` · `printed`, `computed` the figure as printed and as the others make it · `at` the cells it rests on, the printed one
    first, each with its table's name · `message` what is wrong, in one sentence · `reason` why it should hold.
    """

    area: str
    year: str
    table: str
    kind: str
    severity: str
    printed: int
    computed: int
    holds: bool
    at: tuple[tuple[str, str, str], ...]
    message: str
    reason: str = ""
    cite: str = field(default="")


def tables(figures: pl.DataFrame) -> list[Printed]:
    """The tables of the figures (`checks.published_figures.FIGURES`), in their order."""
    cells: dict[tuple[str, str, str], dict[tuple[str, str], int]] = {}
    columns = ("area", "reporting_year", "table", "row", "column", "value")
    for area, year, table, row, column, value in figures.select(columns).iter_rows():
        cells.setdefault((area, year, table), {})[row, column] = value
    return [
        Printed(*key, tuple(dict.fromkeys(row for row, _ in held)), tuple(dict.fromkeys(c for _, c in held)), held)
        for key, held in cells.items()
    ]


def reports(printed: Sequence[Printed]) -> dict[tuple[str, str], list[Printed]]:
    """Area and year → the tables of that report."""
    found: dict[tuple[str, str], list[Printed]] = {}
    for each in printed:
        found.setdefault((each.area, each.year), []).append(each)
    return found


def place_name(area: str) -> str:
    """An area as it stands in a sentence: Jersey."""
    return area.title() if area.islower() else area
