"""A text file of any encoding and separator → its cells, every record of it, and what had to be decided on the way."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from checks.errors import SourceError
from connectors.reading import records
from connectors.reading.layout import MOST_COLUMNS

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}

_SAMPLE = 1 << 16  # characters by which the separator is told
_MOST_LINES_IN_VAIN = 2_000_000  # read again and again behind quotes never closed, before each line is a row
_LONG_CELL = 20  # lines in one quoted cell that are worth a word
_SHOWN_ROWS = 8

csv.field_size_limit(1 << 30)  # the module's own limit, for all of it: a long cell is no error


@dataclass(frozen=True)
class TextCells:
    """`frame` as of `records`: one row per record of the file, blank ones too · `notes` plain sentences on what was decided."""

    frame: pl.DataFrame
    notes: tuple[str, ...]


def cells(data: bytes, name: str) -> TextCells:
    """Every record of the text file called `name`; SourceError where it holds no text."""
    text, notes = decoded(data, name)
    separator, told, begins = separated(text)
    if told:
        text = text[begins:]
        notes.append(f"{name}: its first line names the separator, and was left out.")
    if separator != ",":
        notes.append(f"{name}: cells are separated by {SEPARATORS.get(separator, 'another character')}.")
    first = 2 if told else 1
    frame = _regular(text, separator, first)
    if frame is None:
        frame = _irregular(text, separator, first, name, notes)
    if told:
        line = records.as_columns([(1, ["sep=" + separator])], frame.width - 1)
        frame = pl.concat([line, frame.select(line.columns)])
    return TextCells(frame, tuple(notes))


# --- Encoding


def decoded(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text, and notes on its encoding where it is not UTF-8: by its byte-order mark, else strictly UTF-8, else UTF-16 by
    its zero bytes, else Windows-1252 (old Macintosh where its line ends are that machine's)."""
    notes: list[str] = []
    wide = _utf16(data)
    if wide:
        text = data.decode(wide, "replace").removeprefix("\ufeff")
        notes.append(f"{name}: the text is UTF-16, and was read as such.")
    else:
        data = data.removeprefix(codecs.BOM_UTF8)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text, called = _older(data)
            notes.append(
                f"{name}: the text is not UTF-8, and was read as {called}; look at a name with an accent in it."
            )
    if "\0" in text:
        zeros = text.count("\0")
        if zeros * 20 > len(text):
            raise SourceError(
                f"{name} is no text file that can be read: too much of it is no text. Export it again as CSV."
            )
        text = text.replace("\0", "")
        notes.append(f"{name}: {zeros} NUL characters within the text were left out.")
    if _odd(text[:_SAMPLE]) * 20 > len(text[:_SAMPLE]):
        raise SourceError(
            f"{name} is no text file that can be read: too much of it is no text. Export it again as CSV."
        )
    if not text.strip():
        raise SourceError(f"{name} is empty: expected a header row and records. Export it again.")
    return text, notes


def _utf16(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    start = data[:4096]
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = max(len(start) // 2, 1)
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _odd(text: str) -> int:
    """Characters that no text file holds."""
    return sum(
        count for character, count in Counter(text).items() if character < " " and character not in "\t\r\n\f\v\x1a"
    )


def _older(data: bytes) -> tuple[str, str]:
    if b"\n" not in data and b"\r" in data:
        return data.decode("mac-roman"), "old Macintosh text"
    return data.decode("utf-8", _WINDOWS), "Windows-1252"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8, in a file that may be so elsewhere, as Windows-1252; its five unused ones as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in wrong), error.end


_WINDOWS = "mappa_windows_1252"
codecs.register_error(_WINDOWS, _as_windows)


# --- Separator


def separated(text: str) -> tuple[str, bool, int]:
    """The separator, whether the file's first line names it (`sep=;`, as Excel takes it), and where the records begin."""
    first, _, _ = text[:20].partition("\n")
    if first[:4].lower() == "sep=" and len(first.rstrip("\r")) == 5:
        return first[4], True, len(first) + 1
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE and "\n" in sample:
        sample = sample[: sample.rindex("\n")]
    best, separator = (0.0, 0, 0), ","
    for mark in SEPARATORS:
        found = _evidence(sample, mark)
        if found > best:
            best, separator = found, mark
    return separator, False, 0


def _evidence(sample: str, mark: str) -> tuple[float, int, int]:
    """How well the mark separates: first whether most records have the same number of cells, then how early one has it."""
    if mark not in sample:
        return (0.0, 0, 0)
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
    widths = [len(record) for record in reader if any(record)][:200]
    several = [width for width in widths if width > 1]
    if not several:
        return (0.0, 0, 0)
    usual, times = max(Counter(several).items(), key=lambda each: (each[1], each[0]))
    return (1.0 if times * 2 >= len(widths) else 0.5, -widths.index(usual), usual)


# --- Records


def _regular(text: str, separator: str, first: int) -> pl.DataFrame | None:
    body = text.encode("utf-8", "surrogatepass")
    mark = separator.encode()
    plain = records.unquoted(body, mark)
    if plain is None or len(mark) != 1:
        return None
    lines = plain.count(b"\n") + (not body.endswith(b"\n"))
    marks = pl.Series(plain.decode("utf-8", "replace").split("\n")).str.count_matches(separator, literal=True).max()
    width = int(marks) + 1 if isinstance(marks, int) else 1
    if width > MOST_COLUMNS or width * lines > 20_000_000 or width == 1:
        return None
    if body.count(b'"', 0, body.find(b"\n") + 1) % 2:  # the first record is quoted over a line's end
        return None
    return records.quickly(body, lines, width, separator, first)


def _irregular(text: str, separator: str, first: int, name: str, notes: list[str]) -> pl.DataFrame:
    """Record by record. A quotation mark out of place spoils the one line it stands in, not those that follow."""
    lines = io.StringIO(text, newline="").readlines()
    walk = _Walk(lines, separator)
    found = list(enumerate(walk.records(), start=first))
    width = max((len(record) for _, record in found), default=0)
    if width > MOST_COLUMNS:
        row = next(row for row, record in found if len(record) == width)
        raise SourceError(
            f"{name}, row {row} has {width:,} cells, more than a spreadsheet can hold: its line ends may be missing. "
            "Export the file again."
        )
    if walk.spoilt:
        rows = [first + index for index in walk.spoilt]
        notes.append(
            f"{name}: a quotation mark is out of place in {_rows(rows)}; there each line was read as a row by itself."
        )
    if walk.long:
        notes.append(
            f"{name}: a quoted cell runs over more than {_LONG_CELL} lines in {_rows([first + n for n in walk.long])}; "
            "look whether a quotation mark is missing there."
        )
    frames = [records.as_columns(batch, max(width, 1)) for batch in records.batches(found)]
    return pl.concat(frames) if frames else records.empty(1)


def _rows(rows: list[int]) -> str:
    listed = ", ".join(f"{row:,}" for row in rows[:_SHOWN_ROWS])
    more = f" and {len(rows) - _SHOWN_ROWS:,} more" if len(rows) > _SHOWN_ROWS else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {listed}{more}"


class _Walk:
    """The records of the lines, one by one. `spoilt`, `long`: the ordinals (from 0) of records a note should speak of."""

    def __init__(self, lines: list[str], separator: str) -> None:
        self.lines, self.separator = lines, separator
        self.spoilt: list[int] = []
        self.long: list[int] = []

    def records(self) -> Iterator[list[str]]:
        """Every record, blank lines as []."""
        start, count, in_vain = 0, 0, 0
        while start < len(self.lines):
            each = self.lines[start:] if start else self.lines
            reader = csv.reader(each, delimiter=self.separator, strict=True)
            read = 0
            try:
                for record in reader:
                    if reader.line_num - read > _LONG_CELL:
                        self.long.append(count)
                    read = reader.line_num
                    yield record
                    count += 1
                return
            except csv.Error:
                in_vain += reader.line_num - read + len(each) // 8
            start += read
            self.spoilt.append(count)
            yield self._by_itself(self.lines[start])
            start, count = start + 1, count + 1
            if in_vain > _MOST_LINES_IN_VAIN:
                for line in self.lines[start:]:
                    yield self._by_itself(line)
                return

    def _by_itself(self, line: str) -> list[str]:
        """One line as a record, its quotation marks as they stand where they do not close."""
        bare = line.rstrip("\r\n")
        if not bare:
            return []
        if bare.count('"') % 2:
            return bare.split(self.separator)
        return next(csv.reader([bare], delimiter=self.separator), [])
