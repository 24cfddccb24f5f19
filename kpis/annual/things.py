"""What the annual tables can count: one function each, from the records and a year to one row per thing.

Rows have `case_id`, `reference` (of the meeting or referral, else null) and the fields that a layout tells them apart by, as
labels; null is what the records do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS, SCREENING
from kpis.annual.records import Records, level_label
from kpis.periods import Period

_ORDER = "order imposed: "
_DISCUSSED = (SCREENING, *MULTI_AGENCY_KINDS)
ONCE, MORE = "once", "more than once"

RECORDED_AS = {"registered": "notification_from"}
"""What a field is called in the records, where it is made from another."""


@dataclass(frozen=True)
class Things:
    """The things counted in a year; `why` in words where the records cannot tell, and then there are no rows.

    `silent`: field → why, of fields that the source does not have, so that nothing can be told apart by them.
    """

    rows: pl.DataFrame | None = None
    why: str = ""
    silent: dict[str, str] = field(default_factory=dict)

    def cannot_tell(self, fields: Collection[str]) -> str:
        """Why the things cannot be counted by these fields; empty where they can."""
        if self.rows is None:
            return self.why
        return next((self.silent[name] for name in fields if name in self.silent), "")


Count = Callable[[Records, Period], Things]


def _once(count: Count) -> Count:
    """Several tables of a year count the same things, which are then looked for once."""

    def counted(records: Records, year: Period) -> Things:
        found = records.of_year(year.name)
        if count not in found:
            found[count] = count(records, year)
        return found[count]

    counted.__doc__ = count.__doc__
    return counted


def last_day(records: Records, year: Period) -> date:
    """The year's last day, or the as-at date while it runs."""
    return min(year.end, records.area.as_at)


def _silent(records: Records, table: str, **columns: str) -> dict[str, str]:
    """Field → why, of those whose column the source does not have."""
    return {name: why for name, column in columns.items() if (why := records.lacks(table, column))}


def _on(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# People


def _people_on(records: Records, day: date) -> Things:
    """Every case at the end of a day, with `registered`: yes, no, or not known."""
    why = records.lacks("cases", "case_id", "entered_on", "category")
    if why:
        return Things(why=why)
    stood = records.standing(day)
    if not stood["active"].any():
        return Things(why=f"the records hold nobody under management on {_on(day)}")
    told = pl.col("notification_from")
    within = (told <= day) & (pl.col("notification_until").is_null() | (pl.col("notification_until") >= day))
    gone = (pl.col("exited_on") <= day).fill_null(value=False)
    unclear = told.is_null() & (pl.col("category") == "category 1") & pl.col("active")
    registered = (
        pl.when(gone)
        .then(pl.lit("no"))
        .when(unclear)
        .then(None)
        .when(within)
        .then(pl.lit("yes"))
        .otherwise(pl.lit("no"))
    )
    return Things(
        stood.with_columns(registered=registered, reference=pl.lit(None, dtype=pl.String)),
        silent=_silent(records, "cases", registered="notification_from", location="location"),
    )


@_once
def people_at_the_end(records: Records, year: Period) -> Things:
    """Everybody of whom there is a record, as they stood on the year's last day."""
    return _people_on(records, last_day(records, year))


@_once
def people_at_the_start(records: Records, year: Period) -> Things:
    """The same on the day before the year began."""
    return _people_on(records, year.start - timedelta(days=1))


@_once
def people_under_management(records: Records, year: Period) -> Things:
    """One row per case under management at the end of the year's last day, by `level`, `category`, `location`."""
    found = people_at_the_end(records, year)
    if found.rows is None:
        return found
    silent = {**found.silent, **_silent(records, "cases", level="level")}
    return Things(found.rows.filter("active"), silent=silent)


@_once
def people_who_entered(records: Records, year: Period) -> Things:
    """One row per case that came under management in the year."""
    why = records.lacks("cases", "case_id", "entered_on")
    if why:
        return Things(why=why)
    last = last_day(records, year)
    if not (records.people["entered_on"] <= last).any():
        return Things(why=f"the records hold nobody who had entered by {_on(last)}")
    rows = records.people.filter(pl.col("entered_on").is_between(year.start, last))
    return Things(rows.with_columns(reference=pl.lit(None, dtype=pl.String)))


@_once
def people_managed(records: Records, year: Period) -> Things:
    """One row per case under management on any day of the year, at its highest `level` in it, and its `category`.

    Whoever stands in the table of the last day stands here too, though the history were silent.
    """
    at_end = people_under_management(records, year)
    if at_end.rows is None:
        return at_end
    last = last_day(records, year)
    lasted = pl.col("until_on").is_null() | (
        (pl.col("until_on") > year.start) & (pl.col("until_on") > pl.col("from_on"))
    )
    during = records.history.lazy().filter((pl.col("from_on") <= last) & lasted).select("case_id", "level")
    rows = (
        pl.concat([during, at_end.rows.lazy().select("case_id", "level")])
        .group_by("case_id")
        .agg(pl.col("level").max())
        .sort("case_id")
        .collect()
    )
    silent = {name: why for name, why in at_end.silent.items() if name == "level"}
    return Things(records.category_of(rows).with_columns(reference=pl.lit(None, dtype=pl.String)), silent=silent)


# Meetings and referrals


@_once
def meetings(records: Records, year: Period) -> Things:
    """One row per meeting held in the year: `kind`, `outcome`. Repeats of one record count once, as in the measures."""
    why = records.lacks("meetings", "held_on", "kind")
    if why:
        return Things(why=why)
    outcome = pl.col("outcome_level").cast(pl.String)
    # Judged as the measure of screening outcomes judges them, so that the two cannot differ.
    judged = (
        records.area.meetings.filter(
            pl.col("held_on").is_between(year.start, last_day(records, year)) & pl.col("kind").is_not_null()
        )
        .select("meeting_id", "case_id", "held_on", pl.col("kind").cast(pl.String), unit=outcome)
        .with_columns(owed_on=pl.col("held_on"), met=pl.col("unit").is_not_null(), why=pl.lit(None, dtype=pl.String))
    )
    rows = records.area.one_row_each(judged, "meetings", "meeting_id", "case_id").collect()
    if rows.is_empty():
        return Things(why=f"the records hold no meeting in {year.name}")
    named = rows.select("case_id", "kind", reference="meeting_id", outcome=level_label(pl.col("unit")))
    return Things(named, silent=_silent(records, "meetings", outcome="outcome_level"))


@_once
def people_discussed(records: Records, year: Period) -> Things:
    """One row per case discussed at a screening, level 2 or level 3 meeting in the year: `times` once or more than once."""
    found = meetings(records, year)
    why = found.why or records.lacks("meetings", "case_id")
    if found.rows is None or why:
        return Things(why=why or "")
    sittings = found.rows.filter(pl.col("kind").is_in(_DISCUSSED) & pl.col("case_id").is_not_null())
    rows = sittings.group_by("case_id").agg(held=pl.len()).sort("case_id")
    times = pl.when(pl.col("held") > 1).then(pl.lit(MORE)).otherwise(pl.lit(ONCE))
    return Things(rows.with_columns(times=times, reference=pl.lit(None, dtype=pl.String)))


@_once
def referrals(records: Records, year: Period) -> Things:
    """One row per referral received in the year: `source`, `concern`, `route`."""
    why = records.lacks("referrals", "received_on")
    if why:
        return Things(why=why)
    asked = ("referral_id", "source_agency", "concern", "route")
    rows = records.dated("referrals", "received_on", year.start, last_day(records, year), asked)
    if rows.is_empty():
        return Things(why=f"the records hold no referral in {year.name}")
    return Things(
        rows.rename({"referral_id": "reference", "source_agency": "source"}),
        silent=_silent(records, "referrals", source="source_agency", concern="concern", route="route"),
    )


# Events


@_once
def events(records: Records, year: Period) -> Things:
    """One row per event of the year: `kind`, and the `category` and `level` of its case on the day."""
    why = records.lacks("events", "case_id", "occurred_on", "kind")
    if why:
        return Things(why=why)
    rows = records.dated("events", "occurred_on", year.start, last_day(records, year), ("kind",))
    if rows.is_empty():
        return Things(why=f"the records hold no event in {year.name}")
    told = records.with_level_on(records.category_of(rows), "occurred_on")
    return Things(told.with_columns(reference=pl.lit(None, dtype=pl.String)))


@_once
def people_in_events(records: Records, year: Period) -> Things:
    """The same with one row per person and kind, at the highest level at which it happened; of nobody known, one row each."""
    found = events(records, year)
    if found.rows is None:
        return found
    in_order = found.rows.sort("case_id", "kind", "level", descending=[False, False, True], nulls_last=True)
    first = pl.struct("case_id", "kind").is_first_distinct() | pl.col("case_id").is_null()
    return Things(in_order.filter(first), silent=found.silent)


@_once
def orders(records: Records, year: Period) -> Things:
    """One row per restrictive order of the year: `order`, `category`."""
    found = events(records, year)
    if found.rows is None:
        return found
    imposed = found.rows.filter(pl.col("kind").str.starts_with(_ORDER))
    return Things(imposed.with_columns(order=pl.col("kind").str.strip_prefix(_ORDER)), silent=found.silent)


THINGS: dict[str, Count] = {
    "people under management": people_under_management,
    "people at the end": people_at_the_end,
    "people at the start": people_at_the_start,
    "people who entered": people_who_entered,
    "people managed": people_managed,
    "people discussed": people_discussed,
    "people in events": people_in_events,
    "meetings": meetings,
    "referrals": referrals,
    "events": events,
    "orders": orders,
}
"""What a layout can name under `counts`."""


def order_label(kind: str) -> str:
    """`"order imposed: notification"` → `"notification"`."""
    return kind.removeprefix(_ORDER)
