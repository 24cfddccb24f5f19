"""Each "required if" of the domain guide, each way; expectations written from the guide."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.checks.areas import checked
from tests.checks.guide import EXPECTED
from tests.tables import raw

Row = dict[str, Any]
LEVEL_2: Row = {"kind": "level 2"}
EXIT: Row = {"exited_on": "2023-06-01"}
LOST = "not known"

# table, field → rows that must give it, rows that need not
CONDITIONS: dict[tuple[str, str], tuple[list[Row], list[Row]]] = {
    ("cases", "exit_reason"): ([EXIT], [{}, {"exited_on": LOST}, {"exited_on": "2024-06-01"}]),
    ("cases", "risk_of_harm"): (
        [{"level": "2"}, {"level": "3"}, {"category": "1", "level": "1"}, {"category": "1"}],
        [{"level": "1", "category": "2"}, {}, {"level": "2", **EXIT}, {"category": "1", **EXIT}, {"level": LOST}],
    ),
    ("cases", "identified_on"): ([{"sentenced_on": "2023-01-04"}], [{}, {"sentenced_on": LOST}]),
    ("cases", "notification_from"): ([{"category": "1"}, {"category": "1", **EXIT}], [{"category": "2"}, {}]),
    ("cases", "release_on"): (
        [{"location": "custody"}],
        [{"location": "community"}, {"location": "hospital"}, {}, {"location": "custody", **EXIT}],
    ),
    ("cases", "risk_plan_on"): ([{}], [EXIT, {"exited_on": LOST}]),
    ("cases", "victim_plan"): ([{"level": "2"}, {"level": "3"}], [{"level": "1"}, {}, {"level": "2", **EXIT}]),
    ("cases", "contingency_plan"): ([{"level": "2"}, {"level": "3"}], [{"level": "1"}, {}, {"level": "2", **EXIT}]),
    ("referrals", "case_id"): (
        [{"route": "screening"}, {"route": "level 1"}, {"route": "level 2"}, {"route": "level 3"}],
        [{"route": "not eligible"}, {}, {"route": LOST}],
    ),
    ("meetings", "disclosure_considered"): (
        [{"kind": "level 2"}, {"kind": "level 3"}],
        [{"kind": "level 1"}, {"kind": "screening"}, {}, {"kind": LOST}],
    ),
    ("meetings", "victim_considered"): ([{"kind": "level 2"}, {"kind": "level 3"}], [{"kind": "level 1"}, {}]),
    ("meetings", "diversity_considered"): ([{"kind": "level 2"}, {"kind": "level 3"}], [{"kind": "screening"}, {}]),
    ("meetings", "disclosure_decision"): (
        [LEVEL_2, {**LEVEL_2, "disclosure_considered": "true"}, {"kind": "level 3"}],
        [
            {**LEVEL_2, "disclosure_considered": "false"},
            {**LEVEL_2, "disclosure_considered": LOST},
            {"kind": "level 1"},
        ],
    ),
    ("meetings", "disclosure_reason"): (
        [{"disclosure_decision": "not disclose"}],
        [{"disclosure_decision": "disclose"}, {"disclosure_decision": "deferred"}, {}],
    ),
    ("meetings", "next_review_on"): (
        [{"outcome_level": "2"}, {"outcome_level": "3"}],
        [{"outcome_level": "1"}, {"outcome_level": "exit"}, {"outcome_level": "not accepted"}, {}],
    ),
    ("attendance", "senior_enough"): (
        [
            {"meeting_id": meeting, "mode": mode}
            for meeting in ("M2", "M3")
            for mode in ("in person", "video", "telephone")
        ],
        [
            *({"meeting_id": "M2", "mode": mode} for mode in ("report", "apologies", "absent", None)),
            *({"meeting_id": meeting, "mode": "video"} for meeting in ("M1", "M0", "M9", None)),
        ],
    ),
}
MEETINGS = [
    {"meeting_id": "M0", "kind": "screening"},
    {"meeting_id": "M1", "kind": "level 1"},
    {"meeting_id": "M2", "kind": "level 2"},
    {"meeting_id": "M3", "kind": "level 3"},
]


@pytest.mark.parametrize(("table", "field"), CONDITIONS)
def test_a_field_is_asked_for_when_the_guide_says_and_only_then(table: str, field: str) -> None:
    asked, not_asked = CONDITIONS[table, field]
    tables = {"meetings": MEETINGS, table: [*asked, *not_asked]}
    findings = checked(raw(tables)).findings.filter(pl.col("rule") == f"{table}.{field}.required")
    assert sorted(findings["row"].to_list()) == list(range(2, len(asked) + 2))


def test_every_condition_is_tried_here() -> None:
    assert set(CONDITIONS) == {
        (table, field) for table, fields in EXPECTED.items() for field, (when, _) in fields.items() if when == "?"
    }
