"""attendance: one invited agency at one meeting (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import ATTENDANCE_MODES
from checks.tables.conditions import IF_PRESENT_AT_LEVEL_2_OR_3
from checks.tables.table import Table, field


class Attendance(Table, key=("meeting_id", "agency"), agency="agency", day="_meetings_held_on"):
    """One invited agency at one meeting; one row per invitation."""

    meeting_id: str = field("The meeting invited to.", required=True, exists="meetings.meeting_id")
    agency: str = field("The agency invited.", required=True, organisation=True)
    mode: pl.Enum = field("How it took part, or that it did not.", required=True, codes=ATTENDANCE_MODES)
    senior_enough: bool = field(
        "Whether its representative had the seniority that the meeting needs.", required=IF_PRESENT_AT_LEVEL_2_OR_3
    )
