"""What the full-meeting measures of levels 2 and 3 share (domain 4.6; H08 “Review Meetings”): one declaration, made per level."""

from __future__ import annotations

import polars as pl

from checks.codes import meeting_kind
from checks.locators import FILE, ROW, SHEET
from kpis import recurring
from kpis.area import Area
from kpis.measure import Example, Measure
from kpis.spells import can_tell

_FIGURES = {"2": "full_meeting_months_level_2", "3": "full_meeting_weeks_level_3"}


def _held(area: Area, level: str) -> pl.LazyFrame:
    """The meetings of the level (`kpis.recurring.DONE`), core groups left out; sure where recorded as full."""
    form = pl.col("format").cast(pl.String)
    of_level = area.meetings.filter(
        (pl.col("kind") == meeting_kind(level))
        & pl.col("case_id").is_not_null()
        & form.ne_missing(pl.lit("core group"))
    )
    return of_level.select(
        "case_id",
        done_on="held_on",
        sure=form.is_not_null(),
        meeting_id="meeting_id",
        table=pl.lit("meetings"),
        **{name: pl.col(name) for name in (FILE, SHEET, ROW)},
    )


def full_meetings(level: str, every: str, cite: str, passes: Example, breaks: Example) -> Measure:
    """The measure of full meetings at one level."""

    def owed(area: Area) -> pl.LazyFrame:
        during = recurring.spells(area, level, clock=True)
        return recurring.owed(area, during, _held(area, level), recurring.intervals(area.standard, _FIGURES[level]))

    def evidence(area: Area) -> pl.LazyFrame:
        return recurring.evidence(
            area,
            level,
            owed(area),
            _held(area, level),
            what="full meeting",
            perhaps="a meeting was held, but whether it was a full one is not recorded",
            missing_field="format",
        )

    return Measure(
        id=f"full_meetings_level_{level}",
        title=f"Level {level} cases with full meetings in time",
        sentence=(
            f"Of the level {level} cases for which a full meeting fell due, how many had one by the due day every time."
        ),
        numerator=f"level {level} cases with every full meeting due in the period held by its due day",
        denominator=f"level {level} cases with at least one full meeting due in the period",
        cite=cite,
        evidence=evidence,
        bare=lambda area: recurring.bare(owed(area)),
        supplied=lambda area: can_tell(area) and area.tables.has("meetings", "case_id", "held_on", "kind", "format"),
        in_standard=lambda standard: standard.value(_FIGURES[level]) is not None,
        by_case=True,
        unit="review",
        dimensions=("category", "lead_agency"),
        how_to_read=(
            f"A core group reviews a case but does not stand in for the full meeting that is due every {every}. "
            "A case without one is missed again each interval, so a year's figure is stricter than a quarter's."
        ),
        theme="Meetings and minutes",
        passes=passes,
        breaks=breaks,
    )
