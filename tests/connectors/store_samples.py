"""Snapshots for the store's tests: small, made up, and with every type a frame may have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from connectors.sources.source import SourceFile
from connectors.store import RESULTS, RULE_OUTCOMES, SnapshotContent, StandardUsed

MODES = pl.Enum(["in person", "video", "telephone", "report", "apologies", "absent"])


def attendance(rows: int = 2_000, changed: int = 0) -> pl.DataFrame:
    """One row per invited agency per meeting, with an Enum, dates, Booleans and nulls; `changed` alters some values."""
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    return pl.select(pl.int_range(rows).alias("number")).select(
        ("M" + (number // 5 + changed).cast(pl.String).str.zfill(7)).alias("meeting_id"),
        (number % 3).replace_strict({0: "police", 1: "probation", 2: None}, return_dtype=pl.String).alias("agency"),
        pl.when(number % 7 != 0)
        .then((number % 6).replace_strict(dict(enumerate(MODES.categories)), return_dtype=MODES))
        .alias("mode"),
        (number % 3).replace_strict({0: True, 1: False, 2: None}, return_dtype=pl.Boolean).alias("senior_enough"),
        (pl.lit(date(2020, 1, 1)) + pl.duration(days=number % 1400)).alias("held_on"),
        number.cast(pl.UInt32).alias("_row"),
    )


def results(periods: int = 4) -> pl.DataFrame:
    """Headline and one unit of two measures for some periods of two standards."""
    lines: list[dict[str, Any]] = [
        {
            "standard": standard,
            "period": f"{2000 + number // 4}-Q{number % 4 + 1}",
            "period_kind": "quarter",
            "period_start": date(2000 + number // 4, number % 4 * 3 + 1, 1),
            "period_end": date(2000 + number // 4, number % 4 * 3 + 3, 28),
            "measure": measure,
            "by": by,
            "unit": unit,
            "met": None if number == 0 else 5,
            "owed": None if number == 0 else 9,
            "unknown": None if number == 0 else 1,
            "rate": None if number == 0 else 5 / 9,
            "worst": None if number == 0 else 5 / 9,
            "best": None if number == 0 else 6 / 9,
            "low": None if number == 0 else 0.2667,
            "high": None if number == 0 else 0.8112,
            "target": 0.85,
            "verdict": "not supplied" if number == 0 else "not met",
        }
        for standard in ("jersey", "hampshire")
        for number in range(periods)
        for measure in ("review_level_2", "disclosure")
        for by, unit in (("all", None), ("unit", "by review"))
    ]
    return pl.DataFrame(lines, schema=RESULTS)


def rule_outcomes() -> pl.DataFrame:
    """A rule that failed and one that could not be checked, for two standards."""
    return pl.DataFrame(
        [
            (standard, rule, "error", "completeness", "meetings", field, *counts)
            for standard in ("jersey", "hampshire")
            for rule, field, *counts in (
                ("meetings.held_on.required", "held_on", "fail", 120, 3, 1, 2, 2),
                ("spells.overlap", None, "could not check", None, None, None, None, None),
            )
        ],
        schema=RULE_OUTCOMES,
        orient="row",
    )


def content(**different: Any) -> SnapshotContent:
    """A first snapshot of an area; name what should be different."""
    given: dict[str, Any] = {
        "area": "Jersey",
        "as_at": date(2023, 12, 31),
        "made_at": datetime(2024, 1, 3, 9, 30, tzinfo=UTC),
        "product_version": "0.1.0",
        "fingerprint": "first",
        "previous_id": None,
        "standards": (StandardUsed("jersey", "2010", "a" * 64), StandardUsed("hampshire", "2008", "b" * 64)),
        "sources": (
            SourceFile("cases.csv", ("cases",), 250, datetime(2024, 1, 2, 8, 0, tzinfo=UTC), "c" * 64),
            SourceFile("area.xlsx", ("meetings", "attendance"), 900, None, "d" * 64),
        ),
        "notes": ("The sheet 'old' was left aside.",),
        "frames": {
            "tables/attendance": attendance(),
            "findings": attendance(300, changed=1),
            "evidence/jersey/disclosure": attendance(400, changed=2),
            "late reviews": attendance(0),
        },
        "results": results(),
        "rule_outcomes": rule_outcomes(),
        "definitions": {"measures": [{"id": "disclosure", "title": "Disclosure décidée"}], "fields": {}},
    }
    return SnapshotContent(**{**given, **different})


def frames_of(given: SnapshotContent) -> dict[str, pl.DataFrame]:
    """The frames of a snapshot's content, none of them packed."""
    return {name: frame for name, frame in given.frames.items() if isinstance(frame, pl.DataFrame)}
