"""The rows beneath a figure add up to it, and what could change the verdict comes first."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest

from checks.standard import shipped
from dashboard import choices, evidence, frames, refresh
from dashboard.reading import Reader, frame_names, reader, results, together
from dashboard.settings import load_settings
from kpis.area import Area
from kpis.evidence import EVIDENCE, as_evidence
from kpis.measures import MEASURES
from kpis.periods import Period, parse_period
from kpis.results import HEADLINE, NO_AGENCY, UNIT, all_evidence, all_results
from tests.tables import typed

HANGS = "depends on missing records"


@pytest.fixture(scope="module")
def stored(sample_settings: Path) -> Reader:
    return reader(load_settings(sample_settings))


def counted(rows: pl.DataFrame, *, by_case: bool, several: bool) -> tuple[int, int, int]:
    """Met, owed and unknown, counted with plain loops; where `several` a case is met that has more than one row."""
    groups: dict[object, list[bool | None]] = {}
    for place, row in enumerate(rows.iter_rows(named=True)):
        groups.setdefault(row["case_id"] if by_case else place, []).append(row["met"])
    told: list[bool | None] = [False if False in each else None if None in each else True for each in groups.values()]
    if several:
        told = [len(each) > 1 for each in groups.values()]
    return told.count(True), len(told), told.count(None)


@pytest.mark.parametrize("standard", ["jersey", "hampshire"])
def test_the_rows_beneath_every_figure_of_every_period_add_up_to_it(stored: Reader, standard: str) -> None:
    snapshot = stored.snapshots("Jersey (sample)")[0]
    measures = stored.store.definitions(snapshot.id)["measures"]
    told = results(stored, snapshot.id, standard)
    periods = choices.periods_of(told)
    names = frame_names(stored, snapshot.id)
    compared = 0
    for row in told.filter(by="all").iter_rows(named=True):
        period = next(each for each in periods if each.name == row["period"])
        declared = measures[row["measure"]]
        rows = evidence.Beneath(
            row["measure"], declared, standard, period, periods, snapshot.as_at,
            names, lambda some: together(stored, snapshot.id, some),
        ).rows()  # fmt: skip
        several = row["measure"] == "individuals"
        told_of = (row["met"], row["owed"], row["unknown"]) if row["owed"] is not None else (0, 0, 0)
        assert counted(rows, by_case=declared["by_case"], several=several) == told_of, row
        compared += bool(row["owed"])
    assert compared > 100


def test_rows_kept_by_quarter_are_read_as_those_kept_by_year_are() -> None:
    year = Period(date(2023, 1, 1), date(2023, 12, 31), "2023", "year")
    ends = (date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31))
    starts = (date(2023, month, 1) for month in (1, 4, 7, 10))
    quarters = [
        Period(start, end, f"2023-Q{number}", "quarter")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]
    rows = rows_of(*((f"{each}", None, True) for each in range(8)))
    rows = rows.with_columns(owed_on=pl.Series([day for period in quarters for day in (period.start, period.end)]))
    kept = dict(refresh._parts(rows, [*quarters, year]))
    assert list(kept) == [year]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(frames, "MANY_ROWS", 7)
        in_parts = dict(refresh._parts(rows, [*quarters, year]))
        assert list(dict(refresh._parts(rows, [*quarters[:3], year]))) == [year], "the last quarter is still to come"
    assert list(in_parts) == quarters
    for stored in (kept, in_parts):
        by_name = {frames.evidence("s", "m", period.name): part for period, part in stored.items()}

        def cases_of(period: Period, window: str, held: dict[str, pl.DataFrame] = by_name) -> tuple[list[str], ...]:
            every = [*quarters, year]
            asked = evidence.Beneath(
                "m", {"window": window}, "s", period, every, year.end, held,
                lambda names: pl.concat([held[name] for name in names]),
            )  # fmt: skip
            return tuple(found["case_id"].to_list() for found in (asked.rows(), asked.around()))

        everything = [f"{each}" for each in range(8)]
        assert cases_of(quarters[1], "period") == (["2", "3"], everything)
        assert cases_of(quarters[2], "12 months") == (everything[:6], everything)
        assert cases_of(quarters[0], "last day") == (["1"], everything)
        assert cases_of(year, "period") == (everything, everything)


def test_a_measure_of_twelve_months_looks_back_beyond_the_period() -> None:
    quarter = Period(date(2023, 1, 1), date(2023, 3, 31), "2023-Q1", "quarter")
    as_at = date(2023, 12, 31)
    assert evidence.window_of({"window": "12 months"}, quarter, as_at) == (date(2022, 4, 1), date(2023, 3, 31))
    assert evidence.window_of({"window": "period"}, quarter, as_at) == (date(2023, 1, 1), date(2023, 3, 31))


def test_a_measure_of_a_last_day_takes_that_of_as_at_where_the_period_is_not_over() -> None:
    quarter = Period(date(2023, 1, 1), date(2023, 3, 31), "2023-Q1", "quarter")
    for as_at, day in ((date(2023, 12, 31), date(2023, 3, 31)), (date(2023, 2, 8), date(2023, 2, 8))):
        assert evidence.window_of({"window": "last day"}, quarter, as_at) == (day, day)


def rows_of(*told: tuple[str, str | None, bool | None]) -> pl.DataFrame:
    rows = [{"case_id": case, "unit": unit, "met": met, "owed_on": date(2023, 11, 8)} for case, unit, met in told]
    return as_evidence(pl.LazyFrame(rows, schema_overrides={"unit": pl.String, "met": pl.Boolean})).collect()


def units_of(**verdicts: str) -> pl.DataFrame:
    return pl.DataFrame({"unit": list(verdicts), "verdict": list(verdicts.values())})


def cases(listed: evidence.Listed) -> list[str]:
    return listed.part()["case_id"].to_list()


def test_missing_comes_before_not_met_and_that_before_met() -> None:
    ordered = evidence.most_telling_first(
        rows_of(("a", None, True), ("b", None, False), ("c", None, None)), None, by_case=False
    )
    assert cases(ordered.every) == ["c", "b", "a"]
    assert cases(ordered.decisive) == ["c"]
    assert {kind: cases(getattr(ordered, kind)) for kind in ("missing", "not_met", "met")} == {
        "missing": ["c"], "not_met": ["b"], "met": ["a"],
    }  # fmt: skip


def test_where_the_target_is_for_each_only_the_missing_rows_of_units_in_doubt_decide() -> None:
    rows = rows_of(("a", "police", None), ("b", "housing", None), ("c", None, None))
    units = units_of(police="met", housing=HANGS)
    ordered = evidence.most_telling_first(rows, units, by_case=False)
    assert cases(ordered.decisive) == ["b"]
    assert cases(ordered.missing) == ["b", "a", "c"]


def test_where_the_target_is_for_each_what_names_nobody_is_to_be_completed_first() -> None:
    rows = rows_of(("a", NO_AGENCY, True), ("b", NO_AGENCY, False), ("c", "police", False), ("d", "police", True))
    nameless = pl.when(pl.col("unit") == NO_AGENCY).then(pl.lit("agency"))
    rows = rows.with_columns(missing_field=nameless)
    for police, decide in (("met", ["b"]), ("not met", ["b", "a"]), (HANGS, ["b", "a"])):
        ordered = evidence.most_telling_first(rows, units_of(**{NO_AGENCY: HANGS, "police": police}), by_case=False)
        assert cases(ordered.decisive) == decide, f"police: {police}"
        assert cases(ordered.every) == ["b", "c", "a", "d"], "what is not met stays before what is met"
        assert cases(ordered.not_met) == ["b", "c"]
        assert not ordered.missing.height
    together = evidence.most_telling_first(rows, None, by_case=False)
    assert not together.decisive.height, "where the target is for all together it does not matter whose they are"


def _said(chance: Random, present: str) -> str | None:
    return chance.choices([present, "absent", None], [8, 2, 1])[0]


def small_area(chance: Random) -> Area:
    """A few attendances, at meetings and at the Board, some of nobody named and some not said how."""
    days = [f"2023-11-{day:02}" for day in range(1, 5)]
    attendance = [
        {"meeting_id": f"M{at}", "agency": agency, "mode": _said(chance, "in person"), "senior_enough": "true"}
        for at in range(4) for agency in ("police", "housing", None) if chance.random() < 0.8
    ]  # fmt: skip
    board = [
        {"smb_meeting_id": f"S{at}", "member": member, "attended": _said(chance, "member")}
        for at in range(4) for member in ("police", "housing", None) if chance.random() < 0.8
    ]  # fmt: skip
    tables = {
        "meetings": [{"meeting_id": f"M{at}", "held_on": day, "kind": "level 2"} for at, day in enumerate(days)],
        "attendance": attendance,
        "smb_meetings": [{"smb_meeting_id": f"S{at}", "held_on": day} for at, day in enumerate(days)],
        "smb_attendance": board,
    }
    return Area(typed(tables, date(2023, 12, 31), "jersey"), shipped("jersey"))


def test_whatever_verdict_of_each_unit_depends_on_missing_records_there_are_records_to_complete() -> None:
    chance, of_each = Random(5), [MEASURES["agency_attendance"], MEASURES["smb_attendance"]]
    seen: Counter[str] = Counter()
    for _ in range(60):
        area = small_area(chance)
        told = all_results(area, [parse_period("2023-Q4", area.standard)], of_each)
        every = all_evidence(area, of_each)
        for name in told.filter(by=HEADLINE, verdict=HANGS)["measure"]:
            decide = evidence.deciding(every[name], told.filter(measure=name, by=UNIT), by_case=False)
            assert decide.len(), told.filter(measure=name)
            seen[name] += every[name][decide]["met"].null_count() == 0
    assert len(seen) == len(of_each), "some of them hung on rows alone that name nobody"
    assert min(seen.values()) > 0


def test_a_missing_row_of_a_case_that_missed_another_review_decides_nothing() -> None:
    rows = rows_of(("a", None, None), ("a", None, False), ("b", None, None), ("b", None, True))
    ordered = evidence.most_telling_first(rows, None, by_case=True)
    assert cases(ordered.decisive) == ["b"]


def test_of_a_kind_the_earliest_come_first_and_those_of_a_day_as_they_were_stored() -> None:
    days = [date(2023, 11, 8), date(1999, 12, 31), date(2023, 11, 8), date(2024, 2, 29)] * 40
    told = [(f"{place:03}", on, (None, False, True)[place % 3]) for place, on in enumerate(days)]
    rows = rows_of(*((case, None, met) for case, _, met in told)).with_columns(owed_on=pl.Series(days))
    ordered = evidence.most_telling_first(rows, None, by_case=False)
    expected = sorted(told, key=lambda row: ([None, False, True].index(row[2]), row[1]))
    assert cases(ordered.every) == [case for case, _, _ in expected]
    assert ordered.every.part(100, 7)["case_id"].to_list() == [case for case, _, _ in expected[100:107]]


def test_what_no_row_of_a_kind_says_is_no_column_of_it() -> None:
    rows = rows_of(("a", "police", None), ("b", None, True)).with_columns(
        missing_field=pl.Series(["held_on", None]), done_on=pl.Series([None, date(2023, 11, 7)])
    )
    ordered = evidence.most_telling_first(rows, None, by_case=False)
    assert ordered.every.telling() == ["case_id", "unit", "owed_on", "done_on", "met", "missing_field"]
    assert ordered.missing.telling() == ["case_id", "unit", "owed_on", "missing_field"]
    assert ordered.met.telling() == ["case_id", "owed_on", "done_on", "met"]
    missing = ordered.missing
    told = evidence.for_people(missing.part(), "agency", missing.telling())
    assert told.columns == ["Met?", "Case", "Agency", "Due or held on", "Missing field"]


def test_people_read_headings_and_words_and_no_empty_columns() -> None:
    told = evidence.for_people(rows_of(("a", "police", None), ("b", "housing", True)), "agency")
    assert told.columns == ["Met?", "Case", "Agency", "Due or held on"]
    assert told["Met?"].to_list() == ["◐ not known", "✓ met"]
    assert evidence.for_people(pl.DataFrame(schema=EVIDENCE), None).height == 0
