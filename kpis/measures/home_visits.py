"""Home visits by the police to category 1 cases in the community (domain 4.6; J10 14.9; H08 “External Controls”)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.measure import Example, Measure
from kpis.states import records_of_cases

LOCATED = ("table", FILE, SHEET, ROW)


def _months(area: Area) -> Mapping[str, int]:
    return area.standard.value("home_visit_months")


def _back(area: Area) -> pl.Expr:
    """An interval before the day, by the risk of harm; without one the shortest interval, which whoever owes any owes."""
    months = _months(area)
    day, risk = pl.col("owed_on"), pl.col("risk_of_harm").cast(pl.String)
    since = pl.when(risk.is_null()).then(day.dt.offset_by(f"-{min(months.values())}mo"))
    for each, interval in months.items():
        since = since.when(risk == each).then(day.dt.offset_by(f"-{interval}mo"))
    return since


def _last_visit(rows: pl.LazyFrame, visits: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The rows with the day of the case's last visit up to theirs, as `name`, and its record as `name_…`."""
    dated = visits.select(
        "case_id",
        owed_on="visited_on",
        **{name: pl.col("visited_on"), f"{name}_table": pl.lit("visits")},
        **{f"{name}_{each}": pl.col(each) for each in (FILE, SHEET, ROW)},
    )
    return rows.join_asof(
        dated.sort("owed_on"), on="owed_on", by="case_id", strategy="backward", check_sortedness=False
    )


def evidence(area: Area) -> pl.LazyFrame:
    """One row per category 1 case in the community on each last day that has been managed for an interval by then."""
    visits = area.tables.lazy("visits").filter(pl.col("visited_on").is_not_null() & pl.col("case_id").is_not_null())
    by_police = pl.col("agency").cast(pl.String).str.to_lowercase().str.contains(r"\bpolice\b")
    at_home = area.states.lazy().filter((pl.col("category") == "1") & (pl.col("location") == "community"))
    since, risk = pl.col("since"), pl.col("risk_of_harm")
    owing = (
        at_home.join(records_of_cases(area, "entered_on", "risk_of_harm"), on="case_id", how="left")
        .with_columns(since=_back(area))
        .filter(pl.col("entered_on") <= since)
        .sort("owed_on")
    )
    rows = _last_visit(_last_visit(owing, visits.filter(by_police), "seen"), visits.filter(by_police.is_null()), "said")
    seen = (pl.col("seen") >= since).fill_null(value=False)
    perhaps = (pl.col("said") >= since).fill_null(value=False) & ~seen & risk.is_not_null()
    judged = rows.with_columns(
        met=pl.when(risk.is_not_null() & ~perhaps).then(seen),
        done_on=pl.when(risk.is_not_null() & seen).then("seen"),
        why=pl.when(risk.is_null())
        .then(pl.lit("the risk of harm is not recorded, and so not how often a visit is due"))
        .when(seen)
        .then(pl.lit("visited by the police within the interval for the risk"))
        .when(perhaps)
        .then(pl.lit("visited within the interval, but by whom is not recorded"))
        .otherwise(pl.lit("no police visit within the interval for the risk")),
        missing_field=pl.when(risk.is_null()).then(pl.lit("risk_of_harm")).when(perhaps).then(pl.lit("agency")),
    )
    located = [
        pl.when(risk.is_not_null() & seen)
        .then(pl.col(f"seen_{name}"))
        .when(perhaps)
        .then(pl.col(f"said_{name}"))
        .otherwise(pl.col(name))
        .alias(name)
        for name in LOCATED
    ]
    return as_evidence(judged.with_columns(located).sort("case_id", "owed_on"))


def _visited(*days: str) -> dict[str, list[dict[str, str]]]:
    case = {"case_id": "C1", "category": "1", "level": "1", "location": "community", "entered_on": "2022-01-04"}
    return {
        "cases": [{**case, "risk_of_harm": "high", "lead_agency": "police"}],
        "visits": [{"case_id": "C1", "visited_on": day, "agency": "police"} for day in days],
    }


MEASURE = Measure(
    id="home_visits",
    title="Category 1 cases visited at home in time",
    sentence="Of the category 1 cases in the community, how many the police had visited within the interval for their risk.",
    numerator="of these cases, those that the police visited within the interval for their risk of harm up to that day",
    denominator=(
        "category 1 cases in the community on the period's last day that had been managed for an interval or longer"
    ),
    cite="J10 14.9; H08 “External Controls”",
    evidence=evidence,
    supplied=lambda area: (
        area.tables.has("cases", "case_id", "category", "location", "entered_on")
        and area.tables.has("visits", "case_id", "visited_on", "agency")
    ),
    in_standard=lambda standard: standard.value("home_visit_months") is not None,
    how_to_read=(
        "It says how things stood on the last day, not how many visits were made; the guidance offers the intervals as good "
        "practice. The records hold only the latest risk: for past days it is taken for the risk of the time."
    ),
    window="last day",
    dimensions=("level", "lead_agency"),
    passes=Example(
        "A high-risk category 1 case lives in the community. The police called on 4 October, less than three months before "
        "the year's end.",
        _visited("2023-10-04"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The last visit was on 15 September: by the year's end that is more than three months ago.",
        _visited("2023-09-15"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
