"""MariaDB: reading only, one moment, its own types, and its errors in our words, on a real server."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from checks.runner import check
from checks.standard import load_standard
from connectors.sources import database, database_session, pull
from connectors.sources.source import Pull
from connectors.sources.wanted import Wanted
from tests.command import assert_plain, assert_shows_nothing, mappa
from tests.connectors.small_area import AREA, as_text, texts, write_database
from tests.connectors.test_database import (
    SECRET,
    TOO_LONG,
    cut_every_time,
    cut_once,
    refused,
    refuses_wrong_credentials_and_names,
    run,
)
from tests.mariadb_server import MariaDB, free_port

pytestmark = pytest.mark.mariadb


@contextmanager
def reader(server: MariaDB, name: str, *grants: str) -> Generator[str]:
    """An account that may do no more than these grants say; its address, without the password (Tuesday-17)."""
    user = f"r_{name.removeprefix('test_')}"
    server.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'Tuesday-17'")
    try:
        server.execute(*(f"GRANT {grant} TO {user}@'127.0.0.1'" for grant in grants))
        yield f"mariadb://{user}@127.0.0.1:{server.port}/{name}"
    finally:
        server.execute(f"DROP USER {user}@'127.0.0.1'")


def name_of(url: str) -> str:
    return sa.make_url(url).database or ""


def test_it_cannot_be_written(mariadb_url: str) -> None:
    url = sa.make_url(write_database(mariadb_url))
    with database_session.session(url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cases").scalar() == 3
        with pytest.raises(exc.OperationalError, match="READ ONLY transaction"):
            connection.exec_driver_sql("INSERT INTO cases (case_id) VALUES ('X')")


def test_all_tables_are_read_as_of_one_moment(mariadb_url: str) -> None:
    write_database(mariadb_url)
    add = "INSERT INTO attendance (meeting_id, agency) VALUES ('M9', 'late')"

    def change(what: str, done: int, of: int) -> None:
        if what.endswith("cases"):  # before the first table is read, after the session has begun
            run(mariadb_url, add)

    assert pull(mariadb_url, progress=change).tables["attendance"].height == 3
    assert pull(mariadb_url).tables["attendance"].height == 4


def test_the_same_area_as_everywhere(mariadb_url: str) -> None:
    found = texts(pull(write_database(mariadb_url)))
    yes_and_no = {"true": "1", "false": "0"}
    for table, frame in AREA.items():
        flags = [name for name, dtype in frame.schema.items() if dtype == pl.Boolean]
        expected = as_text(frame).with_columns(pl.col(flags).replace(yes_and_no))
        assert found[table].sort(pl.all()).equals(expected.sort(pl.all())), table


KINDS = (
    "CREATE TABLE people (case_id char(8), category enum('1', '2'), level tinyint, entered_on date, exited_on datetime, "
    "identified_on timestamp NULL, visor_recorded boolean, victim_plan bit(1), contingency_plan int, birth_year year, "
    "lead_agency varchar(40) CHARACTER SET utf8mb4, sex decimal(4, 1), risk_of_harm mediumtext, ethnicity json, "
    "Surname text) CHARACTER SET utf8mb4",
    "INSERT INTO people VALUES ('C1', '2', 3, '2023-01-04', '2023-06-30 00:00', '2023-01-04 13:05', true, b'1', 0, 1970, "
    "'Ärzte 🚑 “NHS”', 1.5, 'low', '{\"a\": 1}', 'Zebedee'), "
    "('C2', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
)
ROW = {
    "case_id": "C1",
    "category": "2",
    "level": 3,
    "entered_on": date(2023, 1, 4),
    "exited_on": datetime.fromisoformat("2023-06-30"),
    "lead_agency": "Ärzte 🚑 “NHS”",
    "risk_of_harm": "low",
    "birth_year": 1970,
    "sex": "1.5",
    "ethnicity": '{"a": 1}',
    "identified_on": datetime.fromisoformat("2023-01-04T13:05"),
    "visor_recorded": 1,
    "victim_plan": 1,
    "contingency_plan": 0,
}


def rows(brought: Pull) -> list[dict[str, object]]:
    assert SECRET not in str(brought)
    return list(brought.tables["cases"].drop("_file", "_sheet", "_row").sort("case_id").rows(named=True))


def test_its_types_from_a_view_and_from_a_query(mariadb_url: str) -> None:
    run(mariadb_url, *KINDS, "CREATE VIEW cases AS SELECT * FROM people")
    assert rows(pull(mariadb_url)) == [ROW, dict.fromkeys(ROW) | {"case_id": "C2"}]
    query = "select * from people where lead_agency is null or lead_agency <> ':a %s' -- as \"it\" is"
    assert rows(pull(mariadb_url, wanted=Wanted(queries={"cases": query}))) == rows(pull(mariadb_url))


def test_yes_and_no_become_yes_and_no_and_nothing_else(mariadb_url: str) -> None:
    run(
        mariadb_url,
        "CREATE TABLE cases (case_id varchar(9), visor_recorded boolean, victim_plan bit(1), entered_on date)",
        "INSERT INTO cases VALUES ('C1', true, b'1', NULL), ('C2', false, b'0', NULL), ('C3', 2, NULL, '2023-01-04')",
    )
    checked = check(pull(mariadb_url).tables, load_standard("jersey"), date(2023, 12, 31))
    typed = checked.tables.frames["cases"].sort("case_id")
    assert typed["visor_recorded"].to_list() == [True, False, None]
    assert typed["victim_plan"].to_list() == [True, False, None]
    wrong = checked.findings.filter(pl.col("rule") == "cases.visor_recorded.type")
    assert wrong["key"].to_list() == ["C3"]


def test_a_day_that_is_none_becomes_a_finding_and_costs_no_other_cell(mariadb_url: str) -> None:
    run(
        mariadb_url,
        "SET SESSION sql_mode = ''",
        "CREATE TABLE cases (case_id varchar(9), entered_on date, visor_recorded boolean)",
        "INSERT INTO cases VALUES ('C1', '0000-00-00', true), ('C2', '2023-01-04', false)",
    )
    checked = check(pull(mariadb_url).tables, load_standard("jersey"), date(2023, 12, 31))
    typed = checked.tables.frames["cases"].sort("case_id")
    assert typed.select("entered_on", "visor_recorded").rows() == [(None, True), (date(2023, 1, 4), False)]
    assert checked.findings.filter(pl.col("rule") == "cases.entered_on.type")["key"].to_list() == ["C1"]


def test_a_view_in_another_schema_is_enough_for_an_account_that_may_only_select_from_it(
    mariadb_server: MariaDB, mariadb_url: str
) -> None:
    write_database(mariadb_url)
    mine = name_of(mariadb_url)
    with mariadb_server.new_database() as other:
        view = f"CREATE VIEW {other}.vw_cases AS SELECT case_id, level FROM {mine}.cases"  # noqa: S608
        mariadb_server.execute(view)
        with reader(mariadb_server, mine, f"SELECT ON {other}.vw_cases", f"SELECT ON {mine}.smb_meetings") as address:
            wanted = Wanted(tables={"cases": f"{other}.vw_cases"})
            brought = pull(address, "Tuesday-17", wanted=wanted)
    cases = brought.tables["cases"]
    assert cases.columns[:2] == ["case_id", "level"]
    assert cases["_sheet"].unique().to_list() == [f"{other}.vw_cases"]
    assert list(brought.tables) == ["cases"]
    assert brought.notes == []


def test_a_statement_that_takes_too_long_is_ended(mariadb_url: str) -> None:
    run(mariadb_url, "CREATE VIEW cases AS SELECT 'C1' AS case_id, sleep(30) AS level")
    assert refused(mariadb_url, wanted=Wanted(statement_seconds=1)).endswith(TOO_LONG)


def kill_others(server: MariaDB, database: str) -> None:
    """End every other session with the database, as its administrator would."""
    engine = sa.create_engine(server.url("information_schema"))
    with engine.connect() as connection:
        ids = connection.execute(sa.text("SELECT id FROM processlist WHERE db = :db"), {"db": database}).scalars().all()
        assert ids
        for each in ids:
            connection.exec_driver_sql(f"KILL CONNECTION {each}")
    engine.dispose()


def test_a_session_that_is_killed_once_is_read_anew(
    mariadb_server: MariaDB, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.0, 0.0))
    write_database(mariadb_url)
    cut_once(mariadb_url, lambda: kill_others(mariadb_server, name_of(mariadb_url)))


def test_a_session_that_is_killed_every_time_is_given_up(
    mariadb_server: MariaDB, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.0, 0.0))
    write_database(mariadb_url)
    said = cut_every_time(mariadb_url, lambda: kill_others(mariadb_server, name_of(mariadb_url)))
    assert "the connection broke. It was tried 3 times" in said


def test_wrong_credentials_and_wrong_database(mariadb_server: MariaDB, mariadb_url: str) -> None:
    name = name_of(mariadb_url)
    refuses_wrong_credentials_and_names("mysql", mariadb_server.port, mariadb_server.password, name)
    with reader(mariadb_server, name) as address:
        assert refused(address, "Tuesday-17").startswith(
            f"The mariadb database {name} may not be used by this account."
        )


def test_no_right_to_read(mariadb_server: MariaDB, mariadb_url: str) -> None:
    write_database(mariadb_url)
    name = name_of(mariadb_url)
    query = Wanted(queries={"cases": "select * from attendance"})
    with reader(mariadb_server, name, f"SELECT ON {name}.cases") as address:
        assert pull(address, "Tuesday-17").tables["cases"].height == 3
        assert refused(address, "Tuesday-17", query) == (
            f"The mariadb database {name}: the query for cases may not be read by this account. "
            "Ask for the right to SELECT from it."
        )


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(tables={"cases": "vw_cases"}), '"vw_cases" is not there for this account'),
        (Wanted(queries={"cases": "select case_id from nowhere"}), "the query for cases is not there for this account"),
        (Wanted(queries={"cases": "select Zebedee as case_id from cases"}), "the query for cases is not there"),
        (
            Wanted(queries={"cases": "select case_id frm cases x y"}),
            "the query for cases is not understood by the database",
        ),
        (Wanted(queries={"cases": "select case_id, case_id from cases"}), "not understood by the database"),
    ],
)
def test_what_the_settings_name_and_the_database_does_not_know(mariadb_url: str, wanted: Wanted, said: str) -> None:
    write_database(mariadb_url)
    assert said in refused(mariadb_url, wanted=wanted)


def test_nobody_answers() -> None:
    said = refused(f"mariadb://tester@127.0.0.1:{free_port()}/area", "Tuesday-17")
    assert said.startswith("The mariadb database area could not be reached: the connection was refused.")


def test_from_the_settings_with_the_password_from_the_environment(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_database(mariadb_url)
    name = name_of(mariadb_url)
    monkeypatch.chdir(tmp_path)
    head = f'area = "A"\nsource = "mariadb://tester@127.0.0.1:{mariadb_server.port}/{name}"\nstandards = ["jersey"]\n'
    query = "[database.queries]\ncases = \"select * from cases where level = '2'\"\n"
    (tmp_path / "mappa-monitor.toml").write_text(f"{head}as_at = 2023-12-31\n{query}", encoding="utf-8")
    assert_plain(mappa("refresh"), 3, "asks for a password and none was given", hidden=(mariadb_server.password,))
    monkeypatch.setenv("MAPPA_SOURCE_PASSWORD", mariadb_server.password)
    ran = mappa("check", "--json")
    assert {each["rows"] for each in ran.json["rules"] if each["table"] == "cases" and each["rows"]} == {1}
    assert mappa("refresh").code == 0
    assert_shows_nothing(ran, mariadb_server.password, "://")
