"""How a layout becomes cells: the things counted, placed in rows and columns, and the sums of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from checks.annual_layout import Axis, CountedFigure, TableLayout, Where
from checks.published_figures import TOTAL
from checks.standard import Standard
from kpis.annual.records import Records, category_label
from kpis.annual.things import RECORDED_AS, THINGS, last_day, order_label
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


@dataclass(frozen=True)
class Filled:
    """A table's cells in printed order, and the things beneath them (columns: `BENEATH`, without `table`)."""

    cells: list[Cell]
    beneath: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_UNPLACED))


_UNPLACED = {name: kind for name, kind in BENEATH.items() if name != "table"}


def fill(layout: TableLayout, records: Records, year: Period) -> Filled:
    """The cells of one table that counts; one made of lines is made from the others (`kpis.annual.tables`)."""
    words = sentence_words(records, year)
    if layout.figures:
        return _figures(layout, records, year, words)
    return _crossed(layout, records, year, words)


def sentence_words(records: Records, year: Period) -> dict[str, str]:
    """What sentences and titles of a layout may name in braces."""
    days = {"start": year.start, "day": last_day(records, year), "day_before": year.start - timedelta(days=1)}
    return {"year": year.name, **{name: f"{day.day} {day:%B %Y}" for name, day in days.items()}}


# Things, told apart


def _judged(rows: pl.DataFrame, where: Where) -> pl.LazyFrame:
    """The things that have one of the values asked for, or may have (`counted` false, `missing` names the fields)."""
    excluded = pl.any_horizontal(
        pl.lit(value=False),
        *(pl.col(name).is_not_null() & ~pl.col(name).is_in(values) for name, values in where.items()),
    )
    missing = [pl.when(pl.col(name).is_null()).then(pl.lit(RECORDED_AS.get(name, name))) for name in where]
    return (
        rows.lazy()
        .filter(~excluded)
        .with_columns(
            counted=pl.all_horizontal(pl.lit(value=True), *(pl.col(name).is_not_null() for name in where)),
            missing=pl.concat_str(missing, separator=", ", ignore_nulls=True).replace("", None)
            if missing
            else pl.lit(None, dtype=pl.String),
        )
    )


def _placed(judged: pl.LazyFrame, row: pl.Expr, column: pl.Expr) -> pl.DataFrame:
    return judged.select(
        pl.col(name).cast(kind) if name not in ("row", "column") else {"row": row, "column": column}[name].alias(name)
        for name, kind in _UNPLACED.items()
    ).collect(engine="in-memory")


def _remark(unknown: pl.DataFrame) -> str | None:
    """What may belong to a cell besides what is counted, in words."""
    if unknown.is_empty():
        return None
    fields = sorted({name for said in unknown["missing"].drop_nulls() for name in said.split(", ")})
    more = f"{unknown.height:,} more may belong here" if unknown.height > 1 else "One more may belong here"
    return f"{more}: {' or '.join(fields)} is not recorded."


# Tables of two axes


def _crossed(layout: TableLayout, records: Records, year: Period, words: Mapping[str, str]) -> Filled:
    rows, columns = layout.rows, layout.columns
    if layout.counts is None or rows is None or columns is None:
        raise ValueError(f"{layout.name} has no two axes")
    standard, how = records.area.standard, layout.how.format(**words)
    things = THINGS[layout.counts](records, year)
    fields = {*layout.where, *(each.by for each in (rows, columns) if each.by)}
    why = things.cannot_tell(fields)
    if why or things.rows is None:
        remark = f"Not supplied: {why}."
        down, across = (_with_total(each, _declared(each, standard)) for each in (rows, columns))
        return Filled(
            [
                Cell(row, column, None, NOT_SUPPLIED, how, layout.cite, remark=remark)
                for row in down
                for column in across
            ]
        )
    judged = _judged(things.rows, layout.where)
    beneath = _placed(judged, _along(rows), _along(columns))
    counted = beneath.filter("counted")
    down = _with_total(rows, _labels(rows, standard, counted["row"]))
    across = _with_total(columns, _labels(columns, standard, counted["column"]))
    held = {
        (row, column, sure): n
        for row, column, sure, n in beneath.group_by("row", "column", "counted").len().iter_rows()
    }
    unsure = beneath.filter(~pl.col("counted"))
    cells = []
    for row in down:
        for column in across:
            value = _sum(held, row, column, rows, columns, sure=True)
            unknown = _sum(held, row, column, rows, columns, sure=False)
            state = COUNTED
            if not value and not unknown and _cannot_be(layout, standard, row, column):
                state = DOES_NOT_APPLY
            here = unsure.filter(_in(row, "row", rows) & _in(column, "column", columns)) if unknown else unsure.clear()
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
    return Filled(cells, beneath)


def _along(axis: Axis) -> pl.Expr:
    return pl.lit(axis.one) if axis.by is None else pl.col(axis.by).fill_null(NOT_RECORDED)


def _declared(axis: Axis, standard: Standard) -> list[str]:
    """The labels that always stand along an axis."""
    if axis.one is not None:
        return [axis.one]
    if axis.labels == "categories":
        frame = pl.DataFrame({"category": list(standard.categories)}, schema={"category": pl.String})
        return frame.select(category=category_label(pl.col("category")))["category"].to_list()
    if axis.labels == "orders":
        return [order_label(kind) for kind in standard.value("restrictive_orders") or {}]
    return [] if isinstance(axis.labels, str) else list(axis.labels)


def _labels(axis: Axis, standard: Standard, found: pl.Series) -> list[str]:
    """The labels along an axis: those declared, then others of the records, the most frequent first, “not recorded” last."""
    declared = _declared(axis, standard)
    counts = found.value_counts().filter(~pl.col(found.name).is_in(declared))
    in_order = counts.sort("count", found.name, descending=[True, False])[found.name].to_list()
    return [*declared, *sorted(in_order, key=lambda label: label == NOT_RECORDED)]


def _is_total(label: str, axis: Axis) -> bool:
    return axis.by is not None and axis.total and label == TOTAL


def _with_total(axis: Axis, labels: Sequence[str]) -> list[str]:
    return [*labels, TOTAL] if axis.by is not None and axis.total else list(labels)


def _in(label: str, name: str, axis: Axis) -> pl.Expr:
    return pl.lit(value=True) if _is_total(label, axis) else pl.col(name) == label


def _sum(
    held: Mapping[tuple[str, str, bool], int], row: str, column: str, rows: Axis, columns: Axis, *, sure: bool
) -> int:
    return sum(
        n
        for (its_row, its_column, counted), n in held.items()
        if counted == sure
        and (its_row == row or _is_total(row, rows))
        and (its_column == column or _is_total(column, columns))
    )


def _cannot_be(layout: TableLayout, standard: Standard, row: str, column: str) -> bool:
    """Whether nothing can stand in a cell: the table or the standard leaves it out."""
    placed = {axis.by: label for axis, label in ((layout.rows, row), (layout.columns, column)) if axis and axis.by}
    if any(label != TOTAL and label not in layout.where.get(by, [label]) for by, label in placed.items()):
        return True
    lowest = standard.value("lowest_level_category_3")
    at, of = placed.get("level", TOTAL), placed.get("category")
    return lowest is not None and of == "category 3" and at != TOTAL and at < f"level {lowest}"


# Tables of single figures


def _figures(layout: TableLayout, records: Records, year: Period, words: Mapping[str, str]) -> Filled:
    cells: dict[str, Cell] = {}
    beneath: list[pl.DataFrame] = []
    for each in layout.figures:
        if each.counts is not None:
            cell, rows = _counted(layout, each, records, year, words)
            cells[each.column] = cell
            beneath.append(rows)
    for each in layout.figures:
        if each.counts is None:
            cells[each.column] = _balance(layout, each, cells, words)
    return Filled([cells[each.column] for each in layout.figures], pl.concat(beneath))


def _counted(
    layout: TableLayout, figure: CountedFigure, records: Records, year: Period, words: Mapping[str, str]
) -> tuple[Cell, pl.DataFrame]:
    row, how = layout.row or "", (figure.how or layout.how).format(**words)
    cite = figure.cite or layout.cite
    things = THINGS[figure.counts or ""](records, year)
    why = things.cannot_tell(figure.where)
    if why or things.rows is None:
        cell = Cell(row, figure.column, None, NOT_SUPPLIED, how, cite, remark=f"Not supplied: {why}.")
        return cell, pl.DataFrame(schema=_UNPLACED)
    beneath = _placed(_judged(things.rows, figure.where), pl.lit(row), pl.lit(figure.column))
    unsure = beneath.filter(~pl.col("counted"))
    counted = beneath.height - unsure.height
    remark = _remark(unsure)
    if figure.per is None:
        return Cell(row, figure.column, counted, COUNTED, how, cite, unknown=unsure.height, remark=remark), beneath
    people, of_whom = population(records, year)
    if people is None:
        cell = Cell(
            row,
            figure.column,
            None,
            NOT_SUPPLIED,
            how,
            cite,
            numerator=counted,
            remark=f"Not supplied: {of_whom}.",
        )
        return cell, beneath
    rate = int((Decimal(counted) * figure.per / Decimal(people)).quantize(Decimal(1), ROUND_HALF_UP))
    said = f"{counted:,} of {people:,} people aged 10 and over ({of_whom})."
    cell = Cell(
        row,
        figure.column,
        rate,
        COUNTED,
        how,
        cite,
        unknown=unsure.height,
        numerator=counted,
        denominator=people,
        remark=f"{said} {remark}" if remark else said,
    )
    return cell, beneath


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
