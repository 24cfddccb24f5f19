"""An area refreshed once per run, whichever worker asks first, and copied to every test that wants it: a refresh takes seconds."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from fasteners import InterProcessLock


class MadeOnce:
    """What has been made in a run: folders in one that is common to all its workers."""

    def __init__(self) -> None:
        self.common: Path | None = None

    def copy(self, what: bytes, make: Callable[[Path], object], to: Path) -> None:
        """Put into a folder what `make` puts into an empty one; `what` it is tells whether it has been made already."""
        assert self.common is not None
        made = self.common / f"made-{hashlib.sha256(what).hexdigest()[:16]}"
        with InterProcessLock(made.with_suffix(".lock")):
            if not made.exists():
                begun = made.with_suffix(".begun")
                shutil.rmtree(begun, ignore_errors=True)
                begun.mkdir()
                make(begun)
                begun.rename(made)
        shutil.copytree(made, to, dirs_exist_ok=True)


MADE = MadeOnce()
