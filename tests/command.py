"""The command as a test runs it: in this process, quickly, or in one of its own, as a scheduler would."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.command_line import run

PROGRESS = re.compile(r"^[a-z ]+: .* …$")


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What people were told: standard error without the lines of progress."""
        return "\n".join(line for line in self.err.splitlines() if not PROGRESS.match(line))


def mappa(*words: object) -> Ran:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(word) for word in words])
    return Ran(code, out.getvalue(), err.getvalue())


def program(*words: object) -> list[str]:
    """The command line of the command in a process of its own."""
    return [sys.executable, "-m", "dashboard.command_line", *map(str, words)]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for such a process: without a password that the machine may hold."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAPPA_")}
    return {**kept, "COLUMNS": "80", **(more or {})}


def mappa_apart(*words: object, folder: Path, **more: Any) -> Ran:
    """Run the command in a process of its own."""
    done = subprocess.run(
        program(*words), cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, **more
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def sentences(text: str) -> list[str]:
    """The sentences of a message; dots within names, numbers and addresses do not end one."""
    return [each for each in re.split(r"(?<=[.!?])\s+(?=[A-Z“`])", text.strip()) if each]


def assert_plain(ran: Ran, code: int, *words: str, hidden: tuple[str, ...] = (), most: int = 2) -> None:
    """It ended with this code and one or two plain sentences that hold these words; nothing hidden is shown anywhere."""
    assert ran.code == code, ran
    assert ran.out == "", "nothing goes to standard output"
    assert_shows_nothing(ran, *hidden)
    assert 1 <= len(sentences(ran.said)) <= most, ran.said
    assert ran.said.strip().endswith("."), ran.said
    for word in words:
        assert word in ran.said, ran.said


def assert_shows_nothing(ran: Ran, *hidden: str) -> None:
    """Neither a traceback nor anything of a record or a password is shown."""
    shown = ran.out + ran.err
    for each in ("Traceback", 'File "', "sqlalche.me", "polars.exceptions", *hidden):
        assert each not in shown, each
