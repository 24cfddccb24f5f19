"""Attendance of each invited agency at level 2 and 3 meetings (domain 4.3; J10 16.2 (5); H08 “Agency Representation”)."""

from __future__ import annotations

from datetime import date

import polars as pl

from checks.codes import PRESENT_MODES, REPORT
from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.measure import Example, Measure
from kpis.periods import quarter_number
from kpis.repeats import rises
from kpis.tallies import count_met, counts

NO_AGENCY = "(agency not recorded)"


def _meetings(area: Area) -> pl.LazyFrame:
    """`meeting_id, case_id, level, owed_on` of the level 2 and 3 meetings held; one row per reference."""
    meetings = area.multi_agency_meetings.filter(pl.col("meeting_id").is_not_null())
    if area.repeats("meetings", "meeting_id"):
        earliest = meetings.sort("held_on", "level", "case_id", nulls_last=True)
        meetings = earliest.unique("meeting_id", keep="first", maintain_order=True)
    return meetings.select("meeting_id", "case_id", "level", owed_on="held_on")


def _present(area: Area) -> pl.Expr:
    return pl.col("mode").is_in([each for each in PRESENT_MODES if each in _counting(area)])


def _counting(area: Area) -> list[str]:
    return area.standard.value("attendance_modes_that_count") or []


def _took_part(area: Area) -> pl.Expr:
    """Without a mode nothing is known: what is compared with nothing stays unknown."""
    by_report = (pl.col("mode") == REPORT) & pl.lit(REPORT in _counting(area))
    return pl.when(_present(area)).then("senior_enough").otherwise(by_report)


def invitations(area: Area) -> pl.LazyFrame:
    """One row per invited agency per level 2 or level 3 meeting held, judged."""
    mode, senior, present = pl.col("mode"), pl.col("senior_enough"), _present(area)
    rows = area.tables.lazy("attendance").join(_meetings(area), on="meeting_id", how="inner", maintain_order="left")
    judged = rows.with_columns(
        unit=pl.col("agency").fill_null(NO_AGENCY),
        met=_took_part(area),
        why=pl.when(mode.is_null())
        .then(pl.lit("how it took part is not recorded"))
        .when(present & senior.is_null())
        .then(pl.lit("present, but seniority is not recorded"))
        .when(present & ~senior)
        .then(pl.lit("present, but not senior enough"))
        .otherwise(mode.cast(pl.String)),
        missing_field=pl.when(mode.is_null())
        .then(pl.lit("mode"))
        .when(present & senior.is_null())
        .then(pl.lit("senior_enough")),
        table=pl.lit("attendance"),
    )
    return area.one_row_each(judged, "attendance", "meeting_id", "agency")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per invited agency per level 2 or level 3 meeting held."""
    rows = invitations(area).with_columns(done_on=pl.when("met").then("owed_on"))
    return as_evidence(area.with_case(rows))


def counted(area: Area, first: date, last: date) -> pl.LazyFrame:
    """The invitations to the meetings between two days, counted: one row per quarter (its number) and agency.

    Columns: `quarter, unit, met, owed, unknown`.

    The same as counting the rows of `invitations`, in half the time: the records of one meeting mostly stand together, so
    that each such run is looked up once, and not each record.
    """
    records = area.tables.lazy("attendance").select("meeting_id", "agency", "mode", "senior_enough").collect()
    begins = records["meeting_id"].ne_missing(records["meeting_id"].shift(1, fill_value=""))
    run = begins.cum_sum() - 1
    agency = records["agency"].cast(pl.Categorical)
    if _may_repeat(records["meeting_id"].filter(begins), begins, run, agency):
        return counts(invitations(area).filter(pl.col("owed_on").is_between(first, last)), area.standard, "unit")
    asked = _meetings(area).filter(pl.col("owed_on").is_between(first, last))
    held = asked.select("meeting_id", quarter=quarter_number(area.standard, pl.col("owed_on")).cast(pl.Int32))
    firsts = records.lazy().select("meeting_id").filter(pl.lit(begins))
    quarter = firsts.join(held, on="meeting_id", how="left", maintain_order="left").collect()["quarter"]
    placed = pl.LazyFrame(
        {
            "quarter": quarter.gather(run),
            "unit": agency,
            "mode": records["mode"],
            "senior_enough": records["senior_enough"],
        }
    )
    return (
        placed.filter(pl.col("quarter").is_not_null())
        .select("quarter", "unit", met=_took_part(area))
        .group_by("quarter", "unit")
        .agg(count_met())
        .with_columns(pl.col("unit").cast(pl.String).fill_null(NO_AGENCY))
    )


_LONGEST_RUN = 40
"""Agencies at one meeting, up to which looking at neighbours is quicker than sorting."""


def _may_repeat(firsts: pl.Series, begins: pl.Series, run: pl.Series, agency: pl.Series) -> bool:
    """Whether an agency may stand twice at one meeting, or the records of a meeting in two places."""
    whole = firsts.drop_nulls()
    if not rises(whole) and whole.n_unique() < len(whole):
        return True
    longest = begins.arg_true().extend_constant(len(begins), 1).diff().max() or 0
    if not isinstance(longest, int) or longest > _LONGEST_RUN:
        return True
    key = run.cast(pl.Int64) * (1 << 32) + agency.to_physical()
    return any((key == key.shift(apart)).any() for apart in range(1, longest))


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
    bare=invitations,
    counted=counted,
    supplied=lambda area: (
        area.tables.has("meetings", "meeting_id", "held_on", "kind") and area.tables.has("attendance", "meeting_id")
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
