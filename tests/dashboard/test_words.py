"""Figures in words: nothing rounded into a lie, every rate with its two numbers, every verdict with a sign of its own."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard import words

NBSP = "\N{NO-BREAK SPACE}"


def row(
    met: int, owed: int, unknown: int = 0, verdict: str = "not met", target: float | None = 0.85, **more: Any
) -> dict[str, Any]:
    def share(done: int) -> float | None:
        return done / owed if owed else None

    return {
        "met": met, "owed": owed, "unknown": unknown, "rate": share(met), "worst": share(met), "best": share(met + unknown),
        "low": share(met), "high": share(met), "target": target, "verdict": verdict, "period": "2023-Q4", **more,
    }  # fmt: skip


def said(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (17 / 28, "60.7 %"),
        (1.0, "100.0 %"),
        (0.0, "0.0 %"),
        (None, "–"),
        (9996 / 10000, "over 99.9 %"),
        (1 / 10000, "under 0.1 %"),
        (0.9994, "99.9 %"),
    ],
)
def test_a_percentage_has_one_decimal_and_is_all_or_nothing_only_if_it_is(rate: float | None, text: str) -> None:
    assert said(words.percent(rate)) == text


def test_a_percentage_does_not_break_before_its_sign() -> None:
    assert words.percent(0.5) == f"50.0{NBSP}%"


@pytest.mark.parametrize(
    ("target", "text"), [(0.85, "85 %"), (0.925, "92.5 %"), (1.0, "100 %"), (0.07, "7 %"), (0.3333, "33.33 %")]
)
def test_a_target_has_no_needless_decimals(target: float, text: str) -> None:
    assert said(words.target_percent(target)) == text


def test_nothing_due_is_said_so_and_never_a_rate() -> None:
    assert words.of(0, 0) == "nothing due"
    assert words.rate_of(row(0, 0)) == "nothing due"
    assert words.assurance(row(0, 0)) == ""
    assert words.interval(row(0, 0)) == ""


def test_every_verdict_of_the_contract_has_a_sign_and_words_and_those_that_differ_look_different() -> None:
    verdicts = [
        "met",
        "not met",
        "depends on missing records",
        "nothing due",
        "not supplied",
        "no target",
        "not in this standard",
    ]
    texts = [words.verdict(each) for each in verdicts]
    assert len(set(texts)) == len(verdicts)
    judged = [words.SIGNS[each] for each in ("met", "not met", "depends on missing records", "no target")]
    assert len(set(judged)) == len(judged)


def test_a_target_that_the_area_has_adopted_is_said_so() -> None:
    assert said(words.target(0.9)) == "Target: 90 %."
    assert said(words.target(0.9, each="agency")) == "Target: 90 % for each agency."
    assert said(words.target(0.95, adopted=True)) == "Target: 95 %, adopted by the area; the guidance sets none."
    assert words.target(None) == "No target is set."


def test_a_target_missed_by_less_than_rounding_shows_is_said_so() -> None:
    almost = row(8496, 10000)
    assert said(words.percent(almost["rate"])) == "85.0 %"
    assert words.just_below(almost["rate"], almost["target"], almost["verdict"]) != ""
    assert words.just_below(0.60, 0.85, "not met") == ""
    assert words.just_below(0.85, 0.85, "met") == ""


@pytest.mark.parametrize(
    ("now", "then", "text"),
    [
        (0.58, 0.61, "down 3.0 percentage points"),
        (0.61, 0.60, "up 1.0 percentage point"),
        (0.5, 0.5, "unchanged"),
        (0.50004, 0.5, "unchanged"),
    ],
)
def test_a_difference_of_rates_is_in_percentage_points(now: float, then: float, text: str) -> None:
    assert words.points(now, then) == text


def test_the_change_names_the_figure_and_the_period_before() -> None:
    assert (
        said(words.change(row(17, 28), row(15, 24), "2023-Q3"))
        == "Down 1.8 percentage points from 62.5 % (15 of 24) in 2023-Q3."
    )
    assert said(words.change(row(1, 2), row(2, 4), "2023-Q3")) == "Unchanged at 50.0 % (2 of 4) in 2023-Q3."


def test_no_change_is_told_where_there_is_nothing_to_compare() -> None:
    assert "no earlier period" in words.change(row(1, 2), None, "")
    assert words.change(row(1, 2), row(0, 0), "2023-Q3") == "Nothing was due in 2023-Q3."
    assert said(words.change(row(0, 0), row(1, 2), "2023-Q3")) == "In 2023-Q3 it was 50.0 % (1 of 2)."
    assert words.change(row(0, 0), row(0, 0), "2023-Q3") == "Nothing was due in 2023-Q3 either."
    unknown = {**row(0, 0), "owed": None}
    assert words.change(row(1, 2), unknown, "2023-Q3") == "There is no figure for 2023-Q3."


def test_missing_records_leave_the_figure_open_and_the_verdict_may_hang_on_them() -> None:
    hangs = row(26, 28, 2, "depends on missing records", 1.0)
    assert said(words.assurance(hangs)) == (
        "2 of 28 records are missing or incomplete: the figure lies between 92.9 % and 100.0 %, and the verdict depends on them."
    )
    alone = row(27, 28, 1, "depends on missing records", 1.0)
    assert "1 of 28 records is missing" in words.assurance(alone)
    assert words.assurance(alone).endswith("depends on it.")
    assert words.assurance(row(10, 28, 2)).endswith("The verdict is the same either way.")
    assert "verdict" not in words.assurance(row(10, 28, 2, "no target", None))
    assert words.assurance(row(1, 1), "case") == "Rests on 1 case; no record it needs is missing."
    nameless = words.assurance(row(19, 20, 0, "depends on missing records", 0.9))
    assert nameless == "Rests on 20 records; of some it is not recorded whose they are, and the verdict depends on it."


def test_an_interval_from_few_is_said_to_say_little() -> None:
    wide = {**row(17, 28), "low": 0.42409, "high": 0.764343}
    assert said(words.interval(wide)).startswith("17 of 28 would fit a usual rate anywhere from 42.4 % to 76.4 %")
    assert "small" in words.interval(wide)
    assert "small" not in words.interval({**wide, "low": 0.55, "high": 0.65})


def test_how_often_the_target_was_met_counts_the_last_eight_quarters() -> None:
    missed = [row(1, 2) for _ in range(9)]
    assert said(words.quarters_met(missed)) == "The target of 85 % was met in 0 of the last 8 quarters."
    mixed = [row(2, 2, verdict="met"), row(0, 0, verdict="nothing due"), row(1, 2, 1, "depends on missing records")]
    assert said(words.quarters_met(mixed)) == (
        "The target of 85 % was met in 1 of the last 3 quarters (in 1 of them nothing was due; in 1 it depends on missing records)."
    )
    assert words.quarters_met([row(1, 2, verdict="no target", target=None)]) == ""


def test_a_trend_in_words_sets_the_last_figure_beside_the_one_before() -> None:
    quarters = [row(61, 100, period="2023-Q3"), row(58, 100)]
    assert said(words.trend(quarters)) == (
        "58.0 % (58 of 100) in 2023-Q4; 61.0 % (61 of 100) in 2023-Q3: down 3.0 percentage points. "
        "The target of 85 % was met in 0 of the last 2 quarters."
    )


def test_a_trend_that_ends_in_nothing_due_says_when_there_last_was_something() -> None:
    quarters = [row(1, 1, verdict="met", period="2022-Q1"), row(0, 0, verdict="nothing due")]
    assert said(words.trend(quarters)).startswith(
        "100.0 % (1 of 1) in 2022-Q1, the last quarter in which anything was due; nothing was in 2023-Q4."
    )
    assert words.trend([row(0, 0)]) == "Nothing was due in any of these quarters."


def test_a_target_that_changed_is_said_with_its_quarters() -> None:
    quarters = [row(1, 2, period=f"2023-Q{n}", target=0.85 if n < 3 else 0.9) for n in (1, 2, 3)]
    assert said(words.quarters_met(quarters)) == (
        "The target of 85 % until 2023-Q2 and 90 % from 2023-Q3 was met in 0 of the last 3 quarters."
    )
    none = row(1, 2, period="2022-Q4", verdict="no target", target=None)
    assert said(words.quarters_met([none, *quarters[:2]])) == (
        "The target of 85 % was met in 0 of the last 3 quarters (in 1 of them no target was set)."
    )


def test_units_that_reach_a_target_for_each_are_counted() -> None:
    assert words.units_met({"met": 3, "not met": 4, "depends on missing records": 1}, "agency") == (
        "3 of 8 agencies reach it; for 1 it depends on missing records."
    )
    assert words.units_met({"met": 1}, "member") == "1 of 1 member reaches it."
    assert words.units_met({}, "member") == ""


def test_counts_are_set_against_earlier_ones() -> None:
    assert words.count_change(13, 15, "in 2023-Q3") == "2 fewer than in 2023-Q3"
    assert words.count_change(16, 15, "in 2023-Q3") == "1 more than in 2023-Q3"
    assert words.count_change(15, 15, "in 2023-Q3") == "as many as in 2023-Q3"
    assert words.count_change(15, None, "") == ""


@pytest.mark.parametrize("verdict", ["nothing due", "not supplied", "not in this standard"])
def test_a_card_without_a_figure_says_why(verdict: str) -> None:
    assert words.why_none(verdict, "2023-Q4") != ""
