"""What rules bring to a row from another table: the row that a key points to."""

from __future__ import annotations

import polars as pl

from checks.flags import repeated
from checks.rule import Context, Lookup

BROUGHT = {"cases": ("entered_on", "exited_on"), "meetings": ("kind", "held_on"), "smb_meetings": ("held_on",)}
"""The columns of a parent row that rules on its children read, as `_TABLE_COLUMN`."""


def parent(table: str, key: str, *read: str) -> Lookup:
    """The row that a key points to: its columns as `_TABLE_COLUMN`, and whether there is one (`known`).

    `read`: the columns without which the rule cannot tell.
    """

    def build(context: Context) -> pl.LazyFrame:
        return _one_row_per_key(context.tables[table], table, key)

    needs = tuple(f"{table}.{name}" for name in (key, *read))
    return Lookup(name=table, on=key, needs=needs, build=build, filled=table)


def known(table: str) -> pl.Expr:
    """Rows whose key points to a row of the table; only where a rule has `parent` of it among its lookups."""
    return pl.col(f"_{table}_known").is_not_null()


def _one_row_per_key(rows: pl.DataFrame, table: str, key: str) -> pl.LazyFrame:
    """Where rows of one key disagree about a column, it is unknown: which of them is right is not for us to say."""
    brought = [pl.col(name).alias(f"_{table}_{name}") for name in BROUGHT.get(table, ())]
    there = pl.lit(value=True).alias(f"_{table}_known")
    given = rows.lazy().filter(pl.col(key).is_not_null())
    if not rows[f"{key}|repeated"].any():
        return given.select(key, *brought, there)
    agreed = [pl.when(each.n_unique() == 1).then(each.first()) for each in brought]
    single = given.filter(~repeated(key)).select(key, *brought, there)
    several = given.filter(repeated(key)).group_by(key).agg(*agreed, there)
    return pl.concat([single, several])
