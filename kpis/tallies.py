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


def counts_of_cases(rows: pl.DataFrame, *by: str) -> dict[str, pl.DataFrame]:
    """The rows (of `in_quarters`, with `case_id`) counted case by case: one frame by `quarter`, one by `year`.

    One row per case and quarter or year: its number, `met, owed, unknown`, and `by` as the case's first row in it has them.

    The rows are put in the order of cases and quarters once, and counted between the places where one of them changes: grouped
    by both, a country's took twice the time and four times the memory.
    """
    case = rows["case_id"]
    number = case.cast(pl.Categorical(pl.Categories.random())).to_physical() if case.dtype == pl.String else case
    quarter = rows["quarter"].to_numpy().astype(np.int64)
    packed = number.cast(pl.Int64).fill_null(-1).to_numpy() * _QUARTERS + quarter + _QUARTER_ZERO
    order = np.argsort(packed, kind="stable")
    packed, met = packed[order], rows["met"].fill_null(value=False).to_numpy()[order]
    unknown = rows["met"].is_null().to_numpy()[order]
    told = {}
    for kind, quarters in (("quarter", 1), ("year", 4)):
        of_whom = packed // quarters
        start = np.flatnonzero(np.diff(of_whom, prepend=of_whom[:1] - 1))
        bounds = np.append(start, len(packed))
        counted = {
            kind: (of_whom[start] % (_QUARTERS // quarters) - _QUARTER_ZERO // quarters).astype(np.int32),
            "met": _between(met, bounds),
            "owed": np.diff(bounds),
            "unknown": _between(unknown, bounds),
        }
        first = pl.Series(order[start], dtype=pl.UInt32)
        told[kind] = pl.DataFrame(counted).with_columns(rows[name].gather(first) for name in by)
    return told


_QUARTER_ZERO, _QUARTERS = 1 << 14, 1 << 15
"""Quarters from far before the year 0 to far after, as numbers from 0; both whole years."""


def _between(flags: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """How many of the flags are set from each bound to the next."""
    return np.diff(np.concatenate([[0], np.cumsum(flags)])[bounds])


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
