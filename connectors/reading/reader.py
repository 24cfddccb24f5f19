"""Any file → its tables as text, with physical row numbers, and an account of every row that adds up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Set
from pathlib import Path

import numpy as np
import polars as pl

from checks.errors import SourceError
from checks.locators import ROW
from connectors.reading import blocks, opening, text_cells, workbooks
from connectors.reading.blocks import Block
from connectors.reading.grid import Grid, grid
from connectors.reading.shapes import Account, LeftOut, RawTable, Read, Why
from connectors.sources.headings import Place, letters
from connectors.sources.source import Progress, SourceFile, silent

_SHOWN_ROWS = 8


def read(path: Path, progress: Progress = silent, *, hints: Set[str] = frozenset()) -> Read:
    """The tables of a workbook (xlsx, xlsm, xls, xlsb, ods) or a text file of any encoding and separator.

    What the file is, its content tells, not its name. `hints` known headings, folded by `cell_kinds.folded`; they only tip
    the scales where a row may or may not be a header. SourceError, in one or two plain sentences, where it cannot be read.
    """
    content = opening.content(path)
    name = content.name
    if opening.is_workbook(content.data) or _named_like_a_workbook(path, content.data):
        tables, accounts, notes = _workbook(content, path, progress, hints)
    else:
        kind = opening.other_kind(content.data)
        if kind is not None:
            raise SourceError(
                f"{name} is {kind}, which cannot be read. Open it in a spreadsheet program, and save it from there "
                "as .xlsx or as CSV."
            )
        tables, accounts, notes = _text(content, hints)
    progress("read", len(accounts), len(accounts))
    rows = sum(account.data for account in accounts)
    file = SourceFile(name, (), rows, content.modified, hashlib.sha256(content.data).hexdigest())
    return Read(tuple(tables), tuple(accounts), tuple(notes), file, from_1904=workbooks.from_1904(content.data))


def _named_like_a_workbook(path: Path, data: bytes) -> bool:
    """Whether the name promises a workbook and the content does not keep it: the sentence should then say so.

    Text under such a name, as some systems export it, is read as text all the same.
    """
    named = path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    return named and (not data or opening.other_kind(data) is not None)


_Parts = tuple[list[RawTable], list[Account], list[str]]


def _workbook(content: opening.Content, path: Path, progress: Progress, hints: Set[str]) -> _Parts:
    tables: list[RawTable] = []
    accounts: list[Account] = []
    notes: list[str] = []
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        notes.append(f"{content.name}: it is a workbook, though named like a text file, and was read as one.")
    if workbooks.from_1904(content.data):
        notes.append(f"{content.name}: the workbook counts its days from 1904; its dates were read so.")
    for sheet in workbooks.sheets(content, path, progress):
        notes += sheet.notes
        found = blocks.found(sheet.grid, hints)
        place = Place(content.name, sheet.name)
        tables += _tables(found, sheet.grid, place, sheet.name, sheet.hidden_rows)
        accounts.append(_account(found, sheet.grid, place, sheet.not_understood))
        notes += _beside(found, place)
    return tables, accounts, notes


def _text(content: opening.Content, hints: Set[str]) -> _Parts:
    cells = text_cells.cells(content.data, content.name)
    lying = grid(cells.frame.drop(ROW))
    found = blocks.found(lying, hints)
    place = Place(content.name)
    notes = list(cells.notes)
    errors = workbooks.error_cells(lying.frame)
    if errors:
        notes.append(f"{place}: {errors:,} {'cell is an error' if errors == 1 else 'cells are errors'} such as #N/A.")
    tables = _tables(found, lying, place, Path(content.name).stem, ())
    return list(tables), [_account(found, lying, place, errors)], notes + _beside(found, place)


# --- Tables


def _tables(
    found: Sequence[Block], lying: Grid, place: Place, called: str, hidden: tuple[int, ...]
) -> Iterator[RawTable]:
    concealed = np.array(hidden, dtype=np.int64)
    for number, block in enumerate(found, start=1):
        columns = _columns(block, lying)
        positions = [lying.first_column + column for column in columns]
        yield RawTable(
            file=place.file,
            sheet=place.sheet,
            name=called if number == 1 else f"{called} ({number})",
            headings=_headings([_heading(block, column) for column in columns], positions),
            letters=tuple(letters(position) for position in positions),
            frame=_frame(block, lying, columns),
            dated=frozenset(n for n, column in enumerate(columns) if column in lying.dated),
            hidden_rows=tuple(np.intersect1d(concealed, block.records + 1).tolist()) if hidden else (),
        )


def _heading(block: Block, column: int) -> str | None:
    return block.header.names[column - block.columns[0]] if block.header else None


def _columns(block: Block, lying: Grid) -> list[int]:
    """The grid's columns that have a heading or something in a record."""
    everywhere = len(block.records) == lying.frame.height
    kept = []
    for column in range(block.columns[0], block.columns[1] + 1):
        if _heading(block, column) is not None:
            kept.append(column)
            continue
        cells = lying.frame.to_series(column)
        if not everywhere and cells.null_count() < cells.len():
            cells = cells.gather(block.records)
        if cells.null_count() < cells.len():
            kept.append(column)
    return kept


def _headings(names: Sequence[str | None], positions: Sequence[int]) -> tuple[str, ...]:
    """Blank ones named by their column, and each different from those before it, case aside."""
    taken: set[str] = set()
    headings = []
    for name, position in zip(names, positions, strict=True):
        wanted = name or f"column {letters(position)}"
        heading, times = wanted, 1
        while heading.casefold() in taken:
            times += 1
            heading = f"{wanted} ({times})"
        taken.add(heading.casefold())
        headings.append(heading)
    return tuple(headings)


def _frame(block: Block, lying: Grid, columns: Sequence[int]) -> pl.DataFrame:
    rows = block.records
    chosen = lying.frame.select(str(column) for column in columns)
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
        chosen = chosen.slice(int(rows[0]), len(rows))
    else:
        chosen = chosen[rows.tolist()]
    chosen = chosen.rename({str(column): str(n) for n, column in enumerate(columns)})
    return chosen.with_columns(pl.Series(ROW, rows + 1, dtype=pl.UInt32))


# --- The account


def _account(found: Sequence[Block], lying: Grid, place: Place, not_understood: int) -> Account:
    """Each row once: a record if it is one of any table, else blank, else what it is to the first table that knows."""
    height = lying.frame.height
    record = np.zeros(height, dtype=bool)
    for block in found:
        record[block.records] = True
    why: dict[int, str] = {}
    for block in found:
        for row, reason in block.left.items():
            if not record[row]:
                why.setdefault(row, reason)
    by_reason: dict[str, list[int]] = {}
    for row, reason in sorted(why.items()):
        by_reason.setdefault(reason, []).append(row + 1)
    named = np.zeros(height, dtype=bool)
    named[list(why)] = True
    blank = (np.flatnonzero(~record & ~named) + 1).tolist()
    if blank:
        by_reason[Why.BLANK] = blank
    left_out = tuple(LeftOut(str(reason), tuple(by_reason[reason])) for reason in Why if reason in by_reason)
    return Account(place.file, place.sheet, height, int(record.sum()), left_out, not_understood)


def _beside(found: Sequence[Block], place: Place) -> list[str]:
    """What stands beside a record of one table and is none of the other: the account counts its row, so it is said here."""
    notes = []
    for number, block in enumerate(found, start=1):
        others = [other.records for other in found if other.columns != block.columns]
        records = np.concatenate(others) if others else np.array([], dtype=np.int64)
        rows = sorted(row + 1 for row in np.intersect1d(records, list(block.left)).tolist())
        if rows:
            listed = ", ".join(f"{row:,}" for row in rows[:_SHOWN_ROWS]) + (
                " and more" if len(rows) > _SHOWN_ROWS else ""
            )
            notes.append(
                f"{place}: in table {number} {'row' if len(rows) == 1 else 'rows'} {listed} are no records "
                "(header, title, total or note), though the table beside it has records there."
            )
    return notes
