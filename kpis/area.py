"""An area as the measures see it: its typed tables, the standard it is held to, and what the guidance leaves out of count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING

import polars as pl

from checks.codes import LEVELS, MULTI_AGENCY_KINDS, meeting_kind
from checks.in_force import listed_on
from checks.numbers import CASE, NUMBERED, numbered
from checks.standard import Standard
from checks.typed_tables import TypedTables
from kpis.evidence import one_of
from kpis.looked_up import looked_up
from kpis.once import once
from kpis.periods import YEARS_OF_HISTORY, plus_months, quarters_between
from kpis.repeats import keys_repeat, one_row_each
from kpis.working_days import days_off

if TYPE_CHECKING:
    from kpis.level_history import LevelHistory
    from kpis.review_clock import ReviewClock
    from kpis.review_counts import ReviewCounts

_CASES = ("case_id", "category", "lead_agency", "level", "location", "entered_on", "exited_on")


@dataclass(frozen=True)
class Area:
    """One area's records, held to one standard.

    `smb_members`: the Board's members where the settings list them · `adopted_targets`: measure id → a target that the area
    has set itself where the guidance sets none · `name` what the area is called, by which its population is found ·
    `standing_agencies`: kind of meeting → the agencies to be invited to every one · `extra_holidays`: the area's days off beyond
    the public holidays.

    The frames of `tables` may be lazy (scans of Parquet files): every measure reads only the columns it needs.
    """

    tables: TypedTables
    standard: Standard
    smb_members: tuple[str, ...] = ()
    adopted_targets: Mapping[str, Decimal] = field(default_factory=dict)
    name: str = ""
    standing_agencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    extra_holidays: tuple[date, ...] = ()

    @property
    def as_at(self) -> date:
        """The day as of which the records were known."""
        return self.tables.as_at

    @once
    def numbered(self) -> TypedTables:
        """The tables with numbers for the keys that join them (`checks.numbers`)."""
        return numbered(self.tables)

    @once
    def cases(self) -> pl.DataFrame:
        """One row per case: `case_id, category, lead_agency, level, location, entered_on, exited_on`, codes as text.

        Of a case that stands twice, what its rows do not agree in is null; both are findings.
        """
        return self._coded_cases.with_columns(pl.col("category", "level", "location").cast(pl.String))

    @once
    def _coded_cases(self) -> pl.DataFrame:
        """The same with codes as such; the number of a case is its row."""
        if "cases" not in self.tables.frames:
            dates = ("entered_on", "exited_on")
            return pl.DataFrame(schema={name: pl.Date if name in dates else pl.String for name in _CASES})
        return self._told("case_id", *_CASES[1:])

    @once
    def _bare_cases(self) -> pl.DataFrame:
        """Of the same no more than is asked about millions of rows: `category, exited_on`; without any text to be read."""
        columns = ("category", "exited_on")
        if "cases" not in self.tables.frames:
            return self._coded_cases.select(columns)
        return self._told(CASE, *columns).drop(CASE)

    def _told(self, key: str, *columns: str) -> pl.DataFrame:
        """What the records tell of each case, in the order of their numbers."""
        rows = self.numbered.lazy("cases").select(key, *columns).filter(pl.col(key).is_not_null()).collect()
        if not self.repeats("cases", "case_id"):
            return rows
        # What records of one case contradict each other in is not known, whichever of them stands first.
        agreed = [pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in columns]
        return rows.group_by(key, maintain_order=True).agg(agreed)

    @once
    def last_days(self) -> list[date]:
        """The last day of every quarter from the first case's entry on, the as-at date standing for the one not over."""
        first = self.cases["entered_on"].min()
        if not isinstance(first, date):
            return []
        earliest = plus_months(self.as_at.replace(day=1), -12 * YEARS_OF_HISTORY)
        quarters = quarters_between(self.standard, max(first, earliest), self.as_at)
        return [min(each.end, self.as_at) for each in quarters]

    @once
    def states(self) -> pl.DataFrame:
        """How each case stood on the last days, as runs of days, worked out once (`kpis.states.states`)."""
        from kpis.states import states

        return states(self)

    @once
    def days_off(self) -> list[date]:
        """The days that are no working days though they may be weekdays."""
        return days_off(self.standard, self.extra_holidays)

    @once
    def case_ids(self) -> pl.Series:
        """The pseudonym of every case by its number: those of `cases`, then those that only other tables name."""
        known = self._coded_cases["case_id"]
        elsewhere = [
            self.numbered.lazy(table).filter(pl.col(CASE) >= len(known)).select(CASE, "case_id")
            for table, columns in NUMBERED.items()
            if table in self.tables.frames and CASE in columns and table != "cases"
        ]
        if not elsewhere:
            return known
        return pl.concat([known, pl.concat(elsewhere).unique().sort(CASE).collect()["case_id"]])

    def of_case(self, what: str, case: pl.Expr | None = None) -> pl.Expr:
        """What is told of the case with a number (else that of the row): a column of `cases`, null where nothing is."""
        told = (
            self.case_ids
            if what == "case_id"
            else self._lead_agencies
            if what == "lead_agency"
            else self._bare_cases[what]
            if what in ("category", "exited_on")
            else self._coded_cases[what]
        )
        return looked_up(told, pl.col(CASE) if case is None else case).alias(what)

    @once
    def _lead_agencies(self) -> pl.Series:
        """The lead agency of every case by its number, as an Enum of the agencies that there are."""
        agencies = self._coded_cases["lead_agency"]
        return agencies.cast(pl.Enum(agencies.drop_nulls().unique().sort()))

    @once
    def review_clock(self) -> ReviewClock:
        """The review clock of all levels, worked out once."""
        from kpis.review_clock import review_clock  # which works on an area

        return review_clock(self)

    @once
    def level_history(self) -> LevelHistory:
        """The level of every case from its first day to its last, worked out once."""
        from kpis.level_history import level_history  # which works on an area

        return level_history(self)

    @once
    def packed_runs(self) -> pl.DataFrame:
        """The runs of the review clock of all levels, as bare numbers, worked out once (`kpis.review_runs.packed_runs`)."""
        from kpis.review_runs import packed_runs

        return packed_runs(self)

    @once
    def review_counts(self) -> ReviewCounts:
        """The reviews owed, counted without a row for each."""
        from kpis.review_counts import ReviewCounts

        return ReviewCounts(self)

    @once
    def outside(self) -> pl.DataFrame:
        """The cases (`case_id`) of a category that the standard does not have: they and their meetings are left out.

        Where the categories change on a date, those in force on the day of the case's exit count, or on the as-at date.
        """
        return self._coded_cases.select("case_id").filter(self._left_out)

    @once
    def _left_out(self) -> pl.Series:
        """Of every case whether it is one of these."""
        last_day = pl.col("exited_on").fill_null(pl.lit(self.as_at))
        has = self._has(pl.col("category"), last_day).fill_null(value=True)
        return self._bare_cases.select(~has).to_series()

    def _has(self, category: pl.Expr, day: pl.Expr) -> pl.Expr:
        """Whether the standard has a category on a day."""
        return listed_on(self.standard, "categories", category.cast(pl.String), day)

    def within(self, rows: pl.LazyFrame, on: str | None = None) -> pl.LazyFrame:
        """The rows but those of cases that the standard leaves out; a row of no case, or of an unknown one, stays.

        `on` the column with the day on which something was owed: where the categories change on a date, those in force on
        that day count. Without one the case is looked at as a whole (`outside`).
        """
        by_day = on is not None and len(self.standard.steps("categories")) > 1
        if not by_day and not self._left_out.any():
            return rows
        if CASE in rows.collect_schema():
            last_day = self.of_case("exited_on").fill_null(pl.lit(self.as_at))
            has = self._has(self.of_case("category"), last_day if on is None else pl.col(on))
            return rows.filter(has.fill_null(value=True))
        if not by_day:
            return rows.join(self.outside.lazy(), on="case_id", how="anti", nulls_equal=False, maintain_order="left")
        has = self._has(pl.col("_category"), pl.col(on or "")).fill_null(value=True)
        category = self.cases.lazy().select("case_id", _category="category")
        return rows.join(category, on="case_id", how="left", maintain_order="left").filter(has).drop("_category")

    def with_case(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with `category` and `lead_agency` of their case; by its number, where the rows have it."""
        if CASE in rows.collect_schema():
            return rows.with_columns(self.of_case("category"), self.of_case("lead_agency"))
        about = self.cases.lazy().select("case_id", "category", "lead_agency")
        return rows.join(about, on="case_id", how="left", maintain_order="left")

    @property
    def case_records(self) -> pl.LazyFrame:
        """The records of all cases, with `category` and `lead_agency` as told of the case (`Area.cases`).

        A record without a reference to a case tells its own.
        """
        rows = self.numbered.lazy("cases")
        if not self.repeats("cases", "case_id"):
            return rows
        own = {name: pl.col(name).cast(pl.String) for name in ("category", "lead_agency")}
        told = self.with_case(rows.with_columns(**{f"{name}_own": each for name, each in own.items()}).drop(list(own)))
        nameless = pl.col("case_id").is_null()
        agreed = {name: pl.when(nameless).then(f"{name}_own").otherwise(pl.col(name).cast(pl.String)) for name in own}
        return told.with_columns(**agreed).drop([f"{name}_own" for name in own])

    @property
    def meetings(self) -> pl.LazyFrame:
        """The dated meetings of cases that the standard has; one row per record."""
        rows = self.numbered.lazy("meetings").filter(pl.col("held_on").is_not_null())
        return self.within(rows, "held_on")

    @once
    def _repeated(self) -> dict[tuple[str, ...], bool]:
        return {}

    def one_row_each(
        self, judged: pl.LazyFrame, table: str, *key: str, unsettled: pl.Expr | None = None
    ) -> pl.LazyFrame:
        """The judged rows of a table, each key once (`kpis.repeats.one_row_each`); untouched where no key repeats."""
        if not self.repeats(table, *key):
            return judged
        return one_row_each(judged, key, unsettled)

    def repeats(self, table: str, *key: str) -> bool:
        """Whether any two records of a table may share a key; looked up once, where the checks have not told."""
        told = self.tables.repeating
        if any(not several and each[0] == table and set(each[1:]) <= set(key) for each, several in told.items()):
            return False
        if (table, *key) in told:
            return told[table, *key]
        with self._looking:
            if (table, *key) not in self._repeated:
                self._repeated[table, *key] = keys_repeat(self.tables.lazy(table), key)
            return self._repeated[table, *key]

    @once
    def _looking(self) -> RLock:
        return RLock()

    @property
    def multi_agency_meetings(self) -> pl.LazyFrame:
        """The level 2 and level 3 meetings among them, with `level` as text."""
        level = one_of(*((pl.col("kind") == meeting_kind(each), each) for each in LEVELS[1:]))
        return self.meetings.filter(pl.col("kind").is_in(MULTI_AGENCY_KINDS)).with_columns(level=level)

    def has_rows(self, table: str) -> bool:
        """Whether the source has the table, and any record in it."""
        if table not in self.tables.frames:
            return False
        return bool(self.tables.lazy(table).select(pl.len()).collect().item())
