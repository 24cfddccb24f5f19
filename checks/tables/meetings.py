"""meetings: one case discussed at one sitting (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import (
    DISCLOSURE_DECISIONS,
    MEETING_FORMATS,
    MEETING_KINDS,
    MEETING_PURPOSES,
    MULTI_AGENCY_KINDS,
    OUTCOMES,
)
from checks.tables.conditions import IF_LEVEL_2_OR_3_MEETING
from checks.tables.table import Table, When, field


class Meetings(Table, key=("meeting_id",), agency="chair_agency", day="held_on"):
    """One case discussed at one sitting; one row per case and sitting."""

    meeting_id: str = field("The meeting's own reference.", required=True, unique=True)
    case_id: str = field(
        "The pseudonym of the person discussed.", required=True, exists="cases.case_id", pseudonym=True
    )
    held_on: pl.Date = field("The day it was held.", required=True, happened=True)
    kind: pl.Enum = field("Screening, or the level of the meeting.", required=True, codes=MEETING_KINDS)
    purpose: pl.Enum = field("Whether it was the first meeting on the case or a review.", codes=MEETING_PURPOSES)
    format: pl.Enum = field("A full meeting, or a core group.", codes=MEETING_FORMATS)
    chair_agency: str = field("The agency that chaired.", required=True, organisation=True)
    disclosure_considered: bool = field(
        "Whether disclosure to a third party was considered.", required=IF_LEVEL_2_OR_3_MEETING
    )
    disclosure_decision: pl.Enum = field(
        "What was decided about disclosure.",
        codes=DISCLOSURE_DECISIONS,
        # A recorded "not considered" has no decision to record: asking for one as well would make that honest record
        # impossible to get right, since a decision without consideration is a finding of its own.
        required=When(
            pl.col("kind").is_in(MULTI_AGENCY_KINDS) & pl.col("disclosure_considered").fill_null(value=True),
            "the meeting is a level 2 or level 3 meeting and disclosure is not recorded as left unconsidered",
            {"kind": "level 2", "disclosure_considered": "true"},
        ),
    )
    disclosure_reason: str = field(
        "Why there was to be no disclosure.",
        required=When(
            pl.col("disclosure_decision") == "not disclose",
            "the decision is not to disclose",
            {"disclosure_decision": "not disclose"},
        ),
    )
    outcome_level: pl.Enum = field(
        "The level decided, or that the case exits or is not accepted.", required=True, codes=OUTCOMES
    )
    minutes_issued_on: pl.Date = field("The day the minutes were sent out.", happened=True)
    next_review_on: pl.Date = field(
        "The day set for the next review.",
        required=When(
            pl.col("outcome_level").is_in(["2", "3"]),
            "the outcome keeps the case at level 2 or 3",
            {"outcome_level": "2"},
        ),
    )
    victim_considered: bool = field("Whether victim issues were considered.", required=IF_LEVEL_2_OR_3_MEETING)
    diversity_considered: bool = field("Whether diversity issues were considered.", required=IF_LEVEL_2_OR_3_MEETING)
