"""The product and the naive implementation must give the same results on areas as nasty as real ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.standard import shipped
from kpis import review_counts, review_runs
from kpis.periods import parse_period
from kpis.results import all_evidence, all_results
from tests.kpis import naive
from tests.kpis.agreement import MEASURES, differences, naive_rows, periods_of, product_rows
from tests.kpis.random_area import STANDARDS, RandomArea, random_area, shuffled

pytestmark = pytest.mark.long

AREAS = 14
SEEDS = st.integers(min_value=0, max_value=2**32)
ANY_TIME = settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("tidy", [False, True], ids=["spoilt", "tidy"])
def test_every_figure_of_random_areas(standard: str, tidy: bool) -> None:
    seen: Counter[str] = Counter()
    for seed in range(AREAS // (2 if tidy else 1)):
        area = random_area(10_000 + seed, tidy=tidy, standard=standard)
        periods = periods_of(area)
        theirs = naive_rows(area, periods)
        ours = product_rows(area.product(), periods, dimensions=seed % 2 == 0)
        assert differences(ours, theirs) == [], f"seed {10_000 + seed}"
        seen.update(f"{row['measure']} {row['verdict']}" for row in theirs.values() if row["unit"] is None)
    # The areas are worth the trouble: every measure came out in several ways.
    for measure in MEASURES:
        assert len([said for said in seen if said.startswith(f"{measure} ")]) >= 2, seen


def test_the_clock_of_a_large_area_is_shared_out_among_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a small area is large then."""
    monkeypatch.setattr(review_runs, "_SAMPLE", 8)
    monkeypatch.setattr(review_counts, "_AT_ONCE", 8)
    for seed in range(8):
        area = random_area(20_000 + seed)
        periods = periods_of(area)
        theirs = naive_rows(area, periods)
        for dimensions in (True, False):  # from rows of evidence, and counted without them
            ours = product_rows(area.product(), periods, dimensions=dimensions)
            assert differences(ours, theirs) == [], f"seed {seed}"


@pytest.mark.parametrize("many", [False, True], ids=["one core", "shared out"])
def test_spells_that_run_beside_each_other_each_have_a_clock(monkeypatch: pytest.MonkeyPatch, many: bool) -> None:
    """As two records of one stay do, three where somebody tried again; of nearly every case."""
    if many:
        monkeypatch.setattr(review_runs, "_SAMPLE", 8)
    changed = 0
    for seed in range(10):
        area = random_area(30_000 + seed, tidy=True, standard="jersey")
        spells = area.tables.get("spells", [])
        if not spells:  # some areas have no such table, or nobody
            continue
        again = [row | {"from_on": row["from_on"] + timedelta(days=days)} for days in (5, 20) for row in spells]
        doubled = replace(area, tables={**area.tables, "spells": [*spells, *again]})
        periods = periods_of(doubled)
        theirs = naive_rows(doubled, periods)
        changed += differences(naive_rows(area, periods), theirs) != []
        for dimensions in (True, False):
            ours = product_rows(doubled.product(), periods, dimensions=dimensions)
            assert differences(ours, theirs) == [], f"seed {30_000 + seed}"
    assert changed > 1, "what stands beside hardly ever told"


@ANY_TIME
@given(seed=SEEDS)
def test_any_area_that_hypothesis_thinks_of(seed: int) -> None:
    area = random_area(seed)
    periods = periods_of(area)
    assert differences(product_rows(area.product(), periods), naive_rows(area, periods)) == []


@ANY_TIME
@given(seed=SEEDS)
def test_worst_and_best_enclose_the_rate_and_the_interval_encloses_it_too(seed: int) -> None:
    area = random_area(seed)
    told = all_results(area.product(), periods_of(area)).filter(pl.col("rate").is_not_null())
    assert told.filter(~(pl.col("worst") == pl.col("rate")) | (pl.col("rate") > pl.col("best"))).is_empty()
    assert told.filter((pl.col("low") > pl.col("rate")) | (pl.col("high") < pl.col("rate"))).is_empty()
    assert told.filter((pl.col("low") < 0) | (pl.col("high") > 1) | (pl.col("best") > 1)).is_empty()


@ANY_TIME
@given(seed=SEEDS, order=SEEDS)
def test_the_order_of_the_records_does_not_matter(seed: int, order: int) -> None:
    area = random_area(seed)
    periods = periods_of(area)
    one = product_rows(area.product(), periods)
    assert differences(one, product_rows(shuffled(area, order).product(), periods)) == []


@ANY_TIME
@given(seed=SEEDS)
def test_a_period_alone_and_among_many(seed: int) -> None:
    area = random_area(seed)
    periods = periods_of(area)
    together = product_rows(area.product(), periods)
    product = area.product()
    for each in periods[:: max(1, len(periods) // 4)]:
        alone = product_rows(product, [each])
        assert differences(alone, {key: row for key, row in together.items() if key[0] == each.name}) == []


@ANY_TIME
@given(seed=SEEDS)
def test_results_from_collected_evidence_are_the_same(seed: int) -> None:
    area = random_area(seed)
    periods, product = periods_of(area), area.product()
    evidence = all_evidence(product)
    from_evidence = all_results(product, periods, evidence=evidence)
    assert from_evidence.equals(all_results(product, periods))


@ANY_TIME
@given(seed=SEEDS)
def test_every_owed_review_belongs_to_one_quarter_and_the_quarters_make_the_year(seed: int) -> None:
    area = random_area(seed)
    rows = product_rows(area.product(), _whole_years(area))
    for name, row in rows.items():
        period, measure, unit = name
        if unit != "by review" or "-Q" in period:
            continue
        quarters = [rows[f"{period}-Q{number}", measure, unit] for number in (1, 2, 3, 4)]
        assert sum(each["owed"] for each in quarters) == row["owed"]
        assert sum(each["met"] for each in quarters) == row["met"]
    evidence = all_evidence(area.product())
    for level in "123":
        owed = evidence.get(f"review_level_{level}")
        if owed is None:
            continue
        years = [
            row for key, row in rows.items() if key[1:] == (f"review_level_{level}", "by review") and "-Q" not in key[0]
        ]
        assert sum(row["owed"] for row in years) == owed.height


@ANY_TIME
@given(seed=SEEDS)
def test_a_year_by_case_is_never_kinder_than_its_quarters(seed: int) -> None:
    area = random_area(seed)
    rows = product_rows(area.product(), _whole_years(area))
    for (period, measure, unit), row in rows.items():
        if not measure.startswith("review") or unit is not None or "-Q" in period or not row["owed"]:
            continue
        quarters = [rows[f"{period}-Q{number}", measure, None] for number in (1, 2, 3, 4)]
        # Who missed one in any quarter missed one in the year, and who owed one in any quarter owed one in the year.
        missed = [each["owed"] - each["met"] for each in quarters]
        assert max(missed) <= row["owed"] - row["met"] <= sum(missed)
        assert max(each["owed"] for each in quarters) <= row["owed"] <= sum(each["owed"] for each in quarters)


@ANY_TIME
@given(seed=SEEDS)
def test_a_review_more_never_adds_a_missed_one(seed: int) -> None:
    """One more level 2 meeting, set into the middle of the longest wait, cannot make more reviews missed than before."""
    area = random_area(seed, tidy=True)
    if not area.tables["cases"] or "spells" not in area.tables:
        return
    case = area.tables["cases"][0]["case_id"]
    day = area.as_at - timedelta(days=60)
    more = {"meeting_id": "M9999", "case_id": case, "held_on": day, "kind": "level 2", "outcome_level": "2"}
    tables = {**area.tables, "meetings": [*area.tables["meetings"], more]}
    added = RandomArea(area.standard, area.as_at, tables, area.absent, area.smb_members, area.adopted)
    before, after = (Counter(met for _, _, met in naive.owed_reviews(each.naive(), "2")) for each in (area, added))
    ours = all_evidence(added.product())["review_level_2"]
    assert after[False] <= before[False]
    assert ours.filter(~pl.col("met")).height == after[False]


def test_the_worked_example_of_the_guide_to_the_day() -> None:
    """Level 2 from 4 January, meetings on 22 March and 5 July, as known on 31 December."""
    meetings = [
        {"meeting_id": f"M{day:%m%d}", "case_id": "C1", "held_on": day, "kind": "level 2", "outcome_level": "2"}
        for day in (date(2023, 3, 22), date(2023, 7, 5))
    ]
    tables = {
        "cases": [
            {"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": date(2023, 1, 4)}
        ],
        "spells": [{"case_id": "C1", "level": "2", "location": "community", "from_on": date(2023, 1, 4)}],
        "meetings": meetings,
    }
    area = RandomArea("jersey", date(2023, 12, 31), tables, dict.fromkeys(tables, frozenset()), (), {})
    owed = all_evidence(area.product())["review_level_2"].sort("owed_on")
    assert owed.select("owed_on", "met", "done_on", "meeting_id").rows() == [
        (date(2023, 3, 29), True, date(2023, 3, 22), "M0322"),
        (date(2023, 6, 14), False, date(2023, 7, 5), "M0705"),
        (date(2023, 9, 27), False, None, None),
        (date(2023, 12, 20), False, None, None),
    ]
    assert naive.owed_reviews(area.naive(), "2") == [
        ("C1", each[0], each[1]) for each in owed.select("owed_on", "met").rows()
    ]


def _whole_years(area: RandomArea) -> list:
    """Every quarter and year of the reporting years that the area's history touches."""
    standard = shipped(area.standard)
    years = {each.name.partition("-Q")[0] for each in periods_of(area)}
    names = [name for year in sorted(years) for name in (year, *(f"{year}-Q{number}" for number in (1, 2, 3, 4)))]
    return [parse_period(name, standard) for name in names]
