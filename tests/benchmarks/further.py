"""All measures together, from Parquet files of typed tables, against the same answers in DuckDB.

The seven measures and their SQL are those of `measures`; the SQL of the further ones (`further.sql`, and `further_hampshire.sql`
for those that only Hampshire has) is written from the domain guide. Both sides are told which days are off and whether any
records share a key. Asked for are the headline and the breakdown that the contract names.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from checks.standard import load_standard
from kpis.measures import MEASURES
from kpis.periods import Period, periods_between, quarter_of
from kpis.results import HEADLINE, UNIT, all_results
from kpis.working_days import days_off
from tests.benchmarks.area import AS_AT, NATIONAL_YEARS
from tests.benchmarks.measures import COUNTS, SQL_BOUND, Repeating, area_in, write_typed
from tests.benchmarks.row import in_turn

TIMES = 5
SMALL = 1_000
"""Cases of an area that is asked for its answers, not for times worth having: once each is enough."""
HAMPSHIRE_ONLY = (
    "after_release",
    "release_confirmed",
    "full_meetings_level_2",
    "full_meetings_level_3",
    "level_1_disclosure_review",
)


@dataclass(frozen=True)
class Asked:
    """Some measures of a standard, and the SQL files that between them give the same answers."""

    name: str
    standard: str
    measures: tuple[str, ...]
    sql: tuple[str, ...]


ALL = Asked(
    "all measures together",
    "jersey",
    tuple(name for name, each in MEASURES.items() if each.in_standard(load_standard("jersey"))),
    ("measures", "further"),
)
ONLY_HAMPSHIRE = Asked("the measures that only Hampshire has", "hampshire", HAMPSHIRE_ONLY, ("further_hampshire",))


def run(area_folder: Path) -> list[dict[str, Any]]:
    """The rows of the table: all of Jersey's measures, and those of Hampshire that Jersey has not; all periods and one."""
    with tempfile.TemporaryDirectory(prefix="mappa-monitor-typed-") as kept:
        folder = Path(kept)
        repeating = write_typed(area_folder, folder)
        return [
            _row(f"{asked.name}, {name}, against DuckDB", asked, folder, periods, repeating)
            for asked in (ALL, ONLY_HAMPSHIRE)
            for name, periods in periods_of(asked.standard).items()
        ]


def periods_of(standard: str) -> dict[str, list[Period]]:
    """What both sides are asked about, by its name in the table."""
    held_to = load_standard(standard)
    first = date(AS_AT.year - NATIONAL_YEARS + 1, 1, 1)
    return {
        "every quarter and year": periods_between(held_to, first, AS_AT),
        "one quarter": [quarter_of(held_to, AS_AT)],
    }


def _row(name: str, asked: Asked, folder: Path, periods: Sequence[Period], repeating: Repeating) -> dict[str, Any]:
    told, in_duckdb = answers(asked, folder, periods, repeating)
    cases = pl.scan_parquet(folder / "cases.parquet").select(pl.len()).collect().item()
    times = 1 if cases < SMALL else TIMES
    ours, theirs = in_turn(
        lambda: measured(asked, folder, periods, repeating),
        lambda: in_sql(asked, folder, periods, repeating),
        times=times,
    )
    return {
        "name": name,
        "ours_seconds": ours,
        "other_seconds": theirs,
        "ratio": ours / theirs,
        "bound": SQL_BOUND,
        "same_answers": told.equals(in_duckdb),
    }


def measured(asked: Asked, folder: Path, periods: Sequence[Period], repeating: Repeating) -> pl.DataFrame:
    """The product's results."""
    measures = [MEASURES[name] for name in asked.measures]
    return all_results(area_in(folder, repeating, asked.standard), periods, measures, dimensions=False)


def in_sql(asked: Asked, folder: Path, periods: Sequence[Period], repeating: Repeating) -> pl.DataFrame:
    """DuckDB's counts, on its own number of threads."""
    told = {
        "folder": folder,
        "as_at": AS_AT,
        "periods": ", ".join(f"('{each.name}', date '{each.start}', date '{each.end}')" for each in periods),
        "first": min(each.start for each in periods),
        "last": max(each.end for each in periods),
        "repeats": str(any(repeating.values())).lower(),
    }
    off = pl.DataFrame({"day": days_off(load_standard(asked.standard))}, schema={"day": pl.Date})
    with duckdb.connect() as connection:
        connection.register("days_off", off)
        queries = [(Path(__file__).parent / f"{name}.sql").read_text("utf-8").format(**told) for name in asked.sql]
        return pl.concat([connection.sql(query).pl().select(COUNTS) for query in queries])


def answers(
    asked: Asked, folder: Path, periods: Sequence[Period], repeating: Repeating
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What both sides count, wherever anything was owed."""
    results = measured(asked, folder, periods, repeating)
    ours = results.filter(pl.col("by").is_in([HEADLINE, UNIT]) & (pl.col("owed") > 0))
    return ours.select(COUNTS).sort(COUNTS), in_sql(asked, folder, periods, repeating).sort(COUNTS)
