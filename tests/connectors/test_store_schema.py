"""The schema is versioned: the revisions make the declared tables, older stores come along, newer ones are refused."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from checks.errors import StoreError
from connectors.store import Store
from connectors.store.places import place_of
from connectors.store.schema import CURRENT, VERSION_TABLE, metadata
from connectors.store.upgrading import MIGRATIONS, bring_up_to_date
from tests.connectors.store_samples import content, results

NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "THE LAST ONE"

def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("snapshot", sa.Column("remark", sa.String))
    op.execute("UPDATE snapshot SET remark = 'older'")
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The revisions of a later version of the product, in a folder with a name that trips careless code."""
    folder = tmp_path / "100 % newer"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r9999_later.py").write_text(NEXT.replace("THE LAST ONE", CURRENT))
    return folder


def migrate(store: Store, url: str, folder: Path) -> None:
    """As a later version of the product would on opening the store."""
    with store._engine.connect() as connection:
        connection = connection.execution_options(alone=True)
        with connection.begin():
            bring_up_to_date(connection, place_of(url), folder)


def test_the_revisions_make_exactly_the_declared_tables(url: str) -> None:
    with Store.open(url) as store, store._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "version_table": VERSION_TABLE}
        )
        assert compare_metadata(context, metadata) == []
        # The comparison does see a difference when there is one.
        other = sa.MetaData()
        for table in metadata.tables.values():
            table.to_metadata(other)
        other.tables["result"].append_column(sa.Column("more", sa.String))
        assert [step[0] for step in compare_metadata(context, other)] == ["add_column"]


def test_the_current_revision_is_the_last_one() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [CURRENT]


def test_an_older_store_comes_along_with_what_it_holds(url: str, newer: Path) -> None:
    with Store.open(url) as store:
        info, _ = store.write(content())
        migrate(store, url, newer)
        with store._engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT remark FROM snapshot")) == "older"
        assert store.results(info.id).equals(results())


def test_a_migration_that_breaks_off_leaves_the_older_store(url: str, newer: Path) -> None:
    script = newer / "versions" / "r9999_later.py"
    script.write_text(script.read_text() + "    raise RuntimeError('power cut')\n")
    with Store.open(url) as store:
        info, _ = store.write(content())
        with pytest.raises(RuntimeError, match="power cut"):
            migrate(store, url, newer)
    with Store.open(url) as store:
        with store._engine.connect() as connection:
            assert "later" not in sa.inspect(connection).get_table_names()
            assert "remark" not in {column["name"] for column in sa.inspect(connection).get_columns("snapshot")}
        assert store.newest() == info
        assert store.results(info.id).equals(results())


@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_of_a_newer_version_is_refused_and_left_alone(url: str, newer: Path, read_only: bool) -> None:
    with Store.open(url) as store:
        store.write(content())
        migrate(store, url, newer)
        with pytest.raises(StoreError, match=r"newer version of MAPPA Monitor.*Update MAPPA Monitor") as caught:
            Store.open(url, read_only=read_only)
        assert caught.value.exit_code == 5
        with store._engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT version_num FROM store_version")) == "9999"


def test_pages_do_not_migrate_an_older_store(url: str, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(url) as store:
        store.write(content())
    monkeypatch.setattr("connectors.store.upgrading.CURRENT", "9999")
    monkeypatch.setattr("connectors.store.upgrading.MIGRATIONS", newer)
    with pytest.raises(StoreError, match=r"older version.*mappa-monitor refresh"):
        Store.open(url, read_only=True)
    monkeypatch.undo()
    with Store.open(url, read_only=True) as store:
        assert store.newest() is not None


def test_somebody_elses_tables_are_refused_and_left_alone(url: str, tmp_path: Path) -> None:
    engine = sa.create_engine(url if "://" in url else f"sqlite:///{url}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE cases (case_id VARCHAR)"))
        connection.execute(sa.text("INSERT INTO cases VALUES ('C1')"))
    file = None if "://" in url else Path(url)
    before = None if file is None else (file.read_bytes(), file.stat().st_mode)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"not a store of MAPPA Monitor, and was left as it is"):
            Store.open(url, read_only=read_only)
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["cases"]
    engine.dispose()
    assert file is None or before == (file.read_bytes(), file.stat().st_mode)


def test_a_version_table_without_a_version_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR)")
    connection.close()
    with pytest.raises(StoreError, match="not a store"):
        Store.open(path)
