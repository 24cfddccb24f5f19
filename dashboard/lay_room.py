"""What lay readers see: results by quarter with small counts hidden, so that no filter of the pages gives a hidden one away.

The pages Trends, Ask and Plain words read from here and from nowhere else. What could be set side by side in them is kept together:
every breakdown of a measure, its quarters and years (`kpis.suppression`), and the standards of one snapshot (here). Snapshots are
not set side by side: these pages show the newest alone, as between two of them the difference is a handful of cases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl

from dashboard.trends import LONGEST
from kpis.results import RESULTS
from kpis.suppression import SUPPRESSED, suppressed_results

SHARES = ("rate", "worst", "best", "low", "high")

_Place = tuple[str, date, date, str, str | None]
"""Measure, first and last day, by, unit: the same figure under another standard, whatever its quarters are called there."""


def of_declared(
    by_standard: Mapping[str, pl.DataFrame], declared: Mapping[str, Mapping[str, Any]], below: int
) -> dict[str, pl.DataFrame]:
    """The same as `for_lay_readers`, the measures' `declared` words as a snapshot's definitions hold them."""
    each = [name for name, words in declared.items() if words.get("each")]
    of_no_case = [name for name, words in declared.items() if not words.get("of_cases", True)]
    return for_lay_readers(by_standard, each, below, of_no_case)


def for_lay_readers(
    by_standard: Mapping[str, pl.DataFrame], each: Collection[str], below: int, of_no_case: Collection[str] = ()
) -> dict[str, pl.DataFrame]:
    """Standard → its latest results by quarter, hidden figures null and named in `suppressed` (columns as `suppressed_results`).

    `by_standard` all results of one snapshot, the area's first standard first · `each` measures whose target is for each unit ·
    `of_no_case` measures in whose counts nobody under management is counted, shown as they are ·
    `below` smaller counts are hidden, other than nought; 1 hides none.

    Two standards often count the same cases but for a few, such as a category that one of them lacks: what is hidden under one is
    hidden under all, and where a subtraction would tell a small count, the figures of the later standard are hidden.
    """
    by_standard = {name: _latest(frame.select(*RESULTS)) for name, frame in by_standard.items()}
    if below <= 1:
        nothing = pl.lit([], dtype=pl.List(pl.String)).alias(SUPPRESSED)
        return {name: _quarters(frame).with_columns(nothing) for name, frame in by_standard.items()}
    # Years are kept together with the quarters that make them up: the annual report tells them.
    told = {
        name: _quarters(suppressed_results(frame, each=each, of_no_case=of_no_case, below=below))
        for name, frame in by_standard.items()
    }
    everywhere: dict[_Place, set[str]] = {}
    for frame in told.values():
        _gather(frame, everywhere)
    of_cases = {name: frame.filter(~pl.col("measure").is_in(list(of_no_case))) for name, frame in by_standard.items()}
    _alike(of_cases, everywhere)
    more: dict[str, dict[_Place, set[str]]] = dict.fromkeys(told, everywhere)
    for first, second in combinations(of_cases, 2):
        between = differences(_quarters(of_cases[first]), _quarters(of_cases[second]))
        found: dict[_Place, set[str]] = {}
        _gather(suppressed_results(between, each=(), below=below), found)
        _alike({second: between}, found)
        more[second] = _both(more[second], found)
    return {name: hidden(frame, more[name]) for name, frame in told.items()}


def _latest(results: pl.DataFrame) -> pl.DataFrame:
    """The reporting years that hold the quarters that are shown at all, with their quarters."""
    shown = _quarters(results)["period_start"].unique().sort().tail(LONGEST)
    years = (
        results.filter(pl.col("period_end") >= shown.min(), period_kind="year")["period_start"]
        if shown.len()
        else shown
    )
    first = min([*years, *shown], default=None)
    return results if first is None else results.filter(pl.col("period_start") >= first)


def _quarters(results: pl.DataFrame) -> pl.DataFrame:
    return results.filter(period_kind="quarter")


def _alike(by_standard: Mapping[str, pl.DataFrame], everywhere: dict[_Place, set[str]]) -> None:
    """Measures that count the same things tell each other's denominators: where one hides that of a unit, all do.

    That they count the same shows in a breakdown whose denominators are the same unit by unit.
    """
    groups: list[list[list[_Place]]] = []
    for frame in by_standard.values():
        of_breakdown: dict[tuple[Any, ...], list[list[_Place]]] = {}
        for told in _breakdowns(frame):
            first = _place(told[0])
            same = (first[1:4], tuple((row["unit"], row["owed"]) for row in told))
            of_breakdown.setdefault(same, []).append([_place(row) for row in told])
        groups += [each for each in of_breakdown.values() if len(each) > 1]
    changed = True
    while changed:
        changed = False
        for group in groups:
            for places in zip(*group, strict=True):
                if any("owed" in everywhere.get(place, ()) for place in places):
                    for place in places:
                        changed |= "owed" not in everywhere.get(place, ())
                        everywhere.setdefault(place, set()).add("owed")


def _breakdowns(frame: pl.DataFrame) -> Iterable[list[dict[str, Any]]]:
    """The rows of each breakdown of a measure in a quarter of which something is owed, by unit."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    columns = ("measure", "period", "period_start", "period_end", "by", "unit", "owed")
    counted = _quarters(frame).filter(pl.col("owed").is_not_null()).sort("unit", maintain_order=True)
    for row in counted.select(columns).iter_rows(named=True):
        found.setdefault((row["measure"], row["period"], row["by"]), []).append(row)
    return found.values()


def _place(row: Mapping[str, Any]) -> _Place:
    return row["measure"], row["period_start"], row["period_end"], row["by"], row["unit"]


def _gather(frame: pl.DataFrame, found: dict[_Place, set[str]]) -> None:
    for row in frame.filter(pl.col(SUPPRESSED).list.len() > 0).iter_rows(named=True):
        found.setdefault(_place(row), set()).update(row[SUPPRESSED])


def _both(one: Mapping[_Place, set[str]], other: Mapping[_Place, set[str]]) -> dict[_Place, set[str]]:
    return {place: one.get(place, set()) | other.get(place, set()) for place in {*one, *other}}


def differences(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """What one standard counts and the other does not, figure by figure, whichever counts more (columns of `RESULTS`).

    Where the two count differently, more met here and more missed there, a difference is no number of cases and is left out.
    """
    keys = ["measure", "period_start", "period_end", "by", "unit"]
    missed = pl.col("owed") - pl.col("met") - pl.col("unknown")
    beside = other.select(*keys, "met", "owed", "unknown", missed=missed)
    pairs = one.with_columns(missed=missed).join(beside, on=keys, how="left", nulls_equal=True, suffix="_other")
    # A unit that the other standard does not tell of is wholly the difference.
    less = [
        (pl.col(name) - pl.col(f"{name}_other").fill_null(0)).alias(name)
        for name in ("met", "unknown", "missed", "owed")
    ]
    told = pairs.filter(pl.col("owed").is_not_null()).with_columns(less)
    parts = pl.col("met", "unknown", "missed", "owed")
    more = pl.all_horizontal(parts.is_null() | (parts >= 0))
    fewer = pl.all_horizontal(parts.is_null() | (parts <= 0))
    nothing = {name: pl.lit(None, dtype=RESULTS[name]) for name in (*SHARES, "target", "verdict")}
    return (
        told.filter(more | fewer)
        .with_columns(pl.col("met", "unknown", "owed").abs())
        .with_columns(**nothing)
        .select(*RESULTS)
    )


def hidden(frame: pl.DataFrame, further: Mapping[_Place, Iterable[str]]) -> pl.DataFrame:
    """The results with these figures hidden as well, and what would tell them."""
    rows = list(frame.iter_rows(named=True))
    for row in rows:
        names = {*row[SUPPRESSED], *_told_by(set(further.get(_place(row), ())))}
        row[SUPPRESSED] = [
            name for name in RESULTS if name in names and (row[name] is not None or name in row[SUPPRESSED])
        ]
        row.update(dict.fromkeys(names))
    return pl.DataFrame(rows, schema={**RESULTS, SUPPRESSED: pl.List(pl.String)})


def _told_by(names: set[str]) -> Iterator[str]:
    """The figures to hide with these, as they would tell them."""
    yield from names
    if "owed" in names:
        yield from ("met", "unknown")
    if names & {"met", "owed"}:
        yield from (*SHARES, "verdict")
    if "unknown" in names:
        yield "best"
