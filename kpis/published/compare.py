"""Published figures beside one's own: shares with their counts, and what makes each pair not comparable.

Nothing is averaged: each share is one count over another of one report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from checks.published_figures import TOTAL, is_of_which, is_total
from kpis.published.comparisons import Comparison, Comparisons, RateDeclared
from kpis.published.identities import Cell
from kpis.published.tables import place_name

FEW = 50
"""Below so many, one case more moves a share by two percentage points and over."""

PER = 100_000

Cells = Mapping[tuple[str, str, str], int]


@dataclass(frozen=True)
class Report:
    """One side of a comparison.

    `name` as people call it · `period` the reporting year, or the period, of what is counted over time · `at_end_of` that of
    what is counted on a day: the reporting year that the day ends, or the day · `figures` of this report alone · `facts`
    fact → value, `cites` fact → where it is said · `edition` the guidance in force · `breaches` cells that stand in a finding →
    its sentences.
    """

    name: str
    period: str
    figures: pl.DataFrame
    facts: Mapping[str, str]
    edition: str
    at_end_of: str
    cites: Mapping[str, str] = field(default_factory=dict)
    breaches: Mapping[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)

    def cells(self) -> dict[tuple[str, str, str], int]:
        """Table, row, column (small letters) → figure."""
        rows = self.figures.select("table", "row", "column", "value").iter_rows()
        return {(t.casefold(), r.casefold(), c.casefold()): value for t, r, c, value in rows}


@dataclass(frozen=True)
class Figure:
    """A share or a rate: `n` of `of`; either is None where it is not printed. `rate` is set where it is printed itself."""

    n: int | None
    of: int | None
    rate: float | None = None

    @property
    def share(self) -> float | None:
        """n / of."""
        return None if self.n is None or not self.of else self.n / self.of


@dataclass(frozen=True)
class Pair:
    """One row: its label, both figures, and what makes this row less comparable beyond what holds for all rows."""

    label: str
    own: Figure
    other: Figure
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """A comparison of two reports: its rows, and what makes all of them not comparable."""

    pairs: tuple[Pair, ...]
    remarks: tuple[str, ...]


def report_of(
    figures: pl.DataFrame, area: str, year: str, declared: Comparisons, findings: pl.DataFrame | None = None
) -> Report:
    """A published report of the figures (`FIGURES`), with what is declared of its source; `findings` as checked."""
    mine = figures.filter((pl.col("area") == area) & (pl.col("reporting_year") == year))
    sources = [each for each in mine["source"].unique(maintain_order=True) if each in declared.sources]
    source = declared.sources[sources[0]] if len(sources) == 1 else None
    breaches: dict[tuple[str, str, str], tuple[str, ...]] = {}
    if findings is not None:
        for found in findings.filter((pl.col("area") == area) & (pl.col("reporting_year") == year)).to_dicts():
            for row in found["rows"]:
                for column in found["columns"]:
                    cell = (found["table"].casefold(), row.casefold(), column.casefold())
                    breaches[cell] = (*breaches.get(cell, ()), found["message"])
    return Report(
        name=f"{place_name(area)} {year}",
        period=year,
        figures=mine,
        facts={} if source is None else {name: known.value for name, known in source.facts.items()},
        edition="" if source is None else source.edition,
        at_end_of=year,
        cites={} if source is None else {name: known.cite for name, known in source.facts.items()},
        breaches=breaches,
    )


def compare(comparison: Comparison, own: Report, other: Report, declared: Comparisons) -> Compared | None:
    """The rows of a comparison; None where either side does not have the table."""
    labels = _labels(comparison, own, other)
    mine, theirs = own.cells(), other.cells()
    pairs = []
    for label in labels:
        figures = [_share(comparison, cells, label) for cells in (mine, theirs)]
        if all(each.n is None for each in figures):
            continue
        remarks = _facts(comparison.id, label, own, other, declared)
        remarks += _breaches(comparison, label, other)
        if comparison.denominator == "each":
            remarks += _few(figures, comparison.counted, (own, other))
        pairs.append(Pair(label, figures[0], figures[1], tuple(remarks)))
    if not any(pair.own.n is not None for pair in pairs) or not any(pair.other.n is not None for pair in pairs):
        return None
    pairs, common = _taken_out(pairs)
    general = _general(comparison, own, other, declared) + common
    if comparison.denominator == "all":
        wholes = [
            next((figure for figure in side if figure.of), Figure(None, None))
            for side in ([pair.own for pair in pairs], [pair.other for pair in pairs])
        ]
        general += _few(wholes, comparison.counted, (own, other))
    return Compared(tuple(pairs), tuple(general))


def shared_remarks(compared: Sequence[Compared]) -> tuple[str, ...]:
    """What makes every one of several comparisons less comparable, in its order; nothing where there is only one."""
    if len(compared) < 2:
        return ()
    return tuple(each for each in compared[0].remarks if all(each in one.remarks for one in compared))


def _taken_out(pairs: list[Pair]) -> tuple[list[Pair], list[str]]:
    """The pairs without the remarks that all of them share, and those."""
    common = (
        [each for each in pairs[0].remarks if all(each in pair.remarks for pair in pairs)] if len(pairs) > 1 else []
    )
    return [replace(pair, remarks=tuple(each for each in pair.remarks if each not in common)) for pair in pairs], common


def compare_rates(declared_rate: RateDeclared, own: Report, other: Report, declared: Comparisons) -> Compared | None:
    """The rate per 100,000 of both; None where neither a rate nor a count and a population stand on each side."""
    figures = [_rate(declared_rate, side.cells()) for side in (own, other)]
    if any(each.rate is None for each in figures):
        return None
    remarks = _general(declared_rate, own, other, declared)
    for side, figure in zip((own, other), figures, strict=True):
        if figure.of is None and figure.n is not None and figure.rate:
            remarks.append(
                f"Population: {side.name} prints the rate and not the population; {figure.n:,} at that rate is a "
                f"population of about {_rough(figure.n / figure.rate * PER):,}."
            )
    return Compared((Pair("per 100,000", figures[0], figures[1], ()),), tuple(remarks))


def _rough(number: float) -> int:
    """To three figures: a printed rate is a whole number and tells no more."""
    return int(float(f"{number:.3g}"))


def _key(table: str, row: str, column: str) -> tuple[str, str, str]:
    return table.casefold(), row.casefold(), column.casefold()


def _rate(declared: RateDeclared, cells: Cells) -> Figure:
    def at(cell: Cell) -> int | None:
        return cells.get(_key(cell.table, cell.row, cell.column))

    count, population, printed = at(declared.count), at(declared.population), at(declared.printed)
    if printed is not None:
        return Figure(count, population, float(printed))
    if count is None or not population:
        return Figure(count, population)
    return Figure(count, population, count / population * PER)


def _labels(comparison: Comparison, *sides: Report) -> list[str]:
    """The labels that either report prints, in the order in which the longer of the two has them."""
    printed = []
    for side in sides:
        table = side.figures.filter(pl.col("table").str.to_lowercase() == comparison.table.casefold())
        labels = table["row" if comparison.axis == "rows" else "column"].unique(maintain_order=True).to_list()
        printed.append([each for each in labels if not is_total(each) and not is_of_which(each)])
    both: dict[str, str] = {}
    for label in [each for labels in sorted(printed, key=len, reverse=True) for each in labels]:
        both.setdefault(label.casefold(), label)
    return list(both.values())


def _share(comparison: Comparison, cells: Cells, label: str) -> Figure:
    def at(line: str, along: str) -> int | None:
        row, column = (along, line) if comparison.axis == "rows" else (line, along)
        return cells.get(_key(comparison.table, row, column))

    parts = [at(line, label) for line in comparison.numerator]
    known = [each for each in parts if each is not None]
    n = sum(known) if len(known) == len(parts) else None
    if comparison.denominator == "each":
        return Figure(n, at(TOTAL, label))
    wholes = [at(line, TOTAL) for line in comparison.numerator]
    return Figure(n, None if None in wholes else sum(each for each in wholes if each is not None))


def _general(comparison: Comparison | RateDeclared, own: Report, other: Report, declared: Comparisons) -> list[str]:
    """What makes every row less comparable."""
    remarks = []
    mine, theirs, when = (
        (own.at_end_of, other.at_end_of, "at the end of")
        if comparison.at == "day"
        else (own.period, other.period, "over")
    )
    if mine != theirs:
        remarks.append(f"Time: {own.name} is {when} {mine}, {other.name} {when} {theirs}.")
    if own.edition and other.edition and own.edition != other.edition:
        remarks.append(f"Guidance: {own.name} is under {own.edition}; {other.name} under {other.edition}.")
    if not other.facts:
        remarks.append(f"How {other.name} counts is not known here: read its notes before you compare.")
    return remarks + _facts(comparison.id, None, own, other, declared)


def _facts(of: str, label: str | None, own: Report, other: Report, declared: Comparisons) -> list[str]:
    """Facts in which the two differ: those of a row, or, without a label, those of all rows."""
    remarks = []
    for name, fact in declared.facts.items():
        mine, theirs = own.facts.get(name), other.facts.get(name)
        here = label is None if not fact.rows else label is not None and label.casefold() in fact.rows
        if of in fact.bears_on and here and mine is not None and theirs is not None and mine != theirs:
            cite = f" ({other.cites[name]})" if name in other.cites else ""
            remarks.append(
                f"{fact.about}: in {own.name} {fact.values[mine]}; in {other.name} {fact.values[theirs]}{cite}."
            )
    return remarks


def _breaches(comparison: Comparison, label: str, other: Report) -> list[str]:
    """Findings on the figures that a row rests on."""
    said: dict[str, None] = {}
    for line in comparison.numerator:
        totals = (line, TOTAL) if comparison.denominator == "all" else (TOTAL, label)
        for one, two in ((line, label), totals):
            row, column = (two, one) if comparison.axis == "rows" else (one, two)
            said |= dict.fromkeys(other.breaches.get(_key(comparison.table, row, column), ()))
    return [f"The printed figures do not add up: {each}" for each in said]


def _few(figures: Sequence[Figure], counted: str, sides: Sequence[Report]) -> list[str]:
    return [
        f"Few {counted}: {side.name} has {figure.of:,}, so one more or less moves a share by "
        f"{100 / figure.of:.1f} percentage points."
        for side, figure in zip(sides, figures, strict=True)
        if figure.of and figure.of < FEW
    ]
