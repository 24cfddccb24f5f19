"""Referrals in the community discussed in time (domain 4.6; J10 10.4)."""

from __future__ import annotations

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS, SCREENING
from checks.in_force import due_in_force
from kpis.area import Area
from kpis.deadlines import done_by, fallen_due, with_meeting
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.working_days import working_days_after

FIGURE = "referral_to_meeting_working_days"


def referrals(area: Area) -> pl.LazyFrame:
    """One row per referral whose meeting has fallen due, judged."""
    received, owed_on = pl.col("received_on"), pl.col("owed_on")
    due = due_in_force(area.standard, FIGURE, lambda days: working_days_after(received, days, area.days_off))
    # A referral without its day, its route or whether it came from custody owes nothing.
    rows = (
        area.within(area.numbered.lazy("referrals"), "received_on")
        .filter(received.is_not_null() & ~pl.col("in_custody"))
        .with_columns(owed_on=due)
        .filter(owed_on <= area.as_at)
        .with_row_index("_place")
    )
    route, kind = pl.col("route"), pl.col("kind")
    meetings = area.meetings
    judged = pl.concat(
        [
            with_meeting(rows.filter(accepted), meetings.filter(kind.is_in(kinds)), "received_on", "first since")
            for accepted, kinds in (
                (route == SCREENING, (SCREENING, *MULTI_AGENCY_KINDS)),
                (route.is_in(MULTI_AGENCY_KINDS), MULTI_AGENCY_KINDS),
            )
        ]
    ).sort("_place")
    has_case, done_on = pl.col("case_id").is_not_null(), pl.col("done_on")
    told = judged.with_columns(met=pl.when(has_case).then(done_by(done_on, owed_on))).with_columns(
        why=one_of(
            (~has_case, "whose referral it was is not recorded"),
            (pl.col("met"), "discussed in time"),
            (done_on.is_not_null(), "first discussed after the due day"),
            otherwise="not discussed so far",
        ),
        missing_field=one_of(
            (~has_case, "case_id"),
        ),
        table=always("referrals"),
    )
    return fallen_due(area, told, "referrals", "referral_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per referral whose meeting has fallen due."""
    return as_evidence(area.with_case(referrals(area)))


def _referral(route: str, held_on: str) -> dict[str, list[dict[str, str]]]:
    return {
        "referrals": [
            {
                "referral_id": "R1",
                "case_id": "C1",
                "received_on": "2023-10-02",
                "route": route,
                "in_custody": "false",
            }
        ],
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": held_on, "kind": "screening"}],
    }


MEASURE = Measure(
    id="referral_to_meeting",
    title="Referrals in the community discussed in time",
    sentence="Of the referrals of people in the community sent on to a meeting, how many were discussed by their due day.",
    numerator="referrals discussed at a level 2 or 3 meeting (or, sent to screening, at a screening) by the due day",
    denominator="referrals not from custody, routed to screening, level 2 or level 3, whose meeting fell due in the period",
    cite="J10 10.4",
    evidence=evidence,
    bare=referrals,
    supplied=lambda area: (
        area.tables.has("referrals", "case_id", "received_on", "route", "in_custody")
        and area.tables.has("meetings", "case_id", "held_on", "kind")
    ),
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("category", "lead_agency"),
    how_to_read=(
        "The due day is counted in working days from the day after the referral came. "
        "A referral whose case is not recorded counts as owed and not as done: its meeting cannot be found."
    ),
    theme="Referral and entry",
    things="referrals",
    passes=Example(
        "A referral received on 2 October and sent to screening is screened on 23 October, its fifteenth working day.",
        _referral("screening", "2023-10-23"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The same referral was sent to level 2, and so far there has only been a screening.",
        _referral("level 2", "2023-10-23"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
