"""The level of every case from its first day to its last, told without a gap or an overlap (domain 4.1, 4.6 “Caseload”).

What the history of management tells is kept apart from what only the case's own record can fill in.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from kpis.area import Area
from kpis.caseload import is_supplied
from kpis.spells import can_tell, numbered_management

NO_LEVEL = 0
"""Stands for a level that nobody recorded."""

PIECES: dict[str, type[pl.DataType]] = {
    "case": pl.UInt32,
    "level": pl.UInt8,
    "told": pl.Boolean,
    "from_on": pl.Date,
    "until_on": pl.Date,
}
"""One row per piece of a case's time under management, in the order of cases and days.

`case` its row in `Area.cases` · `level` 1, 2, 3 or `NO_LEVEL` · `told` the history of management tells it; if not, it is the
level of the case's own record, which speaks of today · `until_on` the day on which the next piece begins, or the case left;
null: it continues. The pieces of a case follow one another without a gap.
"""

GAPS: dict[str, type[pl.DataType]] = {"what": pl.String, "cases": pl.Int64}
"""What the records cannot tell of the caseload over time: one row per reason, with how many cases it concerns."""

NO_ENTRY, LEFT_FIRST, NO_HISTORY, HISTORY_ABSENT = (
    "no day of entry",
    "left before they entered",
    "no history of levels",
    "history not supplied",
)


@dataclass(frozen=True)
class LevelHistory:
    """`pieces` (columns: `PIECES`) · `begins` the first day that the history of management tells of; None where there is none."""

    pieces: pl.DataFrame
    begins: date | None


def present(area: Area) -> pl.DataFrame:
    """The cases of the standard's categories that were ever under management: `case, category, own, entered_on, exited_on`.

    `own` the level of the case's own record. A case without a day of entry, or that left before it entered, is not among them.
    """
    rows = _of_standard(area).filter(
        pl.col("entered_on").is_not_null() & (pl.col("exited_on") >= pl.col("entered_on")).fill_null(value=True)
    )
    own = pl.col("level").cast(pl.UInt8).fill_null(NO_LEVEL)
    return rows.select("case", "category", "entered_on", "exited_on", own=own)


def _of_standard(area: Area) -> pl.DataFrame:
    numbered = area.cases.with_row_index("case")
    return numbered.filter(pl.col("category").is_in(area.standard.categories).fill_null(value=True))


def gaps(area: Area) -> pl.DataFrame:
    """What cannot be told, and of how many cases (columns: `GAPS`); no row where everything can."""
    if not is_supplied(area):
        return pl.DataFrame(schema=GAPS)
    cases, there = _of_standard(area), present(area)
    no_entry = cases["entered_on"].null_count()
    told = area.level_history.pieces.filter("told")["case"].n_unique() if can_tell(area) else 0
    found = {
        NO_ENTRY: no_entry,
        LEFT_FIRST: cases.height - no_entry - there.height,
        NO_HISTORY if can_tell(area) else HISTORY_ABSENT: there.height - told,
    }
    return pl.DataFrame([(what, n) for what, n in found.items() if n], schema=GAPS, orient="row")


def level_history(area: Area) -> LevelHistory:
    """Every case's time under management in pieces.

    Of stretches that overlap, which sound records do not have, the one that began last tells. Where the history is silent the
    level is that of the case's own record, as in the caseload. A case that left on the day it entered is one piece of no length.
    """
    there = present(area)
    stretches = without_overlaps(area) if can_tell(area) else pl.DataFrame(schema=_STRETCHES)
    case, first, last = pl.col("case"), pl.col("from_on"), pl.col("until_on")
    told = (
        stretches.join(there.drop("category"), on="case", how="inner", maintain_order="left")
        .with_columns(from_on=pl.max_horizontal(first, "entered_on"), until_on=pl.min_horizontal(last, "exited_on"))
        .filter((last > first).fill_null(value=True))
    )
    following = pl.when(case == case.shift(-1)).then(first.shift(-1))
    # A gap begins where a stretch ends and neither another begins nor the case leaves.
    after = told.filter(last.is_not_null() & last.ne_missing(following) & last.ne_missing(pl.col("exited_on"))).select(
        "case", pl.col("own").alias("level"), pl.lit(value=False).alias("told"), pl.col("until_on").alias("from_on")
    )
    begun = told.filter(case.ne_missing(case.shift(1))).select("case", "from_on")
    before = (
        there.join(begun, on="case", how="left", maintain_order="left")
        .filter(pl.col("entered_on").ne_missing(first))
        .select(
            "case",
            pl.col("own").alias("level"),
            pl.lit(value=False).alias("told"),
            pl.col("entered_on").alias("from_on"),
        )
    )
    pieces = pl.concat([told.select("case", "level", pl.lit(value=True).alias("told"), "from_on"), after, before])
    ends = there.select("case", "exited_on")
    in_order = (
        pieces.sort("case", "from_on")
        .join(ends, on="case", how="left", maintain_order="left")
        .with_columns(until_on=pl.when(case == case.shift(-1)).then(first.shift(-1)).otherwise("exited_on"))
        .select(pl.col(name).cast(kind) for name, kind in PIECES.items())
    )
    begins = stretches["from_on"].min()
    return LevelHistory(in_order, begins if isinstance(begins, date) else None)


_STRETCHES: dict[str, type[pl.DataType]] = {
    "case": pl.UInt32,
    "level": pl.UInt8,
    "from_on": pl.Date,
    "until_on": pl.Date,
}

BY_START = ("from_on", "until_on", "level")
"""The order of a case's stretches. Of several that cover a day the last in this order tells, however the records are ordered."""


def without_overlaps(area: Area) -> pl.DataFrame:
    """The stretches of the history, none overlapping another of its case: `case, level, from_on, until_on`, in order."""
    case, first, last = pl.col("case"), pl.col("from_on"), pl.col("until_on")
    stretches = (
        numbered_management(area)
        .with_columns(pl.col("level").cast(pl.String).cast(pl.UInt8))
        .filter((last > first).fill_null(value=True))
        .select(pl.col(name).cast(kind) for name, kind in _STRETCHES.items())
        .collect()
        .sort("case", *BY_START, nulls_last=True)
    )
    begun_before = (case == case.shift(1)) & (first < last.shift(1)).fill_null(value=True)
    unclear = stretches.filter(begun_before.fill_null(value=False)).select("case").unique()
    if unclear.is_empty():
        return stretches
    tangled = stretches.join(unclear, on="case", how="semi", maintain_order="left").partition_by("case", as_dict=True)
    straight = [
        (number, level, begin, end)
        for (number,), of_case in tangled.items()
        for level, begin, end in _untangled(of_case.select("level", "from_on", "until_on").iter_rows())
    ]
    clear = stretches.join(unclear, on="case", how="anti", maintain_order="left")
    added = pl.DataFrame(straight, schema=_STRETCHES, orient="row")
    return pl.concat([clear, added]).sort("case", "from_on")


def _untangled(
    stretches: Iterable[tuple[int, date, date | None]],
) -> Iterator[tuple[int, date, date | None]]:
    """One case's stretches, in the order of `BY_START`, as stretches that follow one another: level, first day, day after."""
    given = list(stretches)
    days = sorted({day for _, begin, end in given for day in (begin, end) if day is not None})
    running: list[tuple[int, int]] = []  # minus the place, so that the last begun is on top; its level
    place = 0
    for day, following in zip(days, [*days[1:], None], strict=True):
        while place < len(given) and given[place][1] <= day:
            heapq.heappush(running, (-place, given[place][0]))
            place += 1
        while running and (end := given[-running[0][0]][2]) is not None and end <= day:
            heapq.heappop(running)
        if running:
            yield running[0][1], day, following
