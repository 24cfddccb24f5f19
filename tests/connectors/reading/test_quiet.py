"""A workbook over which the reader breaks down: people see our sentence, and nothing of the reader's own report."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from checks.errors import SourceError
from connectors.reading import read
from connectors.reading.quiet import without_reports
from tests.command import assert_plain, mappa_apart
from tests.connectors.reading.binary_books import xlsb
from tests.connectors.reading.sheets import workbook

SECRET = "Zebedee"
REPORT = (
    b"\nthread '<unnamed>' (17) panicked at /src/xlsb/mod.rs:303:48:\nrange start index 8 out of range for slice of length 0\n"
    b"stack backtrace:\n   0: __rustc::rust_begin_unwind\n             at ./main.c:1:2\n"
    b"note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
)


def broken(folder: Path, part: str, old: bytes, new: bytes) -> Path:
    """An xlsb of which a record in one part is not what it should be."""
    path = xlsb(folder / "records.xlsb", {"cases": [["Ref", "Level"], [SECRET, 2]]})
    patched_part(path, part, old, new)
    return path


def patched_part(path: Path, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    assert parts[part].count(old) == 1
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)


LIST_OF_SHEETS = ("xl/workbook.bin", "rId1".encode("utf-16-le"), "rId7".encode("utf-16-le"))
SIZE_OF_SHEET = (
    "xl/worksheets/sheet1.bin",
    bytes([0x94, 0x01, 16]) + struct.pack("<4I", 0, 1, 0, 1),
    bytes([0x94, 0x01, 0]),
)


@pytest.mark.parametrize(("damage", "command"), [(LIST_OF_SHEETS, "check"), (SIZE_OF_SHEET, "map")])
def test_the_command_line_shows_one_plain_sentence(
    tmp_path: Path, damage: tuple[str, bytes, bytes], command: str
) -> None:
    broken(tmp_path, *damage)
    ran = mappa_apart(command, "--source", "records.xlsb", folder=tmp_path)
    assert_plain(ran, 3, "records.xlsb", hidden=(SECRET, "panicked", "RUST_BACKTRACE", "calamine"))


def test_what_else_is_written_meanwhile_comes_out_in_its_order(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = broken(tmp_path, *LIST_OF_SHEETS)
    with without_reports():
        os.write(2, b"one\n")
        os.write(2, REPORT)
        writer = threading.Thread(target=os.write, args=(2, b"two\n"))
        writer.start()
        writer.join()
        os.write(2, REPORT.split(b"stack")[0])
        os.write(2, b"three\n")
    with pytest.raises(SourceError):
        read(path)
    os.write(2, b"four\n")
    assert capfd.readouterr().err == "one\ntwo\nthree\nfour\n"


THREADS = """
import os, pathlib, sys, threading
from checks.errors import SourceError
from connectors.reading import read

def work(number):
    os.write(2, f"before {number}\\n".encode())
    try:
        read(pathlib.Path(sys.argv[1]))
    except SourceError:
        os.write(2, f"refused {number}\\n".encode())

threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
try:
    read(pathlib.Path(sys.argv[2]))
except SourceError:
    os.write(2, b"refused the other\\n")
os.write(2, b"done\\n")
"""


def test_several_threads_at_once_leave_the_stream_as_it_was(tmp_path: Path) -> None:
    path = broken(tmp_path, *LIST_OF_SHEETS)
    other = workbook(tmp_path / "other.xlsx", ("cases", [["Ref"], [SECRET]]))
    patched_part(other, "xl/worksheets/sheet1.xml", b"/><sheetData>", b"/z<sheetData>")
    done = subprocess.run(
        [sys.executable, "-c", THREADS, str(path), str(other)],
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "RUST_BACKTRACE": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    *written, other_said, last = done.stderr.splitlines()
    assert (other_said, last) == ("refused the other", "done")
    assert sorted(written) == sorted(f"{when} {number}" for when in ("before", "refused") for number in range(8))
