"""Referrals received, by source, concern and route."""

from __future__ import annotations

from datetime import date

from checks.standard import shipped
from kpis.area import Area
from kpis.periods import parse_period
from kpis.referrals import is_supplied, referrals
from tests.tables import typed


def test_every_referral_of_the_period_is_counted_once_in_each_breakdown() -> None:
    rows = [
        {"referral_id": "R1", "received_on": "2023-09-30", "source_agency": "police", "route": "level 2"},
        {
            "referral_id": "R2",
            "received_on": "2023-10-01",
            "source_agency": "police",
            "route": "screening",
            "concern": "sexual",
        },
        {
            "referral_id": "R3",
            "received_on": "2023-12-31",
            "source_agency": "prison",
            "route": None,
            "concern": "sexual",
        },
        {"referral_id": "R4", "received_on": None, "source_agency": "prison", "route": "level 2"},
    ]
    area = Area(typed({"referrals": rows}, date(2023, 12, 31)), shipped("jersey"))
    counted = referrals(area, [parse_period("2023-Q4", area.standard)])
    assert set(counted.select("by", "name", "referrals").rows()) == {
        ("source_agency", "police", 1),
        ("source_agency", "prison", 1),
        ("concern", "sexual", 2),
        ("route", "screening", 1),
        ("route", "not recorded", 1),
    }


def test_the_referral_of_a_case_that_the_standard_leaves_out_is_left_out_too() -> None:
    tables = {
        "cases": [{"case_id": "C1", "category": "pdp"}],
        "referrals": [{"referral_id": "R1", "case_id": "C1", "received_on": "2023-11-01", "source_agency": "police"}],
    }
    for standard, period, owed in (("jersey", "2023-Q4", 3), ("hampshire", "2023-24-Q3", 0)):
        area = Area(typed(tables, date(2023, 12, 31), standard), shipped(standard))
        assert referrals(area, [parse_period(period, area.standard)])["referrals"].sum() == owed


def test_without_the_table_nothing_is_said() -> None:
    area = Area(typed({}, date(2023, 12, 31)), shipped("jersey"))
    assert not is_supplied(area)
    assert referrals(area, [parse_period("2023", area.standard)]).is_empty()
