"""Small counts hidden: results and counts in which no number of people below five can be read or worked out.

What is hidden: counts from 1 to 4; the shares, bounds and intervals that would tell them; and further counts and verdicts, as few
as will do, so that no hidden count follows from the totals and the rest that is shown. Nought is shown: there is nobody it could
point to. The counts that a reader gets by subtracting, such as what was owed and not met, are counts as well and are kept alike.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import polars as pl

from kpis.hidden_cells import HEAD, SMALL, Cell, Tables
from kpis.results import HEADLINE, NAMELESS, NOT_RECORDED, RESULTS, UNIT, WHOLES

HIDDEN = "c"
"""What stands for a hidden figure."""

SUPPRESSED = "suppressed"
"""The column that tells which of a row's figures are hidden: a list of the names of their columns."""

TOTAL = "total"
"""The name of a row or column of sums."""

_CROSSED = ("caseload",)
"""Measures whose units are cells of their other breakdowns: what is hidden in one could be summed up from the others."""

_COUNTS = ("met", "missed", "unknown")
_TOTAL = len(_COUNTS)
_SHARES = ("rate", "worst", "best", "low", "high")
_ROW = "_row"
Row = dict[str, Any]


# Results


def suppressed_results(
    results: pl.DataFrame, *, each: Collection[str], of_no_case: Collection[str] = (), below: int = SMALL
) -> pl.DataFrame:
    """Results with small counts hidden: the same rows in the same order, hidden figures null and named in `suppressed`.

    `results` columns as `kpis.results.RESULTS`, of any measures and periods. Give at once all that will be shown of a measure
    (its headline with each of its breakdowns, in quarters and in years), then filter: what is kept together cannot tell on itself.
    `each` the ids of the measures whose target is for each unit (`Measure.each`) · `of_no_case` the ids of those in whose counts
    nobody under management is counted (not `Measure.of_cases`): shown as they are · `below` counts from 1 to one less are hidden.
    """
    rows = results.select(*RESULTS).with_row_index(_ROW).to_dicts()
    by_measure: dict[str, list[Row]] = {}
    for row in rows:
        by_measure.setdefault(row["measure"], []).append(row)
    hidden: dict[int, set[str]] = {row[_ROW]: set() for row in rows}
    for measure, of_it in by_measure.items():
        if measure in of_no_case:
            continue
        _hide(of_it, hidden, each=measure in each, below=below)
    names = [_named(row, hidden[row[_ROW]]) for row in rows]
    told = [
        {name: None if name in out else row[name] for name in RESULTS} for row, out in zip(rows, names, strict=True)
    ]
    frame = pl.DataFrame(told, schema=RESULTS)
    return frame.with_columns(pl.Series(SUPPRESSED, names, dtype=pl.List(pl.String)))


def _named(row: Row, hidden: set[str]) -> list[str]:
    """The columns of a row to hide, given which of its counts and whether its verdict are."""
    if not hidden:
        return []
    out = hidden & {"met", "unknown", "owed", "verdict"}
    if out & {"met", "owed"}:
        out |= set(_SHARES)
    if "unknown" in out:
        out.add("best")
    return [name for name in RESULTS if name in out and row[name] is not None]


def _hide(rows: list[Row], hidden: dict[int, set[str]], *, each: bool, below: int) -> None:
    """Decide what is hidden in the rows of one measure. A year is the sum of its quarters, so they are kept together."""
    periods: dict[str, list[Row]] = {}
    for row in rows:
        periods.setdefault(row["period"], []).append(row)
    told = {name: _Told(of_it, each=each) for name, of_it in periods.items()}
    for one in told.values():
        one.protect(hidden, below)
    years = [one for one in told.values() if one.kind == "year"]
    while sum(_with_quarters(year, told.values(), hidden) for year in years):
        for one in told.values():
            one.protect(hidden, below)
    for one in told.values():
        one.hide_verdicts(hidden)
    for year in years:
        for row in year.rows:
            if hidden[row[_ROW]]:
                hidden[row[_ROW]].add("verdict")


def _with_quarters(year: _Told, periods: Collection[_Told], hidden: dict[int, set[str]]) -> bool:
    """Hide a count of a year where one of its quarters' is hidden, and the other way round; whether there was need to."""
    changed = False
    quarters = [one for one in periods if one.kind == "quarter" and year.start <= one.start <= year.end]
    alike: dict[tuple[Any, Any], list[Row]] = {}
    for one in quarters:
        for other in one.rows:
            alike.setdefault(_key(other), []).append(other)
    for row in year.rows:
        same = alike.get(_key(row), [])
        for count in (*_COUNTS, "owed"):
            beside = [other for other in same if _count(other, count)]
            out = [other for other in beside if count in hidden[other[_ROW]]]
            if out and count not in hidden[row[_ROW]]:
                hidden[row[_ROW]].add(count)
                changed = True
            if beside and not out and count in hidden[row[_ROW]]:
                hidden[min(beside, key=lambda it: (_count(it, count), it[_ROW]))[_ROW]].add(count)
                changed = True
    return changed


def _key(row: Row) -> tuple[Any, Any]:
    return row["by"], row["unit"]


def _count(row: Row, name: str) -> int:
    """A count of a row; nought where there is none."""
    if name != "missed":
        return row[name] or 0
    return 0 if row["met"] is None else row["owed"] - row["met"] - row["unknown"]


class _Told:
    """What is told of one measure in one period: the headline, its breakdowns, and what is counted beside it."""

    def __init__(self, rows: list[Row], *, each: bool) -> None:
        self.rows, self.each = rows, each
        self.kind, self.start, self.end = (rows[0][name] for name in ("period_kind", "period_start", "period_end"))
        counted = [row for row in rows if row["owed"] is not None]
        self.headline = next((row for row in counted if row["by"] == HEADLINE), None)
        self.reviews = [row for row in counted if row["by"] == UNIT and row["unit"] in WHOLES]
        self.only_counted = [row for row in counted if row["met"] is None]
        others = [row for row in counted if row["met"] is not None and row["by"] != HEADLINE]
        self.breakdowns: dict[str, list[Row]] = {}
        for row in others:
            if row not in self.reviews:
                self.breakdowns.setdefault(row["by"], []).append(row)

    def protect(self, hidden: dict[int, set[str]], below: int) -> None:
        """Hide counts until none that is hidden can be worked out."""
        before = None
        while before != (before := {row[_ROW]: frozenset(hidden[row[_ROW]]) for row in self.rows}):
            for tables, places in self._kept_safe:
                _protect(tables, places, hidden, below)
            self._side_by_side(hidden)

    @cached_property
    def _kept_safe(self) -> list[tuple[Tables, dict[Cell, tuple[Row, str]]]]:
        """The tables, the same ones every time they are gone through again: what is safe in them need not be tried anew."""
        return list(self.tables())

    def tables(self) -> Iterator[tuple[Tables, dict[Cell, tuple[Row, str]]]]:
        """The tables of counts that belong together, and which count of which row stands in which cell."""
        together = [rows for by, rows in self.breakdowns.items() if by != UNIT or not self.reviews]
        if self.headline is not None:
            yield from _broken_down(self.headline, together)
        for rows in [] if self.headline is not None else together:
            yield from map(_alone, rows)
        for whole in self.reviews:
            # What a case owes several of, all together, and each kind of it apart.
            yield from _broken_down(whole, [self.breakdowns[UNIT]] if UNIT in self.breakdowns else [])
        if self.only_counted:
            yield self._counted_alone()

    def _counted_alone(self) -> tuple[Tables, dict[Cell, tuple[Row, str]]]:
        """The units that are counts only, which sum to what was owed."""
        counts = [[_count(row, "owed")] for row in self.only_counted]
        whole = sum(count for (count,) in counts)
        places = {(0, at, column): (row, "owed") for at, row in enumerate(self.only_counted) for column in (0, 1)}
        if self.headline is not None and _count(self.headline, "owed") >= whole:
            rest = _count(self.headline, "owed") - whole
            counts, whole = [*counts, *([[rest]] if rest else [])], whole + rest
            places |= {(0, HEAD, column): (self.headline, "owed") for column in (0, 1)}
        return Tables([whole], [counts]), places

    def _side_by_side(self, hidden: dict[int, set[str]]) -> None:
        """What is hidden in one row and could be read in another that tells nearly the same."""
        if self.headline is None:
            return
        here = hidden[self.headline[_ROW]]
        for row in self.reviews:  # of few cases each review is a case
            hidden[row[_ROW]] |= {name for name in here if _count(row, name)}
        for row in self.only_counted:
            if row["unit"] == NOT_RECORDED and _count(row, "owed"):
                # So many are not recorded as the headline has not met or unknown.
                if "owed" in hidden[row[_ROW]]:
                    here |= {name for name in _COUNTS if _count(self.headline, name)}
                elif here & set(_COUNTS):
                    hidden[row[_ROW]].add("owed")
        if self.headline["measure"] in _CROSSED:
            self._crossed(hidden)

    def _crossed(self, hidden: dict[int, set[str]]) -> None:
        """Hide the breakdowns, and the parts of the headline, once a unit is hidden; and the units once the headline is."""
        headline = [row for row in self.rows if row is self.headline]
        others = [row for rows in self.breakdowns.values() for row in rows]
        if any(hidden[row[_ROW]] for row in self.only_counted):
            for row, names in [*((row, _COUNTS) for row in headline), *((row, (*_COUNTS, "owed")) for row in others)]:
                hidden[row[_ROW]] |= {name for name in names if _count(row, name)}
        elif any(hidden[row[_ROW]] for row in headline):
            for row in self.only_counted:
                hidden[row[_ROW]] |= {"owed"} if _count(row, "owed") else set()

    # Verdicts

    def hide_verdicts(self, hidden: dict[int, set[str]]) -> None:
        """Hide the verdicts from which a hidden count would follow, and those of figures that are wholly hidden."""
        for row in self.rows:
            if "owed" in hidden[row[_ROW]]:
                hidden[row[_ROW]].add("verdict")
        for tables, places in self.tables():
            _hidden_as(tables, places, hidden)
            telling = {}
            for cell, (row, _) in places.items():
                shown = "verdict" not in hidden[row[_ROW]] and hidden[row[_ROW]] and row["met"] is not None
                if cell[2] == _TOTAL and shown and not (self.each and row is self.headline):
                    told = _told_by_verdict(row, cell, each=self.each)
                    if told is not None:
                        telling[cell] = told
            while telling:
                tables.least = {cell: least for told in telling.values() for cell, least in told[0].items()}
                tables.most = {cell: most for told in telling.values() for cell, most in told[1].items()}
                known = {cell[:2] for cell in tables.unsafe()}
                if not known:
                    break
                for cell in [each for each in telling if each[:2] in known] or list(telling):
                    hidden[places[cell][0][_ROW]].add("verdict")
                    del telling[cell]
        if self.each and self.headline is not None and not self._follows(hidden):
            hidden[self.headline[_ROW]].add("verdict")

    def _follows(self, hidden: dict[int, set[str]]) -> bool:
        """Whether the verdict on each unit together can be read off those on the units that are shown.

        Where rows name nobody it follows from the counts of all units, and could tell one of them that is hidden.
        """
        units = self.breakdowns.get(UNIT, [])
        if any(row["unit"] in NAMELESS for row in units):
            return not any(hidden[row[_ROW]] for row in units)
        shown = [row["verdict"] for row in units if "verdict" not in hidden[row[_ROW]]]
        return len(shown) == len(units) or "not met" in shown


def _broken_down(
    headline: Row, breakdowns: Sequence[list[Row]]
) -> Iterator[tuple[Tables, dict[Cell, tuple[Row, str]]]]:
    """A headline with its breakdowns as one, and the rows of what turns out to be none of its parts each by itself."""
    sums = [_count(headline, name) for name in _COUNTS]
    counts: list[list[list[int]]] = []
    places = _places(headline, HEAD)
    for rows in breakdowns:
        of_rows = [[_count(row, name) for name in _COUNTS] for row in rows]
        rest = _rest(sums, of_rows)
        if rest is None:
            yield from map(_alone, rows)
            continue
        for at, row in enumerate(rows):
            places |= _places(row, at, len(counts))
        counts.append([*of_rows, *([rest] if any(rest) else [])])
    yield Tables(sums, counts), places


def _alone(row: Row) -> tuple[Tables, dict[Cell, tuple[Row, str]]]:
    return Tables([_count(row, name) for name in _COUNTS]), _places(row, HEAD)


def _rest(sums: Sequence[int], rows: Sequence[Sequence[int]]) -> list[int] | None:
    """What the headline counts and no row does; None where the rows count more, and so are no parts of it."""
    rest = [whole - sum(row[column] for row in rows) for column, whole in enumerate(sums)]
    return rest if min(rest) >= 0 else None


def _places(row: Row, at: int, table: int = 0) -> dict[Cell, tuple[Row, str]]:
    """The cells in which the counts of a row stand."""
    return {(table, at, column): (row, name) for column, name in enumerate((*_COUNTS, "owed"))}


def _hidden_as(tables: Tables, places: dict[Cell, tuple[Row, str]], hidden: dict[int, set[str]]) -> None:
    tables.hide(cell for cell, (row, name) in places.items() if name in hidden[row[_ROW]])


def _protect(tables: Tables, places: dict[Cell, tuple[Row, str]], hidden: dict[int, set[str]], below: int) -> None:
    _hidden_as(tables, places, hidden)
    tables.hide_small(below)
    tables.protect()
    for cell in tables.hidden & places.keys():
        row, name = places[cell]
        hidden[row[_ROW]].add(name)


def _told_by_verdict(row: Row, cell: Cell, *, each: bool) -> tuple[dict[Cell, int], dict[Cell, int]] | None:
    """What a verdict says of the counts of a row whose total is shown: the least and the most that cells can be."""
    if row["target"] is None or row["verdict"] not in {"met", "not met", "depends on missing records"}:
        return None
    table, at, _ = cell
    met, missed = (table, at, 0), (table, at, 1)
    if each and row["by"] == UNIT and row["unit"] in NAMELESS:
        # They are met if each of their rows is, whatever the target (`kpis.results.judged`).
        return ({met: row["owed"]}, {}) if row["verdict"] == "met" else ({}, {met: row["owed"] - 1})
    wanted = math.ceil(Fraction(str(row["target"])) * row["owed"])
    if row["verdict"] == "met":
        return {met: max(wanted, 1)}, {}
    if row["verdict"] == "not met":
        return {missed: row["owed"] - wanted + 1}, {}
    return {}, {met: wanted - 1, missed: row["owed"] - wanted}


# Counts


def suppressed_counts(
    counts: pl.DataFrame, count: str, *, within: Sequence[str], by: Sequence[str], below: int = SMALL
) -> pl.DataFrame:
    """Counts by one or two things, with their totals and with small ones hidden.

    `counts` one row per `within` and `by`, `count` how many · `within` what tells one table from another (such as the period); may
    be empty · `by` one or two columns of text. Gives `within, by, count, suppressed`: for each table its cells in the order they
    came, every pair of two (nought where there was none), then the totals, under the name `TOTAL`. A hidden count is null, and
    `suppressed` is true. Tables that break down the same cases by different single things are kept together when `by` is one
    column, the last of `within` tells which they are and the sums are the same.
    """
    rows = counts.to_dicts()
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in within), []).append(row)
    if len(by) == 1:
        out = _one_way(groups, count, by[0], below)
    else:
        out = [found for key, of_it in groups.items() for found in _two_way(of_it, count, by, key, below)]
    kinds = {name: counts.schema[name] for name in (*within, *by)}
    return pl.DataFrame(out, schema={**kinds, count: pl.Int64, SUPPRESSED: pl.Boolean}, orient="row")


def _one_way(groups: dict[tuple[Any, ...], list[Row]], count: str, by: str, below: int) -> list[tuple[Any, ...]]:
    together: dict[tuple[Any, int], list[tuple[Any, ...]]] = {}
    for key, rows in groups.items():
        together.setdefault((key[:-1], sum(row[count] for row in rows)), []).append(key)
    hidden: dict[tuple[Any, ...], tuple[Tables, int]] = {}
    for (_, whole), keys in together.items():
        tables = Tables([whole], [[[row[count]] for row in groups[key]] for key in keys])
        _safe(tables, below)
        hidden |= {key: (tables, table) for table, key in enumerate(keys)}
    out: list[tuple[Any, ...]] = []
    for key, rows in groups.items():
        tables, table = hidden[key]
        out += [(*key, row[by], *_shown(tables, (table, at, 0), (table, at, 1))) for at, row in enumerate(rows)]
        out.append((*key, TOTAL, *_shown(tables, (0, HEAD, 0), (0, HEAD, 1))))
    return out


def _two_way(rows: list[Row], count: str, by: Sequence[str], key: tuple[Any, ...], below: int) -> list[tuple[Any, ...]]:
    down, across = (list(dict.fromkeys(row[name] for row in rows)) for name in by)
    known = {(row[by[0]], row[by[1]]): row[count] for row in rows}
    cells = [[known.get((one, other), 0) for other in across] for one in down]
    tables = Tables([sum(column) for column in zip(*cells, strict=True)], [cells])
    _safe(tables, below)
    out: list[tuple[Any, ...]] = []
    for at, one in [*enumerate(down), (HEAD, TOTAL)]:
        for column, other in [*enumerate(across), (tables.total, TOTAL)]:
            out.append((*key, one, other, *_shown(tables, (0, at, column))))
    return out


def _safe(tables: Tables, below: int) -> None:
    tables.hide_small(below)
    tables.protect()


def _shown(tables: Tables, *cells: Cell) -> tuple[int | None, bool]:
    """A count and whether it is hidden; one that stands in two cells is hidden if it is in either."""
    out = any(cell in tables.hidden for cell in cells)
    return (None if out else tables.count(cells[0])), out
