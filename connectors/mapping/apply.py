"""Files as read, and a mapping → the canonical tables, with the row of the file that each record came from.

Nothing is dropped in silence: what became of every row is in the accounts, what was made and what was left is in the notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

import polars as pl

from checks.errors import SettingsError
from checks.locators import FILE, ROW, SHEET
from checks.table_names import COLUMNS
from connectors.mapping import matching, references
from connectors.mapping.accounts import LEFT_ASIDE, NO_TABLE_TAKES_IT, NOT_IN_THE_MAPPING, Accounting
from connectors.mapping.cells import Cells
from connectors.mapping.duplicates import ORIGIN, without_duplicates
from connectors.mapping.mapping import Feed, Only, Sheet, SourceMapping, field_of, id_of
from connectors.mapping.matching import Numbered, Placed
from connectors.mapping.remarks import Made, Remarks, account_in_words, place_of
from connectors.reading import RawTable, Read
from connectors.sources.headings import shown
from connectors.sources.source import Pull

Guard = Callable[[RawTable, Mapping[str, Sequence[str]], Sheet], RawTable]
"""Sees every table before one of its cells is read, with what is read from it: heading → the canonical fields it feeds
(`cases.case_id`), and its entry in the mapping. It gives the table on, as it stands or changed, or
stops the import by raising a `MappaError`."""


def let_through(raw: RawTable, _feeds: Mapping[str, Sequence[str]], _sheet: Sheet) -> RawTable:
    """The guard of a caller who has none."""
    return raw


@dataclass
class _Made:
    """What is being put together."""

    tables: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    fed: dict[str, list[str]] = field(default_factory=dict)


def apply(reads: Sequence[Read], mapping: SourceMapping, name: str, guard: Guard = let_through) -> Pull:
    """The canonical tables of these files by the mapping in the file called `name`.

    Raises SettingsError (exit 4) where the mapping fits nothing, where a heading is gone without which rows cannot be told
    apart, or where nobody has said whether a column's dates begin with the day or the month.
    """
    found = matching.placed(reads, mapping)
    if not any(each.sheet is not None and each.sheet.feeds for each in found):
        raise SettingsError(
            f"The mapping {name} fits nothing that is there: no sheet or file has a name or the headings that it knows. "
            "Run `mappa-monitor map` to propose another."
        )
    notes = [note for read in reads for note in read.notes]
    remarks = Remarks(notes)
    accounting = Accounting(reads)
    made = _Made()
    for origin, each in enumerate(found):
        remarks.fit(each)
        if each.sheet is None or not each.sheet.feeds:
            accounting.leave_all(origin, each.table.raw, NOT_IN_THE_MAPPING if each.sheet is None else LEFT_ASIDE)
            continue
        _fed(each, origin, made, _Context(mapping, name, guard, remarks, accounting))
    remarks.not_there(matching.not_there(mapping, found))
    tables: dict[str, pl.DataFrame] = {}
    for table in (each for each in COLUMNS if each in made.tables):
        together = _in_order(table, pl.concat(made.tables[table], how="diagonal"))
        tables[table], surplus = without_duplicates(table, together)
        remarks.duplicates(table, surplus)
        accounting.lost(surplus)
    accounting.kept(tables.values())
    pull = Pull(tables={table: frame.drop(ORIGIN) for table, frame in tables.items()}, notes=notes)
    pull.accounts = accounting.accounts()
    notes += [account_in_words(account) for account in pull.accounts]
    pull.files = [
        replace(
            read.file,
            tables=tuple(table for table in COLUMNS if table in made.fed.get(read.file.name, ())),
            rows=sum(account.data for account in pull.accounts if account.file == read.file.name),
        )
        for read in reads
    ]
    return pull


def _in_order(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    there = [name for name in COLUMNS[table] if name in frame.columns]
    return frame.select(*there, FILE, SHEET, ROW, ORIGIN)


@dataclass(frozen=True)
class _Context:
    mapping: SourceMapping
    name: str
    guard: Guard
    remarks: Remarks
    accounting: Accounting

    def wrong(self, table: Numbered, heading: str, what: str) -> SettingsError:
        """The error about a column; `what` completes the sentence."""
        return SettingsError(f"{place_of(table.raw)}: the column {shown(heading)} {what}")


def feeds_of(sheet: Sheet) -> dict[str, list[str]]:
    """Heading → the canonical fields that it feeds."""
    found: dict[str, list[str]] = {}

    def feeds(heading: str, field: str) -> None:
        if field not in (fields := found.setdefault(heading, [])):
            fields.append(field)

    for feed in sheet.feeds:
        for column, heading in feed.columns.items():
            feeds(heading, f"{feed.table}.{column}")
        if feed.made_id is not None and feed.made_id.case is not None:
            feeds(feed.made_id.case, "cases.case_id")
        if feed.spread is not None:
            for heading in feed.spread.headings:
                feeds(heading, f"{feed.table}.{feed.spread.value}")
    return found


def _fed(each: Placed, origin: int, made: _Made, context: _Context) -> None:
    """Add what one table of a file feeds."""
    sheet = each.sheet
    assert sheet is not None
    there = {heading: fields for heading, fields in feeds_of(sheet).items() if each.table.column(heading) is not None}
    if not there:
        raise SettingsError(
            f"{place_of(each.table.raw)}: none of the headings that the mapping {context.name} names is there. "
            "Put the headings right there or in the mapping, or run `mappa-monitor map` to propose another."
        )
    table = replace(each.table, raw=context.guard(each.table.raw, there, sheet))
    cells = Cells(table, sheet, context.mapping)
    cells.prepare()
    _refuse_unsettled(cells, sheet, table, context)
    raw = table.raw
    taken = pl.repeat(value=False, n=raw.frame.height, dtype=pl.Boolean, eager=True)
    of_tables: dict[str, list[Made]] = {}
    for place, feed in enumerate(sheet.feeds):
        frame, rows, without = _feed(feed, cells, table, origin, context, first=place == 0)
        of_tables.setdefault(feed.table, []).append(Made(feed, 0 if frame is None else frame.height, without))
        taken = taken | rows
        if frame is None:
            continue
        made.tables.setdefault(feed.table, []).append(frame)
        made.fed.setdefault(raw.file, []).append(feed.table)
    for each_table in of_tables.values():
        context.remarks.made(raw, each_table, sheet.feeds[0])
    left = raw.frame[ROW].filter(~taken)
    context.accounting.leave(origin, raw, NO_TABLE_TAKES_IT, left)
    context.accounting.not_understood(raw, cells.not_understood())
    context.remarks.not_understood(raw, cells)
    context.remarks.read_rows(raw)


def _refuse_unsettled(cells: Cells, sheet: Sheet, table: Numbered, context: _Context) -> None:
    """Stop where a column's dates could be read in two ways and nobody has said which: they are never guessed."""
    headings = dict.fromkeys(
        heading
        for feed in sheet.feeds
        for heading in (
            *(each for column, each in feed.columns.items() if field_of(feed.table, column).kind == "date"),
            *((feed.made_id.date,) if feed.made_id else ()),
        )
    )
    for heading in headings:
        if (why := cells.unsettled(heading)) is not None:
            raise context.wrong(
                table,
                heading,
                f"{why} Say in the mapping {context.name}, under [sheet.dates], "
                f'"{heading}" = "day first" or "month first", or answer on the page Sources.',
            )


def _feed(
    feed: Feed, cells: Cells, table: Numbered, origin: int, context: _Context, *, first: bool
) -> tuple[pl.DataFrame | None, pl.Series, int]:
    """What one feed makes of a table, None for nothing; the rows of the table that it takes; and how many of those that it could
    take are without what it makes a row of."""
    height = table.raw.frame.height
    columns = {
        name: cells.column(heading, feed, name)
        for name, heading in feed.columns.items()
        if table.column(heading) is not None
    }
    wanted = pl.repeat(value=True, n=height, dtype=pl.Boolean, eager=True)
    if feed.only is not None:
        wanted = _those(feed.only, cells, table, context)
    made_for = id_of(feed.table) if feed.made_id is not None else None
    if feed.made_id is not None and made_for is not None:
        columns = {made_for: _made_id(feed, cells, table, context), **columns}
    without = 0
    if not first and (needed := _needed(feed, columns)):
        there = reduce(or_, (columns[name].is_not_null() for name in needed))
        without = int((wanted & ~there).sum())
        wanted = wanted & there
    locators = [
        pl.lit(table.raw.file, pl.String).alias(FILE),
        pl.lit(table.raw.sheet, pl.String).alias(SHEET),
        pl.lit(origin, pl.UInt32).alias(ORIGIN),
    ]
    base = pl.DataFrame([table.raw.frame[ROW], *(texts.alias(name) for name, texts in columns.items())])
    base = base.with_columns(
        *(pl.lit(value, pl.String).alias(name) for name, value in feed.constants.items()), *locators
    )
    if feed.spread is None:
        frame, rows = (base if wanted.all() else base.filter(wanted)), wanted
    else:
        frame, rows = _spread(feed, cells, table, base, wanted)
    if made_for is not None and references.is_numbered(feed.table):
        frame = references.numbered(frame, made_for)
    return (frame if frame.height or first else None), rows, without


def _those(only: Only, cells: Cells, table: Numbered, context: _Context) -> pl.Series:
    """The rows that a feed takes."""
    if table.column(only.heading) is None:
        raise context.wrong(
            table,
            only.heading,
            f"is gone, by which the mapping {context.name} tells rows apart. "
            "Put the heading right there or in the mapping.",
        )
    name, _, column = only.as_field.partition(".")
    values = cells.known_as(only.heading, field_of(name, column)).fill_null("")
    if only.is_one_of is not None:
        return values.is_in(list(only.is_one_of))
    return ~values.is_in(list(only.is_not or ()))


def _made_id(feed: Feed, cells: Cells, table: Numbered, context: _Context) -> pl.Series:
    made = feed.made_id
    assert made is not None
    for heading in (made.date, *((made.case,) if made.case else ())):
        if table.column(heading) is None:
            raise context.wrong(
                table,
                heading,
                f"is gone, from which the mapping {context.name} makes references. "
                "Put the heading right there or in the mapping.",
            )
    day = cells.read(made.date, field_of("meetings", "held_on"))
    case = cells.read(made.case, field_of("cases", "case_id")) if made.case else None
    return references.made(case, day)


def _needed(feed: Feed, columns: Iterable[str]) -> list[str]:
    """The columns of which one must hold something where another table's row brings a row along: the day of the thing itself; in a
    table whose things have none, whatever it says besides of what it is."""
    if feed.spread is not None:
        return []
    there = set(columns)
    needed = [
        name
        for name in COLUMNS[feed.table]
        if (of := field_of(feed.table, name)).kind == "date" and of.required is True
    ]
    if needed:
        return [name for name in needed if name in there][:1]
    return [name for name in COLUMNS[feed.table] if name in there and name not in (id_of(feed.table), "case_id")]


def _spread(
    feed: Feed, cells: Cells, table: Numbered, base: pl.DataFrame, wanted: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """One row per cell of the columns that are each a row of their own."""
    spread = feed.spread
    assert spread is not None
    rows, parts = wanted, []
    for heading, meant in spread.headings.items():
        if table.column(heading) is None:
            continue
        values = cells.column(heading, feed, spread.value)
        given = wanted & values.is_not_null()
        parts.append(
            base.with_columns(pl.lit(meant, pl.String).alias(spread.into), values.alias(spread.value)).filter(given)
        )
    return (pl.concat(parts) if parts else base.clear()), rows
