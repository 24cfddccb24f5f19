"""A trend's line: its signals against plain loops, what takes no part, and each in words."""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from dashboard import signals
from kpis.results import RESULTS
from kpis.suppression import SUPPRESSED

QUARTERS = [
    (f"{year}-Q{q + 1}", date(year, 3 * q + 1, 1), date(year, 3 * q + 3, 28))
    for year in range(2018, 2024)
    for q in range(4)
]
AS_AT = date(2023, 12, 31)
HIDDEN = "hidden"
Value = float | str | None


def calendar(count: int) -> pl.DataFrame:
    return pl.DataFrame(QUARTERS[:count], schema=["period", "period_start", "period_end"], orient="row")


def results(values: list[Value]) -> pl.DataFrame:
    """Rates of 100 owed each; None: no row, `hidden`: not shown."""
    rows = []
    for (name, start, end), value in zip(QUARTERS, values, strict=False):
        if value is None:
            continue
        out = value == HIDDEN
        row = dict.fromkeys(RESULTS) | {
            "measure": "m",
            "period": name,
            "period_start": start,
            "period_end": end,
            "by": "all",
        }
        row |= {"owed": 100, "unknown": 0, "verdict": "no target", SUPPRESSED: ["met", "rate"] if out else []}
        rows.append(row | ({} if out else {"met": round(float(value) * 100), "rate": float(value)}))
    return pl.DataFrame(rows, schema={**RESULTS, SUPPRESSED: pl.List(pl.String)})


def line(values: list[Value], as_at: date = AS_AT, **more: object) -> pl.DataFrame:
    return signals.line_of(results(values), calendar(len(values)), as_at, **more)  # ty: ignore


def told(values: list[Value]) -> list[tuple[str, str, str, str]]:
    return [(each.kind, each.first, each.last, each.way) for each in signals.signals(line(values))]


def by_hand(values: list[float]) -> set[tuple[str, str, str, str]]:
    """The same in plain loops, straight from the definition."""
    if len(values) < 8:
        return set()
    centre = sum(values) / len(values)
    reach = 2.66 * sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)
    found = set()
    for place, value in enumerate(values):
        if value > min(1, centre + reach) + 1e-12 or value < max(0, centre - reach) - 1e-12:
            found.add(("outside", place, place, "above" if value > centre else "below"))
    for kind, least, same in (("one_side", 8, _side(centre)), ("steady", 6, None)):
        start = 0
        while start < len(values):
            end = start
            if same is not None:
                while end + 1 < len(values) and same(values[end + 1]) == same(values[start]) != "":
                    end += 1
                way = same(values[start])
            else:
                way = _step(values, start)
                while end + 1 < len(values) and _step(values, end) == way != "":
                    end += 1
            if way and end - start + 1 >= least:
                found.add((kind, start, end, way))
            start = end if same is None and end > start else end + 1
    return {(kind, QUARTERS[first][0], QUARTERS[last][0], way) for kind, first, last, way in found}


def _side(centre: float):
    return lambda value: "" if abs(value - centre) <= 1e-12 else "above" if value > centre else "below"


def _step(values: list[float], place: int) -> str:
    if place + 1 >= len(values) or abs(values[place + 1] - values[place]) <= 1e-12:
        return ""
    return "rising" if values[place + 1] > values[place] else "falling"


@pytest.mark.parametrize("seed", range(60))
def test_the_signals_are_those_of_plain_loops(seed: int) -> None:
    chance = random.Random(seed)
    values, at = [], 0.5
    for _ in range(chance.randint(6, 24)):
        at = min(1.0, max(0.0, at + chance.choice((-0.1, -0.02, 0, 0.02, 0.02, 0.1)) * chance.choice((1, 1, 3))))
        values.append(round(at, 2))
    assert set(told([*values])) == by_hand(values)


def test_a_run_that_lasts_is_told_as_lasting() -> None:
    values: list[Value] = [0.9, 0.8] * 5 + [0.5, 0.45] * 4
    found = [each for each in signals.signals(line(values)) if each.kind == "one_side" and each.now]
    said = signals.in_words(found[0], "attendance by housing")
    assert said.startswith(
        "Attendance by housing has been below its average for eight quarters (2020-Q3 to 2022-Q2; average "
    )
    earlier = next(each for each in signals.signals(line(values)) if each.kind == "one_side" and not each.now)
    assert "was above its average for ten quarters" in signals.in_words(earlier, "attendance by housing")


def test_a_point_outside_and_a_rise_are_told() -> None:
    usual: list[Value] = [0.80, 0.82, 0.81, 0.79, 0.80, 0.82, 0.81, 0.79, 0.80, 0.82, 0.81]
    outside = next(each for each in signals.signals(line([*usual, 0.40])) if each.kind == "outside")
    assert "was 40.0" in signals.in_words(outside, "x")
    assert "below the limits of its usual variation" in signals.in_words(outside, "x")
    rising: list[Value] = [0.5, 0.6, 0.5, 0.6, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65]
    rise = next(each for each in signals.signals(line(rising)) if each.kind == "steady")
    assert "X has been rising quarter after quarter for six quarters (2019-Q1 to 2020-Q2, to 65.0" in signals.in_words(
        rise, "x"
    )


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (7, "No limits are drawn, as there are only seven quarters with a figure and eight are needed."),
        (8, "trial limits"),
        (11, "on trial until there are twelve."),
        (12, "limits"),
    ],
)
def test_what_is_drawn_is_said(count: int, said: str) -> None:
    (text,) = signals.basis(line([0.5 + 0.2 * (place % 2) for place in range(count)]))
    assert said in text
    assert ("trial" in text) == (8 <= count <= 11)


def test_a_quarter_that_is_not_over_takes_no_part() -> None:
    values: list[Value] = [0.5, 0.6] * 6
    whole = line(values)
    running = line([*values, 0.0], date(2021, 2, 1))
    assert running["running"].to_list() == [False] * 12 + [True]
    assert running["shown"][12] == 0.0
    assert running["centre"][0] == pytest.approx(whole["centre"][0])
    assert signals.signals(running) == []


def test_a_quarter_of_which_nothing_is_known_is_not_nought() -> None:
    rows = results([0.5, 0.6, 0.0, *[0.5, 0.6] * 5])
    silent = rows.with_columns(unknown=pl.when(pl.col("rate") == 0).then(100).otherwise("unknown"))
    shown = signals.line_of(silent, calendar(13), AS_AT)
    assert shown["shown"][2] is None
    assert shown["centre"][0] == pytest.approx(0.55, abs=0.01)


def test_hidden_quarters_move_no_limit_and_too_many_end_them() -> None:
    few: list[Value] = [0.5, 0.6] * 6 + [HIDDEN] * 2
    some = line(few)
    assert some["centre"][0] == pytest.approx(0.55)
    assert "Two quarters are left out, as small counts are not shown" in signals.basis(some)[0]
    many: list[Value] = [0.5, 0.6, HIDDEN] * 6
    assert line(many)["centre"].is_null().all()
    assert "6 of 18 quarters are not shown" in signals.basis(line(many))[0]
    assert signals.signals(line([0.9] * 4 + [HIDDEN] * 5 + [0.1] * 9)) == []


def test_a_run_over_quarters_that_are_not_shown_says_so() -> None:
    values: list[Value] = [0.9, 0.8] * 4 + [0.5, HIDDEN, 0.45, 0.5, 0.45, 0.5, 0.45, 0.5, 0.45]
    found = next(each for each in signals.signals(line(values)) if each.kind == "one_side" and each.now)
    assert found.hidden == 1
    assert "one between is not shown" in signals.in_words(found, "x")


def test_restarts_are_told_with_their_reason_and_part_the_line() -> None:
    begun = pl.DataFrame({"on": [date(2021, 1, 1)], "reason": ["a new team"]})
    values: list[Value] = [0.5, 0.6] * 6 + [0.9, 0.8] * 4
    parted = signals.line_of(results(values), calendar(20), AS_AT, begun)
    assert signals.restarts_in_words(parted) == ["The centre line starts anew in 2021-Q1, set by hand: a new team."]
    first, second = signals.basis(parted)
    assert first.startswith("Stretch 1, 2018-Q1 to 2020-Q4: average 55.0")
    assert "trial limits" in second
    assert signals.signals(parted) == []


def test_counts_have_limits_of_their_own() -> None:
    rows = results([0.5] * 12).with_columns(owed=pl.Series([10, 12] * 6), met=None, rate=None)
    counted = signals.line_of(rows, calendar(12), AS_AT, counted=True)
    assert counted["centre"][0] == pytest.approx(11)
    assert counted["upper"][0] == pytest.approx(11 + 2.66 * 2)
    assert "average 11.0, limits 5.7 to 16.3, from twelve quarters" in signals.basis(counted, counted=True)[0].lower()


def test_points_that_share_records_have_no_limits() -> None:
    assert line([0.5, 0.9] * 8, overlapping=True)["centre"].is_null().all()
    assert "shares nine of them" in signals.overlapping({"window": "12 months"}, counted=False)
    assert signals.overlapping({"window": "period"}, counted=True) == ""
