"""Category 1 cases discussed by several agencies soon after entry (domain 4.6; J10 9.2, 10.3)."""

from __future__ import annotations

import polars as pl

from checks.in_force import due_in_force
from checks.numbers import CASE
from kpis.area import Area
from kpis.deadlines import done_by, fallen_due
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure

FIGURE = "category_1_seen_weeks"


def cases(area: Area) -> pl.LazyFrame:
    """One row per category 1 case whose first meeting has fallen due, judged."""
    owed_on, done_on = pl.col("owed_on"), pl.col("done_on")
    held_on = pl.col("held_on")
    due = due_in_force(area.standard, FIGURE, lambda weeks: pl.col("entered_on").dt.offset_by(f"{weeks}w"))
    first = (
        area.meetings.filter(pl.col("kind").is_not_null() & pl.col(CASE).is_not_null())
        .group_by(CASE)
        .agg(done_on=held_on.min(), meeting_id=pl.col("meeting_id").filter(held_on == held_on.min()).min())
    )
    has_case = pl.col("case_id").is_not_null()
    told = (
        area.within(area.case_records.filter(pl.col("category") == "1").with_columns(owed_on=due), "owed_on")
        .filter(owed_on <= area.as_at)
        .join(first, on=CASE, how="left", maintain_order="left")
        .with_columns(met=pl.when(has_case).then(done_by(done_on, owed_on)))
        .with_columns(
            why=one_of(
                (~has_case, "whose record it is is not recorded"),
                (pl.col("met"), "discussed in time"),
                (done_on.is_not_null(), "first discussed after the due day"),
                otherwise="not discussed so far",
            ),
            missing_field=one_of(
                (~has_case, "case_id"),
            ),
            table=always("cases"),
        )
    )
    return fallen_due(area, told, "cases", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per category 1 case whose first meeting has fallen due."""
    return as_evidence(cases(area))


def _entered(held_on: str) -> dict[str, list[dict[str, str]]]:
    return {
        "cases": [{"case_id": "C1", "category": "1", "level": "1", "entered_on": "2023-01-04"}],
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": held_on, "kind": "level 1"}],
    }


MEASURE = Measure(
    id="category_1_seen",
    title="Category 1 cases discussed soon after entry",
    sentence="Of the category 1 cases that entered, how many had a multi-agency meeting within the time set.",
    numerator="category 1 cases with a screening, level 1, level 2 or level 3 meeting by the due day",
    denominator="category 1 cases whose due day, twelve weeks after entry, is in the period",
    cite="J10 9.2, 10.3",
    evidence=evidence,
    bare=cases,
    supplied=lambda area: (
        area.tables.has("cases", "case_id", "category", "entered_on")
        and area.tables.has("meetings", "case_id", "held_on", "kind")
    ),
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("level", "lead_agency"),
    how_to_read=(
        "Any meeting of several agencies counts, a screening before the entry too. "
        "A review that the lead agency did by itself does not."
    ),
    theme="Referral and entry",
    things="cases",
    passes=Example(
        "A category 1 case entered on 4 January and had a level 1 meeting on 29 March, twelve weeks on.",
        _entered("2023-03-29"),
        "2023-Q1",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The first meeting was on 30 March, a day late.",
        _entered("2023-03-30"),
        "2023-Q1",
        0,
        1,
        0,
        "no target",
    ),
)
