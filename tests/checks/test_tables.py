"""The canonical tables against the domain guide: the list here is written out by itself, not made from the models."""

from __future__ import annotations

import re

import pytest

from checks.field_rules import FIELD_RULES
from checks.table_names import COLUMNS, KEYS
from checks.tables import TABLES
from checks.tables.table import When

DATE, YES_NO, NUMBER, TEXT = "date", "true/false", "number", "text"

# table → field → (R always, ? when, – never; what stands in it: a kind, or its codes)
EXPECTED: dict[str, dict[str, tuple[str, str | tuple[str, ...]]]] = {
    "cases": {
        "case_id": ("R", TEXT),
        "category": ("R", ("1", "2", "3", "4", "pdp")),
        "level": ("R", ("1", "2", "3")),
        "location": ("R", ("community", "custody", "hospital", "outside area")),
        "entered_on": ("R", DATE),
        "exited_on": ("–", DATE),
        "exit_reason": ("?", TEXT),
        "lead_agency": ("R", TEXT),
        "risk_of_harm": ("?", ("low", "medium", "high", "very high")),
        "birth_year": ("R", NUMBER),
        "sex": ("R", TEXT),
        "ethnicity": ("R", TEXT),
        "sentenced_on": ("–", DATE),
        "identified_on": ("?", DATE),
        "notification_from": ("?", DATE),
        "notification_until": ("–", DATE),
        "release_on": ("?", DATE),
        "parole_eligible_on": ("–", DATE),
        "temporary_licence_eligible_on": ("–", DATE),
        "release_confirmed_on": ("–", DATE),
        "licence_until": ("–", DATE),
        "order_until": ("–", DATE),
        "pathway_until": ("–", DATE),
        "visor_recorded": ("R", YES_NO),
        "risk_plan_on": ("?", DATE),
        "victim_plan": ("?", YES_NO),
        "contingency_plan": ("?", YES_NO),
    },
    "spells": {
        "case_id": ("R", TEXT),
        "level": ("R", ("1", "2", "3")),
        "location": ("R", ("community", "custody", "hospital", "outside area")),
        "from_on": ("R", DATE),
        "until_on": ("–", DATE),
    },
    "referrals": {
        "referral_id": ("R", TEXT),
        "case_id": ("?", TEXT),
        "received_on": ("R", DATE),
        "source_agency": ("R", TEXT),
        "concern": ("R", ("domestic violence", "general violence", "sexual", "terrorism", "other")),
        "route": ("R", ("screening", "level 2", "level 3", "level 1", "not eligible")),
        "in_custody": ("R", YES_NO),
        "emergency": ("–", YES_NO),
    },
    "meetings": {
        "meeting_id": ("R", TEXT),
        "case_id": ("R", TEXT),
        "held_on": ("R", DATE),
        "kind": ("R", ("screening", "level 1", "level 2", "level 3")),
        "purpose": ("–", ("initial", "review")),
        "format": ("–", ("full", "core group")),
        "chair_agency": ("R", TEXT),
        "disclosure_considered": ("?", YES_NO),
        "disclosure_decision": ("?", ("disclose", "not disclose", "deferred")),
        "disclosure_reason": ("?", TEXT),
        "outcome_level": ("R", ("1", "2", "3", "not accepted", "exit")),
        "minutes_issued_on": ("–", DATE),
        "next_review_on": ("?", DATE),
        "victim_considered": ("?", YES_NO),
        "diversity_considered": ("?", YES_NO),
    },
    "attendance": {
        "meeting_id": ("R", TEXT),
        "agency": ("R", TEXT),
        "mode": ("R", ("in person", "video", "telephone", "report", "apologies", "absent")),
        "senior_enough": ("?", YES_NO),
    },
    "smb_meetings": {"smb_meeting_id": ("R", TEXT), "held_on": ("R", DATE)},
    "smb_attendance": {
        "smb_meeting_id": ("R", TEXT),
        "member": ("R", TEXT),
        "attended": ("R", ("member", "deputy", "apologies", "absent")),
    },
    "actions": {
        "action_id": ("R", TEXT),
        "case_id": ("R", TEXT),
        "meeting_id": ("–", TEXT),
        "agency": ("R", TEXT),
        "due_on": ("R", DATE),
        "completed_on": ("–", DATE),
        "cancelled_on": ("–", DATE),
        "purpose": ("–", ("victim protection", "contingency", "disclosure", "other")),
    },
    "reviews": {
        "case_id": ("R", TEXT),
        "reviewed_on": ("R", DATE),
        "agency": ("R", TEXT),
        "disclosure_reviewed": ("–", YES_NO),
    },
    "visits": {"case_id": ("R", TEXT), "visited_on": ("R", DATE), "agency": ("R", TEXT)},
    "events": {
        "case_id": ("R", TEXT),
        "occurred_on": ("R", DATE),
        "kind": (
            "R",
            (
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
            ),
        ),
    },
    "population": {"area": ("R", TEXT), "year": ("R", NUMBER), "aged_10_and_over": ("R", NUMBER)},
}
OPTIONAL = {"spells", "actions", "reviews", "visits", "events", "population"}
UNIQUE = {
    "cases": ("case_id",),
    "referrals": ("referral_id",),
    "meetings": ("meeting_id",),
    "attendance": ("meeting_id", "agency"),
    "smb_meetings": ("smb_meeting_id",),
    "actions": ("action_id",),
}
POINTS_TO = {
    ("spells", "case_id"): ("cases", "case_id"),
    ("referrals", "case_id"): ("cases", "case_id"),
    ("meetings", "case_id"): ("cases", "case_id"),
    ("attendance", "meeting_id"): ("meetings", "meeting_id"),
    ("smb_attendance", "smb_meeting_id"): ("smb_meetings", "smb_meeting_id"),
    ("actions", "case_id"): ("cases", "case_id"),
    ("actions", "meeting_id"): ("meetings", "meeting_id"),
    ("reviews", "case_id"): ("cases", "case_id"),
    ("visits", "case_id"): ("cases", "case_id"),
    ("events", "case_id"): ("cases", "case_id"),
}
PLANNED = {  # dates that may lie ahead; every other date says what has been done
    "notification_from",
    "notification_until",
    "release_on",
    "parole_eligible_on",
    "temporary_licence_eligible_on",
    "licence_until",
    "order_until",
    "pathway_until",
    "next_review_on",
    "due_on",
}


def test_tables_and_columns_are_those_of_the_guide_in_its_order() -> None:
    assert list(TABLES) == list(EXPECTED)
    for table, fields in EXPECTED.items():
        assert COLUMNS[table] == tuple(fields), table


@pytest.mark.parametrize("table", EXPECTED)
def test_fields_are_required_and_coded_as_the_guide_says(table: str) -> None:
    for name, field in TABLES[table].fields().items():
        required, content = EXPECTED[table][name]
        found = "?" if isinstance(field.required, When) else "R" if field.required else "–"
        assert (name, found) == (name, required)
        assert (name, field.codes or field.kind) == (name, content)
        assert (name, field.happened) == (name, content == DATE and name not in PLANNED)
        assert (name, field.pseudonym) == (name, name == "case_id")
        assert (name, field.exists) == (name, POINTS_TO.get((table, name)))


def test_keys_and_optional_tables_are_those_of_the_guide() -> None:
    assert {name for name, model in TABLES.items() if model.about().optional} == OPTIONAL
    for table, key in UNIQUE.items():
        assert KEYS[table] == key
        assert TABLES[table].about().key_unique
        assert f"{table}.{key[0]}.unique" in FIELD_RULES
    for table in ("spells", "reviews", "visits", "events"):
        assert not TABLES[table].about().key_unique


@pytest.mark.parametrize("table", EXPECTED)
def test_every_field_has_one_plain_sentence(table: str) -> None:
    for field in TABLES[table].fields().values():
        assert re.fullmatch(r"[A-Z][^.]+\.", field.sentence), field.name
        assert "_" not in field.sentence, field.name


def test_what_a_condition_asks_can_be_read_as_the_end_of_a_sentence() -> None:
    for model in TABLES.values():
        for field in model.fields().values():
            if isinstance(field.required, When):
                assert re.match(r"(the|the case|disclosure) ", field.required.words), field.name
                assert not field.required.words.endswith("."), field.name
