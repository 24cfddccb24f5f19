"""People identified soon after sentence (domain 4.6; J10 3.3; H08 “MAPPA Categories”)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.in_force import due_in_force
from checks.standard import TimeAllowed
from kpis.area import Area
from kpis.deadlines import done_by, fallen_due
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.working_days import working_days_after

FIGURE = "identified_within"


def _due(area: Area, allowed: Mapping[str, TimeAllowed]) -> pl.Expr:
    """The due day of a case by its category and the times allowed; null where nothing is owed, or nobody knows what.

    Without a category a case owes what all categories owe, if they owe the same.
    """
    sentenced, category = pl.col("sentenced_on"), pl.col("category").cast(pl.String)
    due = pl.lit(None, dtype=pl.Date)
    for time in {(each.days, each.working) for each in allowed.values()}:
        days, working = time
        day = working_days_after(sentenced, days, area.days_off) if working else sentenced.dt.offset_by(f"{days}d")
        of_time = [name for name, each in allowed.items() if (each.days, each.working) == time]
        alike = set(of_time) >= set(area.standard.categories)
        due = pl.when(category.is_in(of_time).fill_null(alike)).then(day).otherwise(due)
    return due


def cases(area: Area) -> pl.LazyFrame:
    """One row per sentenced case whose identification has fallen due, judged."""
    owed_on, identified = pl.col("owed_on"), pl.col("identified_on")
    told = (
        area.within(
            area.case_records.with_columns(
                owed_on=due_in_force(area.standard, FIGURE, lambda allowed: _due(area, allowed))
            ),
            "owed_on",
        )
        .with_columns(met=done_by(identified, owed_on))
        .with_columns(
            done_on=identified,
            why=one_of(
                (pl.col("met"), "identified in time"),
                (identified.is_not_null(), "identified late"),
                otherwise="no day of identification is recorded",
            ),
            table=always("cases"),
        )
    )
    return fallen_due(area, told, "cases", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per sentenced case whose identification has fallen due."""
    return as_evidence(cases(area))


def _sentenced(category: str, identified_on: str) -> dict[str, list[dict[str, str]]]:
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": category,
                "level": "1",
                "sentenced_on": "2023-10-13",
                "identified_on": identified_on,
            }
        ]
    }


MEASURE = Measure(
    id="identification",
    title="People identified soon after sentence",
    sentence="Of the people sentenced, how many were identified as eligible within the time set.",
    numerator="cases identified by the due day",
    denominator="cases with a date of sentence whose due day is in the period, in a category for which a time is set",
    cite="J10 3.3; H08 “MAPPA Categories”",
    evidence=evidence,
    bare=cases,
    supplied=lambda area: area.tables.has("cases", "category", "sentenced_on", "identified_on"),
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("category", "lead_agency"),
    how_to_read=(
        "It speaks of the people who are in the records: someone never identified is not in them. "
        "A sentenced person without a day of identification counts as not identified in time."
    ),
    theme="Referral and entry",
    things="cases",
    passes=Example(
        "Sentenced on Friday 13 October and identified on Wednesday 18 October: under the protocol for England and Wales "
        "category 2 has three working days.",
        _sentenced("2", "2023-10-18"),
        "2023-24-Q3",
        1,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
    breaks=Example(
        "Category 1 has three days whether or not they are working days: due on Monday 16 October, so two days late.",
        _sentenced("1", "2023-10-18"),
        "2023-24-Q3",
        0,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
)
