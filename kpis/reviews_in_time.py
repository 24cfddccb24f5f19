"""What the review measures of the three levels share: one declaration, made once per level (domain 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from kpis.area import Area
from kpis.measure import Example, Measure
from kpis.review_clock import is_supplied, review_evidence


def reviews_in_time(level: str, cite: str, passes: Example, breaks: Example) -> Measure:
    """The measure of review timeliness at one level."""

    def evidence(area: Area) -> pl.LazyFrame:
        return review_evidence(area, level)

    def counted(area: Area, first: date, last: date) -> pl.LazyFrame:
        return area.review_counts.at(level, first, last).lazy()

    def supplied(area: Area) -> bool:
        return is_supplied(area, level)

    return Measure(
        id=f"review_level_{level}",
        title=f"Level {level} cases reviewed in time",
        sentence=f"Of the level {level} cases whose review fell due, how many were reviewed by the due day every time.",
        numerator=f"level {level} cases with every review due in the period held by its due day",
        denominator=f"level {level} cases with at least one review due in the period",
        cite=cite,
        evidence=evidence,
        counted=counted,
        supplied=supplied,
        in_standard=lambda standard: standard.value(f"review_weeks_level_{level}") is not None,
        target=f"target_review_level_{level}",
        by_case=True,
        unit="review",
        dimensions=("category", "lead_agency"),
        short=f"the share of level {level} cases reviewed in time",
        cannot_tell=(
            "It tells whether a review was held in time, not how good it was. One late review makes a case late in the quarter, "
            "however late it was: a day and a year look alike."
        ),
        how_to_read=(
            "A case counts once, however many reviews it owed, and only if all of them were in time. "
            "A case that nobody reviews is missed again each interval, so a year's figure is stricter than a quarter's: "
            "never set one beside the other."
        ),
        passes=passes,
        breaks=breaks,
    )


def one_case(level: str, since: str, *held_on: str) -> Mapping[str, list[dict[str, Any]]]:
    """A single case at a level since a day, with meetings of that level on some days: for worked examples."""
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": "1",
                "level": level,
                "location": "community",
                "entered_on": since,
                "lead_agency": "police",
            }
        ],
        "spells": [{"case_id": "C1", "level": level, "location": "community", "from_on": since}],
        "meetings": [
            {
                "meeting_id": f"M{place}",
                "case_id": "C1",
                "held_on": day,
                "kind": f"level {level}",
                "outcome_level": level,
            }
            for place, day in enumerate(held_on, 1)
        ],
    }
