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
    by = (pl.col(agency) if agency else pl.lit(None, dtype=pl.String)).alias("agency")
    counts: list[pl.Expr] = []
    fields: list[str] = []
    for field in model.fields().values():
        if isinstance(field.required, When):
            if f"{field.name}|needed" not in frame.columns:
                continue
            wanted = needed(field.name)
            without = (wanted & missing(field.name)).sum()
        elif field.required:
            wanted = pl.len()
            without = missing(field.name).sum()
        else:
            continue
        total = wanted if not isinstance(field.required, When) else wanted.sum()
        fields.append(field.name)
        counts += [
            total.cast(pl.Int64).alias(f"{field.name}|n"),
            without.cast(pl.Int64).alias(f"{field.name}|w"),
        ]
    counted = frame.lazy().group_by(by).agg(counts).collect()
    parts = [
        counted.select(
            pl.lit(model.table_name()).alias("table"),
            pl.lit(name).alias("field"),
            "agency",
            pl.col(f"{name}|n").alias("needed"),
            (pl.col(f"{name}|n") - pl.col(f"{name}|w") if name in supplied else pl.lit(None, dtype=pl.Int64)).alias(
                "given"
            ),
        ).filter(pl.col("needed") > 0)
        for name in fields
    ]
    return pl.concat([pl.DataFrame(schema=COMPLETENESS), *parts]).sort("field", "agency", maintain_order=True)
