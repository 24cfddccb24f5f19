"""What the annual tables look like to people: each as rows of text, with how it is counted and what to know before it is published.

One description for the page, the terminal and every kind of file, made from the frame that a refresh stores
(`kpis.annual.tables.ANNUAL`). Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from checks.published_figures import TOTAL
from dashboard.words import DASH

SMALL = 5
"""Figures from 1 to below this may let somebody be recognised."""

UNKNOWN_SIGN = "◐"
_MINUS = "\N{MINUS SIGN}"

SMALL_NUMBERS = (
    "Small numbers: {cells} of the figures {are} from 1 to 4. In a small area somebody could be recognised by one. Look at "
    "them, and at what a total gives away when the other figures are known, before the tables leave the agencies."
)
NOT_COMPLETE = "The reporting year is not over: the figures are those up to {day}."


@dataclass(frozen=True)
class AnnualTable:
    """One table to show.

    `headings` of all columns, the first being that of the labels · `rows` the label and the texts of its figures · `figures` the
    same as numbers, None where there is none · `how` the sentences on how it is counted · `remarks` what is not supplied or not
    known · `cite` where the guidance or a report has it.
    """

    number: int
    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[int | None, ...], ...]
    how: tuple[str, ...]
    remarks: tuple[str, ...]
    cite: str

    @property
    def heading(self) -> str:
        """Its number and title."""
        return f"{self.number}. {self.title}"

    @property
    def frame(self) -> pl.DataFrame:
        """The table as text."""
        return pl.DataFrame(list(self.rows), schema=dict.fromkeys(self.headings, pl.String), orient="row")


@dataclass(frozen=True)
class AnnualReport:
    """All tables of a year, and the lines that stand above them."""

    title: str
    about: Mapping[str, str]
    warnings: tuple[str, ...]
    tables: tuple[AnnualTable, ...]
    cells: pl.DataFrame


def report(cells: pl.DataFrame, title: str, about: Mapping[str, str], running_to: str | None = None) -> AnnualReport:
    """The report of a year. `cells`: columns of `ANNUAL` · `about` what is said above · `running_to` the day, if it is not over."""
    warnings = [NOT_COMPLETE.format(day=running_to)] if running_to else []
    few = small(cells)
    if few:
        warnings.append(SMALL_NUMBERS.format(cells=few, are="is" if few == 1 else "are"))
    groups = cells.partition_by("table", maintain_order=True)
    return AnnualReport(
        title, about, tuple(warnings), tuple(_table(n, each) for n, each in enumerate(groups, start=1)), cells
    )


def small(cells: pl.DataFrame) -> int:
    """How many figures are so small that they need a look before they are published; rates are not counts of people."""
    return cells.filter((pl.col("value") > 0) & (pl.col("value") < SMALL) & pl.col("denominator").is_null()).height


def number(value: int) -> str:
    """A figure as people read it: 2,292; −7."""
    return f"{value:,}".replace("-", _MINUS)


def figure(value: int | None, unknown: int, state: str) -> str:
    """A cell in words."""
    if value is None:
        return DASH if state == "does not apply" else state
    return f"{number(value)} {UNKNOWN_SIGN}" if unknown else number(value)


def _table(place: int, cells: pl.DataFrame) -> AnnualTable:
    rows, columns = (dict(cells.select(axis, f"{axis}_title").iter_rows()) for axis in ("row", "column"))
    held = {(each["row"], each["column"]): each for each in cells.iter_rows(named=True)}
    # A table of one row reads better as a list.
    turned = len(rows) == 1 and len(columns) > 1
    labels, across = (columns, rows) if turned else (rows, columns)
    found = [[held[(other, label) if turned else (label, other)] for other in across] for label in labels]
    return AnnualTable(
        number=place,
        name=cells["table"][0],
        title=cells["title"][0],
        headings=_unlike(["Of what", *across.values()]),
        rows=tuple(
            (title, *(figure(cell["value"], cell["unknown"], cell["state"]) for cell in line))
            for title, line in zip(labels.values(), found, strict=True)
        ),
        figures=tuple(tuple(cell["value"] for cell in line) for line in found),
        how=_how(cells),
        remarks=_remarks(cells),
        cite="; ".join(cells["cite"].unique(maintain_order=True)),
    )


def _unlike(headings: list[str]) -> tuple[str, ...]:
    """The headings, no two alike."""
    made: list[str] = []
    for heading in headings:
        while heading in made:
            heading += "\N{WORD JOINER}"
        made.append(heading)
    return tuple(made)


def _how(cells: pl.DataFrame) -> tuple[str, ...]:
    """How the table is counted: one sentence, or one for each of its figures."""
    by = cells.select("column_title", "how").unique("how", maintain_order=True).rows()
    return tuple(how if len(by) == 1 else f"{column}: {how}" for column, how in by)


def _remarks(cells: pl.DataFrame) -> tuple[str, ...]:
    """What is not supplied, each reason once; what a rate is made of; and cell by cell what is not known."""
    said = cells.filter(pl.col("remark").is_not_null())
    whole = said.filter((pl.col("unknown") == 0) | pl.col("denominator").is_not_null())
    unsure = said.filter((pl.col("unknown") > 0) & pl.col("denominator").is_null())
    parts = unsure.filter((pl.col("row") != TOTAL) & (pl.col("column") != TOTAL))
    told = parts if parts.height else unsure
    return (
        *whole["remark"].unique(maintain_order=True),
        *(
            f"{UNKNOWN_SIGN} {row}, {column}: {remark}"
            for row, column, remark in told.select("row_title", "column_title", "remark").iter_rows()
        ),
    )
