"""An area's records made ready to be counted for any reporting year: worked out once, asked year by year.

Cases go by their numbers (`checks.numbers`), and labels are Enums: of a whole country, text is dear to join and to group by.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from checks.codes import CATEGORIES, LEVELS, LOCATIONS
from checks.numbers import CASE
from kpis.area import Area
from kpis.evidence import one_of
from kpis.spells import can_tell, numbered_management

_REGISTRATION = ("notification_from", "notification_until")


def category_label(category: str) -> str:
    """`"1"` → `"category 1"`; `"pdp"` stays."""
    return f"category {category}" if category[:1].isdecimal() else category


def level_label(level: str) -> str:
    """`"2"` → `"level 2"`; `"exit"` stays."""
    return f"level {level}" if level in LEVELS else level


def labelled(codes: pl.Series, label: Callable[[str], str] = str) -> pl.Series:
    """Codes, or any words, as an Enum of what each is called, in the order of the codes; null stays null."""
    kind = codes.dtype if isinstance(codes.dtype, pl.Enum) else pl.Enum(codes.drop_nulls().unique().sort())
    return codes.cast(kind).to_physical().cat.to(pl.Enum([label(each) for each in kind.categories]))


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `level` and `location` as labels, the same Enums whichever table they are from."""
    level = labelled(rows["level"].cast(pl.Enum(LEVELS)), level_label)
    return rows.with_columns(level, pl.col("location").cast(pl.Enum(LOCATIONS)))


def _last_of_each(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The last row of each key; `rows` stand in order of the key."""
    return rows.filter((pl.col(key) != pl.col(key).shift(-1)).fill_null(value=True))


def _as_one(first: str, then: str) -> pl.Expr:
    """Two numbers or labels as one number, which is quicker to sort by."""
    return pl.col(first).cast(pl.UInt64) * 2**32 + pl.col(then).to_physical()


def _gaps(numbers: pl.Series) -> bool:
    """Whether numbers in order, each once, leave any out of those from 0 up."""
    return len(numbers) > 0 and numbers[-1] >= len(numbers)


def _at_their_numbers(rows: pl.DataFrame, number: str, many: int) -> pl.DataFrame:
    """The rows at the places that their numbers tell, without these; nulls at every other.

    `rows` in the order of their numbers, which are below `many` and stand once each.
    """
    told = rows.drop(number)
    if not _gaps(rows[number]):
        return pl.concat([told, told.clear(many - told.height)])
    places = pl.repeat(None, many, dtype=pl.UInt32, eager=True)
    places = places.scatter(rows[number], pl.int_range(rows.height, dtype=pl.UInt32, eager=True))
    return told.select(pl.all().gather(places))


def _latest(held: dict[Any, dict[Any, Any]], key: Hashable, many: int) -> dict[Any, Any]:
    """What is held for a key; of others only the latest few are held on to, as a country's would fill the memory."""
    if key not in held:
        for earlier in list(held)[: max(0, len(held) + 1 - many)]:
            del held[earlier]
        held[key] = {}
    return held[key]


class Records:
    """The records of an area. What a year asks for is filtered from frames that are made once."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self._of_year: dict[Any, dict[Any, Any]] = {}
        self._of_day: dict[Any, dict[Any, Any]] = {}
        self.cells: dict[str, Mapping[tuple[str, str, str], Any]] = {}
        """Reporting year → its cells by place, once they are counted: the next year stands beside them."""

    def of_year(self, year: str) -> dict[Any, Any]:
        """What has been found for a year, by what it was found with."""
        return _latest(self._of_year, year, 1)

    def of_day(self, day: date) -> dict[Any, Any]:
        """What has been found for a day: a year ends on the day before the next one starts, which asks for its own end first."""
        return _latest(self._of_day, day, 3)

    def lacks(self, table: str, *columns: str) -> str | None:
        """Why nothing can be counted: what the source does not have; None where it has all of it."""
        if table not in self.area.tables.frames:
            return f"the records have no table {table}"
        absent = [each for each in columns if not self.area.tables.has(table, each)]
        if absent:
            return f"the table {table} has no column {' or '.join(absent)}"
        return None

    @cached_property
    def history(self) -> pl.DataFrame:
        """The stretches of management: `_case, level, location, from_on, until_on`, by case and day, with labels; maybe none."""
        if not can_tell(self.area):
            schema = {
                CASE: pl.UInt32,
                "level": pl.String,
                "location": pl.String,
                "from_on": pl.Date,
                "until_on": pl.Date,
            }
            return _placed(pl.DataFrame(schema=schema))
        rows = numbered_management(self.area).rename({"case": CASE}).collect()
        return _placed(rows.sort(CASE, "from_on", maintain_order=True))

    @cached_property
    def people(self) -> pl.DataFrame:
        """One row per case: `_case, case_id, category, level, location, entered_on, exited_on`, and the days of notification.

        What repeated records of a case do not agree in is null.
        """
        cases = self.area.cases
        category = labelled(cases["category"].cast(pl.Enum(CATEGORIES)), category_label)
        rows = _placed(cases.drop("lead_agency")).with_columns(category)
        return self.area.within(self._with_registration(rows.with_row_index(CASE)).lazy()).collect()

    def _with_registration(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self.lacks("cases", "notification_from"):
            return rows.with_columns(pl.lit(None, dtype=pl.Date).alias(name) for name in _REGISTRATION)
        days = self.area.tables.lazy("cases").filter(pl.col("case_id").is_not_null())
        if not self.area.repeats("cases", "case_id"):
            return rows.hstack(days.select(_REGISTRATION).collect())  # the number of a case is its row
        agreed = (
            pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in _REGISTRATION
        )
        return rows.join(
            days.group_by("case_id").agg(agreed).collect(), on="case_id", how="left", maintain_order="left"
        )

    def by_number(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of different cases in the order of their numbers (`_case`), one row for every number: nulls for other cases."""
        return _at_their_numbers(rows, CASE, len(self.area.case_ids))

    @cached_property
    def own(self) -> pl.DataFrame:
        """The `category` and `level` that each case itself has, by its number; null of those that are not `people`."""
        return self.by_number(self.people.select(CASE, "category", "level"))

    def standing(self, day: date) -> pl.DataFrame:
        """How every case stood at the end of a day: `_case, case_id, category, level, location, active, registered`.

        As in the caseload: on the as-at date a case's own record tells, and the history where it is silent; earlier the other
        way round. Of stretches that overlap the one that began last tells. `registered`: yes, no, or null: not known.
        """
        covers = (pl.col("from_on") <= day) & (pl.col("until_on").is_null() | (pl.col("until_on") > day))
        told = _last_of_each(self.history.filter(covers), CASE)
        of_day = self.by_number(told.select(CASE, told_level="level", told_location="location"))
        numbers = self.people[CASE]
        beside = of_day.select(pl.all().gather(numbers)) if _gaps(numbers) else of_day.head(len(numbers))
        own_first = day == self.area.as_at

        def settled(name: str) -> pl.Expr:
            return pl.coalesce(*((name, f"told_{name}") if own_first else (f"told_{name}", name))).alias(name)

        gone = (pl.col("exited_on") <= day).fill_null(value=False)
        active = ((pl.col("entered_on") <= day) & ~gone).fill_null(value=False)
        since, until = (pl.col(name) for name in _REGISTRATION)
        within = (since <= day) & (until.is_null() | (until >= day)) & ~gone
        unclear = since.is_null() & pl.col("category").eq_missing(category_label("1")) & active
        registered = pl.when(~unclear).then(one_of((within, "yes"), otherwise="no"))
        return self.people.hstack(beside).select(
            CASE,
            "case_id",
            "category",
            settled("level"),
            settled("location"),
            active=one_of((active, "yes"), otherwise="no"),
            registered=registered,
        )

    @cached_property
    def _by_level(self) -> pl.DataFrame:
        """Of the history `_case, level, from_on, until_on`, the highest level of each case last."""
        return self.history.drop("location").sort(_as_one(CASE, "level"))

    def highest_levels(self, first: date, last: date) -> pl.DataFrame:
        """`_case, level`: every case of the history on any day from the first to the last, at its highest level in them."""
        until = pl.col("until_on")
        lasted = until.is_null() | ((until > first) & (until > pl.col("from_on")))
        return _last_of_each(self._by_level.filter((pl.col("from_on") <= last) & lasted), CASE).select(CASE, "level")

    @cached_property
    def events(self) -> pl.DataFrame:
        """Every event in the order of the records: `case_id, occurred_on, kind, category`, and the `level` of its case on the day.

        On a day of change that is the level before it; where the history is silent, the case's own.
        """
        numbers = self.area.case_ids.to_frame("case_id").with_row_index(CASE).lazy()
        recorded = self.area.tables.lazy("events").select("case_id", "occurred_on", "kind")
        known = recorded.join(numbers, on="case_id", how="left", maintain_order="left")
        rows = self.area.within(known).with_row_index("_event").collect()
        day, many = pl.col("occurred_on"), self.history.height
        # Of the stretches that began before the day the last tells, else the last of those that begin on it.
        place = pl.col("_place") + pl.when(pl.col("from_on") < day).then(many).otherwise(0)
        told = (
            rows.lazy()
            .select("_event", CASE, "occurred_on")
            .join(self.history.lazy().with_row_index("_place"), on=CASE, how="inner")
            .filter((pl.col("from_on") <= day) & (pl.col("until_on").is_null() | (pl.col("until_on") >= day)))
            .select("_event", _place=place)
            .sort(_as_one("_event", "_place"))
            .collect()
        )
        last = _last_of_each(told, "_event")
        levels = last.select("_event", level=self.history["level"].gather(last["_place"] % many))
        own = self.own.select(pl.all().gather(rows[CASE]))
        level = pl.coalesce(_at_their_numbers(levels, "_event", rows.height)["level"], own["level"])
        return rows.select("case_id", "occurred_on", "kind", own["category"], level=level)

    @cached_property
    def referrals(self) -> pl.DataFrame:
        """Every referral in the order of the records: `case_id, reference, received_on, source, concern, route`."""
        told = pl.col("received_on", "concern", "route")
        recorded = self.area.within(self.area.tables.lazy("referrals"))
        rows = recorded.select("case_id", told, reference="referral_id", source="source_agency").collect()
        return rows.with_columns(labelled(rows["source"]))
