"""Completeness and validity by table, field, agency and quarter, as the page Data quality shows them. Pure functions over the
stored `checks.completeness.FIELD_QUALITY`.

Every share is a sum divided by a sum. What nobody could check is told apart and is in no share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from checks.standard import Standard
from dashboard.quality import NO_AGENCY, NOT_SUPPLIED, share_in_words
from kpis.periods import quarter_numbered

NO_DAY = "no day given"
"""Stands for the quarter of rows whose table has no day, or that do not give theirs."""

GROUPS: dict[str, tuple[str, ...]] = {
    "field": ("table", "field"),
    "table": ("table",),
    "agency": ("agency",),
    "quarter": ("period",),
    "field and quarter": ("table", "field", "period"),
    "agency and quarter": ("agency", "period"),
    "field and agency": ("table", "field", "agency"),
}
"""What one row of the table can stand for → the columns that tell one from another."""

HEADINGS = {"table": "Table", "field": "Field", "agency": "Agency", "period": "Quarter"}

HOW_COUNTED = (
    "Complete: of the values that are required, how many are given. Valid: of the values given, required or not, how many break no "
    "rule on validity (readable, of the code list, not after the as-at date, no name where a pseudonym belongs). Both are sums "
    "divided by sums. A quarter holds the records whose day lies in it: of a case the day it entered, of a meeting and its "
    "attendance the day it was held, of an action the day it was due. On the summary a test of validity is one rule on one "
    "row, so its figures are others."
)


def with_periods(quality: pl.DataFrame, standard: Standard) -> pl.DataFrame:
    """What is stored: the rows of `FIELD_QUALITY` with `period`, the name of the quarter; null where there is none."""
    numbers = quality["quarter"].drop_nulls().unique().to_list()
    names = pl.DataFrame(
        {"quarter": numbers, "period": [quarter_numbered(standard, number).name for number in numbers]},
        schema={"quarter": pl.Int32, "period": pl.String},
    )
    return quality.join(names, on="quarter", how="left", maintain_order="left")


@dataclass(frozen=True)
class Chosen:
    """What is counted; None leaves that free."""

    table: str | None = None
    agency: str | None = None
    period: str | None = None

    def words(self) -> str:
        """What is chosen, in one sentence."""
        named = (("table", self.table), ("agency", self.agency), ("quarter", self.period))
        return "; ".join(f"{name}: {value}" for name, value in named if value) or "everything"


def named(quality: pl.DataFrame) -> pl.DataFrame:
    """The stored rows with words where no agency and no quarter is named."""
    return quality.with_columns(pl.col("agency").fill_null(NO_AGENCY), pl.col("period").fill_null(NO_DAY))


def chosen_rows(quality: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """The rows (of `named`) that are counted."""
    wanted = {"table": chosen.table, "agency": chosen.agency, "period": chosen.period}
    return quality.filter(*(pl.col(name) == value for name, value in wanted.items() if value is not None))


def summed(quality: pl.DataFrame, *by: str) -> pl.DataFrame:
    """`needed, given, filled, valid, unchecked` by these columns, or of all together.

    A column that is not there was needed and not given. Where none of the fields is there `given` is null; where nothing could
    be tested `filled` and `valid` are. `unchecked` counts rules that could not be checked, each once.
    """
    rules = pl.struct("table", "field", "unchecked").unique().struct.field("unchecked").sum()
    sums = [
        pl.col("needed").sum(),
        pl.when(pl.col("given").is_not_null().any()).then(pl.col("given").sum()).alias("given"),
        pl.when(pl.col("filled").is_not_null().any()).then(pl.col("filled").sum()).alias("filled"),
        pl.when(pl.col("valid").is_not_null().any()).then(pl.col("valid").sum()).alias("valid"),
        rules.alias("unchecked"),
    ]
    return quality.group_by(by, maintain_order=True).agg(sums) if by else quality.select(sums)


def rows_of(quality: pl.DataFrame, group: str) -> pl.DataFrame:
    """The sums per row of the table, those with most to put right first; by quarter in the order of time, the newest first."""
    by = GROUPS[group]
    told = summed(quality.sort("quarter", descending=True, nulls_last=True, maintain_order=True), *by)
    if by == ("period",):
        return told
    wrong = (pl.col("needed") - pl.col("given").fill_null(0)) + (pl.col("filled") - pl.col("valid")).fill_null(0)
    return told.sort(wrong, descending=True, maintain_order=True)


def _share(part: int | None, whole: int | None, absent: str) -> str:
    return absent if part is None else share_in_words(part, whole)


def _complete(row: Mapping[str, int | None]) -> str:
    return "none required" if not row["needed"] else _share(row["given"], row["needed"], NOT_SUPPLIED)


def _valid(row: Mapping[str, int | None]) -> str:
    if row["valid"] is None:
        return "could not check" if row["unchecked"] else "no rule"
    return share_in_words(row["valid"], row["filled"])


def together(quality: pl.DataFrame) -> str:
    """The sums of all the rows in one sentence."""
    row = summed(quality).row(0, named=True)
    said = f"Together: complete {_complete(row)}; valid {_valid(row)}."
    number = row["unchecked"]
    if number:
        said += f" Rules on validity that could not be checked, and are in no share: {number:,}."
    return said


def for_screen(rows: pl.DataFrame, group: str) -> pl.DataFrame:
    """The rows as text: shares with n of N, and how many values are missing and not valid."""
    shown: dict[str, list[str]] = {HEADINGS[name]: rows[name].to_list() for name in GROUPS[group]}
    told = list(rows.iter_rows(named=True))
    shown["Complete"] = [_complete(row) for row in told]
    shown["Missing"] = [NOT_SUPPLIED if row["given"] is None else f"{row['needed'] - row['given']:,}" for row in told]
    shown["Valid"] = [_valid(row) for row in told]
    shown["Not valid"] = ["–" if row["valid"] is None else f"{row['filled'] - row['valid']:,}" for row in told]
    shown["Rules not checked"] = [f"{row['unchecked']:,}" if row["unchecked"] else "–" for row in told]
    return pl.DataFrame(shown, schema=dict.fromkeys(shown, pl.String))
