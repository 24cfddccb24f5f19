"""A meeting in good time before release from custody (domain 4.6; J10 10.4; H08 “Frequency of MAPP Meetings”)."""

from __future__ import annotations

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS, SCREENING
from checks.in_force import due_in_force, on_day
from checks.locators import FILE, ROW, SHEET
from checks.numbers import CASE
from checks.standard import BeforeRelease
from kpis.area import Area
from kpis.deadlines import fallen_due, with_meeting
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.whereabouts import can_tell, in_custody_on, whereabouts

FIGURE = "before_release"
MONTHS_BACK = 12
"""How old the meeting may be on the due day."""


def cases(area: Area) -> pl.LazyFrame:
    """One row per case that was in custody on its due day, judged."""
    standard, owed_on = area.standard, pl.col("owed_on")

    def due(rule: BeforeRelease) -> pl.Expr:
        release = pl.coalesce(rule.dates) if rule.choose == "first given" else pl.min_horizontal(rule.dates)
        return release.dt.offset_by(f"-{rule.months}mo")

    def asked(rule: BeforeRelease | None) -> pl.Expr:
        """Whether it is asked of a case at its level; of one whose level is not known only where it is asked of all."""
        levels = None if rule is None else rule.levels
        return pl.lit(value=True) if levels is None else pl.col("level").is_in(levels).fill_null(value=False)

    rows = (
        area.numbered.lazy("cases")
        .filter(pl.col("case_id").is_not_null())
        .select(CASE, "case_id", FILE, SHEET, ROW, owed_on=due_in_force(standard, FIGURE, due))
        .filter(owed_on <= area.as_at)
    )
    inside = in_custody_on(area.within(rows, "owed_on"), whereabouts(area), "owed_on").filter(
        on_day(standard, FIGURE, owed_on, asked)
    )
    meetings = area.meetings.filter(pl.col("kind").is_in([SCREENING, *MULTI_AGENCY_KINDS]))
    judged = with_meeting(inside, meetings, "owed_on", "last until")
    recent = (pl.col("done_on") >= owed_on.dt.offset_by(f"-{MONTHS_BACK}mo")).fill_null(value=False)
    told = judged.with_columns(met=recent).with_columns(
        done_on=pl.when("met").then("done_on"),
        meeting_id=pl.when("met").then("meeting_id"),
        why=one_of(
            (pl.col("met"), "discussed in the twelve months up to the due day"),
            (pl.col("done_on").is_not_null(), "last discussed more than twelve months before the due day"),
            otherwise="not discussed by the due day",
        ),
        table=always("cases"),
    )
    return fallen_due(area, told, "cases", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per case that was in custody on its due day."""
    return as_evidence(area.with_case(cases(area)))


def is_supplied(area: Area) -> bool:
    """Whether the records can tell: a date to reckon from, where people were, and the meetings."""
    dates = {each for step in area.standard.steps(FIGURE) if step.value for each in step.value.dates}
    return (
        any(area.tables.has("cases", "case_id", each) for each in dates)
        and can_tell(area)
        and area.tables.has("meetings", "case_id", "held_on", "kind")
    )


def _in_custody(held_on: str) -> dict[str, list[dict[str, str]]]:
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": "2",
                "level": "2",
                "location": "custody",
                "entered_on": "2022-09-01",
                "release_on": "2024-02-29",
            }
        ],
        "meetings": [
            {"meeting_id": "M1", "case_id": "C1", "held_on": held_on, "kind": "level 2", "outcome_level": "2"}
        ],
    }


MEASURE = Measure(
    id="before_release",
    title="A meeting in good time before release",
    sentence="Of the people whose release from custody came within reach, how many had been discussed by then.",
    numerator="cases with a screening, level 2 or level 3 meeting in the twelve months up to the due day",
    denominator="cases in custody on the due day, six months before they may be released, where that day is in the period",
    cite="J10 10.4; H08 “Frequency of MAPP Meetings”",
    evidence=evidence,
    bare=cases,
    supplied=is_supplied,
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("level", "category", "lead_agency"),
    how_to_read=(
        "The due day is reckoned back from the date in the case's record: in Jersey the day from which temporary licence is "
        "possible, in England and Wales the earlier of parole and release, and only of cases at level 2 or 3 on the due day. "
        "A case in custody without such a date is not counted here; it is listed under data quality."
    ),
    theme="Release and leaving",
    things="cases",
    passes=Example(
        "Release is planned for 29 February 2024, so the case should have been discussed by 29 August; it was, that day.",
        _in_custody("2023-08-29"),
        "2023-Q3",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The meeting was on 30 August, a day after it was due.",
        _in_custody("2023-08-30"),
        "2023-Q3",
        0,
        1,
        0,
        "no target",
    ),
)
