"""population: residents of an area in a year, for rates per 100,000 (domain section 2)."""

from __future__ import annotations

from checks.tables.table import YEARS, Table, field


class Population(Table, key=("area", "year"), optional=True):
    """The population of one area in one year; one row per area and year."""

    area: str = field("The area.", required=True)
    year: int = field("The year.", required=True, between=YEARS)
    aged_10_and_over: int = field("Residents aged ten and over.", required=True, between=(0, 2_000_000_000))
