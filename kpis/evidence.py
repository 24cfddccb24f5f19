"""Evidence: what a measure gives. One row per thing that was owed; every number on a screen is a sum over these rows."""

from __future__ import annotations

import polars as pl

from checks.locators import FILE, ROW, SHEET

EVIDENCE: dict[str, type[pl.DataType]] = {
    "case_id": pl.String,
    "meeting_id": pl.String,
    "unit": pl.String,
    "level": pl.String,
    "category": pl.String,
    "lead_agency": pl.String,
    "owed_on": pl.Date,
    "done_on": pl.Date,
    "met": pl.Boolean,
    "why": pl.String,
    "missing_field": pl.String,
    "table": pl.String,
    FILE: pl.String,
    SHEET: pl.String,
    ROW: pl.UInt32,
}
"""One row per thing owed.

`case_id`, `meeting_id` what it is about · `unit` what the result is broken down by: the agency, the member, the outcome, the
decision · `level`, `category`, `lead_agency` of the case · `owed_on` the day that places it in a period: the due day, or the
day of the meeting · `done_on` when it was done, if it was · `met` true, false, or null: cannot be known · `why` in words ·
`missing_field` the field that would settle an unknown · `table` and the locators: the record it rests on.
"""


def as_evidence(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with exactly the columns of evidence, in their order; what a measure does not have is null."""
    there = frame.collect_schema()
    return frame.select(
        pl.col(name).cast(dtype) if name in there else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in EVIDENCE.items()
    )
