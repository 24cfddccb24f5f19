"""Figures that moved between two snapshots, and what changed in the records behind one. Pure functions over stored frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from checks.locators import FILE, ROW, SHEET
from connectors.store import SnapshotInfo
from dashboard import words
from dashboard.text import day
from kpis import moved
from kpis.results import HEADLINE

_COUNTS = ("met", "owed", "unknown", "rate", "verdict")

HOW_TO_READ = (
    "Each thing that was owed in either snapshot is put beside itself in the other. What was met before, and what came to be met, "
    "less what ceased to be, is what is met now; the same holds for what was owed. A thing moves with its records: one "
    "corrected day can end one thing owed and begin another."
)


def figures(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The headlines whose counts or verdict differ between the results of two snapshots under one standard, the latest first.

    `measure, period, period_kind, period_end` and `met, owed, unknown, rate, verdict`, each ending in `_then` and `_now`; all of
    one side are null where that snapshot does not know the measure or the period.
    """
    keys = ["measure", "period", "period_kind", "period_end"]
    sides = [
        frame.filter(by=HEADLINE).select(*keys, *(pl.col(name).alias(f"{name}_{side}") for name in _COUNTS))
        for frame, side in ((then, "then"), (now, "now"))
    ]
    joined = sides[1].join(sides[0], on=keys, how="full", coalesce=True, maintain_order="left_right")
    differs = pl.any_horizontal(
        pl.col(f"{name}_then").ne_missing(pl.col(f"{name}_now")) for name in ("met", "owed", "unknown", "verdict")
    )
    # A period that one snapshot does not reach, and in which the other has nothing due, has not moved.
    some = (pl.col("owed_then").fill_null(0) > 0) | (pl.col("owed_now").fill_null(0) > 0)
    kind = pl.col("period_kind") != "quarter"
    return joined.filter(differs, some).sort(pl.col("period_end"), kind, descending=[True, False], maintain_order=True)


def side(row: Mapping[str, Any], name: str) -> str:
    """How a figure stood on one side: `61.0 % (52 of 85)`, or why there was none."""
    if row[f"owed_{name}"] is None:
        verdict = row[f"verdict_{name}"]
        return "no figure" if verdict is None else str(verdict)
    told = {each: row[f"{each}_{name}"] for each in ("met", "owed", "rate")}
    unknown = row[f"unknown_{name}"]
    missing = f", {unknown:,} not known" if unknown else ""
    return f"{words.rate_of(told)}{missing}"


def has_rows(row: Mapping[str, Any]) -> bool:
    """Whether both snapshots have a figure, so that what lies behind can be compared."""
    return row["owed_then"] is not None and row["owed_now"] is not None


def kinds_in_words(changed: pl.DataFrame) -> str:
    """What came to stand otherwise, counted by kind and reason: `3 now met (recorded late), 1 no longer met (a day corrected)`."""
    parts = []
    for kind in moved.KINDS:
        rows = changed.filter(kind=kind)
        if rows.is_empty():
            continue
        said = f"{rows.height:,} {kind}"
        state = {moved.NEWLY_OWED: "now", moved.NO_LONGER_OWED: "then"}.get(kind)
        if state:
            met = rows.filter(pl.col(state) == moved.MET).height
            said += f", {f'{met:,}' if met else 'none'} of them {'met' if state == 'now' else 'had been met'}"
        why = rows.group_by("reason", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
        reasons = [reason if why.height == 1 else f"{number:,} {reason}" for reason, number in why.iter_rows()]
        parts.append(f"{said} ({', '.join(reasons)})")
    return "; ".join(parts)


def sentence(title: str, row: Mapping[str, Any], before: SnapshotInfo, changed: pl.DataFrame | None) -> str:
    """`Minutes, 2023-Q2: 61.0 % (52 of 85) in snapshot 3, 64.0 % (57 of 89) now: 3 now met (recorded late).`"""
    said = f"{title}, {row['period']}: {side(row, 'then')} in snapshot {before.id}, {side(row, 'now')} now"
    if changed is None:
        return f"{said}."
    behind = kinds_in_words(changed)
    return f"{said}: {behind}." if behind else f"{said}. Nothing that is owed came to stand otherwise."


def made_otherwise(then: SnapshotInfo, now: SnapshotInfo, standard: str) -> str:
    """What else differs between the snapshots than the records, in a sentence; empty where nothing does."""
    said = []
    used = {each.name: each.fingerprint for each in then.standards}
    if any(each.name == standard and each.fingerprint != used.get(standard) for each in now.standards):
        said.append("the standard")
    if then.product_version != now.product_version:
        said.append("the version of this program")
    parts = f"Between the two also {' and '.join(said)} changed, which may account for a part of it. " if said else ""
    if then.as_at != now.as_at:
        parts += f"The records are as at {day(then.as_at)} in snapshot {then.id}, as at {day(now.as_at)} now."
    return parts.strip()


def list_for_screen(rows: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """The figures that moved as text, one row each."""
    shown: dict[str, list[str]] = {"Measure": [], "Period": [], "Was": [], "Is": [], "Met": [], "Owed": []}
    for row in rows.iter_rows(named=True):
        shown["Measure"].append(titles.get(row["measure"], row["measure"]))
        shown["Period"].append(row["period"])
        shown["Was"].append(side(row, "then"))
        shown["Is"].append(side(row, "now"))
        for name, heading in (("met", "Met"), ("owed", "Owed")):
            then, now = row[f"{name}_then"], row[f"{name}_now"]
            shown[heading].append(
                "–" if then is None or now is None else f"{now - then:+,}".replace("-", "−") if now != then else "same"
            )
    return pl.DataFrame(shown, schema=dict.fromkeys(shown, pl.String))


def for_people(changed: pl.DataFrame, unit: str | None) -> pl.DataFrame:
    """What came to stand otherwise under headings for people; columns that say nothing in any row are left out."""
    headings = {
        "kind": "What changed",
        "reason": "How",
        "case_id": "Case",
        "meeting_id": "Meeting",
        "unit": (unit or "unit").capitalize(),
        "then": "Was",
        "now": "Is",
        "owed_on_then": "Due or held on, was",
        "owed_on_now": "Due or held on, is",
        "done_on_then": "Done on, was",
        "done_on_now": "Done on, is",
        "why_then": "Why, was",
        "why_now": "Why, is",
        "table": "Table",
        FILE: "File",
        SHEET: "Sheet",
        ROW: "Row",
    }
    kept = [name for name in headings if changed.height == 0 or changed[name].null_count() < changed.height]
    return changed.select(pl.col(name).alias(headings[name]) for name in kept)
