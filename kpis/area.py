"""An area as the measures see it: its typed tables, the standard it is held to, and what the guidance leaves out of count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS
from checks.locators import LOCATORS
from checks.standard import Standard
from checks.typed_tables import TypedTables


@dataclass(frozen=True)
class Area:
    """One area's records, held to one standard.

    `smb_members`: the Board's members where the settings list them · `adopted_targets`: measure id → a target that the area
    has set itself where the guidance sets none.
    """

    tables: TypedTables
    standard: Standard
    smb_members: tuple[str, ...] = ()
    adopted_targets: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def as_at(self) -> date:
        """The day as of which the records were known."""
        return self.tables.as_at

    @cached_property
    def cases(self) -> pl.DataFrame:
        """One row per case: `case_id, category, lead_agency, level, location, entered_on, exited_on`, codes as text.

        Of a case that stands twice the first row tells; both are findings.
        """
        columns = ("case_id", "category", "lead_agency", "level", "location", "entered_on", "exited_on")
        if "cases" not in self.tables.frames:
            dates = ("entered_on", "exited_on")
            return pl.DataFrame(schema={name: pl.Date if name in dates else pl.String for name in columns})
        rows = (
            self.tables.frames["cases"]
            .filter(pl.col("case_id").is_not_null())
            .unique("case_id", keep="first", maintain_order=True)
        )
        return rows.select(
            pl.col(name).cast(pl.String) if name in ("category", "level", "location") else name for name in columns
        )

    @cached_property
    def outside(self) -> pl.DataFrame:
        """The cases (`case_id`) of a category that the standard does not have: they and their meetings are left out."""
        return self.cases.filter(~pl.col("category").is_in(self.standard.categories)).select("case_id")

    def within(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows but those of cases that the standard leaves out; a row of no case, or of an unknown one, stays."""
        if self.outside.is_empty():
            return rows
        return rows.join(self.outside.lazy(), on="case_id", how="anti", nulls_equal=False, maintain_order="left")

    def with_case(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with `category` and `lead_agency` of their case."""
        about = self.cases.lazy().select("case_id", "category", "lead_agency")
        return rows.join(about, on="case_id", how="left", maintain_order="left")

    @property
    def meetings(self) -> pl.LazyFrame:
        """The dated meetings of cases that the standard has, `kind` and `outcome_level` as text; one row per record."""
        rows = self.tables.lazy("meetings").filter(pl.col("held_on").is_not_null())
        return self.within(rows)

    @property
    def multi_agency_meetings(self) -> pl.LazyFrame:
        """The level 2 and level 3 meetings among them, with `level` as text and the case's category and lead agency."""
        rows = self.meetings.filter(pl.col("kind").is_in(MULTI_AGENCY_KINDS))
        return self.with_case(rows.with_columns(level=pl.col("kind").cast(pl.String).str.tail(1)))

    @property
    def locators(self) -> tuple[str, ...]:
        """The columns that say where a record stands."""
        return LOCATORS
