"""What looks like a person's name where a pseudonym belongs goes no further than the findings' locators.

The same text gets the same stand-in in every table, so that the case keeps its meetings; which name it stood for is told by
nothing that is stored or shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.field_rules import name_like
from checks.tables import TABLES

STAND_IN = "name withheld {}"


def without_names(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The typed tables with every name-like value of a pseudonym column replaced by a numbered stand-in."""
    columns = {
        table: [
            field.name for field in TABLES[table].fields().values() if field.pseudonym and field.name in frame.columns
        ]
        for table, frame in frames.items()
    }
    found = [
        frame.lazy().filter(name_like(column)).select(pl.col(column).alias("text"))
        for table, frame in frames.items()
        for column in columns[table]
    ]
    if not found:
        return dict(frames)
    texts = pl.concat(found).unique().sort("text").collect()["text"]
    if texts.is_empty():
        return dict(frames)
    stand_ins = pl.Series([STAND_IN.format(number) for number in range(1, len(texts) + 1)], dtype=pl.String)
    return {
        table: frame.with_columns(pl.col(column).replace(texts, stand_ins) for column in columns[table])
        for table, frame in frames.items()
    }
