"""events: what is counted once a year (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import EVENT_KINDS
from checks.tables.table import Table, field


class Events(Table, key=("case_id",), key_unique=False, optional=True, day="occurred_on"):
    """One thing that happened to a case and is counted in the annual tables; one row per event."""

    case_id: str = field("The pseudonym of the person.", required=True, exists="cases.case_id", pseudonym=True)
    occurred_on: pl.Date = field("The day it happened.", required=True, happened=True)
    kind: pl.Enum = field("What happened.", required=True, codes=EVENT_KINDS)
