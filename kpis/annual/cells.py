"""How a layout becomes cells: the things counted, placed in rows and columns, and the sums of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import polars as pl

from checks.annual_layout import Axis, CountedFigure, TableLayout, Where
from checks.published_figures import TOTAL
from checks.standard import Standard
from kpis.annual.records import Records, category_label
from kpis.annual.things import RECORDED_AS, THINGS, Alike, Things, last_day, order_label
from kpis.periods import Period
from kpis.population import residents
from kpis.results import NOT_RECORDED

COUNTED, NOT_SUPPLIED, DOES_NOT_APPLY = "counted", "not supplied", "does not apply"

BENEATH: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "row": pl.String,
    "column": pl.String,
    "case_id": pl.String,
    "reference": pl.String,
    "counted": pl.Boolean,
    "missing": pl.String,
}
"""One row per thing that a cell counts, in the cell of its own row and column; the totals are sums of those.

`reference` of the meeting or referral · `counted` false: it may belong there, but `missing` (fields) is not recorded.
"""


@dataclass(frozen=True)
class Cell:
    """One published figure; `kpis.annual.tables.ANNUAL` says what its fields mean."""

    row: str
    column: str
    value: int | None
    state: str
    how: str
    cite: str
    unknown: int = 0
    numerator: int | None = None
    denominator: int | None = None
    remark: str | None = None


def fill(layout: TableLayout, records: Records, year: Period) -> list[Cell]:
    """The cells of one table that counts, in printed order; one made of lines is made from the others (`kpis.annual.tables`)."""
    words = sentence_words(records, year)
    return _figures(layout, records, year, words) if layout.figures else _crossed(layout, records, year, words)


def beneath(layout: TableLayout, records: Records, year: Period) -> pl.DataFrame:
    """The things beneath the cells of one table that counts (columns: `BENEATH`)."""
    parts = [pl.DataFrame(schema=BENEATH)]
    for each in _counts(layout):
        things = THINGS[each.counts](records, year)
        if not things.cannot_tell(each.fields):
            parts.append(_rows_beneath(each, things).select(pl.lit(layout.name).alias("table"), pl.all()))
    return pl.concat(parts)


def sentence_words(records: Records, year: Period) -> dict[str, str]:
    """What sentences and titles of a layout may name in braces."""
    days = {"start": year.start, "day": last_day(records, year), "day_before": year.start - timedelta(days=1)}
    return {"year": year.name, **{name: f"{day.day} {day:%B %Y}" for name, day in days.items()}}


# Things, told apart


@dataclass(frozen=True)
class _Count:
    """Which things are counted, and the place along two axes that each has; a single figure is one place."""

    counts: str
    where: Where
    rows: Axis
    columns: Axis

    @property
    def fields(self) -> list[str]:
        """What the things are told apart by."""
        return list(dict.fromkeys([*self.where, *(each.by for each in (self.rows, self.columns) if each.by)]))


@dataclass(frozen=True)
class _Judged:
    """So `many` things that are alike: where they are counted, or may belong, the fields in `missing` not being recorded."""

    key: int
    many: int
    row: str
    column: str
    missing: tuple[str, ...]


def _counts(layout: TableLayout) -> list[_Count]:
    if layout.counts and layout.rows and layout.columns:
        return [_Count(layout.counts, layout.where, layout.rows, layout.columns)]
    return [_of_figure(layout, each) for each in layout.figures if each.counts]


def _of_figure(layout: TableLayout, figure: CountedFigure) -> _Count:
    return _Count(figure.counts or "", figure.where, Axis(one=layout.row), Axis(one=figure.column))


def _judged(count: _Count, things: Things) -> list[_Judged]:
    """The things that have one of the values asked for, or may have."""
    return [
        _Judged(
            each.key,
            each.many,
            _along(count.rows, each),
            _along(count.columns, each),
            tuple(RECORDED_AS.get(name, name) for name in count.where if each.says[name] is None),
        )
        for each in things.alike
        if all(each.says[name] in (None, *values) for name, values in count.where.items())
    ]


def _along(axis: Axis, things: Alike) -> str:
    said = axis.one if axis.by is None else things.says[axis.by]
    return NOT_RECORDED if said is None else said


def _rows_beneath(count: _Count, things: Things) -> pl.DataFrame:
    """The rows of the things that are counted, or may belong (columns: `BENEATH`, without `table`)."""
    placed = pl.DataFrame(
        [
            (each.key, each.row, each.column, not each.missing, ", ".join(each.missing) or None)
            for each in _judged(count, things)
        ],
        schema={"key": pl.UInt64, **{name: BENEATH[name] for name in ("row", "column", "counted", "missing")}},
        orient="row",
    )
    told = things.keyed().join(placed, on="key", how="inner", maintain_order="left")
    return told.select(name for name in BENEATH if name != "table")


def _many(judged: Iterable[_Judged], *, counted: bool) -> int:
    return sum(each.many for each in judged if counted is not bool(each.missing))


def _remark(judged: Iterable[_Judged]) -> str | None:
    """What may belong to a cell besides what is counted, in words."""
    fields = sorted({name for each in judged for name in each.missing})
    if not fields:
        return None
    unknown = _many(judged, counted=False)
    more = f"{unknown:,} more may belong here" if unknown > 1 else "One more may belong here"
    return f"{more}: {' or '.join(fields)} is not recorded."


# Tables of two axes


def _crossed(layout: TableLayout, records: Records, year: Period, words: Mapping[str, str]) -> list[Cell]:
    (count,) = _counts(layout)
    rows, columns = count.rows, count.columns
    standard, how = records.area.standard, layout.how.format(**words)
    things = THINGS[count.counts](records, year)
    why = things.cannot_tell(count.fields)
    if why:
        remark = f"Not supplied: {why}."
        down, across = (_with_total(each, _declared(each, standard)) for each in (rows, columns))
        return [
            Cell(row, column, None, NOT_SUPPLIED, how, layout.cite, remark=remark) for row in down for column in across
        ]
    judged = _judged(count, things)
    counted = [each for each in judged if not each.missing]
    down = _with_total(rows, _labels(rows, standard, [(each.row, each.many) for each in counted]))
    across = _with_total(columns, _labels(columns, standard, [(each.column, each.many) for each in counted]))
    held = defaultdict(list)
    for each in judged:
        for place in product(_sums(rows, each.row), _sums(columns, each.column)):
            held[place].append(each)
    cells = []
    for row, column in product(down, across):
        here = held[row, column]
        value, unknown = _many(here, counted=True), _many(here, counted=False)
        state = COUNTED
        if not value and not unknown and _cannot_be(layout, standard, row, column):
            state = DOES_NOT_APPLY
        cells.append(
            Cell(
                row,
                column,
                value if state == COUNTED else None,
                state,
                how,
                layout.cite,
                unknown=unknown,
                remark=_remark(here),
            )
        )
    return cells


def _declared(axis: Axis, standard: Standard) -> list[str]:
    """The labels that always stand along an axis."""
    if axis.one is not None:
        return [axis.one]
    if axis.labels == "categories":
        return [category_label(each) for each in standard.categories]
    if axis.labels == "orders":
        return [order_label(kind) for kind in standard.value("restrictive_orders") or {}]
    return [] if isinstance(axis.labels, str) else list(axis.labels)


def _labels(axis: Axis, standard: Standard, found: Iterable[tuple[str, int]]) -> list[str]:
    """The labels along an axis: those declared, then others of the records, the most frequent first, “not recorded” last."""
    declared = _declared(axis, standard)
    many: Counter[str] = Counter()
    for label, n in found:
        many[label] += n
    others = many.keys() - set(declared)
    return [*declared, *sorted(others, key=lambda label: (label == NOT_RECORDED, -many[label], label))]


def _has_total(axis: Axis) -> bool:
    return axis.by is not None and axis.total


def _with_total(axis: Axis, labels: Sequence[str]) -> list[str]:
    return [*labels, TOTAL] if _has_total(axis) else list(labels)


def _sums(axis: Axis, label: str) -> set[str]:
    """The labels of an axis at which a thing is counted that has this one."""
    return {label, TOTAL} if _has_total(axis) else {label}


def _cannot_be(layout: TableLayout, standard: Standard, row: str, column: str) -> bool:
    """Whether nothing can stand in a cell: the table or the standard leaves it out."""
    placed = {axis.by: label for axis, label in ((layout.rows, row), (layout.columns, column)) if axis and axis.by}
    if any(label != TOTAL and label not in layout.where.get(by, [label]) for by, label in placed.items()):
        return True
    lowest = standard.value("lowest_level_category_3")
    at, of = placed.get("level", TOTAL), placed.get("category")
    return lowest is not None and of == "category 3" and at != TOTAL and at < f"level {lowest}"


# Tables of single figures


def _figures(layout: TableLayout, records: Records, year: Period, words: Mapping[str, str]) -> list[Cell]:
    cells = {each.column: _counted(layout, each, records, year, words) for each in layout.figures if each.counts}
    for each in layout.figures:
        if each.counts is None:
            cells[each.column] = _balance(layout, each, cells, words)
    return [cells[each.column] for each in layout.figures]


def _counted(
    layout: TableLayout, figure: CountedFigure, records: Records, year: Period, words: Mapping[str, str]
) -> Cell:
    row, how = layout.row or "", (figure.how or layout.how).format(**words)
    cite = figure.cite or layout.cite
    count = _of_figure(layout, figure)
    things = THINGS[count.counts](records, year)
    why = things.cannot_tell(count.fields)
    if why:
        return Cell(row, figure.column, None, NOT_SUPPLIED, how, cite, remark=f"Not supplied: {why}.")
    judged = _judged(count, things)
    counted, unknown = _many(judged, counted=True), _many(judged, counted=False)
    remark = _remark(judged)
    if figure.per is None:
        return Cell(row, figure.column, counted, COUNTED, how, cite, unknown=unknown, remark=remark)
    people, of_whom = population(records, year)
    if people is None:
        return Cell(
            row,
            figure.column,
            None,
            NOT_SUPPLIED,
            how,
            cite,
            numerator=counted,
            remark=f"Not supplied: {of_whom}.",
        )
    rate = int((Decimal(counted) * figure.per / Decimal(people)).quantize(Decimal(1), ROUND_HALF_UP))
    said = f"{counted:,} of {people:,} people aged 10 and over ({of_whom})."
    return Cell(
        row,
        figure.column,
        rate,
        COUNTED,
        how,
        cite,
        unknown=unknown,
        numerator=counted,
        denominator=people,
        remark=f"{said} {remark}" if remark else said,
    )


def _balance(layout: TableLayout, figure: CountedFigure, cells: Mapping[str, Cell], words: Mapping[str, str]) -> Cell:
    how, cite = (figure.how or layout.how).format(**words), figure.cite or layout.cite
    parts = [(cells[name], 1) for name in figure.plus] + [(cells[name], -1) for name in figure.minus]
    value, remark = added(parts)
    if value is None:
        return Cell(layout.row or "", figure.column, None, NOT_SUPPLIED, how, cite, remark=remark)
    unknown = sum(cell.unknown for cell, _ in parts)
    hangs = "It hangs on what is not recorded for the figures that it is made of." if unknown else None
    return Cell(layout.row or "", figure.column, max(value, 0), COUNTED, how, cite, unknown=unknown, remark=hangs)


def added(parts: Iterable[tuple[Cell, int]]) -> tuple[int | None, str | None]:
    """The sum of cells with their signs; where one is not supplied there is none, and its remark says why."""
    total = 0
    for cell, sign in parts:
        if cell.state == NOT_SUPPLIED:
            return None, cell.remark
        total += sign * (cell.value or 0)
    return total, None


# The population behind a rate


def population(records: Records, year: Period) -> tuple[int | None, str]:
    """Residents aged ten and over, and of which year they are; or None, and why (`kpis.population`)."""
    why = records.lacks("population", "area", "year", "aged_10_and_over")
    if why:
        return None, why
    return residents(records.area.tables.lazy("population").collect(), records.area.name, year)
