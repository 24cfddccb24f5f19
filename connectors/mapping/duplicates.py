"""The same record twice, as when two agencies send what they share: one is kept, and it is said."""

from __future__ import annotations

import polars as pl

from checks.tables import TABLES

ORIGIN = "_origin"
"""UInt32: which table of the files a row came from, in the order in which they were read."""


def without_duplicates(table: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows kept, and those of which the same stands among them.

    In a table whose rows have a key, rows that share it and agree in every column are one. In others only rows that stand in
    different files or sheets are: within one, two of the same may be two. Rows that share a key and differ are all kept.
    """
    about = TABLES[table].about()
    columns = [name for name in TABLES[table].columns() if name in frame.columns]
    if not about.key_unique:
        if frame[ORIGIN].n_unique() < 2:
            return frame, frame.clear()
        again = frame.select(pl.col(ORIGIN) > pl.col(ORIGIN).min().over(columns)).to_series()
        return frame.filter(~again), frame.filter(again)
    key = [name for name in about.key if name in frame.columns]
    if len(key) < len(about.key):
        return frame, frame.clear()
    shared = frame.select(
        pl.struct(key).is_duplicated() if len(key) > 1 else pl.col(key[0]).is_duplicated()
    ).to_series()
    if not shared.any():
        return frame, frame.clear()
    whole = frame.select(pl.all_horizontal(pl.col(name).is_not_null() for name in key)).to_series()
    first = frame.select(pl.struct(columns).is_first_distinct()).to_series()
    again = shared & whole & ~first
    return frame.filter(~again), frame.filter(again)
