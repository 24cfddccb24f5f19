"""Keeps what the workbook reader says when it breaks down over a damaged file off standard error, and nothing else.

The reader prints such a report itself, before the breakdown can be caught: only the stream that it goes to can be held back.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Generator

_STANDARD_ERROR = 2
_ONE_AT_A_TIME = threading.Lock()
_REPORT = re.compile(rb"\r?\n?thread '[^\n]*' (?:\(\d+\) )?panicked at [^\n]*\n[^\n]*\n")
_TRACE = re.compile(rb"(?m)^(?:stack backtrace:|note: [^\n]*[Bb]acktrace|[ \t]+\d+: |[ \t]+at )[^\n]*\n")
"""How the breakdown was come to, where RUST_BACKTRACE asks for it: written line by line, so that others may write between."""


@contextlib.contextmanager
def without_reports(*, wanted: bool = True) -> Generator[None]:
    """Hold back standard error while the block runs, and let all of it out afterwards but for reports of a breakdown.

    Of the whole process: what other threads write meanwhile comes a moment later. Not `wanted`: nothing is done.
    """
    if not wanted:
        yield
        return
    with _ONE_AT_A_TIME:
        try:
            kept = os.dup(_STANDARD_ERROR)
        except OSError:  # there is none: a service without a terminal
            yield
            return
        try:
            with tempfile.TemporaryFile() as held:
                _flush()
                os.dup2(held.fileno(), _STANDARD_ERROR)
                try:
                    yield
                finally:
                    _flush()
                    os.dup2(kept, _STANDARD_ERROR)
                    held.seek(0)
                    _let_out(_without_reports(held.read()))
        finally:
            os.close(kept)


def _without_reports(written: bytes) -> bytes:
    rest, reports = _REPORT.subn(b"", written)
    return _TRACE.sub(b"", rest) if reports else rest


def _flush() -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def _let_out(rest: bytes) -> None:
    while rest:
        try:
            rest = rest[os.write(_STANDARD_ERROR, rest) :]
        except OSError:
            return
