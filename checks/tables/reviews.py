"""reviews: one level 1 review that the lead agency made by itself (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.tables.table import Table, field


class Reviews(Table, key=("case_id",), key_unique=False, optional=True, agency="agency", day="reviewed_on"):
    """One level 1 review without a meeting; one row per review."""

    case_id: str = field("The pseudonym of the person.", required=True, exists="cases.case_id", pseudonym=True)
    reviewed_on: pl.Date = field("The day of the review.", required=True, happened=True)
    agency: str = field("The agency that reviewed.", required=True, organisation=True)
    disclosure_reviewed: bool = field("Whether the decision on disclosure was looked at again.")
