"""visits: one home visit (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.tables.table import Table, field


class Visits(Table, key=("case_id",), key_unique=False, optional=True, agency="agency", day="visited_on"):
    """One home visit; one row per visit."""

    case_id: str = field("The pseudonym of the person visited.", required=True, exists="cases.case_id", pseudonym=True)
    visited_on: pl.Date = field("The day of the visit.", required=True, happened=True)
    agency: str = field("The agency that visited.", required=True, organisation=True)
