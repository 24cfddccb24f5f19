"""What must hold within one table: totals, “of which”, start + in − out = end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from checks.published_figures import is_of_which, is_total
from kpis.published.identities import Identities
from kpis.published.tables import Check, Printed, place_name

MOST_NAMED = 20
"""A sum of more parts than these is told without naming each."""

_SUM = "A total is the sum of what it stands beside."
_PART = "A part cannot be more than what it is a part of."

Cell = tuple[str, str]


def within(table: Printed, declared: Identities) -> list[Check]:
    """Everything that must hold within a table, whether it does or not."""
    checks: list[Check] = []
    for by_row in (True, False):
        for label in table.rows if by_row else table.columns:
            line = _Line(table, label, by_row, declared)
            checks += line.checks()
    checks += _of_everything(table, declared)
    return checks


class _Line:
    """One row (or column) of a table, read along its labels."""

    def __init__(self, table: Printed, label: str, by_row: bool, declared: Identities) -> None:
        self.table, self.label, self.by_row, self.declared = table, label, by_row, declared
        self.across = table.columns if by_row else table.rows
        self.values = {each: table.cells[self.cell(each)] for each in self.across if self.cell(each) in table.cells}
        self.named = f"row “{label}”" if by_row else f"column “{label}”"

    def cell(self, other: str) -> Cell:
        return (self.label, other) if self.by_row else (other, self.label)

    def checks(self) -> Iterator[Check]:
        movement = self._movement()
        if movement is not None:
            yield movement
        else:
            yield from self._total()
        yield from self._of_which()

    def _total(self) -> Iterator[Check]:
        total = next(filter(is_total, self.values), None)
        if total is None:
            return
        cells = [self.cell(each) for each in self.across if _adds(each, self.declared)]
        # In the line of totals, a total that is not printed is made from its parts, if any other is printed.
        if is_total(self.label):
            if not any(cell in self.table.cells for cell in cells):
                return
            parts = [part for cell in cells if (part := _printed_or_made(self.table, cell, self.declared)) is not None]
        else:
            parts = [(cell, self.table.cells[cell], (cell,)) for cell in cells if cell in self.table.cells]
        if parts:
            name: Callable[[Cell], str] = (lambda cell: cell[1]) if self.by_row else (lambda cell: cell[0])
            yield _summed(self.table, self.named, self.cell(total), parts, name)

    def _of_which(self) -> Iterator[Check]:
        whole: str | None = None
        for label in self.across:
            if not is_of_which(label):
                whole = label
            elif label in self.values and whole is not None and whole in self.values:
                part, of = self.values[label], self.values[whole]
                yield _check(
                    self.table,
                    "of which",
                    (part, of, part <= of),
                    [self.cell(label), self.cell(whole)],
                    f"{self.named}: “{label}” is printed as {part:,}, more than “{whole}”, {of:,}",
                    _PART,
                )

    def _movement(self) -> Check | None:
        declared = self.declared.movement
        folded = {label.casefold(): label for label in self.values}
        start, end = (
            next((folded[each] for each in meant if each in folded), None) for meant in (declared.start, declared.end)
        )
        into, out = ([folded[each] for each in meant if each in folded] for meant in (declared.into, declared.out))
        if start is None or end is None or not (into or out):
            return None
        value = self.values
        computed = value[start] + sum(value[each] for each in into) - sum(value[each] for each in out)
        terms = [f"{value[start]:,} ({start})"]
        terms += [f"+ {value[each]:,} ({each})" for each in into] + [f"− {value[each]:,} ({each})" for each in out]
        return _check(
            self.table,
            "movement",
            (value[end], computed, value[end] == computed),
            [self.cell(each) for each in (end, start, *into, *out)],
            f"{self.named}: {' '.join(terms)} = {computed:,}, but “{end}” is printed as {value[end]:,}",
            declared.reason,
            declared.severity,
            declared.cite,
        )


def _adds(label: str, declared: Identities) -> bool:
    """Whether a label is a part of the total beside it."""
    return not (is_total(label) or is_of_which(label) or label.casefold() in declared.labels.not_parts)


def _printed_or_made(table: Printed, cell: Cell, declared: Identities) -> tuple[Cell, int, tuple[Cell, ...]] | None:
    """A total as printed, or else as its parts make it; None where it has none."""
    if cell in table.cells:
        return cell, table.cells[cell], (cell,)
    row, column = cell
    if is_total(row):
        inner = [(each, column) for each in table.rows if _adds(each, declared)]
    else:
        inner = [(row, each) for each in table.columns if _adds(each, declared)]
    there = tuple(each for each in inner if each in table.cells)
    return (cell, sum(table.cells[each] for each in there), there) if there else None


def _of_everything(table: Printed, declared: Identities) -> Iterator[Check]:
    """The grand total from all cells, where no other total is printed to make it from."""
    row, column = table.total_row, table.total_column
    if row is None or column is None or (row, column) not in table.cells:
        return
    if any(is_total(r) != is_total(c) for r, c in table.cells if _adds(r, declared) or _adds(c, declared)):
        return
    inner = [cell for cell in table.cells if _adds(cell[0], declared) and _adds(cell[1], declared)]
    if inner:
        parts = [(cell, table.cells[cell], (cell,)) for cell in inner]
        yield _summed(table, "the whole table", (row, column), parts, lambda cell: f"{cell[0]}, {cell[1]}")


def _summed(
    table: Printed,
    named: str,
    total: Cell,
    parts: Sequence[tuple[Cell, int, tuple[Cell, ...]]],
    name: Callable[[Cell], str],
) -> Check:
    printed, computed = table.cells[total], sum(value for _, value, _ in parts)
    told = {name(cell): value for cell, value, _ in parts}
    return _check(
        table,
        "sum",
        (printed, computed, printed == computed),
        [total, *(cell for _, _, cells in parts for cell in cells)],
        f"{named}: {sum_in_words(told)} = {computed:,}, but the total is printed as {printed:,}",
        _SUM,
    )


def sum_in_words(parts: Mapping[str, int]) -> str:
    """The left side of a sum, noughts left out: 17 (level 2) + 38 (screening)."""
    counted = {label: value for label, value in parts.items() if value} or dict(parts)
    if len(counted) > MOST_NAMED:
        return f"the sum of the {len(counted):,} parts that are not 0"
    return " + ".join(f"{value:,} ({label})" for label, value in counted.items())


def _check(
    table: Printed,
    kind: str,
    figures: tuple[int, int, bool],
    cells: Sequence[Cell],
    said: str,
    reason: str,
    severity: str = "error",
    cite: str = "",
) -> Check:
    printed, computed, holds = figures
    message = f"{place_name(table.area)} {table.year}, “{table.name}”, {said}."
    at = tuple((table.name, *cell) for cell in cells)
    return Check(
        table.area, table.year, table.name, kind, severity, printed, computed, holds, at, message, reason, cite
    )
