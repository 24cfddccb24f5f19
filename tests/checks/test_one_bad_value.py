"""One bad value costs one finding: never the row's other checks, never another row."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.locators import ROW
from checks.tables import TABLES
from checks.tables.table import Field, When
from tests.checks.areas import QUICK, found, small_area

GARBAGE = "not known"
TOMORROW = "2024-01-01"

FIELDS = [field for model in TABLES.values() for field in model.fields().values()]
TYPED = [field for field in FIELDS if field.kind != "text"]
HAPPENED = [field for field in FIELDS if field.happened]
# Left out: keys and references, on which other rows hang; and what a decision on disclosure rests on, as a decision given
# though disclosure is not recorded as considered is a finding that was asked for by itself.
REQUIRED = [
    field
    for field in FIELDS
    if field.required and not (field.unique or field.exists or field.name == "disclosure_considered")
]
LOOSE = [field for field in FIELDS if field.exists and field.table in {"referrals", "reviews", "visits", "events"}]


def with_cell(field: Field, row: int, value: str | None) -> dict[str, pl.DataFrame]:
    """The sound area with one other value in it; `row` counts from 0."""
    area = dict(small_area())
    place = pl.int_range(pl.len()) == row
    area[field.table] = area[field.table].with_columns(
        pl.when(place).then(pl.lit(value, dtype=pl.String)).otherwise(field.name).alias(field.name)
    )
    return area


def rows_with_value(field: Field) -> list[int]:
    return small_area()[field.table][field.name].is_not_null().arg_true().to_list()


def only_finding(field: Field, row: int, value: str | None, word: str) -> None:
    area = with_cell(field, row, value)
    at = (f"{field.table}.{field.name}.{word}", area[field.table][ROW][row])
    assert [(rule, number) for rule, _, number in found(area)] == [at]


def test_the_sound_area_is_sound() -> None:
    assert found(small_area()) == set()
    assert all(small_area()[table].height for table in TABLES)


@settings(max_examples=25, deadline=None, phases=QUICK)
@given(field=st.sampled_from(TYPED), at=st.integers(0, 10**6))
def test_a_value_that_cannot_be_read(field: Field, at: int) -> None:
    word = "code" if field.codes else "type"
    only_finding(field, at % small_area()[field.table].height, GARBAGE, word)


@pytest.mark.parametrize("field", TYPED, ids=lambda field: f"{field.table}.{field.name}")
def test_a_value_that_cannot_be_read_in_the_last_row(field: Field) -> None:
    word = "code" if field.codes else "type"
    only_finding(field, small_area()[field.table].height - 1, GARBAGE, word)


@settings(max_examples=20, deadline=None, phases=QUICK)
@given(field=st.sampled_from(HAPPENED), at=st.integers(0, 10**6))
def test_a_date_after_the_as_at_date(field: Field, at: int) -> None:
    only_finding(field, at % small_area()[field.table].height, TOMORROW, "future")


@settings(max_examples=20, deadline=None, phases=QUICK)
@given(field=st.sampled_from(REQUIRED), at=st.integers(0, 10**6))
def test_a_required_value_that_is_missing(field: Field, at: int) -> None:
    rows = rows_with_value(field)
    if isinstance(field.required, When):
        rows = [row for row in rows if must_be_given(field.table, field.name)[row]]
    if rows:
        only_finding(field, rows[at % len(rows)], None, "required")


@cache
def must_be_given(table: str, field: str) -> list[bool]:
    """Whether each row of the sound area must give the field, found by taking the value out of every row."""
    area = dict(small_area())
    rows = area[table][ROW]
    area[table] = area[table].with_columns(pl.lit(None, dtype=pl.String).alias(field))
    missing = {number for rule, _, number in found(area) if rule == f"{table}.{field}.required"}
    return [number in missing for number in rows]


@settings(max_examples=10, deadline=None, phases=QUICK)
@given(field=st.sampled_from(LOOSE), at=st.integers(0, 10**6))
def test_a_reference_that_points_nowhere(field: Field, at: int) -> None:
    rows = rows_with_value(field)
    only_finding(field, rows[at % len(rows)], "C9999999", "exists")


def test_a_name_in_place_of_a_pseudonym_stays_out_of_the_findings() -> None:
    area = with_cell(next(field for field in LOOSE if field.table == "visits"), 0, "Surname, Forename")
    assert found(area) == {("visits.case_id.name_like", None, 2), ("visits.case_id.exists", None, 2)}
