"""Published figures beside one's own: shares with counts, and what makes each pair not comparable."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from connectors.published import read, read_file
from kpis.caseload import CASELOAD
from kpis.periods import Period
from kpis.published import SHIPPED
from kpis.published.check import check_figures
from kpis.published.compare import Compared, Report, compare, compare_rates, report_of, shared_remarks
from kpis.published.comparisons import Comparison, comparisons
from kpis.published.own import own_facts, own_figures
from kpis.referrals import REFERRALS
from kpis.results import RESULTS

SHIPPED_FIGURES = read_file(SHIPPED)
FINDINGS = check_figures(SHIPPED_FIGURES).findings
YEAR = Period(date(2023, 1, 1), date(2023, 12, 31), "2023", "year")
JERSEY_STANDARD = {
    "categories": ["1", "2", "3", "4", "pdp"],
    "annual_layout": "jersey",
    "lowest_level_category_3": "1",
}


def published(area: str, year: str) -> Report:
    return report_of(SHIPPED_FIGURES, area, year, comparisons(), FINDINGS)


def own(*rows: str, facts: dict[str, str] | None = None, period: str = "2023") -> Report:
    """Own figures from `table,row,column,value`."""
    lines = "\n".join(f"Hill,{period},{row}" for row in rows)
    figures = read(f"area,reporting_year,table,row,column,value\n{lines}\n".encode(), "own.csv")
    return Report(
        "Hill", period, figures, own_facts(JERSEY_STANDARD) if facts is None else facts, "Edition of 2010", period
    )


def by_name(name: str) -> Comparison:
    return next(each for each in comparisons().comparison if each.id == name)


def compared(name: str, mine: Report, theirs: Report) -> Compared:
    found = compare(by_name(name), mine, theirs, comparisons())
    assert found is not None
    return found


CASELOAD_FIGURES = (
    "eligible at year end,total,category 1,60",
    "eligible at year end,total,category 3,30",
    "eligible at year end,total,pdp,10",
    "eligible at year end,total,total,100",
)


def test_shares_are_counts_over_each_reports_own_total():
    pairs = {
        pair.label: pair for pair in compared("category", own(*CASELOAD_FIGURES), published("kent", "2013-14")).pairs
    }
    first = pairs["category 1"]
    assert (first.own.n, first.own.of, first.own.share) == (60, 100, 0.6)
    assert (first.other.n, first.other.of) == (1489, 2274)
    assert first.other.share == pytest.approx(1489 / 2274)
    assert pairs["pdp"].other.n is None
    assert pairs["category 2"].own.n is None


def test_what_makes_kent_and_jersey_not_comparable_is_said():
    found = compared("category", own(*CASELOAD_FIGURES), published("kent", "2013-14"))
    said = " ".join(found.remarks)
    assert "Time: Hill is at the end of 2023, Kent 2013-14 at the end of 2013-14." in said
    assert "in Hill people in custody or hospital are counted; in Kent 2013-14 only people in the community" in said
    assert "Potentially dangerous persons: in Hill they are counted; in Kent 2013-14 they are not counted" in said
    assert "the law and categories of England and Wales" in said
    assert "Guidance: Hill is under Edition of 2010; Kent 2013-14 under the national guidance of 2012." in said
    remarks = {pair.label: " ".join(pair.remarks) for pair in found.pairs}
    assert "a category 3 case can be at level 1" in remarks["category 3"]
    assert remarks["category 1"] == ""


def test_one_who_counts_alike_is_not_said_to_count_otherwise():
    said = " ".join(compared("category", own(*CASELOAD_FIGURES), published("jersey", "2023")).remarks)
    assert "Custody" not in said
    assert "Time" not in said
    assert "Law" not in said


def test_referrals_are_not_made_less_comparable_by_who_is_in_custody():
    mine = own("referrals by route,referrals,screening,30", "referrals by route,referrals,total,60")
    said = " ".join(compared("route", mine, published("jersey", "2023")).remarks)
    assert "Custody" not in said
    assert "17 (level 2) + 38 (screening) = 55, but the total is printed as 57" in said


def test_few_cases_are_said_to_be_few():
    mine = own(
        "eligible at year end,level 2,category 3,4",
        "eligible at year end,level 3,category 3,0",
        "eligible at year end,total,category 3,20",
    )
    (pair,) = [
        each
        for each in compared("levels 2 and 3 by category", mine, published("lancashire", "2020-21")).pairs
        if each.label == "category 3"
    ]
    assert (pair.own.n, pair.own.of, pair.other.n, pair.other.of) == (4, 20, 12, 12)
    assert "Few cases: Hill has 20, so one more or less moves a share by 5.0 percentage points." in pair.remarks


def test_what_one_side_does_not_print_is_not_compared():
    assert compare(by_name("route"), own(*CASELOAD_FIGURES), published("kent", "2013-14"), comparisons()) is None


def test_the_rate_as_printed_beside_one_made_from_a_population():
    mine = own("eligible at year end,total,category 1,190", "population,aged 10 and over,total,95000")
    found = compare_rates(comparisons().rate, mine, published("lancashire", "2020-21"), comparisons())
    assert found is not None
    (pair,) = found.pairs
    assert (pair.own.rate, pair.own.n, pair.own.of) == (200.0, 190, 95000)
    assert (pair.other.rate, pair.other.n, pair.other.of) == (172.0, 2301, None)
    assert "2,301 at that rate is a population of about 1,340,000." in " ".join(found.remarks)
    assert compare_rates(comparisons().rate, mine, published("jersey", "2023"), comparisons()) is None


def test_a_report_of_which_nothing_is_known_says_so():
    theirs = report_of(own(*CASELOAD_FIGURES).figures, "Hill", "2023", comparisons())
    assert "How Hill 2023 counts is not known here: read its notes before you compare." in (
        compared("category", own(*CASELOAD_FIGURES), theirs).remarks
    )


def test_remarks_that_hold_for_all_are_told_apart():
    kent = published("kent", "2013-14")
    mine = own(*CASELOAD_FIGURES, "eligible at year end,level 1,total,70", "eligible at year end,level 2,total,30")
    both = [compared("category", mine, kent), compared("level", mine, kent)]
    shared = shared_remarks(both)
    assert any(each.startswith("Custody") for each in shared)
    assert all(set(shared) <= set(each.remarks) for each in both)
    assert shared_remarks(both[:1]) == ()


def _results(*rows: tuple[str, str, str | None, int]) -> pl.DataFrame:
    empty = dict.fromkeys(RESULTS)
    told = [
        {**empty, "measure": measure, "period": "2023", "by": by, "unit": unit, "owed": owed}
        for measure, by, unit, owed in rows
    ]
    return pl.DataFrame(told, schema=RESULTS)


def test_own_figures_have_the_shape_of_a_report_and_add_up():
    caseload = pl.DataFrame(
        [
            (date(2023, 12, 31), "1", "1", 5),
            (date(2023, 12, 31), "pdp", "2", 2),
            (date(2023, 12, 31), "1", "not recorded", 1),
            (date(2023, 9, 30), "1", "1", 99),
        ],
        schema=CASELOAD,
        orient="row",
    )
    referrals = pl.DataFrame(
        [("2023", "route", "screening", 4), ("2023", "route", "not recorded", 1), ("2023-Q4", "route", "level 2", 9)],
        schema=REFERRALS,
        orient="row",
    )
    results = _results(
        ("screening_outcomes", "unit", "1", 2),
        ("screening_outcomes", "unit", "not recorded", 1),
        ("disclosure", "all", None, 7),
        ("disclosure", "level", "2", 7),
    )
    population = pl.DataFrame({"area": ["hill", "dale"], "year": [2023, 2023], "aged_10_and_over": [50_000, 70_000]})
    figures = own_figures(
        "Hill", YEAR, YEAR.end, caseload, referrals, results, population, categories=["1", "2", "pdp"]
    )
    cells = {tuple(cell): value for *cell, value in figures.select("table", "row", "column", "value").iter_rows()}
    assert cells["eligible at year end", "total", "total"] == 8
    assert cells["eligible at year end", "not recorded", "category 1"] == 1
    assert cells["eligible at year end", "total", "category 2"] == 0
    assert cells["eligible at year end", "level 2", "pdp"] == 2
    assert cells["referrals by route", "referrals", "total"] == 5
    assert cells["outcome of meetings", "screening", "total"] == 3
    assert cells["outcome of meetings", "total", "total"] == 10
    assert cells["population", "aged 10 and over", "total"] == 50_000
    assert check_figures(figures).findings.is_empty()


def test_what_is_not_supplied_is_not_there():
    none = own_figures("Hill", YEAR, YEAR.end, None, None, _results(), None)
    assert none.is_empty()
    two = pl.DataFrame({"area": ["dale", "moor"], "year": [2023, 2023], "aged_10_and_over": [1, 2]})
    assert own_figures("Hill", YEAR, YEAR.end, None, None, _results(), two).is_empty()


def test_every_shipped_source_is_declared_with_every_fact():
    declared = comparisons()
    assert set(SHIPPED_FIGURES["source"].unique()) == set(declared.sources)
    for source in declared.sources.values():
        assert set(source.facts) == set(declared.facts)
        assert all(known.cite for known in source.facts.values())
    assert set(own_facts(JERSEY_STANDARD)) == set(declared.facts)
    for name, value in own_facts(JERSEY_STANDARD).items():
        assert value in declared.facts[name].values


def test_the_population_is_that_of_the_year_in_which_the_reporting_year_begins():
    year = Period(date(2013, 4, 1), date(2014, 3, 31), "2013-14", "year")
    last_quarter = Period(date(2014, 1, 1), date(2014, 3, 31), "2013-14-Q4", "quarter")
    population = pl.DataFrame({"area": ["hill", "hill"], "year": [2013, 2014], "aged_10_and_over": [50_000, 60_000]})
    for period in (year, last_quarter):
        figures = own_figures("Hill", period, period.end, None, None, _results(), population)
        assert figures["value"].to_list() == [50_000], period.name
    later = population.filter(pl.col("year") == 2014)
    assert own_figures("Hill", year, year.end, None, None, _results(), later)["value"].to_list() == [60_000]
