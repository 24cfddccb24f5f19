"""Cases under management on the period's last day, by category and level (domain 4.6 “Caseload”; J23 3)."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.codes import CATEGORIES, LEVELS
from kpis.area import Area
from kpis.caseload import is_supplied
from kpis.evidence import as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.results import NOT_RECORDED
from kpis.states import counted_on_last_days, on_last_days, records_of_cases

CELL = "category {}, level {}"
CELLS = tuple(
    CELL.format(category, level) for category in (*CATEGORIES, NOT_RECORDED) for level in (*LEVELS, NOT_RECORDED)
)


def _cell() -> pl.Expr:
    told = (pl.col(name).cast(pl.String).fill_null(NOT_RECORDED) for name in ("category", "level"))
    return pl.format(CELL, *told)


def _at_2_or_3() -> pl.Expr:
    level = pl.col("level").cast(pl.String)
    return pl.when(level != NOT_RECORDED).then(level.is_in(["2", "3"]))


def counted(area: Area, first: date, last: date) -> pl.LazyFrame | None:
    """The cases under management on each last day, counted per quarter and cell.

    None where the categories change on a date: each day is then looked at by itself.
    """
    if len(area.standard.steps("categories")) > 1:
        return None
    met = _at_2_or_3()
    runs = area.states.lazy().select(
        "first", "end", unit=_cell().cast(pl.Enum(CELLS)), met=met, owed=1, unknown=met.is_null()
    )
    return counted_on_last_days(area, runs, first, last, "unit")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per case under management on each last day."""
    located = area.states.lazy().join(records_of_cases(area), on="case", how="left", maintain_order="left")
    level = pl.col("level")
    judged = located.with_columns(
        unit=_cell().cast(pl.Enum(CELLS)),
        met=_at_2_or_3(),
        why=one_of(
            *((level == each, f"under management at level {each}") for each in LEVELS),
            otherwise="the level is not recorded",
        ),
        missing_field=one_of(
            (level.is_null(), "level"),
        ),
    )
    every = on_last_days(area, judged)
    return as_evidence(every.with_columns(done_on=pl.when("met").then("owed_on")))


def _case(level: str) -> dict[str, list[dict[str, str]]]:
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": "1",
                "level": level,
                "location": "community",
                "entered_on": "2023-01-04",
                "lead_agency": "police",
            }
        ]
    }


MEASURE = Measure(
    id="caseload",
    title="Cases under management, and those at level 2 or 3",
    sentence="How many cases were under management on the period's last day, and how many of them at level 2 or level 3.",
    numerator="of these, the cases at level 2 or level 3",
    denominator="cases under management at the end of the period's last day",
    cite="J23 3; L21; K14",
    evidence=evidence,
    counted=counted,
    supplied=is_supplied,
    how_to_read=(
        "This describes the caseload; neither more nor fewer is better. "
        "Of a past day the history of spells tells the level, or the case's own record where there is none."
    ),
    window="last day",
    unit="category and level",
    counts=CELLS,
    dimensions=("category", "lead_agency"),
    theme="The Board, people and caseload",
    things="cases",
    describes=True,
    passes=Example(
        "One case is under management at the year's end, at level 2.",
        _case("2"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The case is managed at level 1: it is one of the caseload, not of those at level 2 or 3.",
        _case("1"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
