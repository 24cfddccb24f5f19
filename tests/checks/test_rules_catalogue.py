"""Every rule: complete, well worded, and its two examples do what they say."""

from __future__ import annotations

import re
from datetime import date
from typing import get_args

import polars as pl
import pytest

from checks.field_rules import FIELD_RULES
from checks.findings import (
    EMPTY_TABLE,
    EXTRA_CELLS_IN_ROW,
    MISSING_COLUMN,
    MISSING_COLUMN_FOR_SOME,
    MISSING_TABLE,
    TABLE_RULES,
    TableRule,
)
from checks.locators import EXTRA_CELLS
from checks.rule import Dimension, Rule, Severity
from checks.rules import RULES
from checks.runner import all_rules, check
from checks.standard import shipped, standard_names
from checks.tables import TABLES
from tests.tables import raw

AS_AT = date(2023, 12, 31)
ALL: dict[str, Rule] = {**FIELD_RULES, **RULES}


def found(rule: Rule, example: str) -> tuple[str, set[str]]:
    """The rule's status on one of its examples, and the fields named by its findings."""
    checked = check(raw(getattr(rule, example)), shipped(rule.example_standard), AS_AT)
    status = checked.outcomes.row(by_predicate=pl.col("rule") == rule.id, named=True)["status"]
    findings = checked.findings.filter(pl.col("rule") == rule.id)
    assert findings["table"].unique().to_list() in ([], [rule.table])
    return status, set(findings["field"])


@pytest.mark.parametrize("rule", ALL.values(), ids=ALL)
def test_the_rule_passes_its_good_example_and_fails_its_bad_one(rule: Rule) -> None:
    assert found(rule, "passes") == ("pass", set())
    assert found(rule, "breaks") == ("fail", {rule.fields[0]})


def test_there_are_as_many_rules_as_the_declarations_ask_for() -> None:
    expected = set()
    for table, model in TABLES.items():
        for name, field in model.fields().items():
            words = {
                "required": bool(field.required),
                "code": field.codes is not None,
                "type": field.codes is None and field.kind != "text",
                "exists": field.exists is not None,
                "future": field.happened,
                "name_like": field.pseudonym or field.organisation,
            }
            expected |= {f"{table}.{name}.{word}" for word, there in words.items() if there}
        if model.about().key_unique:
            expected.add(f"{table}.{model.about().key[0]}.unique")
    assert set(FIELD_RULES) == expected
    assert not set(FIELD_RULES) & set(RULES)


def test_every_rule_across_fields_and_tables_that_was_asked_for_is_there() -> None:
    assert set(RULES) == {
        "cases.exited_on.before_entered",
        "cases.notification_until.before_from",
        "cases.identified_on.before_sentenced",
        "spells.until_on.before_from",
        "meetings.minutes_issued_on.before_held",
        "meetings.next_review_on.before_held",
        "actions.due_on.before_meeting",
        "spells.from_on.overlap",
        "spells.from_on.outside_case",
        "meetings.held_on.outside_case",
        "cases.category.standard",
        "cases.level.category_3",
        "cases.category.entry_level_4",
        "cases.level.last_spell",
        "cases.level.last_outcome",
        "cases.case_id.no_meeting",
        "cases.case_id.no_spell",
        "meetings.meeting_id.no_attendance",
        "meetings.disclosure_decision.not_considered",
        "meetings.next_review_on.too_late",
    }
    assert "meetings.disclosure_reason.required" in FIELD_RULES  # "not disclose" without a reason


@pytest.mark.parametrize("rule", ALL.values(), ids=ALL)
def test_the_rule_is_complete_and_in_plain_sentences(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z0-9_]+\.[a-z0-9_]+", rule.id)
    assert rule.id.split(".")[:2] == [rule.table, rule.fields[0]]
    assert rule.severity in get_args(Severity)
    assert rule.dimension in get_args(Dimension)
    assert set(rule.fields) <= set(TABLES[rule.table].columns())
    assert rule.cite
    assert len(rule.message) <= 160
    for sentence in (rule.message, rule.fix):
        assert re.search(r"[^.]\.$", sentence)
        assert "  " not in sentence
        first = sentence.split()[0]
        assert first[0].isupper() or first in TABLES[rule.table].columns()


def test_some_messages_as_people_will_read_them() -> None:
    assert FIELD_RULES["cases.exit_reason.required"].message == (
        "exit_reason is missing; it is required when the case has exited."
    )
    assert FIELD_RULES["cases.sex.required"].message == "sex is missing; it is required."
    assert FIELD_RULES["meetings.purpose.code"].message == "purpose is not one of: initial, review."
    assert FIELD_RULES["events.kind.code"].message == "kind is not one of the 14 codes of this field."
    assert FIELD_RULES["cases.sex.required"].fix == "Enter sex."
    assert FIELD_RULES["meetings.purpose.code"].fix == "Correct purpose: enter one of: initial, review."
    assert FIELD_RULES["meetings.held_on.type"].message == (
        "held_on is not a date from 1880 to 2199, written YYYY-MM-DD."
    )
    assert FIELD_RULES["attendance.meeting_id.unique"].message == "Another row has the same meeting_id and agency."


def test_a_standard_that_does_not_ask_has_not_the_rule() -> None:
    assert set(all_rules(shipped("jersey"))) == set(ALL)
    assert set(ALL) - set(all_rules(shipped("hampshire"))) == {"cases.category.entry_level_4"}
    for name in standard_names():
        tables = [rule.table for rule in all_rules(shipped(name)).values()]
        assert list(dict.fromkeys(tables)) == list(TABLES)


def test_the_catalogue_is_full_and_leaves_no_table_and_no_required_field_out() -> None:
    assert len(ALL) >= 80
    assert {rule.table for rule in ALL.values()} == set(TABLES)
    assert {rule.dimension for rule in ALL.values()} >= {"completeness", "validity", "consistency", "uniqueness"}
    required = {
        f"{table}.{name}.required"
        for table, model in TABLES.items()
        for name, field in model.fields().items()
        if field.required
    }
    assert required <= set(ALL)


WHOLE_EXAMPLES: dict[str, tuple[TableRule, str, dict[str, pl.DataFrame], dict[str, pl.DataFrame]]] = {
    "missing": (MISSING_TABLE, "cases.table.missing", raw({"cases": [{}]}), raw({"meetings": [{}]})),
    "empty": (EMPTY_TABLE, "cases.table.empty", raw({"cases": [{}]}), raw({"cases": []})),
    "absent": (
        MISSING_COLUMN,
        "cases.sex.absent",
        raw({"cases": [{}]}),
        {"cases": raw({"cases": [{}]})["cases"].drop("sex")},
    ),
    "absent for some": (
        MISSING_COLUMN_FOR_SOME,
        "cases.exit_reason.absent",
        raw({"cases": [{}]}),
        {"cases": raw({"cases": [{}]})["cases"].drop("exit_reason")},
    ),
    "extra_cells": (
        EXTRA_CELLS_IN_ROW,
        "cases.row.extra_cells",
        {"cases": raw({"cases": [{}]})["cases"].with_columns(pl.lit(value=False).alias(EXTRA_CELLS))},
        {"cases": raw({"cases": [{}]})["cases"].with_columns(pl.lit(value=True).alias(EXTRA_CELLS))},
    ),
}


@pytest.mark.parametrize("name", WHOLE_EXAMPLES)
def test_a_rule_on_a_whole_table_passes_its_good_example_and_fails_its_bad_one(name: str) -> None:
    rule, rule_id, passes, breaks = WHOLE_EXAMPLES[name]
    kept, broken = (
        check(tables, shipped("jersey"), AS_AT).findings.filter(rule=rule_id) for tables in (passes, breaks)
    )
    assert kept.is_empty()
    (finding,) = broken.to_dicts()
    assert (finding["severity"], finding["dimension"], finding["table"]) == (rule.severity, rule.dimension, "cases")
    assert "{" not in finding["message"] + finding["fix"]


def test_every_rule_on_a_whole_table_is_complete_and_has_its_examples() -> None:
    assert [each[0] for each in WHOLE_EXAMPLES.values()] == list(TABLE_RULES)
    for rule in TABLE_RULES:
        assert rule.severity in get_args(Severity)
        assert rule.dimension in get_args(Dimension)
        assert rule.cite
        assert all(re.search(r"[^.]\.$", sentence) for sentence in (rule.message, rule.fix))
