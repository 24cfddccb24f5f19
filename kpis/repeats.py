"""Records that stand twice and contradict each other: which is right cannot be known."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

CONTRADICTORY = "recorded twice, with different answers"


def keys_repeat(records: pl.LazyFrame, key: Sequence[str]) -> bool:
    """Whether any two records may share their whole key.

    Cheap: one column in rising order, as references mostly stand, cannot repeat; else keys are compared by a hash, and equal
    hashes stand side by side when sorted. In the rare case that two keys share a hash the answer is a needless yes, never a
    wrong no.
    """
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    keys = records.select(key).filter(whole).collect()
    if len(key) == 1 and rises(keys[key[0]]):
        return False
    parts = [pl.col(name).hash(seed) for seed, name in enumerate(key)]
    hashed = pl.col("hash")
    hashes = keys.select(hash=pl.fold(parts[0], lambda left, right: left ^ right, parts[1:]).sort())
    return bool(hashes.select((hashed == hashed.shift(1)).any()).item())


def rises(keys: pl.Series) -> bool:
    """Whether each key, none of them missing, is greater than the one before."""
    return bool((keys > keys.shift(1)).all())


def one_row_each(judged: pl.LazyFrame, key: Sequence[str], unsettled: pl.Expr | None = None) -> pl.LazyFrame:
    """The judged rows with one row per key: repeats that agree count once, repeats that disagree are unknown.

    `judged`: rows with `met` and `why`. Rows whose key is not whole cannot be told to be repeats. `unsettled`: the unit is an
    answer too (the outcome, the decision), and this stands for it where the repeats do not agree in it; then it is not known
    either that it was met. What else a key says is taken from its earliest row, and of one day from the first unit, never from
    where a row stands: a database gives rows in an order of its own.
    """
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    there = judged.collect_schema()
    in_order = [name for name in ("owed_on", "unit", "why", "case_id", "level") if name in there]
    one_answer = pl.lit(value=True) if unsettled is None else pl.col("unit").n_unique().over(key) == 1
    alike = (pl.col("met").n_unique().over(key) == 1) & (one_answer | ~pl.col("met").fill_null(value=False))
    known = pl.col("_alike") | ~pl.col("_whole")
    answer = pl.when(pl.col("_one_answer") | ~pl.col("_whole")).then("unit").otherwise(unsettled)
    settled = (
        judged.with_columns(pl.col([name for name in ("unit", "why") if name in there]).cast(pl.String))
        .sort(in_order, nulls_last=True)
        .with_columns(_whole=whole, _alike=alike, _one_answer=one_answer)
        .with_columns(
            met=pl.when(known).then(pl.col("met")),
            why=pl.when(known).then(pl.col("why")).otherwise(pl.lit(CONTRADICTORY)),
            **({} if unsettled is None else {"unit": answer}),
        )
    )
    repeats = pl.struct(*key).is_first_distinct()
    return settled.filter(~pl.col("_whole") | repeats).drop("_whole", "_alike", "_one_answer")
