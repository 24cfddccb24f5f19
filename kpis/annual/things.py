"""What the annual tables can count: one function each, from the records and a year to one row per thing.

Rows have `case_id`, those of meetings and referrals a `reference`, and as Enums of labels the fields that a layout tells them
apart by; null is what the records do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS, SCREENING
from checks.numbers import CASE
from kpis.annual.records import Records, labelled, level_label
from kpis.evidence import one_of
from kpis.once import once
from kpis.periods import Period

_ORDER = "order imposed: "
_DISCUSSED = (SCREENING, *MULTI_AGENCY_KINDS)
ONCE, MORE = "once", "more than once"

RECORDED_AS = {"registered": "notification_from"}
"""What a field is called in the records, where it is made from another."""


@dataclass(frozen=True)
class Things:
    """The things counted in a year; `why` in words where the records cannot tell, and then there are no rows.

    `silent`: field → why, of fields that the source does not have, so that nothing can be told apart by them · `only`: field →
    label, where but those rows are meant that say so · `shown_by`: what the rows are sorted by where they are shown, which to count
    them nobody needs.
    """

    rows: pl.DataFrame | None = None
    why: str = ""
    silent: dict[str, str] = field(default_factory=dict)
    only: dict[str, str] = field(default_factory=dict)
    shown_by: tuple[str, ...] = ()

    def cannot_tell(self, fields: Collection[str]) -> str:
        """Why the things cannot be counted by these fields; empty where they can."""
        if self.rows is None:
            return self.why
        return next((self.silent[name] for name in fields if name in self.silent), "")

    @once
    def alike(self) -> list[Alike]:
        """The things told apart by all that their labels say: a few hundred groups at most, however many the rows."""
        rows = self._there
        labels = _labels(rows)
        counts = rows.select(key=_key(labels)).to_series().value_counts()
        groups = (Alike(key, many, _unpacked(key, labels)) for key, many in counts.iter_rows())
        return [each for each in groups if self.only.items() <= each.says.items()]

    def keyed(self) -> pl.DataFrame:
        """`case_id, reference, key` (as of those that are `alike`): the rows in the order in which they are shown."""
        rows = self._there.sort(self.shown_by, nulls_last=True, maintain_order=True) if self.shown_by else self._there
        reference = pl.col("reference") if "reference" in rows.columns else pl.lit(None, dtype=pl.String)
        return rows.select("case_id", reference=reference, key=_key(_labels(rows)))

    @property
    def _there(self) -> pl.DataFrame:
        if self.rows is None:
            # Never 0 of what nobody knows.
            raise ValueError(self.why)
        return self.rows


@dataclass(frozen=True)
class Alike:
    """The things that say the same in all their fields: how `many`, what each field `says`, and the `key` of their rows."""

    key: int
    many: int
    says: dict[str, str | None]


def _labels(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Field → its labels."""
    return {name: kind.categories.to_list() for name, kind in rows.schema.items() if isinstance(kind, pl.Enum)}


def _key(labels: Mapping[str, Sequence[str]]) -> pl.Expr:
    """One number for what a row says in all fields, null being one of the answers: quicker to count than they are."""
    key = pl.repeat(0, pl.len(), dtype=pl.UInt64)
    for name, known in labels.items():
        key = key * (len(known) + 1) + pl.col(name).to_physical().fill_null(len(known)).cast(pl.UInt64)
    return key


def _unpacked(key: int, labels: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """What the fields say that have this number."""
    said: dict[str, str | None] = {}
    for name, known in reversed(list(labels.items())):
        key, place = divmod(key, len(known) + 1)
        said[name] = known[place] if place < len(known) else None
    return said


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
    """Every case as it stood at the end of a day (`Records.standing`)."""
    found = records.of_day(day)
    if _people_on not in found:
        found[_people_on] = _people_standing(records, day)
    return found[_people_on]


def _people_standing(records: Records, day: date) -> Things:
    why = records.lacks("cases", "case_id", "entered_on", "category")
    if why:
        return Things(why=why)
    stood = records.standing(day)
    if not (stood["active"] == "yes").any():
        return Things(why=f"the records hold nobody under management on {_on(day)}")
    return Things(stood, silent=_silent(records, "cases", registered="notification_from", location="location"))


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
    return Things(found.rows, silent=silent, only={"active": "yes"})


@_once
def people_who_entered(records: Records, year: Period) -> Things:
    """One row per case that came under management in the year."""
    why = records.lacks("cases", "case_id", "entered_on")
    if why:
        return Things(why=why)
    last = last_day(records, year)
    if not (records.people["entered_on"] <= last).any():
        return Things(why=f"the records hold nobody who had entered by {_on(last)}")
    return Things(records.people.filter(pl.col("entered_on").is_between(year.start, last)))


@_once
def people_managed(records: Records, year: Period) -> Things:
    """One row per case under management on any day of the year, at its highest `level` in it, and its `category`.

    Whoever stands in the table of the last day stands here too, though the history were silent.
    """
    at_end = people_under_management(records, year)
    if at_end.rows is None:
        return at_end
    active = pl.col("active") == "yes"
    stood = records.by_number(at_end.rows.select(CASE, at_end=pl.when(active).then("level"), managed=active))
    during = records.by_number(records.highest_levels(year.start, last_day(records, year)).rename({"level": "during"}))
    every = stood.hstack(during).with_columns(records.area.case_ids, records.own["category"])
    managed = every.filter(pl.col("managed") | pl.col("during").is_not_null())
    rows = managed.select("case_id", "category", level=pl.max_horizontal("at_end", "during"))
    silent = {name: why for name, why in at_end.silent.items() if name == "level"}
    return Things(rows, silent=silent, shown_by=("case_id",))


# Meetings and referrals


@_once
def meetings(records: Records, year: Period) -> Things:
    """One row per meeting held in the year: `kind`, `outcome`. Repeats of one record count once, as in the measures."""
    why = records.lacks("meetings", "held_on", "kind")
    if why:
        return Things(why=why)
    # Judged as the measure of screening outcomes judges them, so that the two cannot differ.
    judged = (
        records.area.meetings.filter(
            pl.col("held_on").is_between(year.start, last_day(records, year)) & pl.col("kind").is_not_null()
        )
        .select("meeting_id", "case_id", CASE, "held_on", "kind", unit="outcome_level")
        .with_columns(owed_on=pl.col("held_on"), met=pl.col("unit").is_not_null(), why=pl.lit(None, dtype=pl.String))
    )
    not_known = pl.lit(None, dtype=pl.String)
    rows = records.area.one_row_each(judged, "meetings", "meeting_id", "case_id", unsettled=not_known).collect()
    if rows.is_empty():
        return Things(why=f"the records hold no meeting in {year.name}")
    outcome = labelled(rows["unit"], level_label).alias("outcome")
    named = rows.select("case_id", CASE, "kind", outcome, reference="meeting_id")
    return Things(named, silent=_silent(records, "meetings", outcome="outcome_level"))


@_once
def people_discussed(records: Records, year: Period) -> Things:
    """One row per case discussed at a screening, level 2 or level 3 meeting in the year: `times` once or more than once."""
    found = meetings(records, year)
    why = found.why or records.lacks("meetings", "case_id")
    if found.rows is None or why:
        return Things(why=why or "")
    sittings = found.rows.select(CASE, "kind").filter(pl.col("kind").is_in(_DISCUSSED) & pl.col(CASE).is_not_null())
    held = sittings[CASE].value_counts(name="held")
    times = one_of((pl.col("held") > 1, MORE), otherwise=ONCE)
    return Things(held.select(records.area.case_ids.gather(held[CASE]), times=times), shown_by=("case_id",))


@_once
def referrals(records: Records, year: Period) -> Things:
    """One row per referral received in the year: `source`, `concern`, `route`."""
    why = records.lacks("referrals", "received_on")
    if why:
        return Things(why=why)
    rows = records.referrals.filter(pl.col("received_on").is_between(year.start, last_day(records, year)))
    if rows.is_empty():
        return Things(why=f"the records hold no referral in {year.name}")
    silent = _silent(records, "referrals", source="source_agency", concern="concern", route="route")
    return Things(rows, silent=silent)


# Events


@_once
def events(records: Records, year: Period) -> Things:
    """One row per event of the year: `kind`, and the `category` and `level` of its case on the day."""
    why = records.lacks("events", "case_id", "occurred_on", "kind")
    if why:
        return Things(why=why)
    rows = records.events.filter(pl.col("occurred_on").is_between(year.start, last_day(records, year)))
    if rows.is_empty():
        return Things(why=f"the records hold no event in {year.name}")
    return Things(rows)


@_once
def people_in_events(records: Records, year: Period) -> Things:
    """The same with one row per person and kind, at the highest level at which it happened; of nobody known, one row each."""
    found = events(records, year)
    if found.rows is None:
        return found
    highest_first = found.rows.sort("level", descending=True, nulls_last=True, maintain_order=True)
    first = pl.struct("case_id", "kind").is_first_distinct() | pl.col("case_id").is_null()
    return Things(highest_first.filter(first), silent=found.silent, shown_by=("case_id", "kind"))


@_once
def orders(records: Records, year: Period) -> Things:
    """One row per restrictive order of the year: `order`, `category`."""
    found = events(records, year)
    if found.rows is None:
        return found
    imposed = found.rows.filter(pl.col("kind").cat.starts_with(_ORDER))
    return Things(imposed.with_columns(labelled(imposed["kind"], order_label).alias("order")), silent=found.silent)


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
