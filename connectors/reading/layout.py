"""What a sheet is laid out like, beside its cells: how large it is, what is merged or hidden, what has no stored value."""

from __future__ import annotations

from dataclasses import dataclass

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 1, all included."""


@dataclass(frozen=True)
class Layout:
    """What the file tells of one sheet besides its cells; what a kind of file does not tell stays at its default.

    `rows`, `columns` the used area as far as it is known before the cells are read (None: not known) · `merged` the merged
    areas · `hidden_rows`, `hidden_columns` · `no_result` how many formula cells hold no stored result, and so read as
    blank · `errors` whether some cell may be an error · `filled` whether some cell surely holds a value.
    """

    rows: int | None = None
    columns: int | None = None
    merged: tuple[Area, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    no_result: int = 0
    errors: bool = True
    filled: bool = False


def area(reference: str) -> Area | None:
    """The area that a reference such as `A1:C2`, `B7`, `A:C` or `2:4` means; None where it is none."""
    first, _, last = reference.replace("$", "").partition(":")
    start, end = _cell(first), _cell(last or first)
    if start is None or end is None:
        return None
    r0, c0 = start
    r1, c1 = end
    return (r0 or 1, c0 or 1, r1 or MOST_ROWS, c1 or MOST_COLUMNS)


MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14


def _cell(text: str) -> tuple[int, int] | None:
    column, digits = 0, ""
    for character in text.strip().upper():
        if "A" <= character <= "Z" and not digits:
            column = column * 26 + ord(character) - 64
        elif character in "0123456789":
            digits += character
        else:
            return None
    if (not column and not digits) or column > MOST_COLUMNS or len(digits) > 7:
        return None
    return (int(digits or 0), column)
