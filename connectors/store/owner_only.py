"""The SQLite file and its companions, kept from everybody but their owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

COMPANIONS = ("-journal", "-wal", "-shm")
_MAGIC = b"SQLite format 3\0"


def create(path: Path) -> None:
    """Make an empty file only its owner can read, and any missing folder above it likewise.

    It is made before SQLite opens it, because SQLite would make it by the umask; SQLite's own companions then take the
    file's mode. Raises OSError.
    """
    missing = []
    folder = path.parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return  # another process was quicker, and made it the same way
    _sync(path.parent)


def tighten(path: Path) -> None:
    """Take away what group and others may do with the file or a companion that is there. Raises OSError."""
    for each in (path, *(path.with_name(path.name + suffix) for suffix in COMPANIONS)):
        try:
            mode = stat.S_IMODE(each.stat().st_mode)
            if mode & 0o077:
                each.chmod(mode & 0o700)
        except FileNotFoundError:
            continue


def looks_like_sqlite(path: Path) -> bool:
    """Whether the file is empty or begins as every SQLite file does. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
    return start in (b"", _MAGIC)


def _sync(folder: Path) -> None:
    """Make a new name in a folder last through a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
