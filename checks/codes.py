"""Every code list of the canonical tables, declared once (domain: the field's own terms)."""

from __future__ import annotations

CATEGORIES = ("1", "2", "3", "4", "pdp")
LEVELS = ("1", "2", "3")
LOCATIONS = ("community", "custody", "hospital", "outside area")
RISKS_OF_HARM = ("low", "medium", "high", "very high")

CONCERNS = ("domestic violence", "general violence", "sexual", "terrorism", "other")
ROUTES = ("screening", "level 2", "level 3", "level 1", "not eligible")

SCREENING = "screening"
MEETING_KINDS = (SCREENING, "level 1", "level 2", "level 3")
MULTI_AGENCY_KINDS = ("level 2", "level 3")
MEETING_PURPOSES = ("initial", "review")
MEETING_FORMATS = ("full", "core group")
DISCLOSURE_DECISIONS = ("disclose", "not disclose", "deferred")
OUTCOMES = (*LEVELS, "not accepted", "exit")

PRESENT_MODES = ("in person", "video", "telephone")
REPORT = "report"
ATTENDANCE_MODES = (*PRESENT_MODES, REPORT, "apologies", "absent")

SMB_PRESENT = ("member", "deputy")
SMB_ATTENDED = (*SMB_PRESENT, "apologies", "absent")

ACTION_PURPOSES = ("victim protection", "contingency", "disclosure", "other")

EVENT_KINDS = (
    "recalled: breach of licence",
    "imprisoned: breach of order",
    "breach of notification: cautioned or convicted",
    "serious further offence",
    "order imposed: prevention",
    "order imposed: prevention with foreign travel",
    "order imposed: foreign travel",
    "order imposed: notification",
    "subject to notification after breach of a sexual risk order",
    "serious case review",
    "registered",
    "deregistered",
    "reconvicted",
    "died",
)


def meeting_kind(level: str) -> str:
    """The kind of meeting that is held for cases at a level: `"2"` → `"level 2"`."""
    return f"level {level}"
