"""The canonical tables and columns in the domain guide's order.

Kept here as plain names because the models that declare them are slow to import; a test holds the two together.
"""

from __future__ import annotations

COLUMNS: dict[str, tuple[str, ...]] = {
    "cases": (
        "case_id", "category", "level", "location", "entered_on", "exited_on", "exit_reason", "lead_agency",
        "risk_of_harm", "birth_year", "sex", "ethnicity", "sentenced_on", "identified_on", "notification_from",
        "notification_until", "release_on", "parole_eligible_on", "temporary_licence_eligible_on",
        "release_confirmed_on", "licence_until", "order_until", "pathway_until", "visor_recorded", "risk_plan_on",
        "victim_plan", "contingency_plan",
    ),
    "spells": ("case_id", "level", "location", "from_on", "until_on"),
    "referrals": (
        "referral_id", "case_id", "received_on", "source_agency", "concern", "route", "in_custody", "emergency",
    ),
    "meetings": (
        "meeting_id", "case_id", "held_on", "kind", "purpose", "format", "chair_agency", "disclosure_considered",
        "disclosure_decision", "disclosure_reason", "outcome_level", "minutes_issued_on", "next_review_on",
        "victim_considered", "diversity_considered",
    ),
    "attendance": ("meeting_id", "agency", "mode", "senior_enough"),
    "smb_meetings": ("smb_meeting_id", "held_on"),
    "smb_attendance": ("smb_meeting_id", "member", "attended"),
    "actions": (
        "action_id", "case_id", "meeting_id", "agency", "due_on", "completed_on", "cancelled_on", "purpose",
    ),
    "reviews": ("case_id", "reviewed_on", "agency", "disclosure_reviewed"),
    "visits": ("case_id", "visited_on", "agency"),
    "events": ("case_id", "occurred_on", "kind"),
    "population": ("area", "year", "aged_10_and_over"),
}  # fmt: skip
