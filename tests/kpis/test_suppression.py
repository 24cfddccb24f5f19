"""Small counts hidden: nothing below five is shown, and nothing that is hidden can be worked out from what is."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product
from math import ceil
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.hidden_cells import Tables
from kpis.results import NO_AGENCY, RESULTS
from kpis.suppression import SUPPRESSED, TOTAL, suppressed_counts, suppressed_results

TARGET = 0.85
Triple = tuple[int, int, int]
"""Met, missed, unknown."""

QUARTERS = {
    f"2023-Q{number}": (date(2023, 3 * number - 2, 1), date(2023, 3 * number, 28), "quarter") for number in (1, 2, 3, 4)
}
PERIODS = QUARTERS | {"2023": (date(2023, 1, 1), date(2023, 12, 31), "year")}


def verdict(met: int, owed: int, unknown: int) -> str:
    if owed == 0:
        return "nothing due"
    target = Fraction(str(TARGET))
    if met >= target * owed:
        return "met"
    return "not met" if met + unknown < target * owed else "depends on missing records"


def result(
    counts: Triple, by: str = "all", unit: str | None = None, period: str = "2023-Q4", measure: str = "m"
) -> dict:
    met, _, unknown = counts
    owed = sum(counts)
    start, end, kind = PERIODS[period]
    shares = dict.fromkeys(("rate", "worst", "low", "high"), met / owed if owed else None)
    return {
        "measure": measure,
        "period": period,
        "period_kind": kind,
        "period_start": start,
        "period_end": end,
        "by": by,
        "unit": unit,
        "met": met,
        "owed": owed,
        "unknown": unknown,
        **shares,
        "best": (met + unknown) / owed if owed else None,
        "target": TARGET,
        "verdict": verdict(met, owed, unknown),
    }


def summed(rows: list[Triple]) -> Triple:
    met, missed, unknown = (sum(row[place] for row in rows) for place in range(3))
    return met, missed, unknown


def told(units: list[Triple]) -> dict[tuple[str, str | None], Triple]:
    """A headline and its units."""
    return {("all", None): summed(units)} | {("unit", f"agency {at}"): each for at, each in enumerate(units)}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=RESULTS)


def could_be(shown: dict[str, Any], true: Triple) -> list[Triple]:
    """The counts within one of the true ones that a row as it is shown leaves open."""
    out = []
    for change in product((-1, 0, 1), repeat=3):
        met, missed, unknown = (count + more for count, more in zip(true, change, strict=True))
        owed = met + missed + unknown
        seen = {"met": met, "owed": owed, "unknown": unknown}
        hidden = set(shown[SUPPRESSED])
        fits = all(
            count >= 1 if name in hidden and counted else shown[name] in {None, count}
            for (name, count), counted in zip(seen.items(), (true[0], sum(true), true[2]), strict=True)
        )
        fits = fits and min(met, missed, unknown) >= 0
        # Nought is shown: a count that is nought is known to be, one that is not is known not to be.
        fits = fits and all((count > 0) == (was > 0) for count, was in zip((met, missed, unknown), true, strict=True))
        if shown["verdict"] is not None and owed:
            fits = fits and verdict(met, owed, unknown) == shown["verdict"]
        if fits:
            out.append((met, missed, unknown))
    return out


def assert_not_recoverable(out: pl.DataFrame, true: dict[tuple[str, str | None], Triple]) -> None:
    """Every hidden count could be another, whatever else is shown of one headline and its breakdowns."""
    rows = {(row["by"], row["unit"]): row for row in out.to_dicts()}
    options = {key: could_be(rows[key], counts) for key, counts in true.items()}
    breakdowns: dict[str, list[tuple[str, str | None]]] = {}
    for key in true:
        if key[0] != "all":
            breakdowns.setdefault(key[0], []).append(key)
    headlines = set(options["all", None])
    reached: dict[str, set[Triple]] = {}
    for by, keys in breakdowns.items():
        sums: set[Triple] = {(0, 0, 0)}
        for key in keys:
            sums = {summed([one, other]) for one in sums for other in options[key]}
        reached[by] = sums
        headlines &= sums
    for key, counts in true.items():
        if key[0] == "all":
            found = headlines
        else:  # those that can stand beside some choice for the other rows of their breakdown
            found = set()
            for one in options[key]:
                sums = {one}
                for other in breakdowns[key[0]]:
                    if other != key:
                        sums = {summed([some, more]) for some in sums for more in options[other]}
                if sums & headlines:
                    found.add(one)
        assert counts in found
        for name, of in (("met", lambda it: it[0]), ("unknown", lambda it: it[2]), ("owed", sum)):
            if name in rows[key][SUPPRESSED] and of(counts):
                assert len({of(one) for one in found}) > 1, (key, name, counts, rows)
        # What is not met is a count too, though no column shows it.
        if 0 < counts[1] < 5:
            assert len({one[1] for one in found}) > 1, (key, "missed", counts, rows)


counts = st.one_of(st.integers(0, 6), st.sampled_from([0, 0, 9, 40]))
triples = st.tuples(counts, counts, st.one_of(st.just(0), counts))
quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.lists(triples, min_size=1, max_size=4))
def test_no_hidden_count_of_a_breakdown_follows_from_what_is_shown(units: list[Triple]) -> None:
    true = told(units)
    out = suppressed_results(frame(*(result(each, *key) for key, each in true.items())), each=())
    assert_not_recoverable(out, true)


@quick
@given(st.data())
def test_nor_from_two_breakdowns_of_the_same_headline(data: st.DataObject) -> None:
    units = data.draw(st.lists(triples, min_size=1, max_size=3))
    whole = summed(units)
    cuts = [data.draw(st.integers(0, count)) for count in whole]
    other: Triple = (whole[0] - cuts[0], whole[1] - cuts[1], whole[2] - cuts[2])
    true = told(units) | {("level", "1"): (cuts[0], cuts[1], cuts[2]), ("level", "2"): other}
    out = suppressed_results(frame(*(result(each, *key) for key, each in true.items())), each=())
    assert_not_recoverable(out, true)


@quick
@given(st.lists(triples, min_size=0, max_size=5))
def test_no_small_count_is_shown_and_no_share_that_tells_one(units: list[Triple]) -> None:
    true = told(units)
    out = suppressed_results(frame(*(result(each, *key) for key, each in true.items())), each=())
    assert out.height == len(true)
    for row, (met, missed, unknown) in zip(out.to_dicts(), true.values(), strict=True):
        assert not {row["met"], row["owed"], row["unknown"]} & {1, 2, 3, 4}
        if any(0 < each < 5 for each in (met, missed, met + missed + unknown)):
            assert row["rate"] is None or row["met"] == 0 or missed == 0 or row["unknown"] is None
        if row["met"] is None or row["owed"] is None:
            assert {row[name] for name in ("rate", "worst", "best", "low", "high")} == {None}
        if row["unknown"] is None:
            assert row["best"] is None
        for name in ("met", "owed", "unknown", "verdict"):
            assert (name in row[SUPPRESSED]) == (row[name] is None)


@quick
@given(st.lists(st.lists(triples, min_size=2, max_size=2), min_size=4, max_size=4))
def test_no_count_of_a_quarter_follows_from_the_year_and_the_other_quarters(quarters: list[list[Triple]]) -> None:
    year = [summed(list(each)) for each in zip(*quarters, strict=True)]
    true = {
        (name, *key): each
        for name, units in [*zip(QUARTERS, quarters, strict=True), ("2023", year)]
        for key, each in told(units).items()
    }
    rows = [result(each, by, unit, name) for (name, by, unit), each in true.items()]
    out = {(row["period"], row["by"], row["unit"]): row for row in suppressed_results(frame(*rows), each=()).to_dicts()}
    for by, unit in {key[1:] for key in true}:
        for count in ("met", "owed", "unknown"):
            hidden = [
                name
                for name in QUARTERS
                if count in out[name, by, unit][SUPPRESSED] and result(true[name, by, unit])[count]
            ]
            assert bool(hidden) == (
                out["2023", by, unit][count] is None and bool(result(true["2023", by, unit])[count])
            )


def test_a_plain_case_reads_as_expected() -> None:
    """Two units, one small: the small one goes, and another with it, so that the headline does not give it away."""
    units = {"police": (40, 10, 0), "housing": (2, 6, 0), "health": (30, 12, 0)}
    rows = frame(result(summed(list(units.values()))), *(result(each, "unit", name) for name, each in units.items()))
    out = {row["unit"]: row for row in suppressed_results(rows, each=()).to_dicts()}
    assert (out[None]["met"], out[None]["owed"]) == (72, 100)
    assert out["housing"]["met"] is None
    assert out["housing"]["rate"] is None
    assert out["housing"]["owed"] == 8
    assert out["health"]["met"] is None  # 72 less 40 and 30 would have told
    assert (out["police"]["met"], out["police"]["rate"], out["police"]["verdict"]) == (40, 0.8, "not met")


def test_few_owed_hides_the_whole_row_and_its_verdict() -> None:
    (row,) = suppressed_results(frame(result((3, 0, 0))), each=()).to_dicts()
    assert {row[name] for name in ("met", "owed", "rate", "verdict")} == {None}
    assert row["target"] == TARGET
    assert set(row[SUPPRESSED]) >= {"met", "owed", "rate", "verdict"}


def test_a_verdict_that_tells_the_count_is_hidden() -> None:
    """Of 12, met at 85 %: 11 or 12 were met, and 12 would have been shown."""
    (row,) = suppressed_results(frame(result((11, 1, 0))), each=()).to_dicts()
    assert (row["owed"], row["met"], row["verdict"]) == (12, None, None)
    (row,) = suppressed_results(frame(result((97, 3, 0))), each=()).to_dicts()
    assert (row["owed"], row["met"], row["verdict"]) == (100, None, "met")
    assert ceil(Fraction("0.85") * 100) == 85


def test_a_verdict_on_each_unit_tells_no_more_than_the_units_do() -> None:
    units = {"a": (2, 0, 0), "b": (60, 1, 0), "c": (50, 0, 0)}
    headline = result(summed(list(units.values()))) | {"verdict": "met"}
    rows = frame(headline, *(result(each, "unit", name) for name, each in units.items()))
    out = suppressed_results(rows, each=("m",)).to_dicts()
    assert out[0]["verdict"] is None  # “met” would say that the one hidden unit met it


@pytest.mark.parametrize(
    ("nameless", "hidden"),
    [((0, 2, 0), True), ((40, 0, 0), False)],
)
def test_where_rows_name_nobody_the_verdict_on_each_unit_tells_of_counts_and_not_of_verdicts_alone(
    nameless: Triple, hidden: bool
) -> None:
    """“Not met” says that not so many of these rows can be met as would lift the unit that misses the target."""
    units = {"a": (40, 10, 0), "b": (60, 10, 0), NO_AGENCY: nameless}
    rows = [result(each, "unit", name) for name, each in units.items()]
    headline = result(summed(list(units.values()))) | {"verdict": "not met"}
    (told, *_) = suppressed_results(frame(headline, *rows), each=("m",)).to_dicts()
    assert (told["verdict"] is None) == hidden


def test_what_has_no_small_count_is_left_as_it_is() -> None:
    rows = frame(result((40, 10, 0)), result((0, 0, 0), period="2023-Q3"), result((0, 7, 0), period="2023-Q2"))
    out = suppressed_results(rows, each=())
    assert out.drop(SUPPRESSED).equals(rows)
    assert out[SUPPRESSED].list.len().to_list() == [0, 0, 0]


def test_not_recorded_is_hidden_with_what_the_headline_tells_of_it() -> None:
    """Units that are counts only: screening's “not recorded” is what the headline calls unknown."""
    units = {"1": 20, "2": 30, "3": 2, "exit": 9, "not recorded": 6}
    rows = [result((61, 0, 6))]
    for name, count in units.items():
        blank = dict.fromkeys(("met", "unknown", "rate", "worst", "best", "low", "high", "target", "verdict"))
        rows.append(result((0, 0, 0), "unit", name) | {"owed": count} | blank)
    out = {row["unit"]: row for row in suppressed_results(frame(*rows), each=()).to_dicts()}
    assert out["3"]["owed"] is None
    assert out["not recorded"]["owed"] is None  # the smallest beside it
    assert (out[None]["owed"], out[None]["unknown"], out[None]["met"]) == (67, None, None)
    assert (out["1"]["owed"], out["2"]["owed"], out["exit"]["owed"]) == (20, 30, 9)


def test_what_counts_nobody_under_management_is_shown() -> None:
    units = {"police": (3, 1, 0), "housing": (4, 0, 0)}
    rows = frame(result(summed(list(units.values()))), *(result(each, "unit", name) for name, each in units.items()))
    out = suppressed_results(rows, each=("m",), of_no_case=("m",))
    assert out.drop(SUPPRESSED).equals(rows)
    assert suppressed_results(rows, each=("m",))["met"].null_count() == 3


def test_the_kinds_of_what_a_case_owes_are_kept_with_their_own_sum() -> None:
    """Plans: three are owed per case; what all three together have is shown beside the rate by case, and each apart."""
    kinds = {"plan": (59, 4, 0), "victim plan": (52, 11, 0), "contingency plan": (50, 13, 0)}
    rows = frame(
        result((45, 18, 0)),
        result(summed(list(kinds.values())), "unit", "by part"),
        *(result(each, "unit", name) for name, each in kinds.items()),
    )
    out = {row["unit"]: row for row in suppressed_results(rows, each=()).to_dicts()}
    assert out["plan"]["met"] is None
    assert out["victim plan"]["met"] is None  # 161 less 59 and 50 would have told
    assert (out["contingency plan"]["met"], out["by part"]["met"], out[None]["met"]) == (50, 161, 45)


def test_the_caseload_by_category_does_not_tell_a_cell_of_category_and_level() -> None:
    cells = {"category 1, level 1": 60, "category 1, level 2": 3, "category 2, level 1": 9, "category 2, level 2": 7}
    rows = [result((10, 69, 0), measure="caseload")]
    for name, count in cells.items():
        blank = dict.fromkeys(("met", "unknown", "rate", "worst", "best", "low", "high", "target", "verdict"))
        rows.append(result((0, 0, 0), "unit", name, measure="caseload") | {"owed": count} | blank)
    rows += [
        result(each, "category", name, measure="caseload") for name, each in {"1": (3, 60, 0), "2": (7, 9, 0)}.items()
    ]
    out = {(row["by"], row["unit"]): row for row in suppressed_results(frame(*rows), each=()).to_dicts()}
    assert out["category", "1"]["owed"] is None  # 63 less 60 would have told
    assert (out["all", None]["met"], out["all", None]["owed"]) == (None, 79)


@quick
@given(st.lists(st.lists(counts, min_size=3, max_size=3), min_size=1, max_size=3))
def test_no_hidden_count_of_a_two_way_table_follows_from_its_totals(cells: list[list[int]]) -> None:
    rows = [
        {"on": "Q4", "category": str(at), "level": str(across), "cases": count}
        for at, row in enumerate(cells)
        for across, count in enumerate(row)
    ]
    out = suppressed_counts(pl.DataFrame(rows), "cases", within=["on"], by=["category", "level"])
    shown = {(row["category"], row["level"]): row for row in out.to_dicts()}
    assert not set(out["cases"].to_list()) & {1, 2, 3, 4}
    size, wide = len(cells), len(cells[0])
    hidden = [(at, across) for at in range(size) for across in range(wide) if shown[str(at), str(across)][SUPPRESSED]]
    alternatives: dict[Any, set[int]] = {}
    for change in product((-1, 0, 1), repeat=len(hidden)):
        table = [list(row) for row in cells]
        for (at, across), more in zip(hidden, change, strict=True):
            table[at][across] += more
        if min((table[at][across] for at, across in hidden), default=1) < 1:
            continue
        sums = {(str(at), TOTAL): sum(row) for at, row in enumerate(table)}
        sums |= {(TOTAL, str(across)): sum(row[across] for row in table) for across in range(wide)}
        sums[TOTAL, TOTAL] = sum(map(sum, table))
        if all(shown[key][SUPPRESSED] or shown[key]["cases"] == count for key, count in sums.items()):
            every = sums | {(str(at), str(across)): table[at][across] for at in range(size) for across in range(wide)}
            for key, count in every.items():
                alternatives.setdefault(key, set()).add(count)
    for key, row in shown.items():
        if row[SUPPRESSED]:
            assert len(alternatives[key]) > 1, (key, cells)


def test_breakdowns_of_one_thing_keep_their_common_total_together() -> None:
    rows = [("Q4", "route", "screening", 12), ("Q4", "route", "level 2", 3), ("Q4", "route", "level 1", 8)]
    rows += [("Q4", "concern", "sexual", 20), ("Q4", "concern", "other", 3)]
    table = pl.DataFrame(rows, schema=["period", "by", "name", "referrals"], orient="row")
    out = suppressed_counts(table, "referrals", within=["period", "by"], by=["name"])
    shown = {(row["by"], row["name"]): row["referrals"] for row in out.to_dicts()}
    assert shown["route", "level 2"] is None
    assert shown["route", "level 1"] is None
    assert shown["route", "screening"] == 12
    assert shown["route", TOTAL] == 23
    assert shown["concern", "other"] is None
    assert shown["concern", "sexual"] is None
    assert shown["concern", TOTAL] == 23


def test_nothing_at_all_is_no_table() -> None:
    empty = pl.DataFrame(schema={"on": pl.String, "category": pl.String, "level": pl.String, "cases": pl.Int64})
    assert suppressed_counts(empty, "cases", within=["on"], by=["category", "level"]).is_empty()
    assert suppressed_results(frame(), each=()).is_empty()


@pytest.mark.parametrize("rows", [[(1, 1, 1)] * 5, [(1, 0, 0)], [(4, 4, 0), (4, 4, 0)], [(1, 1, 1), (0, 0, 5)]])
def test_awkward_tables_end_with_nothing_to_work_out(rows: list[Triple]) -> None:
    tables = Tables(summed(rows), [rows])
    tables.hide_small()
    tables.protect()
    assert tables.unsafe() == []
