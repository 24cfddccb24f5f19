"""Attendance of each invited agency at level 2 and 3 meetings (domain 4.3; J10 16.2 (5); H08 “Agency Representation”)."""

from __future__ import annotations

from dataclasses import dataclass
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
from kpis.tallies import count_met, counts

NO_AGENCY = "(agency not recorded)"


@dataclass(frozen=True)
class _Meetings:
    """What is told of the level 2 and 3 meetings held, each by its number: null where a number is not one of them."""

    case: pl.Series
    level: pl.Series
    owed_on: pl.Series


def _meetings(area: Area) -> _Meetings:
    meetings = area.multi_agency_meetings.filter(pl.col(MEETING).is_not_null())
    if area.repeats("meetings", "meeting_id"):
        # Of records that share a reference the earliest tells.
        earliest = meetings.sort("held_on", pl.col("level").cast(pl.String), "case_id", nulls_last=True)
        meetings = earliest.unique(MEETING, keep="first", maintain_order=True)
    told = meetings.select(MEETING, CASE, "level", owed_on="held_on").collect()
    # The record of each number: a list to look into, where a join would have to search.
    size = int(told.select(pl.col(MEETING).max().fill_null(0)).item()) + 1
    record = pl.Series([None], dtype=pl.UInt32).new_from_index(0, size)
    record = record.scatter(told[MEETING], pl.int_range(told.height, dtype=pl.UInt32, eager=True))
    return _Meetings(*(told[name].gather(record) for name in (CASE, "level", "owed_on")))


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
    meetings = _meetings(area)
    mode, senior, present = pl.col("mode"), pl.col("senior_enough"), _present(area)
    placed = area.numbered.lazy("attendance").with_columns(
        *(
            looked_up(told, pl.col(MEETING)).alias(name)
            for name, told in (("owed_on", meetings.owed_on), ("level", meetings.level), (CASE, meetings.case))
        )
    )
    judged = placed.filter(pl.col("owed_on").is_not_null()).with_columns(
        unit=_agency(area),
        met=_took_part(area),
        why=one_of(
            (mode.is_null(), "how it took part is not recorded"),
            (present & senior.is_null(), "present, but seniority is not recorded"),
            (present & ~senior, "present, but not senior enough"),
            *((mode == each, each) for each in ATTENDANCE_MODES),
        ),
        missing_field=one_of((mode.is_null(), "mode"), (present & senior.is_null(), "senior_enough")),
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
    owed_on = _meetings(area).owed_on.to_frame("owed_on")
    quarter = quarter_number(area.standard, pl.col("owed_on")).cast(pl.Int32)
    quarters = owed_on.select(pl.when(pl.col("owed_on").is_between(first, last)).then(quarter)).to_series()
    records = area.numbered.lazy("attendance").select(MEETING, AGENCY, "mode", "senior_enough")
    placed = records.with_columns(quarter=looked_up(quarters, pl.col(MEETING)))
    judged = placed.filter(pl.col("quarter").is_not_null()).select(
        "quarter", pl.col(AGENCY).alias("unit"), met=_took_part(area)
    )
    counted = judged.group_by("quarter", "unit").agg(count_met())
    return counted.with_columns(pl.col("unit").cast(pl.String).fill_null(NO_AGENCY))


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
