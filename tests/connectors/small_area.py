"""One small area, invented, and writers that put it into every kind of source."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import sqlalchemy as sa
import xlsxwriter

from checks.locators import EXTRA_CELLS, LOCATORS
from connectors.sources.source import Pull

AREA: Mapping[str, pl.DataFrame] = {
    "cases": pl.DataFrame(
        {
            "case_id": ["C001", "0042", "C003"],
            "category": ["1", "pdp", "2"],
            "level": ["2", "1", None],
            "entered_on": [date(2023, 1, 4), date(2022, 12, 31), date(2020, 2, 29)],
            "exited_on": [None, date(2023, 6, 30), None],
            "lead_agency": ["police", "health, adult", 'the "hub"'],
            "birth_year": [1970, 1985, None],
            "visor_recorded": [True, False, None],
        }
    ),
    "attendance": pl.DataFrame(
        {
            "meeting_id": ["M1", "M1", "M2"],
            "agency": ["housing", "police", "police"],
            "mode": ["in person", "apologies", None],
            "senior_enough": [True, None, False],
        }
    ),
    "smb_meetings": pl.DataFrame({"smb_meeting_id": ["S1"], "held_on": [date(2023, 3, 1)]}),
}


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame's canonical columns as text, in an order that does not hang on the source's."""
    frame = frame.drop(*(c for c in (*LOCATORS, EXTRA_CELLS) if c in frame.columns))
    return frame.select(pl.all().cast(pl.String)).sort(pl.all())


def texts(pull: Pull) -> dict[str, pl.DataFrame]:
    return {table: as_text(frame) for table, frame in pull.tables.items()}


def write_csv(folder: Path, area: Mapping[str, pl.DataFrame] = AREA) -> Path:
    folder.mkdir(exist_ok=True)
    for table, frame in area.items():
        frame.write_csv(folder / f"{table}.csv")
    return folder


def write_parquet(folder: Path) -> Path:
    folder.mkdir()
    for table, frame in AREA.items():
        frame.write_parquet(folder / f"{table}.parquet")
    return folder


def write_workbook(path: Path) -> Path:
    """With real date cells, numbers and booleans, as Excel would hold them."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for table, frame in AREA.items():
            sheet = book.add_worksheet(table)
            sheet.write_row(0, 0, frame.columns)
            for row, record in enumerate(frame.iter_rows(), start=1):
                for column, value in enumerate(record):
                    if isinstance(value, date):
                        sheet.write_datetime(row, column, value, day)
                    elif isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write(row, column, value)
    return path


_SQL: dict[type[pl.DataType], str] = {pl.String: "TEXT", pl.Date: "DATE", pl.Boolean: "BOOLEAN", pl.Int64: "INTEGER"}


def _statements() -> list[tuple[str, str, list[tuple[object, ...]]]]:
    made = []
    for table, frame in AREA.items():
        columns = ", ".join(f'"{name}" {_SQL[dtype.base_type()]}' for name, dtype in frame.schema.items())
        names = ", ".join(f'"{name}"' for name in frame.columns)
        made.append((f'CREATE TABLE "{table}" ({columns})', f'INSERT INTO "{table}" ({names})', frame.rows()))
    return made


def write_sqlite(path: Path) -> str:
    """The area in a SQLite file; its URL."""
    with sqlite3.connect(path) as connection:
        for create, insert, rows in _statements():
            connection.execute(create)
            marks = ", ".join("?" * len(rows[0]))
            plain = [tuple(v.isoformat() if isinstance(v, date) else v for v in row) for row in rows]
            connection.executemany(f"{insert} VALUES ({marks})", plain)
    connection.close()
    return f"sqlite:///{path}"


def write_database(url: str) -> str:
    """The area in an empty server database; its URL."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if connection.dialect.name in ("mysql", "mariadb"):
            connection.exec_driver_sql("SET SESSION sql_mode = 'ANSI_QUOTES'")
        for create, insert, rows in _statements():
            connection.exec_driver_sql(create)
            marks = ", ".join(["%s"] * len(rows[0]))
            for row in rows:
                connection.exec_driver_sql(f"{insert} VALUES ({marks})", row)
    engine.dispose()
    return url
