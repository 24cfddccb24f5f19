"""Cases that stayed long enough before they left (domain 4.6; J23 1.1)."""

from __future__ import annotations

import polars as pl

from checks.in_force import figure_on
from checks.numbers import CASE
from kpis import spells
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.whereabouts import releases, releases_told

FIGURE = "stay_months_after_last_trigger"

TRIGGERS = {
    "release_on": "release from custody",
    "licence_until": "the end of the licence",
    "order_until": "the end of the order",
    "notification_until": "the end of the notification requirements",
    "pathway_until": "the end of the housing pathway",
    "dropped_on": "the move down to level 1",
    "released_on": "release from custody",
}
"""What must lie far enough back when a case leaves, and its words; the last two are not in the case's record but in its history."""

RECORDED = ("release_on", "licence_until", "order_until", "notification_until", "pathway_until")


def _drops(area: Area) -> pl.LazyFrame:
    """The number of the case and `on`: the days on which a case came down from level 2 or 3 to level 1."""
    begins, ends, level = pl.col("from_on"), pl.col("until_on"), pl.col("level")
    in_order = (
        spells.numbered_management(area)
        .filter((ends >= begins).fill_null(value=True))
        .sort("case", "from_on", "until_on", "level", nulls_last=True)
    )
    follows = level.shift(1).is_in(["2", "3"]) & (pl.col("case").shift(1) == pl.col("case"))
    return in_order.filter((level == "1") & follows).select(pl.col("case").alias(CASE), on="from_on")


def _with_last(rows: pl.LazyFrame, days: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The rows, in their order, with the last of the days of their case that is not after it left."""
    by_exit = (
        rows.select(CASE, "exited_on")
        .unique()
        .join(days, on=CASE, how="inner")
        .filter(pl.col("on") <= pl.col("exited_on"))
        .group_by(CASE, "exited_on")
        .agg(pl.col("on").max().alias(name))
    )
    return rows.join(by_exit, on=[CASE, "exited_on"], how="left", maintain_order="left")


def exits(area: Area) -> pl.LazyFrame:
    """One row per case that left, judged."""
    rows = area.within(area.case_records.filter(pl.col("exited_on").is_not_null()), "exited_on")
    none = pl.lit(None, dtype=pl.Date)
    dropped = (
        _with_last(rows, _drops(area), "dropped_on") if spells.can_tell(area) else rows.with_columns(dropped_on=none)
    )
    told = (
        _with_last(dropped, releases(area).select(CASE, on="from_on"), "released_on")
        if releases_told(area)
        else dropped.with_columns(released_on=none)
    )
    last, left = pl.col("_last"), pl.col("exited_on")
    # An empty end of notification means that it runs on: for how long it ran before the case left, the record does not say.
    runs_on = pl.col("notification_until").is_null() & (
        (pl.col("category") == "1").fill_null(value=False) | pl.col("notification_from").is_not_null()
    )
    months = figure_on(area.standard, FIGURE, left, pl.Int32)
    too_early = (left < last.dt.offset_by(pl.format("{}mo", months))).fill_null(value=False)
    what = pl.coalesce([pl.when(pl.col(name) == last).then(pl.lit(words)) for name, words in TRIGGERS.items()])
    judged = (
        told.with_columns(_last=pl.max_horizontal(*TRIGGERS))
        .filter((last.is_not_null() | runs_on) & months.is_not_null())
        .with_columns(
            owed_on=left,
            met=pl.when(too_early).then(pl.lit(value=False)).when(~runs_on).then(pl.lit(value=True)),
            why=pl.when(too_early)
            .then(pl.format("left before {} months had passed since {}", months, what))
            .when(runs_on)
            .then(pl.lit("no end of the notification requirements is recorded"))
            .otherwise(pl.format("left at least {} months after {}", months, what)),
            missing_field=one_of(
                (runs_on & ~too_early, "notification_until"),
            ),
            table=always("cases"),
        )
        .with_columns(done_on=pl.when("met").then(left))
    )
    return area.one_row_each(judged, "cases", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per case that left."""
    return as_evidence(exits(area))


def _left(on: str) -> dict[str, list[dict[str, str]]]:
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": "2",
                "level": "1",
                "location": "community",
                "entered_on": "2021-01-04",
                "release_on": "2022-01-04",
                "licence_until": "2023-07-31",
                "exited_on": on,
            }
        ],
    }


MEASURE = Measure(
    id="stays_long_enough",
    title="Cases stayed long enough before they left",
    sentence="Of the cases that left, how many did so only when the time set had passed since the last event that counts.",
    numerator="cases that left three months or more after the last of release, end of licence or order, move down to level 1, "
    "end of notification and end of the housing pathway",
    denominator="cases that left in the period and for which any of these is recorded",
    cite="J23 1.1",
    evidence=evidence,
    bare=exits,
    supplied=lambda area: (
        area.tables.has("cases", "case_id", "exited_on") and any(area.tables.has("cases", name) for name in RECORDED)
    ),
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("category", "lead_agency"),
    how_to_read=(
        "It counts everyone who left, whatever the reason: look at the rows before drawing conclusions about deaths and moves. "
        "Where notification has no recorded end, whether the case stayed long enough cannot be known."
    ),
    theme="Release and leaving",
    things="cases",
    passes=Example(
        "The licence, the last thing to end, ran out on 31 July; the case left on 31 October.",
        _left("2023-10-31"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The case left on 30 October, a day too early.",
        _left("2023-10-30"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
