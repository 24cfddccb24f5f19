"""A standard that changes on a date: what was owed on a day is held to what was in force on that day.

The naive side knows no standard that changes: it is asked about each period, each meeting and each day by itself, with the
figures of that time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from checks.standard import Standard, shipped
from kpis.area import Area
from kpis.caseload import caseload
from kpis.late_reviews import late_reviews
from kpis.measures import MEASURES
from kpis.periods import Period, parse_period
from kpis.referrals import referrals
from kpis.results import HEADLINE, all_evidence, results
from kpis.spells import management, on_the_clock
from tests.checks.changing import as_of, changing
from tests.kpis import naive
from tests.kpis.agreement import differences, naive_rows, periods_of, product_rows
from tests.kpis.random_area import RandomArea, random_area
from tests.tables import typed

CHANGE = date(2023, 7, 1)
AS_AT = date(2023, 12, 31)
WEEKS = "review_weeks_level_2"


def held_to(area: RandomArea, standard: Standard) -> Area:
    return replace(area.product(), standard=standard)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=each) for each in range((last - first).days + 1))


# --- Targets -------------------------------------------------------------------------------------------------------------


def test_a_period_is_held_to_the_target_of_its_last_day(tmp_path: Path) -> None:
    """Reviewed by hand: 1 of 2 decisions recorded in every quarter, a target of 40 % until June and of 60 % from July 2023."""
    standard = changing(
        tmp_path,
        "jersey",
        more=[
            'target_disclosure = { value = 0.40, cite = "T", changes = [{ from = 2023-07-01, value = 0.60, cite = "T" }] }'
        ],
    )
    meetings = [
        {
            "meeting_id": f"M{month}{told}",
            "held_on": f"2023-{month:02d}-15",
            "kind": "level 2",
            "disclosure_considered": told,
        }
        | ({"disclosure_decision": "disclose"} if told == "true" else {})
        for month in (2, 5, 8, 11)
        for told in ("true", "false")
    ]
    area = Area(typed({"meetings": meetings}, AS_AT), standard)
    periods = [parse_period(name, standard) for name in ("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2023")]
    told = results(MEASURES["disclosure"], area, periods).filter(pl.col("by") == HEADLINE)
    assert {row[0]: row[1:] for row in told.select("period", "met", "owed", "target", "verdict").rows()} == {
        "2023-Q1": (1, 2, 0.4, "met"),
        "2023-Q2": (1, 2, 0.4, "met"),
        "2023-Q3": (1, 2, 0.6, "not met"),
        "2023-Q4": (1, 2, 0.6, "not met"),
        "2023": (4, 8, 0.6, "not met"),
    }


def test_a_target_set_from_a_day_on_judges_no_period_before_it_and_an_adopted_one_stands_until_then(
    tmp_path: Path,
) -> None:
    standard = changing(tmp_path, "jersey", ("target_review_level_1", "2023-07-01", "0.9"))
    area = Area(typed(MEASURES["review_level_1"].passes.tables, AS_AT), standard)
    periods = [parse_period(name, standard) for name in ("2023-Q2", "2023-Q3")]
    told = results(MEASURES["review_level_1"], area, periods).filter(pl.col("by") == HEADLINE)
    assert told["target"].to_list() == [None, 0.9]
    assert told["verdict"].to_list() != ["no target", "no target"]
    adopted = replace(area, adopted_targets={"review_level_1": Fraction(1, 2)})
    told = results(MEASURES["review_level_1"], adopted, periods).filter(pl.col("by") == HEADLINE)
    assert told["target"].to_list() == [0.5, 0.9]


@pytest.mark.parametrize("seed", range(8))
def test_on_random_areas_every_verdict_is_that_of_the_target_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    area = random_area(20_000 + seed, standard="jersey")
    day = area.as_at - timedelta(days=200)
    after = {"review_level_2": "0.10", "disclosure": "0.30", "smb_attendance": "0.25", "agency_attendance": "0.20"}
    standard = changing(
        tmp_path, "jersey", *((f"target_{name}", day.isoformat(), value) for name, value in after.items())
    )
    before = naive.RULES["jersey"]
    aims = {**before.targets, **{name: Fraction(value) for name, value in after.items()}}
    monkeypatch.setitem(naive.RULES, "after", replace(before, targets=aims))
    periods = periods_of(area)

    def told(each: Period) -> list[dict]:
        rules = "after" if each.end >= day else "jersey"
        return naive.results(replace(area.naive(), standard=rules), each.start, each.end)

    theirs = {(each.name, row["measure"], row["unit"]): row for each in periods for row in told(each)}
    assert differences(product_rows(held_to(area, standard), periods), theirs) == []


# --- Categories ------------------------------------------------------------------------------------------------------------

HAMPSHIRE_LATER = ("categories", "2023-07-01", '["1", "2", "4"]')


def test_a_category_counts_from_the_day_on_which_the_standard_has_it(tmp_path: Path) -> None:
    """Reviewed by hand: category 4 joins and category 3 goes on 1 July; both at level 2, 12 weeks, nobody ever reviewed."""
    standard = changing(tmp_path, "hampshire", HAMPSHIRE_LATER)
    case = {"level": "2", "location": "community", "entered_on": "2023-02-01"}
    spell = {"level": "2", "location": "community", "from_on": "2023-02-01"}
    meeting = {"kind": "level 2", "disclosure_considered": "true", "disclosure_decision": "disclose"}
    tables = {
        "cases": [{**case, "case_id": f"C{each}", "category": each} for each in "34"],
        "spells": [{**spell, "case_id": f"C{each}"} for each in "34"],
        "meetings": [
            {**meeting, "meeting_id": f"M{each}{day}", "case_id": f"C{each}", "held_on": f"2023-{day}"}
            for each in "34"
            for day in ("06-30", "07-01")
        ],
    }
    owed = all_evidence(Area(typed(tables, AS_AT, "hampshire"), standard))
    assert owed["disclosure"].select("case_id", "owed_on").sort("owed_on").rows() == [
        ("C3", date(2023, 6, 30)),
        ("C4", date(2023, 7, 1)),
    ]
    only = {**tables, "meetings": [{**meeting, "meeting_id": "M", "case_id": "C9", "held_on": "2023-02-01"}]}
    owed = all_evidence(Area(typed(only, AS_AT, "hampshire"), standard))
    assert owed["review_level_2"].select("case_id", "owed_on").rows() == [
        ("C3", date(2023, 4, 26)),
        ("C4", date(2023, 9, 23)),
        ("C4", date(2023, 12, 16)),
    ]


def in_force(standard: Standard, category: str | None, day: date) -> bool:
    return category is None or category in standard.value("categories", on=day)


@pytest.mark.parametrize("seed", range(5))
def test_on_random_areas_who_is_left_out_is_who_the_standard_did_not_have_on_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    area = random_area(21_000 + seed, standard="hampshire")
    first, second = area.as_at - timedelta(days=300), area.as_at - timedelta(days=120)
    standard = changing(
        tmp_path,
        "hampshire",
        ("categories", first.isoformat(), '["1", "4", "pdp"]'),
        ("categories", second.isoformat(), '["2", "3", "4"]'),
    )
    every = replace(naive.RULES["hampshire"], categories=("1", "2", "3", "4", "pdp"))
    monkeypatch.setitem(naive.RULES, "hampshire", every)
    plain = area.naive()
    category = {name: row.get("category") for name, row in naive._cases(plain).items()}
    meetings, stretches = naive._meetings, naive.stretches

    def meetings_in_force(area: naive.NaiveArea) -> list:
        return [
            row for row in meetings(area) if in_force(standard, category.get(row.get("case_id", "")), row["held_on"])
        ]

    def stretches_in_force(area: naive.NaiveArea) -> list:
        """Day by day: each run of days on which the standard has the case's category is a stretch of its own."""
        out = []
        for case, level, location, begin, end in stretches(area):
            if category.get(case) is None or (end is not None and end < begin):
                out.append((case, level, location, begin, end))
                continue
            since = None
            for day in days(begin, end or area.as_at):
                if in_force(standard, category[case], day):
                    since = since or day
                elif since is not None:
                    out.append((case, level, location, since, day))
                    since = None
            if since is not None:
                out.append((case, level, location, since, end))
        return out

    monkeypatch.setattr(naive, "_meetings", meetings_in_force)
    monkeypatch.setattr(naive, "stretches", stretches_in_force)
    periods = periods_of(area)
    theirs = {
        (each.name, row["measure"], row["unit"]): row
        for each in periods
        for row in naive.results(plain, each.start, each.end)
    }
    assert differences(product_rows(held_to(area, standard), periods), theirs) == []


@pytest.mark.parametrize("seed", range(8))
def test_the_caseload_and_the_referrals_of_a_day_are_those_of_the_categories_of_that_day(
    tmp_path: Path, seed: int
) -> None:
    area = random_area(22_000 + seed, tidy=True, standard="hampshire")
    change = area.as_at - timedelta(days=150)
    standard = changing(tmp_path, "hampshire", ("categories", change.isoformat(), '["1", "4"]'))
    for day in (change - timedelta(days=100), change - timedelta(days=1), change, area.as_at):
        told = caseload(held_to(area, standard), [day])
        assert told.equals(caseload(held_to(area, as_of(standard, day)), [day])), day


def test_a_referral_is_counted_by_the_categories_of_the_day_on_which_it_was_received(tmp_path: Path) -> None:
    standard = changing(tmp_path, "hampshire", HAMPSHIRE_LATER)
    tables = {
        "cases": [{"case_id": "C4", "category": "4", "level": "2", "entered_on": "2023-02-01"}],
        "referrals": [
            {"referral_id": f"R{day}", "case_id": "C4", "received_on": f"2023-{day}", "concern": "sexual"}
            for day in ("06-29", "06-30", "07-01")
        ],
    }
    area = Area(typed(tables, AS_AT, "hampshire"), standard)
    period = parse_period("2023-24", standard)
    told = referrals(area, [period]).filter(pl.col("by") == "concern")
    assert told.select("name", "referrals").rows() == [("sexual", 1)]


@pytest.mark.parametrize("seed", range(5))
def test_on_random_areas_a_way_to_attend_counts_as_on_the_day_of_the_meeting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A mode that did not count on the day of its meeting is for the naive side an absence."""
    area = random_area(24_000 + seed, tidy=True, standard="jersey")
    day = area.as_at - timedelta(days=150)
    standard = changing(tmp_path, "jersey", ("attendance_modes_that_count", day.isoformat(), '["in person", "video"]'))
    held = {row["meeting_id"]: row["held_on"] for row in area.tables["meetings"]}

    def as_it_counted(row: dict) -> dict:
        after = held[row["meeting_id"]] >= day
        return {**row, "mode": "absent"} if after and row.get("mode") in ("telephone", "report") else row

    tables = {**area.tables, "attendance": [as_it_counted(row) for row in area.tables["attendance"]]}
    periods = periods_of(area)
    theirs = naive_rows(replace(area, tables=tables), periods)
    for dimensions in (True, False):
        assert differences(product_rows(held_to(area, standard), periods, dimensions), theirs) == []


# --- The review clock ------------------------------------------------------------------------------------------------------


def test_where_the_clock_runs_is_where_it_ran_on_the_day(tmp_path: Path) -> None:
    standard = changing(tmp_path, "jersey", ("review_clock_locations", "2023-07-01", '["community", "hospital"]'))
    spells = [
        {"case_id": case, "level": "2", "location": place, "from_on": "2023-02-01", "until_on": until}
        for case, place, until in (("C1", "custody", None), ("C2", "community", None), ("C3", "custody", "2023-05-01"))
    ]
    cases = [
        {"case_id": each, "category": "1", "level": "2", "entered_on": "2023-02-01"} for each in ("C1", "C2", "C3")
    ]
    area = Area(typed({"cases": cases, "spells": spells}, AS_AT), standard)
    told = (
        on_the_clock(area, management(area)).collect().sort("case_id").select("case_id", "from_on", "until_on").rows()
    )
    assert told == [
        ("C1", date(2023, 2, 1), date(2023, 7, 1)),
        ("C2", date(2023, 2, 1), None),
        ("C3", date(2023, 2, 1), date(2023, 5, 1)),
    ]
    # A change that is still to come ends nothing that is known.
    coming = Area(area.tables, changing(tmp_path, "jersey", ("review_clock_locations", "2024-07-01", '["community"]')))
    assert on_the_clock(coming, management(coming)).collect().sort("case_id")["until_on"].to_list() == [
        None,
        None,
        date(2023, 5, 1),
    ]
    undated = Area(area.tables, shipped("hampshire"))
    assert on_the_clock(undated, management(undated)).collect()["case_id"].to_list() == ["C2"]


@pytest.mark.parametrize(
    ("as_at", "due", "missed"),
    [
        # 12 weeks until June and 10 from July 2023: a clock since 24 April would have been due on 17 July; on 3 July ten
        # weeks have passed. Ten weeks more make 11 September.
        (date(2023, 6, 30), date(2023, 7, 3), 0),
        (date(2023, 7, 3), date(2023, 7, 3), 0),
        (date(2023, 7, 4), date(2023, 7, 3), 1),
        (date(2023, 9, 11), date(2023, 7, 3), 1),
        (date(2023, 9, 12), date(2023, 7, 3), 2),
    ],
)
def test_a_late_review_was_due_by_the_interval_of_its_day(tmp_path: Path, as_at: date, due: date, missed: int) -> None:
    standard = changing(tmp_path, "jersey", (WEEKS, "2023-07-01", "10"))
    tables = {
        "cases": [
            {"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": "2023-04-24"}
        ],
        "spells": [{"case_id": "C1", "level": "2", "location": "community", "from_on": "2023-04-24"}],
        "meetings": [],
    }
    row = late_reviews(Area(typed(tables, as_at), standard)).row(0, named=True)
    assert (row["due_on"], row["missed"], row["days_late"]) == (due, missed, max(0, (as_at - due).days))


def owed_by_the_day(standard: Standard, area: naive.NaiveArea, level: str) -> list[tuple[str, date, bool]]:
    """`naive.owed_reviews` with an interval that is looked up on every day."""
    done: dict[str, set[date]] = {}
    for row in naive._meetings(area):
        if "case_id" in row and row.get("kind") == f"level {level}":
            done.setdefault(row["case_id"], set()).add(row["held_on"])
    for row in area.rows("reviews") if level == "1" else ():
        if "case_id" in row and "reviewed_on" in row:
            done.setdefault(row["case_id"], set()).add(row["reviewed_on"])

    def next_due(since: date) -> date:
        day = since + timedelta(days=1)
        while (day - since).days < 7 * standard.value(f"review_weeks_level_{level}", on=day):
            day += timedelta(days=1)
        return day

    out = []
    for case, first_day, last_day in naive.clocks(area, level):
        until = last_day or area.as_at
        start = first_day
        reviews = sorted(day for day in done.get(case, ()) if first_day < day <= until)
        for stop in (*reviews, None):
            due = next_due(start)
            if stop is not None and stop <= due:
                out += [(case, due, True)] if due <= area.as_at else []
            while due < (stop or until):
                out.append((case, due, False))
                due = next_due(due)
            start = stop or start
    return out


@pytest.mark.parametrize("seed", range(8))
def test_on_random_areas_every_review_was_due_by_the_interval_of_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    area = random_area(25_000 + seed, standard="jersey")
    first, second = area.as_at - timedelta(days=330), area.as_at - timedelta(days=100)
    steps = [(level, day.isoformat(), weeks) for level in "123" for day, weeks in ((first, "9"), (second, "14"))]
    places = ("review_clock_locations", (first + timedelta(days=30)).isoformat(), '["community", "outside area"]')
    changes = [(f"review_weeks_level_{level}", day, weeks) for level, day, weeks in steps]
    standard = changing(tmp_path, "jersey", *changes, places)
    stretches = naive.stretches

    def on_the_clock_by_the_day(area: naive.NaiveArea) -> list:
        out = []
        for case, level, location, begin, end in stretches(area):
            since = None
            for day in days(begin, end or area.as_at):
                if location in standard.value("review_clock_locations", on=day):
                    since = since or day
                elif since is not None:
                    out.append((case, level, "community", since, day))
                    since = None
            if since is not None:
                out.append((case, level, "community", since, end))
        return out

    monkeypatch.setattr(naive, "stretches", on_the_clock_by_the_day)
    monkeypatch.setattr(naive, "owed_reviews", lambda area, level: owed_by_the_day(standard, area, level))
    periods = periods_of(area)
    theirs = naive_rows(area, periods)
    for dimensions in (True, False):
        assert differences(product_rows(held_to(area, standard), periods, dimensions), theirs) == []


@pytest.mark.parametrize("seed", range(10))
def test_on_random_areas_the_next_review_is_due_when_the_interval_of_that_day_has_passed(
    tmp_path: Path, seed: int
) -> None:
    area = random_area(23_000 + seed, tidy=True, standard="jersey")
    first, second = area.as_at - timedelta(days=220), area.as_at - timedelta(days=60)
    changes = [
        (f"review_weeks_level_{level}", day.isoformat(), weeks)
        for level in "123"
        for day, weeks in ((first, "9"), (second, "14"))
    ]
    standard = changing(tmp_path, "jersey", *changes)
    product = held_to(area, standard)
    clocks = {
        case: (level, since)
        for case, level, since in product.review_clock.runs.filter(pl.col("next") == 3)
        .select(product.of_case("case_id", pl.col("case")), pl.col("level").cast(pl.String), "started_on")
        .rows()
    }
    told = late_reviews(product).filter(pl.col("due_on").is_not_null())
    alone = [case for case in told["case_id"] if case in clocks]
    for row in told.filter(pl.col("case_id").is_in(alone)).iter_rows(named=True):
        level, since = clocks[row["case_id"]]
        if level != row["level"]:
            continue  # of two clocks that run at once the list shows the later
        due, missed, day = None, 0, since
        last = since
        while due is None or day < area.as_at:
            day += timedelta(days=1)
            if (day - last).days >= 7 * standard.value(f"review_weeks_level_{level}", on=day):
                due, last = due or day, day
                missed += day < area.as_at
        assert (row["due_on"], row["missed"]) == (due, missed), row["case_id"]
