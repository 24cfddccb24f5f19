"""What goes wrong ends in a plain sentence and exit code 5; the last snapshot stands, and no secret is shown."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from checks.errors import StoreError
from connectors.store import DEFAULT_FILE, Store
from tests.connectors.store_child import second
from tests.connectors.store_samples import content, results
from tests.postgres_server import Postgres

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    """Who may do what with the file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask_022() -> Iterator[None]:
    """The usual umask, under which SQLite alone would let everybody read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def refused(url: str | Path, *, read_only: bool = False) -> str:
    """The sentence with which opening is refused."""
    with pytest.raises(StoreError) as caught:
        Store.open(url, read_only=read_only)
    assert caught.value.exit_code == 5
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    assert "sqlalche.me" not in sentence
    return sentence


# ---- the file


READ_ONLY = """
mount -t tmpfs none m && cp store.sqlite m/ && mount -o remount,ro m || exit 9
exec "$@" {folder}/m/store.sqlite {folder}/m/other.sqlite
"""
OPENED = """
import sys
from checks.errors import StoreError
from connectors.store import Store
for place in sys.argv[1:]:
    for read_only in (False, True):
        try:
            Store.open(place, read_only=read_only)
        except StoreError as error:
            print(error)
"""


def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    Store.open(tmp_path / "store.sqlite").close()
    (tmp_path / "m").mkdir()
    words = ["unshare", "-rm", "sh", "-c", READ_ONLY.format(folder=tmp_path), "sh", sys.executable, "-c", OPENED]
    if shutil.which("unshare") is None:
        pytest.skip("a file system can be made read-only only where there is unshare")
    done = subprocess.run(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60
    )
    if done.returncode in (1, 9):
        pytest.skip("this account may not make a file system of its own")
    assert done.returncode == 0, done.stderr
    *there, not_there, none_yet = done.stdout.splitlines()
    assert len(there) == 2
    for said in (*there, not_there):
        assert "lies on a read-only file system" in said
    assert "There is no store" in none_yet


@pytest.mark.usefixtures("umask_022")
def test_the_file_its_companions_and_its_folders_are_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "store.sqlite"
    seen: set[str] = set()

    def look(what: str, done: int, of: int) -> None:
        for each in path.parent.iterdir():
            assert mode(each) == 0o600, each.name
            seen.add(each.name)

    with Store.open(path) as store:
        store.write(second("first", None), look)
        with Store.open(path, read_only=True) as pages:
            assert pages.newest() is not None
            look("", 0, 0)
    assert {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"} <= seen
    assert mode(path.parent) == 0o700
    assert mode(path.parent.parent) == 0o700


@pytest.mark.usefixtures("umask_022")
def test_a_store_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.write(content())
    path.chmod(0o644)
    Store.open(path).close()
    assert mode(path) == 0o600


def test_without_an_address_the_default_file_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Store.open(None).close()
    assert (tmp_path / DEFAULT_FILE).exists()


def test_a_path_and_its_url_are_one_store_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "Q4 100% sure? #1 é.sqlite"
    with Store.open(path) as store:
        info, _ = store.write(content())
    with Store.open(str(path)) as store:
        assert store.newest() == info
    plain = tmp_path / "plain.sqlite"
    with Store.open(plain) as store:
        store.write(content())
    with Store.open(f"sqlite:///{plain}") as store:
        assert store.newest() is not None


def test_an_empty_file_is_a_store_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.touch()
    assert "holds no snapshot yet" in refused(path, read_only=True)
    with Store.open(path) as store:
        store.write(content())
        assert store.results(1).height == results().height
    assert mode(path) == 0o600


@pytest.mark.parametrize("start", [b"case_id,level\nC1,2\n", b"SQLite", b"\0" * 5000])
def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(start)
    for read_only in (False, True):
        assert "cases.csv is not a store of MAPPA Monitor" in refused(path, read_only=read_only)
    assert path.read_bytes() == start


def test_a_broken_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.write(content())
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert "damaged" in refused(path)
    path.write_bytes(whole[:40])
    assert "store.sqlite" in refused(path)


def test_a_folder_or_something_below_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is a folder" in refused(tmp_path)
    assert "not a folder" in refused(tmp_path / "file" / "store.sqlite")
    assert "too long a name" in refused(tmp_path / ("x" * 300))
    assert "There is no store" in refused(tmp_path / "none.sqlite", read_only=True)


def as_nobody(work: Callable[[], str]) -> str:
    """What `work` says when done by a user without rights: root may write everywhere, whatever a folder's mode."""
    if os.geteuid() != 0:
        return work()
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgid(65534)
            os.setuid(65534)
            os.write(into, work().encode())
        except BaseException as error:
            os.write(into, repr(error).encode())
        finally:
            os._exit(0)
    os.close(into)
    os.waitpid(child, 0)
    with os.fdopen(out) as said:
        return said.read()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user can look into (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_may_not_be_written_is_said(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    said = as_nobody(lambda: refused(open_folder / "store.sqlite"))
    assert "may not write" in said
    assert "may not write" in as_nobody(lambda: refused(open_folder / "below" / "store.sqlite"))


def test_a_store_that_may_not_be_read_or_written_is_said(open_folder: Path) -> None:
    path = open_folder / "store.sqlite"
    with Store.open(path) as store:
        store.write(content())
    said = [as_nobody(lambda ro=ro: refused(path, read_only=ro)) for ro in (False, True)] if os.geteuid() == 0 else []
    path.chmod(0o444)
    open_folder.chmod(0o555)
    said.append(as_nobody(lambda: refused(path)))
    assert all("may not write" in each for each in said), said


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@host/db",
        "postgresql+asyncpg://u:hunter2@host/db",
        "postgresql://u:hunter2@host:notaport/db",
        "://u:hunter2@host",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=ro&uri=true&key=hunter2",
    ],
)
def test_an_address_that_is_no_stores_is_refused_without_repeating_it(url: str) -> None:
    assert "hunter2" not in refused(url)


# ---- the disk


def limited_pages(store: Store, more: int) -> None:
    """Let the file grow by so many pages only."""

    @event.listens_for(store._engine, "connect")
    def _limit(connection: sqlite3.Connection, _: object) -> None:
        (now,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {now + more}")


def test_a_full_database_says_so_and_the_last_snapshot_stands(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        first, _ = store.write(content())
        for more in (0, 2, 5, 20, 60):
            with Store.open(path) as full:
                limited_pages(full, more)
                with pytest.raises(
                    StoreError, match=r"no room.*Nothing was stored; the last snapshot stands"
                ) as caught:
                    full.write(second("second", first.id))
                assert caught.value.exit_code == 5
        assert store.snapshots() == [first]
        assert store.results(first.id).equals(results())
        assert store.write(second("second", first.id))[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_process_that_may_write_no_more_says_so_and_the_last_snapshot_stands(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        first, _ = store.write(content())
    size = path.stat().st_size
    for limit in (size, size + 50_000, size + 300_000):
        done = subprocess.run(
            [sys.executable, "-m", "tests.connectors.store_child", str(path), "child", "limit", str(limit)],
            cwd=ROOT, input="go\n", capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 5, done
        assert "Nothing was stored; the last snapshot stands." in done.stdout
        assert done.stderr == ""
        with Store.open(path) as store:
            assert store.snapshots() == [first]
            assert store.results(first.id).equals(results())
    with Store.open(path) as store:
        assert store.write(second("second", first.id))[1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1.5 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1536k,mode=700", "none", str(disk)], capture_output=True, check=False
    ) if shutil.which("mount") else None  # fmt: skip
    if made is None or made.returncode:
        pytest.skip("this user may not mount a file system; the limit of pages and of file size are tested besides")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_says_so_and_the_last_snapshot_stands(small_disk: Path) -> None:
    path = small_disk / "store.sqlite"
    with Store.open(path) as store:
        first, _ = store.write(content())
        with pytest.raises(StoreError, match=r"Nothing was stored; the last snapshot stands") as caught:
            store.write(second("second", first.id, rows=300_000))
        assert caught.value.exit_code == 5
        assert "no room" in str(caught.value)
    with Store.open(path, read_only=True) as store:
        assert store.snapshots() == [first]
        assert store.results(first.id).equals(results())
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(b"x" * (2 << 20))
    assert "no room" in refused(small_disk / "another" / "store.sqlite")
    (small_disk / "filler").unlink()
    with Store.open(path) as store:
        assert store.write(content(fingerprint="third", previous_id=first.id))[1]


# ---- the server


def show_no_secret(error: BaseException, *secrets: str) -> None:
    """Neither the sentence nor what Python prints of the error holds a secret."""
    shown = "".join(traceback.format_exception(error)) + str(error)
    for secret in secrets:
        assert secret not in shown


@pytest.mark.postgres
def test_a_server_that_refuses_or_is_not_there_is_said_without_secrets(
    postgres_server: Postgres, postgres_url: str
) -> None:
    database = sa.make_url(postgres_url).database or ""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody_there = sa.make_url(postgres_url).set(port=free.getsockname()[1]).render_as_string(hide_password=False)
        wrong = {
            postgres_server.url(database, password="hunter2"): "did not accept the user name or password",
            postgres_server.url(database, user="stranger", password="hunter2"): "did not accept the user name",
            postgres_server.url("no_such_database"): "does not exist on that server",
            nobody_there: "cannot be reached",
        }
        for url, why in wrong.items():
            for read_only in (False, True):
                with pytest.raises(StoreError, match=why) as caught:
                    Store.open(url, read_only=read_only)
                assert caught.value.exit_code == 5
                show_no_secret(caught.value, "hunter2", postgres_server.password, postgres_server.user, "stranger")
                assert "127.0.0.1" in str(caught.value)


@pytest.mark.postgres
def test_a_user_without_rights_is_told_what_to_ask_for(postgres_server: Postgres, postgres_url: str) -> None:
    database = sa.make_url(postgres_url).database or ""
    role = f"reader_{database}"
    postgres_server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")
    try:
        theirs = postgres_server.url(database, user=role, password="hunter2")
        with pytest.raises(StoreError, match="does not let this user") as caught:
            Store.open(theirs)
        show_no_secret(caught.value, "hunter2", role)
        with Store.open(postgres_url) as store:
            store.write(content())
        postgres_server.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", database)
        with Store.open(theirs, read_only=True) as pages:  # SELECT is enough for pages
            assert pages.results(1).height == results().height
        with (
            Store.open(theirs) as store,
            pytest.raises(StoreError, match=r"does not let this user.*Nothing was stored"),
        ):
            store.write(content(fingerprint="second", previous_id=1))
    finally:
        postgres_server.execute(f"DROP OWNED BY {role}", database)
        postgres_server.execute(f"DROP ROLE {role}")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("at", "said"), [(2, "Nothing was stored"), (4, "Nothing was stored"), (6, "It is not known whether")]
)
def test_a_connection_lost_on_the_way_is_said(postgres_server: Postgres, postgres_url: str, at: int, said: str) -> None:
    database = sa.make_url(postgres_url).database
    with Store.open(postgres_url) as store:
        first, _ = store.write(content())

        def cut(what: str, done: int, of: int) -> None:
            if done == at:
                postgres_server.execute(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"  # noqa: S608
                )

        with pytest.raises(StoreError, match=f"connection was lost.*{said}") as caught:
            store.write(content(fingerprint="second", previous_id=first.id), cut)
        show_no_secret(caught.value, postgres_server.password)
        assert store.snapshots() == [first]
        assert store.write(content(fingerprint="second", previous_id=first.id))[1]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_no_value_reaches_an_error_or_a_log(
    request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    url = str(tmp_path / "store.sqlite") if kind == "sqlite" else request.getfixturevalue("postgres_url")
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    name = " ".join(("A", "Person"))  # in two, so that it is not in this line where a traceback shows it
    personal = results().with_columns(verdict=pl.lit(name))
    with Store.open(url) as store:
        with store._engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE result RENAME COLUMN verdict TO judgement"))
        with pytest.raises(StoreError, match="Nothing was stored") as caught:
            store.write(content(results=personal, definitions={"title": name}))
        show_no_secret(caught.value, name)
    assert "INSERT INTO snapshot" in caplog.text, "the log was not listened to"
    assert name not in caplog.text


def test_whoever_waits_for_another_writer_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite"
    said: list[str] = []

    def told(what: str, _done: int, _of: int) -> None:
        said.append(what)

    with Store.open(path, progress=told) as store:
        store.write(second("first", None), told)
        assert not [each for each in said if "waiting" in each]
        monkeypatch.setattr("connectors.store.store.SAID_AFTER", 0.1)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is being written by another"):
                Store.open(path, patience=0.6, progress=told)
            other.execute("ROLLBACK")
    assert said.count("waiting for another program that is writing to the store") == 1
