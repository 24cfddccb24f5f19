"""The shape of published figures: what reads them and what checks them share only this."""

from __future__ import annotations

import polars as pl

FIGURES: dict[str, type[pl.DataType]] = {
    "area": pl.String,
    "reporting_year": pl.String,
    "table": pl.String,
    "row": pl.String,
    "column": pl.String,
    "value": pl.Int64,
    "source": pl.String,
    "line": pl.Int64,
}
"""One row per figure of a published table, in the order in which it was printed.

`value` a count or a whole rate · `source` the document, null where none is named · `line` the row of the file, header = 1.
A label is spelt one way throughout: two that differ in case alone are one.
"""

KEY = ("area", "reporting_year", "table", "row", "column")
"""What tells one figure from another."""

TOTAL = "total"
"""The row or column of this name is the sum of the others."""

OF_WHICH = "of which "
"""A row or column whose name begins so is a part of the one before it, and no part of the total beside it."""


def is_total(label: str) -> bool:
    """Whether a row or column is a sum."""
    return label.casefold() == TOTAL


def is_of_which(label: str) -> bool:
    """Whether a row or column is a part of the one before it."""
    return label.casefold().startswith(OF_WHICH)
