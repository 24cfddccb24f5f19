"""Completeness and validity by field, agency and quarter, against a second implementation that counts row by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from checks.completeness import COMPLETENESS, FIELD_QUALITY, completeness
from checks.runner import Checked, check
from checks.standard import shipped
from checks.tables import TABLES
from tests.checks.areas import checked
from tests.kpis.random_area import RandomArea, random_area
from tests.tables import raw

STARTS = {"jersey": 1, "hampshire": 4, "england-wales": 4}
"""The month in which the reporting year of each standard begins."""

DAYS = {
    "cases": "entered_on", "spells": "from_on", "referrals": "received_on", "meetings": "held_on", "smb_meetings": "held_on",
    "actions": "due_on", "reviews": "reviewed_on", "visits": "visited_on", "events": "occurred_on",
}  # fmt: skip
BY_MEETING = {"attendance": ("meetings", "meeting_id"), "smb_attendance": ("smb_meetings", "smb_meeting_id")}
AGENCIES = {
    "cases": "lead_agency", "referrals": "source_agency", "meetings": "chair_agency", "attendance": "agency",
    "smb_attendance": "member", "actions": "agency", "reviews": "agency", "visits": "agency",
}  # fmt: skip


def quarter_of(day: date | None, standard: str) -> int | None:
    """Four times the year in which the reporting year begins, and the quarter in it from 0."""
    if day is None:
        return None
    months = day.year * 12 + day.month - STARTS[standard]
    return months // 3


def naive(area: RandomArea, answer: Checked) -> dict[tuple[object, ...], tuple[object, ...]]:
    """(table, field, agency, quarter) → (needed, given, filled, valid), counted one row at a time."""
    wrong = {
        (row["table"], row["field"], row["row"])
        for row in answer.findings.filter(dimension="validity").iter_rows(named=True)
    }
    tables = {
        name: [{key: value for key, value in row.items() if key not in area.absent[name]} for row in rows]
        for name, rows in area.tables.items()
    }

    def usable(row: Mapping[str, Any], name: str, happened: bool = True) -> date | None:
        value = row.get(name)
        return value if isinstance(value, date) and (not happened or value <= area.as_at) else None

    held: dict[tuple[str, object], set[date | None]] = defaultdict(set)
    for table, key in BY_MEETING.values():
        for row in tables.get(table, []):
            held[table, row.get(key)].add(usable(row, "held_on"))

    def day_of(table: str, row: Mapping[str, Any]) -> date | None:
        if table in BY_MEETING:
            parent, key = BY_MEETING[table]
            days = held.get((parent, row.get(key)), set()) if row.get(key) else set()
            return next(iter(days)) if len(days) == 1 else None
        return usable(row, DAYS[table], TABLES[table].fields()[DAYS[table]].happened) if table in DAYS else None

    needed, given, filled, valid = (Counter[tuple[object, ...]]() for _ in range(4))
    for table, rows in tables.items():
        tested = {rule.split(".")[1] for rule in answer.outcomes.filter(table=table, dimension="validity")["rule"]}
        for place, row in enumerate(rows):
            where = (row.get(AGENCIES.get(table, "")), quarter_of(day_of(table, row), area.standard))
            for name, field in TABLES[table].fields().items():
                cell = (table, name, *where)
                asked = field.required is True or (name == "exit_reason" and usable(row, "exited_on") is not None)
                needed[cell] += asked
                given[cell] += asked and row.get(name) is not None
                if name in tested:
                    filled[cell] += row.get(name) is not None
                    valid[cell] += row.get(name) is not None and (table, name, place + 2) not in wrong
    return {
        cell: (needed[cell], given[cell], filled[cell], valid[cell])
        for cell in needed
        if cell[1] not in area.absent[str(cell[0])] and (needed[cell] or filled[cell])
    }


@pytest.mark.parametrize("seed", range(24))
def test_it_is_what_counting_row_by_row_gives(seed: int) -> None:
    area = random_area(seed)
    frames = {name: frame.drop(sorted(area.absent[name])) for name, frame in raw(area.tables).items()}
    answer = check(frames, shipped(area.standard), area.as_at)
    assert dict(answer.quality.schema) == FIELD_QUALITY
    expected = naive(area, answer)
    told = {tuple(row[:4]): row[4:] for row in answer.quality.iter_rows()}
    for cell, counts in expected.items():
        field = TABLES[str(cell[0])].fields()[str(cell[1])]
        needed, given, filled, valid, _ = told[cell]
        assert (filled or 0, valid or 0) == counts[2:], cell
        if field.required is True or field.name == "exit_reason":
            assert (needed, given) == counts[:2], cell
    sure = [each for each in told if not isinstance(told[each][1], type(None)) and told[each][2]]
    assert set(sure) <= set(expected)


def test_its_quarters_together_are_the_completeness() -> None:
    answer = checked(raw({"cases": CASES}))
    assert dict(answer.completeness.schema) == COMPLETENESS
    sums = answer.quality.filter(pl.col("needed") > 0).group_by("table", "field", "agency").agg(pl.col("needed").sum())
    both = answer.completeness.join(sums, on=["table", "field", "agency"], nulls_equal=True, suffix="_too")
    assert both.height == answer.completeness.height == sums.height > 5
    assert both["needed"].equals(both["needed_too"], check_names=False)
    assert completeness(answer.quality).equals(answer.completeness)


CASES = [
    {"case_id": "C1", "entered_on": "2023-01-04", "lead_agency": "police", "level": "2", "sex": "male"},
    {"case_id": "C2", "entered_on": "2023-03-31", "lead_agency": "police", "level": "nine", "sex": "male"},
    {"case_id": "C3", "entered_on": "2023-04-01", "lead_agency": "police"},
    {"case_id": "C4", "entered_on": "soon", "level": "1"},
]


def cells(answer: Checked, field: str) -> list[tuple]:
    rows = answer.quality.filter(field=field)
    return rows.select("agency", "quarter", "needed", "given", "filled", "valid").rows()


def test_a_case_counts_in_the_quarter_it_entered_and_one_without_a_day_stands_apart() -> None:
    first = 2023 * 4
    assert cells(checked(raw({"cases": CASES})), "level") == [
        (None, None, 1, 1, 1, 1),
        ("police", first, 2, 2, 2, 1),
        ("police", first + 1, 1, 0, 0, 0),
    ]


def test_what_is_given_is_tested_though_nobody_asks_for_it() -> None:
    rows = [
        {"case_id": "C1", "licence_until": "never"},
        {"case_id": "C2", "licence_until": "2023-05-01"},
        {"case_id": "C3"},
    ]
    assert cells(checked(raw({"cases": rows})), "licence_until") == [(None, None, 0, 0, 2, 1)]


def test_a_column_that_is_not_there_could_not_be_checked_and_is_neither_valid_nor_not() -> None:
    frames = raw({"cases": CASES})
    frames["cases"] = frames["cases"].drop("level")
    rows = checked(frames).quality.filter(field="level")
    assert rows["needed"].sum() == 4
    assert rows.select(pl.col("given", "filled", "valid").null_count()).row(0) == (rows.height,) * 3
    assert set(rows["unchecked"]) == {1}, "the rule on its code list"


def test_attendance_counts_in_the_quarter_of_its_meeting() -> None:
    meetings = [
        {"meeting_id": "M1", "held_on": "2023-05-03"},
        {"meeting_id": "M2", "held_on": "2023-05-03"},
        {"meeting_id": "M2", "held_on": "2023-08-03"},
    ]
    attendance = [{"meeting_id": each, "agency": "police", "mode": "video"} for each in ("M1", "M2", "M9")]
    answer = checked(raw({"meetings": meetings, "attendance": attendance}))
    mode = answer.quality.filter(table="attendance", field="mode").select("quarter", "filled").rows()
    assert mode == [(None, 2), (2023 * 4 + 1, 1)], "where the records disagree about the day, nobody knows the quarter"
