"""The rows beneath a header that are no records: totals, the header printed again, footnotes. In doubt a row is a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from connectors.reading.cell_kinds import MARK, NUMBER, TEXT, clean, folded, kind
from connectors.reading.headers import Cells, Header
from connectors.reading.shapes import Why

_TOTAL = re.compile(r"(sub[- ]?|grand |overall )?totals?\b[^a-z]*|(sum|count|average|mean|grand count)\s*:?")
_TOTAL_OF = re.compile(r".{1,80}\b(sub-?)?(totals?|count|average|sum)\s*:?|(sub-?)?totals? (for|of)\b.{1,80}")
_SUSPECT = r"(?i)^\s*(sub[- ]?|grand |overall )?totals?\b|\b(totals?|sum|count|average|mean)\s*:?\s*$"
_NOTE = re.compile(
    r"(notes?|source|sources|footnotes?|key|legend|disclaimer|prepared by|produced by|printed|report(ed)? (run|date)|"
    r"end of|page \d+|data as at|as at|nb|n\.b\.|©|copyright|total number|number of)\b.*|[*†‡§¹²³]+.*|"
    r"(\(\d+\)|\(?[a-z]\)|\d+[.)]|\[[\w ]+\]) .*",
    re.DOTALL,
)
_PAGE = re.compile(r"page \d+( ?(of|/) ?\d+)?")
_FEW = 0.34  # a footnote fills at most this share of the table's columns
_MOST_TAIL = 200  # rows at a table's end that may be footnotes
_WORDS_OF_A_NOTE = 5


def no_records(
    frame: pl.DataFrame, counts: np.ndarray, rows: np.ndarray, header: Header | None, titles: Sequence[Cells]
) -> dict[int, Why]:
    """Row → why it is no record, of the table's `rows` (indices of `frame`, none blank).

    `counts` filled cells of each row of `frame`; `titles` the rows above the header.
    """
    if not len(rows) or header is None:
        return {}
    first, end = header.rows[-1] + 1, int(rows[-1]) + 1
    frame, counts, rows = frame.slice(first, end - first), counts[first:end], rows - first
    found = _repeated(frame, counts, rows, header, titles)
    width = max(float(np.median(counts[rows])), float(header.filled))
    found.update({row: Why.SUBTOTAL for row in _totals(frame, counts, rows, width) if row not in found})
    found.update({row: Why.BELOW for row in _notes(frame, counts, rows, width, found) if row not in found})
    return {row + first: reason for row, reason in found.items()}


def _cells(frame: pl.DataFrame, row: int) -> Cells:
    return frame.row(row)


def _repeated(
    frame: pl.DataFrame, counts: np.ndarray, rows: np.ndarray, header: Header, titles: Sequence[Cells]
) -> dict[int, Why]:
    """Rows that say again what the header says, as each printed page does, and the titles that come with them."""
    found: dict[int, Why] = {}
    for line in header.lines:
        filled = [column for column, cell in enumerate(line) if cell is not None]
        if len(filled) < 2:
            continue
        words = [folded(cell or "") for cell in line]
        first = pl.col(frame.columns[filled[0]]).str.strip_chars().str.to_lowercase()
        second = pl.col(frame.columns[filled[-1]]).str.strip_chars().str.to_lowercase()
        same = (first == (line[filled[0]] or "").strip().lower()) & (second == (line[filled[-1]] or "").strip().lower())
        for row, cells in _where(frame, same, rows):
            if [folded(cell or "") for cell in cells] == words:
                found[row] = Why.REPEATED
    said = {folded(cell) for line in titles for cell in line if cell is not None}
    for row in sorted(found):
        above = row - 1
        while above >= 0 and counts[above] <= 1 and above not in found:
            if counts[above] == 1:
                text = folded(next(cell for cell in _cells(frame, above) if cell is not None))
                if text not in said and not _PAGE.fullmatch(text) and not _apart(counts, above):
                    break
                found[above] = Why.REPEATED if text in said or _PAGE.fullmatch(text) else Why.BETWEEN
            above -= 1
    return found


def _apart(counts: np.ndarray, row: int) -> bool:
    """Whether a blank row stands above."""
    return row > 0 and counts[row - 1] == 0


def _totals(frame: pl.DataFrame, counts: np.ndarray, rows: np.ndarray, width: float) -> list[int]:
    """Rows labelled as a total, whose other cells are numbers."""
    label = pl.any_horizontal(pl.col(column).str.contains(_SUSPECT) for column in frame.columns[:6])
    return [row for row, cells in _where(frame, label, rows) if _is_total(cells, int(counts[row]), width)]


def _where(frame: pl.DataFrame, condition: pl.Expr, rows: np.ndarray) -> Iterator[tuple[int, Cells]]:
    """Those of the `rows` (in order) for which the condition holds, and their cells."""
    true = frame.select(condition.fill_null(False).arg_true()).to_series().to_numpy()
    place = np.searchsorted(rows, true)
    true = true[(place < len(rows)) & (rows[np.minimum(place, len(rows) - 1)] == true)]
    cells = frame[true.tolist()].iter_rows() if len(true) else iter(())
    return zip(true.tolist(), cells, strict=True)


def _is_total(cells: Cells, count: int, width: float) -> bool:
    filled = [cell for cell in cells if cell is not None]
    at = next((n for n, cell in enumerate(filled) if _TOTAL.fullmatch(folded(cell))), None)
    strict = at is not None
    if at is None:
        at = next((n for n, cell in enumerate(filled) if _TOTAL_OF.fullmatch(folded(cell))), None)
    if at is None or at > 1 or any(kind(cell) not in (NUMBER, MARK) for cell in filled[at + 1 :]):
        return False
    if at == 1 and kind(filled[0]) != TEXT:
        return False
    numbers = sum(kind(cell) == NUMBER for cell in filled[at + 1 :])
    if strict and at == 0:
        return numbers > 0 or count < width
    return numbers > 0 and count < width


def _notes(frame: pl.DataFrame, counts: np.ndarray, rows: np.ndarray, width: float, known: dict[int, Why]) -> list[int]:
    """The footnotes at the table's end: few cells, and either apart from the records or marked as a note."""
    if width < 2:
        return []
    tail: list[int] = []
    for row in rows[::-1][:_MOST_TAIL]:
        if int(row) in known:
            continue
        if counts[row] > max(1, _FEW * width):
            break
        tail.append(int(row))
    tail.reverse()
    while tail:
        text = [clean(cell) for cell in _cells(frame, tail[0]) if cell is not None]
        marked = bool(_NOTE.fullmatch(text[0].casefold())) and kind(text[0]) == TEXT
        wordy = len(text[0].split()) >= _WORDS_OF_A_NOTE and _apart(counts, tail[0])
        if (marked and (_apart(counts, tail[0]) or len(text[0].split()) >= 2 or text[0].endswith(":"))) or wordy:
            return _all_notes(frame, tail)
        tail.pop(0)
    return []


def _all_notes(frame: pl.DataFrame, tail: list[int]) -> list[int]:
    """The tail from its first note on, if nothing in it is likely a record: a short code by itself in the first column is."""
    kept: list[int] = []
    for row in tail:
        cells = [clean(cell) for cell in _cells(frame, row) if cell is not None]
        if kind(cells[0]) != TEXT or (len(cells[0].split()) == 1 and not _NOTE.fullmatch(cells[0].casefold())):
            continue
        kept.append(row)
    return kept
