"""Disclosure decisions reviewed at level 1 (domain 4.6; H08 “Disclosure”)."""

from __future__ import annotations

import polars as pl

from checks.locators import FILE, ROW, SHEET
from kpis import recurring
from kpis.area import Area
from kpis.measure import Example, Measure
from kpis.reviews_in_time import one_case
from kpis.spells import can_tell

FIGURE = "level_1_disclosure_review_months"
CATEGORIES = ("1", "2")


def _reviews(area: Area) -> pl.LazyFrame:
    """The lead agency's reviews (`kpis.recurring.DONE`) but those that left disclosure out; sure where they say so."""
    looked = pl.col("disclosure_reviewed")
    rows = area.within(area.tables.lazy("reviews"), "reviewed_on").filter(
        pl.col("reviewed_on").is_not_null() & pl.col("case_id").is_not_null() & looked.fill_null(value=True)
    )
    return rows.select(
        "case_id",
        done_on="reviewed_on",
        sure=looked.is_not_null(),
        meeting_id=pl.lit(None, dtype=pl.String),
        table=pl.lit("reviews"),
        **{name: pl.col(name) for name in (FILE, SHEET, ROW)},
    )


def owed(area: Area) -> pl.LazyFrame:
    """The reviews of disclosure owed to category 1 and 2 cases at level 1 (`kpis.recurring.owed`)."""
    of_category = area.cases.lazy().filter(pl.col("category").is_in(CATEGORIES)).select("case_id")
    during = recurring.spells(area, "1", clock=False).join(of_category, on="case_id", how="semi", maintain_order="left")
    return recurring.owed(area, during, _reviews(area), recurring.intervals(area.standard, FIGURE))


def evidence(area: Area) -> pl.LazyFrame:
    """One row per review of disclosure owed."""
    return recurring.evidence(
        area,
        "1",
        owed(area),
        _reviews(area),
        what="review of the disclosure decision",
        perhaps="a review was made, but whether it looked at disclosure is not recorded",
        missing_field="disclosure_reviewed",
    )


def _supplied(area: Area) -> bool:
    """As for level 1 reviews: an area that records none of them tells nothing, which is not the same as nothing done."""
    if not (can_tell(area) and area.tables.has("reviews", "case_id", "reviewed_on", "disclosure_reviewed")):
        return False
    if not area.tables.has("cases", "category"):
        return False
    return bool(area.tables.lazy("reviews").select(pl.col("reviewed_on").count()).collect().item())


def _reviewed(disclosure: str) -> dict[str, list[dict[str, str]]]:
    review = {"case_id": "C1", "agency": "police"}
    return {
        **one_case("1", "2023-04-05"),
        "reviews": [
            {**review, "reviewed_on": "2023-07-26", "disclosure_reviewed": "true"},
            {**review, "reviewed_on": "2023-11-15", "disclosure_reviewed": disclosure},
        ],
    }


MEASURE = Measure(
    id="level_1_disclosure_review",
    title="Level 1 disclosure decisions reviewed in time",
    sentence=(
        "Of the category 1 and 2 cases at level 1 whose disclosure decision fell due for review, how many had it reviewed "
        "by the due day every time."
    ),
    numerator="of these cases, those with every review of the disclosure decision made by its due day",
    denominator="category 1 and 2 cases at level 1 with at least one review of the disclosure decision due in the period",
    cite="H08 “Disclosure”",
    evidence=evidence,
    bare=lambda area: recurring.bare(owed(area)),
    supplied=_supplied,
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    by_case=True,
    unit="review",
    dimensions=("category", "lead_agency"),
    how_to_read=(
        "A review counts here only if it looked at disclosure; whether the case was reviewed at all is another measure. "
        "The guidance asks for this wherever the person is, so the clock runs in custody and in hospital too."
    ),
    theme="Plans, actions and visits",
    passes=Example(
        "A category 1 case at level 1 since 5 April. The disclosure decision is due for review by 5 August and reviewed on "
        "26 July.",
        _reviewed("true"),
        "2023-24-Q2",
        1,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
    breaks=Example(
        "The next is due on 26 November. The lead agency looked at the case on 15 November, but not at disclosure.",
        _reviewed("false"),
        "2023-24-Q3",
        0,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
)
