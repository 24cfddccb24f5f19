"""Actions of the risk management plans completed in time (domain 4.6; J10 8.3)."""

from __future__ import annotations

import polars as pl

from kpis.area import Area
from kpis.deadlines import done_by, fallen_due
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.results import NO_AGENCY


def actions(area: Area) -> pl.LazyFrame:
    """One row per action that has fallen due and was not cancelled by then, judged."""
    due, completed = pl.col("due_on"), pl.col("completed_on")
    told = (
        area.within(area.tables.lazy("actions"), "due_on")
        .filter(~done_by(pl.col("cancelled_on"), due))
        .with_columns(met=done_by(completed, due))
        .with_columns(
            unit=pl.col("agency").fill_null(NO_AGENCY),
            owed_on=due,
            done_on=completed,
            why=one_of(
                (pl.col("met"), "completed in time"),
                (completed.is_not_null(), "completed late"),
                (pl.col("cancelled_on").is_not_null(), "cancelled after the due day"),
                otherwise="not completed so far",
            ),
            table=always("actions"),
        )
    )
    return fallen_due(area, told, "actions", "action_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per action that has fallen due and was not cancelled by then."""
    return as_evidence(area.with_case(actions(area)))


def _actions(cancelled_on: str) -> dict[str, list[dict[str, str | None]]]:
    return {
        "actions": [
            {
                "action_id": "A1",
                "case_id": "C1",
                "agency": "housing",
                "due_on": "2023-11-08",
                "completed_on": "2023-11-08",
            },
            {
                "action_id": "A2",
                "case_id": "C1",
                "agency": "police",
                "due_on": "2023-11-08",
                "completed_on": None,
                "cancelled_on": cancelled_on,
            },
        ]
    }


MEASURE = Measure(
    id="actions",
    title="Actions completed in time",
    sentence="Of the actions that fell due, how many were completed by their due day.",
    numerator="actions completed by the due day",
    denominator="actions due in the period and not cancelled by their due day",
    cite="J10 8.3",
    evidence=evidence,
    bare=actions,
    supplied=lambda area: area.tables.has("actions", "due_on", "completed_on"),
    unit="agency",
    dimensions=("category",),
    how_to_read=(
        "An action cancelled by its due day was not owed; one cancelled afterwards was, and was not done. "
        "The breakdown is by the agency that owns the action; actions without a due day are listed under data quality."
    ),
    theme="Plans, actions and visits",
    things="actions",
    passes=Example(
        "Two actions were due on 8 November: one was completed that day, the other had been cancelled that day.",
        _actions("2023-11-08"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The second was cancelled only on 9 November, when it was already late.",
        _actions("2023-11-09"),
        "2023-Q4",
        1,
        2,
        0,
        "no target",
    ),
)
