"""The runner's one pass finds the same rows as pandera's own validation of the same models."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.flags import flagged
from checks.guard import as_declared
from checks.runner import Checked
from checks.tables import TABLES
from checks.tables.table import Field
from checks.typed_tables import TypedTables
from tests.checks.areas import AS_AT, QUICK, checked, small_area
from tests.tables import raw

DAYS = ("2023-01-04", "2023-06-01", "2023-06-02", "2024-02-29")
GARBAGE = "not known"
SIZE = 30


def _value(field: Field, chance: Random) -> str | None:
    plain = {
        "code": field.codes or (),
        "date": DAYS,
        "true/false": ("true", "false"),
        "number": ("1960", "2023"),
    }.get(field.kind, ("X1", "X2", "X3"))
    odd = (None,) if field.kind == "text" else (None, GARBAGE)
    return chance.choice(plain) if chance.random() < 0.7 else chance.choice(odd)


def random_area(chance: Random) -> dict[str, list[dict[str, Any]]]:
    """Tables of rows with any value anywhere: missing, unreadable, after the as-at date, repeated, pointing nowhere."""
    return {
        table: [
            {name: _value(field, chance) for name, field in model.fields().items()}
            for _ in range(chance.randint(1, SIZE))
        ]
        for table, model in TABLES.items()
    }


def _kinds(meetings: pl.DataFrame) -> pl.DataFrame:
    """The kind of each meeting, as the runner brings it to attendance: unknown where a reference stands for several."""
    one = pl.when(pl.col("kind").n_unique() == 1).then(pl.col("kind").first())
    return meetings.drop_nulls("meeting_id").group_by("meeting_id").agg(one.alias("_meetings_kind"))


def by_pandera(tables: dict[str, pl.DataFrame]) -> set[tuple[str, int]]:
    """(rule, row) of what pandera finds in the typed tables, row by row, repeated rows included."""
    pairs: set[tuple[str, int]] = set()
    frames = {name: flagged(TABLES[name], frame, AS_AT) for name, frame in tables.items()}
    for table, model in TABLES.items():
        frame = frames[table]
        if table == "attendance":
            frame = frame.join(_kinds(frames["meetings"]), on="meeting_id", how="left", maintain_order="left")
        try:
            model.to_schema().validate(frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
            assert set(cases["check"].str.split(".").list.last()) == {"required"}  # dtypes hold
            pairs |= {(row["check"], frame["_row"][row["index"]]) for row in cases.iter_rows(named=True)}
    return pairs


def by_runner(answer: Checked) -> set[tuple[str, int]]:
    """(rule, row) of the same rules as the runner finds them."""
    findings = answer.findings.filter(pl.col("rule").str.ends_with(".required"))
    return set(findings.select("rule", "row").iter_rows())


def lost_cells(answer: Checked) -> set[tuple[str, str, int]]:
    """(table, field, row) of values that could not be used: each has its own finding, and is null to pandera."""
    words = answer.findings.filter(pl.col("rule").str.contains(r"\.(?:code|type|future)$"))
    return set(words.select("table", "field", "row").iter_rows())


@settings(max_examples=15, deadline=None, phases=QUICK)
@given(seed=st.integers(0, 2**32))
def test_pandera_and_the_runner_find_the_same(seed: int) -> None:
    tables = raw(random_area(Random(seed)))
    answer = checked(tables)
    lost = lost_cells(answer)

    def hangs_on_a_lost_value(rule: str, row: int) -> bool:
        """The field itself, or one that its condition reads: pandera takes it for missing, the runner for unknown."""
        table, name, _ = rule.split(".")
        field = TABLES[table].fields()[name]
        read = {name} if isinstance(field.required, bool) else {name, *field.required.holds.meta.root_names()}
        return any((table, each, row) in lost for each in read)

    pandera = {pair for pair in by_pandera(tables) if not hangs_on_a_lost_value(*pair)}
    assert {pair for pair in by_runner(answer) if not hangs_on_a_lost_value(*pair)} == pandera


def test_pandera_and_the_runner_find_the_same_in_the_sample_area() -> None:
    tables = small_area(flaws=True, cases=80)
    answer = checked(tables)
    lost = {(table, row) for table, _, row in lost_cells(answer)}
    pandera = {(rule, row) for rule, row in by_pandera(tables) if (rule.split(".")[0], row) not in lost}
    assert pandera == by_runner(answer)
    assert len(pandera) > 20


def test_the_guard_lets_pass_what_the_runner_hands_on() -> None:
    tables = checked(small_area(flaws=True)).tables
    assert as_declared(tables) is tables


def test_the_guard_stops_a_table_that_is_not_as_declared() -> None:
    tables = checked(small_area()).tables
    wrong = {**tables.frames, "cases": tables.frames["cases"].with_columns(pl.col("entered_on").cast(pl.String))}
    with pytest.raises(pa.errors.SchemaErrors):
        as_declared(TypedTables(wrong, tables.supplied, AS_AT))
    without = {**tables.frames, "cases": tables.frames["cases"].drop("level")}
    with pytest.raises(pa.errors.SchemaErrors):
        as_declared(TypedTables(without, tables.supplied, date(2023, 12, 31)))
