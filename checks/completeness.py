"""Completeness: of the rows in which a field is required, how many give it."""

from __future__ import annotations

import polars as pl

from checks.flags import missing, needed
from checks.tables.table import Table, When

COMPLETENESS: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "field": pl.String,
    "agency": pl.String,
    "needed": pl.Int64,
    "given": pl.Int64,
}
"""One row per table, required field and agency: in how many rows the field is required, and in how many it is given.

`agency` is the one whose record the row is; null where a table names none, or the row does not. `given` is null where the
source has no such column: that is "not supplied", not 0 %.
"""


def completeness(model: type[Table], frame: pl.DataFrame, supplied: frozenset[str]) -> pl.DataFrame:
    """The completeness of one table (`COMPLETENESS`), from its typed frame with all its flags."""
    agency = model.about().agency
    by = (pl.col(agency) if agency else pl.lit(None, dtype=pl.String)).alias("|agency")
    asked: dict[str, pl.Expr] = {}
    empty: dict[str, pl.Expr] = {}
    for field in model.fields().values():
        if isinstance(field.required, When):
            if f"{field.name}|needed" in frame.columns:
                asked[field.name] = needed(field.name).sum()
                empty[field.name] = (needed(field.name) & missing(field.name)).sum()
        elif field.required:
            asked[field.name] = pl.len()
            empty[field.name] = missing(field.name).sum()
    counts = frame.group_by(by).agg(
        *(count.cast(pl.Int64).alias(f"{name}|asked") for name, count in asked.items()),
        *(count.cast(pl.Int64).alias(f"{name}|empty") for name, count in empty.items()),
    )
    given = pl.when(pl.col("field").is_in(list(supplied))).then(pl.col("needed") - pl.col("empty"))
    return (
        _long(counts, list(asked), "asked", "needed")
        .with_columns(_long(counts, list(asked), "empty", "empty")["empty"])
        .filter(pl.col("needed") > 0)
        .select(
            pl.lit(model.table_name()).alias("table"),
            "field",
            pl.col("|agency").alias("agency"),
            "needed",
            given.alias("given"),
        )
        .sort("field", "agency", maintain_order=True)
    )


def _long(counts: pl.DataFrame, fields: list[str], what: str, name: str) -> pl.DataFrame:
    """One row per field and agency, in the order of the fields, then of `counts`."""
    wide = counts.select("|agency", *(pl.col(f"{field}|{what}").alias(field) for field in fields))
    return wide.unpivot(on=fields, index="|agency", variable_name="field", value_name=name)
