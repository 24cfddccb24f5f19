"""Attendance of each invited agency at level 2 and 3 meetings (domain 4.3; J10 16.2 (5); H08 “Agency Representation”)."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.codes import ATTENDANCE_MODES, PRESENT_MODES, REPORT
from checks.in_force import on_day
from checks.numbers import AGENCY, CASE, MEETING
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of
from kpis.looked_up import looked_up
from kpis.measure import Example, Measure
from kpis.periods import quarter_number
from kpis.results import NO_AGENCY
from kpis.tallies import counts, how_many


def _meetings(area: Area) -> pl.LazyFrame:
    """The level 2 and 3 meetings held, each number once: `_meeting, _case, level, owed_on`."""
    meetings = area.multi_agency_meetings.filter(pl.col(MEETING).is_not_null())
    if area.repeats("meetings", "meeting_id"):
        # Of records that share a reference the earliest tells.
        earliest = meetings.sort("held_on", pl.col("level").cast(pl.String), "case_id", nulls_last=True)
        meetings = earliest.unique(MEETING, keep="first", maintain_order=True)
    return meetings.select(MEETING, CASE, "level", owed_on="held_on")


def _of_meeting(meetings: pl.DataFrame, *columns: str) -> list[pl.Expr]:
    """What is told of the meeting of a row; null where it is none of these.

    The record of each number is a list to look into, where a join would have to search.
    """
    size = int(meetings.select(pl.col(MEETING).max().fill_null(0)).item()) + 1
    record = pl.Series([None], dtype=pl.UInt32).new_from_index(0, size)
    record = record.scatter(meetings[MEETING], pl.int_range(meetings.height, dtype=pl.UInt32, eager=True))
    return [looked_up(meetings[name].gather(record), pl.col(MEETING)).alias(name) for name in columns]


FIGURE = "attendance_modes_that_count"


def _present(area: Area) -> pl.Expr:
    """The agency was there in a way that counted on the day of the meeting."""

    def in_a_way(counting: list[str] | None) -> pl.Expr:
        return pl.col("mode").is_in([each for each in PRESENT_MODES if each in (counting or [])])

    return on_day(area.standard, FIGURE, pl.col("owed_on"), in_a_way)


def _took_part(area: Area) -> pl.Expr:
    """Without a mode nothing is known: what is compared with nothing stays unknown."""
    counts_then = on_day(area.standard, FIGURE, pl.col("owed_on"), lambda each: pl.lit(REPORT in (each or [])))
    by_report = (pl.col("mode") == REPORT) & counts_then
    return pl.when(_present(area)).then("senior_enough").otherwise(by_report)


def _agency(area: Area) -> pl.Expr:
    """The agency invited, where one that is not recorded is one as well."""
    named = area.numbered.lazy("attendance").collect_schema()[AGENCY]
    assert isinstance(named, pl.Enum)
    every = pl.Enum([*named.categories.filter(named.categories != NO_AGENCY), NO_AGENCY])
    return pl.col(AGENCY).cast(every).fill_null(pl.lit(NO_AGENCY, dtype=every))


def invitations(area: Area) -> pl.LazyFrame:
    """One row per invited agency per level 2 or level 3 meeting held, judged."""
    meetings = _meetings(area).collect()
    mode, senior, present = pl.col("mode"), pl.col("senior_enough"), _present(area)
    placed = area.numbered.lazy("attendance").with_columns(_of_meeting(meetings, "owed_on", "level", CASE))
    judged = placed.filter(pl.col("owed_on").is_not_null()).with_columns(
        unit=_agency(area),
        met=_took_part(area),
        why=one_of(
            (mode.is_null(), "how it took part is not recorded"),
            (present & senior.is_null(), "present, but seniority is not recorded"),
            (present & ~senior, "present, but not senior enough"),
            *((mode == each, each) for each in ATTENDANCE_MODES),
        ),
        missing_field=one_of(
            (mode.is_null(), "mode"),
            (present & senior.is_null(), "senior_enough"),
            (pl.col(AGENCY).is_null(), "agency"),
        ),
        table=always("attendance"),
    )
    return area.one_row_each(judged, "attendance", "meeting_id", "agency")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per invited agency per level 2 or level 3 meeting held."""
    done_on = pl.when("met").then("owed_on")
    return as_evidence(area.with_case(invitations(area)).with_columns(area.of_case("case_id"), done_on=done_on))


def counted(area: Area, first: date, last: date) -> pl.LazyFrame:
    """The invitations to the meetings between two days, counted: one row per quarter (its number) and agency.

    Columns: `quarter, unit, met, owed, unknown`. The same as counting the rows of `invitations`, in a third of the time.
    """
    if area.repeats("attendance", "meeting_id", "agency") or len(area.standard.steps(FIGURE)) > 1:
        rows = invitations(area).filter(pl.col("owed_on").is_between(first, last))
        return counts(rows, area.standard, "unit")
    quarter = quarter_number(area.standard, pl.col("owed_on")).cast(pl.Int64)
    meetings = _meetings(area).filter(pl.col("owed_on").is_between(first, last)).select(MEETING, quarter=quarter)
    records = area.numbered.lazy("attendance").select(MEETING, AGENCY, "mode", "senior_enough")
    placed = records.with_columns(_of_meeting(meetings.collect(), "quarter")).filter(pl.col("quarter").is_not_null())
    # What a record says goes into one number: records are judged once they have been counted.
    said = {AGENCY: _codes(placed, AGENCY), "mode": _codes(placed, "mode"), "senior_enough": pl.Series([False, True])}
    packed = pl.col("quarter")
    for name, codes in said.items():
        packed = packed * (len(codes) + 1) + pl.col(name).to_physical().cast(pl.Int64).fill_null(len(codes))
    told = how_many(placed.select(packed=packed).collect()["packed"])
    for name, codes in reversed(said.items()):
        place = pl.col("packed") % (len(codes) + 1)
        told = told.with_columns(pl.col("packed") // (len(codes) + 1), looked_up(codes, place).alias(name))
    judged = told.lazy().select("n", quarter=pl.col("packed").cast(pl.Int32), unit=AGENCY, met=_took_part(area))
    met, n = pl.col("met"), pl.col("n")
    counted = judged.group_by("quarter", "unit").agg(
        n.filter(met).sum().alias("met"), n.sum().alias("owed"), n.filter(met.is_null()).sum().alias("unknown")
    )
    return counted.with_columns(pl.col("unit").cast(pl.String).fill_null(NO_AGENCY))


def _codes(rows: pl.LazyFrame, column: str) -> pl.Series:
    """The codes of a column, each at its place."""
    listed = rows.collect_schema()[column]
    assert isinstance(listed, pl.Enum)
    return pl.Series(listed.categories, dtype=listed)


def _meeting(mode: str, senior: str | None) -> dict[str, list[dict[str, str | None]]]:
    return {
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}],
        "attendance": [
            {"meeting_id": "M1", "agency": "police", "mode": "in person", "senior_enough": "true"},
            {"meeting_id": "M1", "agency": "housing", "mode": mode, "senior_enough": senior},
        ],
    }


MEASURE = Measure(
    id="agency_attendance",
    title="Invited agencies took part in level 2 and 3 meetings",
    sentence="Of the invitations to level 2 and 3 meetings, how many the agency took up, at the right seniority or by report.",
    numerator="invitations taken up in person, by video or telephone by someone senior enough, or by a report",
    denominator="agencies invited to level 2 and level 3 meetings held in the period, one per agency and meeting",
    cite="J10 16.2 (5); H08 “Agency Representation”",
    evidence=evidence,
    counted=counted,
    supplied=lambda area: (
        area.tables.has("meetings", "meeting_id", "held_on", "kind") and area.tables.has("attendance", "meeting_id")
    ),
    short="attendance",
    cannot_tell=(
        "It counts seats taken, not what was said there. An agency that is not invited, or "
        "whose invitation is not on record, does not show."
    ),
    how_to_read=(
        "The target is for each agency: it is met only when every invited agency reaches it. "
        "An invitation that names no agency may be anybody's: unless it was taken up, the verdict depends on whose it was. "
        "A meeting without any attendance recorded is not counted here; it is listed under data quality."
    ),
    target="target_agency_attendance",
    unit="agency",
    each=True,
    dimensions=("level",),
    passes=Example(
        "Police came and housing sent a report: both took part.",
        _meeting("report", None),
        "2023-Q4",
        2,
        2,
        0,
        "met",
    ),
    breaks=Example(
        "Housing sent someone who was not senior enough: housing misses the target, and so the KPI is not met.",
        _meeting("video", "false"),
        "2023-Q4",
        1,
        2,
        0,
        "not met",
    ),
)
