"""How many people had any meeting, and how many more than one (domain 4.6 “Individuals”; J23 4.3)."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS, MEETING_KINDS, meeting_kind
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure


def meetings(area: Area) -> pl.LazyFrame:
    """One row per meeting of whatever kind held on a case."""
    kind = pl.col("kind")
    held = area.meetings.filter(pl.col("kind").is_not_null() & pl.col("case_id").is_not_null()).with_columns(
        owed_on=pl.col("held_on"),
        done_on=pl.col("held_on"),
        level=one_of(*((kind == meeting_kind(each), each) for each in LEVELS)),
        unit=pl.lit(None, dtype=pl.String),
        met=pl.lit(value=True),
        why=one_of(*((kind == each, f"{each} meeting held") for each in MEETING_KINDS)),
        table=always("meetings"),
    )
    return area.one_row_each(held, "meetings", "meeting_id", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per meeting held on a case; a case counts once."""
    return as_evidence(area.with_case(meetings(area)))


def _held(*days: str) -> dict[str, list[dict[str, str]]]:
    return {
        "meetings": [
            {
                "meeting_id": f"M{place}",
                "case_id": "C1",
                "held_on": day,
                "kind": "screening" if place == 1 else "level 2",
            }
            for place, day in enumerate(days, 1)
        ]
    }


MEASURE = Measure(
    id="individuals",
    title="People discussed at more than one meeting",
    sentence="How many people were discussed at any meeting, and how many of them at more than one.",
    numerator="people discussed at more than one meeting in the period",
    denominator="people discussed at any screening, level 1, level 2 or level 3 meeting in the period",
    cite="J23 4.3",
    evidence=evidence,
    bare=meetings,
    supplied=lambda area: area.tables.has("meetings", "case_id", "held_on", "kind"),
    how_to_read=(
        "This counts people, not meetings, and neither more nor fewer is better. "
        "Somebody discussed once in each of two quarters is in the year's figure with more than one meeting."
    ),
    by_case=True,
    together="more than one",
    dimensions=("category", "lead_agency"),
    theme="The Board, people and caseload",
    things="people",
    describes=True,
    passes=Example(
        "One person was screened in October and discussed at level 2 in November.",
        _held("2023-10-11", "2023-11-08"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The person was screened in October and discussed no more in the quarter.",
        _held("2023-10-11"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
