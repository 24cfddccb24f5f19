"""One's own figures in the shape of a published report, from what a snapshot holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS
from checks.published_figures import FIGURES, TOTAL
from kpis.periods import Period
from kpis.population import residents
from kpis.results import HEADLINE, NOT_RECORDED, UNIT

_TABLES = {"source_agency": "referrals by source", "concern": "referrals by concern", "route": "referrals by route"}
_LEVELS = ("1", "2", "3")

Cells = dict[tuple[str, str, str], int]


def own_figures(
    area: str,
    period: Period,
    on: date,
    caseload: pl.DataFrame | None,
    referrals: pl.DataFrame | None,
    results: pl.DataFrame,
    population: pl.DataFrame | None,
    categories: Iterable[str] = (),
) -> pl.DataFrame:
    """The area's own tables of a period (columns: `FIGURES`), totals included; what is not supplied is not there.

    `caseload` (`kpis.caseload.CASELOAD`), of which the day `on` is taken · `referrals` (`kpis.referrals.REFERRALS`) ·
    `results` of one standard (`kpis.results.RESULTS`), for the meetings · `population` (canonical table), the year as
    for the annual tables (`kpis.population`) · `categories` those of the standard, which stand there even without a case.
    """
    cells: Cells = {}
    if caseload is not None:
        cells |= _caseload(caseload.filter(pl.col("on") == on), categories)
    if referrals is not None:
        cells |= _referrals(referrals.filter(pl.col("period") == period.name))
    cells |= _meetings(results.filter(pl.col("period") == period.name))
    if population is not None:
        cells |= _population(population, area, period)
    rows = [(area, period.name, *cell, value, None, None) for cell, value in cells.items()]
    return pl.DataFrame(rows, schema=FIGURES, orient="row")


def own_facts(figures: Mapping[str, Any]) -> dict[str, str]:
    """How one's own figures count: fact → value as `comparison.toml` declares them.

    `figures` the standard's in force when the caseload was counted: name → value. Our caseload is everybody under management,
    wherever they are; the rest follows from the standard.
    """
    categories = figures.get("categories") or []
    known = {
        "custody": "counted",
        "outside": "counted",
        "pdp": "counted" if "pdp" in categories else "not counted",
        "category 4": "apart" if "4" in categories else "in category 2",
        "category 3 at level 1": figures.get("lowest_level_category_3"),
        "law": figures.get("annual_layout"),
    }
    return {name: said for name, said in known.items() if said is not None}


def _category(code: str) -> str:
    return f"category {code}" if code.isdecimal() else code


def _level(code: str) -> str:
    return f"level {code}" if code in _LEVELS else code


def _caseload(rows: pl.DataFrame, known: Iterable[str]) -> Cells:
    table = "eligible at year end"
    counts = {
        (_level(level), _category(category)): n
        for level, category, n in rows.select("level", "category", "cases").iter_rows()
    }
    if not counts:
        return {}
    levels = sorted({*map(_level, _LEVELS), *(level for level, _ in counts)}, key=_not_recorded_last)
    categories = sorted({*map(_category, known), *(category for _, category in counts)}, key=_not_recorded_last)
    cells: Cells = {}
    for level in levels:
        for category in categories:
            cells[table, level, category] = counts.get((level, category), 0)
        cells[table, level, TOTAL] = sum(counts.get((level, each), 0) for each in categories)
    for category in categories:
        cells[table, TOTAL, category] = sum(counts.get((each, category), 0) for each in levels)
    cells[table, TOTAL, TOTAL] = sum(counts.values())
    return cells


def _not_recorded_last(label: str) -> tuple[bool, str]:
    return label == NOT_RECORDED, label


def _referrals(rows: pl.DataFrame) -> Cells:
    cells: Cells = {}
    for by, table in _TABLES.items():
        counts = list(rows.filter(pl.col("by") == by).select("name", "referrals").iter_rows())
        cells |= _one_row(table, "referrals", counts)
    return cells


def _one_row(table: str, row: str, counts: Iterable[tuple[str, int]]) -> Cells:
    held = dict(counts)
    if not held:
        return {}
    return {(table, row, name): n for name, n in held.items()} | {(table, row, TOTAL): sum(held.values())}


def _meetings(rows: pl.DataFrame) -> Cells:
    """Screenings by outcome; of level 2 and 3 meetings how many: the disclosure measure owes a decision at each."""
    table = "outcome of meetings"
    screened = rows.filter((pl.col("measure") == "screening_outcomes") & (pl.col("by") == UNIT))
    counts = {_level(unit): n for unit, n in screened.select("unit", "owed").iter_rows() if n is not None}
    owed = rows.filter(pl.col("measure") == "disclosure")
    headline = owed.filter(pl.col("by") == HEADLINE)["owed"].drop_nulls()
    if not counts or headline.is_empty():
        return {}
    held = dict(owed.filter(pl.col("by") == "level").select("unit", "owed").iter_rows())
    cells = _one_row(table, "screening", counts.items())
    for kind in MULTI_AGENCY_KINDS:
        cells[table, kind, TOTAL] = held.get(kind[-1]) or 0
    cells[table, TOTAL, TOTAL] = sum(n for (_, _, column), n in cells.items() if column == TOTAL)
    return cells


def _population(population: pl.DataFrame, area: str, period: Period) -> Cells:
    people, _ = residents(population, area, period)
    return {} if people is None else {("population", "aged 10 and over", TOTAL): people}
