"""What a meeting's record must hold besides its fields: attendance, disclosure, the next review."""

from __future__ import annotations

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS
from checks.flags import missing
from checks.in_force import next_due
from checks.rule import Context, Lookup, Rule


def _attended(context: Context) -> pl.LazyFrame:
    invited = context.tables["attendance"].lazy().filter(pl.col("meeting_id").is_not_null())
    return invited.select("meeting_id").unique().with_columns(pl.lit(value=True).alias("_has_attendance"))


ATTENDED = Lookup("attended", "meeting_id", ("attendance.meeting_id",), _attended)

NO_ATTENDANCE = Rule(
    id="meetings.meeting_id.no_attendance",
    severity="error",
    dimension="completeness",
    table="meetings",
    fields=("meeting_id", "kind"),
    message="A level 2 or level 3 meeting has no attendance recorded at all.",
    fix="Record each invited agency and how it took part.",
    cite="J10 16.2 (5); H08 “Agency Representation”",
    fails=lambda _: (
        pl.col("meeting_id").is_not_null()
        & pl.col("kind").is_in(MULTI_AGENCY_KINDS)
        & pl.col("_has_attendance").is_null()
    ),
    lookups=(ATTENDED,),
    passes={"meetings": [{"meeting_id": "M1", "kind": "level 2"}], "attendance": [{"meeting_id": "M1"}]},
    breaks={"meetings": [{"meeting_id": "M1", "kind": "level 2"}], "attendance": [{"meeting_id": "M2"}]},
)

DECIDED_UNCONSIDERED = Rule(
    id="meetings.disclosure_decision.not_considered",
    severity="error",
    dimension="consistency",
    table="meetings",
    fields=("disclosure_decision", "disclosure_considered"),
    message="A decision on disclosure is recorded although disclosure is not recorded as having been considered.",
    fix="Correct disclosure_considered, or take out the decision.",
    cite="J10 16.2 (3); H08 “Disclosure by Responsible Authority to other Third Parties”",
    fails=lambda _: (
        pl.col("disclosure_decision").is_not_null()
        & (missing("disclosure_considered") | ~pl.col("disclosure_considered")).fill_null(value=False)
    ),
    passes={"meetings": [{"meeting_id": "M1", "disclosure_considered": "true", "disclosure_decision": "deferred"}]},
    breaks={"meetings": [{"meeting_id": "M1", "disclosure_considered": "false", "disclosure_decision": "deferred"}]},
)


def _too_late(context: Context) -> pl.Expr:
    """The next review is set for later than it falls due at the level that the meeting decided."""
    outcome, next_on = pl.col("outcome_level").cast(pl.String), pl.col("next_review_on")
    late = pl.lit(value=False)
    for level in ("2", "3"):
        due = next_due(context.standard, f"review_weeks_level_{level}", pl.col("held_on"))
        late = late | ((outcome == level) & (next_on > due).fill_null(value=False))
    return late


NEXT_REVIEW_TOO_LATE = Rule(
    id="meetings.next_review_on.too_late",
    severity="warning",
    dimension="timeliness",
    table="meetings",
    fields=("next_review_on", "held_on", "outcome_level"),
    message="The next review is set later than the standard allows.",
    fix="Bring the review forward, or correct next_review_on.",
    cite="J10 10.11; H08 “Frequency of MAPP Meetings”",
    fails=_too_late,
    passes={
        "meetings": [
            {"meeting_id": "M1", "held_on": "2023-01-04", "outcome_level": "2", "next_review_on": "2023-03-29"}
        ]
    },
    breaks={
        "meetings": [
            {"meeting_id": "M1", "held_on": "2023-01-04", "outcome_level": "2", "next_review_on": "2023-03-30"}
        ]
    },
)
