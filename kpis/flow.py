"""Stock and flow: who entered, left and moved between levels in each quarter (domain 4.6 “Caseload”)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from checks.codes import LEVELS
from kpis.area import Area
from kpis.caseload import is_supplied
from kpis.level_history import NO_LEVEL, PIECES, present
from kpis.periods import Period
from kpis.results import NOT_RECORDED

FLOW: dict[str, type[pl.DataType]] = {
    "period": pl.String,
    "category": pl.String,
    "kind": pl.String,
    "from_level": pl.String,
    "to_level": pl.String,
    "cases": pl.Int64,
}
"""One row per quarter, category, kind and pair of levels: how many cases.

`kind` one of `KINDS`: `at start` and `at end`, how many stood at `to_level` when the quarter began and at its end ·
`entered` at `to_level` · `left` from `from_level` · `moved` from one to the other, each move counted · `not told` as `moved`, but
the history of management does not tell it: where it is silent the level is that of the case's own record, and on the as-at date
that record has the last word. A level that nobody recorded is `not recorded`.

For every category and level: at start + entered + moved or not told to it = moved or not told from it + left + at end.
"""

AT_START, ENTERED, MOVED, NOT_TOLD, LEFT, AT_END = "at start", "entered", "moved", "not told", "left", "at end"
KINDS = (AT_START, ENTERED, MOVED, NOT_TOLD, LEFT, AT_END)

_NAMES = {NO_LEVEL: NOT_RECORDED, **{int(level): level for level in LEVELS}}


def flow(area: Area, quarters: Sequence[Period]) -> pl.DataFrame:
    """Stock and flow of quarters that follow one another, oldest first (columns: `FLOW`); no rows where cases are not supplied.

    Categories that the standard lacks are left out; a case has the category of its record throughout, as no history of it is
    kept. The stock is that of `kpis.caseload`: at the end of a day, and who leaves on a day is gone at its end.
    """
    if not is_supplied(area) or not quarters:
        return pl.DataFrame(schema=FLOW)
    changes = _changes(area, quarters)
    moves = (
        changes.filter(pl.col("quarter") >= 0)
        .group_by("quarter", "category", "kind", "from_level", "to_level")
        .agg(pl.len().cast(pl.Int64).alias("cases"))
    )
    rows = pl.concat([moves, *_stocks(changes, len(quarters))])
    place = pl.col("kind").replace_strict({kind: at for at, kind in enumerate(KINDS)}, return_dtype=pl.Int8)
    names = pl.Series("period", [each.name for each in quarters], dtype=pl.String)
    return (
        rows.with_columns(
            pl.col("from_level", "to_level").replace_strict(_NAMES, return_dtype=pl.String),
            period=pl.lit(names).gather(pl.col("quarter")),
        )
        .sort("quarter", "category", place, "from_level", "to_level")
        .select(pl.col(name).cast(kind) for name, kind in FLOW.items())
    )


def _changes(area: Area, quarters: Sequence[Period]) -> pl.DataFrame:
    """`quarter, category, kind, from_level, to_level`, one row per change; `quarter` its place, -1 before the first.

    What came after the last quarter is left out.
    """
    there = present(area).drop("own")
    pieces = _with_today(area, area.level_history.pieces).join(there, on="case", how="left", maintain_order="left")
    case, level = pl.col("case"), pl.col("level")
    goes_on = case == case.shift(1)
    none = pl.lit(None, dtype=pl.UInt8)
    both_told = pl.col("told") & pl.col("told").shift(1)
    begun = pieces.select(
        "category",
        on="from_on",
        kind=pl.when(goes_on.fill_null(value=False).not_())
        .then(pl.lit(ENTERED))
        .when(level == level.shift(1))
        .then(None)
        .when(both_told)
        .then(pl.lit(MOVED))
        .otherwise(pl.lit(NOT_TOLD)),
        from_level=pl.when(goes_on).then(level.shift(1)),
        to_level="level",
    ).filter(pl.col("kind").is_not_null())
    ended = pieces.filter(pl.col("exited_on").is_not_null() & case.ne_missing(case.shift(-1))).select(
        "category", on="exited_on", kind=pl.lit(LEFT), from_level="level", to_level=none
    )
    starts = pl.Series([each.start for each in quarters], dtype=pl.Date)
    placed = pl.lit(starts).search_sorted(pl.col("on"), side="right").cast(pl.Int64) - 1
    return (
        pl.concat([begun, ended])
        .filter(pl.col("on") <= quarters[-1].end)
        .with_columns(pl.col("category").fill_null(NOT_RECORDED), quarter=placed)
        .drop("on")
    )


def _with_today(area: Area, pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces, with what the cases' own records say of the as-at date, which has the last word on it."""
    case = pl.col("case")
    own = present(area).select("case", "own", "exited_on")
    last = (
        pieces.with_row_index("row")
        .filter(case.ne_missing(case.shift(-1)))
        .join(own, on="case", how="left", maintain_order="left")
    )
    differs = last.filter(
        pl.col("exited_on").is_null() & (pl.col("own") != NO_LEVEL) & (pl.col("own") != pl.col("level"))
    )
    today = pl.col("from_on") == area.as_at
    added = differs.select(
        "case",
        pl.col("own").alias("level"),
        pl.lit(value=False).alias("told"),
        pl.lit(area.as_at).alias("from_on"),
        pl.lit(None, dtype=pl.Date).alias("until_on"),
    ).cast(dict(PIECES))
    # A piece that begins on the as-at date itself is replaced.
    replaced = differs.filter(today)["row"]
    kept = pieces.with_row_index("row").filter(~pl.col("row").is_in(replaced.implode())).drop("row")
    return pl.concat([kept, added]).sort("case", "from_on")


def _stocks(changes: pl.DataFrame, quarters: int) -> list[pl.DataFrame]:
    """How many stood at each level at the start and at the end of each quarter, in the shape of the moves."""
    sides = [
        changes.select("quarter", "category", level="to_level", change=pl.lit(1, dtype=pl.Int64)),
        changes.select("quarter", "category", level="from_level", change=pl.lit(-1, dtype=pl.Int64)),
    ]
    net = (
        pl.concat(sides)
        .filter(pl.col("level").is_not_null())
        .group_by("category", "level", "quarter")
        .agg(pl.col("change").sum())
    )
    every = net.select("category", "level").unique().join(_places(quarters), how="cross")
    stood = (
        every.join(net, on=["category", "level", "quarter"], how="left")
        .sort("quarter")
        .with_columns(cases=pl.col("change").fill_null(0).cum_sum().over("category", "level"))
        .filter(pl.col("cases") > 0)
    )
    none = pl.lit(None, dtype=pl.UInt8)

    def as_rows(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
        return rows.select(
            "quarter", "category", pl.lit(kind).alias("kind"), none.alias("from_level"), to_level="level", cases="cases"
        )

    at_end = stood.filter(pl.col("quarter") >= 0)
    at_start = stood.with_columns(pl.col("quarter") + 1).filter(pl.col("quarter") < quarters)
    return [as_rows(at_start, AT_START), as_rows(at_end, AT_END)]


def _places(quarters: int) -> pl.DataFrame:
    return pl.DataFrame({"quarter": range(-1, quarters)}, schema={"quarter": pl.Int64})
