"""What the Trends page shows, taken from the results: one measure's quarters, all together or one series per unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard import words
from kpis.results import HEADLINE, UNIT, WHOLES

LONGEST = 20
"""Quarters shown at most, the latest: five years."""

OF_LATE = 4
"""Quarters in which something must have been due for a measure to be opened unasked."""

SERIES = 6
"""Lines in one chart at most: as many as there are colours, dashes and markers."""


def quarters(results: pl.DataFrame) -> list[str]:
    """The names of the quarters, oldest first, the latest `LONGEST`."""
    found = results.filter(period_kind="quarter").select("period", "period_start").unique().sort("period_start")
    return found["period"].to_list()[-LONGEST:]


def calendar(results: pl.DataFrame) -> pl.DataFrame:
    """`period, period_start, period_end` of these quarters, oldest first."""
    found = results.filter(period_kind="quarter").select("period", "period_start", "period_end").unique()
    return found.sort("period_start").tail(LONGEST)


def by_quarter(results: pl.DataFrame, measure: str, by: str, names: Sequence[str]) -> pl.DataFrame:
    """The results of one measure and breakdown for these quarters, oldest first; the rate by review apart."""
    rows = results.filter((pl.col("measure") == measure) & (pl.col("by") == by) & pl.col("period").is_in(list(names)))
    return rows.filter(pl.col("unit").is_null() | ~pl.col("unit").is_in(WHOLES)).sort(
        "period_start", maintain_order=True
    )


def choices_of(results: pl.DataFrame, measure: str) -> list[str]:
    """What a measure can be seen by: all together, its units, its dimensions."""
    rows = results.filter((pl.col("measure") == measure) & (pl.col("period_kind") == "quarter"))
    found = (
        rows.filter(pl.col("unit").is_null() | ~pl.col("unit").is_in(WHOLES))["by"]
        .unique(maintain_order=True)
        .to_list()
    )
    return sorted(found, key=lambda by: ((HEADLINE, UNIT).index(by) if by in (HEADLINE, UNIT) else 2, found.index(by)))


def worth_opening(results: pl.DataFrame, measures: Sequence[str]) -> str:
    """The first measure of which anything was due of late, so that the page does not open on an empty chart."""
    recent = quarters(results)[-OF_LATE:]
    due = results.filter((pl.col("by") == HEADLINE) & pl.col("period").is_in(recent) & (pl.col("met") > 0))
    return next((name for name in measures if due["measure"].eq(name).any()), measures[0])


def every_quarter(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """One unit's results with a row for every quarter, oldest first; one without a row is one in which nothing was due."""
    filled = pl.DataFrame({"period": list(names)}).join(rows, on="period", how="left", maintain_order="left")
    absent = pl.col("measure").is_null()
    return filled.with_columns(
        pl.when(absent).then(0).otherwise("owed").alias("owed"),
        pl.when(absent).then(pl.lit("nothing due")).otherwise("verdict").alias("verdict"),
    )


def units(rows: pl.DataFrame) -> list[str]:
    """The units in the rows, those with the most owed over all quarters first."""
    return (
        rows.group_by("unit").agg(pl.col("owed").sum()).sort("owed", "unit", descending=[True, False])["unit"].to_list()
    )


def table(
    rows: pl.DataFrame, heading: str | None, names: Mapping[str, str], signal: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """The figures beside a chart, the latest quarter first: one row per quarter, and per unit where there is one.

    `signal`: quarter → what is out of the ordinary in it, where one line is looked at.
    """
    told: list[dict[str, Any]] = []
    for row in rows.sort("period_start", descending=True, maintain_order=True).iter_rows(named=True):
        line: dict[str, Any] = {"Quarter": row["period"]}
        if heading is not None:
            line[heading] = names.get(row["unit"], row["unit"])
        line |= _figures(row)
        if signal is not None:
            line["Signal"] = signal.get(row["period"], "")
        told.append(line)
    return pl.DataFrame(told, infer_schema_length=None)


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    if words.is_suppressed(row):
        told = {
            name: words.SUPPRESSED if row[name] is None else f"{row[name]:,}" for name in ("met", "owed", "unknown")
        }
        return {
            "Rate": words.SUPPRESSED if row["rate"] is None else words.percent(row["rate"]),
            "Done of due": f"{told['met']} of {told['owed']}",
            "Missing": told["unknown"],
            "Verdict": words.verdict(row["verdict"]) or words.SUPPRESSED,
        }
    if row["owed"] is None:
        return {"Rate": words.DASH, "Done of due": row["verdict"], "Missing": words.DASH, "Verdict": ""}
    return {
        "Rate": words.percent(row["rate"]),
        "Done of due": words.of(row["met"], row["owed"]) if row["owed"] else words.DASH,
        "Missing": f"{row['unknown']:,}",
        "Verdict": words.verdict(row["verdict"]),
    }


def only_counted(rows: pl.DataFrame, declared: Mapping[str, Any], by: str) -> bool:
    """Whether the rows are counts without a rate."""
    return bool(declared["counts"]) and by == UNIT and rows.height > 0


def counts(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Counts with a row per quarter, the latest first, and a column per unit; `c` where one is not shown."""
    said = [
        words.SUPPRESSED if row["owed"] is None and words.is_suppressed(row) else f"{row['owed'] or 0:,}"
        for row in rows.iter_rows(named=True)
    ]
    named = rows.select(
        pl.col("period").alias("Quarter"),
        pl.col("unit").replace(dict(names)),
        pl.Series("said", said, dtype=pl.String),
    )
    return named.pivot("unit", index="Quarter", values="said", maintain_order=True).reverse()


def for_download(rows: pl.DataFrame, heading: str | None, names: Mapping[str, str]) -> pl.DataFrame:
    """The same with figures as numbers: fractions and counts, the interval and the bounds too; empty where not shown.

    Where counts are not shown a column `suppressed` names them.
    """
    columns = ["period", "period_start", "period_end", "unit", "met", "owed", "unknown"]
    columns += ["rate", "worst", "best", "low", "high", "target", "verdict"]
    if "suppressed" in rows.columns and rows["suppressed"].list.len().sum():
        columns.append("suppressed")
        rows = rows.with_columns(pl.col("suppressed").list.join(", "))
    if heading is None:
        columns.remove("unit")
        return rows.select(columns)
    return rows.select(columns).with_columns(pl.col("unit").replace(dict(names))).rename({"unit": heading})
