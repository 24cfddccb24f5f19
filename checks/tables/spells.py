"""spells: the history of management (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS, LOCATIONS
from checks.tables.table import Table, field


class Spells(Table, key=("case_id",), key_unique=False, optional=True, day="from_on"):
    """A stretch of one case at one level in one location; one row per stretch."""

    case_id: str = field("The pseudonym of the person.", required=True, exists="cases.case_id", pseudonym=True)
    level: pl.Enum = field("The level of management in this stretch.", required=True, codes=LEVELS)
    location: pl.Enum = field("Where the person was in this stretch.", required=True, codes=LOCATIONS)
    from_on: pl.Date = field("The first day of the stretch.", required=True, happened=True)
    until_on: pl.Date = field(
        "The last day of the stretch, on which the next may begin; empty while it goes on.", happened=True
    )
