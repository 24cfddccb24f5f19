"""An area's records made ready to be counted for any reporting year: worked out once, asked year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from checks.codes import LEVELS
from kpis.area import Area
from kpis.spells import can_tell, management

_HISTORY: dict[str, type[pl.DataType]] = {
    "case_id": pl.String,
    "level": pl.String,
    "location": pl.String,
    "from_on": pl.Date,
    "until_on": pl.Date,
}
_REGISTRATION = ("notification_from", "notification_until")


def category_label(category: pl.Expr) -> pl.Expr:
    """`"1"` → `"category 1"`; `"pdp"` stays."""
    return pl.when(category.str.contains(r"^\d")).then(pl.format("category {}", category)).otherwise(category)


def level_label(level: pl.Expr) -> pl.Expr:
    """`"2"` → `"level 2"`."""
    return pl.when(level.is_in(LEVELS)).then(pl.format("level {}", level)).otherwise(level)


class Records:
    """The records of an area. What a year asks for is filtered from frames that are made once."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self._year = ""
        self._of_year: dict[Any, Any] = {}
        self.cells: dict[str, Mapping[tuple[str, str, str], Any]] = {}
        """Reporting year → its cells by place, once they are counted: the next year stands beside them."""

    def of_year(self, year: str) -> dict[Any, Any]:
        """What has been found for a year; what was found for another is let go, as a country's would fill the memory."""
        if self._year != year:
            self._year, self._of_year = year, {}
        return self._of_year

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
        """The stretches of management: `case_id, level, location, from_on, until_on`, in order, with labels; maybe none."""
        if not can_tell(self.area):
            return pl.DataFrame(schema=_HISTORY)
        rows = management(self.area).sort("case_id", "from_on", maintain_order=True)
        return rows.with_columns(level=level_label(pl.col("level"))).collect()

    @cached_property
    def people(self) -> pl.DataFrame:
        """One row per case: `case_id, category, level, location, entered_on, exited_on`, and the days of notification.

        What repeated records of a case do not agree in is null.
        """
        rows = self.area.within(self.area.cases.lazy()).with_columns(
            category=category_label(pl.col("category")), level=level_label(pl.col("level"))
        )
        if self.lacks("cases", "notification_from"):
            return rows.with_columns(pl.lit(None, dtype=pl.Date).alias(name) for name in _REGISTRATION).collect()
        days = (
            self.area.tables.lazy("cases")
            .filter(pl.col("case_id").is_not_null())
            .group_by("case_id")
            .agg(pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in _REGISTRATION)
        )
        return rows.join(days, on="case_id", how="left", maintain_order="left").collect()

    def category_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the `category` of their case."""
        about = self.people.select("case_id", "category")
        return rows.join(about, on="case_id", how="left", maintain_order="left")

    def standing(self, day: date) -> pl.DataFrame:
        """How every case stood at the end of a day: `people` with the level and location of that day, and `active`.

        As in the caseload: on the as-at date a case's own record tells, and the history where it is silent; earlier the other
        way round. Of stretches that overlap the one that began last tells.
        """
        covers = (pl.col("from_on") <= day) & (pl.col("until_on").is_null() | (pl.col("until_on") > day))
        told = (
            self.history.lazy()
            .filter(covers)
            .unique("case_id", keep="last", maintain_order=True)
            .select("case_id", told_level="level", told_location="location")
        )
        own_first = day == self.area.as_at

        def settled(name: str) -> pl.Expr:
            order = (name, f"told_{name}") if own_first else (f"told_{name}", name)
            return pl.coalesce(*order).alias(name)

        return (
            self.people.lazy()
            .join(told, on="case_id", how="left", maintain_order="left")
            .with_columns(
                settled("level"),
                settled("location"),
                active=((pl.col("entered_on") <= day) & ~(pl.col("exited_on") <= day).fill_null(value=False)).fill_null(
                    value=False
                ),
            )
            .drop("told_level", "told_location")
            .collect()
        )

    def with_level_on(self, rows: pl.DataFrame, day: str) -> pl.DataFrame:
        """The rows with the `level` of their case on the day in a column: on a day of change, the level before it.

        Where the history is silent, the case's own level.
        """
        numbered = rows.with_row_index("_row")
        ended = pl.col("until_on").is_null() | (pl.col("until_on") >= pl.col(day))
        told = (
            numbered.lazy()
            .select("_row", "case_id", day)
            .join(self.history.lazy(), on="case_id", how="inner")
            .filter((pl.col("from_on") <= pl.col(day)) & ended)
            .sort("_row", pl.col("from_on") < pl.col(day), "from_on")
            .unique("_row", keep="last", maintain_order=True)
            .select("_row", "level")
            .collect()
        )
        own = self.people.select("case_id", own="level")
        return (
            numbered.join(told, on="_row", how="left", maintain_order="left")
            .join(own, on="case_id", how="left", maintain_order="left")
            .with_columns(level=pl.coalesce("level", "own"))
            .drop("_row", "own")
        )

    def dated(self, table: str, day: str, first: date, last: date, columns: Sequence[str]) -> pl.DataFrame:
        """The records of a table between two days, both included: `case_id`, the day and what else is asked, codes as text."""
        rows = self.area.within(self.area.tables.lazy(table)).filter(pl.col(day).is_between(first, last))
        return rows.select("case_id", day, pl.col(*columns).cast(pl.String)).collect()
