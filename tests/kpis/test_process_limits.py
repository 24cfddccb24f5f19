"""Process-behaviour limits against published charts, and the signals one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
import pytest

from kpis.process_limits import FULL, LIMITS, TOO_FEW, TRIAL, process_limits

# Wheeler and Chambers, “Making Sense of Data”: in-process inventory, in hundreds of pounds, by month.
INVENTORY = [
    *(19, 27, 20, 16, 18, 25, 22, 24, 17, 25, 15, 17),
    *(20, 22, 19, 16, 22, 19, 25, 22, 18, 20, 16, 17),
    *(20, 15, 27, 25, 17, 19, 28),
]
# NIST/SEMATECH e-Handbook, 6.3.2.2: ten flow rates; limits there by 3 / 1.128 where Wheeler rounds to 2.66.
FLOW_RATES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# Montgomery, “Introduction to Statistical Quality Control”: viscosity of fifteen batches of primer paint.
VISCOSITY = [33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84]


def day(place: int) -> date:
    return date(2018, 1, 1) + timedelta(days=91 * place)


def points(values: Sequence[float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"on": [day(place) for place in range(len(values))], "value": values},
        schema={"on": pl.Date, "value": pl.Float64},
    )


def restarts(*given: tuple[int, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(day(place), why) for place, why in given], schema={"on": pl.Date, "reason": pl.String}, orient="row"
    )


def where(told: pl.DataFrame, signal: str) -> list[int]:
    return told.with_row_index("place").filter(signal)["place"].to_list()


@pytest.mark.parametrize(
    ("values", "centre", "lower", "upper", "digits", "state"),
    [
        (INVENTORY, 20.39, 7.89, 32.89, 5e-3, FULL),
        (FLOW_RATES, 50.81, 45.8159, 55.8041, 1e-3, TRIAL),
        (VISCOSITY, 33.52, 32.24, 34.80, 6e-3, FULL),
    ],
)
def test_the_limits_are_those_published(
    values: list[float], centre: float, lower: float, upper: float, digits: float, state: str
) -> None:
    told = process_limits(points(values), within=None)
    assert dict(told.schema) == LIMITS
    for row in told.select("centre", "lower", "upper").rows():
        assert row == pytest.approx((centre, lower, upper), abs=digits)
    assert set(told["state"]) == {state}
    assert not where(told, "outside")


@pytest.mark.parametrize(("count", "state"), [(1, TOO_FEW), (7, TOO_FEW), (8, TRIAL), (11, TRIAL), (12, FULL)])
def test_few_points_have_no_limits_and_some_are_on_trial(count: int, state: str) -> None:
    told = process_limits(points([0.5, 0.7] * 6)[:count])
    assert set(told["state"]) == {state}
    assert set(told["points"]) == {count}
    assert told["upper"].is_null().all() == (state == TOO_FEW)
    assert not where(told, "one_side") + where(told, "steady") + where(told, "outside")


def test_the_limits_of_a_rate_stay_between_none_and_all() -> None:
    told = process_limits(points([0.95, 0.85, 1.0, 0.9] * 3))
    assert told["upper"][0] == 1.0
    assert 0 < told["lower"][0] < 0.85
    assert not where(told, "outside")


def test_a_point_outside_the_limits_is_a_signal() -> None:
    usual = [0.80, 0.82, 0.81, 0.79, 0.80, 0.82, 0.81, 0.79, 0.80, 0.82, 0.81]
    assert where(process_limits(points([*usual, 0.40])), "outside") == [11]
    assert where(process_limits(points([*usual, 0.78])), "outside") == []


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_not() -> None:
    above, below = [0.8, 0.9] * 4, [0.5, 0.4] * 4
    assert where(process_limits(points(above + below)), "one_side") == list(range(16))
    assert where(process_limits(points(above[:7] + below)), "one_side") == list(range(7, 15))


def test_six_in_a_row_all_rising_or_falling_are_a_signal_and_five_are_not() -> None:
    around = [0.5, 0.6, 0.5, 0.6]
    rising = [0.40, 0.45, 0.50, 0.55, 0.60, 0.65]
    assert where(process_limits(points([*around, *rising, 0.5])), "steady") == list(range(4, 10))
    assert where(process_limits(points([*around, *rising[:5], 0.5])), "steady") == []
    assert where(process_limits(points([*around, 0.7, *rising[::-1], 0.5])), "steady") == list(range(4, 11))
    # An equal pair ends the run.
    assert where(process_limits(points([*around, *rising[:3], 0.5, *rising[3:], 0.5])), "steady") == []


def test_equal_rates_give_no_signal() -> None:
    """The mean of equal fractions is not always that fraction to the last binary digit."""
    told = process_limits(points([0.7 + 0.1, 0.8] * 10))
    assert not where(told, "outside") + where(told, "one_side") + where(told, "steady")
    assert told["lower"][0] == pytest.approx(0.8)


def test_a_quarter_without_a_figure_takes_no_part() -> None:
    with_gap: list[float | None] = [*VISCOSITY[:5], None, *VISCOSITY[5:]]
    told = process_limits(points(with_gap), within=None)
    assert told.height == 16
    assert told["centre"][0] == process_limits(points(VISCOSITY), within=None)["centre"][0]
    assert told["points"][5] == 15
    assert not told["outside"][5]


def test_a_restart_set_by_hand_starts_limits_of_its_own() -> None:
    low, high = [0.50, 0.52, 0.51, 0.49] * 3, [0.90, 0.88, 0.91, 0.89] * 2
    told = process_limits(points(low + high), restarts((12, "reviews moved to one team")))
    assert told["stretch"].to_list() == [0] * 12 + [1] * 8
    assert told["state"].to_list() == [FULL] * 12 + [TRIAL] * 8
    assert told["centre"][0] == pytest.approx(0.505)
    assert told["centre"][19] == pytest.approx(0.895)
    assert told["reason"].to_list() == [None] * 12 + ["reviews moved to one team"] * 8
    assert not where(told, "outside") + where(told, "one_side")
    # Without it the change is a signal, and no machine hides it.
    assert where(process_limits(points(low + high)), "one_side") == list(range(20))


def test_no_moving_range_and_no_run_reaches_over_a_restart() -> None:
    rising = [0.40, 0.45, 0.50, 0.55, 0.60, 0.65]
    values = [0.5, 0.6, 0.5, 0.6, 0.5, *rising[:3], *rising[3:], 0.5, 0.6, 0.5, 0.6, 0.5]
    told = process_limits(points(values), restarts((8, "a new recording system")))
    assert where(told, "steady") == []
    first = process_limits(points(values[:8]))
    assert told["upper"][0] == first["upper"][0]


def test_the_order_of_the_rows_does_not_matter_and_none_are_none() -> None:
    mixed = points(INVENTORY).sample(fraction=1.0, shuffle=True, seed=3)
    assert process_limits(mixed, within=None).equals(process_limits(points(INVENTORY), within=None))
    assert process_limits(points([])).is_empty()
