"""What is said to people of an import by a mapping: what was made, what was left, what no longer fits. Never contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from checks.locators import ROW
from connectors.mapping import matching, showing
from connectors.mapping.duplicates import ORIGIN
from connectors.mapping.mapping import Feed, Sheet, id_of, is_coded
from connectors.reading import Account, RawTable
from connectors.sources.headings import Place, shown

if TYPE_CHECKING:
    from connectors.mapping.cells import Cells
    from connectors.mapping.matching import Placed

ROWS_NAMED = 5


def place_of(raw: RawTable) -> str:
    """A table of a file as people find it."""
    place = str(Place(raw.file, raw.sheet))
    return place if raw.name in (raw.sheet, raw.file, raw.file.rpartition(".")[0]) else f"{place}, {shown(raw.name)}"


def counted(number: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """Strangers' names, in quotes."""
    return ", ".join(map(shown, names))


def rows_of(numbers: Sequence[int]) -> str:
    """The first rows by number: `row 14`, `rows 14, 20, 31 and 5 more`."""
    first = ", ".join(f"{number:,}" for number in numbers[:ROWS_NAMED])
    more = len(numbers) - ROWS_NAMED
    return f"row{'' if len(numbers) == 1 else 's'} {first}{f' and {more:,} more' if more > 0 else ''}"


def account_in_words(account: Account) -> str:
    """An account in one sentence: `caseload.xlsx, sheet "Cases": 12 rows, of these 8 records; left out: 1 header (row 1) …`."""
    left = "; ".join(
        f"{len(each.rows):,} {each.reason} ({rows_of(each.rows)})" for each in account.left_out if each.rows
    )
    unread = f" {counted(account.cells_not_understood, 'cell')} not understood." if account.cells_not_understood else ""
    return (
        f"{Place(account.file, account.sheet)}: {counted(account.rows, 'row')}, of these {counted(account.data, 'record')}"
        f"{f'; left out: {left}' if left else ''}.{unread}"
    )


@dataclass(frozen=True)
class Made:
    """What one feed made of a sheet: so many rows, and so many of the sheet's rows `without` that of which it makes one."""

    feed: Feed
    rows: int
    without: int


def _by_level_now(feed: Feed, cases: Feed) -> bool:
    """Whether rows of a feed are told apart, or told their level, by the column that gives the case's own level."""
    level = cases.columns.get("level") if cases.table == "cases" else None
    return level is not None and (
        level in feed.columns.values() or (feed.only is not None and feed.only.heading == level)
    )


class Remarks:
    """Adds sentences to the notes of a pull."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes

    def fit(self, each: Placed) -> None:
        """What of a table does not fit its entry."""
        self._notes.extend(misfits(each))

    def not_there(self, sheets: Iterable[Sheet]) -> None:
        """Entries of the mapping to which nothing belongs."""
        self._notes.extend(missing_sheets(sheets))

    def made(self, raw: RawTable, made: Sequence[Made], sheets_own: Feed) -> None:
        """Rows of one table that a sheet brings along, or is; and references made. `sheets_own` the first table that it feeds."""
        place, feed = place_of(raw), made[0].feed
        if feed is not sheets_own:
            rows, without, several = sum(each.rows for each in made), sum(each.without for each in made), len(made) > 1
            of = "cells" if several else "rows"
            skipped = f"; {counted(without, of.removesuffix('s'))} without its date made none" if without else ""
            by = f" by {len(made)} numbered columns" if several else ""
            self._notes.append(f"{place}: {counted(rows, 'row')} of the table {feed.table} made from it{by}{skipped}.")
            if rows and sheets_own.table == "cases":
                days = f"up to {len(made)} days" if several else "one day only"
                besides = "besides" if several else "before"
                self._notes.append(
                    f"{place}: of each case it holds {days} for {feed.table}. What was done {besides} is not known from it, and "
                    "counts as not done."
                )
            if several and _by_level_now(feed, sheets_own):
                self._notes.append(
                    f"{place}: the level of each of these rows of {feed.table} is taken to be that of the case now, as none stands "
                    "beside its date."
                )
        if feed.made_id is not None:
            date = shown(feed.made_id.date) if len(made) == 1 else "the date"
            made_from = f"{shown(feed.made_id.case)} and {date}" if feed.made_id.case else date
            which = f"{id_of(feed.table)} of the table {feed.table}"
            self._notes.append(f"{place}: {which} is made from {made_from}, as it has none of its own.")

    def duplicates(self, table: str, surplus: pl.DataFrame) -> None:
        """Records that stand twice."""
        if not surplus.height:
            return
        where = surplus.group_by("_file", "_sheet", ORIGIN, maintain_order=True).agg(pl.col(ROW))
        for file, sheet, _, rows in where.iter_rows():
            self._notes.append(
                f"{Place(file, sheet)}: {counted(len(rows), 'record')} of the table {table} "
                f"{'stands' if len(rows) == 1 else 'stand'} elsewhere word for word and "
                f"{'was' if len(rows) == 1 else 'were'} taken once: {rows_of(rows)}."
            )

    def not_understood(self, raw: RawTable, cells: Cells) -> None:
        """Columns some of whose cells are not understood: they are kept as they stand, and each is a finding."""
        for heading, rows in cells.unread_by_heading().items():
            codes = showing.shown_values(cells.unread_values(heading), cells.is_code(heading))
            said = f" ({listed(codes)})" if codes else ""
            self._notes.append(
                f"{place_of(raw)}: the column {shown(heading)} has {counted(rows.len(), 'cell')} not understood{said}, "
                f"kept as {'it stands' if rows.len() == 1 else 'they stand'}: {rows_of(rows.to_list())}."
            )

    def read_rows(self, raw: RawTable) -> None:
        """Hidden rows, which are read all the same."""
        if raw.hidden_rows:
            self._notes.append(f"{place_of(raw)}: hidden rows were read as well: {rows_of(raw.hidden_rows)}.")


def misfits(each: Placed) -> list[str]:
    """Plain sentences on what of a table does not fit its entry: new headings, headings gone, a name that has changed."""
    raw, sheet = each.table.raw, each.sheet
    place = place_of(raw)
    if sheet is None:
        return [
            f"{place}: the mapping does not know it, and nothing of it was read: {counted(raw.frame.height, 'row')}."
        ]
    if not sheet.feeds:
        return [f"{place}: left aside by the mapping: {counted(raw.frame.height, 'row')}."]
    said = []
    if each.renamed:
        said.append(f"{place}: no name in the mapping fits it; it was read as {sheet.called}, whose headings it has.")
    if gone := matching.gone(sheet, each.table):
        fields = dict.fromkeys(field for heading in gone for field in _fields(sheet, heading))
        lost = f", so nothing is read into {', '.join(fields)}" if fields else ""
        said.append(f"{place}: headings of the mapping are gone: {listed(gone)}{lost}.")
    if new := matching.new(sheet, each.table):
        said.append(f"{place}: headings that the mapping has not seen, and left aside: {listed(new)}.")
    aside = [heading for heading in sheet.left_aside if each.table.column(heading) is not None]
    if aside:
        said.append(f"{place}: columns left aside by the mapping: {listed(aside)}.")
    return said


def _fields(sheet: Sheet, heading: str) -> list[str]:
    return [
        f"{feed.table}.{column}" for feed in sheet.feeds for column, each in feed.columns.items() if each == heading
    ]


def missing_sheets(sheets: Iterable[Sheet]) -> list[str]:
    """Plain sentences on sheets and files that the mapping knows and that are not there."""
    return [
        f"The mapping speaks of {sheet.called}, which is not there; it feeds "
        f"{', '.join(dict.fromkeys(feed.table for feed in sheet.feeds))}."
        for sheet in sheets
    ]


__all__ = ["Made", "Remarks", "counted", "is_coded", "listed", "misfits", "missing_sheets", "place_of", "rows_of"]
