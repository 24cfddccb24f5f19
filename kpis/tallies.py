"""Counting the rows of evidence: how many were owed, met and unknown, per quarter of the reporting year."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks.standard import Standard
from kpis.periods import quarter_number

COUNTS = ("met", "owed", "unknown")


def count_met() -> tuple[pl.Expr, ...]:
    """`met, owed, unknown` of rows with `met`, as an aggregation."""
    met = pl.col("met")
    return (
        met.sum().cast(pl.Int64),
        pl.len().cast(pl.Int64).alias("owed"),
        met.null_count().cast(pl.Int64).alias("unknown"),
    )


def in_quarters(rows: pl.LazyFrame, standard: Standard, *keep: str) -> pl.LazyFrame:
    """The rows as `quarter` (the number of the one that holds `owed_on`), `met` and what is to be kept."""
    quarter = quarter_number(standard, pl.col("owed_on")).cast(pl.Int32)
    return rows.select(quarter.alias("quarter"), "met", *keep)


def counts(rows: pl.LazyFrame, standard: Standard, *by: str) -> pl.LazyFrame:
    """`quarter, met, owed, unknown` and what it is broken down by; one row per quarter and thing."""
    return in_quarters(rows, standard, *by).group_by("quarter", *by).agg(count_met())


def how_many(packed: pl.Series) -> pl.DataFrame:
    """`packed, n`: how often each whole number from 0 on stands; for millions of them and few that differ.

    What several columns of few values say goes into one such number: to count those is far less work than to group rows.
    """
    highest = packed.max()
    if not isinstance(highest, int) or highest > len(packed) + _LIST:
        return packed.value_counts(name="n").select(pl.all().cast(pl.Int64))
    often = np.bincount(packed.to_numpy())
    found = often.nonzero()[0]
    return pl.DataFrame({"packed": found, "n": often[found]}, schema={"packed": pl.Int64, "n": pl.Int64})


_LIST = 1_000_000
"""A list that is so long, and empty, costs less than looking each number up."""
