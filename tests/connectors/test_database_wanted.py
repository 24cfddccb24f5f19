"""A table, a view or a query for each canonical table, as the settings name them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, oracle

from connectors.sources import database_words, pull
from connectors.sources.database_columns import Holder, column
from connectors.sources.wanted import Wanted, is_a_name, schema_and_name, wrong_with
from tests.connectors.small_area import write_database, write_sqlite
from tests.connectors.test_database import SECRET, refused, run, sqlite

ROOT = Path(__file__).resolve().parents[2]

QUERY = "select case_id, level, entered_on, visor_recorded, 'Zebedee' as note from cases where level = '2'"
TWO = Wanted(tables={"attendance": "attendance"}, queries={"cases": QUERY})


def test_only_what_is_named_is_read(tmp_path: Path) -> None:
    brought = pull(write_sqlite(tmp_path / "area.db"), wanted=TWO)
    assert list(brought.tables) == ["cases", "attendance"]
    cases = brought.tables["cases"]
    assert cases.drop("_file", "_row").rows() == [("C001", "2", "2023-01-04", "true", "cases")]
    assert brought.notes == [
        'area.db, query "cases": columns left out, as the table cases has none of that name: "note".'
    ]
    assert SECRET not in str(brought)
    assert [(file.name, file.rows) for file in brought.files] == [("area.db: cases", 1), ("area.db: attendance", 3)]


@pytest.mark.postgres
def test_a_query_gives_the_types_of_its_columns(postgres_url: str) -> None:
    write_database(postgres_url)
    (row,) = pull(postgres_url, wanted=TWO).tables["cases"].drop("_file", "_row").rows()
    assert row == ("C001", "2", date(2023, 1, 4), True, "cases")


@pytest.mark.postgres
def test_names_with_a_schema_capitals_and_dots(postgres_url: str) -> None:
    run(
        postgres_url,
        "CREATE SCHEMA mappa",
        'CREATE TABLE mappa."Vw.Cases" (case_id text, level varchar(2))',
        "INSERT INTO mappa.\"Vw.Cases\" VALUES ('C1', '2')",
        "CREATE TABLE cases (id int, surname text)",  # somebody else's, which must not be mistaken for ours
    )
    brought = pull(postgres_url, wanted=Wanted(tables={"cases": 'mappa."Vw.Cases"'}))
    assert brought.tables["cases"].drop("_file").rows() == [("C1", "2", "mappa.Vw.Cases", 1)]
    said = refused(postgres_url, wanted=Wanted(tables={"cases": "mappa.vw_cases"}))
    assert said.endswith(
        '"mappa.vw_cases" is not there for this account, or something it asks for is not. Correct database.tables.cases in '
        "the settings, capitals and small letters as the database has them, or ask for the right to SELECT from it."
    )


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query",
    [
        "with c as (select * from cases) select case_id, level from c",
        "select case_id::text, level from cases where case_id not like '%(s' and case_id <> ':x;y'; ",
        "select case_id, level from cases -- all of them",
        "-- all of them\nselect case_id, level from cases order by 1 desc",
    ],
)
def test_queries_are_sent_as_they_stand(postgres_url: str, query: str) -> None:
    write_database(postgres_url)
    assert wrong_with(query) is None
    cases = pull(postgres_url, wanted=Wanted(queries={"cases": query})).tables["cases"]
    assert sorted(cases["case_id"].to_list()) == ["0042", "C001", "C003"]


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query",
    [
        "with gone as (delete from cases returning *) select case_id from gone",
        "select case_id from cases) as x; delete from cases; select * from (select 1",
        "select case_id, setval('s', 5) as level from cases",
    ],
)
def test_a_query_cannot_write_whatever_the_settings_let_through(postgres_url: str, query: str) -> None:
    write_database(postgres_url)
    run(postgres_url, "CREATE SEQUENCE s")
    refused(postgres_url, wanted=Wanted(queries={"cases": query}))
    assert pull(postgres_url).tables["cases"].height == 3


def test_what_the_settings_name_and_sqlite_does_not_know(tmp_path: Path) -> None:
    url = write_sqlite(tmp_path / "area.db")
    for wanted in (
        Wanted(tables={"cases": "vw_cases"}),
        Wanted(queries={"cases": "select case_id from nowhere"}),
        Wanted(queries={"cases": "select Zebedee as case_id from cases"}),
    ):
        assert "is not there for this account" in refused(url, wanted=wanted)
    said = refused(url, wanted=Wanted(queries={"cases": "select case_id from cases wher level = 'Zebedee'"}))
    assert said == (
        "The sqlite database area.db: the query for cases is not understood by the database. Try it in another program and "
        "correct database.queries.cases in the settings."
    )


def test_yes_and_no_that_a_query_works_out(tmp_path: Path) -> None:
    url = sqlite(
        tmp_path / "area.db", "CREATE TABLE t (id TEXT, n INTEGER)", "INSERT INTO t VALUES ('C1', 3), ('C2', 0)"
    )
    query = "select id as case_id, n > 1 as visor_recorded, n as birth_year from t"
    cases = pull(url, wanted=Wanted(queries={"cases": query})).tables["cases"]
    assert cases.select("case_id", "birth_year", "visor_recorded").rows() == [("C1", "3", "true"), ("C2", "0", "false")]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cases", (None, "cases")),
        ("mappa.vw_cases", ("mappa", "vw_cases")),
        ("live.dbo.Cases", ("live.dbo", "Cases")),
        ('"my schema"."a.b"', ("my schema", "a.b")),
    ],
)
def test_names(text: str, parts: tuple[str | None, str]) -> None:
    assert is_a_name(text)
    assert schema_and_name(text) == parts


@pytest.mark.parametrize("text", ["", " ", "a.", ".a", "a..b", "a.b.c.d", 'a"b', "select 1"])
def test_what_is_no_name(text: str) -> None:
    assert not is_a_name(text)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "a query that begins with SELECT or WITH"),
        ("delete from cases", "a query that begins with SELECT or WITH"),
        ("selected", "a query that begins with SELECT or WITH"),
        ("/*! delete from cases */ select 1", "a query that begins with SELECT or WITH"),
        ("select 1; select 2", "a single statement, with no semicolon inside it"),
        ("select 1;;", "a single statement, with no semicolon inside it"),
        ("select (1", "a query in which every bracket has its match"),
        ("select 1) x, (select 2", "a query in which every bracket has its match"),
        ("select 'it", "a query in which every ' has its match"),
        ("select * into outfile '/tmp/x' from cases", "a query that only reads; INTO writes"),
    ],
)
def test_what_is_no_query(query: str, said: str) -> None:
    assert wrong_with(query) == said


@pytest.mark.parametrize(
    ("dialect", "name", "expected"),
    [
        (
            mssql.dialect(),
            "live.dbo.vw_cases",
            "SELECT CAST([Level] AS NVARCHAR(2000)) AS c0 FROM live.dbo.[vw_cases] ORDER BY c0",
        ),
        (
            oracle.dialect(),
            "live.vw_cases",
            'SELECT CAST("Level" AS VARCHAR2(2000 CHAR)) AS c0 FROM live.vw_cases ORDER BY CAST("Level" AS VARCHAR2(2000 CHAR))',
        ),
    ],
)
def test_what_is_asked_of_databases_that_cannot_be_run_here(dialect: sa.Dialect, name: str, expected: str) -> None:
    """Text of a type that they can sort by, and names quoted as they keep them."""
    fetched = column("cases", "level", "Level", sa.types.NullType(), dialect).select.label("c0")
    query = sa.select(fetched).select_from(Holder.named(name).source(dialect)).order_by(fetched)
    assert " ".join(str(query.compile(dialect=dialect)).split()) == expected


def test_each_driver_that_is_asked_for_is_an_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert {extra: [need.split(">")[0] for need in needs] for extra, needs in extras.items()} == {
        extra: [driver] for driver, extra in database_words.EXTRAS.items()
    }
