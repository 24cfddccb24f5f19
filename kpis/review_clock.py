"""The review clock: when a review was due and whether it was held in time (domain 4.1; J10 10.11; H08 “Frequency”)."""

from __future__ import annotations

import polars as pl

from checks.codes import meeting_kind
from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.spells import can_tell, clock_spells


def is_supplied(area: Area, level: str) -> bool:
    """Whether the records can tell if cases at the level were reviewed.

    Level 1 is reviewed by the lead agency alone, and many areas record nothing of it: without any level 1 meeting and any row
    of `reviews` nothing is known, which is not the same as nothing done.
    """
    if not (can_tell(area) and area.tables.has("meetings", "case_id", "held_on", "kind")):
        return False
    if level != "1":
        return True
    at_level_1 = area.tables.lazy("meetings").filter((pl.col("kind") == "level 1") & pl.col("held_on").is_not_null())
    alone = "reviews" in area.tables.frames and area.tables.frames["reviews"]["reviewed_on"].count() > 0
    return bool(alone or at_level_1.select(pl.len()).collect().item())


def held_reviews(area: Area) -> pl.LazyFrame:
    """The reviews held: `case_id, level, held_on, meeting_id` and the locators; two on one day are one, and one row.

    A review of a level is a meeting of that level; at level 1 a row of `reviews` is one too.
    """
    kinds = {meeting_kind(level): level for level in ("1", "2", "3")}
    meetings = (
        area.meetings.filter(pl.col("kind").is_in(list(kinds)) & pl.col("case_id").is_not_null())
        .sort("held_on", "meeting_id")
        .select(
            "case_id",
            pl.col("kind").cast(pl.String).replace_strict(kinds).alias("level"),
            "held_on",
            "meeting_id",
            pl.lit("meetings").alias("table"),
            FILE,
            SHEET,
            ROW,
        )
    )
    parts = [meetings]
    if area.tables.has("reviews", "case_id", "reviewed_on"):
        parts.append(
            area.tables.lazy("reviews")
            .filter(pl.col("reviewed_on").is_not_null() & pl.col("case_id").is_not_null())
            .select(
                "case_id",
                pl.lit("1").alias("level"),
                pl.col("reviewed_on").alias("held_on"),
                pl.lit(None, dtype=pl.String).alias("meeting_id"),
                pl.lit("reviews").alias("table"),
                FILE,
                SHEET,
                ROW,
            )
        )
    return pl.concat(parts).unique(["case_id", "level", "held_on"], keep="first", maintain_order=True)


def clock_runs(area: Area) -> pl.LazyFrame:
    """Each run of a clock: one row per spell and per review within it.

    Columns: `spell, case_id, level, until_on` of the spell (null: it goes on), `started_on` the day the clock (re)started,
    `weeks` the interval, `reviewed_on` the review that restarted it (null: none did), `meeting_id` and locators of that review.
    """
    spells = clock_spells(area)
    starts = spells.select("spell", "case_id", "level", "until_on", pl.col("from_on").alias("started_on"))
    within = (pl.col("held_on") > pl.col("from_on")) & (
        pl.col("until_on").is_null() | (pl.col("held_on") <= pl.col("until_on"))
    )
    reviews = spells.join(held_reviews(area), on=["case_id", "level"], how="inner").filter(within)
    about = ("meeting_id", "table", FILE, SHEET, ROW)
    restarts = reviews.select("spell", "case_id", "level", "until_on", pl.col("held_on").alias("started_on"), *about)
    runs = pl.concat([starts, restarts], how="diagonal").sort("spell", "started_on")
    weeks = {level: area.standard.value(f"review_weeks_level_{level}") for level in ("1", "2", "3")}
    following = [pl.col(name).shift(-1).over("spell") for name in about]
    return runs.with_columns(
        pl.col("started_on").shift(-1).over("spell").alias("reviewed_on"),
        pl.col("level").replace_strict(weeks, return_dtype=pl.Int64).alias("weeks"),
        *following,
    ).filter(pl.col("weeks").is_not_null())


def review_evidence(area: Area, level: str) -> pl.LazyFrame:
    """One row per review that was owed at a level, up to the as-at date.

    `owed_on` the due day, `done_on` the review that came, in time or late. A clock that no review restarts makes a review
    due every interval.
    """
    as_at = pl.lit(area.as_at)
    runs = clock_runs(area).filter(pl.col("level") == level)
    interval = pl.col("weeks") * 7
    due = pl.col("started_on") + pl.duration(days=interval)
    in_time = (pl.col("reviewed_on") <= due).fill_null(value=False)
    met = runs.filter(in_time & (due <= as_at)).with_columns(
        owed_on=due, met=pl.lit(value=True), why=pl.lit("reviewed in time")
    )
    # Every due day before the review, the end of the spell, or the as-at date, whichever applies, went by unmet.
    last = pl.coalesce("reviewed_on", "until_on", as_at)
    days = (last - pl.col("started_on")).dt.total_days()
    missed_count = ((days - 1) // interval).clip(lower_bound=0)
    missed = (
        runs.filter(~in_time & (missed_count > 0))
        .with_columns(number=pl.int_ranges(1, missed_count + 1))
        .explode("number")
        .with_columns(
            owed_on=pl.col("started_on") + pl.duration(days=interval * pl.col("number")),
            met=pl.lit(value=False),
            why=pl.when(pl.col("reviewed_on").is_not_null())
            .then(pl.lit("reviewed late"))
            .when(pl.col("until_on").is_not_null())
            .then(pl.lit("not reviewed before the spell ended"))
            .otherwise(pl.lit("not reviewed so far")),
        )
    )
    rows = pl.concat([met, missed.drop("number")]).with_columns(done_on=pl.col("reviewed_on"))
    return as_evidence(area.with_case(rows))
