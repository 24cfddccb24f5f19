"""A folder of CSV or Parquet files, one per canonical table: `cases.csv`, `meetings.parquet` …"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from checks.errors import SourceError
from checks.locators import ROW
from connectors.sources import csv_text
from connectors.sources.headings import (
    NotCanonical,
    Place,
    both,
    folded,
    in_order,
    left_aside,
    located,
    matched,
    nothing_of_ours,
    table_called,
)
from connectors.sources.source import Progress, Pull, SourceFile, silent

KIND = "a folder of CSV or Parquet files, one per table"
SUFFIXES = (".csv", ".parquet")

_SAYS_NOTHING = ("desktop.ini", "thumbs.db")
_KEPT = (pl.Date, pl.Datetime, pl.Boolean, pl.String, pl.Categorical, pl.Enum, pl.Float32, pl.Float64)

# A damaged file can also make Polars panic, which is no Exception.
_UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def reads(address: str) -> bool:
    """Whether the address is a folder, or a file of one (which `pull` then answers with the right call)."""
    path = Path(address)
    return path.is_dir() or (path.is_file() and path.suffix.lower() in SUFFIXES)


def pull(address: str, progress: Progress = silent) -> Pull:
    """Every canonical table of the folder, one frame each, its cells as text (CSV) or as typed (Parquet)."""
    folder = Path(address)
    if folder.is_file():
        raise NotCanonical(f"{folder.name} is a single file: give the folder that it lies in.")
    files, notes = _ours(folder)
    brought = Pull(tables={}, notes=notes)
    for done, (table, path) in enumerate(files.items()):
        progress(path.name, done, len(files))
        data, modified = _content(path)
        read = _csv if path.suffix.lower() == ".csv" else _parquet
        frame = read(data, table, path.name, brought.notes)
        brought.tables[table] = frame
        fingerprint = hashlib.sha256(data).hexdigest()
        brought.files.append(SourceFile(path.name, (table,), frame.height, modified, fingerprint))
    progress("read", len(files), len(files))
    return brought


def _ours(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Canonical table → its file, and the notes on what else lies there (hidden files are not spoken of)."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(f"The folder {folder.name} could not be listed: {_why(error)}. Check its rights.") from None
    files: dict[str, Path] = {}
    strangers: list[str] = []
    folders: list[str] = []
    for path in entries:
        if path.name.startswith((".", "~$")) or folded(path.name) in _SAYS_NOTHING:
            continue
        table = table_called(path.stem)
        if path.is_dir():
            folders.append(path.name)
        elif table is None or path.suffix.strip().lower() not in SUFFIXES:
            strangers.append(path.name)
        elif table in files:
            raise both(files[table].name, path.name, table)
        else:
            files[table] = path
    if not files:
        raise nothing_of_ours(f"The folder {folder.resolve().name}", "a file ending in .csv or .parquet")
    place = f"The folder {folder.resolve().name}"
    return in_order(files), left_aside(place, "files", strangers) + left_aside(place, "folders", folders)


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "this account may not read it"
    return (error.strerror or "the system refused").lower()


def _content(path: Path) -> tuple[bytes, datetime]:
    """The bytes, read once so that what is read and its fingerprint are the same, and when the file was changed."""
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return path.read_bytes(), modified
    except OSError as error:
        raise SourceError(f"{path.name} could not be read: {_why(error)}. Check its name and rights.") from None


def _csv(data: bytes, table: str, name: str, notes: list[str]) -> pl.DataFrame:
    cells = csv_text.read(data, name)
    _refuse_other_separator(cells.headings, name)
    found = matched(cells.headings, table, Place(name), notes)
    frame = cells.frame.rename({str(index): column for column, index in found.items()})
    return located(frame, table, Place(name), pl.col(ROW))


def _refuse_other_separator(headings: list[str], name: str) -> None:
    """A file separated otherwise reads as one column; its headings come apart at the right separator."""
    for separator, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if len(headings) == 1 and separator in headings[0]:
            raise SourceError(
                f"{name} is separated by {called}: expected commas between its headings. "
                'Save it again as "CSV UTF-8 (comma delimited)".'
            )


def _parquet(data: bytes, table: str, name: str, notes: list[str]) -> pl.DataFrame:
    if not data:
        raise SourceError(f"{name} is empty: expected a Parquet file with a column per heading.")
    place = Place(name)
    try:
        schema = pl.read_parquet_schema(io.BytesIO(data))
    except _UNREADABLE:
        schema = None
    if schema is None:
        raise SourceError(f"{name} is not a Parquet file, or is cut short. Export it again, or give it as CSV.")
    headings = list(schema)
    found = matched(headings, table, place, notes)
    try:
        frame = pl.read_parquet(io.BytesIO(data), columns=[headings[index] for index in found.values()])
    except _UNREADABLE:
        frame = None
    if frame is None:
        raise SourceError(f"{name} is damaged: its columns cannot be read. Export it again, or give it as CSV.")
    frame = frame.select(_plain(frame[headings[index]], column, place) for column, index in found.items())
    return located(frame, table, place, pl.int_range(1, pl.len() + 1))


def _plain(column: pl.Series, name: str, place: Place) -> pl.Series:
    """The column under its canonical name, typed where the type is one of the field's, else as text."""
    column = column.alias(name)
    kind = column.dtype
    if kind.is_integer() or isinstance(kind, _KEPT):
        return column
    if isinstance(kind, pl.Decimal):
        exact = column.cast(pl.String)
        return exact if kind.scale == 0 else exact.str.strip_chars_end("0").str.strip_chars_end(".")
    try:
        if not kind.is_nested():
            return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        pass
    raise SourceError(
        f'{place}: the column "{name}" holds values of a type that is neither text, number, date nor true/false. '
        "Export it as text."
    )
