"""Records that stand twice and contradict each other: which is right cannot be known."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

CONTRADICTORY = "recorded twice, with different answers"


def one_row_each(judged: pl.LazyFrame, records: pl.DataFrame, key: Sequence[str]) -> pl.LazyFrame:
    """The judged rows with one row per key: repeats that agree count once, repeats that disagree are unknown.

    `judged`: rows with `met` and `why` made from `records`. Rows whose key is not whole cannot be told to be repeats.
    Where no key repeats, which one cheap look at the records tells, nothing is done.
    """
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    keys = records.lazy().filter(whole).select(*key)
    if keys.select(pl.len()).collect().item() == keys.unique().select(pl.len()).collect().item():
        return judged
    alike = pl.col("met").n_unique().over(key) == 1
    settled = judged.with_columns(_whole=whole, _alike=alike).with_columns(
        met=pl.when(pl.col("_alike") | ~pl.col("_whole")).then(pl.col("met")),
        why=pl.when(pl.col("_alike") | ~pl.col("_whole")).then(pl.col("why")).otherwise(pl.lit(CONTRADICTORY)),
    )
    repeats = pl.struct(*key).is_first_distinct()
    return settled.filter(~pl.col("_whole") | repeats).drop("_whole", "_alike")
