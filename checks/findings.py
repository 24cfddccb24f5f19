"""Findings and the outcome of rules: their shapes, how a row becomes one, and those that concern a table as a whole.

A finding is a locator: it says where to look and what is wrong there, never what the record holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from checks.field_rules import DOMAIN
from checks.locators import EXTRA_CELLS, FILE, ROW, SHEET
from checks.names import like_name, like_person
from checks.rule import Dimension, Rule, Severity, Status
from checks.tables import TABLES
from checks.tables.table import Table

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
"""One row per finding; `key` names the row, and is empty where it cannot, or where a person's name stands in it."""

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
"""One row per rule: `status` pass, fail or could not check; `rows` checked and `failing` are null where it was not.

The rules about a table as a whole stand here only where they fail, so that every finding's rule has its row.
"""

KEY_JOINT = " / "
"""Between the parts of a finding's key where a row is named by more than one field."""

WHOLE = "table"
"""Stands in the place of a field in the id of a rule about a table as a whole."""


@dataclass(frozen=True)
class TableRule:
    """A rule about a table as a whole or about the shape of its rows, which no expression over its fields can say."""

    word: str
    severity: Severity
    dimension: Dimension
    message: str
    fix: str
    cite: str = DOMAIN

    def id(self, table: str, field: str = WHOLE) -> str:
        """The rule's id for one table, or one of its columns."""
        return f"{table}.{field}.{self.word}"


MISSING_TABLE = TableRule(
    "missing",
    "error",
    "completeness",
    "The source has no table {table}, so the rules and measures that need it could not be worked out.",
    "Add the table {table} to the source, or correct the name under which it is kept.",
)
EMPTY_TABLE = TableRule(
    "empty",
    "warning",
    "completeness",
    "The table {table} has a header but no rows.",
    "Check that the export was complete; if there is nothing to record, nothing needs doing.",
)
MISSING_COLUMN = TableRule(
    "absent",
    "error",
    "completeness",
    "The table {table} has no column {field}, which every row needs; the rules that read it could not be checked.",
    "Add a column with the heading {field}, or correct the heading under which it is kept.",
)
MISSING_COLUMN_FOR_SOME = TableRule(
    "absent",
    "warning",
    "completeness",
    "The table {table} has no column {field}, which some rows need; the rules that read it could not be checked.",
    MISSING_COLUMN.fix,
)
EXTRA_CELLS_IN_ROW = TableRule(
    "extra_cells",
    "error",
    "validity",
    "The row has more cells than the header, so its values may stand in the wrong columns.",
    "Look for a stray separator in the row, or for text with a comma that is not in quotation marks.",
)
EXTRA_CELLS_FIELD = "row"
TABLE_RULES = (MISSING_TABLE, EMPTY_TABLE, MISSING_COLUMN, MISSING_COLUMN_FOR_SOME, EXTRA_CELLS_IN_ROW)
"""Every rule of this kind, for the definitions."""


def table_findings(supplied: Mapping[str, frozenset[str]], rows: Mapping[str, int]) -> pl.DataFrame:
    """Findings on tables and columns that are not there although they are required, and on tables without rows.

    `supplied`: table → the columns that the source has; `rows`: table → how many rows.
    """
    found = []
    for name, model in TABLES.items():
        if name not in supplied:
            if not model.about().optional:
                found.append(_whole(MISSING_TABLE, name))
            continue
        if not rows[name] and not model.about().optional:
            found.append(_whole(EMPTY_TABLE, name))
        for field in model.fields().values():
            if field.required and field.name not in supplied[name]:
                rule = MISSING_COLUMN if field.required is True else MISSING_COLUMN_FOR_SOME
                found.append(_whole(rule, name, field.name))
    return pl.DataFrame(found, schema=FINDINGS)


def _whole(rule: TableRule, table: str, field: str | None = None) -> dict[str, object]:
    return {
        "rule": rule.id(table, field or WHOLE),
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


def rule_findings(model: type[Table], frame: pl.DataFrame, failing: Sequence[tuple[Rule, pl.Series]]) -> pl.DataFrame:
    """Findings of rules of one table, each with the rows (numbers from 0) of the typed frame that break it."""
    return _located(model, frame, [(rule.id, rule.fields[0], rule, rows) for rule, rows in failing])


def extra_cells_findings(model: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """Findings on the rows of a typed frame that have more cells than the header."""
    rows = frame[EXTRA_CELLS].fill_null(value=False).arg_true()
    rule = EXTRA_CELLS_IN_ROW
    return _located(model, frame, [(rule.id(model.table_name(), EXTRA_CELLS_FIELD), None, rule, rows)])


def _located(
    model: type[Table],
    frame: pl.DataFrame,
    found: Sequence[tuple[str, str | None, Rule | TableRule, pl.Series]],
) -> pl.DataFrame:
    """One row per finding: of each rule its id, the field it is about, its words, and the rows of the frame that break it."""
    if not found:
        return pl.DataFrame(schema=FINDINGS)
    said = pl.DataFrame(
        [
            {
                "rule": rule_id,
                "severity": rule.severity,
                "dimension": rule.dimension,
                "field": field,
                "message": rule.message,
                "fix": rule.fix,
            }
            for rule_id, field, rule, _ in found
        ],
        schema={name: FINDINGS[name] for name in ("rule", "severity", "dimension", "field", "message", "fix")},
    )
    which = np.repeat(np.arange(len(found)), [len(each[-1]) for each in found])
    rows = pl.concat([each[-1] for each in found])
    located = frame.select(FILE, SHEET, ROW, *model.about().key)[rows].select(
        table=pl.lit(model.table_name()),
        key=_key(model),
        file=pl.col(FILE).cast(pl.String),
        sheet=pl.col(SHEET).cast(pl.String),
        row=pl.col(ROW).cast(pl.UInt32),
    )
    return said[which].hstack(located).select(*FINDINGS)


def _key(model: type[Table]) -> pl.Expr:
    """What names the row; a reference in which a person's name stands would carry it out of the table, and is left out."""
    declared = model.fields()
    parts = []
    for name in model.about().key:
        part = pl.col(name).cast(pl.String)
        field = declared[name]
        if field.pseudonym or field.unique or field.exists:
            part = pl.when(~like_name(part)).then(part)
        if field.organisation:
            part = pl.when(~like_person(part)).then(part)
        parts.append(part)
    return pl.concat_str(parts, separator=KEY_JOINT, ignore_nulls=True) if len(parts) > 1 else parts[0]


def rule_outcome(rule: Rule, status: Status, rows: int | None = None, failing: int | None = None) -> dict[str, object]:
    """One row of `RULE_OUTCOMES`."""
    return {
        "rule": rule.id,
        "severity": rule.severity,
        "dimension": rule.dimension,
        "table": rule.table,
        "field": rule.fields[0],
        "status": status,
        "rows": rows,
        "failing": failing,
    }


def whole_outcomes(findings: pl.DataFrame, rows: Mapping[str, int]) -> list[dict[str, object]]:
    """The outcomes of rules about a table as a whole, from the findings they made."""
    counted = findings.group_by("rule", "severity", "dimension", "table", "field", maintain_order=True).len("failing")
    return [{**row, "status": "fail", "rows": rows.get(row["table"])} for row in counted.iter_rows(named=True)]
