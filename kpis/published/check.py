"""Published figures in, what was checked and what does not add up out (domain section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from checks.published_figures import FIGURES, is_of_which, is_total
from kpis.published.identities import identities
from kpis.published.relations import between
from kpis.published.sums import within
from kpis.published.tables import Check, place_name, reports, tables

FINDINGS: dict[str, pl.DataType | type[pl.DataType]] = {
    "area": pl.String,
    "reporting_year": pl.String,
    "table": pl.String,
    "rows": pl.List(pl.String),
    "columns": pl.List(pl.String),
    "printed": pl.Int64,
    "computed": pl.Int64,
    "message": pl.String,
    "severity": pl.String,
    "kind": pl.String,
    "reason": pl.String,
    "cite": pl.String,
}
"""One row per thing that does not hold.

`rows`, `columns` the labels it rests on · `printed` the figure as printed, `computed` what the others make of it (for a bound:
the most that it may be) · `severity` `error` or `note` · `kind` `sum`, `of which`, `movement`, `same`, `bound` · `reason`
why it should hold.
"""

UNCHECKED: dict[str, type[pl.DataType]] = {
    "area": pl.String,
    "reporting_year": pl.String,
    "table": pl.String,
    "row": pl.String,
    "column": pl.String,
    "line": pl.Int64,
    "message": pl.String,
}
"""One row per total, or part of something, that nothing printed allows to be checked; `line` the row of the file."""


@dataclass(frozen=True)
class CheckedFigures:
    """What came of checking published figures.

    `findings` columns `FINDINGS` · `unchecked` columns `UNCHECKED` · `checks` how many things were checked · `at` the figures
    (area, year, table, row, column) that stand in at least one check · `concerned` those that stand in a finding → the
    gravest severity.
    """

    findings: pl.DataFrame
    unchecked: pl.DataFrame
    checks: int
    at: frozenset[tuple[str, str, str, str, str]]
    concerned: dict[tuple[str, str, str, str, str], str]

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong, and not only worth a question."""
        return bool(self.findings.filter(severity="error").height)


def check_figures(figures: pl.DataFrame) -> CheckedFigures:
    """Check every sum, part, movement and declared relation that the figures allow (columns: `FIGURES`)."""
    declared = identities()
    printed = tables(figures.select(*FIGURES))
    checks = [check for each in printed for check in within(each, declared)]
    for report in reports(printed).values():
        checks += between(report, declared)
    order = {key: place for place, key in enumerate(reports(printed))}
    failing = sorted(
        (each for each in checks if not each.holds), key=lambda each: (order[each.area, each.year], each.severity)
    )
    at = frozenset((each.area, each.year, *cell) for each in checks for cell in each.at)
    concerned: dict[tuple[str, str, str, str, str], str] = {}
    for each in failing:
        for cell in each.at:
            if concerned.get((each.area, each.year, *cell)) != "error":
                concerned[each.area, each.year, *cell] = each.severity
    return CheckedFigures(_findings(failing), _unchecked(figures, at), len(checks), at, concerned)


def _findings(failing: Iterable[Check]) -> pl.DataFrame:
    rows = [
        (
            each.area,
            each.year,
            each.table,
            list(dict.fromkeys(row for _, row, _ in each.at)),
            list(dict.fromkeys(column for _, _, column in each.at)),
            each.printed,
            each.computed,
            each.message,
            each.severity,
            each.kind,
            each.reason,
            each.cite,
        )
        for each in failing
    ]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def _unchecked(figures: pl.DataFrame, at: frozenset[tuple[str, str, str, str, str]]) -> pl.DataFrame:
    rows = []
    for area, year, table, row, column, line in figures.select(
        "area", "reporting_year", "table", "row", "column", "line"
    ).iter_rows():
        if (area, year, table, row, column) in at:
            continue
        named = f"{place_name(area)} {year}, “{table}”, row “{row}”, column “{column}” (row {line} of the file)"
        if is_total(row) or is_total(column):
            message = f"{named}: the total stands without its parts, so it cannot be checked."
        elif is_of_which(row) or is_of_which(column):
            message = f"{named}: what it is a part of is not there, so it cannot be checked."
        else:
            continue
        rows.append((area, year, table, row, column, line, message))
    return pl.DataFrame(rows, schema=UNCHECKED, orient="row")
