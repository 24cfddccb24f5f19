"""The population that a rate is reckoned on: residents aged ten and over, of one area and year."""

from __future__ import annotations

import polars as pl

from kpis.periods import Period


def residents(population: pl.DataFrame, area: str, period: Period) -> tuple[int | None, str]:
    """Residents aged ten and over, and of which year they are; or None, and why.

    `population`: the canonical table. Taken is the calendar year in which the reporting year begins, as the reports take it (a
    mid-year estimate: K14 mid-2013 for 2013-14); failing that, the one in which the period ends. Of the area's own name, or the
    only one there is.
    """
    rows = population.filter(pl.col("aged_10_and_over") > 0)
    named = rows.filter(pl.col("area").cast(pl.String).str.strip_chars().str.to_lowercase() == area.strip().lower())
    rows = named if named.height else rows
    for calendar_year in dict.fromkeys((period.first_year, period.end.year)):
        of_year = rows.filter(pl.col("year") == calendar_year).unique("aged_10_and_over")
        if of_year.height == 1:
            return int(of_year["aged_10_and_over"][0]), f"population of {calendar_year}"
        if of_year.height > 1:
            why = f"the table population gives several figures for {calendar_year}, and none is clearly the area's"
            return None, why
    return None, f"the table population has no figure for {period.first_year}"
