"""The date of release confirmed in good time (domain 4.6; H08 “Confirming Release Dates”)."""

from __future__ import annotations

import polars as pl

from checks.in_force import due_in_force
from checks.locators import FILE, ROW, SHEET
from checks.numbers import CASE
from kpis.area import Area
from kpis.deadlines import done_by, fallen_due
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.spells import can_tell, numbered_management
from kpis.whereabouts import in_custody_on

FIGURE = "release_confirmed_months"


def cases(area: Area) -> pl.LazyFrame:
    """One row per case that was in custody at level 2 or 3 on the day its release should be confirmed, judged."""
    owed_on, confirmed = pl.col("owed_on"), pl.col("done_on")
    rows = (
        area.numbered.lazy("cases")
        .filter(pl.col("case_id").is_not_null())
        .select(
            CASE,
            "case_id",
            FILE,
            SHEET,
            ROW,
            owed_on=due_in_force(
                area.standard, FIGURE, lambda months: pl.col("release_on").dt.offset_by(f"-{months}mo")
            ),
            done_on="release_confirmed_on",
        )
        .filter(owed_on <= area.as_at)
        .with_columns(met=done_by(confirmed, owed_on))
    )
    managed = numbered_management(area).rename({"case": CASE}).filter(pl.col("level").is_in(["2", "3"]))
    told = in_custody_on(area.within(rows, "owed_on"), managed, "owed_on").with_columns(
        why=one_of(
            (pl.col("met"), "confirmed in time"),
            (confirmed.is_not_null(), "confirmed late"),
            otherwise="not confirmed so far",
        ),
        table=always("cases"),
    )
    return fallen_due(area, told, "cases", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per case that was in custody at level 2 or 3 on the day its release should be confirmed."""
    return as_evidence(area.with_case(cases(area)))


def _confirmed(on: str) -> dict[str, list[dict[str, str]]]:
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": "2",
                "level": "3",
                "location": "custody",
                "entered_on": "2022-09-01",
                "release_on": "2024-01-31",
                "release_confirmed_on": on,
            }
        ],
        "spells": [{"case_id": "C1", "level": "3", "location": "custody", "from_on": "2022-09-01"}],
    }


MEASURE = Measure(
    id="release_confirmed",
    title="Date of release confirmed in good time",
    sentence="Of the level 2 and 3 cases in custody nearing release, how many had the date confirmed in time.",
    numerator="cases whose date of release was confirmed by the due day",
    denominator="cases in custody at level 2 or 3 on the due day, four months before release, where that day is in the period",
    cite="H08 “Confirming Release Dates”",
    evidence=evidence,
    bare=cases,
    supplied=lambda area: can_tell(area) and area.tables.has("cases", "release_on", "release_confirmed_on"),
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("level", "category", "lead_agency"),
    how_to_read=(
        "The due day is reckoned back from the date of release in the record: if that date has moved since, so has the due day. "
        "A case without a date of release is not counted here; it is listed under data quality."
    ),
    theme="Release and leaving",
    things="cases",
    passes=Example(
        "Release is on 31 January 2024; the prison confirmed it on 30 September, four months before.",
        _confirmed("2023-09-30"),
        "2023-24-Q2",
        1,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
    breaks=Example(
        "The prison confirmed it on 1 October, a day late.",
        _confirmed("2023-10-01"),
        "2023-24-Q2",
        0,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
)
