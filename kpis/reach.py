"""How far records reach in time, and what to say of a period that lies wholly beyond them."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.typed_tables import TypedTables
from kpis.periods import Period

BEGINNINGS = (
    ("cases", "entered_on"),
    ("spells", "from_on"),
    ("referrals", "received_on"),
    ("meetings", "held_on"),
    ("smb_meetings", "held_on"),
    ("reviews", "reviewed_on"),
    ("visits", "visited_on"),
    ("events", "occurred_on"),
)
"""The days on which something began or took place; a sentence or an order is often far older than the case."""


def first_day(tables: TypedTables) -> date | None:
    """The first day on which anything that was recorded took place; None where no day was."""
    days = [
        tables.lazy(table).select(pl.col(field).min().alias("day")) for table, field in BEGINNINGS if tables.has(table)
    ]
    found = pl.concat([pl.DataFrame(schema={"day": pl.Date}).lazy(), *days]).collect()["day"].min()
    return found if isinstance(found, date) else None


def beyond(period: Period, tables: TypedTables) -> str | None:
    """Why nothing can be known of a period, in a sentence; None where it touches the days of the records."""
    if period.start > tables.as_at:
        return (
            f"{period.name} begins on {period.start}, after the as-at date {tables.as_at}: nothing of it is known yet."
        )
    first = first_day(tables)
    if first is not None and period.end < first:
        return f"The records hold nothing so early as {period.name}: what they tell of begins on {first}."
    return None
