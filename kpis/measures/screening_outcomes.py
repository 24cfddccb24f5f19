"""Outcomes of screening meetings (domain 4.5; J23 4.2)."""

from __future__ import annotations

import polars as pl

from checks.codes import OUTCOMES, SCREENING
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.results import NOT_RECORDED


def screenings(area: Area) -> pl.LazyFrame:
    """One row per screening meeting held, judged."""
    outcome = pl.col("outcome_level")
    judged = area.meetings.filter(pl.col("kind") == SCREENING).with_columns(
        owed_on=pl.col("held_on"),
        met=pl.when(outcome.is_not_null()).then(pl.lit(value=True)),
        unit=one_of(*((outcome == each, each) for each in OUTCOMES), otherwise=NOT_RECORDED),
        why=one_of((outcome.is_null(), "the outcome is not recorded"), otherwise="outcome recorded"),
        missing_field=one_of((outcome.is_null(), "outcome_level")),
        table=always("meetings"),
    )
    return area.one_row_each(judged, "meetings", "meeting_id", "case_id", unsettled=pl.lit(NOT_RECORDED))


def evidence(area: Area) -> pl.LazyFrame:
    """One row per screening meeting held."""
    return as_evidence(area.with_case(screenings(area).with_columns(done_on=pl.when("met").then("owed_on"))))


def _screening(outcome: str | None) -> dict[str, list[dict[str, str | None]]]:
    return {
        "meetings": [
            {
                "meeting_id": "M1",
                "case_id": "C1",
                "held_on": "2023-11-08",
                "kind": "screening",
                "outcome_level": outcome,
            }
        ]
    }


MEASURE = Measure(
    id="screening_outcomes",
    title="Screening meetings with an outcome recorded",
    sentence="Of the screening meetings held, how many have their outcome recorded, and what the outcomes were.",
    numerator="screening meetings with an outcome recorded",
    denominator="screening meetings held in the period",
    cite="J23 4.2",
    evidence=evidence,
    bare=screenings,
    supplied=lambda area: area.tables.has("meetings", "held_on", "kind"),
    short="the share of screenings with an outcome recorded",
    cannot_tell=("It tells how complete the record is. It says nothing of referrals that never came to a screening."),
    how_to_read=(
        "The figure says how complete the record is, not whether the outcomes were right. "
        "The outcomes are shown beside it as counts, with those not recorded as a row of their own."
    ),
    unit="outcome",
    counts=(*OUTCOMES, NOT_RECORDED),
    passes=Example(
        "A screening on 8 November decided on level 2.",
        _screening("2"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The outcome of the screening is not recorded: it could be either.",
        _screening(None),
        "2023-Q4",
        0,
        1,
        1,
        "no target",
    ),
)
