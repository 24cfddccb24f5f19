"""Time at a level: who is still there counts for as long as they have been, and who was there before the records does not."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from checks.standard import shipped
from kpis.area import Area
from kpis.time_at_level import MARKS, STAYS, TIMES, spells_at_level, time_at_level
from tests.tables import typed

AS_AT = date(2023, 12, 31)
FIRST = "2019-01-01"


def spell(case: str, level: str, since: str, until: str | None = None, location: str = "community") -> dict:
    return {"case_id": case, "level": level, "location": location, "from_on": since, "until_on": until}


def area_of(cases: dict[str, str], spells: list[dict], exited: dict[str, str] | None = None) -> Area:
    about = {"category": "1", "level": "2", "location": "community", "lead_agency": "police"}
    rows = [
        {**about, "case_id": name, "entered_on": entered, "exited_on": (exited or {}).get(name)}
        for name, entered in cases.items()
    ]
    return Area(typed({"cases": rows, "meetings": [], "spells": spells}, AS_AT), shipped("jersey"))


def test_a_spell_runs_over_a_change_of_place_and_ends_with_a_move_or_the_end_of_the_case() -> None:
    area = area_of(
        {"C1": "2023-01-04", "C2": "2023-10-01"},
        [
            spell("C1", "2", "2023-01-04", "2023-03-05"),
            spell("C1", "2", "2023-03-05", "2023-04-14", "custody"),
            spell("C1", "1", "2023-04-14"),
            spell("C2", "3", "2023-10-01"),
        ],
        exited={"C1": "2023-06-13"},
    )
    assert spells_at_level(area).rows() == [
        ("2", 100, True, False),
        ("1", 60, True, False),
        ("3", 91, False, False),
    ]


def test_who_was_there_before_the_records_begin_is_left_out_and_counted() -> None:
    """C1 came in 2015 and its spell begins with the table; C2 came later, and its first spell a week after."""
    area = area_of(
        {"C1": "2015-06-01", "C2": "2020-01-06"},
        [spell("C1", "2", FIRST, "2021-01-01"), spell("C1", "2", "2021-03-01"), spell("C2", "2", "2020-01-13")],
    )
    assert spells_at_level(area)["cut"].to_list() == [True, False, False]
    times, _ = time_at_level(area)
    assert times.rows() == [("2", 2, 0, 1, None, None, None)]


def test_only_spells_of_unknown_beginning_leave_no_time_to_tell() -> None:
    times, stays = time_at_level(area_of({"C1": "2015-06-01"}, [spell("C1", "2", FIRST)]))
    assert times.rows() == [("2", 0, 0, 1, None, None, None)]
    assert stays.is_empty()


def test_half_of_the_spells_end_at_the_median_and_the_curve_passes_there() -> None:
    names = {f"C{n}": "2023-01-02" for n in range(4)}
    ends = ["2023-01-16", "2023-01-30", "2023-02-13", None]
    times, stays = time_at_level(
        area_of(names, [spell(name, "3", "2023-01-02", end) for name, end in zip(names, ends, strict=True)])
    )
    assert times.select("level", "spells", "ended", "median").rows() == [("3", 4, 3, 28)]
    told = {row["days"]: (row["at_risk"], row["share"]) for row in stays.iter_rows(named=True)}
    assert told[0] == (4, 1.0)
    assert told[14] == (4, pytest.approx(0.75))
    assert told[28] == (3, pytest.approx(0.5))
    assert told[42] == (2, pytest.approx(0.25))
    assert told[91] == (1, pytest.approx(0.25))
    assert told[3653] == (0, None)
    assert told[363] == (1, pytest.approx(0.25)), "the line ends where the records do, between two fortnights"


def test_what_is_stored_does_not_grow_with_the_caseload() -> None:
    """A thousand spells of a thousand lengths: a row per fortnight, however many end between."""
    days = pl.date_range(date(2020, 1, 1), AS_AT, eager=True)
    names = {f"C{n}": str(days[n]) for n in range(1000)}
    spells = [spell(name, "2", since, str(days[n + 20 + n % 300])) for n, (name, since) in enumerate(names.items())]
    _, stays = time_at_level(area_of(names, spells))
    assert stays.height < 320 / 14 + len(MARKS) + 3
    assert stays["share"].drop_nulls().is_sorted(descending=True)


def test_without_a_history_nothing_is_told() -> None:
    times, stays = time_at_level(Area(typed({}, AS_AT), shipped("jersey")))
    assert times.equals(pl.DataFrame(schema=TIMES))
    assert stays.equals(pl.DataFrame(schema=STAYS))
