"""Attendance of each invited agency at level 2 and 3 meetings (domain 4.3; J10 16.2 (5); H08 “Agency Representation”)."""

from __future__ import annotations

import polars as pl

from checks.codes import PRESENT_MODES, REPORT
from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.measure import Example, Measure

NO_AGENCY = "(agency not recorded)"


def invitations(area: Area) -> pl.LazyFrame:
    """One row per invited agency per level 2 or level 3 meeting held, judged."""
    counting = area.standard.value("attendance_modes_that_count") or []
    mode, senior = pl.col("mode"), pl.col("senior_enough")
    present = mode.is_in([each for each in PRESENT_MODES if each in counting])
    by_report = (mode == REPORT) & pl.lit(REPORT in counting)
    meetings = area.multi_agency_meetings.filter(pl.col("meeting_id").is_not_null())
    if area.repeats("meetings", "meeting_id"):
        meetings = meetings.unique("meeting_id", keep="first", maintain_order=True)
    about = meetings.select("meeting_id", "case_id", "level", owed_on="held_on")
    rows = area.tables.lazy("attendance").join(about, on="meeting_id", how="inner", maintain_order="left")
    judged = rows.with_columns(
        unit=pl.col("agency").fill_null(NO_AGENCY),
        # Without a mode nothing is known, and what is compared with nothing stays unknown.
        met=pl.when(present).then(senior).otherwise(by_report),
        why=pl.when(mode.is_null())
        .then(pl.lit("how it took part is not recorded"))
        .when(present & senior.is_null())
        .then(pl.lit("present, but seniority is not recorded"))
        .when(present & ~senior)
        .then(pl.lit("present, but not senior enough"))
        .otherwise(mode.cast(pl.String)),
        missing_field=pl.when(mode.is_null())
        .then(pl.lit("mode"))
        .when(present & senior.is_null())
        .then(pl.lit("senior_enough")),
        table=pl.lit("attendance"),
    )
    return area.one_row_each(judged, "attendance", "meeting_id", "agency")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per invited agency per level 2 or level 3 meeting held."""
    rows = invitations(area).with_columns(done_on=pl.when("met").then("owed_on"))
    return as_evidence(area.with_case(rows))


def _meeting(mode: str, senior: str | None) -> dict[str, list[dict[str, str | None]]]:
    return {
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}],
        "attendance": [
            {"meeting_id": "M1", "agency": "police", "mode": "in person", "senior_enough": "true"},
            {"meeting_id": "M1", "agency": "housing", "mode": mode, "senior_enough": senior},
        ],
    }


MEASURE = Measure(
    id="agency_attendance",
    title="Invited agencies took part in level 2 and 3 meetings",
    sentence="Of the invitations to level 2 and 3 meetings, how many the agency took up, at the right seniority or by report.",
    numerator="invitations taken up in person, by video or telephone by someone senior enough, or by a report",
    denominator="agencies invited to level 2 and level 3 meetings held in the period, one per agency and meeting",
    cite="J10 16.2 (5); H08 “Agency Representation”",
    evidence=evidence,
    bare=invitations,
    supplied=lambda area: (
        area.tables.has("meetings", "meeting_id", "held_on", "kind") and area.tables.has("attendance", "meeting_id")
    ),
    how_to_read=(
        "The target is for each agency: it is met only when every invited agency reaches it. "
        "A meeting without any attendance recorded is not counted here; it is listed under data quality."
    ),
    target="target_agency_attendance",
    unit="agency",
    each=True,
    dimensions=("level",),
    passes=Example(
        "Police came and housing sent a report: both took part.",
        _meeting("report", None),
        "2023-Q4",
        2,
        2,
        0,
        "met",
    ),
    breaks=Example(
        "Housing sent someone who was not senior enough: housing misses the target, and so the KPI is not met.",
        _meeting("video", "false"),
        "2023-Q4",
        1,
        2,
        0,
        "not met",
    ),
)
