"""The sample area as a whole: made in memory, or written as the files of a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import polars as pl

from checks.errors import UsageError
from connectors.sample import figures, records
from connectors.sample.columns import COLUMNS
from connectors.sample.days import Days
from connectors.sample.flaws import PlantedRow, Sheets, plant
from connectors.sample.lives import make_lives
from connectors.sample.sittings import make_sittings

LARGEST_CASES = 1_000_000
LARGEST_YEARS = 40
AS_AT = date(2023, 12, 31)


@dataclass
class SampleArea:
    """A synthetic area.

    `tables` canonical name → frame of text columns as the files hold them (ISO dates, `true`/`false`, null = missing) ·
    `planted` rule id → findings planted on purpose · `planted_rows` rule id → where each is.
    """

    tables: dict[str, pl.DataFrame]
    planted: dict[str, int] = field(default_factory=dict)
    planted_rows: dict[str, list[PlantedRow]] = field(default_factory=dict)


def make_area(
    cases: int = figures.ACTIVE, years: int = 5, seed: int = 2023, as_at: date = AS_AT, flaws: bool = True
) -> SampleArea:
    """An invented area with `cases` active cases on the as-at date and the records of the `years` before it.

    Of the published size (246) it has the margins, meetings, referrals and movements that Jersey published for 2023;
    other sizes keep the proportions. The same arguments give the same bytes on any machine. With `flaws` false the
    records are sound (though not every duty is done); with `flaws` true the same records are spoilt in places, and
    `planted` says where.
    """
    if not 1 <= cases <= LARGEST_CASES:
        raise UsageError(f"The sample area can have 1 to {LARGEST_CASES:,} cases; {cases:,} were asked for.")
    if not 1 <= years <= LARGEST_YEARS:
        raise UsageError(f"The sample area can go back 1 to {LARGEST_YEARS} years; {years:,} were asked for.")
    if not 1900 <= as_at.year <= 2999:
        raise UsageError(f"The sample area's as-at date must lie between 1900 and 2999; it is {as_at.isoformat()}.")
    days = Days(as_at, years)

    def rng(what: str) -> Random:
        # One stream of chance per table: a change to one leaves the others as they were.
        return Random(f"{what} {cases} {years} {seed} {as_at.isoformat()}")

    lives = make_lives(cases, days, rng("lives"))
    sittings = make_sittings(lives, cases, days, rng("sittings"))
    case_rows = records.make_cases(lives, sittings, days, rng("cases"))
    smb_meetings, smb_attendance = records.make_board(days, rng("board"))
    columns: dict[str, records.Columns] = {
        "cases": case_rows,
        "spells": records.make_spells(lives, days),
        "referrals": records.make_referrals(lives, cases, days, rng("referrals")),
        "meetings": records.make_meetings(sittings, lives, days, rng("meetings")),
        "attendance": records.make_attendance(sittings, lives, days, rng("attendance")),
        "smb_meetings": smb_meetings,
        "smb_attendance": smb_attendance,
        "actions": records.make_actions(sittings, lives, days, rng("actions")),
        "reviews": records.make_reviews(lives, days, rng("reviews")),
        "visits": records.make_visits(lives, days, rng("visits")),
        "events": records.make_events(lives, case_rows, days, rng("events")),
        "population": records.make_population(days),
    }
    planted: dict[str, list[PlantedRow]] = {}
    if flaws:
        sheets = Sheets(columns)
        plant(sheets, cases, days, rng("flaws"))
        columns, planted = sheets.finish()
    return SampleArea(
        tables={table: _frame(columns[table], table) for table in COLUMNS},
        planted={rule: len(rows) for rule, rows in planted.items()},
        planted_rows=planted,
    )


def _frame(columns: records.Columns, table: str) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, columns[name], dtype=pl.String) for name in COLUMNS[table]])


def write_area(area: SampleArea, folder: Path | str) -> list[Path]:
    """Write each table as `NAME.csv` (UTF-8, header, empty = missing) into the folder; the files written."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for table, frame in area.tables.items():
        path = target / f"{table}.csv"
        frame.write_csv(path)
        written.append(path)
    return written
