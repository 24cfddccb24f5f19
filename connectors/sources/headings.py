"""Which table a name means, and which canonical column a heading means: the same for every kind of source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, FILE, ROW, SHEET
from checks.table_names import COLUMNS

T = TypeVar("T")


class NotCanonical(SourceError):
    """The source can be read but has none of the names looked for: a mapping can say which of its own is which."""


LONGEST_SHOWN = 60  # characters of a stranger's heading or name that are shown to people


@dataclass(frozen=True)
class Place:
    """Where a raw table stands: `file` without its folder, `sheet` (of a `kind`: sheet, table) where there is one."""

    file: str
    sheet: str | None = None
    kind: str = "sheet"

    def __str__(self) -> str:
        return self.file if self.sheet is None else f"{self.file}, {self.kind} {shown(self.sheet)}"


def folded(name: str) -> str:
    """A name as it is compared: no byte-order mark, no space around it, no difference of case."""
    return name.replace("\ufeff", "").strip().casefold()


def shown(name: str) -> str:
    """A stranger's heading or name, in quotes, on one line and cut to a decent length."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return f'"{plain[:LONGEST_SHOWN]}…"' if len(plain) > LONGEST_SHOWN else f'"{plain}"'


def table_called(name: str) -> str | None:
    """The canonical table that a file, sheet or database table of this name holds; None if it is not ours."""
    return folded(name) if folded(name) in COLUMNS else None


def letters(position: int) -> str:
    """The column's letters in a spreadsheet, from its position counted from 1: 1 → A, 27 → AA."""
    text = ""
    while position > 0:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def in_order(tables: Mapping[str, T]) -> dict[str, T]:
    """The same in the canonical tables' order, so that every kind of source reads them in one order."""
    return {table: tables[table] for table in COLUMNS if table in tables}


def nothing_of_ours(where: str, each: str) -> NotCanonical:
    """The error of a source that holds no canonical table; `each` says what one looks like there."""
    return NotCanonical(
        f"{where} holds none of the tables looked for: {', '.join(COLUMNS)}. Each is {each}, named exactly so."
    )


def both(first: str, second: str, table: str) -> SourceError:
    """The error of a source in which two things claim to be the same table."""
    return SourceError(
        f"{first} and {second} both claim to be the table {table}, and which is right cannot be told. "
        "Remove or rename one of them."
    )


def left_aside(place: str, what: str, names: Iterable[str]) -> list[str]:
    """The note, if any, on files, sheets or tables that are not ours: `what` is their kind in the plural."""
    listed = ", ".join(shown(name) for name in names)
    return [f"{place}: {what} left aside, as they are not of ours: {listed}."] if listed else []


def matched(
    headings: Sequence[str | None],
    table: str,
    place: Place,
    notes: list[str],
    *,
    first_column: Callable[[], int] = lambda: 1,
) -> dict[str, int]:
    """Canonical column → its index among `headings`, in canonical order; what is left out is added to `notes`.

    `first_column`: gives the physical position of the first heading (1 = A), asked only where it is told.
    Raises SourceError for a doubled column, and where none of the headings is the table's: what stands there may then
    be a record, so it is not shown.
    """
    canonical = {folded(column): column for column in COLUMNS[table]}
    found: dict[str, int] = {}
    strangers: list[str] = []
    nameless: list[int] = []
    for index, heading in enumerate(headings):
        key = folded(heading or "")
        column = canonical.get(key)
        if column is None:
            if key:
                strangers.append(heading or "")
            else:
                nameless.append(index)
        elif column in found:
            one, two = found[column] + first_column(), index + first_column()
            raise SourceError(
                f'{place}: the column "{column}" is there twice, in columns {one} ({letters(one)}) and '
                f"{two} ({letters(two)}). Keep the right one and remove or rename the other."
            )
        else:
            found[column] = index
    if not found:
        raise NotCanonical(
            f"{place}: none of the headings of the table {table} is there. Expected headings such as "
            f"{', '.join(COLUMNS[table][:4])} (in a sheet or a CSV file: in the first row)."
        )
    if strangers:
        listed = ", ".join(shown(name) for name in strangers)
        notes.append(f"{place}: columns left out, as the table {table} has none of that name: {listed}.")
    if nameless:
        first = first_column()
        listed = ", ".join(f"{n + first} ({letters(n + first)})" for n in nameless)
        notes.append(f"{place}: columns left out, as they have no heading: {listed}.")
    return {column: found[column] for column in COLUMNS[table] if column in found}


def located(frame: pl.DataFrame, table: str, place: Place, rows: pl.Series | pl.Expr) -> pl.DataFrame:
    """The canonical columns of `frame` with the locators beside them; an empty text is a missing value.

    `rows`: the row numbers of the records. `EXTRA_CELLS` is kept where it is there and true for some row.
    """
    extra = [EXTRA_CELLS] if EXTRA_CELLS in frame.columns and frame[EXTRA_CELLS].any() else []
    columns = [column for column in COLUMNS[table] if column in frame.columns]
    text = [column for column in columns if frame.schema[column] == pl.String]
    return frame.select(
        *(pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) if c in text else pl.col(c) for c in columns),
        pl.lit(place.file, pl.String).alias(FILE),
        pl.lit(place.sheet, pl.String).alias(SHEET),
        rows.cast(pl.UInt32).alias(ROW),
        *extra,
    )
