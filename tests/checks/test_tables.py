"""The canonical tables against the domain guide."""

from __future__ import annotations

import re

import pytest

from checks.field_rules import FIELD_RULES
from checks.table_names import COLUMNS, KEYS
from checks.tables import TABLES
from checks.tables.table import When
from tests.checks.guide import DATE, EXPECTED, OPTIONAL, PLANNED, POINTS_TO, UNIQUE


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
