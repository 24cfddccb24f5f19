"""Disclosure considered and the decision recorded (domain 4.2; J10 5.2, 16.2 (3); H08 “Disclosure …”)."""

from __future__ import annotations

import polars as pl

from checks.codes import DISCLOSURE_DECISIONS
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.results import NOT_RECORDED


def decisions(area: Area) -> pl.LazyFrame:
    """One row per level 2 or level 3 meeting held, judged."""
    considered, decision = pl.col("disclosure_considered"), pl.col("disclosure_decision")
    judged = area.multi_agency_meetings.with_columns(
        owed_on=pl.col("held_on"),
        met=pl.when(~considered)
        .then(pl.lit(value=False))
        .when(considered & decision.is_not_null())
        .then(pl.lit(value=True)),
        unit=one_of(*((decision == each, each) for each in DISCLOSURE_DECISIONS), otherwise=NOT_RECORDED),
        why=one_of(
            (~considered, "not considered"),
            (considered.is_null(), "whether it was considered is not recorded"),
            (decision.is_null(), "considered, but the decision is not recorded"),
            otherwise="considered and decided",
        ),
        missing_field=one_of(
            (considered.is_null(), "disclosure_considered"),
            (considered & decision.is_null(), "disclosure_decision"),
        ),
        table=always("meetings"),
    )
    return area.one_row_each(judged, "meetings", "meeting_id", "case_id", unsettled=pl.lit(NOT_RECORDED))


def evidence(area: Area) -> pl.LazyFrame:
    """One row per level 2 or level 3 meeting held."""
    return as_evidence(area.with_case(decisions(area).with_columns(done_on=pl.when("met").then("owed_on"))))


def _meeting(considered: str | None, decision: str | None) -> dict[str, list[dict[str, str | None]]]:
    return {
        "meetings": [
            {
                "meeting_id": "M1",
                "case_id": "C1",
                "held_on": "2023-11-08",
                "kind": "level 2",
                "outcome_level": "2",
                "disclosure_considered": considered,
                "disclosure_decision": decision,
            }
        ]
    }


MEASURE = Measure(
    id="disclosure",
    title="Disclosure considered and the decision recorded",
    sentence="Of the level 2 and level 3 meetings held, at how many disclosure was considered and the decision recorded.",
    numerator="meetings at which disclosure was considered and a decision is recorded",
    denominator="level 2 and level 3 meetings held in the period",
    cite="J10 5.2, 16.2 (3); H08 “Disclosure by Responsible Authority to other Third Parties”",
    evidence=evidence,
    bare=decisions,
    supplied=lambda area: area.tables.has("meetings", "held_on", "kind"),
    short="the share of meetings with disclosure decided",
    cannot_tell=(
        "It tells whether a decision is on record, not whether it was a good one, nor whether it was carried out."
    ),
    how_to_read=(
        "Deciding not to disclose, or to decide later, is a recorded decision too; the decisions are shown apart. "
        "A meeting whose record is silent counts as owed and not as done, and could go either way."
    ),
    target="target_disclosure",
    unit="decision",
    counts=(*DISCLOSURE_DECISIONS, NOT_RECORDED),
    dimensions=("level", "lead_agency"),
    passes=Example(
        "At a level 2 meeting on 8 November disclosure was considered, and the decision put off: that is a decision.",
        _meeting("true", "deferred"),
        "2023-Q4",
        1,
        1,
        0,
        "met",
    ),
    breaks=Example(
        "Disclosure was not considered at the meeting.",
        _meeting("false", None),
        "2023-Q4",
        0,
        1,
        0,
        "not met",
    ),
)
