"""What became of every row: the reader's account, and what the mapping made of the rows that the reader handed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from checks.locators import FILE, ROW, SHEET
from connectors.mapping.duplicates import ORIGIN
from connectors.reading import Account, LeftOut, RawTable, Read

LEFT_ASIDE = "left aside by the mapping"
NOT_IN_THE_MAPPING = "the mapping does not know this sheet or file"
NO_TABLE_TAKES_IT = "no table of the mapping takes it"
DUPLICATE = "the same record stands elsewhere too"


class Accounting:
    """Keeps, for every sheet and file, which rows were left out and why, and how many cells were not understood."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._accounts = [account for read in reads for account in read.accounts]
        self._tables: list[tuple[tuple[str, str | None], pl.Series]] = [
            ((raw.file, raw.sheet), raw.frame[ROW]) for read in reads for raw in read.tables
        ]
        self._left: dict[int, list[tuple[str, pl.Series]]] = {}
        self._unread: dict[tuple[str, str | None], int] = {}
        self._surplus: list[pl.DataFrame] = []

    def leave_all(self, origin: int, raw: RawTable, why: str) -> None:
        """None of the table's rows was taken."""
        self.leave(origin, raw, why, raw.frame[ROW])

    def leave(self, origin: int, _raw: RawTable, why: str, rows: pl.Series) -> None:
        """These rows of a table were taken by nothing."""
        if rows.len():
            self._left.setdefault(origin, []).append((why, rows))

    def not_understood(self, raw: RawTable, cells: int) -> None:
        """So many cells of a table were not understood, besides those that the reader has counted."""
        key = raw.file, raw.sheet
        self._unread[key] = self._unread.get(key, 0) + cells

    def lost(self, surplus: pl.DataFrame) -> None:
        """These rows of a canonical table were not kept, as the same stands elsewhere."""
        if surplus.height:
            self._surplus.append(surplus.select(FILE, SHEET, ROW, ORIGIN))

    def kept(self, tables: Iterable[pl.DataFrame]) -> None:
        """What was kept: a row that lives on in one table is not left out for being surplus in another."""
        if not self._surplus:
            return
        lost = pl.concat(self._surplus).unique()
        alive = [frame.select(ORIGIN, ROW).unique() for frame in tables]
        for frame in alive:
            lost = lost.join(frame, on=[ORIGIN, ROW], how="anti")
        for (origin,), rows in lost.group_by(ORIGIN):
            self._left.setdefault(int(str(origin)), []).append((DUPLICATE, rows[ROW]))

    def accounts(self) -> list[Account]:
        """One account per sheet or file; every row stands in it once."""
        return [self._account(account) for account in self._accounts]

    def _account(self, account: Account) -> Account:
        key = account.file, account.sheet
        here = [origin for origin, (place, _) in enumerate(self._tables) if place == key]
        unread = account.cells_not_understood + self._unread.get(key, 0)
        left = [(why, set(rows)) for origin in here for why, rows in self._left.get(origin, [])]
        if not left:
            return replace(account, cells_not_understood=unread)
        # Two tables side by side share rows: one that is taken by either is not left out.
        taken: set[int] = set()
        for origin in here:
            of_this = set().union(*(set(rows) for _, rows in self._left.get(origin, [])))
            taken |= set(self._tables[origin][1]) - of_this
        out: dict[str, set[int]] = {}
        seen: set[int] = set(taken)
        for why, rows in left:
            out.setdefault(why, set()).update(rows - seen)
            seen |= rows
        more = tuple(LeftOut(why, tuple(sorted(rows))) for why, rows in out.items() if rows)
        lost = sum(len(each.rows) for each in more)
        return replace(
            account,
            data=account.data - lost,
            left_out=(*account.left_out, *more),
            cells_not_understood=unread,
        )
