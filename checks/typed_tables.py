"""Typed tables: what the checks hand to the measures.

Light on purpose (no pandera): pages and measures import this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl


@dataclass(frozen=True)
class TypedTables:
    """The canonical tables after typing, as they were known on the as-at date.

    `frames`: table → frame of **all** its canonical columns, typed (dates, booleans, code lists as Enum), and the locator
    columns; one row per record.
    A value that could not be read, an unknown code and a date of something done after `as_at`
    are null (each is a finding). A table that the source does not have is not in `frames`.
    `supplied`: table → the columns that the source had. `repeating`: a table and the fields that name its rows →
    whether any two rows share them, as far as the checks have looked.
    """

    frames: Mapping[str, pl.DataFrame]
    supplied: Mapping[str, frozenset[str]]
    as_at: date
    repeating: Mapping[tuple[str, ...], bool] = field(default_factory=dict)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the source had the table, and in it all these columns."""
        return table in self.frames and set(columns) <= self.supplied[table]

    def lazy(self, table: str) -> pl.LazyFrame:
        """One table, to be worked on."""
        return self.frames[table].lazy()
