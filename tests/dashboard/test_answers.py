"""Each question's answer against the same worked out in plain loops over the results."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import polars as pl
import pytest

from dashboard import answers, words
from dashboard.answers import QUESTIONS, Asked
from kpis.results import RESULTS
from kpis.suppression import SUPPRESSED

DECLARED: dict[str, dict[str, Any]] = {
    "reviews": {"title": "Reviewed in time", "unit": None, "each": False, "counts": [], "window": "period"},
    "attendance": {"title": "Agencies took part", "unit": "agency", "each": True, "counts": [], "window": "period"},
}
START = {"2023-Q3": date(2023, 7, 1), "2023-Q4": date(2023, 10, 1)}
END = {"2023-Q3": date(2023, 9, 30), "2023-Q4": date(2023, 12, 31)}


def row(
    measure: str,
    quarter: str,
    met: int | None,
    owed: int | None,
    unknown: int = 0,
    unit: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    told = dict.fromkeys(RESULTS) | {
        "measure": measure,
        "period": quarter,
        "period_kind": "quarter",
        "period_start": START[quarter],
        "period_end": END[quarter],
        "by": "all" if unit is None else "unit",
        "unit": unit,
        "met": met,
        "owed": owed,
        "unknown": unknown,
        "target": 0.9,
        SUPPRESSED: [],
    }
    if met is not None and owed:
        rate, best = met / owed, (met + unknown) / owed
        told |= {"rate": rate, "worst": rate, "best": best, "low": rate - 0.05, "high": rate + 0.05}
        told["verdict"] = "met" if rate >= 0.9 else "not met" if best < 0.9 else "depends on missing records"
    elif owed == 0:
        told["verdict"] = "nothing due"
    return told | more


def small(measure: str, quarter: str, owed: int | None, unit: str | None = None) -> dict[str, Any]:
    return row(measure, quarter, None, owed, unit=unit, suppressed=["met", "rate", "verdict"])


def asked(*rows: dict[str, Any], before: str | None = "2023-Q3") -> Asked:
    frame = pl.DataFrame(list(rows), schema={**RESULTS, SUPPRESSED: pl.List(pl.String)})
    return Asked(frame, DECLARED, {}, "2023-Q4", before, date(2023, 12, 31))


def answer(name: str, *rows: dict[str, Any], **more: Any) -> answers.Answer:
    return QUESTIONS[name].answer(asked(*rows, **more))


def spoken(given: answers.Answer) -> str:
    return " ".join(given.said).replace(words.NBSP, " ")


@pytest.mark.parametrize("name", QUESTIONS)
def test_with_nothing_on_record_each_says_that_there_is_nothing_to_say(name: str) -> None:
    given = answer(name, before=None)
    assert given.figures.is_empty()
    assert spoken(given)
    assert given.how


def test_the_largest_change_and_the_changed_verdict_are_told() -> None:
    rows = [row("reviews", "2023-Q4", 30, 40), row("reviews", "2023-Q3", 38, 40)]
    rows += [row("attendance", "2023-Q4", 97, 100), row("attendance", "2023-Q3", 95, 100)]
    given = answer("changed", *rows)
    assert "The largest change: Reviewed in time, down 20.0 percentage points" in spoken(given)
    assert "75.0 % (30 of 40) after 95.0 % (38 of 40)" in spoken(given)
    assert "Another verdict: Reviewed in time, ✗ target not met, in 2023-Q3 ✓ target met." in spoken(given)
    assert given.figures["Measure"].to_list() == ["Reviewed in time", "Agencies took part"]
    assert given.links[0].query == {"measure": "reviews", "by": "all"}


def test_what_did_not_change_and_what_is_not_shown_is_said() -> None:
    given = answer("changed", row("reviews", "2023-Q4", 9, 10), row("reviews", "2023-Q3", 18, 20))
    assert "No figure has changed since 2023-Q3." in spoken(given)
    hidden = answer("changed", small("reviews", "2023-Q4", 40), row("reviews", "2023-Q3", 18, 20))
    assert "No figure can be set beside that of 2023-Q3" in spoken(hidden)
    assert "1 figure is left out: a count below 5 could be read from it." in spoken(hidden)
    assert hidden.figures.row(0)[1] == "c (c of 40)"


def test_the_agency_furthest_below_is_the_one_of_plain_loops() -> None:
    units = {"housing": (11, 16), "police": (50, 60), "prison": (20, 20), "probation": (14, 20)}
    rows = [row("attendance", "2023-Q4", met, owed, unit=unit) for unit, (met, owed) in units.items()]
    rows.append(small("attendance", "2023-Q4", 12, "customs"))
    given = answer("furthest", *rows)
    furthest = min(units, key=lambda unit: units[unit][0] / units[unit][1])
    assert f"Agencies took part: {furthest}, 68.8 % (11 of 16), target 90 %; 21.3 percentage points below." in spoken(
        given
    )
    gaps = sorted(units, key=lambda unit: units[unit][0] / units[unit][1])
    assert given.figures["Agency or member"].to_list() == gaps
    assert "customs" not in str(given.figures.to_dicts())
    assert "1 agency’s or member’s figure is left out" in spoken(given)
    assert given.links[0].query == {"measure": "attendance", "by": "unit", "unit": furthest}


def test_two_equally_far_are_both_named_and_none_below_is_said() -> None:
    rows = [row("attendance", "2023-Q4", 5, 10, unit=unit) for unit in ("police", "housing")]
    assert "housing and police, 50.0 % (5 of 10) each" in spoken(answer("furthest", *rows))
    fine = [row("attendance", "2023-Q4", 10, 10, unit=unit) for unit in ("police", "housing")]
    assert "Agencies took part: none is below its target." in spoken(answer("furthest", *fine))


def test_each_way_of_being_thin_is_named() -> None:
    rows = [
        row("reviews", "2023-Q4", 80, 100, 15),
        row("attendance", "2023-Q4", 95, 100),
        row("attendance", "2023-Q4", 6, 8, unit="housing", low=0.4, high=0.93),
        small("attendance", "2023-Q4", 30, "police"),
        row("attendance", "2023-Q4", 0, 0, unit="prison"),
    ]
    given = answer("too-thin", *rows)
    why = dict(given.figures.filter(~pl.col("Why").str.starts_with("too few quarters")).select("Of", "Why").iter_rows())
    assert {name: text.partition(":")[0] for name, text in why.items()} == {
        "All together": "verdict hangs on missing records",
        "housing": "few cases",
        "police": "not shown",
        "prison": "nothing due",
    }
    assert "15 of 100 records" in why["All together"]
    whose = row("attendance", "2023-Q4", 95, 100, verdict="depends on missing records")
    assert "of some it is not recorded whose they are" in answer("too-thin", whose).figures["Why"].to_list()[0]
    assert "In 2023-Q4, 4 of 5 figures say little or nothing." in spoken(given)


@pytest.mark.parametrize(("met", "unknown"), [(80, 15), (89, 1), (0, 100), (85, 5)])
def test_what_would_settle_a_verdict_is_counted(met: int, unknown: int) -> None:
    given = answer("settle", row("reviews", "2023-Q4", met, 100, unknown))
    enough = next(more for more in range(unknown + 1) if (met + more) / 100 >= 0.9)
    assert given.figures["Met if"].to_list() == [f"at least {enough} of the {unknown} turn out done"]
    assert enough == math.ceil(90 - met)
    assert spoken(given) == "1 of the 1 verdicts shown for 2023-Q4 hangs on missing records."


def test_verdicts_are_counted_and_the_hidden_ones_with_them() -> None:
    given = answer("standing", row("reviews", "2023-Q4", 30, 40), small("attendance", "2023-Q4", 12))
    assert "a target is set for 2 of 2 measures" in spoken(given)
    assert "✗ target not met: 1 of 2." in spoken(given)
    assert "Not shown: 1 of 2" in spoken(given)


def test_no_answer_holds_a_count_that_is_hidden() -> None:
    rows = [
        small("reviews", "2023-Q4", None),
        small("reviews", "2023-Q3", None),
        small("attendance", "2023-Q4", None, "police"),
    ]
    for name in QUESTIONS:
        given = answer(name, *rows)
        assert "None" not in spoken(given) + str(given.figures.to_dicts()), name
