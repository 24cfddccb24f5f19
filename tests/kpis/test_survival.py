"""Kaplan–Meier against the literature and a well-known package."""

from __future__ import annotations

import polars as pl
import pytest

from kpis.survival import CURVE, kaplan_meier, medians, on_days

# Weeks of remission under 6-MP and under placebo: Freireich and others 1963, the example of Gehan, of Cox, and of the textbooks.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

# The textbooks' table (Klein and Moeschberger 2003, table 4.1B): weeks, at risk, relapses, share, its standard error.
TEXTBOOK = [
    (6, 21, 3, 0.857, 0.076),
    (7, 17, 1, 0.807, 0.087),
    (10, 15, 1, 0.753, 0.096),
    (13, 12, 1, 0.690, 0.107),
    (16, 11, 1, 0.627, 0.114),
    (22, 7, 1, 0.538, 0.128),
    (23, 6, 1, 0.448, 0.135),
]

# lifelines 0.30.3, KaplanMeierFitter: weeks, share, lower and upper end of the 95 % interval.
TREATED_BY_PACKAGE = [
    (6, 0.857142857142857, 0.6197179552659838, 0.9515517476469969),
    (7, 0.8067226890756299, 0.5631465646222333, 0.9228090192028802),
    (9, 0.8067226890756299, 0.5631465646222333, 0.9228090192028802),
    (10, 0.7529411764705878, 0.5031995107999564, 0.8893618351692651),
    (13, 0.6901960784313722, 0.4316102224861839, 0.8490659633494505),
    (16, 0.6274509803921566, 0.36751085598750194, 0.8049121894718411),
    (22, 0.5378151260504199, 0.26777893676713493, 0.7467907176353943),
    (23, 0.44817927170868327, 0.18805200595923233, 0.6801426284952412),
    (35, 0.44817927170868327, 0.18805200595923233, 0.6801426284952412),
]
PLACEBO_BY_PACKAGE = [
    (1, 0.9047619047619045, 0.6700458822350337, 0.9752941490381123),
    (2, 0.8095238095238095, 0.5689050599241725, 0.9238888285592949),
    (3, 0.7619047619047619, 0.5193914153284287, 0.8932571097824872),
    (4, 0.6666666666666665, 0.42535043556524715, 0.82504400879734),
    (5, 0.5714285714285714, 0.33797695385949306, 0.7492407099432165),
    (8, 0.3809523809523809, 0.1830665488203943, 0.5777886777458309),
    (11, 0.2857142857142857, 0.11656132643676466, 0.4818196480090255),
    (12, 0.19047619047619047, 0.059481701361175233, 0.37743489058515),
    (15, 0.14285714285714288, 0.0356573551906667, 0.3211615746808693),
    (17, 0.09523809523809525, 0.01625926021224702, 0.2612499819686869),
    (22, 0.047619047619047616, 0.003324463042531178, 0.1970449056989461),
]

TRIAL = pl.DataFrame(
    {
        "level": ["6-MP"] * 21 + ["placebo"] * 21,
        "days": TREATED + PLACEBO,
        "ended": RELAPSED + [True] * 21,
    }
)


def test_the_curve_is_the_textbooks() -> None:
    curve = kaplan_meier(TRIAL.filter(level="6-MP")).filter(pl.col("ended") > 0)
    assert curve.select("days", "at_risk", "ended").rows() == [row[:3] for row in TEXTBOOK]
    assert curve["share"].to_list() == pytest.approx([row[3] for row in TEXTBOOK], abs=5e-4)


def test_the_spread_is_the_textbooks() -> None:
    """The interval's ends on the log(−log) scale lie 1.96 standard errors of that scale apart: back to Greenwood's error."""
    curve = kaplan_meier(TRIAL.filter(level="6-MP")).filter(pl.col("ended") > 0)
    share, low = pl.col("share"), pl.col("low")
    wide = ((-low.log()).log() - (-share.log()).log()) / 1.959963984540054
    errors = curve.select(wide * share * share.log().abs()).to_series().to_list()
    assert errors == pytest.approx([row[4] for row in TEXTBOOK], abs=6e-4)


@pytest.mark.parametrize(("level", "told"), [("6-MP", TREATED_BY_PACKAGE), ("placebo", PLACEBO_BY_PACKAGE)])
def test_curve_and_interval_are_those_of_a_well_known_package(level: str, told: list[tuple[float, ...]]) -> None:
    curve = kaplan_meier(TRIAL, ["level"]).filter(pl.col("level") == level)
    for days, share, low, high in told:
        row = curve.filter(pl.col("days") == days).select("share", "low", "high").row(0)
        assert row == pytest.approx((share, low, high), rel=1e-12)


def test_the_median_and_its_interval_are_those_of_package_and_textbook() -> None:
    told = medians(kaplan_meier(TRIAL, ["level"]), ["level"]).sort("level").rows()
    # Of the treated the upper end is not reached.
    assert told == [("6-MP", 23, 13, None), ("placebo", 8, 4, 11)]
    assert medians(kaplan_meier(TRIAL.filter(level="placebo"))).rows() == [(8, 4, 11)]


def test_groups_are_worked_out_apart_in_any_order() -> None:
    curve = kaplan_meier(TRIAL.sample(fraction=1.0, shuffle=True, seed=1), ["level"])
    assert curve.equals(kaplan_meier(TRIAL, ["level"]))
    for level in ("6-MP", "placebo"):
        alone = kaplan_meier(TRIAL.filter(pl.col("level") == level))
        assert curve.filter(pl.col("level") == level).drop("level").equals(alone)


def test_nobody_leaves_and_everybody_leaves() -> None:
    still = kaplan_meier(pl.DataFrame({"days": [3, 9], "ended": [False, False]}))
    assert still.select("at_risk", "share", "low", "high").rows() == [(2, 1.0, 1.0, 1.0), (1, 1.0, 1.0, 1.0)]
    assert medians(still).row(0) == (None, None, None)
    gone = kaplan_meier(pl.DataFrame({"days": [4, 4], "ended": [True, True]}))
    assert gone.select("share", "low", "high").rows() == [(0.0, None, None)]
    assert medians(gone).row(0) == (4, None, None)


def test_a_half_that_rounding_misses_is_a_half() -> None:
    """(1 − 1/6) (1 − 1/5) (1 − 1/4) is a half, though not to the last binary digit."""
    rows = pl.DataFrame({"days": [1, 2, 3, 4, 5, 6], "ended": [True] * 3 + [False] * 3})
    assert medians(kaplan_meier(rows))["median"].item() == 3


def test_without_spells_there_is_no_curve() -> None:
    empty = kaplan_meier(pl.DataFrame(schema={"level": pl.String, "days": pl.Int64, "ended": pl.Boolean}), ["level"])
    assert dict(empty.schema) == {"level": pl.String, **CURVE}
    assert empty.is_empty()
    assert medians(empty, ["level"]).is_empty()


def test_the_curve_on_given_days() -> None:
    told = on_days(kaplan_meier(TRIAL, ["level"]), [0, 6, 8, 9, 23, 24, 35, 36], "level").filter(level="6-MP")
    assert told["at_risk"].to_list() == [21, 21, 16, 16, 6, 5, 1, 0]
    assert told["share"].to_list() == pytest.approx([1, 0.8571, 0.8067, 0.8067, 0.4482, 0.4482, 0.4482, None], abs=1e-4)
    assert told["low"].to_list()[0] == told["high"].to_list()[0] == 1.0
    assert told.select("share", "low", "high").row(-1) == (None, None, None)
