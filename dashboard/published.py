"""What the page Published reports shows: reports to choose from, their tables as printed, and what does not add up in each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from checks.published_figures import FIGURES
from connectors.published import read_file
from dashboard.words import DASH
from kpis.published import SHIPPED
from kpis.published.check import CheckedFigures, check_figures
from kpis.published.tables import place_name, tables

SIGNS = {"error": "✗", "note": "◐"}
SAID = {"error": "✗ Does not add up", "note": "◐ Worth a question"}
"""Severity → its sign, and sign and word."""

Cell = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class PublishedReport:
    """One report to show: its name, its figures (`FIGURES`), and what came of checking them."""

    key: str
    name: str
    figures: pl.DataFrame
    checked: CheckedFigures

    @property
    def sources(self) -> list[str]:
        """The documents that the figures were read off."""
        return self.figures["source"].drop_nulls().unique(maintain_order=True).to_list()


@dataclass(frozen=True)
class PrintedTable:
    """One table to show: name, frame of text, and its sentences as (sign and word, message, reason, cite)."""

    name: str
    frame: pl.DataFrame
    said: tuple[tuple[str, str, str, str], ...]
    unchecked: tuple[str, ...]


@cache
def shipped() -> pl.DataFrame:
    """The figures that come with the product."""
    return read_file(SHIPPED)


@cache
def shipped_reports() -> dict[str, PublishedReport]:
    """Key → report, of the figures that come with the product."""
    return reports_of(shipped())


def reports_of(figures: pl.DataFrame, prefix: str = "") -> dict[str, PublishedReport]:
    """Key → report, the newest of each area first, each checked by itself."""
    found: dict[str, PublishedReport] = {}
    keys = figures.select("area", "reporting_year").unique(maintain_order=True).rows()
    for area, year in sorted(keys, key=lambda each: (each[0].casefold(), _reversed(each[1]))):
        mine = figures.filter((pl.col("area") == area) & (pl.col("reporting_year") == year))
        key = prefix + re.sub(r"[^a-z0-9]+", "-", f"{area} {year}".casefold()).strip("-")
        key = key if key not in found else f"{key}-{len(found)}"
        found[key] = PublishedReport(key, f"{place_name(area)} {year}", mine, check_figures(mine))
    return found


def _reversed(year: str) -> list[int]:
    """So that later years sort first."""
    return [-ord(character) for character in year]


def printed_tables(report: PublishedReport) -> list[PrintedTable]:
    """The tables of a report, in their order."""
    found = report.checked.findings
    return [
        PrintedTable(
            each.name,
            _frame(report, each.name),
            tuple(
                (SAID[row["severity"]], row["message"], row["reason"], row["cite"])
                for row in found.filter(pl.col("table") == each.name).iter_rows(named=True)
            ),
            tuple(report.checked.unchecked.filter(pl.col("table") == each.name)["message"]),
        )
        for each in tables(report.figures)
    ]


def _frame(report: PublishedReport, name: str) -> pl.DataFrame:
    """The table as text, a sign beside each figure that a finding rests on; a single row is shown as a column."""
    (table,) = tables(report.figures.filter(pl.col("table") == name))
    turned = len(table.rows) == 1 and len(table.columns) > 1
    labels, across = (table.columns, table.rows) if turned else (table.rows, table.columns)
    labels, across = _totals_last(labels), _totals_last(across)

    def cell(label: str, other: str) -> str:
        row, column = (other, label) if turned else (label, other)
        value = table.cells.get((row, column))
        if value is None:
            return DASH
        severity = report.checked.concerned.get((table.area, table.year, name, row, column))
        return f"{value:,} {SIGNS[severity]}" if severity else f"{value:,}"

    titles = _titles(across)
    # A heading without text would leave those who hear the table guessing what its first column holds.
    heading = _unlike("Of what", list(titles.values()))
    return pl.DataFrame(
        {
            heading: [_title(label) for label in labels],
            **{title: [cell(label, other) for label in labels] for other, title in titles.items()},
        }
    )


def _totals_last(labels: tuple[str, ...]) -> list[str]:
    return sorted(labels, key=lambda label: label.casefold() == "total")


def _title(label: str) -> str:
    """A label as a heading; short codes in capitals as the field writes them."""
    return label.upper() if label == "pdp" else label[:1].upper() + label[1:]


def _titles(labels: list[str]) -> dict[str, str]:
    """Label → heading, no two alike."""
    made: dict[str, str] = {}
    for label in labels:
        made[label] = _unlike(_title(label), list(made.values()))
    return made


def _unlike(text: str, others: list[str]) -> str:
    while text in others:
        text += "\N{WORD JOINER}"
    return text


def tally(report: PublishedReport) -> str:
    """How much was checked and how much holds, in one line, each with sign and word."""
    by = dict(report.checked.findings["severity"].value_counts().iter_rows())
    failing = report.checked.findings.height
    parts = [
        f"{sign} {by[severity]:,} {'does not add up' if by[severity] == 1 else 'do not add up'}"
        if severity == "error"
        else f"{sign} {by[severity]:,} worth a question"
        for severity, sign in SIGNS.items()
        if by.get(severity)
    ]
    parts.append(f"✓ {report.checked.checks - failing:,} of {report.checked.checks:,} checks hold")
    return " · ".join(parts)


def coverage(report: PublishedReport) -> str:
    """How many figures stand in a check at all."""
    checked, figures = len(report.checked.at), report.figures.height
    if checked == figures:
        return f"All {figures:,} figures stand in at least one check."
    return (
        f"{checked:,} of the {figures:,} figures stand in at least one check; "
        "of the others nothing printed tells whether they are right."
    )


def as_file(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures in the columns that the check reads."""
    return figures.select(name for name in FIGURES if name != "line")


def in_words(frame: pl.DataFrame, said: Mapping[str, str]) -> dict[str, str]:
    """Short name → title of the documents that figures name, where it is known."""
    return {short: said[short] for short in frame["source"].drop_nulls().unique(maintain_order=True) if short in said}
