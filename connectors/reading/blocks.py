"""The tables on one sheet: one beneath the other, or side by side, each with its header, its records and what is neither.

Everything is told from some rows at the top of each table and from counts of filled cells, so that a long sheet costs
little. Every row that is not blank is in the end a record of a table, or named with the reason why it is none.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from connectors.reading import body, headers
from connectors.reading.cell_kinds import TEXT, folded, kind
from connectors.reading.grid import Grid, filled_cells
from connectors.reading.headers import Header, Window
from connectors.reading.shapes import Why

_WINDOW_ROWS = 80
_WINDOW_CELLS = 300_000
_MOST_STRIPS = 12  # beside each other; with more, blank columns are spaces within one table
_MOST_CANDIDATES = 300  # rows after a blank one that are looked at for a further header
_MOST_TABLES = 200  # one beneath the other; what comes after belongs to the last of them
_MOST_TITLES = 4  # rows of one cell above a further table's header


@dataclass
class Block:
    """One table: `columns` the first and the last of the grid's, `header` None where every row is a record, `records` the
    indices of its records, `left` index → why it is no record (blank rows are not named here)."""

    columns: tuple[int, int]
    header: Header | None
    records: np.ndarray
    left: dict[int, Why] = field(default_factory=dict)


def found(grid: Grid, hints: Set[str] = frozenset()) -> list[Block]:
    """The tables of the grid, from the top, then from the left."""
    if not grid.width or not grid.frame.height:
        return []
    strips = _strips(grid, hints)
    blocks = [block for strip in strips for block in _down(grid, strip, hints)]
    return sorted(blocks, key=lambda block: (_top(block), block.columns))


def _top(block: Block) -> int:
    if block.header is not None:
        return block.header.rows[0]
    return int(block.records[0]) if len(block.records) else 0


# --- Side by side


def _strips(grid: Grid, hints: Set[str]) -> list[tuple[int, int]]:
    """The ranges of columns that hold tables of their own; blank columns within one table do not part it."""
    blanks = grid.frame.null_count().row(0)
    filled = [column for column, blank in enumerate(blanks) if blank < grid.frame.height]
    if not filled:
        return [(0, grid.width - 1)]
    runs = [[filled[0], filled[0]]]
    for column in filled[1:]:
        if column == runs[-1][1] + 1:
            runs[-1][1] = column
        else:
            runs.append([column, column])
    if len(runs) > _MOST_STRIPS:
        return [(filled[0], filled[-1])]
    strips = [(runs[0][0], runs[0][1])]
    for first, last in runs[1:]:
        if _apart(grid, strips[-1], (first, last), hints):
            strips.append((first, last))
        else:
            strips[-1] = (strips[-1][0], last)
    return strips


def _apart(grid: Grid, left: tuple[int, int], right: tuple[int, int], hints: Set[str]) -> bool:
    """Whether two ranges of columns are two tables: the same headings again, headers on other rows, or one dense table that
    ends well before the other. In doubt they are one, so that what belongs to one record stays together."""
    if left[1] == left[0] or right[1] == right[0]:
        return False
    sides = []
    for side in (left, right):
        counts = _counts(grid, side)
        rows = np.flatnonzero(counts)
        header = headers.find(_window(grid, side, rows), hints)
        if header is None:
            return False
        sides.append((header, counts, rows))
    (one, counts_one, rows_one), (two, counts_two, rows_two) = sides
    words_one, words_two = ({folded(name) for name in each.names if name} for each in (one, two))
    if len(words_one & words_two) * 2 >= min(len(words_one), len(words_two)):
        return True
    if one.rows[0] > two.rows[-1] or two.rows[0] > one.rows[-1]:
        return bool(one.contrast and two.contrast) and _dense(counts_one, one) and _dense(counts_two, two)
    shorter, counts, longer = (
        (one, counts_one, rows_two) if rows_one[-1] < rows_two[-1] else (two, counts_two, rows_one)
    )
    end = int(np.flatnonzero(counts)[-1])
    height = end - shorter.rows[-1]
    beyond = int(longer[-1]) - end
    return height >= 2 and beyond >= max(2, height // 5) and _dense(counts, shorter)


def _dense(counts: np.ndarray, header: Header) -> bool:
    """Whether every row from the header to the last one is full."""
    rows = np.flatnonzero(counts)
    beneath = counts[header.rows[-1] + 1 : int(rows[-1]) + 1]
    return len(beneath) > 0 and bool((beneath >= header.filled).all())


def _counts(grid: Grid, strip: tuple[int, int]) -> np.ndarray:
    if strip == (0, grid.width - 1):
        return grid.counts
    return filled_cells(grid.frame[:, strip[0] : strip[1] + 1])


def _window(grid: Grid, strip: tuple[int, int], rows: np.ndarray) -> Window:
    """The first of the rows (which are not blank) as cells of the strip, its columns counted from 0."""
    first, last = strip
    most = max(8, min(_WINDOW_ROWS, _WINDOW_CELLS // (last - first + 1)))
    taken = rows[:most]
    cells = grid.frame[:, first : last + 1][taken.tolist()].rows()
    inside = set(taken.tolist())
    across: dict[int, tuple[tuple[int, int], ...]] = {}
    for row, left, right in grid.across:
        if row in inside and left <= last and right >= first:
            span = (max(left, first) - first, min(right, last) - first)
            across[row] = (*across.get(row, ()), span)
    return Window(tuple(int(row) for row in taken), tuple(cells), across)


# --- One beneath the other


def _down(grid: Grid, strip: tuple[int, int], hints: Set[str]) -> list[Block]:
    frame = grid.frame[:, strip[0] : strip[1] + 1]
    counts = _counts(grid, strip)
    rows = np.flatnonzero(counts)
    blocks = []
    while len(rows):
        last = len(blocks) + 1 == _MOST_TABLES
        block, rows = _first(grid, strip, frame, counts, rows, hints, last)
        blocks.append(block)
    return blocks


def _first(
    grid: Grid,
    strip: tuple[int, int],
    frame: pl.DataFrame,
    counts: np.ndarray,
    rows: np.ndarray,
    hints: Set[str],
    last: bool,
) -> tuple[Block, np.ndarray]:
    """The first table among the rows, and the rows that come after it: none after the last that is looked for."""
    window = _window(grid, strip, rows)
    header = headers.find(window, hints, look=_look(strip))
    left: dict[int, Why] = {}
    titles = []
    beneath = rows
    if header is not None:
        left = {row: Why.ABOVE for row in window.rows if row < header.rows[0]}
        titles = [cells for row, cells in zip(window.rows, window.cells, strict=True) if row < header.rows[0]]
        left |= dict.fromkeys(header.rows, Why.HEADER)
        beneath = rows[rows > header.rows[-1]]
    end = frame.height if last else _next_table(grid, strip, frame, counts, beneath, header, hints)
    records = beneath[beneath < end]
    left |= body.no_records(frame, counts, records, header, titles)
    kept = records[~np.isin(records, list(left))] if left else records
    return Block(strip, header, kept, left), beneath[beneath >= end]


def _look(strip: tuple[int, int]) -> int:
    return max(3, min(40, 20_000 // (strip[1] - strip[0] + 1)))


def _next_table(
    grid: Grid,
    strip: tuple[int, int],
    frame: pl.DataFrame,
    counts: np.ndarray,
    rows: np.ndarray,
    header: Header | None,
    hints: Set[str],
) -> int:
    """Where a further table begins beneath this one (its title, if it has any); the frame's height if none does."""
    starts = _starts(frame, rows)
    for start in starts:
        place = int(np.searchsorted(rows, start))
        window = _window(grid, strip, rows[place : place + 40])
        found = headers.find(window, hints, look=_MOST_TITLES + 2)
        if found is None or (header is None and found.contrast == 0):
            continue
        titles = [row for row in window.rows if row < found.rows[0]]
        if len(titles) <= _MOST_TITLES and _is_new(frame, counts, rows[:place], found, header, titles, window):
            return int(start)
    return frame.height


def _starts(frame: pl.DataFrame, rows: np.ndarray) -> list[int]:
    """Rows after a blank one that a further table could begin at: a title, or labels without a number."""
    if len(rows) < 2:
        return []
    after_blank = rows[1:][np.diff(rows) > 1]
    if len(after_blank) > _MOST_CANDIDATES:
        number = pl.any_horizontal(pl.all().str.contains(r"^[\s£$(+-]*\d"))
        wordy = ~frame[after_blank.tolist()].select(number.fill_null(False)).to_series().to_numpy()
        after_blank = after_blank[wordy][:_MOST_CANDIDATES]
    return [int(row) for row in after_blank]


def _is_new(
    frame: pl.DataFrame,
    counts: np.ndarray,
    above: np.ndarray,
    new: Header,
    old: Header | None,
    titles: list[int],
    window: Window,
) -> bool:
    """Whether a row that looks like a header begins a table of its own. In doubt it is a record of the one above."""
    line = new.lines[-1]
    filled = [column for column, cell in enumerate(line) if cell is not None]
    words = {folded(line[column] or "") for column in filled}
    if len(filled) < 2 or len(words) < len(filled) * 0.8:
        return False
    if old is not None and any(words == {folded(cell) for cell in each if cell is not None} for each in old.lines):
        return False  # the same header printed again
    if any(counts[row] > 1 for row in titles) and not new.hits:
        return False
    beneath = [cells for row, cells in zip(window.rows, window.cells, strict=True) if row > new.rows[-1]]
    if not beneath:
        return False
    with_digits = sum(any(character.isdigit() for character in line[column] or "") for column in filled)
    if with_digits * 2 > len(filled) or any(kind(line[column] or "") != TEXT for column in filled):
        return False
    if len(above) and any(
        (frame.to_series(column).slice(int(above[0]), int(above[-1] - above[0]) + 1) == line[column]).any()
        for column in filled
    ):  # what stands in the table above in the same column is a value, no heading
        return False
    if new.hits >= 2 and 2 * new.hits >= len(filled):
        return True
    span = range(min(filled), max(filled) + 1)
    outside = sum(cell is not None for cells in beneath[:10] for n, cell in enumerate(cells) if n not in span)
    if outside:
        return False  # what is beneath belongs to a wider table
    usual = float(np.median(counts[above])) if len(above) else 0.0
    other_shape = abs(len(filled) - usual) >= max(2, 0.25 * usual)
    lonely = new.rows[0] - int(above[-1]) > 2 if len(above) else True
    signs = (bool(titles)) + other_shape + (2 * new.contrast >= len(filled)) + (new.contrast > 0) + lonely
    return signs >= 2 and (new.contrast > 0 or bool(titles))
