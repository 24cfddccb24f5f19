"""What measures with a deadline share: when a thing counts, and which meeting did it (domain section 4, “Due”)."""

from __future__ import annotations

from typing import Literal

import polars as pl

from checks.numbers import CASE
from kpis.area import Area


def done_by(done: pl.Expr, due: pl.Expr) -> pl.Expr:
    """Whether a thing was done by its due day; without a date of doing it has not been done. Never null."""
    return (done <= due).fill_null(value=False)


def fallen_due(area: Area, judged: pl.LazyFrame, table: str | None = None, *key: str) -> pl.LazyFrame:
    """The judged rows (`owed_on, met, why` and others) that count: the day is over, or has come and the thing is done.

    What is done early does not count before its day, and on the as-at date the day is not over. What may or may not have been
    done counts, like what was not, from the day after. Where a table and its key are given, each key counts once, and of what
    its records contradict each other in nothing is known (`kpis.repeats.one_row_each`).
    """
    due = pl.col("owed_on")
    come = judged.filter(due <= area.as_at)
    once = area.one_row_each(come, table, *key) if table else come
    return once.filter((due < area.as_at) | pl.col("met").fill_null(value=False))


def with_meeting(
    rows: pl.LazyFrame, meetings: pl.LazyFrame, day: str, which: Literal["first since", "last until"]
) -> pl.LazyFrame:
    """The rows, in their order, with the first meeting of their case since a day, or the last until it: `done_on, meeting_id`.

    `rows`: with the number of the case and the column `day` · `meetings`: of `kpis.area.Area`. The day itself is included. A
    row without a case, or whose case had no such meeting, has null in both.
    """
    held = (
        meetings.filter(pl.col(CASE).is_not_null())
        .select(CASE, "meeting_id", done_on="held_on")
        .sort("done_on", "meeting_id", nulls_last=True)
    )
    # Joined as of a day both sides stand in order of days; the rows then go back into their own order.
    numbered = rows.with_row_index("_number").sort(day, maintain_order=True)
    joined = numbered.join_asof(
        held,
        left_on=day,
        right_on="done_on",
        by=CASE,
        strategy="forward" if which == "first since" else "backward",
        coalesce=False,
        check_sortedness=False,
    )
    return joined.sort("_number").drop("_number")
