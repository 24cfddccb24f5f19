"""actions: one action of a risk management plan (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import ACTION_PURPOSES
from checks.tables.table import Table, field


class Actions(Table, key=("action_id",), optional=True, agency="agency", day="due_on"):
    """One action agreed for a case; one row per action."""

    action_id: str = field("The action's own reference.", required=True, unique=True)
    case_id: str = field("The pseudonym of the person.", required=True, exists="cases.case_id", pseudonym=True)
    meeting_id: str = field("The meeting that agreed it.", exists="meetings.meeting_id")
    agency: str = field("The agency that owns it.", required=True, organisation=True)
    due_on: pl.Date = field("The day by which it is to be done.", required=True)
    completed_on: pl.Date = field("The day it was done.", happened=True)
    cancelled_on: pl.Date = field("The day it was cancelled.", happened=True)
    purpose: pl.Enum = field("What the action is for.", codes=ACTION_PURPOSES)
