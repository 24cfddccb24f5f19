"""What must hold between the tables of one report, as declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from checks.published_figures import is_total
from kpis.published.identities import Bound, Cell, Identities, Reasoned, Same
from kpis.published.tables import Check, Printed, place_name

ANY = "*"

Found = tuple[Printed, str, str]
"""A cell that is printed: its table, and its labels as spelt there."""


def between(report: Sequence[Printed], declared: Identities) -> list[Check]:
    """Everything declared that the report's figures allow to be checked, whether it holds or not."""
    by_name = {each.name.casefold(): each for each in report}
    checks = [check for each in declared.same for check in _same(by_name, each)]
    return checks + [check for each in declared.bound for check in _bound(by_name, each)]


def _found(by_name: Mapping[str, Printed], cell: Cell) -> Found | None:
    table = by_name.get(cell.table.casefold())
    labels = None if table is None else table.found(cell.row, cell.column)
    return None if table is None or labels is None else (table, *labels)


def _value(found: Found) -> int:
    table, row, column = found
    return table.cells[row, column]


def _same(by_name: Mapping[str, Printed], declared: Same) -> Iterator[Check]:
    """Each cell against the figure that most of them give, or the first."""
    there = [found for cell in declared.cells if (found := _found(by_name, cell)) is not None]
    if len(there) < 2:
        return
    agreed = Counter(map(_value, there)).most_common(1)[0][0]
    model = next(each for each in there if _value(each) == agreed)
    for each in there:
        if each is not model:
            said = (
                f"{_value(each):,} {declared.what} are printed in “{each[0].name}”, but {agreed:,} in “{model[0].name}”"
            )
            yield _check(declared, [each], [model], _value(each) == agreed, said, "same")


def _bound(by_name: Mapping[str, Printed], declared: Bound) -> Iterator[Check]:
    cells = [*declared.part, *declared.whole]
    wild = [cell for cell in cells if ANY in (cell.row, cell.column)]
    labels: Sequence[str] = ("",)
    if wild:
        table = by_name.get(wild[0].table.casefold())
        across = () if table is None else table.rows if wild[0].row == ANY else table.columns
        labels = [each for each in across if not is_total(each)]
    for label in labels:
        part, whole = (
            [_found(by_name, _filled(cell, label)) for cell in side] for side in (declared.part, declared.whole)
        )
        known_part, known_whole = ([each for each in side if each is not None] for side in (part, whole))
        if len(known_part) < len(part) or len(known_whole) < len(whole):
            continue
        holds = sum(map(_value, known_part)) <= sum(map(_value, known_whole))
        said = declared.says.format(part=_summed(known_part), whole=_summed(known_whole), label=label)
        yield _check(declared, known_part, known_whole, holds, said, "bound")


def _filled(cell: Cell, label: str) -> Cell:
    return Cell(
        table=cell.table,
        row=label if cell.row == ANY else cell.row,
        column=label if cell.column == ANY else cell.column,
    )


def _summed(cells: Sequence[Found]) -> str:
    values = [_value(each) for each in cells]
    if len(values) == 1:
        return f"{values[0]:,}"
    return f"{' + '.join(f'{each:,}' for each in values)} = {sum(values):,}"


def _check(
    declared: Reasoned, printed: Sequence[Found], against: Sequence[Found], holds: bool, said: str, kind: str
) -> Check:
    table = printed[0][0]
    return Check(
        table.area,
        table.year,
        table.name,
        kind,
        declared.severity,
        sum(map(_value, printed)),
        sum(map(_value, against)),
        holds,
        tuple((each.name, row, column) for each, row, column in (*printed, *against)),
        f"{place_name(table.area)} {table.year}: {said}.",
        declared.reason,
        declared.cite,
    )
