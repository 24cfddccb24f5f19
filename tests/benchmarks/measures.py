"""The seven measures, from Parquet files of typed tables, against the same answers in DuckDB and against reading the columns.

Both sides start from the same files, those that a refresh would keep: typed tables, codes as enumerations. Asked for are the
headline and the breakdown that the contract names, of all seven measures; once for every quarter and year of the history, and
once for one quarter. The SQL (`measures.sql`) counts; rates, intervals and verdicts come on top on our side only.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import duckdb
import polars as pl

from checks.locators import FILE, ROW, SHEET
from checks.numbers import numbered
from checks.runner import check
from checks.standard import load_standard
from checks.typed_tables import TypedTables
from kpis.area import Area
from kpis.periods import Period, periods_between, quarter_of
from kpis.results import HEADLINE, UNIT, all_results
from tests.benchmarks.area import AS_AT, NATIONAL_YEARS
from tests.benchmarks.row import in_turn

STANDARD = "jersey"
SQL_BOUND, READING_BOUND = 1.0, 5.5
TIMES = 7
SQL = Path(__file__).with_suffix(".sql")
MEASURES = (
    "review_level_1",
    "review_level_2",
    "review_level_3",
    "disclosure",
    "agency_attendance",
    "smb_attendance",
    "screening_outcomes",
)
NEEDED = {
    "cases": ("case_id", "category", "exited_on"),
    "spells": ("case_id", "level", "location", "from_on", "until_on"),
    "meetings": (
        "meeting_id",
        "case_id",
        "held_on",
        "kind",
        "outcome_level",
        "disclosure_considered",
        "disclosure_decision",
    ),
    "attendance": ("meeting_id", "agency", "mode", "senior_enough"),
    "reviews": ("case_id", "reviewed_on"),
    "smb_meetings": ("smb_meeting_id", "held_on"),
    "smb_attendance": ("smb_meeting_id", "member", "attended"),
}
"""The columns that the seven measures cannot do without."""
Repeating = Mapping[tuple[str, ...], bool]
COUNTS = ("measure", "period", "unit", "met", "owed", "unknown")


def run(area_folder: Path) -> list[dict[str, Any]]:
    """The rows of the table: all periods and one, each against SQL and against reading."""
    with tempfile.TemporaryDirectory(prefix="mappa-monitor-typed-") as kept:
        folder = Path(kept)
        repeating = write_typed(area_folder, folder)
        standard = load_standard(STANDARD)
        first = date(AS_AT.year - NATIONAL_YEARS + 1, 1, 1)
        asked = {
            "every quarter and year": periods_between(standard, first, AS_AT),
            "one quarter": [quarter_of(standard, AS_AT)],
        }
        rows = []
        for name, periods in asked.items():
            same = same_answers(folder, periods, repeating)
            ours, theirs, reading = in_turn(
                lambda periods=periods: measured(folder, periods, repeating),
                lambda periods=periods: in_sql(folder, periods),
                lambda: read(folder),
                times=TIMES,
            )
            for against, other, bound in (
                ("DuckDB", theirs, SQL_BOUND),
                ("reading their columns", reading, READING_BOUND),
            ):
                rows.append(
                    {
                        "name": f"the measures, {name}, against {against}",
                        "ours_seconds": ours,
                        "other_seconds": other,
                        "ratio": ours / other,
                        "bound": bound,
                        "same_answers": same,
                    }
                )
        return rows


def write_typed(area_folder: Path, folder: Path) -> Repeating:
    """The area's tables as a refresh keeps them, one Parquet file each; and what the checks found out about their keys."""
    raw = {}
    for path in sorted(area_folder.glob("*.parquet")):
        frame = pl.read_parquet(path)
        raw[path.stem] = frame.with_columns(
            pl.lit(path.name).alias(FILE),
            pl.lit(None, dtype=pl.String).alias(SHEET),
            pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(ROW),
        )
    tables = numbered(check(raw, load_standard(STANDARD), AS_AT).tables)
    for name, frame in tables.frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return tables.repeating


def area_in(folder: Path, repeating: Repeating, standard: str = STANDARD) -> Area:
    """The area of the files, unread as yet, held to a standard."""
    frames = {path.stem: pl.scan_parquet(path) for path in folder.glob("*.parquet")}
    supplied = {name: frozenset(frame.collect_schema().names()) for name, frame in frames.items()}
    # Measures ask for lazy tables only; those of an area may therefore be scans.
    return Area(TypedTables(cast(Any, frames), supplied, AS_AT, repeating), load_standard(standard))


def read(folder: Path) -> list[pl.DataFrame]:
    """Every needed column, read and no more."""
    return pl.collect_all(
        [pl.scan_parquet(folder / f"{name}.parquet").select(columns) for name, columns in NEEDED.items()]
    )


def measured(folder: Path, periods: Sequence[Period], repeating: Repeating) -> pl.DataFrame:
    """The product's results."""
    from kpis.measures import MEASURES as declared

    return all_results(area_in(folder, repeating), periods, [declared[name] for name in MEASURES], dimensions=False)


def in_sql(folder: Path, periods: Sequence[Period]) -> pl.DataFrame:
    """DuckDB's counts, on its own number of threads."""
    values = ", ".join(f"('{each.name}', date '{each.start}', date '{each.end}')" for each in periods)
    query = SQL.read_text("utf-8").format(
        folder=folder,
        as_at=AS_AT,
        periods=values,
        first=min(each.start for each in periods),
        last=max(each.end for each in periods),
    )
    with duckdb.connect() as connection:
        return connection.sql(query).pl()


def same_answers(folder: Path, periods: Sequence[Period], repeating: Repeating) -> bool:
    """Whether both sides count the same, wherever anything was owed."""
    ours = measured(folder, periods, repeating).filter(pl.col("by").is_in([HEADLINE, UNIT]) & (pl.col("owed") > 0))
    told = ours.select(COUNTS).sort(COUNTS)
    return told.equals(in_sql(folder, periods).select(COUNTS).sort(COUNTS))
