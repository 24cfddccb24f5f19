"""The co-ordinator's worklist: what a row of it says, and which kinds of things stand on it."""

from __future__ import annotations

import polars as pl

WORKLIST: dict[str, type[pl.DataType]] = {
    "key": pl.String,
    "kind": pl.String,
    "title": pl.String,
    "decisive": pl.Boolean,
    "days_late": pl.Int64,
    "due_on": pl.Date,
    "why": pl.String,
    "to_do": pl.String,
    "agency": pl.String,
    "level": pl.String,
    "category": pl.String,
    "case_id": pl.String,
    "meeting_id": pl.String,
    "table": pl.String,
    "field": pl.String,
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "snooze_at_most": pl.Date,
    "rule": pl.String,
    "record": pl.String,
}
"""One row per thing to see to, in the order to work through: what could change a verdict of the Board first, then days late.

`key` names the thing in every snapshot (`dashboard.worklist_making`) · `kind` one of `KINDS` · `title` what it is, in few words ·
`decisive` a verdict of the Board hangs on it · `days_late` since `due_on`, below 0 while it is to come, null where no day is
known · `why`, `to_do` in sentences · `agency` who is to be asked: the one invited, or the case's lead agency · `table`, `field`
and the locators: the record to put right · `snooze_at_most` the last day until which it may be put off: the next on which a
review of its case falls due; null where no review is coming · `rule`, `record` (its key), with `table` and `field`: the
finding that alone puts it on the list, which somebody may have accepted; `rule` is null where evidence or a review does.
"""

LATE_REVIEW, COMING_REVIEW, NO_REVIEW_DATE = "late review", "coming review", "review without a date"
MINUTES, DECISION, ATTENDANCE, SCREENING = (
    "minutes late",
    "decision not recorded",
    "attendance not recorded",
    "screening without outcome",
)
ACTION, OTHER, MISSING = "action late", "other thing late", "field missing"

KINDS: dict[str, str] = {
    LATE_REVIEW: "A review's day has passed and no review is on record.",
    COMING_REVIEW: "A review falls due within four weeks.",
    NO_REVIEW_DATE: "The case is active, but its records do not tell when its review is due.",
    MINUTES: "The day by which minutes were to be issued has passed, and they are not recorded as issued.",
    DECISION: "Whether disclosure was considered, or what was decided, is not recorded.",
    ATTENDANCE: "How an agency or a member took part in a meeting is not recorded.",
    SCREENING: "A screening was held and its outcome is not recorded.",
    ACTION: "An action of a risk-management plan was due and is neither completed nor cancelled.",
    OTHER: "Something else that had a due day is not recorded as done.",
    MISSING: "A field is empty, or cannot be read, on which a figure hangs.",
}
"""Kind → what it means, in the order in which kinds are offered."""
