"""The annual tables of one reporting year: one row per published cell, and what lies beneath each (domain 4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date

import polars as pl

from checks.annual_layout import AnnualLayout, Line, TableLayout, annual_layouts
from checks.errors import UsageError
from checks.standard import Standard
from kpis.annual.cells import BENEATH, COUNTED, NOT_SUPPLIED, Cell, added, beneath, fill, sentence_words
from kpis.annual.records import Records
from kpis.annual.things import order_label
from kpis.area import Area
from kpis.periods import Period, parse_period, year_of
from kpis.periods import year as year_from

ANNUAL: dict[str, type[pl.DataType]] = {
    "reporting_year": pl.String,
    "table": pl.String,
    "row": pl.String,
    "column": pl.String,
    "value": pl.Int64,
    "unknown": pl.Int64,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "state": pl.String,
    "how": pl.String,
    "remark": pl.String,
    "cite": pl.String,
    "title": pl.String,
    "row_title": pl.String,
    "column_title": pl.String,
}
"""One row per cell, in printed order.

`table`, `row`, `column` as published figures name them (`checks.published_figures`), sums are called `total` · `value` null where
`state` is not `counted`: `not supplied`, the records cannot tell, or `does not apply`, nothing can stand there · `unknown` how many
more may belong there, a field of theirs not being recorded · `numerator`, `denominator` of a rate · `how` it is counted, in one
sentence · `remark` why it is not supplied, or what is unknown, or what a rate is made of · `cite` where the guidance has it ·
`title`, `row_title`, `column_title` as the standard calls them.
"""


def layout_of(standard: Standard) -> AnnualLayout:
    """The layout that a standard belongs to."""
    return annual_layouts()[standard.value("annual_layout")]


def reporting_year(text: str, standard: Standard, as_at: date) -> Period:
    """The reporting year of this name; raises UsageError for a quarter, or one that has not begun."""
    period = parse_period(text, standard)
    if period.kind != "year":
        raise UsageError(
            f"“{text}” is a quarter: annual tables are of a whole year, such as {period.name.split('-Q')[0]}."
        )
    if period.start > as_at:
        raise UsageError(
            f"The reporting year {period.name} begins on {period.start}, after the as-at date {as_at}. "
            "Give an earlier year, or another as-at date."
        )
    return period


def last_complete_year(standard: Standard, as_at: date) -> Period:
    """The latest reporting year that has ended by the as-at date."""
    current = year_of(standard, as_at)
    return current if current.end <= as_at else year_from(standard, current.start.year - 1)


def annual_tables(area: Area, year: Period, records: Records | None = None) -> pl.DataFrame:
    """Every cell of the annual tables of a reporting year (columns: `ANNUAL`).

    `records`: those of the area, given where several years are asked for, so that what they share is worked out once.
    """
    records = records or Records(area)
    layout = layout_of(area.standard)
    filled = _counting(layout, records, year)
    records.cells[year.name] = _by_place(filled)
    before = year_from(area.standard, year.start.year - 1)
    words = sentence_words(records, year)
    rows: list[tuple[object, ...]] = []
    for each in layout.tables:
        if each.lines:
            if before.name not in records.cells:
                records.cells[before.name] = _by_place(_counting(layout, records, before))
            cells = _lines(each, records.cells[year.name], records.cells[before.name], year, before, words)
        else:
            cells = filled[each.name]
        names = _titles(each, area.standard)
        title = each.title.format(**words)
        rows += [_as_row(year, each, title, cell, names) for cell in cells]
    return pl.DataFrame(rows, schema=ANNUAL, orient="row")


def annual_beneath(area: Area, year: Period, records: Records | None = None) -> pl.DataFrame:
    """What lies beneath the cells of a year (columns: `BENEATH`), without that of the year before."""
    records = records or Records(area)
    layout = layout_of(area.standard)
    parts = [beneath(each, records, year) for each in layout.tables if not each.lines]
    return pl.concat([pl.DataFrame(schema=BENEATH), *parts])


def _counting(layout: AnnualLayout, records: Records, year: Period) -> dict[str, list[Cell]]:
    """Table → its cells, of all tables that count."""
    return {each.name: fill(each, records, year) for each in layout.tables if not each.lines}


def _by_place(filled: Mapping[str, list[Cell]]) -> dict[tuple[str, str, str], Cell]:
    return {(name, cell.row, cell.column): cell for name, cells in filled.items() for cell in cells}


def _lines(
    layout: TableLayout,
    now: Mapping[tuple[str, str, str], Cell],
    then: Mapping[tuple[str, str, str], Cell],
    year: Period,
    before: Period,
    words: Mapping[str, str],
) -> list[Cell]:
    """The cells of a table that sets the year beside the year before; a line that neither has is left out."""
    return [
        _line(layout, each, period, held, words)
        for each in layout.lines
        if any(place in held for place in each.cells for held in (now, then))
        for period, held in ((year, now), (before, then))
    ]


def _line(
    layout: TableLayout,
    line: Line,
    period: Period,
    held: Mapping[tuple[str, str, str], Cell],
    words: Mapping[str, str],
) -> Cell:
    parts = [(held[place], 1) for place in line.cells if place in held]
    value, remark = added(parts)
    unknown = sum(cell.unknown for cell, _ in parts)
    state = NOT_SUPPLIED if value is None else COUNTED
    return Cell(
        line.row,
        period.name,
        value,
        state,
        layout.how.format(**words),
        layout.cite,
        unknown=unknown,
        remark=remark or next((cell.remark for cell, _ in parts if cell.unknown), None),
    )


def _titles(layout: TableLayout, standard: Standard) -> dict[str, str]:
    """Label → what the standard calls it, for the labels of a table's axes."""
    names: dict[str, str] = {}
    for axis in (layout.rows, layout.columns):
        if axis is not None and axis.labels == "categories":
            for code, title in (standard.value("category_titles") or {}).items():
                names |= {f"category {code}": f"Category {code}: {title}"} if code.isdecimal() else {code: title}
        if axis is not None and axis.labels == "orders":
            names |= {order_label(kind): title for kind, title in (standard.value("restrictive_orders") or {}).items()}
    return names


def _as_row(year: Period, layout: TableLayout, title: str, cell: Cell, names: Mapping[str, str]) -> tuple[object, ...]:
    said = {each.name: getattr(cell, each.name) for each in fields(cell)}
    said |= {
        "reporting_year": year.name,
        "table": layout.name,
        "title": title,
        "row_title": names.get(cell.row) or _capital(cell.row),
        "column_title": names.get(cell.column) or _capital(cell.column),
    }
    return tuple(said[name] for name in ANNUAL)


def _capital(label: str) -> str:
    """A label as a heading; short codes in capitals as the field writes them."""
    return label.upper() if label == "pdp" else label[:1].upper() + label[1:].replace(" pdp", " PDP")
