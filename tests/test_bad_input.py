"""Bad input, for real and through the command: each ends in one or two plain sentences and its exit code, nothing lost."""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import polars as pl
import pytest

from connectors.sample.area import make_area, write_area
from connectors.store import Store
from dashboard.command_line import run
from tests.command import Ran, assert_plain, assert_shows_nothing, environment, mappa, program
from tests.connectors.small_area import write_database
from tests.postgres_server import Postgres

pytestmark = pytest.mark.long

NAME = "Zebedee Quillfeather"
CELL = "told her neighbour at the harbour"
SECRET = "s3cret-W0rd"
HIDDEN = (NAME, "Quillfeather", CELL, SECRET)
AS_AT = ("--as-at", "2023-12-31")

SETTINGS = """\
area = "Somewhere"
source = "records"
standards = ["jersey"]
as_at = 2023-12-31
"""


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings, refreshed once, and small, sound records but for a name and a confidential text in them."""
    folder = tmp_path_factory.mktemp("refreshed")
    write_area(make_area(cases=12, years=1, flaws=False), folder / "records")
    edit(folder / "records" / "cases.csv", lambda text: with_first_cell(text, NAME))
    edit(folder / "records" / "meetings.csv", lambda text: text.rstrip("\n") + f"\n{CELL}\n")
    (folder / "mappa-monitor.toml").write_text(SETTINGS, encoding="utf-8")
    assert mappa("refresh", "--settings", folder / "mappa-monitor.toml").code == 0
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the command is run, on a machine that knows no password."""
    monkeypatch.chdir(tmp_path)
    for name in ("MAPPA_SOURCE_PASSWORD", "MAPPA_STORE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def records(here: Path, refreshed: Path) -> Path:
    """A copy of the records, to spoil."""
    return Path(shutil.copytree(refreshed / "records", here / "records"))


@pytest.fixture
def area(records: Path, here: Path, refreshed: Path) -> Path:
    """A copy of the settings, with the records and the store beside it."""
    for path in refreshed.glob("mappa-monitor.*"):
        shutil.copy(path, here / path.name)
    return here / "mappa-monitor.toml"


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text("utf-8")), encoding="utf-8")


def with_first_cell(text: str, value: str) -> str:
    """The CSV text with another first cell in its first record."""
    header, first, rest = text.split("\n", 2)
    return "\n".join([header, ",".join([value, *first.split(",")[1:]]), rest])


def without_column(path: Path, name: str) -> None:
    pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True).drop(name).write_csv(path)


def with_value(path: Path, column: str, value: str) -> None:
    """Put a value into a column of the last record but one."""
    frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    at = pl.int_range(pl.len()) == pl.len() - 2
    frame.with_columns(pl.when(at).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)).write_csv(path)


@contextlib.contextmanager
def little_room(limit: int) -> Generator[None]:
    """No file of this process can grow beyond so many bytes, as on a full disk."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def snapshots(here: Path) -> int:
    with Store.open(here / "mappa-monitor.sqlite", read_only=True) as store:
        return len(store.snapshots())


# A source that cannot be read (exit 3)


def empty_file(folder: Path) -> str:
    (folder / "cases.csv").write_bytes(b"")
    return str(folder)


def doubled_column(folder: Path) -> str:
    edit(folder / "cases.csv", lambda text: text.replace("level,", "level,level,", 1))
    return str(folder)


def no_heading_of_ours(folder: Path) -> str:
    (folder / "cases.csv").write_text(f"{NAME},{CELL}\n{NAME},{CELL}\n", encoding="utf-8")
    return str(folder)


def other_encoding(folder: Path) -> str:
    (folder / "cases.csv").write_bytes(f"case_id,category\n{NAME} café,1\n".encode("cp1252"))
    return str(folder)


def semicolons(folder: Path) -> str:
    edit(folder / "cases.csv", lambda text: text.replace(",", ";"))
    return str(folder)


def open_quote(folder: Path) -> str:
    edit(folder / "cases.csv", lambda text: text.replace(NAME, f'"{NAME}'))
    return str(folder)


def broken_workbook(folder: Path) -> str:
    whole = folder.parent / "area.xlsx"
    pl.DataFrame({"case_id": [NAME]}).write_excel(whole, worksheet="cases")
    whole.write_bytes(whole.read_bytes()[:2000])
    return str(whole)


def no_workbook(folder: Path) -> str:
    (folder.parent / "area.xlsx").write_text(f"{NAME},{CELL}", encoding="utf-8")
    return str(folder.parent / "area.xlsx")


def workbook_of_others(folder: Path) -> str:
    pl.DataFrame({"who": [NAME]}).write_excel(folder.parent / "area.xlsx", worksheet="Sheet1")
    return str(folder.parent / "area.xlsx")


def empty_folder(folder: Path) -> str:
    (folder.parent / "nothing").mkdir()
    return str(folder.parent / "nothing")


def no_folder(folder: Path) -> str:
    return str(folder.parent / "elsewhere")


def unreachable_database(_folder: Path) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"postgresql+psycopg://reader:{SECRET}@127.0.0.1:{port}/mappa"


def unknown_kind_of_database(_folder: Path) -> str:
    return f"oracel://reader:{SECRET}@127.0.0.1/mappa"


def address_not_understood(_folder: Path) -> str:
    return f"postgresql://reader:{SECRET}@127.0.0.1:port/mappa"


def no_sqlite_file(folder: Path) -> str:
    (folder.parent / "area.db").write_text(f"{NAME} {CELL}", encoding="utf-8")
    return f"sqlite:///{folder.parent / 'area.db'}"


Spoil = Callable[[Path], object]
UNREADABLE: dict[Spoil, tuple[str, ...]] = {
    empty_file: ("cases.csv", "empty", "header", "Export it again"),
    doubled_column: ("cases.csv", '"level"', "twice", "columns"),
    no_heading_of_ours: ("cases.csv", "none of the headings", "case_id"),
    other_encoding: ("cases.csv", "not UTF-8", "line 2"),
    semicolons: ("cases.csv", "semicolons"),
    open_quote: ("cases.csv", "row 2", "quotation mark"),
    broken_workbook: ("area.xlsx", "damaged"),
    no_workbook: ("area.xlsx", "not a workbook"),
    workbook_of_others: ("area.xlsx", "none of the tables", "cases"),
    empty_folder: ("nothing", "none of the tables"),
    no_folder: ("elsewhere", "no file or folder"),
    unreachable_database: ("mappa", "could not be reached: the connection was refused", "port"),
    unknown_kind_of_database: ("no kind of database called oracel",),
    address_not_understood: ("address is not understood",),
    no_sqlite_file: ("area.db", "not a SQLite database"),
}


@pytest.mark.parametrize("spoil", UNREADABLE, ids=lambda each: each.__name__)
def test_a_source_that_cannot_be_read(area: Path, records: Path, here: Path, spoil: Spoil) -> None:
    source = str(spoil(records))
    for command in ("check", "measure"):
        ran = mappa(command, "--source", source, *AS_AT, "--json")
        assert_plain(ran, 3, *UNREADABLE[spoil], hidden=HIDDEN)
    if SECRET not in source:
        edit(area, lambda text: text.replace('"records"', f'"{source}"'))
        assert_plain(mappa("refresh"), 3, *UNREADABLE[spoil], hidden=HIDDEN)
    assert snapshots(here) == 1


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("user", "password", "database", "words"),
    [
        ("tester", SECRET, None, ("refused the user name or password",)),
        ("nobody-here", SECRET, None, ("refused the user name or password",)),
        ("tester", None, "no-such-database", ("no postgresql database called no-such-database",)),
    ],
)
def test_wrong_credentials(
    here: Path,
    postgres_server: Postgres,
    user: str,
    password: str | None,
    database: str | None,
    words: tuple[str, ...],
) -> None:
    with postgres_server.new_database() as name:
        url = postgres_server.url(database or name, user=user, password=password)
        ran = mappa("check", "--source", url, *AS_AT)
    assert_plain(ran, 3, *words, hidden=(SECRET, postgres_server.password))


@pytest.mark.postgres
def test_a_store_with_wrong_credentials(
    here: Path, records: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_server.new_database() as name:
        address = f"postgresql://{postgres_server.user}@127.0.0.1:{postgres_server.port}/{name}"
        (here / "mappa-monitor.toml").write_text(SETTINGS + f'store = "{address}"\n', encoding="utf-8")
        monkeypatch.setenv("MAPPA_STORE_PASSWORD", SECRET)
        assert_plain(mappa("refresh"), 5, "did not accept the user name or password", hidden=HIDDEN)
        monkeypatch.setenv("MAPPA_STORE_PASSWORD", postgres_server.password)
        assert mappa("refresh").code == 0


@pytest.mark.postgres
def test_a_password_in_the_source_is_used_and_never_shown(here: Path, postgres_url: str) -> None:
    write_database(postgres_url)
    password = re.search(r":([^:@]+)@", postgres_url)
    assert password is not None
    ran = mappa("measure", "--source", postgres_url, *AS_AT, "--json")
    assert ran.code == 0
    assert ran.json["area"].startswith("test_")
    assert "give it through the environment" in ran.said
    assert_shows_nothing(ran, password[1], "://")


# Records with something wrong in them: findings, not an error


def header_only(folder: Path) -> None:
    edit(folder / "smb_meetings.csv", lambda text: text.split("\n")[0] + "\n")


def missing_table(folder: Path) -> None:
    (folder / "meetings.csv").unlink()


def missing_column(folder: Path) -> None:
    without_column(folder / "meetings.csv", "held_on")


def wrong_type(folder: Path) -> None:
    with_value(folder / "cases.csv", "entered_on", f"when he {CELL}")


def unknown_code(folder: Path) -> None:
    with_value(folder / "cases.csv", "category", f"as {NAME}")


def name_for_a_pseudonym(folder: Path) -> None:
    del folder


SPOILT: dict[Spoil, tuple[str, str | None, str | None]] = {
    header_only: ("smb_meetings.table.empty", "smb_attendance", "nothing due"),
    missing_table: ("meetings.table.missing", "disclosure", "not supplied"),
    missing_column: ("meetings.held_on.absent", "disclosure", "not supplied"),
    wrong_type: ("cases.entered_on.type", None, None),
    unknown_code: ("cases.category.code", None, None),
    name_for_a_pseudonym: ("cases.case_id.name_like", None, None),
}


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda each: each.__name__)
def test_records_with_something_wrong_are_findings(area: Path, records: Path, here: Path, spoil: Spoil) -> None:
    rule, measure, verdict = SPOILT[spoil]
    spoil(records)
    checked = mappa("check", "--json", "--out", "all.csv")
    found = [each for each in checked.json["findings"] if each["rule"] == rule]
    assert found, sorted({each["rule"] for each in checked.json["findings"]})
    assert all(each["message"] and each["fix"] for each in found)
    assert checked.code == (1 if any(each["severity"] == "error" for each in checked.json["findings"]) else 0)
    measured = mappa("measure", "--json")
    assert measured.code == 0
    if measure:
        headline = next(each for each in measured.json["results"] if (each["measure"], each["unit"]) == (measure, None))
        assert headline["verdict"] == verdict
        assert headline["rate"] is None
    shown = mappa("check"), mappa("measure"), mappa("refresh")
    assert [each.code for each in shown] == [checked.code, 0, 0]
    for ran in (checked, measured, *shown):
        assert_shows_nothing(ran, *HIDDEN)
    assert not any(each in (here / "all.csv").read_text("utf-8") for each in HIDDEN)
    assert snapshots(here) == (1 if spoil is name_for_a_pseudonym else 2)


# The store (exit 5)


def test_a_store_of_0_bytes_is_begun_anew(records: Path, here: Path) -> None:
    (here / "mappa-monitor.toml").write_text(SETTINGS, encoding="utf-8")
    (here / "mappa-monitor.sqlite").touch()
    assert mappa("refresh").code == 0
    assert snapshots(here) == 1


def test_a_file_that_is_no_store_is_left_alone(area: Path, here: Path) -> None:
    store = here / "mappa-monitor.sqlite"
    for content in (b"case_id\n" + NAME.encode(), b"\0" * 4096):
        store.write_bytes(content)
        assert_plain(mappa("refresh"), 5, "mappa-monitor.sqlite", "not a store of MAPPA Monitor", hidden=HIDDEN)
        assert store.read_bytes() == content


def test_somebody_elses_database_is_left_alone(area: Path, here: Path) -> None:
    with contextlib.closing(sqlite3.connect(here / "theirs.db")) as connection:
        connection.execute("CREATE TABLE cases (case_id TEXT)")
        connection.commit()
    before = (here / "theirs.db").read_bytes()
    edit(area, lambda text: text + 'store = "theirs.db"\n')
    assert_plain(mappa("refresh"), 5, "theirs.db", "left as it is", hidden=HIDDEN)
    assert (here / "theirs.db").read_bytes() == before


@pytest.mark.parametrize("place", ["records/cases.csv/store.sqlite", "/proc/store.sqlite"])
def test_a_place_where_no_store_can_be_made(area: Path, here: Path, place: str) -> None:
    before = (here / "records" / "cases.csv").read_bytes()
    edit(area, lambda text: text + f'store = "{place}"\n')
    assert_plain(mappa("refresh"), 5, "store.sqlite", hidden=HIDDEN)
    assert (here / "records" / "cases.csv").read_bytes() == before


def held_to_rights(*words: str) -> Ran:
    """The command in a process that may do only what the rights of files allow, also where root runs the tests."""
    held = []
    if os.geteuid() == 0:
        if (setpriv := shutil.which("setpriv")) is None:
            pytest.skip("root may read and write everywhere, and there is no setpriv to hold it to rights")
        held = [setpriv, "--bounding-set=-dac_override,-dac_read_search"]
    done = subprocess.run([*held, *program(*words)], env=environment(), capture_output=True, text=True, timeout=120)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_a_read_only_folder(area: Path, here: Path) -> None:
    locked = here / "locked"
    locked.mkdir(mode=0o500)
    edit(area, lambda text: text + 'store = "locked/store.sqlite"\n')
    assert_plain(held_to_rights("refresh"), 5, "store.sqlite", hidden=HIDDEN)
    for words in (
        ("map", "--source", "records", "--out", "locked/m.toml"),
        ("measure", "--evidence", "locked/m.csv"),
        ("init", "--out", "locked/m.toml"),
    ):
        ran = held_to_rights(*words)
        last = Ran(ran.code, "", ran.said.splitlines()[-1])  # before it the records may have been told of
        assert_plain(last, 2, "m.", "could not be written", hidden=HIDDEN)
    assert list(locked.iterdir()) == []


def test_a_file_that_may_not_be_read(area: Path, here: Path) -> None:
    area.chmod(0)
    for words in (("refresh",), ("serve",), ("check",), ("check", "--settings", area.name)):
        assert_plain(held_to_rights(*words), 4, "The settings file mappa-monitor.toml could not be read", "rights")
    area.unlink()
    for name in ("m.toml", "s.toml", "figures.csv"):
        (here / name).write_text("", encoding="utf-8")
        (here / name).chmod(0)
    check = ("check", "--source", "records", *AS_AT)
    assert_plain(held_to_rights(*check, "--mapping", "m.toml"), 4, "The mapping m.toml could not be read")
    assert_plain(held_to_rights(*check, "--standard", "s.toml"), 4, "The standard s.toml could not be read")
    assert_plain(held_to_rights("published", "--source", "figures.csv"), 3, "figures.csv could not be read")


def test_a_full_disk_during_a_refresh_loses_nothing(area: Path, here: Path) -> None:
    edit(area, lambda text: text.replace('"records"', '"sample"'))
    with little_room((here / "mappa-monitor.sqlite").stat().st_size + 20_000):
        ran = mappa("refresh")
    assert_plain(ran, 5, "mappa-monitor.sqlite", "the last snapshot stands", hidden=HIDDEN, most=3)
    assert snapshots(here) == 1
    assert mappa("refresh").code == 0
    assert snapshots(here) == 2


# The files that are written (exit 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "--out", "all.pdf"), (".csv or .xlsx",)),
        (("check", "--out", "all"), (".csv or .xlsx",)),
        (("measure", "--evidence", "rows.xlsx"), (".csv or .parquet",)),
        (("check", "--out", "no/such/folder/all.csv"), ("all.csv", "could not be written")),
        (("check", "--out", "records/cases.csv/all.csv"), ("all.csv", "could not be written")),
        (("measure", "--evidence", "/proc/rows.csv"), ("rows.csv", "could not be written")),
        (("check", "--out", "records/cases.csv"), ("cases.csv", "the records are read from")),
        (("measure", "--evidence", "records/cases.csv"), ("cases.csv", "the records are read from")),
        (("init", "--out", "mappa-monitor.toml"), ("mappa-monitor.toml", "left as it was")),
        (("init", "--out", "records/cases.csv/mine.toml"), ("mine.toml", "could not be written")),
        (("sample", "--out", "records"), ("records already holds", "left as it was")),
        (("sample", "--out", "records/cases.csv"), ("cases.csv", "cannot be written")),
        (("demo", "--folder", "/proc/demo", "--no-browser"), ("/proc/demo", "--folder")),
    ],
)
def test_a_file_that_cannot_be_written(area: Path, here: Path, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    ran = mappa(*words)
    last = Ran(ran.code, ran.out, ran.said.splitlines()[-1])  # before it the records may have been told of
    assert_plain(last, 2, *said)
    assert_shows_nothing(ran, *HIDDEN)
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_a_full_disk_leaves_the_file_that_was_there(area: Path, here: Path) -> None:
    assert mappa("measure", "--evidence", "rows.csv").code == 0
    before = (here / "rows.csv").read_bytes()
    with little_room(1000):
        ran = mappa("measure", "--evidence", "rows.csv")
    assert ran.code == 2
    assert "rows.csv could not be written" in ran.said
    assert_shows_nothing(ran, *HIDDEN)
    assert (here / "rows.csv").read_bytes() == before
    assert sorted(path.name for path in here.iterdir() if path.name.startswith(".")) == []


# The settings and standards (exit 4)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('colour = "blue"', ("mappa-monitor.toml", "colour", "unknown key")),
        ("smb_members = 5", ("smb_members", "a list", "a whole number")),
        ('smb_members = ["police", 5]', ("smb_members (entry 2)", "text")),
        ('smb_members = ["police", "police"]', ("smb_members", "once")),
        ("as_at = 0001-01-01", ("as_at", "1900 to 2199", "found a date (0001-01-01)")),
        ("as_at = 2023-02-30", ("mappa-monitor.toml: 2023-02-30 (line 5) is no day of the calendar",)),
        ('source = ""', ("source is empty; say where the records are.",)),
        ('area = ""', ("area is empty; say what the area is called.",)),
        ('smb_members = [""]', ("smb_members (entry 1) is empty;",)),
        ("as_at = 2023-12-31T10:00:00", ("as_at", "without a time")),
        ('as_at = "31/12/2023"', ("as_at", "a date")),
        ("standards = []", ("standards", "at least one")),
        ('standards = ["jersey", "jersey"]', ("standards", "once")),
        ('standards = ["atlantis"]', ("no standard called “atlantis”", "jersey")),
        ('standards = ["mine.toml"]', ("mine.toml", "could not be read")),
        ("[adopted_targets]\nreview_level_1 = 85", ("adopted_targets.review_level_1", "from 0 to 1")),
        (
            "[adopted_targets]\nreview_level_2 = 0.5",
            ("adopted_targets.review_level_2", "jersey sets its own (0.85)", "Leave it out"),
        ),
        ("[adopted_targets]\nreview_level_9 = 0.85", ("adopted_targets.review_level_9", "no such measure")),
        ('[standing_agencies]\n"level 9" = ["police"]', ("standing_agencies", "level 2")),
        (f'source = "postgresql://reader:{SECRET}@127.0.0.1/mappa"', ("source", "MAPPA_SOURCE_PASSWORD")),
        (f'source = "postgresql://reader:{SECRET}@127.0.0.1:port/m"', ("source", "MAPPA_SOURCE_PASSWORD")),
        (f'source = "postgresql://127.0.0.1/mappa?password={SECRET}"', ("source", "MAPPA_SOURCE_PASSWORD")),
        (f'store = "postgresql://keeper:{SECRET}@127.0.0.1/mappa"', ("store", "MAPPA_STORE_PASSWORD")),
        (f'password = "{SECRET}"', ("password", "unknown key")),
        ('[database.tables]\ncases = "mappa.vw_cases"', ("database", "the source is no database")),
        ('[database.tables]\ncase = "mappa.vw_cases"', ("database.tables.case", "no such table", "cases")),
        ('[database.tables]\ncases = "select 1"', ("database.tables.cases", "mappa.vw_cases", "[database.queries]")),
        ('[database.queries]\nmeetings = "drop table meetings"', ("database.queries.meetings", "SELECT or WITH")),
        ('[database.queries]\ncases = "select 1; delete from x"', ("database.queries.cases", "a single statement")),
        ("[database]\nstatement_seconds = 0", ("database.statement_seconds", "at least 1")),
        ('[database]\npassword = "x"', ("database.password", "unknown key")),
        (f'smb_members = ["{NAME}', ("mappa-monitor.toml", "not valid TOML", "line 5")),
    ],
)
def test_bad_settings(area: Path, here: Path, line: str, said: tuple[str, ...]) -> None:
    key = line.split(" =")[0]
    kept = [each for each in SETTINGS.splitlines() if each.split(" =")[0] != key]
    while len(kept) < 4:
        kept.insert(0, "")
    area.write_text("\n".join([*kept, line]) + "\n", encoding="utf-8")
    for words in (("refresh",), ("check",), ("measure", "--json"), ("serve", "--port", "0")[:1]):
        assert_plain(mappa(*words), 4, *said, hidden=HIDDEN)
    assert snapshots(here) == 1


DEEP = b"a = " + b"[" * 5000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'source = "records"\nstandards = ["jersey"]\n', "area is missing; say what the area is called."),
        (SETTINGS.encode() + b'source = "x"\n', "the key source stands twice (line 5); keep one of the two."),
        (DEEP, "too deep"),
    ],
)
def test_settings_that_lack_a_key_or_have_it_twice(here: Path, content: bytes, said: str) -> None:
    (here / "mappa-monitor.toml").write_bytes(content)
    for command in ("refresh", "serve", "check"):
        assert_plain(mappa(command), 4, "mappa-monitor.toml", said)


@pytest.mark.parametrize("content", [None, b"\xff\xfea\x00", b"folder"])
def test_a_settings_file_that_is_none(here: Path, content: bytes | None) -> None:
    if content == b"folder":
        (here / "mine.toml").mkdir()
    elif content is not None:
        (here / "mine.toml").write_bytes(content)
    for command in ("refresh", "serve", "check"):
        assert_plain(mappa(command, "--settings", "mine.toml"), 4, "mine.toml")


def test_a_bad_standard(records: Path, here: Path) -> None:
    words = ("check", "--source", "records", "--standard")
    assert_plain(mappa(*words, "atlantis"), 4, "atlantis", "jersey", hidden=HIDDEN)
    assert_plain(mappa(*words, "mine.toml"), 4, "mine.toml", hidden=HIDDEN)
    (here / "mine.toml").write_text(
        'extends = "jersey"\nname = "mine"\n[figures.review_weeks_level_2]\nvalue = 10\n', encoding="utf-8"
    )
    assert_plain(mappa(*words, "mine.toml"), 4, "mine.toml", "figures.review_weeks_level_2.cite", hidden=HIDDEN)
    (here / "mine.toml").write_bytes(DEEP)
    assert_plain(mappa(*words, "mine.toml"), 4, "mine.toml", "too deep", hidden=HIDDEN)
    (here / "map.toml").write_bytes(DEEP)
    assert_plain(mappa("check", "--source", "records", "--mapping", "map.toml"), 4, "map.toml", "too deep")


# Wrong usage (exit 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check",), ("No source is named", "--source")),
        (("check", "--source", "sample", "--as-at", "31/12/2023"), ("--as-at", "2023-12-31")),
        (("check", "--source", "sample", "--as-at", "20231231"), ("--as-at", "2023-12-31")),
        (("check", "--source", "sample", "--as-at", "2023-1-5"), ("--as-at", "2023-12-31")),
        (("check", "--source", "sample", "--as-at", "2023-W01-1"), ("--as-at", "2023-12-31")),
        (("sample", "--out", "x", "--as-at", "٢٠٢٣-01-05"), ("--as-at", "2023-12-31")),
        (("check", "--source", "sample", "--as-at", "2023-02-29"), ("--as-at", "2023-12-31")),
        (("check", "--source", "sample", "--as-at", "0001-01-01"), ("--as-at", "1900 to 2199")),
        (("measure", "--source", "sample", "--period", "Q4"), ("Q4", "2023-Q4")),
        (("measure", "--source", "sample", "--period", "2023-Q5"), ("2023-Q5", "2023-Q4")),
        (("measure", "--source", "sample", "--period", "2023-24-Q4"), ("2023-24-Q4", "2023-Q4")),
        (("measure", "--source", "sample", "--standard", "hampshire", "--period", "2023"), ("2023", "2023-24")),
        (("measure", "--source", "sample", "--standard", "hampshire", "--period", "2023-25"), ("2023-24",)),
        (("measure", "--source", "sample:cases=none"), ("cases=none", "whole numbers")),
        (("sample", "--out", "x", "--cases", "many"), ("--cases", "whole number")),
        (("sample", "--out", "x", "--cases", "0"), ("--cases", "whole number")),
        (("sample",), ("--out",)),
        (("serve", "--port", "70000"), ("--port", "65535")),
        (("check", "--colour"), ("--colour", "`mappa-monitor check --help`")),
        (("check", "--source"), ("--source", "`mappa-monitor check --help`")),
        (("measure", "--json", "--period"), ("--period", "`mappa-monitor measure --help`")),
        (("--source",), ("--source", "`mappa-monitor --help`")),
        (("paintings",), ("paintings", "--help")),
        (("check", f"postgresql://reader:{SECRET}@127.0.0.1/mappa"), ("--help",)),
        (("init", "--source", f"postgresql://reader:{SECRET}@127.0.0.1/mappa"), ("MAPPA_SOURCE_PASSWORD",)),
    ],
)
def test_wrong_usage(here: Path, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    assert_plain(mappa(*words), 2, *said, hidden=HIDDEN)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken(area: Path, here: Path, command: str) -> None:
    before = sorted(here.rglob("*"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_plain(mappa(command, "--port", port, "--no-browser"), 2, port, "taken", "--port")
    assert sorted(here.rglob("*")) == before


# Interrupted, or no longer listened to


@pytest.fixture
def started(here: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command in a process of its own, which is stopped at the end if it still runs."""
    with contextlib.ExitStack() as stack:

        def start(*words: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                program(*words),
                cwd=here,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                # Where tests run in the background Ctrl-C may be ignored, and children inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def test_ctrl_c_during_a_refresh(area: Path, here: Path, started: Callable[..., subprocess.Popen[str]]) -> None:
    edit(area, lambda text: text.replace('"records"', '"sample:cases=3000,years=5"'))
    process = started("refresh")
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert_plain(Ran(process.returncode, out, first + err), 130, "Interrupted", hidden=HIDDEN)
    assert snapshots(here) == 1


INTERRUPTED_WHILE_LOADING = """
import sys

class Keyboard:
    def find_spec(self, name, path=None, target=None):
        if name == "polars":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Keyboard())
from dashboard.command_line import main
sys.argv = ["mappa-monitor", "refresh"]
main()
"""


def test_ctrl_c_while_the_program_is_still_loading(here: Path) -> None:
    words = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING]
    done = subprocess.run(words, cwd=here, env=environment(), capture_output=True, text=True)
    assert_plain(Ran(done.returncode, done.stdout, done.stderr), 130, "Interrupted")


def test_a_reader_who_has_seen_enough(records: Path, started: Callable[..., subprocess.Popen[str]]) -> None:
    process = started("check", "--source", "records", *AS_AT, "--json")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    ran = Ran(process.returncode, "", err)
    assert ran.code == 1, "the exit code is that of what was found"
    assert_shows_nothing(ran)
    assert "failed" not in err


def test_an_output_that_is_full(records: Path, here: Path) -> None:
    err = io.StringIO()
    with (
        contextlib.suppress(OSError),  # it fails again when it is closed
        open("/dev/full", "w", encoding="utf-8") as full,
        contextlib.redirect_stdout(full),
        contextlib.redirect_stderr(err),
    ):
        code = run(["check", "--source", "records", *AS_AT, "--json"])
    assert code == 2
    assert "Standard output could not be written" in err.getvalue()
    assert_shows_nothing(Ran(code, "", err.getvalue()), *HIDDEN)


def test_streams_that_are_closed_do_no_harm(records: Path, here: Path) -> None:
    words = program("check", "--source", "records", *AS_AT, "--json")
    done = subprocess.run(
        ["sh", "-c", '"$@" 2>&-', "sh", *words], cwd=here, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout.startswith('{"findings"')


# What is written is its owner's only


def test_every_file_written_is_its_owners_only(area: Path, here: Path) -> None:
    before = os.umask(0o022)
    try:
        assert mappa("check", "--out", "all.csv").code == 1
        assert mappa("check", "--out", "all.xlsx").code == 1
        assert mappa("measure", "--evidence", "rows.csv").code == 0
        assert mappa("measure", "--evidence", "rows.parquet").code == 0
        assert mappa("init", "--out", "other.toml").code == 0
        assert mappa("sample", "--out", "made", "--cases", "5", "--years", "1").code == 0
        (here / "open.csv").write_text("old", encoding="utf-8")
        (here / "open.csv").chmod(0o644)
        assert mappa("check", "--out", "open.csv").code == 1
    finally:
        os.umask(before)
    names = ("all.csv", "all.xlsx", "rows.csv", "rows.parquet", "other.toml", "open.csv", "mappa-monitor.sqlite")
    for path in [*(here / name for name in names), *(here / "made").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
