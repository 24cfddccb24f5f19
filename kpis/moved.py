"""What changed in the records behind a figure: the evidence of one measure and period in two snapshots, thing by thing.

Every thing owed in either is put beside itself in the other; what is left over was not owed there. So the changes add up: what was
met, and what came to be, less what ceased to be, is what is met now; and the same for what was owed and what is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from checks.locators import FILE, ROW, SHEET
from kpis.evidence import EVIDENCE

MET, NOT_MET, UNKNOWN, NOT_OWED = "met", "not met", "not known", "not owed"
STATES = (MET, NOT_MET, UNKNOWN, NOT_OWED)

NOW_MET, KNOWN_MET, KNOWN_NOT_MET = "now met", "now known to be met", "now known not to be met"
NO_LONGER_MET, NO_LONGER_KNOWN = "no longer met", "no longer known"
NEWLY_OWED, NO_LONGER_OWED = "newly owed", "no longer owed"
KINDS = (NOW_MET, KNOWN_MET, KNOWN_NOT_MET, NO_LONGER_MET, NO_LONGER_KNOWN, NEWLY_OWED, NO_LONGER_OWED)

RECORDED_LATE = "recorded late"
DONE_SINCE = "done since"
TAKEN_BACK = "the record of its doing taken back"
DAY_CORRECTED = "a day corrected"
FILLED_IN = "filled in"
EMPTIED = "no longer filled in"
CORRECTED = "corrected"
FELL_DUE = "fell due since"
NOT_YET_DUE = "not yet due as at the new day"
MOVED = "its day moved from or to another period"
RECORDS_NOW = "by records added or changed since"
RECORDS_THEN = "by records removed or changed since"
REASONS = (
    RECORDED_LATE, DONE_SINCE, TAKEN_BACK, DAY_CORRECTED, FILLED_IN, EMPTIED, CORRECTED, FELL_DUE, NOT_YET_DUE, MOVED, RECORDS_NOW,
    RECORDS_THEN,
)  # fmt: skip

_TOLD = ("owed_on", "done_on", "why", "missing_field")

CHANGES: dict[str, type[pl.DataType]] = {
    "kind": pl.String,
    "reason": pl.String,
    "case_id": pl.String,
    "meeting_id": pl.String,
    "unit": pl.String,
    "then": pl.String,
    "now": pl.String,
    **{f"{name}_then": EVIDENCE[name] for name in _TOLD},
    **{f"{name}_now": EVIDENCE[name] for name in _TOLD},
    "table": pl.String,
    FILE: pl.String,
    SHEET: pl.String,
    ROW: pl.UInt32,
}
"""One row per thing that came to stand otherwise: of a measure by case one row per case, else one per row of evidence.

`kind` one of `KINDS` · `reason` one of `REASONS`, or several of a case with ` and ` between · `then`, `now` one of `STATES` ·
`…_then`, `…_now` the evidence of both sides; of a case that of its first row that changed · locators: the record it rests on
now, else rested on then.
"""


@dataclass(frozen=True)
class Side:
    """The evidence of one snapshot: `rows` (`kpis.evidence.EVIDENCE`, as text) of the period and of the days around it that are at
    hand, `first` and `last` the days whose rows belong to the figure, `as_at` the day as of which they were known."""

    rows: pl.DataFrame
    first: date
    last: date
    as_at: date


def changes(then: Side, now: Side, *, by_case: bool, together: str = "all", unit_tells: bool = True) -> pl.DataFrame:
    """What came to stand otherwise between two snapshots (`CHANGES`), by kind.

    `by_case`, `together` as the measure declares them · `unit_tells` whether the unit tells one thing from another; it does not
    where it is what was decided (`counts` of the measure).
    """
    pairs = _paired(then, now, unit_tells=unit_tells)
    told = _with_reasons(pairs, then.as_at, now.as_at)
    told = _by_case(told, together) if by_case else told.with_columns(then=_state("then"), now=_state("now"))
    changed = told.filter(pl.col("then") != pl.col("now")).with_columns(kind=_kind())
    order = {kind: place for place, kind in enumerate(KINDS)}
    placed = changed.sort(
        pl.col("kind").replace_strict(order, return_dtype=pl.Int8),
        pl.coalesce("owed_on_now", "owed_on_then"),
        "case_id",
        "meeting_id",
        maintain_order=True,
    )
    return placed.select(pl.col(name).cast(dtype) for name, dtype in CHANGES.items())


def balance(changed: pl.DataFrame) -> tuple[int, int, int]:
    """By how much the changes alter what is met, owed and unknown."""

    def more(holds: pl.Expr, held: pl.Expr) -> pl.Expr:
        return (holds.cast(pl.Int64) - held.cast(pl.Int64)).sum()

    then, now = pl.col("then"), pl.col("now")
    sums = changed.select(
        met=more(now == MET, then == MET),
        owed=more(now != NOT_OWED, then != NOT_OWED),
        unknown=more(now == UNKNOWN, then == UNKNOWN),
    )
    met, owed, unknown = sums.row(0)
    return met, owed, unknown


# --- Each thing beside itself -----------------------------------------------------------------------------------------------


def _paired(then: Side, now: Side, *, unit_tells: bool) -> pl.DataFrame:
    """Every row of either side that is in its figure, with the row of the other side that speaks of the same thing.

    Columns of evidence end in `_then` or `_now`; `in_then`, `in_now` whether the row is in the figure. Rows are put together first
    where they are the same to the letter, then where they share case, meeting and day, then where the meeting or the day has
    changed: so a change costs one line, and not two.
    """
    left = _side(then, "then")
    right = _side(now, "now")
    unit = ("unit",) if unit_tells else ()
    found = []
    of_one_day = then.first == then.last and now.first == now.last
    tiers: list[tuple[tuple[str, ...], bool]] = [
        (("case_id", "meeting_id", "unit", "owed_on", "met", "done_on", "why", "missing_field"), False),
        (("case_id", "meeting_id", *unit, "owed_on"), False),
        (("case_id", *unit, "owed_on"), False),
        (("case_id", "meeting_id", *unit), True),
    ]
    if of_one_day:  # how things stood on a last day, which may be another day by now
        tiers.append((("case_id", *unit), False))
    for same, with_meeting in tiers:
        pairs, left, right = _matched(left, right, same, with_meeting=with_meeting)
        found.append(pairs)
    alone = pl.concat([*found, left, right], how="diagonal")
    return alone.with_columns(pl.col("in_then", "in_now").fill_null(value=False)).filter(
        pl.col("in_then") | pl.col("in_now")
    )


def _side(side: Side, name: str) -> pl.DataFrame:
    """The rows in an order that does not hang on how they were read, their columns ending in the side's name."""
    rows = side.rows.sort("met", "done_on", "why", "meeting_id", ROW, nulls_last=True, maintain_order=True)
    inside = pl.col("owed_on").is_between(side.first, side.last).fill_null(value=False)
    return rows.with_columns(inside.alias("in")).rename(lambda column: f"{column}_{name}")


def _matched(
    left: pl.DataFrame, right: pl.DataFrame, same: Sequence[str], *, with_meeting: bool
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The rows that share these columns, the n-th of one side with the n-th of the other; and what is left on each side."""
    sides = []
    for frame, name in ((left, "then"), (right, "now")):
        keys = [f"{column}_{name}" for column in same]
        able = pl.col(f"meeting_id_{name}").is_not_null() if with_meeting else pl.lit(value=True)
        # What is in the figure comes first: it is to be put beside what is in the figure of the other side.
        ordered = frame.sort(~pl.col(f"in_{name}"), maintain_order=True)
        numbered = ordered.with_columns(
            *(pl.col(key).alias(f"|{column}") for key, column in zip(keys, same, strict=True)),
            pl.when(able).then(pl.int_range(pl.len()).over(keys)).alias("|nth"),
        )
        sides.append(numbered)
    on = [*(f"|{column}" for column in same), "|nth"]
    one, other = sides
    drop = pl.selectors.starts_with("|")
    able = pl.col("|nth").is_not_null()
    pairs = one.filter(able).join(other.filter(able), on=on, how="inner", nulls_equal=True)
    rest = [
        mine.join(theirs.filter(able), on=on, how="anti", nulls_equal=True).drop(drop)
        for mine, theirs in ((one, other), (other, one))
    ]
    return pairs.drop(drop), rest[0], rest[1]


# --- What it means ----------------------------------------------------------------------------------------------------------


def _state(side: str) -> pl.Expr:
    met = pl.col(f"met_{side}")
    return (
        pl.when(~pl.col(f"in_{side}"))
        .then(pl.lit(NOT_OWED))
        .when(met.is_null())
        .then(pl.lit(UNKNOWN))
        .when(met)
        .then(pl.lit(MET))
        .otherwise(pl.lit(NOT_MET))
    )


def _kind() -> pl.Expr:
    then, now = pl.col("then"), pl.col("now")
    return (
        pl.when(then == NOT_OWED)
        .then(pl.lit(NEWLY_OWED))
        .when(now == NOT_OWED)
        .then(pl.lit(NO_LONGER_OWED))
        .when(now == UNKNOWN)
        .then(pl.lit(NO_LONGER_KNOWN))
        .when(then == UNKNOWN)
        .then(pl.when(now == MET).then(pl.lit(KNOWN_MET)).otherwise(pl.lit(KNOWN_NOT_MET)))
        .otherwise(pl.when(now == MET).then(pl.lit(NOW_MET)).otherwise(pl.lit(NO_LONGER_MET)))
    )


def _with_reasons(pairs: pl.DataFrame, as_at_then: date, as_at_now: date) -> pl.DataFrame:
    """The pairs with `reason`, null where nothing about the thing has changed; and what both sides say of it, in one column."""
    either = ("case_id", "meeting_id", "unit", "table", FILE, SHEET, ROW)
    both = pl.col("owed_on_then").is_not_null() & pl.col("owed_on_now").is_not_null()
    done_then, done_now = pl.col("done_on_then"), pl.col("done_on_now")
    lacked, lacks = pl.col("missing_field_then"), pl.col("missing_field_now")
    changed = pl.any_horizontal(
        *(pl.col(f"{name}_then").ne_missing(pl.col(f"{name}_now")) for name in ("met", "unit", *_TOLD)),
        pl.col("in_then") != pl.col("in_now"),
    )
    reason = (
        pl.when(both & (pl.col("in_then") != pl.col("in_now")))
        .then(pl.lit(MOVED))
        .when(~both & pl.col("in_now"))
        .then(pl.when(pl.col("owed_on_now") > as_at_then).then(pl.lit(FELL_DUE)).otherwise(pl.lit(RECORDS_NOW)))
        .when(~both)
        .then(pl.when(pl.col("owed_on_then") > as_at_now).then(pl.lit(NOT_YET_DUE)).otherwise(pl.lit(RECORDS_THEN)))
        .when(~changed)
        .then(None)
        .when(lacked.is_not_null() & lacks.is_null())
        .then(pl.lit(FILLED_IN))
        .when(lacked.is_null() & lacks.is_not_null())
        .then(pl.lit(EMPTIED))
        .when(done_then.is_null() & done_now.is_not_null())
        .then(pl.when(done_now > as_at_then).then(pl.lit(DONE_SINCE)).otherwise(pl.lit(RECORDED_LATE)))
        .when(done_then.is_not_null() & done_now.is_null())
        .then(pl.lit(TAKEN_BACK))
        .when(done_then.ne_missing(done_now) | (pl.col("owed_on_then") != pl.col("owed_on_now")))
        .then(pl.lit(DAY_CORRECTED))
        .otherwise(pl.lit(CORRECTED))
    )
    return pairs.with_columns(
        reason.alias("reason"), *(pl.coalesce(f"{name}_now", f"{name}_then").alias(name) for name in either)
    )


def _by_case(pairs: pl.DataFrame, together: str) -> pl.DataFrame:
    """The pairs of a case as one: how it stood and stands, and all the reasons of its rows that changed."""

    def stands(side: str) -> pl.Expr:
        inside = pl.col(f"in_{side}")
        met = pl.col(f"met_{side}").filter(inside)
        known = pl.when((~met).any()).then(pl.lit(NOT_MET)).when(met.is_null().any()).then(pl.lit(UNKNOWN))
        said = known.otherwise(pl.lit(MET))
        if together == "more than one":
            said = pl.when(inside.sum() > 1).then(pl.lit(MET)).otherwise(pl.lit(NOT_MET))
        return pl.when(inside.any()).then(said).otherwise(pl.lit(NOT_OWED)).alias(side)

    first = [name for name in pairs.columns if name not in ("case_id", "reason")]
    ordered = pairs.sort(pl.col("reason").is_null(), pl.coalesce("owed_on_now", "owed_on_then"), maintain_order=True)
    return ordered.group_by("case_id", maintain_order=True).agg(
        stands("then"),
        stands("now"),
        pl.col("reason").drop_nulls().unique(maintain_order=True).str.join(" and "),
        *(pl.col(name).first() for name in first if name not in ("then", "now")),
    )
