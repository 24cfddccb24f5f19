"""Stock and flow: every case's way through the levels adds up, as the plain loops have it and as a Board would read it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from checks.standard import shipped
from kpis.area import Area
from kpis.caseload import caseload
from kpis.flow import AT_END, AT_START, ENTERED, FLOW, LEFT, MOVED, NOT_TOLD, flow
from kpis.level_history import GAPS, HISTORY_ABSENT, LEFT_FIRST, NO_ENTRY, NO_HISTORY, gaps
from kpis.periods import Period, quarters_between
from kpis.results import NOT_RECORDED
from kpis.time_at_level import spells_at_level
from tests.kpis import naive_flow
from tests.kpis.random_area import STANDARDS, every_day, random_area, shuffled
from tests.tables import typed

AS_AT = date(2023, 12, 31)
SEEDS = [(seed, tidy) for seed in range(700, 720) for tidy in (False, True)]


def quarters_of(area: Area, first: date) -> list[Period]:
    return list(quarters_between(area.standard, first, area.as_at))


def as_counts(rows: pl.DataFrame) -> Counter[tuple[Any, ...]]:
    return Counter({row[:-1]: row[-1] for row in rows.select(*FLOW).iter_rows()})


def jersey(cases: list[dict], **tables: list[dict]) -> Area:
    about = {"category": "1", "location": "community", "entered_on": "2023-01-04", "lead_agency": "police"}
    rows = {"cases": [{**about, **case} for case in cases], "meetings": [], **tables}
    return Area(typed(rows, AS_AT, "jersey"), shipped("jersey"))


def spell(case: str, level: str, since: str, until: str | None = None) -> dict:
    return {"case_id": case, "level": level, "location": "community", "from_on": since, "until_on": until}


@pytest.mark.parametrize(("seed", "tidy"), SEEDS)
def test_every_count_is_that_of_the_plain_loops(seed: int, tidy: bool) -> None:
    made = random_area(seed, tidy=tidy)
    area = made.product()
    first = max(every_day(made)[0], made.as_at - timedelta(days=800))
    quarters = quarters_of(area, first)
    told = flow(area, quarters)
    spans = {each.name: (each.start, each.end) for each in quarters}
    assert dict(told.schema) == FLOW
    assert as_counts(told) == naive_flow.flow(made.naive(), spans)
    assert flow(shuffled(made, seed).product(), quarters).equals(told)
    spells: Counter[tuple[Any, ...]] = Counter()
    spells.update(spells_at_level(area).iter_rows())
    assert spells == naive_flow.spells(made.naive())


def test_the_random_areas_hold_every_kind_of_change() -> None:
    kinds: Counter[str] = Counter()
    for seed, _ in SEEDS[::3]:
        area = random_area(seed).product()
        rows = flow(area, quarters_of(area, area.as_at - timedelta(days=800)))
        kinds.update(dict(rows.group_by("kind").agg(pl.col("cases").sum()).iter_rows()))
    assert set(kinds) == {AT_START, ENTERED, MOVED, NOT_TOLD, LEFT, AT_END}
    assert min(kinds.values()) > 2, kinds


@pytest.mark.parametrize("standard", STANDARDS)
def test_start_plus_in_less_out_is_the_end_and_the_end_is_the_caseload(standard: str) -> None:
    """For every category and level; the stock is that of the Board's caseload, which is counted in another way."""
    checked = 0
    for seed in range(900, 907):
        area = random_area(seed, tidy=seed % 3 > 0, standard=standard).product()
        quarters = quarters_of(area, area.as_at - timedelta(days=900))
        rows = flow(area, quarters)
        load = caseload(area, [min(each.end, area.as_at) for each in quarters])
        for each in quarters:
            found = as_counts(rows.filter(period=each.name))
            for category, level in {(row[1], row[4] or row[3]) for row in found}:
                into = out = 0
                for (_, of, kind, before, after), n in found.items():
                    if of == category and kind != AT_END:
                        into += n * (after == level)
                        out += n * (before == level)
                end = found[each.name, category, AT_END, None, level]
                assert into - out == end, (seed, each.name, category, level)
                on = min(each.end, area.as_at)
                assert load.filter(on=on, category=category, level=level)["cases"].sum() == end
                checked += 1
        for one, following in pairwise(quarters):
            ends = as_counts(rows.filter(period=one.name, kind=AT_END))
            starts = as_counts(rows.filter(period=following.name, kind=AT_START))
            assert {key[1:2] + key[3:]: n for key, n in ends.items()} == {
                key[1:2] + key[3:]: n for key, n in starts.items()
            }
    assert checked > 50


def test_a_year_of_two_cases_as_one_would_tell_it() -> None:
    area = jersey(
        [{"case_id": "C1", "level": "1"}, {"case_id": "C2", "level": "2", "exited_on": "2023-11-15"}],
        spells=[
            spell("C1", "2", "2023-01-04", "2023-05-10"),
            spell("C1", "1", "2023-05-10"),
            spell("C2", "2", "2023-01-04"),
        ],
    )
    rows = flow(area, quarters_of(area, date(2023, 1, 1)))
    told = rows.filter(~pl.col("kind").is_in([AT_START, AT_END])).drop("category").rows()
    assert told == [
        ("2023-Q1", ENTERED, None, "2", 2),
        ("2023-Q2", MOVED, "2", "1", 1),
        ("2023-Q4", LEFT, "2", None, 1),
    ]
    assert rows.filter(kind=AT_END, period="2023-Q4").select("to_level", "cases").rows() == [("1", 1)]


def test_a_move_that_the_history_does_not_tell_is_kept_apart() -> None:
    """C1's history stops at level 2, its record says 1 today; C2's has a hole between two levels."""
    area = jersey(
        [{"case_id": "C1", "level": "1"}, {"case_id": "C2", "level": "3"}],
        spells=[
            spell("C1", "2", "2023-01-04"),
            spell("C2", "2", "2023-01-04", "2023-04-03"),
            spell("C2", "3", "2023-07-10"),
        ],
    )
    rows = flow(area, quarters_of(area, date(2023, 1, 1)))
    told = (
        rows.filter(pl.col("kind").is_in([MOVED, NOT_TOLD])).select("period", "kind", "from_level", "to_level").rows()
    )
    assert told == [("2023-Q2", NOT_TOLD, "2", "3"), ("2023-Q4", NOT_TOLD, "2", "1")]


def test_who_came_and_went_within_a_quarter_is_counted_in_and_out() -> None:
    area = jersey([{"case_id": "C1", "level": "2", "entered_on": "2023-02-01", "exited_on": "2023-03-01"}])
    rows = flow(area, quarters_of(area, date(2023, 1, 1)))
    assert rows.select("period", "kind").rows() == [("2023-Q1", ENTERED), ("2023-Q1", LEFT)]


def test_what_cannot_be_known_is_counted() -> None:
    area = jersey(
        [
            {"case_id": "C1", "level": "2", "entered_on": None},
            {"case_id": "C2", "level": "2", "exited_on": "2022-12-01"},
            {"case_id": "C3", "level": "2"},
            {"case_id": "C4", "level": None},
        ],
        spells=[spell("C4", "2", "2023-01-04", "2023-02-01")],
    )
    assert gaps(area).rows() == [(NO_ENTRY, 1), (LEFT_FIRST, 1), (NO_HISTORY, 1)]
    ends = flow(area, quarters_of(area, date(2023, 10, 1))).filter(kind=AT_END)
    assert ends.select("to_level", "cases").rows() == [("2", 1), (NOT_RECORDED, 1)]


def test_without_meetings_or_spells_no_history_is_supplied() -> None:
    rows = {"cases": [{"case_id": "C1", "category": "1", "level": "2", "entered_on": "2023-01-04"}]}
    area = Area(typed(rows, AS_AT), shipped("jersey"))
    assert gaps(area).rows() == [(HISTORY_ABSENT, 1)]
    assert spells_at_level(area).is_empty()


def test_without_cases_nothing_is_told() -> None:
    area = Area(typed({}, AS_AT), shipped("jersey"))
    assert flow(area, quarters_of(area, AS_AT)).equals(pl.DataFrame(schema=FLOW))
    assert gaps(area).equals(pl.DataFrame(schema=GAPS))


def test_one_pseudonym_for_everybody_is_slow_for_nobody() -> None:
    """Twenty thousand stretches of one case, all overlapping, as a spoilt column of references makes them."""
    count = 20_000
    days = pl.date_range(date(2020, 1, 1), AS_AT, eager=True)
    begins = [days[place % len(days)] for place in range(count)]
    area = jersey([{"case_id": "C1", "level": "2", "entered_on": "2020-01-01"}])
    frames = dict(area.tables.frames)
    one = typed({"spells": [spell("C1", "2", "2023-01-04")]}, AS_AT).lazy("spells").collect()
    frames["spells"] = pl.concat([one] * count).with_columns(from_on=pl.Series(begins))
    supplied = {**area.tables.supplied, "spells": frozenset(one.columns)}
    crowded = Area(type(area.tables)(frames, supplied, AS_AT), area.standard)
    pieces = crowded.level_history.pieces
    assert pieces["from_on"].is_sorted()
    assert pieces.height <= len(days)
