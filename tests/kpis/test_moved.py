"""What changed behind a figure adds up to how the figure moved, whatever has happened to the records in between."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from checks.standard import shipped
from kpis import moved
from kpis.area import Area
from kpis.evidence import EVIDENCE, in_text
from kpis.measure import Measure
from kpis.measures import MEASURES
from kpis.moved import Side, balance, changes
from kpis.periods import Period, days_of, parse_period, year_of
from kpis.results import results
from tests.kpis.agreement import periods_of
from tests.kpis.random_area import RandomArea, random_area, shuffled


def changed_at_random(area: RandomArea, seed: int) -> RandomArea:
    """The records as they may stand a while later: days entered, corrected and taken back, rows added and gone, and time passed."""
    rng = Random(seed)
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, rows in area.tables.items():
        out: list[dict[str, Any]] = []
        for row in rows:
            if rng.random() < 0.04:
                continue
            row = dict(row)
            for key in [*row]:
                if not key.endswith("_id") and rng.random() < 0.06:
                    del row[key]
                elif isinstance(row[key], date) and rng.random() < 0.08:
                    row[key] += timedelta(days=rng.choice([-90, -7, -1, 1, 10, 84]))
                elif isinstance(row[key], bool) and rng.random() < 0.3:
                    row[key] = not row[key]
            other = rng.choice(rows)
            for key in other:
                if key not in row and rng.random() < 0.5:
                    row[key] = other[key]
            out.append(row)
            if rng.random() < 0.04:
                out.append({**row, **({"meeting_id": f"N{rng.randrange(99)}"} if "meeting_id" in row else {})})
        tables[name] = out
    as_at = area.as_at + timedelta(days=rng.choice([0, 31, -20]))
    return RandomArea(area.standard, as_at, tables, area.absent, area.smb_members, area.adopted)


def side_of(measure: Measure, rows: pl.DataFrame, area: RandomArea, period: Period) -> Side:
    """As pages have it: the rows of the reporting years that the period's days touch."""
    first, last = days_of(measure.window, period, area.as_at)
    standard = shipped(area.standard)
    start, end = year_of(standard, first).start, year_of(standard, last).end
    return Side(rows.filter(pl.col("owed_on").is_between(start, end)), first, last, area.as_at)


def evidence_of(measure: Measure, area: Area) -> pl.DataFrame:
    return in_text(measure.evidence(area).collect(engine="in-memory"))


def behind(measure: Measure, then: Side, now: Side) -> pl.DataFrame:
    return changes(then, now, by_case=measure.by_case, together=measure.together, unit_tells=not measure.counts)


def test_old_and_gained_less_lost_is_new_for_every_measure_and_period() -> None:
    kinds: Counter[str] = Counter()
    measures: set[str] = set()
    for seed in (302, 305, 306):
        area = random_area(seed, tidy=seed % 2 == 0)
        later = changed_at_random(area, seed)
        if seed > 304:  # what is gone one way round is new the other
            area, later = later, area
        then, now = area.product(), later.product()
        every = periods_of(area)
        over = [each for each in every if each.kind == "year" and each.start <= area.as_at][-2:]
        periods = list(dict.fromkeys([*over, Random(seed).choice(every)]))
        for measure in MEASURES.values():
            if not (measure.in_standard(then.standard) and measure.supplied(then) and measure.supplied(now)):
                continue
            rows = evidence_of(measure, then), evidence_of(measure, now)
            told = [
                results(measure, each, periods, evidence).filter(by="all")
                for each, evidence in zip((then, now), rows, strict=True)
            ]
            for period in periods:
                counts = [each.filter(period=period.name).select("met", "owed", "unknown").row(0) for each in told]
                sides = [side_of(measure, *each, period) for each in zip(rows, (area, later), strict=True)]
                found = behind(measure, *sides)
                assert dict(found.schema) == moved.CHANGES
                assert balance(found) == tuple(b - a for a, b in zip(*counts, strict=True)), (measure.id, period.name)
                assert found.filter(pl.col("then") == pl.col("now")).is_empty()
                assert {part for each in found["reason"] for part in each.split(" and ")} <= set(moved.REASONS)
                kinds.update(found["kind"])
                measures |= {measure.id} if found.height else set()
    assert len(kinds) >= 5, kinds
    assert len(measures) > 8, measures


@pytest.mark.parametrize("seed", range(3))
def test_nothing_changes_when_the_same_records_stand_in_another_order(seed: int) -> None:
    area = random_area(seed)
    then, now = area.product(), shuffled(area, seed).product()
    period = periods_of(area)[-1]
    for measure in MEASURES.values():
        if measure.in_standard(then.standard) and measure.supplied(then):
            sides = [side_of(measure, evidence_of(measure, each), area, period) for each in (then, now)]
            assert behind(measure, *sides).is_empty(), measure.id


# --- The reasons, one by one ---------------------------------------------------------------------------------------------------

Q2 = parse_period("2023-Q2", shipped("jersey"))
AS_AT = date(2023, 8, 31)


def row(
    case: str = "C1", owed: str = "2023-05-10", done: str | None = None, met: bool | None = False, **more: Any
) -> dict:
    days = {"owed_on": date.fromisoformat(owed), "done_on": None if done is None else date.fromisoformat(done)}
    return {"case_id": case, "meeting_id": f"M{case}", "met": met, "why": f"{met} {done}", **days, **more}


def side(*rows: dict, as_at: date = AS_AT) -> Side:
    return Side(pl.DataFrame(rows, schema=EVIDENCE, orient="row"), Q2.start, Q2.end, as_at)


def reasons(then: Side, now: Side, *, by_case: bool = False, unit_tells: bool = True) -> list[tuple]:
    return changes(then, now, by_case=by_case, unit_tells=unit_tells).select("kind", "reason", "then", "now").rows()


def test_what_was_done_but_not_yet_recorded_was_recorded_late() -> None:
    found = reasons(side(row()), side(row(done="2023-05-09", met=True)))
    assert found == [(moved.NOW_MET, moved.RECORDED_LATE, "not met", "met")]
    since = reasons(side(row()), side(row(done="2023-09-02", met=True), as_at=date(2023, 9, 30)))
    assert since[0][1] == moved.DONE_SINCE


def test_a_meeting_whose_day_was_corrected_is_one_change_and_not_two() -> None:
    found = reasons(side(row(done="2023-05-20")), side(row(owed="2023-05-21", done="2023-05-20", met=True)))
    assert found == [(moved.NOW_MET, moved.DAY_CORRECTED, "not met", "met")]


def test_a_day_corrected_into_another_period_is_said_to_have_moved() -> None:
    found = reasons(side(row(met=True)), side(row(owed="2023-07-02", met=True)))
    assert found == [(moved.NO_LONGER_OWED, moved.MOVED, "met", "not owed")]
    assert reasons(side(row(owed="2023-03-30")), side(row())) == [
        (moved.NEWLY_OWED, moved.MOVED, "not owed", "not met")
    ]


def test_a_field_filled_in_makes_known_what_was_not() -> None:
    then = side(row(met=None, missing_field="mode"), row("C2", met=None, missing_field="mode"))
    found = reasons(then, side(row(met=True), row("C2")))
    assert found == [
        (moved.KNOWN_MET, moved.FILLED_IN, "not known", "met"),
        (moved.KNOWN_NOT_MET, moved.FILLED_IN, "not known", "not met"),
    ]
    assert reasons(side(row(met=True)), side(row(met=None, missing_field="mode"))) == [
        (moved.NO_LONGER_KNOWN, moved.EMPTIED, "met", "not known")
    ]


def test_what_fell_due_is_told_from_what_was_added_to_the_records() -> None:
    now = side(row("C1", owed="2023-06-20"), row("C2", owed="2023-05-20"), as_at=date(2023, 6, 30))
    assert reasons(side(as_at=date(2023, 6, 1)), now) == [
        (moved.NEWLY_OWED, moved.RECORDS_NOW, "not owed", "not met"),
        (moved.NEWLY_OWED, moved.FELL_DUE, "not owed", "not met"),
    ]
    gone = reasons(now, side(as_at=date(2023, 6, 1)))
    assert [each[1] for each in gone] == [moved.RECORDS_THEN, moved.NOT_YET_DUE]


def test_a_decision_corrected_is_the_same_meeting_where_the_unit_is_what_was_decided() -> None:
    then, now = side(row(unit="not recorded", met=None)), side(row(unit="disclose", met=True))
    assert len(reasons(then, now, unit_tells=False)) == 1
    assert len(reasons(then, now, unit_tells=True)) == 2


def test_a_case_is_met_only_when_all_of_it_is() -> None:
    then = side(row(owed="2023-04-10"), row(owed="2023-06-10"))
    one = side(row(owed="2023-04-10", done="2023-04-09", met=True), row(owed="2023-06-10"))
    both = side(row(owed="2023-04-10", done="2023-04-09", met=True), row(owed="2023-06-10", met=True))
    assert reasons(then, one, by_case=True) == []
    assert reasons(then, both, by_case=True) == [
        (moved.NOW_MET, f"{moved.RECORDED_LATE} and {moved.CORRECTED}", "not met", "met")
    ]
