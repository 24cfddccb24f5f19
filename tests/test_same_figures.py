"""One area, kept in six ways: its figures and its findings are the same, whichever way it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
import xlsxwriter

from connectors.sample.area import make_area, write_area
from tests.command import mappa

AS_AT = ("--as-at", "2023-12-31")
PERIODS = {"jersey": "2023-Q4", "hampshire": "2023-24-Q2", "england-wales": "2022-23"}

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """A sample area with flaws, its columns typed as far as every value in them allows, as records are kept."""
    area = make_area(cases=60, years=2, seed=11)
    assert sum(area.planted.values()) > 50
    return {name: frame.select(_typed(column) for column in frame.get_columns()) for name, frame in area.tables.items()}


def _typed(column: pl.Series) -> pl.Series:
    there = column.drop_nulls()
    if there.is_empty():
        return column
    if there.str.contains(r"^\d{4}-\d{2}-\d{2}$").all():
        return column.str.to_date(strict=False) if there.str.to_date(strict=False).null_count() == 0 else column
    if there.is_in(["true", "false"]).all():
        return column == "true"
    if there.str.contains(r"^[1-9]\d{3,8}$").all():
        return column.cast(pl.Int64)
    return column


def csv_folder(_tables: Tables, folder: Path) -> str:
    write_area(make_area(cases=60, years=2, seed=11), folder)
    return str(folder)


def parquet_folder(tables: Tables, folder: Path) -> str:
    folder.mkdir()
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return str(folder)


def workbook(tables: Tables, folder: Path) -> str:
    folder.mkdir()
    with xlsxwriter.Workbook(folder / "area.xlsx", {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, frame in tables.items():
            frame.write_excel(book, worksheet=name)
    return str(folder / "area.xlsx")


def sqlite(tables: Tables, folder: Path) -> str:
    folder.mkdir()
    return _filled(f"sqlite:///{folder / 'area.db'}", tables)


def _filled(url: str, tables: Tables) -> str:
    """The database with these tables in it, each column of its own type."""
    kinds: dict[type[pl.DataType], type[sa.types.TypeEngine]] = {
        pl.Date: sa.Date,
        pl.Boolean: sa.Boolean,
        pl.Int64: sa.BigInteger,
        pl.String: sa.Text,
    }
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for name, frame in tables.items():
            columns = [sa.Column(column, kinds[dtype.base_type()]()) for column, dtype in frame.schema.items()]
            table = sa.Table(name, sa.MetaData(), *columns)
            table.create(connection)
            if frame.height:
                connection.execute(sa.insert(table), frame.to_dicts())
    engine.dispose()
    return url


Found = tuple[Any, Counter[tuple[str, str, str]], list[Any]]


def answers(source: str, standard: str) -> Found:
    """The results, the findings by rule, key and field, and the outcomes of the rules."""
    words = ("--source", source, "--standard", standard, *AS_AT, "--json")
    measured = mappa("measure", *words, "--period", PERIODS[standard])
    checked = mappa("check", *words)
    assert (measured.code, checked.code) == (0, 1)
    findings = Counter((each["rule"], each["key"], each["field"]) for each in checked.json["findings"])
    return {**measured.json, "area": None}, findings, checked.json["rules"]


@pytest.fixture(scope="module")
def from_csv(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """What the CSV folder says under each standard: what all others are held to."""
    source = csv_folder(tables, tmp_path_factory.mktemp("csv"))
    return {standard: answers(source, standard) for standard in PERIODS}


@pytest.fixture
def source(
    request: pytest.FixtureRequest, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    make: Callable[[Tables, Path], str] | str = request.param
    if isinstance(make, str):
        yield _filled(request.getfixturevalue(make), tables)
    else:
        yield make(tables, tmp_path / "area")


KINDS = [
    pytest.param(parquet_folder, id="parquet"),
    pytest.param(workbook, id="workbook"),
    pytest.param(sqlite, id="sqlite"),
    pytest.param("postgres_url", id="postgresql", marks=pytest.mark.postgres),
    pytest.param("mariadb_url", id="mariadb", marks=pytest.mark.mariadb),
]


@pytest.mark.parametrize("source", KINDS, indirect=True)
def test_the_same_figures_and_findings_from_every_kind_of_source(source: str, from_csv: dict[str, Found]) -> None:
    for standard in PERIODS:
        results, findings, rules = answers(source, standard)
        expected_results, expected_findings, expected_rules = from_csv[standard]
        assert findings - expected_findings == expected_findings - findings == Counter(), standard
        assert rules == expected_rules
        assert results == expected_results


def test_there_is_something_to_compare(from_csv: dict[str, Found]) -> None:
    for results, findings, _ in from_csv.values():
        assert findings.total() > 50
        headlines = [each for each in results["results"] if each["unit"] is None]
        assert sum(each["owed"] or 0 for each in headlines) > 100
        assert sum(each["unknown"] or 0 for each in headlines) > 0
        assert {each["verdict"] for each in headlines} - {"nothing due", "not supplied", "not in this standard"}
    assert from_csv["jersey"][0]["results"] != from_csv["hampshire"][0]["results"]
