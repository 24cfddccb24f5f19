"""Conditions that several fields share: when a field is required (domain section 2, "R if …")."""

from __future__ import annotations

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS, PRESENT_MODES
from checks.tables.table import When

ACTIVE = pl.col("exited_on").is_null()
AT_LEVEL_2_OR_3 = pl.col("level").is_in(["2", "3"])

IF_ACTIVE = When(ACTIVE, "the case is active", {})
IF_ACTIVE_AT_2_OR_3 = When(ACTIVE & AT_LEVEL_2_OR_3, "the case is active at level 2 or 3", {"level": "2"})
IF_LEVEL_2_OR_3_MEETING = When(
    pl.col("kind").is_in(MULTI_AGENCY_KINDS), "the meeting is a level 2 or level 3 meeting", {"kind": "level 2"}
)
IF_PRESENT_AT_LEVEL_2_OR_3 = When(
    pl.col("_meetings_kind").is_in(MULTI_AGENCY_KINDS) & pl.col("mode").is_in(PRESENT_MODES),
    "the agency was present, by video or by telephone at a level 2 or level 3 meeting",
    {"meeting_id": "M1", "mode": "video"},
)
