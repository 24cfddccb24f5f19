"""What the measures of minutes at the two levels share: one declaration, made once per level (domain 4.6)."""

from __future__ import annotations

import polars as pl

from checks.codes import meeting_kind
from checks.in_force import due_in_force
from kpis.area import Area
from kpis.deadlines import done_by, fallen_due
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.working_days import working_days_after


def minutes_in_time(level: str, cite: str, passes: Example, breaks: Example) -> Measure:
    """The measure of minutes at one level."""
    figure = f"minutes_working_days_level_{level}"
    issued = pl.col("minutes_issued_on")

    def minutes(area: Area) -> pl.LazyFrame:
        """One row per meeting whose minutes have fallen due, judged."""
        held_on = pl.col("held_on")
        due = due_in_force(area.standard, figure, lambda days: working_days_after(held_on, days, area.days_off))
        rows = area.meetings.filter(pl.col("kind") == meeting_kind(level)).with_columns(owed_on=due)
        told = rows.with_columns(met=done_by(issued, pl.col("owed_on"))).with_columns(
            level=pl.lit(level),
            done_on=issued,
            why=one_of(
                (pl.col("met"), "issued in time"),
                (issued.is_not_null(), "issued late"),
                otherwise="not issued so far",
            ),
            table=always("meetings"),
        )
        return fallen_due(area, told, "meetings", "meeting_id", "case_id")

    def evidence(area: Area) -> pl.LazyFrame:
        return as_evidence(area.with_case(minutes(area)))

    return Measure(
        id=f"minutes_level_{level}",
        title=f"Minutes of level {level} meetings issued in time",
        sentence=f"Of the minutes of level {level} meetings that fell due, how many were issued by their due day.",
        numerator="meetings whose minutes were issued by the due day",
        denominator=f"level {level} meetings whose minutes fell due in the period",
        cite=cite,
        evidence=evidence,
        bare=minutes,
        supplied=lambda area: area.tables.has("meetings", "held_on", "kind", "minutes_issued_on"),
        in_standard=lambda standard: standard.value(figure) is not None,
        dimensions=("category", "lead_agency"),
        how_to_read=(
            "The due day is counted in working days from the day after the meeting, so a meeting late in a quarter counts in the "
            "next. Minutes without a date of issue count as not issued."
        ),
        theme="Meetings and minutes",
        passes=passes,
        breaks=breaks,
    )


def one_meeting(level: str, held_on: str, issued_on: str | None) -> dict[str, list[dict[str, str | None]]]:
    """A single meeting with its minutes: for worked examples."""
    return {
        "meetings": [
            {
                "meeting_id": "M1",
                "case_id": "C1",
                "held_on": held_on,
                "kind": meeting_kind(level),
                "minutes_issued_on": issued_on,
            }
        ]
    }
