"""What is looked up by number, where there is nothing to look up."""

from __future__ import annotations

from datetime import date

import polars as pl

from kpis.looked_up import looked_up


def test_nothing_of_one_kind_is_not_taken_for_nothing_of_another() -> None:
    rows = pl.LazyFrame({"number": [0, 1]}, schema={"number": pl.UInt32})
    days, cases = pl.Series([None], dtype=pl.Date), pl.Series([None], dtype=pl.UInt32)
    told = rows.with_columns(day=looked_up(days, pl.col("number")), case=looked_up(cases, pl.col("number")))
    further = told.with_columns(name=looked_up(pl.Series(["a"]), pl.col("case"))).collect()
    assert further.schema == {"number": pl.UInt32, "day": pl.Date, "case": pl.UInt32, "name": pl.String}
    assert further["name"].to_list() == [None, None]


def test_what_there_is_is_told_and_beyond_it_nothing() -> None:
    days = pl.Series([date(2023, 11, 8), None])
    rows = pl.DataFrame({"place": [1, 0, 7]}, schema={"place": pl.UInt32}).with_columns(
        day=looked_up(days, pl.col("place"))
    )
    assert rows["day"].to_list() == [None, date(2023, 11, 8), None]
