"""Home visits by the police to category 1 cases in the community (domain 4.6; J10 14.9; H08 “External Controls”)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import polars as pl

from checks.in_force import on_day
from checks.locators import FILE, ROW, SHEET
from checks.numbers import CASE
from kpis.area import Area
from kpis.evidence import as_evidence, one_of
from kpis.looked_up import looked_up
from kpis.measure import Example, Measure
from kpis.moments import day_of, moment, whose_of
from kpis.states import counted_on_last_days, on_last_days, records_of_cases

POLICE = r"\bpolice\b"
"""How an agency's name says that it is the police: areas write it out in different ways."""


def _back(area: Area) -> pl.Expr:
    """An interval before the day, by the risk of harm; without one the shortest interval, which whoever owes any owes."""
    day, risk = pl.col("owed_on"), pl.col("risk_of_harm").cast(pl.String)

    def since(months: Mapping[str, int] | None) -> pl.Expr:
        if not months:
            return pl.lit(None, dtype=pl.Date)
        back = pl.when(risk.is_null()).then(day.dt.offset_by(f"-{min(months.values())}mo"))
        for each, interval in months.items():
            back = back.when(risk == each).then(day.dt.offset_by(f"-{interval}mo"))
        return back.otherwise(None)

    return on_day(area.standard, "home_visit_months", day, since)


def _police(area: Area) -> pl.Expr:
    """Whether a visit was one by the police; null where it is not recorded whose it was."""
    names = (
        area.tables.lazy("visits").select(pl.col("agency").cast(pl.String).drop_nulls().unique()).collect()["agency"]
    )
    # Names are few: to look into each visit's costs ten times as much.
    return pl.col("agency").cast(pl.String).is_in(names.filter(names.str.to_lowercase().str.contains(POLICE)).to_list())


def _visits(area: Area) -> pl.DataFrame:
    """`moment, police, number`: the visits by the police or by nobody knows whom, in order; `number` of the record."""
    return (
        area.numbered.lazy("visits")
        .select(pl.col(CASE).alias("case"), "visited_on", police=_police(area))
        .with_row_index("number")
        .filter(
            pl.col("visited_on").is_not_null() & pl.col("case").is_not_null() & pl.col("police").fill_null(value=True)
        )
        .select("police", "number", moment=moment(pl.col("case"), pl.col("visited_on")))
        .sort("moment", "number")
        .collect()
    )


def _with_last(rows: pl.LazyFrame, visits: pl.DataFrame, name: str) -> pl.LazyFrame:
    """The rows with the day of the last of these visits up to each row's day, `NAME`, and the number of its record, `NAME_row`.

    Found by place: to join by the day of the visit, rows and visits would have to be sorted by day first. In steps, as
    polars works out anew whatever one expression names twice.
    """
    if visits.is_empty():
        nothing = {name: pl.lit(None, dtype=pl.Date), f"{name}_row": pl.lit(None, dtype=pl.UInt32)}
        return rows.with_columns(**nothing)
    place = (
        pl.lit(visits["moment"]).search_sorted(moment(pl.col("case"), pl.col("owed_on")), "right").cast(pl.Int64) - 1
    )
    found = pl.col("_moment")
    own = whose_of(found) == pl.col("case")
    return (
        rows.with_columns(_place=place)
        .with_columns(_place=pl.when(pl.col("_place") >= 0).then("_place"))
        .with_columns(_moment=looked_up(visits["moment"], pl.col("_place")))
        .with_columns(_place=pl.when(own).then("_place"), _moment=pl.when(own).then("_moment"))
        .with_columns(
            day_of(found).alias(name),
            looked_up(visits["number"], pl.col("_place")).alias(f"{name}_row"),
        )
        .drop("_place", "_moment")
    )


def _at_home(area: Area) -> pl.LazyFrame:
    """The runs of last days on which category 1 cases were in the community, with what their records tell, in order."""
    at_home = area.states.lazy().filter((pl.col("category") == "1") & (pl.col("location") == "community"))
    told = records_of_cases(area, "entered_on", "risk_of_harm")
    return at_home.sort("case", "first").join(told, on="case", how="left", maintain_order="left")


def judged(area: Area) -> pl.LazyFrame:
    """One row per case and last day on which a visit within the interval was owed, judged, in order."""
    since, risk = pl.col("since"), pl.col("risk_of_harm")
    owing = on_last_days(area, _at_home(area)).with_columns(since=_back(area)).filter(pl.col("entered_on") <= since)
    visits = _visits(area)
    rows = _with_last(owing, visits.filter("police"), "seen")
    rows = _with_last(rows, visits.filter(pl.col("police").is_null()), "said")
    seen = (pl.col("seen") >= since).fill_null(value=False)
    said = (pl.col("said") >= since).fill_null(value=False)
    told = rows.with_columns(was_seen=seen & risk.is_not_null(), perhaps=said & ~seen & risk.is_not_null())
    return told.with_columns(met=pl.when(risk.is_not_null() & ~pl.col("perhaps")).then("was_seen"))


def evidence(area: Area) -> pl.LazyFrame:
    """One row per category 1 case in the community on each last day that has been managed for an interval by then."""
    seen, perhaps, risk = pl.col("was_seen"), pl.col("perhaps"), pl.col("risk_of_harm")
    told = judged(area).with_columns(
        done_on=pl.when(seen).then("seen"),
        record=pl.when(seen).then("seen_row").when(perhaps).then("said_row"),
        why=one_of(
            (risk.is_null(), "the risk of harm is not recorded, and so not how often a visit is due"),
            (seen, "visited by the police within the interval for the risk"),
            (perhaps, "visited within the interval, but by whom is not recorded"),
            otherwise="no police visit within the interval for the risk",
        ),
        missing_field=one_of(
            (risk.is_null(), "risk_of_harm"),
            (perhaps, "agency"),
        ),
    )
    visits = area.tables.lazy("visits").select(FILE, SHEET, ROW).collect()
    of_visit = pl.col("record").is_not_null()
    own = [
        pl.when(of_visit).then(looked_up(visits[name], pl.col("record"))).otherwise(name).alias(name)
        for name in (FILE, SHEET, ROW)
    ]
    return as_evidence(told.with_columns(own, table=one_of((of_visit, "visits"), otherwise="cases")))


def counted(area: Area, first: date, last: date) -> pl.LazyFrame | None:
    """The same counted per quarter (`quarter, met, owed, unknown`), for a tenth of the cost: cases by runs of days, not by days.

    A visit serves a run of last days: from the first one after it, as long as it lies within the interval. None where figures
    change on a date: each day is then looked at by itself.
    """
    standard = area.standard
    if len(standard.steps("home_visit_months")) > 1 or len(standard.steps("categories")) > 1:
        return None
    days = pl.Series(area.last_days, dtype=pl.Date)
    months: Mapping[str, int] = standard.value("home_visit_months")
    back = {None: min(months.values()), **months}

    def place(day: str, side: Literal["left", "right"]) -> pl.Expr:
        """How many of the days' intervals begin before a day, by the risk; null for a risk that owes nothing."""
        risk = pl.col("risk_of_harm")
        placed = pl.lit(None, dtype=pl.UInt32)
        for each, interval in back.items():
            since = pl.lit(days.dt.offset_by(f"-{interval}mo")).search_sorted(pl.col(day), side)
            placed = pl.when(risk.eq_missing(pl.lit(each))).then(since).otherwise(placed)
        return placed

    owing = (
        _at_home(area)
        .with_columns(pl.col("risk_of_harm").cast(pl.String))
        .with_columns(owes=place("entered_on", "left"))
        .filter(pl.col("owes").is_not_null())
        .with_columns(first=pl.max_horizontal("first", "owes"))
        .filter(pl.col("first") < pl.col("end"))
        .select("case", "first", "end", "risk_of_harm")
        .collect()
    )
    known = pl.col("risk_of_harm").is_not_null()
    risks = owing.filter(known).select("case", "risk_of_harm").unique("case")
    visits = (
        area.numbered.lazy("visits")
        .filter(pl.col("visited_on").is_not_null())
        .select(pl.col(CASE).alias("case"), "visited_on", police=_police(area))
        .filter(pl.col("police").fill_null(value=True))
        .join(risks.lazy(), on="case", how="inner")
        .select(
            "case",
            "police",
            first=pl.lit(days).search_sorted(pl.col("visited_on"), "left"),
            end=place("visited_on", "right"),
        )
        .filter(pl.col("first") < pl.col("end"))
        .collect()
    )
    by_police = visits.filter("police")
    runs = [
        owing.lazy().select("first", "end", owed=1, met=0, unknown=(~known).cast(pl.Int64)),
        _served(owing, by_police).select("first", "end", owed=0, met=1, unknown=0),
    ]
    if by_police.height < visits.height:
        # What somebody's visits serve beyond those of the police may have been served.
        runs.append(_served(owing, visits).select("first", "end", owed=0, met=0, unknown=1))
        runs.append(_served(owing, by_police).select("first", "end", owed=0, met=0, unknown=-1))
    numbers = [each.select("first", "end", pl.col("met", "owed", "unknown").cast(pl.Int64)) for each in runs]
    return counted_on_last_days(area, pl.concat(numbers), first, last)


def _served(owing: pl.DataFrame, visits: pl.DataFrame) -> pl.LazyFrame:
    """The days on which a visit was owed and served by any of these, as runs (`first, end`), none twice.

    `owing`: `case, first, end` · `visits`: the same, the days that each serves; of a case all have one interval.
    """
    case, end = pl.col("case"), pl.col("end")
    # The later of two visits serves later days, both from and until: sorted as one number they stand in the order of days.
    bits = 1 << 16
    in_order = visits.select(run=(case.cast(pl.Int64) * bits + pl.col("first")) * bits + end).to_series().sort()
    run = pl.col("run")
    alone = (
        in_order.to_frame()
        .lazy()
        .select(
            case=(run // (bits * bits)).cast(pl.UInt32),
            first=(run // bits % bits).cast(pl.UInt32),
            end=(run % bits).cast(pl.UInt32),
        )
        .with_columns(
            first=pl.when(case == case.shift(1)).then(pl.max_horizontal("first", end.shift(1))).otherwise("first")
        )
        .filter(pl.col("first") < end)
    )
    both = alone.join(owing.lazy().select("case", "first", "end"), on="case", how="inner", suffix="_owed")
    return both.select(pl.max_horizontal("first", "first_owed"), pl.min_horizontal("end", "end_owed")).filter(
        pl.col("first") < end
    )


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
    bare=judged,
    counted=counted,
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
    theme="Plans, actions and visits",
    things="cases",
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
