"""All checks against the same rules fused by hand into one Polars pass, and against DuckDB, from the same Parquet files.

Every side reads the files and ends with the rows that break each rule. The product's side does more: it also hands on the
typed tables, the findings with their locators and sentences, and how complete each field is.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from checks.locators import FILE, ROW, SHEET
from checks.runner import check
from checks.standard import load_standard
from tests.benchmarks.area import AS_AT
from tests.benchmarks.checks_in_polars import fused
from tests.benchmarks.checks_in_sql import in_sql
from tests.benchmarks.row import in_turn
from tests.checks.guide import DATE, EXPECTED, NUMBER, YES_NO

STANDARD = "jersey"
TIMES = 7
POLARS_BOUND, DUCKDB_BOUND = 1.3, 1.1
DICTIONARIES = ("agency", "chair_agency", "lead_agency", "source_agency", "member", "sex", "ethnicity", "exit_reason")
"""Text columns of few different values, kept as dictionaries."""

Failing = dict[str, list[int]]


def run(area_folder: Path) -> list[dict[str, Any]]:
    """The rows of the table, for an area kept as one Parquet file per table, as text."""
    with tempfile.TemporaryDirectory() as kept:
        folder = write_typed(area_folder, Path(kept))
        return compared(folder, AS_AT)


def write_typed(area_folder: Path, folder: Path) -> Path:
    """The same area with dates as dates, codes as enumerations and repeating text as dictionaries."""
    for name, fields in EXPECTED.items():
        frame = pl.read_parquet(area_folder / f"{name}.parquet")
        frame.select(_typed(field, content) for field, (_, content) in fields.items()).write_parquet(
            folder / f"{name}.parquet"
        )
    return folder


def _typed(field: str, content: str | tuple[str, ...]) -> pl.Expr:
    text = pl.col(field)
    if isinstance(content, tuple):
        return text.cast(pl.Enum(content), strict=False)
    if content == DATE:
        return text.str.to_date("%Y-%m-%d", strict=False)
    if content == YES_NO:
        return text.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if content == NUMBER:
        return text.cast(pl.Int32, strict=False)
    return text.cast(pl.Categorical) if field in DICTIONARIES else text


def compared(folder: Path, as_at: date) -> list[dict[str, Any]]:
    """The comparison on an area of typed Parquet files."""
    sides: dict[str, Callable[[], Failing]] = {
        "ours": lambda: ours(folder, as_at),
        "polars": lambda: fused(folder, as_at),
        "duckdb": lambda: in_sql(folder, as_at),
    }
    answers = {name: side() for name, side in sides.items()}
    middle = dict(zip(sides, in_turn(*sides.values(), times=TIMES, take=statistics.median), strict=True))
    bounds = {
        "polars": ("all checks, against the same rules fused by hand in Polars", POLARS_BOUND),
        "duckdb": ("all checks, against the same rules in DuckDB SQL", DUCKDB_BOUND),
    }
    return [
        {
            "name": name,
            "ours_seconds": middle["ours"],
            "other_seconds": middle[side],
            "ratio": middle["ours"] / middle[side],
            "bound": bound,
            "same_answers": answers["ours"] == answers[side],
        }
        for side, (name, bound) in bounds.items()
    ]


def ours(folder: Path, as_at: date) -> Failing:
    """Rule → the rows (from 0) that break it, as the product finds them."""
    raw = {
        name: pl.read_parquet(folder / f"{name}.parquet")
        .with_row_index(ROW)
        .with_columns(pl.lit(f"{name}.parquet").alias(FILE), pl.lit(None, dtype=pl.String).alias(SHEET))
        for name in EXPECTED
    }
    findings = check(raw, load_standard(STANDARD), as_at).findings
    rows = findings.group_by("rule", maintain_order=True).agg(pl.col("row").sort())
    return dict(rows.iter_rows())
