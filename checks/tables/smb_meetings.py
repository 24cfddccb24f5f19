"""smb_meetings: one meeting of the Strategic Management Board (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.tables.table import Table, field


class SmbMeetings(Table, key=("smb_meeting_id",), day="held_on"):
    """One meeting of the Strategic Management Board; one row per meeting."""

    smb_meeting_id: str = field("The Board meeting's own reference.", required=True, unique=True)
    held_on: pl.Date = field("The day it was held.", required=True, happened=True)
