"""Attendance of each member at the Strategic Management Board (domain 4.4; J10 15.2, 15.3, 16.2 (4))."""

from __future__ import annotations

import polars as pl

from checks.codes import SMB_PRESENT
from kpis.area import Area
from kpis.evidence import as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.results import NO_MEMBER


def evidence(area: Area) -> pl.LazyFrame:
    """One row per member per Board meeting held; members that the settings list are owed at every meeting.

    Where they list them a row that names nobody is nobody's: it would be owed a second time beside the member whose it is.
    """
    held = area.tables.lazy("smb_meetings").filter(
        pl.col("held_on").is_not_null() & pl.col("smb_meeting_id").is_not_null()
    )
    meetings = held.group_by("smb_meeting_id").agg(pl.col("held_on").min())
    records = area.tables.lazy("smb_attendance")
    rows = records.join(meetings, on="smb_meeting_id", how="inner", maintain_order="left")
    if area.smb_members:
        listed = meetings.join(
            pl.LazyFrame({"member": list(area.smb_members)}), how="cross", maintain_order="left_right"
        )
        silent = listed.join(rows, on=["smb_meeting_id", "member"], how="anti", maintain_order="left")
        rows = pl.concat([rows.filter(pl.col("member").is_not_null()), silent], how="diagonal")
    attended = pl.col("attended").cast(pl.String)
    judged = rows.with_columns(
        meeting_id=pl.col("smb_meeting_id"),
        unit=pl.col("member").fill_null(NO_MEMBER),
        owed_on=pl.col("held_on"),
        met=attended.is_in(SMB_PRESENT),
        why=attended.fill_null("attendance is not recorded"),
        missing_field=one_of((attended.is_null(), "attended"), (pl.col("member").is_null(), "member")),
        table=pl.lit("smb_attendance"),
    )
    once = area.one_row_each(judged, "smb_attendance", "smb_meeting_id", "member")
    return as_evidence(once.with_columns(done_on=pl.when("met").then("owed_on")))


def _board(attended: str) -> dict[str, list[dict[str, str]]]:
    return {
        "smb_meetings": [{"smb_meeting_id": "S1", "held_on": "2023-10-11"}],
        "smb_attendance": [
            {"smb_meeting_id": "S1", "member": "police", "attended": "deputy"},
            {"smb_meeting_id": "S1", "member": "housing", "attended": attended},
        ],
    }


MEASURE = Measure(
    id="smb_attendance",
    title="Members attended the Strategic Management Board",
    sentence="Of the Board's meetings in the last twelve months, how many each member attended, in person or by a deputy.",
    numerator="attendances by the member or by a deputy",
    denominator="members of the Board at each of its meetings in the twelve months that end with the period",
    cite="J10 15.3, 16.2 (4)",
    evidence=evidence,
    supplied=lambda area: (
        area.tables.has("smb_meetings", "smb_meeting_id", "held_on")
        and area.tables.has("smb_attendance", "smb_meeting_id")
    ),
    short="attendance of the Board",
    cannot_tell=("It counts who came, not what they did. Twelve months make it slow: a change shows little by little."),
    how_to_read=(
        "The target is for each member, over twelve months: it is met only when every member reaches it. "
        "A row that names no member may be anybody's: unless somebody came, the verdict depends on whose it was; where the "
        "settings list the members it is left out, and the member without a row is not known. "
        "That a deputy counts is our reading of the guidance; deputies are shown apart."
    ),
    target="target_smb_attendance",
    window="12 months",
    unit="member",
    each=True,
    of_cases=False,
    passes=Example(
        "At the Board's one meeting the police sent a deputy and housing came.",
        _board("member"),
        "2023-Q4",
        2,
        2,
        0,
        "met",
    ),
    breaks=Example(
        "Housing sent apologies: housing misses the target, and so the KPI is not met.",
        _board("apologies"),
        "2023-Q4",
        1,
        2,
        0,
        "not met",
    ),
)
