"""The caseload, counted by runs of days, against counting every case on every day."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

from checks.standard import load_standard
from kpis.area import Area
from kpis.caseload import CASELOAD, caseload
from kpis.results import NOT_RECORDED
from kpis.spells import can_tell, management
from tests.kpis.random_area import random_area
from tests.tables import typed

AS_AT = date(2023, 12, 31)


def counted_by_hand(area: Area, dates: list[date]) -> Counter[tuple[date, str, str]]:
    """Each case on each day: in which category, at which level."""
    left_out = set(area.outside["case_id"])
    history = (
        management(area).sort("from_on", "until_on", "level", nulls_last=True).collect().rows(named=True)
        if can_tell(area)
        else []
    )
    found: Counter[tuple[date, str, str]] = Counter()
    for case in area.cases.rows(named=True):
        for day in dates:
            if case["case_id"] in left_out or case["entered_on"] is None or case["entered_on"] > day:
                continue
            if case["exited_on"] is not None and case["exited_on"] <= day:
                continue
            told = [
                row["level"]
                for row in history
                if row["case_id"] == case["case_id"]
                and row["from_on"] <= day
                and (row["until_on"] is None or row["until_on"] > day)
            ][-1:]
            own = [case["level"]] if case["level"] else []
            levels = [*own, *told] if day == area.as_at else [*told, *own]
            found[day, case["category"] or NOT_RECORDED, (levels or [NOT_RECORDED])[0]] += 1
    return found


@pytest.mark.parametrize("seed", range(30))
def test_every_case_is_counted_on_every_day(seed: int) -> None:
    area = random_area(seed).product()
    dates = [date(year, month, 28) for year in range(2018, 2024) for month in (3, 6, 9, 12)]
    dates = [day for day in dates if day < area.as_at] + [area.as_at]
    told = caseload(area, dates)
    assert dict(told.schema) == {name: kind() for name, kind in CASELOAD.items()}
    if told.is_empty():
        assert not counted_by_hand(area, dates) or not area.tables.has("cases", "entered_on", "level", "category")
        return
    assert {row[:3]: row[3] for row in told.iter_rows()} == counted_by_hand(area, dates)


def test_of_stretches_that_overlap_the_one_that_began_last_tells() -> None:
    case = {"case_id": "C1", "category": "1", "level": "1", "location": "community", "entered_on": "2021-01-04"}
    spells = [
        {"case_id": "C1", "location": "community", "level": "2", "from_on": "2021-01-04", "until_on": "2023-11-01"},
        {"case_id": "C1", "location": "community", "level": "3", "from_on": "2021-06-01", "until_on": "2022-02-01"},
    ]
    area = Area(typed({"cases": [case], "spells": spells}, AS_AT), load_standard("jersey"))
    days = [date(2020, 12, 31), date(2021, 3, 31), date(2021, 12, 31), date(2022, 12, 31), date(2023, 12, 1), AS_AT]
    told = caseload(area, days).select("on", "level").rows()
    assert told == [
        (date(2021, 3, 31), "2"),
        (date(2021, 12, 31), "3"),
        (date(2022, 12, 31), "2"),
        (date(2023, 12, 1), "1"),
        (AS_AT, "1"),
    ]


def test_without_dates_there_is_nothing_to_count() -> None:
    area = Area(typed({"cases": []}, AS_AT), load_standard("jersey"))
    assert caseload(area, []).equals(pl.DataFrame(schema=CASELOAD))
