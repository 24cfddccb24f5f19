"""A sheet's cells as text, and how they lie: the one shape that workbooks and text files are brought to before tables are found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from connectors.reading.layout import Area
from connectors.reading.sheet_cells import canonical, is_moment

MOST_FILLED = 5_000_000  # cells that merged areas may fill

_MOMENT = len("2023-01-04 00:00:00")
_BLANKS = "".join(chr(code) for code in (*range(33), 0x7F, 0xA0, 0x2007, 0x200B, 0x202F, 0xFEFF))


@dataclass(frozen=True)
class Grid:
    """`frame` columns `0`, `1`, … (String), row *n* of the sheet at index *n* − 1; null where a cell is blank, so that any
    text is one. `first_column` the physical position of `0` (1 = A) · `counts` filled cells of each row · `across` the
    areas merged over several columns, as (row, first, last) from 0 within the frame · `dated` columns in which date cells
    stand, as ISO text · `filled` how many cells the merged areas filled, None where there were too many to fill.
    """

    frame: pl.DataFrame
    first_column: int
    counts: np.ndarray
    across: tuple[tuple[int, int, int], ...] = ()
    dated: frozenset[int] = frozenset()
    filled: int | None = 0

    @property
    def width(self) -> int:
        return self.frame.width


def grid(cells: pl.DataFrame, first_column: int = 1, merged: Iterable[Area] = (), *, moments: bool = False) -> Grid:
    """The grid of some cells. `merged` the sheet's merged areas; `moments`: a workbook's, whose date cells become ISO text."""
    frame = cells.rename({old: str(n) for n, old in enumerate(cells.columns)})
    frame = _blank_to_null(frame)
    dated: list[str] = []
    if moments and frame.height:
        longest = frame.select(pl.all().str.len_bytes().max()).row(0)
        suspects = [name for name, most in zip(frame.columns, longest, strict=True) if (most or 0) >= _MOMENT]
        is_dated = frame.select(is_moment(pl.col(suspects)).any()).row(0) if suspects else ()
        dated = [name for name, found in zip(suspects, is_dated, strict=True) if found]
        frame = frame.with_columns(canonical(pl.col(name)) for name in dated)
    counts = filled_cells(frame)
    across, down = _split(merged, frame, first_column)
    filled: int | None = 0
    if down:
        frame, filled = _filled_down(frame, down, counts)
        counts = filled_cells(frame)
    return Grid(frame, first_column, counts, across, frozenset(map(int, dated)), filled)


def _blank_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    """A cell of nothing but white space is blank. What begins with a character from "!" to "~" is none, and that is most."""
    if not frame.height:
        return frame
    suspects = frame.select(((pl.all() < "!") | (pl.all() > "~")).any()).row(0)
    changed = []
    for name in (name for name, found in zip(frame.columns, suspects, strict=True) if found):
        column = frame.get_column(name)
        at = ((column < "!") | (column > "~")).fill_null(False).arg_true()
        blank = at.filter(column.gather(at).str.strip_chars(_BLANKS) == "")
        if blank.len():
            changed.append(column.clone().scatter(blank, None))
    return frame.with_columns(changed)


def filled_cells(frame: pl.DataFrame) -> np.ndarray:
    """How many cells of each row are not blank."""
    if not frame.width:
        return np.zeros(frame.height, dtype=np.int64)
    return frame.select(pl.sum_horizontal(pl.all().is_not_null())).to_series().cast(pl.Int64).to_numpy()


def _split(
    merged: Iterable[Area], frame: pl.DataFrame, first_column: int
) -> tuple[tuple[tuple[int, int, int], ...], list[tuple[int, int, int]]]:
    """The areas over several columns, each row of its own but for long ones, and those over several rows as (column, first,
    last row), all within the frame, counted from 0."""
    across, down = [], []
    for r0, c0, r1, c1 in merged:
        top, bottom = r0 - 1, min(r1, frame.height) - 1
        left, right = c0 - first_column, min(c1 - first_column, frame.width - 1)
        if top < 0 or left < 0 or top >= frame.height or left >= frame.width:
            continue
        if right > left:
            across += [(row, left, right) for row in range(top, min(bottom, top + 3) + 1)]
        if bottom > top:
            down.append((left, top, bottom))
    return tuple(across), down


def _filled_down(
    frame: pl.DataFrame, down: list[tuple[int, int, int]], counts: np.ndarray
) -> tuple[pl.DataFrame, int | None]:
    """Each row that a merged area reaches into and that is not blank otherwise, with the area's value in its first column."""
    if sum(bottom - top for _, top, bottom in down) > MOST_FILLED:
        return frame, None
    by_column: dict[int, list[tuple[int, int]]] = {}
    for column, top, bottom in down:
        by_column.setdefault(column, []).append((top, bottom))
    filled = 0
    for column, areas in by_column.items():
        series = frame.to_series(column)
        rows = np.concatenate([np.arange(top + 1, bottom + 1) for top, bottom in areas])
        origins = np.concatenate([np.full(bottom - top, top) for top, bottom in areas])
        taken = (counts[rows] > 0) & series.is_null().to_numpy()[rows]
        rows, origins = rows[taken], origins[taken]
        values = series.gather(origins)
        full = values.is_not_null().to_numpy()
        rows, values = rows[full], values.drop_nulls()
        if len(rows):
            frame = frame.with_columns(series.clone().scatter(rows, values))
            filled += len(rows)
    return frame, filled
