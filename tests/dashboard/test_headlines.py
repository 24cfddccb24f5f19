"""The Board's sentences: their numbers are those of the result, and what is not known is never told as a nought."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import headlines, words
from dashboard.cards import Card
from kpis.results import verdict_of, wilson

DECLARED = {
    "title": "Level 2 cases reviewed in time",
    "by_case": True,
    "unit": "review",
    "each": False,
    "window": "period",
}
EACH = {
    "title": "Invited agencies took part", "by_case": False, "unit": "agency", "each": True, "window": "period",
}  # fmt: skip


def row(
    met: int | None, owed: int | None, unknown: int | None = 0, target: float | None = 0.85, verdict: str = ""
) -> dict[str, Any]:
    """A row of results as the product itself works it out."""
    counts = pl.DataFrame(
        {"met": [met], "owed": [owed], "unknown": [unknown]}, schema=dict.fromkeys(("met", "owed", "unknown"), pl.Int64)
    )
    some = pl.when(pl.col("owed") > 0)
    low, high = wilson(pl.col("met"), pl.col("owed"))
    wanted = None if target is None else Decimal(str(target))
    told = counts.with_columns(
        rate=some.then(pl.col("met") / pl.col("owed")),
        worst=some.then(pl.col("met") / pl.col("owed")),
        best=some.then((pl.col("met") + pl.col("unknown")) / pl.col("owed")),
        low=low,
        high=high,
        verdict=verdict_of(wanted),
        target=pl.lit(target, dtype=pl.Float64),
    ).row(0, named=True)
    return {**told, "verdict": verdict or told["verdict"]}


def card(
    now: dict[str, Any], before: dict[str, Any] | None = None, declared: dict[str, Any] = DECLARED, **more: Any
) -> Card:
    given_: dict[str, Any] = {
        "measure": "review_level_2", "words": declared, "row": now, "before": before,
        "before_name": "2023-Q3" if before else "", "by_review": None, "adopted": False, "units": {},
    }  # fmt: skip
    return Card(**{**given_, **more})


def said(made: Card, **more: Any) -> str:
    return headlines.headline(made, "2023-Q4", **more).replace(words.NBSP, " ")


def test_the_sentence_of_the_guidance() -> None:
    assert said(card(row(52, 89), row(61, 100))) == (
        "Level 2 cases reviewed in time: 52 of 89 cases (58.4 %), target 85 %, not met; down from 61.0 % in 2023-Q3"
    )


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (card(row(90, 100), row(90, 100)), "90 of 100 cases (90.0 %), target 85 %, met; unchanged since 2023-Q3"),
        (card(row(1, 1)), "1 of 1 case (100.0 %), target 85 %, met"),
        (card(row(80, 100, 7)),
         "80 of 100 cases (80.0 %), target 85 %, depends on 7 missing records"),
        (card(row(0, 5, 3)), "0 of 5 cases known to be met, 3 not known, so at most 60.0 %, target 85 %, not met"),
        (card(row(0, 1, 1), row(1, 2)),
         "not known for any of 1 case, target 85 %, depends on 1 missing record"),
        (card(row(0, 4), row(1, 4)), "0 of 4 cases (0.0 %), target 85 %, not met; down from 25.0 % in 2023-Q3"),
        (card(row(17, 28, target=None), row(0, 9, 9)), "17 of 28 cases (60.7 %), no target set"),
        (card(row(0, 0), row(1, 2)), "nothing was due in 2023-Q4, so there is no rate; it was 50.0 % in 2023-Q3"),
        (card(row(None, None, None, verdict="not supplied")), "not known; the source does not hold the records that this takes"),
        (card(row(None, None, None, verdict="not in this standard")), "the chosen standard does not ask for this"),
        (card(row(8499, 10000)), "8,499 of 10,000 cases (85.0 %), target 85 %, not met (just below it, before rounding)"),
        (card(row(5844, 10000), row(5836, 10000)),
         "5,844 of 10,000 cases (58.4 %), target 85 %, not met; about the same as in 2023-Q3"),
    ],
)  # fmt: skip
def test_every_verdict_has_its_sentence(made: Card, sentence: str) -> None:
    assert said(made) == f"Level 2 cases reviewed in time: {sentence}"


def test_rows_that_name_no_agency_are_no_agency_and_the_verdict_that_hangs_on_them_says_so() -> None:
    now = row(106, 108, target=0.9, verdict="depends on missing records")
    told = said(card(now, None, EACH, units={"met": 8}))
    assert told.startswith(
        "Invited agencies took part: 8 of 8 agencies reach 90 %: whether the target is met depends on records that name no agency; "
    )
    nobody_named = said(card(row(1, 3, target=0.9, verdict="depends on missing records"), None, EACH, units={}))
    assert nobody_named.endswith("target 90 %, depends on records that do not say whose they are")


def test_a_target_for_each_agency_is_told_by_how_many_reach_it() -> None:
    units = {"met": 5, "not met": 3, "depends on missing records": 1}
    now = row(230, 250, 4, 0.9, verdict="not met")
    assert said(card(now, row(200, 250, 0, 0.9), EACH, units=units)) == (
        "Invited agencies took part: 5 of 9 agencies reach 90 %, for 1 it depends on missing records: target not met; "
        "all together 230 of 250 invitations (92.0 %, 4 not known); up from 80.0 % in 2023-Q3"
    )
    alone = row(1, 1, 0, 0.9)
    assert said(card(alone, None, EACH, units={"met": 1})) == (
        "Invited agencies took part: 1 of 1 agency reaches 90 %: target met; all together 1 of 1 invitation (100.0 %)"
    )


def test_a_period_that_is_not_over_is_said_to_be_so_far() -> None:
    assert said(card(row(1, 4)), so_far=True).startswith(
        "Level 2 cases reviewed in time: so far in 2023-Q4, 1 of 4 cases"
    )


COUNTS = st.tuples(st.integers(0, 3000), st.integers(0, 300), st.integers(0, 3000))
"""Met, unknown, not met."""


@settings(deadline=None, max_examples=60)
@given(COUNTS, st.none() | COUNTS, st.sampled_from([None, 0.85, 0.9, 1.0]))
def test_the_numbers_of_the_sentence_are_those_of_the_result(
    now: tuple[int, int, int], then: tuple[int, int, int] | None, target: float | None
) -> None:
    met, unknown, missed = now
    result = row(met, met + unknown + missed, unknown, target)
    before = None if then is None else row(then[0], sum(then), then[1], target)
    sentence = said(card(result, before)).removeprefix("Level 2 cases reviewed in time: ")
    told = {float(each) for each in re.findall(r"(\d+\.\d+) %", sentence)}
    rates = [result["rate"], result["best"], None if before is None else before["rate"]]
    known = {float(f"{100 * each:.1f}") for each in rates if each is not None}
    assert told <= known | {99.9, 0.1}, "every percentage is one of the result's, or says nearly all or hardly any"
    if not result["owed"]:
        assert "nothing was due" in sentence
        return
    if unknown and not met:
        assert not re.search(r"(?<![\d.,])0(\.0)? %", sentence), "nought is not said of what is not known"
    counts = re.findall(r"(?<![\d.,-])(\d[\d,]*) (?:of|cases?\b|not known|missing)", sentence)
    assert {int(each.replace(",", "")) for each in counts} <= {met, result["owed"], unknown}
    if unknown < result["owed"]:
        assert f"{met:,} of {result['owed']:,} case" in sentence
    assert ("not known" in sentence or "missing record" in sentence) == bool(unknown)
    if target is not None:
        assert re.search(rf"target (of )?{target * 100:.0f} %", sentence)
    verdicts = {"met": ", met", "not met": ", not met", "no target": "no target set"}
    assert verdicts.get(result["verdict"], ", depends on") in sentence


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.sampled_from(["met", "not met", "depends on missing records", "nothing due", "not supplied"]), max_size=9
    )
)
def test_the_quarters_sentence_counts_every_target_once(verdicts: list[str]) -> None:
    made = [card(row(1, 2, verdict=each)) for each in verdicts]
    sentence = headlines.quarter([*made, card(row(1, 2, target=None))], "2023-Q4")
    if not verdicts:
        assert sentence == "2023-Q4: no target is set"
        return
    assert f"{verdicts.count('met')} of {len(verdicts)} target" in sentence
    others = re.findall(r"(\d+) not met|(\d+) depends? on|for (\d+) nothing|for (\d+) the records", sentence)
    assert sum(int(each) for groups in others for each in groups if each) + verdicts.count("met") == len(verdicts)


def test_what_stands_beside_the_figure() -> None:
    review = row(3, 4)
    told = " ".join(headlines.caveats(card(row(2, 5, 2), by_review=review, adopted=True), so_far=True)).replace(
        words.NBSP, " "
    )
    assert "2 of 5 cases are missing or incomplete: the figure lies between 40.0 % and 80.0 %" in told
    assert "Numbers this small say little" in told
    assert "not over" in told
    assert "By review: 75.0 % (3 of 4)." in told
    assert "adopted" in told
    assert "Numbers this small" not in " ".join(headlines.caveats(card(row(500, 1000))))
    assert headlines.caveats(card(row(0, 0)))[0].startswith("Nothing due is neither 0")
