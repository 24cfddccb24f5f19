"""Databases: reading only, one moment of every table, types as declared, and errors that keep their secrets."""

from __future__ import annotations

import socket
import sqlite3
import time
import traceback
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from checks.errors import SourceError
from checks.locators import ROW
from connectors.sources import database, database_session, database_words, pull
from connectors.sources.source import Pull
from connectors.sources.wanted import Wanted
from tests.connectors.small_area import write_csv, write_database, write_sqlite

SECRET = "Zebedee"  # stands in cells; no sentence and no note may ever say it
TOO_LONG = (
    '"cases" was not read within 1 seconds. Try when the database is less busy, or allow more with statement_seconds '
    "under [database] in the settings."
)
postgres = pytest.mark.postgres


def run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def sqlite(path: Path, *statements: str) -> str:
    run(f"sqlite:///{path}", *statements)
    return f"sqlite:///{path}"


def refused(address: str, password: str | None = None, wanted: Wanted | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        pull(address, password, wanted=wanted)
    said = str(caught.value)
    chain = "".join(traceback.format_exception(caught.value, chain=True))
    assert caught.value.__context__ is None
    for secret in (SECRET, "127.0.0.1", "tester", password):
        assert secret is None or (secret not in said and f"{secret}@" not in chain)
    assert len(said) < 400
    return said


# --- Read only


def test_sqlite_cannot_be_written(tmp_path):
    url = sa.make_url(write_sqlite(tmp_path / "area.db"))
    with database.session(url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cases").scalar() == 3
        with pytest.raises(exc.OperationalError, match="readonly"):
            connection.exec_driver_sql("INSERT INTO cases (case_id) VALUES ('X')")
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        with pytest.raises(exc.OperationalError, match="readonly"):
            connection.exec_driver_sql("INSERT INTO cases (case_id) VALUES ('X')")


@postgres
def test_postgresql_cannot_be_written(postgres_url):
    url = sa.make_url(write_database(postgres_url))
    with database.session(url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cases").scalar() == 3
        with pytest.raises(exc.InternalError, match="read-only transaction"):
            connection.exec_driver_sql("INSERT INTO cases (case_id) VALUES ('X')")


@postgres
def test_a_statement_that_takes_too_long_is_ended(postgres_url):
    run(
        postgres_url,
        "CREATE VIEW cases AS SELECT 'C1' AS case_id, pg_sleep(30)::text AS level",
    )
    assert refused(postgres_url, wanted=Wanted(statement_seconds=1)).endswith(TOO_LONG)


def test_a_sqlite_statement_that_takes_too_long_is_ended(tmp_path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS case_id FROM n"
    url = sqlite(tmp_path / "area.db", f"CREATE VIEW cases AS {endless}")
    assert refused(url, wanted=Wanted(statement_seconds=1)).endswith(TOO_LONG)


def test_the_time_is_each_tables_own_and_not_that_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(database_session, "_STEPS", 1)
    url = write_sqlite(tmp_path / "area.db")
    tables = pull(url, progress=lambda *_: time.sleep(0.4), wanted=Wanted(statement_seconds=1)).tables
    assert [frame.height for frame in tables.values()] == [3, 3, 1]


# --- One moment


def changed_meanwhile(address: str, change: Callable[[], object]) -> dict[str, pl.DataFrame]:
    """The tables pulled while `change` is committed after `cases` is read and before `attendance` is."""
    read: list[str] = []

    def progress(what: str, done: int, of: int) -> None:
        if what.endswith("attendance"):
            assert read == ["cases"]
            change()
        read.append(what.rpartition(" ")[2])

    tables = pull(address, progress=progress).tables
    assert read == ["cases", "attendance", "smb_meetings", "read"]
    return tables


@postgres
def test_postgresql_is_read_as_of_one_moment(postgres_url):
    write_database(postgres_url)
    add = "INSERT INTO attendance (meeting_id, agency) VALUES ('M9', 'late')"
    meanwhile = changed_meanwhile(postgres_url, lambda: run(postgres_url, add))
    assert meanwhile["attendance"].height == 3
    assert pull(postgres_url).tables["attendance"].height == 4


def test_sqlite_is_read_as_of_one_moment(tmp_path):
    path = tmp_path / "area.db"
    url = write_sqlite(path)
    run(url, "PRAGMA journal_mode = WAL")  # else the writer would have to wait for us
    add = "INSERT INTO attendance (meeting_id, agency) VALUES ('M9', 'late')"
    keep = sqlite3.connect(path)
    meanwhile = changed_meanwhile(url, lambda: (keep.execute(add), keep.commit()))
    assert meanwhile["attendance"].height == 3
    assert pull(url).tables["attendance"].height == 4
    keep.close()


# --- Types and columns


def test_sqlite_gives_text_and_booleans_only_where_declared(tmp_path):
    url = sqlite(
        tmp_path / "area.db",
        "CREATE TABLE Cases (case_id, visor_recorded BOOLEAN, victim_plan INTEGER, birth_year REAL, level TEXT, name)",
        "INSERT INTO Cases VALUES ('007', 1, 1, 1970.0, 2, 'Zebedee'), (8, 0, 0, 0.5, x'C3A9', NULL), "
        "('9', 'perhaps', NULL, NULL, '', NULL), ('91', 2, 'yes', 'x', x'FF', NULL)",
    )
    brought = pull(url)
    cases = brought.tables["cases"].sort("case_id")
    assert set(cases.drop(ROW).dtypes) == {pl.String}
    assert cases.select("case_id", "visor_recorded", "victim_plan", "birth_year", "level").rows() == [
        ("007", "true", "1", "1970", "2"),
        ("8", "false", "0", "0.5", "é"),
        ("9", "perhaps", None, None, None),
        ("91", "2", "yes", "x", "\\xff"),
    ]
    assert SECRET not in str(brought)
    assert brought.notes == [
        'area.db, table "Cases": columns left out, as the table cases has none of that name: "name".'
    ]


def test_sqlite_text_that_is_not_utf8_is_kept_visible(tmp_path):
    url = sqlite(
        tmp_path / "area.db",
        "CREATE TABLE cases (case_id TEXT, lead_agency TEXT)",
        "INSERT INTO cases VALUES ('C1', 'é'), ('C2', CAST(x'4DFC' AS TEXT))",
    )
    assert pull(url).tables["cases"]["lead_agency"].to_list() == ["é", "M\\xfc"]


@postgres
def test_postgresql_gives_its_types(postgres_url):
    run(
        postgres_url,
        "CREATE TYPE level AS ENUM ('1', '2', '3')",
        'CREATE TABLE people ("Case_ID" char(8), category varchar(3), level level, entered_on date, '
        "exited_on timestamptz, identified_on timestamp, visor_recorded boolean, birth_year smallint, "
        'sex uuid, ethnicity text[], "Risk_Of_Harm" jsonb, "Surname" text)',
        "INSERT INTO people VALUES ('C1', '1', '2', '2023-01-04', '2023-06-30 00:00+01', '2023-01-04 13:05', true, "
        "1970, '00000000-0000-0000-0000-000000000001', ARRAY['a', 'b'], '{\"a\": 1}', 'Zebedee')",
        'CREATE VIEW "CASES" AS SELECT * FROM people',
        "CREATE TABLE other (x int)",
    )
    brought = pull(postgres_url)
    cases = brought.tables["cases"]
    (row,) = cases.drop("_file").rows(named=True)
    assert row == {
        "case_id": "C1",
        "category": "1",
        "level": "2",
        "entered_on": date(2023, 1, 4),
        "exited_on": datetime.fromisoformat(
            "2023-06-30"
        ),  # midnight on the database's own clock, not 23:00 the day before
        "risk_of_harm": '{"a": 1}',
        "birth_year": 1970,
        "sex": "00000000-0000-0000-0000-000000000001",
        "ethnicity": "{a,b}",
        "identified_on": datetime.fromisoformat("2023-01-04T13:05"),
        "visor_recorded": True,
        "_sheet": "CASES",
        "_row": 1,
    }
    assert SECRET not in str(brought)
    assert any(
        note.endswith('tables and views left aside, as they are not of ours: "other", "people".')
        for note in brought.notes
    )


@postgres
def test_a_date_that_python_cannot_hold_becomes_text_and_not_an_end(postgres_url):
    run(
        postgres_url,
        "CREATE MATERIALIZED VIEW cases AS SELECT * FROM (VALUES ('C1', 'infinity'::date, true), "
        "('C2', '2023-01-04', false)) AS t(case_id, notification_until, visor_recorded)",
    )
    cases = pull(postgres_url).tables["cases"]
    assert cases.select("case_id", "notification_until", "visor_recorded").rows() == [
        ("C1", "infinity", "true"),
        ("C2", "2023-01-04", "false"),
    ]


def test_names_that_need_quoting_and_empty_tables(tmp_path):
    url = sqlite(tmp_path / "a b%.db", 'CREATE TABLE " CASES" ("case_id " TEXT, "select" TEXT, " Level" TEXT)')
    cases = pull(url).tables["cases"]
    assert (cases.height, cases.columns[:2]) == (0, ["case_id", "level"])


def test_the_fingerprint_tells_what_changed_and_not_the_order_of_storing(tmp_path):
    create = "CREATE TABLE cases (case_id TEXT, level TEXT)"
    one = sqlite(tmp_path / "one.db", create, "INSERT INTO cases VALUES ('C1', '1'), ('C1', '2'), ('C2', NULL)")
    two = sqlite(tmp_path / "two.db", create, "INSERT INTO cases VALUES ('C2', NULL), ('C1', '2'), ('C1', '1')")
    third = sqlite(tmp_path / "third.db", create, "INSERT INTO cases VALUES ('C2', '3'), ('C1', '2'), ('C1', '1')")
    marks = [pull(url).files[0].fingerprint for url in (one, two, third)]
    assert marks[0] == marks[1] != marks[2]
    (file,) = pull(one).files
    assert (file.name, file.tables, file.rows, file.modified) == ("one.db: cases", ("cases",), 3, None)


# --- What is wrong


def test_sqlite_file_that_is_not_there_is_not_made(tmp_path):
    path = tmp_path / "gone.db"
    assert refused(f"sqlite:///{path}").startswith("There is no SQLite file gone.db")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_file_that_is_none(tmp_path):
    path = tmp_path / "area.db"
    path.touch()
    assert (
        refused(f"sqlite:///{path}") == "The SQLite file area.db is empty (0 bytes). Expected a database with tables."
    )
    path.write_text(f"case_id,{SECRET}")
    assert refused(f"sqlite:///{path}").startswith("area.db is not a SQLite database")
    assert refused(f"sqlite:///{tmp_path}").endswith("is a folder. Expected a SQLite file.")
    assert refused("sqlite://").startswith("The SQLite address names no file.")


def test_sqlite_file_that_is_damaged(tmp_path):
    path = tmp_path / "area.db"
    url = write_sqlite(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert refused(url) == "The sqlite database area.db is damaged. Restore it from a copy."


def test_sqlite_file_that_is_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(database_words, "CONNECT_SECONDS", 0.1)
    url = write_sqlite(tmp_path / "area.db")
    other = sqlite3.connect(tmp_path / "area.db")
    other.execute("BEGIN EXCLUSIVE")
    assert refused(url).startswith("The sqlite database area.db is locked by another program.")
    other.close()


def test_view_over_something_that_is_gone(tmp_path):
    url = sqlite(
        tmp_path / "area.db", "CREATE TABLE t (case_id)", "CREATE VIEW cases AS SELECT * FROM t", "DROP TABLE t"
    )
    assert "cases" in refused(url)


def test_no_table_of_ours_one_doubled_and_a_column_doubled(tmp_path):
    empty = sqlite(tmp_path / "empty.db", f"CREATE TABLE people ({SECRET})")
    assert refused(empty).startswith("empty.db holds none of the tables looked for: cases, spells")
    twice = sqlite(tmp_path / "twice.db", "CREATE TABLE cases (case_id)", 'CREATE VIEW "cases " AS SELECT * FROM cases')
    assert 'twice.db: "cases" and "cases " both claim to be the table cases' in refused(twice)
    column = sqlite(tmp_path / "column.db", 'CREATE TABLE cases (case_id, "CASE_ID ")')
    assert 'column.db, table "cases": the column "case_id" is there twice' in refused(column)
    strange = sqlite(tmp_path / "strange.db", f"CREATE TABLE cases ({SECRET})")
    assert 'strange.db, table "cases": none of the headings of the table cases is there' in refused(strange)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "nothing://tester:pw@127.0.0.1/area",
            "There is no kind of database called nothing. Give one of postgresql, mysql,",
        ),
        (
            "postgres://tester:pw@127.0.0.1/area",
            "There is no kind of database called postgres. Did you mean postgresql?",
        ),
        (
            "mssql://tester:pw@127.0.0.1/area",
            "The mssql database area needs a driver that is not installed: pyodbc (the extra “sqlserver”). Install it into "
            "the environment that runs MAPPA Monitor with `python -m pip install pyodbc`.",
        ),
        (
            "oracle://tester:pw@127.0.0.1/area",
            "The oracle database area needs a driver that is not installed: oracledb (the extra “oracle”). Install it into",
        ),
        ("postgresql://tester:pw@127.0.0.1:port/area", "The database's address is not understood."),
        ("://tester:pw@127.0.0.1", "The database's address is not understood."),
    ],
)
def test_addresses_that_cannot_be(address, said):
    assert refused(address).startswith(said)


def test_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = refused(f"postgresql://tester@127.0.0.1:{port}/area", "Tuesday-17")
    assert said.startswith("The postgresql database area could not be reached: the connection was refused. Check the")
    said = refused(f"postgresql://tester@no.such.host.invalid:{port}/area", "Tuesday-17")
    assert said.startswith("The postgresql database area could not be reached within 10 seconds.")
    assert "no.such.host" not in said


def test_a_server_that_never_answers(monkeypatch):
    monkeypatch.setattr(database_words, "CONNECT_SECONDS", 2)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        said = refused(f"postgresql://tester@127.0.0.1:{mute.getsockname()[1]}/area", "Tuesday-17")
    assert said.startswith("The postgresql database area could not be reached within 2 seconds.")


def refuses_wrong_credentials_and_names(kind: str, port: int, password: str, name: str) -> None:
    bare = f"{kind}://tester@127.0.0.1:{port}"
    refusal = f"The {kind} database {name} refused the user name or password. Check both."
    assert refused(f"{bare}/{name}", "Tuesday-17") == refusal
    assert refused(f"{bare.replace('tester', 'nobody')}/{name}", "Tuesday-17") == refusal
    assert refused(f"{bare}/{name}").startswith(f"The {kind} database {name} asks for a password and none was given")
    assert refused(f"{bare}/nowhere", password) == f"The server has no {kind} database called nowhere. Check the name."


@postgres
def test_wrong_credentials_and_wrong_database(postgres_server, postgres_url):
    name = sa.make_url(postgres_url).database or ""
    refuses_wrong_credentials_and_names("postgresql", postgres_server.port, postgres_server.password, name)


@postgres
def test_no_right_to_read_a_table(postgres_server, postgres_url):
    write_database(postgres_url)
    reader = f"reader_{sa.make_url(postgres_url).database}"
    run(postgres_url, f"CREATE ROLE {reader} LOGIN PASSWORD 'Tuesday-17'", f"GRANT SELECT ON cases TO {reader}")
    try:
        name = sa.make_url(postgres_url).database
        address = f"postgresql://{reader}@127.0.0.1:{postgres_server.port}/{name}"
        assert refused(address, "Tuesday-17") == (
            f'The postgresql database {name}: "attendance" may not be read by this account. '
            "Ask for the right to SELECT from it."
        )
        run(postgres_url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
        assert pull(address, "Tuesday-17").tables["cases"].height == 3
    finally:
        run(postgres_url, f"DROP OWNED BY {reader}", f"DROP ROLE {reader}")


def cut_others(url: str) -> None:
    """End every other session with the database, as its administrator would."""
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def cut_once(url: str, cut: Callable[[], object]) -> Pull:
    """What is pulled where the connection is cut after the first table, and a case was added meanwhile."""
    told: list[str] = []

    def progress(what: str, done: int, of: int) -> None:
        told.append(what.rpartition(" ")[2])
        if told == ["cases", "attendance"]:
            run(url, "INSERT INTO cases (case_id) VALUES ('C9')")
            cut()

    brought = pull(url, progress=progress)
    assert told == ["cases", "attendance", "broke", "cases", "attendance", "smb_meetings", "read"]
    assert [file.rows for file in brought.files] == [4, 3, 1]
    return brought


def cut_every_time(url: str, cut: Callable[[], object]) -> str:
    """What is said where the connection is cut after the first table however often it is tried."""
    cuts: list[str] = []

    def progress(what: str, done: int, of: int) -> None:
        if what.endswith("attendance"):
            cuts.append(what)
            cut()

    with pytest.raises(SourceError) as caught:
        pull(url, progress=progress)
    assert len(cuts) == 3
    return str(caught.value)


@postgres
def test_a_connection_that_breaks_once_is_read_anew_from_a_new_moment(postgres_url, monkeypatch):
    monkeypatch.setattr(database, "PAUSES", (0.0, 0.0))
    write_database(postgres_url)
    brought = cut_once(postgres_url, lambda: cut_others(postgres_url))
    assert brought.tables["cases"].height == 4  # all of it is as of the second moment, nothing left of the first
    assert any(note.endswith("the connection broke once; everything was read anew after it.") for note in brought.notes)


@postgres
def test_a_connection_that_breaks_every_time_is_given_up(postgres_url, monkeypatch):
    monkeypatch.setattr(database, "PAUSES", (0.0, 0.0))
    write_database(postgres_url)
    assert cut_every_time(postgres_url, lambda: cut_others(postgres_url)) == (
        f'The postgresql database {sa.make_url(postgres_url).database}: "attendance" could not be read: the connection '
        "broke. It was tried 3 times; try when the database is steadier."
    )


def test_the_database_gives_what_the_folder_gives_row_by_row(tmp_path):
    """The same rows, so that a change of source is no change of figures."""
    one = pull(write_sqlite(tmp_path / "area.db")).tables["attendance"].drop("_file", "_sheet", "_row")
    two = pull(str(write_csv(tmp_path / "area"))).tables["attendance"].drop("_file", "_sheet", "_row")
    assert one.equals(two.sort("meeting_id", "agency"))
