"""One area gives the same records from whatever it is kept in, and the right source is found for an address."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.errors import SourceError
from checks.locators import LOCATORS
from connectors.sources import modules, pull
from tests.connectors.small_area import AREA, as_text, texts, write_csv, write_database, write_parquet, write_sqlite
from tests.connectors.small_area import write_workbook as write_book

EXPECTED = {table: as_text(frame) for table, frame in AREA.items()}


def same(address: str | Path, password: str | None = None) -> None:
    found = texts(pull(str(address), password))
    assert found.keys() == EXPECTED.keys()
    for table, frame in EXPECTED.items():
        assert found[table].to_dict(as_series=False) == frame.to_dict(as_series=False), table


def test_csv_folder(tmp_path):
    same(write_csv(tmp_path / "area"))


def test_parquet_folder(tmp_path):
    same(write_parquet(tmp_path / "area"))


def test_workbook(tmp_path):
    same(write_book(tmp_path / "area.xlsx"))


def test_sqlite(tmp_path):
    same(write_sqlite(tmp_path / "area.db"))


@pytest.mark.postgres
def test_postgresql(postgres_url):
    same(write_database(postgres_url))


@pytest.mark.postgres
def test_the_password_may_come_apart_from_the_address(postgres_url, postgres_server):
    write_database(postgres_url)
    address = postgres_url.replace(f":{postgres_server.password}@", "@")
    assert address != postgres_url
    same(address, postgres_server.password)
    assert any("holds its password" in note for note in pull(postgres_url).notes)
    assert pull(address, postgres_server.password).notes == []


def test_every_row_says_where_it_came_from(tmp_path):
    brought = pull(str(write_csv(tmp_path / "area")))
    cases = brought.tables["cases"]
    assert cases.select(LOCATORS).rows() == [("cases.csv", None, 2), ("cases.csv", None, 3), ("cases.csv", None, 4)]
    cases = pull(str(write_book(tmp_path / "area.xlsx"))).tables["cases"]
    assert cases.select(LOCATORS).rows() == [("area.xlsx", "cases", row) for row in (2, 3, 4)]
    cases = pull(write_sqlite(tmp_path / "area.db")).tables["cases"]
    assert cases.select("case_id", *LOCATORS).rows() == [
        ("0042", "area.db", "cases", 1),  # in the order of the key, so that a row keeps its number
        ("C001", "area.db", "cases", 2),
        ("C003", "area.db", "cases", 3),
    ]


def test_files_are_told_with_their_rows_day_and_fingerprint(tmp_path):
    folder = write_csv(tmp_path / "area")
    files = {file.name: file for file in pull(str(folder)).files}
    cases = files["cases.csv"]
    assert (cases.tables, cases.rows) == (("cases",), 3)
    assert cases.fingerprint == hashlib.sha256((folder / "cases.csv").read_bytes()).hexdigest()
    assert cases.modified == datetime.fromtimestamp((folder / "cases.csv").stat().st_mtime, UTC)
    book = write_book(tmp_path / "area.xlsx")
    (file,) = pull(str(book)).files
    assert (file.name, file.tables, file.rows) == ("area.xlsx", tuple(AREA), 7)
    assert file.fingerprint == hashlib.sha256(book.read_bytes()).hexdigest()


def test_progress_is_told_for_every_table(tmp_path):
    for address in (
        str(write_csv(tmp_path / "area")),
        str(write_book(tmp_path / "area.xlsx")),
        write_sqlite(tmp_path / "area.db"),
    ):
        told: list[tuple[int, int]] = []
        pull(address, progress=lambda *step, told=told: told.append(step[1:]))
        assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_kinds_are_found_by_folder():
    names = {module.__name__.rpartition(".")[2] for module in modules()}
    assert {"csv_folder", "workbook", "database"} <= names
    assert "headings" not in names


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "No source was given."),
        ("/nowhere/area.xlsx", "There is no file or folder called /nowhere/area.xlsx."),
        ("postgresql:/anna:hunter2@db/x", "neither a file, a folder nor a database's URL"),
    ],
)
def test_an_address_that_nothing_reads(address, said):
    with pytest.raises(SourceError) as caught:
        pull(address)
    assert caught.value.exit_code == 3
    assert said in str(caught.value)
    assert re.search(r"A source is one of: .*folder.*database.*workbook", str(caught.value))
    assert "hunter2" not in str(caught.value)


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "cases.docx").write_text("x")
    with pytest.raises(SourceError, match=r"^cases\.docx is of no kind that can be read\."):
        pull(str(tmp_path / "cases.docx"))


def test_a_single_csv_file_is_answered_with_its_folder(tmp_path):
    folder = write_csv(tmp_path / "area")
    with pytest.raises(SourceError, match=r"^cases\.csv is a single file: give the folder that it lies in\.$"):
        pull(str(folder / "cases.csv"))
