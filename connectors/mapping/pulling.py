"""A source with headings of its own, pulled by a mapping: the one named, or the one that lies beside it.

A source that has canonical names and no mapping is pulled as ever (`connectors.sources`).
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from checks.errors import SourceError, UsageError
from connectors import reading, sources
from connectors.mapping import headings
from connectors.mapping.apply import Guard, apply, let_through
from connectors.mapping.mapping import SUFFIX, SourceMapping, load_mapping
from connectors.mapping.naming import generalised
from connectors.reading import Read
from connectors.sources import workbook
from connectors.sources.headings import NotCanonical, left_aside
from connectors.sources.source import Progress, Pull, silent

SUFFIXES = (*workbook.SUFFIXES, ".csv", ".tsv", ".tab", ".txt")
"""What a file is called that can be read by a mapping."""

_SAYS_NOTHING = ("desktop.ini", "thumbs.db")


@dataclass(frozen=True)
class Files:
    """The files of a source as read, and notes on what else lies there."""

    reads: tuple[Read, ...]
    notes: tuple[str, ...] = ()


def may_be_mapped(address: str) -> bool:
    """Whether a mapping can say how to read what is at this address: a file of records, or a folder of them."""
    if "://" in address or address.split(":")[0] == "sample" or not address.strip():
        return False
    path = Path(address)
    return path.is_dir() or (path.is_file() and path.suffix.lower() in SUFFIXES)


def mapping_place(address: str) -> Path:
    """Where the mapping of a source is kept: beside it, `caseload.mapping.toml` for `caseload.xlsx`."""
    path = Path(address)
    path = path.resolve() if path.name in ("", "..") else path
    return path.with_name((path.name if path.is_dir() else path.stem) + SUFFIX)


def mapping_beside(address: str) -> Path | None:
    """The mapping that lies beside a source, also one of last month's file of the same name but for its date."""
    if not may_be_mapped(address):
        return None
    place = mapping_place(address)
    for path in (place, Path(address).with_name(Path(address).name + SUFFIX)):
        if path.is_file():
            return path
    called = generalised(place.name.removesuffix(SUFFIX))
    if "*" not in called:
        return None
    alike = [path for path in place.parent.glob(f"*{SUFFIX}") if generalised(path.name.removesuffix(SUFFIX)) == called]
    return max(alike, key=lambda path: path.name, default=None)


def read_files(address: str, progress: Progress = silent, mapping: SourceMapping | None = None) -> Files:
    """Every file of the source, as it stands; raises SourceError (exit 3). `mapping`: whose headings to look out for."""
    hints = set(headings.known())
    if mapping is not None:
        hints |= {heading.casefold() for sheet in mapping.sheets for heading in sheet.headings}
    path = Path(address)
    if not may_be_mapped(address):
        if path.is_file():
            raise SourceError(
                f"{path.name} is of no kind that a mapping can read; expected a workbook or text file ({', '.join(SUFFIXES)})."
            )
        raise SourceError(f"There is no file or folder called {address}.")
    if path.is_file():
        return Files((reading.read(path, progress, hints=hints),))
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        why = (error.strerror or "the system refused").lower()
        raise SourceError(f"The folder {path.resolve().name} could not be listed: {why}.") from None
    shown = [
        each for each in entries if not each.name.startswith((".", "~$")) and each.name.lower() not in _SAYS_NOTHING
    ]
    files = [each for each in shown if each.is_file() and each.suffix.lower() in SUFFIXES]
    if not files:
        raise SourceError(
            f"The folder {path.resolve().name} holds no workbook and no text file; expected files ending in {', '.join(SUFFIXES)}."
        )
    others = [each.name for each in shown if each not in files and not each.name.endswith(SUFFIX)]
    reads = []
    for done, each in enumerate(files):
        progress(each.name, done, len(files))
        reads.append(reading.read(each, hints=hints))
    progress("read", len(files), len(files))
    place = f"The folder {path.resolve().name}"
    return Files(tuple(reads), tuple(left_aside(place, "files and folders", others)))


def pull(
    address: str,
    password: str | None = None,
    progress: Progress = silent,
    mapping: Path | None = None,
    guard: Guard = let_through,
) -> Pull:
    """The canonical tables of a source: by the mapping named, by the one beside it, or by its canonical names.

    Raises SourceError (exit 3), SettingsError (exit 4) for a mapping that is wrong or does not fit, UsageError (exit 2) for a
    mapping of what needs none.
    """
    if mapping is not None and not may_be_mapped(address):
        if "://" in address or address.split(":")[0] == "sample":
            raise UsageError(
                "A mapping is for workbooks and text files; a database gives its tables or views by their names."
            )
        read_files(address)  # says what is wrong with it
    beside = mapping_beside(address) if mapping is None else None
    path = mapping or beside
    if path is None:
        return _canonical(address, password, progress)
    said = load_mapping(path)
    files = read_files(address, progress, said)
    progress("understanding the values", 0, 1)
    pulled = apply(files.reads, said, path.name, guard)
    where = ", which lies beside the source" if beside is not None else ""
    pulled.notes[:0] = [f"Read by the mapping {path.name}{where}.", *files.notes]
    pulled.mapped_by = hashlib.sha256(path.read_bytes()).hexdigest()
    return pulled


def _canonical(address: str, password: str | None, progress: Progress) -> Pull:
    try:
        return sources.pull(address, password, progress)
    except SourceError as error:
        wanted = isinstance(error, NotCanonical) and _holds_files(address)
        if not wanted and not _only_by_mapping(address):
            raise
        said = str(error)
    name = shlex.quote(Path(address).name)
    raise SourceError(
        f"{said.removesuffix('.')}; if it has headings of its own, `mappa-monitor map --source {name}` and the page Sources "
        "propose which is which."
    )


def _holds_files(address: str) -> bool:
    """Whether there is anything that a mapping could read."""
    path = Path(address)
    return path.is_file() or any(each.suffix.lower() in SUFFIXES for each in path.iterdir())


def _only_by_mapping(address: str) -> bool:
    """Whether it is a file that nothing but a mapping can read: text of another kind than a table of a folder."""
    return may_be_mapped(address) and Path(address).suffix.lower() in (".tsv", ".tab", ".txt")
