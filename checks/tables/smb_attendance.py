"""smb_attendance: one member at one meeting of the Strategic Management Board (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import SMB_ATTENDED
from checks.tables.table import Table, field


class SmbAttendance(Table, key=("smb_meeting_id", "member"), agency="member", day="_smb_meetings_held_on"):
    """One member of the Board at one of its meetings; one row per member and meeting."""

    smb_meeting_id: str = field("The Board meeting.", required=True, exists="smb_meetings.smb_meeting_id")
    member: str = field("The member: an agency or a role, never a person's name.", required=True, organisation=True)
    attended: pl.Enum = field("Whether the member, a deputy or nobody came.", required=True, codes=SMB_ATTENDED)
