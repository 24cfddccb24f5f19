"""Findings and the outcome of rules: their shapes, and the findings that concern a table as a whole.

A finding is a locator: it says where to look and what is wrong there, never what the record holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from checks.rule import Dimension, Severity
from checks.tables import TABLES

FINDINGS: dict[str, type[pl.DataType]] = {
    "rule": pl.String,
    "severity": pl.String,
    "dimension": pl.String,
    "table": pl.String,
    "key": pl.String,
    "field": pl.String,
    "file": pl.String,
    "sheet": pl.String,
    "row": pl.UInt32,
    "message": pl.String,
    "fix": pl.String,
}
"""One row per finding."""

RULE_OUTCOMES: dict[str, type[pl.DataType]] = {
    "rule": pl.String,
    "severity": pl.String,
    "dimension": pl.String,
    "table": pl.String,
    "field": pl.String,
    "status": pl.String,
    "rows": pl.Int64,
    "failing": pl.Int64,
}
"""One row per rule: `status` pass, fail or could not check; `rows` checked and `failing` are null where it was not."""

COMPLETENESS: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "field": pl.String,
    "agency": pl.String,
    "needed": pl.Int64,
    "given": pl.Int64,
}
"""One row per table, required field and agency: in how many rows the field is required, and in how many it is given."""


@dataclass(frozen=True)
class TableRule:
    """A rule about a table as a whole or about the shape of its rows, which no expression over its fields can say."""

    word: str
    severity: Severity
    dimension: Dimension
    message: str
    fix: str


MISSING_TABLE = TableRule(
    "missing",
    "error",
    "completeness",
    "The source has no table {table}; every rule and measure that needs it cannot be told.",
    "Add the table, or say in the settings where it is.",
)
MISSING_COLUMN = TableRule(
    "absent",
    "error",
    "completeness",
    "The table {table} has no column {field}; the rules that read it could not be checked.",
    "Add the column with the heading {field}.",
)
EXTRA_CELLS_IN_ROW = TableRule(
    "extra_cells",
    "error",
    "validity",
    "The row has more cells than the header; its values may stand in the wrong columns.",
    "Look for a stray separator in the row, or for text with a comma that is not in quotes.",
)


def table_findings(supplied: Mapping[str, frozenset[str]]) -> pl.DataFrame:
    """Findings on tables and columns that are not there at all, though they are required."""
    rows = []
    for name, model in TABLES.items():
        if name not in supplied:
            if not model.about().optional:
                rows.append(_row(MISSING_TABLE, f"{name}.table.missing", name, None))
            continue
        for field in model.fields().values():
            if field.required is True and field.name not in supplied[name]:
                rows.append(_row(MISSING_COLUMN, f"{name}.{field.name}.absent", name, field.name))
    return pl.DataFrame(rows, schema=FINDINGS)


def _row(rule: TableRule, rule_id: str, table: str, field: str | None) -> dict[str, object]:
    return {
        "rule": rule_id,
        "severity": rule.severity,
        "dimension": rule.dimension,
        "table": table,
        "key": None,
        "field": field,
        "file": None,
        "sheet": None,
        "row": None,
        "message": rule.message.format(table=table, field=field),
        "fix": rule.fix.format(table=table, field=field),
    }
