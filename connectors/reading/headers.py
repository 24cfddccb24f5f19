"""Which rows are a table's header, told by what stands in them and beneath them, not by words we know.

A header is a row of labels, mostly different, about as wide as what is beneath, which in some columns is of another kind
(numbers, dates) and does not repeat the labels. Words the caller knows (`hints`) only tip the scales.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from connectors.reading.cell_kinds import DATE, MARK, TEXT, clean, folded, is_label, kind, year

Cells = Sequence[str | None]

_BENEATH = 20  # rows beneath a row that are compared with it
_NARROW = 0.6  # a row of at most this share of the header's cells may be a title
_LABELS, _DIFFERENT = 0.75, 0.6  # least shares of a header's cells that are labels, and that differ
_MOST_UPPER = 2  # rows of group headings above the lowest header row
_WORDS_OF_A_TITLE, _LENGTH_OF_A_TITLE = 3, 25


@dataclass(frozen=True)
class Window:
    """Some rows of a sheet that are not blank, from the top: `rows` their indices, `cells` what stands in them.

    `across` cells merged over several columns: row index → (first, last column).
    """

    rows: tuple[int, ...]
    cells: tuple[Cells, ...]
    across: dict[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True)
class Header:
    """`rows` the indices of its rows, top first · `names` each column's heading, two rows joined with " / ", null where blank
    · `filled` cells in its lowest row · `contrast` how many columns beneath are of another kind · `hits` known words in it
    · `lines` the cells of each row as they stand.
    """

    rows: tuple[int, ...]
    names: tuple[str | None, ...]
    filled: int
    contrast: int
    hits: int
    lines: tuple[Cells, ...]


def find(window: Window, hints: Set[str] = frozenset(), look: int = 40) -> Header | None:
    """The header among the first `look` rows of the window; None where no row is surely one, and so every row a record."""
    best: tuple[float, Header] | None = None
    for place in range(min(len(window.rows), look)):
        found = _judged(window, place, hints)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best else None


def _judged(window: Window, place: int, hints: Set[str]) -> tuple[float, Header] | None:
    """How good a header the row is, and that header; None where it is none."""
    cells = window.cells[place]
    beneath = _beneath(window, place)
    filled = [column for column, cell in enumerate(cells) if cell is not None]
    labels = _labels(cells, beneath)
    words = [folded(cells[column] or "") for column in filled]
    hits = sum(word in hints for word in words)
    count = len(filled)
    if len(labels) < _LABELS * count or (len(set(words)) < _DIFFERENT * count and hits < 2):
        return None
    if beneath and count > 2 and max(_count(row) for row in beneath[:3]) < 0.4 * count:
        return None
    usual = {column: _usual_kind(beneath, column) for column in filled}
    contrast = sum(usual[column] not in (None, TEXT) for column in labels)
    recurring = sum(
        any(row[column] is not None and row[column] == cells[column] for row in beneath) for column in filled
    )
    known = hits >= 2 and 2 * hits >= count
    if recurring * 2 >= count and not known and beneath:
        return None
    upper = _upper_rows(window, place, usual)
    above = window.cells[: place - len(upper)]
    strange = not any(folded(cell) in hints for row in above for cell in row if cell is not None)
    if not (known and strange and not _records(above, usual)) and not _titles_only(
        window, place - len(upper), count, usual, sure=bool(contrast or known or upper)
    ):
        return None
    lines = [*(window.cells[row] for row in upper), cells]
    names = _joined(window, [*upper, place])
    header = Header(tuple(window.rows[row] for row in [*upper, place]), names, count, contrast, hits, tuple(lines))
    return count + 2 * contrast - 2 * recurring + 3 * hits, header


def _beneath(window: Window, place: int) -> list[Cells]:
    """The rows beneath, at least two, and up to the next blank row; not the row itself printed again."""
    found: list[Cells] = []
    for below in range(place + 1, min(place + 1 + _BENEATH, len(window.rows))):
        if len(found) > 1 and window.rows[below] > window.rows[below - 1] + 1:
            break
        if window.cells[below] != window.cells[place]:
            found.append(window.cells[below])
    return found


def _labels(cells: Cells, beneath: Sequence[Cells]) -> list[int]:
    """The columns whose cell can be a heading: labels, and a rising row of years or dates over something else."""
    found = [column for column, cell in enumerate(cells) if cell is not None and is_label(cell)]
    years = [
        (column, found_year) for column, cell in enumerate(cells) if cell and (found_year := year(cell)) is not None
    ]
    dates = [(column, cell) for column, cell in enumerate(cells) if cell and kind(cell) == DATE]
    if len(years) > 1 and _in_order([value for _, value in years]):
        found += _over_others([column for column, _ in years], beneath, lambda cell: year(cell) is not None)
    if len(dates) > 1 and _in_order([value for _, value in dates]):
        found += _over_others([column for column, _ in dates], beneath, lambda cell: kind(cell) == DATE)
    return sorted(found)


def _in_order(values: Sequence[int] | Sequence[str]) -> bool:
    ordered = sorted(set(values))
    return list(values) in (ordered, ordered[::-1])


def _over_others(columns: list[int], beneath: Sequence[Cells], same: Callable[[str], bool]) -> list[int]:
    """The columns, if what stands beneath them is mostly not the same kind of thing."""
    under = [cell for row in beneath for column in columns if (cell := row[column]) is not None]
    return columns if under and 4 * sum(map(same, under)) < len(under) else []


def _count(cells: Cells) -> int:
    return sum(cell is not None for cell in cells)


def _usual_kind(beneath: Sequence[Cells], column: int) -> str | None:
    """The kind of seven in ten of the cells beneath, what stands for nothing aside; None where there is no such kind."""
    kinds = [found for row in beneath if (cell := row[column]) is not None and (found := kind(cell)) != MARK]
    for each in set(kinds):
        if kinds.count(each) >= 0.7 * len(kinds):
            return each
    return None


def _titles_only(window: Window, place: int, count: int, usual: dict[int, str | None], *, sure: bool) -> bool:
    """Whether all that stands above is narrower than the header, and nothing of it looks like a record."""
    for above in range(place):
        cells = window.cells[above]
        if _count(cells) > max(_NARROW * count, 1) or (_count(cells) >= count and count > 1):
            return False
        if any(
            cells[c] is not None and usual[c] not in (None, TEXT) and kind(cells[c] or "") == usual[c] for c in usual
        ):
            return False
        if _count(cells) > 1 and not sure and window.rows[above + 1] == window.rows[above] + 1:
            return False
        if _count(cells) == 1 and count <= 2 and not _is_title(window, above):
            return False
    return True


def _records(rows: Sequence[Cells], usual: dict[int, str | None]) -> bool:
    """Whether some row has what the records have: a number, a date or the like in a column of such."""
    return any(
        (cell := row[column]) is not None and expected not in (None, TEXT) and kind(cell) == expected
        for row in rows
        for column, expected in usual.items()
    )


def _is_title(window: Window, place: int) -> bool:
    """Whether a row of one cell is a title: apart from what follows, merged across, or long; or it names the separator."""
    text = clean(next(cell for cell in window.cells[place] if cell is not None))
    apart = place + 1 < len(window.rows) and window.rows[place + 1] > window.rows[place] + 1
    long = len(text.split()) >= _WORDS_OF_A_TITLE or len(text) > _LENGTH_OF_A_TITLE
    names_separator = text.lower().startswith("sep=")  # as the first line of a text file may
    return apart or long or names_separator or bool(window.across.get(window.rows[place]))


def _upper_rows(window: Window, place: int, usual: dict[int, str | None]) -> list[int]:
    """The rows of group headings directly above, top first."""
    found: list[int] = []
    lower = place
    while len(found) < _MOST_UPPER and lower > 0 and window.rows[lower - 1] == window.rows[lower] - 1:
        if not _groups(window, lower - 1, lower, usual):
            break
        lower -= 1
        found.insert(0, lower)
    return found


def _groups(window: Window, upper: int, lower: int, usual: dict[int, str | None]) -> bool:
    """Whether the upper row holds group headings of the lower one: by its merged cells, else because the two complete each
    other and what is beneath is of another kind."""
    over, under = window.cells[upper], window.cells[lower]
    if not all(is_label(cell) or year(cell) or kind(cell) == DATE for cell in over if cell is not None):
        return False
    within = [column for column, cell in enumerate(under) if cell is not None]
    for first, last in window.across.get(window.rows[upper], ()):
        over_all = first <= within[0] and last >= within[-1] and _count(over) == 1
        if sum(first <= column <= last for column in within) >= 2 and not over_all:
            return True
    same = [column for column in within if over[column] is not None and over[column] == under[column]]
    if same and _count(over) < len(within):  # a cell merged over both rows
        return True
    filled = [column for column, cell in enumerate(over) if cell is not None]
    if len(filled) < 2 or any(not is_label(under[column] or "") for column in within):
        return False
    words = [folded(under[column] or "") for column in within]
    doubled = len(set(words)) < len(words)
    complete_each_other = any(under[c] is None for c in filled) and any(over[c] is None for c in within)
    other_kind = sum(usual.get(column) not in (None, TEXT) for column in within)
    return doubled or (complete_each_other and 2 * other_kind >= len(within))


def _joined(window: Window, places: Sequence[int]) -> tuple[str | None, ...]:
    """Each column's heading from the header's rows, group headings carried over the columns they stand above."""
    lowest = window.cells[places[-1]]
    lines = []
    for place in places:
        line = list(window.cells[place])
        merged = window.across.get(window.rows[place], ())
        for first, last in merged:
            for column in range(first + 1, min(last, len(line) - 1, first + 255) + 1):
                line[column] = line[column] if line[column] is not None else line[first]
        if not merged and place != places[-1]:
            last_seen: str | None = None
            for column, cell in enumerate(line):
                last_seen = cell if cell is not None else (last_seen if lowest[column] is not None else None)
                line[column] = last_seen
        lines.append(line)
    names: list[str | None] = []
    for column in range(len(lowest)):
        parts: list[str] = []
        for line in lines:
            text = clean(line[column] or "")
            if text and text not in parts:
                parts.append(text)
        names.append(" / ".join(parts) or None)
    return tuple(names)
