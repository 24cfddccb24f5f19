"""At least one meeting of the Strategic Management Board in each quarter (domain 4.6 “SMB held”; J10 15.3)."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.periods import YEARS_OF_HISTORY, plus_months, quarters_between


def evidence(area: Area) -> pl.LazyFrame:
    """One row per quarter from the first that the records speak of; due at its end."""
    held = (
        area.tables.lazy("smb_meetings")
        .filter(pl.col("held_on").is_not_null())
        .select(pl.col("smb_meeting_id").alias("meeting_id"), pl.col("held_on").alias("done_on"), FILE, SHEET, ROW)
        .sort("done_on", maintain_order=True)
        .collect()
    )
    days = [day for day in (area.cases["entered_on"].min(), held["done_on"].min()) if isinstance(day, date)]
    earliest = plus_months(area.as_at.replace(day=1), -12 * YEARS_OF_HISTORY)
    quarters = list(quarters_between(area.standard, max(min(days), earliest), area.as_at)) if days else []
    every = pl.DataFrame(
        {"start": [each.start for each in quarters], "owed_on": [each.end for each in quarters]},
        schema={"start": pl.Date, "owed_on": pl.Date},
    )
    first_held = every.sort("start").join_asof(
        held.with_columns(start=pl.col("done_on")), on="start", strategy="forward", coalesce=True
    )
    # A meeting after the quarter's end is another quarter's.
    in_quarter = (pl.col("done_on") <= pl.col("owed_on")).fill_null(value=False)
    due, over = pl.col("owed_on") <= area.as_at, pl.col("owed_on") < area.as_at
    rows = first_held.lazy().filter((in_quarter & due) | over)
    return as_evidence(
        rows.with_columns(
            met=in_quarter,
            why=one_of(
                (in_quarter, "the Board met"),
                otherwise="no meeting of the Board recorded in the quarter",
            ),
            table=always("smb_meetings"),
        ).with_columns(
            pl.when("met").then(pl.col(name)).alias(name)
            for name in ("meeting_id", "done_on", "table", FILE, SHEET, ROW)
        )
    )


def _board(*days: str) -> dict[str, list[dict[str, str]]]:
    return {"smb_meetings": [{"smb_meeting_id": f"S{place}", "held_on": day} for place, day in enumerate(days, 1)]}


MEASURE = Measure(
    id="smb_held",
    title="The Strategic Management Board met in the quarter",
    sentence="Of the quarters, in how many the Strategic Management Board met at least once.",
    numerator="quarters in which the Board met at least once",
    denominator="quarters of the reporting year that are over",
    cite="J10 15.3; J23 1.4; H08 “SMB Meetings”",
    evidence=evidence,
    supplied=lambda area: area.tables.has("smb_meetings", "held_on"),
    how_to_read=(
        "A quarter counts once it is over, or on its last day if the Board has met. The first is that of the first entry or Board "
        "meeting on record, so that the year in which the records begin may have fewer than four. "
        "A quarter without a meeting is either one that the Board missed or one whose record was not brought."
    ),
    theme="The Board, people and caseload",
    things="quarters",
    of_cases=False,
    passes=Example(
        "The Board met in each quarter of the year.",
        _board("2023-01-18", "2023-04-19", "2023-07-19", "2023-10-11"),
        "2023",
        4,
        4,
        0,
        "no target",
    ),
    breaks=Example(
        "The summer meeting fell out, and two meetings in October do not make up for it.",
        _board("2023-01-18", "2023-04-19", "2023-10-04", "2023-10-11"),
        "2023",
        3,
        4,
        0,
        "no target",
    ),
)
