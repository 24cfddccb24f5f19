"""Victim and diversity issues considered at level 2 and 3 meetings (domain 4.6; J23 1.7; H08 “Review Meetings”)."""

from __future__ import annotations

import polars as pl

from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of, together
from kpis.measure import Example, Measure

ISSUES = {"victim": "victim_considered", "diversity": "diversity_considered"}


def considered(area: Area) -> pl.LazyFrame:
    """One row per issue and level 2 or level 3 meeting held, judged."""
    return together([_judged(area, issue, field) for issue, field in ISSUES.items()])


def _judged(area: Area, issue: str, field: str) -> pl.LazyFrame:
    met = pl.col(field)
    judged = area.multi_agency_meetings.with_columns(
        owed_on=pl.col("held_on"),
        unit=always(issue),
        met=met,
        why=one_of(
            (met.is_null(), f"whether {issue} issues were considered is not recorded"),
            (met, f"{issue} issues considered"),
            otherwise=f"{issue} issues not considered",
        ),
        missing_field=one_of((met.is_null(), field)),
        table=always("meetings"),
    )
    return area.one_row_each(judged, "meetings", "meeting_id", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per issue and level 2 or level 3 meeting held."""
    rows = considered(area).with_columns(done_on=pl.when("met").then("owed_on"))
    return as_evidence(area.with_case(rows))


def _meeting(diversity: str | None) -> dict[str, list[dict[str, str | None]]]:
    return {
        "meetings": [
            {
                "meeting_id": "M1",
                "case_id": "C1",
                "held_on": "2023-11-08",
                "kind": "level 2",
                "outcome_level": "2",
                "victim_considered": "true",
                "diversity_considered": diversity,
            }
        ]
    }


MEASURE = Measure(
    id="victim_and_diversity",
    title="Victim and diversity issues considered",
    sentence="At the level 2 and level 3 meetings held, how often victim issues and diversity issues were considered.",
    numerator="issues of the two that were considered",
    denominator="two issues, victim and diversity, for every level 2 and level 3 meeting held in the period",
    cite="J23 1.7; H08 “Review Meetings”",
    evidence=evidence,
    bare=considered,
    supplied=lambda area: area.tables.has("meetings", "held_on", "kind"),
    how_to_read=(
        "The two issues are shown apart; the figure on top counts both. "
        "It says that the point was on the table, not how well it was dealt with."
    ),
    unit="issue",
    dimensions=("level", "lead_agency"),
    theme="Meetings and minutes",
    things="issues",
    passes=Example(
        "A level 2 meeting on 8 November considered both.",
        _meeting("true"),
        "2023-Q4",
        2,
        2,
        0,
        "no target",
    ),
    breaks=Example(
        "The meeting considered victim issues; of diversity the record says nothing, and it could be either.",
        _meeting(None),
        "2023-Q4",
        1,
        2,
        1,
        "no target",
    ),
)
