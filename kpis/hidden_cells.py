"""Which cells of a table must not be shown, so that no small count can be read or worked out from what is shown.

A table is rows of counts, a total of each row, a total of each column (the headline), and the total of all. Several tables may
break down the same headline. A cell is safe when, whatever is shown, it could just as well be another number: there is a way to
move one from cell to cell over hidden ones only that leaves every sum as it is. Such ways are paths in a graph whose nodes are the
rows and columns and whose edges are the hidden cells, as in network methods of disclosure control.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

SMALL = 5
"""Counts below this, other than nought, are not shown."""

HEAD = -1
"""The place of the headline, where the place of a row stands."""

Cell = tuple[int, int, int]
"""Table, row (or `HEAD`, then the table is 0), column; the column after the last is the total."""

Counts = Sequence[int]
_Node = tuple[str, int]
_Way = tuple[int, frozenset[Cell]]


def _least(ways: Iterable[_Way | None]) -> frozenset[Cell]:
    """The cells of the cheapest way; the same one whatever their order."""
    return min((way for way in ways if way is not None), key=lambda way: (way[0], sorted(way[1])))[1]


@dataclass
class Tables:
    """Tables that break down one headline.

    `headline` a count per column · `rows` per table, per row, a count per column; over the rows of a table each column sums to the
    headline · `hidden` the cells not to be shown · `least`, `most` what else is known of cells, such as by a verdict.
    A count of nought is always shown, so whoever reads a hidden cell knows that it is at least 1.
    """

    headline: Counts
    rows: Sequence[Sequence[Counts]] = ()
    hidden: set[Cell] = field(default_factory=set, init=False)
    least: dict[Cell, int] = field(default_factory=dict)
    most: dict[Cell, int] = field(default_factory=dict)
    _counts: dict[Cell, int] = field(default_factory=dict, init=False, repr=False)
    _places: dict[tuple[int, _Node], list[Cell]] = field(default_factory=dict, init=False, repr=False)
    _protected: set[Cell] = field(default_factory=set, init=False, repr=False)

    @cached_property
    def total(self) -> int:
        """The column of the totals."""
        return len(self.headline)

    def count(self, cell: Cell) -> int:
        """The number in a cell."""
        if cell not in self._counts:
            table, row, column = cell
            counts = self.headline if row == HEAD else self.rows[table][row]
            self._counts[cell] = sum(counts) if column == self.total else counts[column]
        return self._counts[cell]

    def cells(self) -> Iterator[Cell]:
        """Every cell, the headline's first."""
        for column in range(self.total + 1):
            yield 0, HEAD, column
        for table, rows in enumerate(self.rows):
            for row in range(len(rows)):
                for column in range(self.total + 1):
                    yield table, row, column

    def hide(self, cells: Iterable[Cell]) -> None:
        """Hide cells; those that hold nought stay shown."""
        self._add(cell for cell in cells if self.count(cell))

    def hide_small(self, below: int = SMALL) -> None:
        """Hide every count below so many."""
        self._add(cell for cell in self.cells() if 0 < self.count(cell) < below)

    # A way leads from a column into a row where the row can give one of that column, and from a row into a column where it can take
    # one. A row's total weighs against its counts: it gives one by growing, and takes one by shrinking.

    def can(self, cell: Cell, *, gives: bool) -> bool:
        """Whether what is known of a cell leaves room for it to give, or take, one."""
        grows = gives == (cell[2] == self.total)
        if grows:
            return cell not in self.most or self.count(cell) < self.most[cell]
        return self.count(cell) > self.least.get(cell, 1)

    def directions(self) -> Iterator[tuple[int, int]]:
        """The pairs of hidden columns of the headline where one can move from the first to the second in every table."""
        hidden = [column for column in range(self.total + 1) if (0, HEAD, column) in self.hidden]
        for first in hidden:
            for second in hidden:
                if first != second and self.leads(first, second):
                    yield first, second

    def leads(self, first: int, second: int) -> bool:
        """Whether one can move from the first column of the headline to the second, in every table."""
        return (
            self.can((0, HEAD, first), gives=True)
            and self.can((0, HEAD, second), gives=False)
            and all(self._reaches(table, ("column", first), ("column", second)) for table in range(len(self.rows)))
        )

    def _next(self, node: _Node, cells: Iterable[Cell]) -> Iterator[tuple[_Node, Cell]]:
        """Where one can go from a node of a table's graph over some of its cells, and over which."""
        from_column = node[0] == "column"
        for cell in cells:
            if self.can(cell, gives=from_column):
                yield ("row", cell[1]) if from_column else ("column", cell[2]), cell

    def _at(self, table: int, node: _Node) -> list[Cell]:
        """The cells of a row or column of a table, its total's with them."""
        kind, place = node
        if kind == "column":
            return [(table, row, place) for row in range(len(self.rows[table]))]
        return [(table, place, column) for column in range(self.total + 1)]

    def _hidden_at(self, table: int, node: _Node) -> list[Cell]:
        """The hidden ones among them."""
        return self._places.get((table, node), [])

    def _add(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            if cell not in self.hidden:
                self.hidden.add(cell)
                for where in self._where(cell):
                    self._places.setdefault(where, []).append(cell)

    def _take_back(self, cell: Cell) -> None:
        """Undo the latest `_add` of one cell."""
        self.hidden.remove(cell)
        for where in self._where(cell):
            self._places[where].pop()

    def _where(self, cell: Cell) -> list[tuple[int, _Node]]:
        table, row, column = cell
        return [] if row == HEAD else [(table, ("row", row)), (table, ("column", column))]

    def _reaches(
        self, table: int, start: _Node, end: _Node, without: Cell | None = None, shortcut: tuple[int, int] | None = None
    ) -> bool:
        # Depth first, and no further than needed: in a long table the first way tried is most often one.
        seen, ways = {start}, [self._ways(table, start, without, shortcut)]
        while ways:
            node = next(ways[-1], None)
            if node is None:
                ways.pop()
            elif node == end:
                return True
            elif node not in seen:
                seen.add(node)
                ways.append(self._ways(table, node, without, shortcut))
        return False

    def _ways(self, table: int, node: _Node, without: Cell | None, shortcut: tuple[int, int] | None) -> Iterator[_Node]:
        """Where one can go from a node over hidden cells, or by the shortcut from one column to another."""
        if shortcut is not None and node == ("column", shortcut[0]):
            yield "column", shortcut[1]
        for each, cell in self._next(node, self._hidden_at(table, node)):
            if cell != without:
                yield each

    def is_safe(self, cell: Cell) -> bool:
        """Whether a hidden cell could as well be another number."""
        table, row, column = cell
        if row == HEAD:
            return any(column in pair for pair in self.directions())
        turns = self._turns(cell)
        if any(self._reaches(table, start, end, without=cell) for start, end in turns):
            return True
        # What moves from one column of the headline to another comes back the other way through this table.
        return any(
            self._reaches(table, start, end, cell, (second, first))
            for first, second in self.directions()
            for start, end in turns
        )

    def _turns(self, cell: Cell) -> list[tuple[_Node, _Node]]:
        """From where to where a way must lead that, together with the cell, comes back to its start."""
        _, row, column = cell
        at, beside = ("row", row), ("column", column)
        gives, takes = self.can(cell, gives=True), self.can(cell, gives=False)
        return [turn for turn, can in (((at, beside), gives), ((beside, at), takes)) if can]

    def unsafe(self) -> list[Cell]:
        """The hidden cells that can be worked out."""
        return [cell for cell in self.cells() if cell in self.hidden and not self.is_safe(cell)]

    def protect(self) -> None:
        """Hide as few further cells as will do, small ones first and totals last, until no hidden cell can be worked out."""
        if len(self.hidden) == len(self._protected):
            return
        waiting = deque(cell for cell in self.cells() if cell in self.hidden and cell not in self._protected)
        while waiting:
            cell = waiting[0]
            if self.is_safe(cell):  # and stays so, however many more are hidden
                self._protected.add(cell)
                waiting.popleft()
                continue
            further = (self._around_headline(cell[2]) if cell[1] == HEAD else self._around(cell)) - self.hidden
            self._add(further)
            waiting.extend(sorted(further))

    def _cost(self, cell: Cell) -> int:
        """How much it takes from a reader to hide a cell."""
        if cell in self.hidden:
            return 0
        _, row, column = cell
        much = 1 + sum(self.headline)
        return self.count(cell) + (much if column == self.total else 0) + (2 * much if row == HEAD else 0)

    def _around(self, cell: Cell) -> frozenset[Cell]:
        """The cells to hide so that this one is on a way that comes back to its start: within its table if there is one."""
        one = self._beside(cell)
        if one is not None:
            return frozenset({one})
        ways = [self._cheapest(cell[0], start, end, cell) for start, end in self._turns(cell)]
        inside = [way for way in ways if way is not None]
        if inside:
            return _least(inside)
        ways = [
            self._together(pair, cell[0], self._cheapest(cell[0], start, end, cell, (pair[1], pair[0])))
            for start, end in self._turns(cell)
            for pair in self._pairs()
        ]
        return _least(ways)

    def _beside(self, cell: Cell) -> Cell | None:
        """The smallest count of the same row that is enough to hide."""
        row = self._at(cell[0], ("row", cell[1]))
        for other in sorted((each for each in row if each not in self.hidden and self.count(each)), key=self._cost):
            if other[2] == self.total:
                break
            self._add([other])
            safe = self.is_safe(cell)
            self._take_back(other)
            if safe:
                return other
        return None

    def _around_headline(self, column: int) -> frozenset[Cell]:
        """The cells to hide so that one can move from or to a column of the headline, in every table."""
        ways = [self._together(pair) for pair in self._pairs() if column in pair]
        return _least(ways)

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """The columns of the headline between which one could move if they were hidden."""
        there = [column for column in range(self.total + 1) if self.count((0, HEAD, column))]
        for first in there:
            for second in there:
                fits = self.can((0, HEAD, first), gives=True) and self.can((0, HEAD, second), gives=False)
                if first != second and fits:
                    yield first, second

    def _together(self, pair: tuple[int, int], table: int = -1, way: _Way | None = (0, frozenset())) -> _Way | None:
        """What it takes to move between two columns of the headline, given the way in one of the tables."""
        first, second = (("column", column) for column in pair)
        ways = [self._cheapest(each, first, second) for each in range(len(self.rows)) if each != table]
        found = [each for each in (way, *ways) if each is not None]
        if len(found) < len(ways) + 1:
            return None
        ends = frozenset((0, HEAD, column) for column in pair)
        cost = sum(map(self._cost, ends)) + sum(each[0] for each in found)
        return cost, ends.union(*(each[1] for each in found))

    def _cheapest(
        self,
        table: int,
        start: _Node,
        end: _Node,
        without: Cell | None = None,
        shortcut: tuple[int, int] | None = None,
    ) -> _Way | None:
        """The way through a table that hides least, over any of its cells that is not nought."""
        waiting: list[tuple[int, _Node, tuple[Cell, ...]]] = [(0, start, ())]
        done = set()
        while waiting:
            cost, node, way = heapq.heappop(waiting)
            if node == end:
                return cost, frozenset(way)
            if node in done:
                continue
            done.add(node)
            there = [cell for cell in self._at(table, node) if cell != without and self.count(cell)]
            for each, cell in self._next(node, there):
                if each not in done:
                    heapq.heappush(waiting, (cost + self._cost(cell), each, (*way, cell)))
            if shortcut is not None and node == ("column", shortcut[0]):
                heapq.heappush(waiting, (cost, ("column", shortcut[1]), way))
        return None
