"""Dates as people write them: every style, decided for the column as a whole, and never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from connectors.mapping.dates import DateStyle, Epoch, Settled, evidence, read_dates

DAY, MONTH = DateStyle.DAY_FIRST, DateStyle.MONTH_FIRST


def one(text: str, style: DateStyle | None = DAY, **how: object) -> str | None:
    return read_dates(pl.Series([text]), style, **how)[0]  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize(
    "text",
    [
        "31/12/2024", "31.12.24", "31-12-2024", "31/12/24", "31 12 2024", "31 / 12 / 2024", "31 Dec 2024", "31-Dec-24", "31dec2024",
        "31st December 2024", "31st of December, 2024", "Tue 31/12/2024", "Tuesday 31 December 2024", "December 31, 2024",
        "Dec 31 2024", "2024-12-31", "2024/12/31", "20241231", "2024-12-31 10:30", "2024-12-31T00:00:00", "31/12/2024 09:30",
        "31/12/2024 9:30 pm", "45657", "45657.5", "31/12/'24",
    ],
)  # fmt: skip
def test_every_usual_style_is_read(text: str) -> None:
    assert one(text) == "2024-12-31"


@pytest.mark.parametrize(
    "text",
    ["31/11/2024", "12/31/2024", "32/1/2024", "Dec-24", "2024", "1/1/1600", "31 Sept 2024", "see notes", "1-2-3", "0/1/2024", "123",
     "01/02/20245", "31 Decembre", "99999"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert one(text) is None


def test_two_figures_of_a_year_are_bounded_by_a_declared_year() -> None:
    assert [one(text) for text in ("9/5/26", "9/5/49", "9/5/50", "9/5/99")] == [
        "2026-05-09", "2049-05-09", "1950-05-09", "1999-05-09"
    ]  # fmt: skip
    assert one("9/5/26", pivot=20) == "1926-05-09"


def test_the_same_figures_by_the_other_style() -> None:
    assert one("3/4/2023") == "2023-04-03"
    assert one("3/4/2023", MONTH) == "2023-03-04"
    assert one("12/31/2024", MONTH) == "2024-12-31"


def test_without_a_style_only_what_is_the_same_either_way_is_read() -> None:
    assert one("3/4/2023", None) is None
    assert one("31/12/2024", None) is None
    assert one("5/5/2023", None) == "2023-05-05"
    assert one("3 April 2023", None) == "2023-04-03"


def test_serial_numbers_count_from_the_workbooks_own_day() -> None:
    assert one("45000") == (date(1899, 12, 30) + timedelta(45000)).isoformat()
    assert one("45000", epoch=Epoch.FROM_1904) == (date(1904, 1, 1) + timedelta(45000)).isoformat()


@pytest.mark.parametrize(
    ("texts", "settled"),
    [
        (["3/4/2023", "31/12/2023"], Settled.DAY_FIRST),
        (["3/4/2023", "12/31/2023"], Settled.MONTH_FIRST),
        (["3/4/2023", "11/12/2023"], Settled.AMBIGUOUS),
        (["31/12/2023", "12/31/2023"], Settled.CONTRADICTORY),
        (["5/5/2023", "2023-04-03", "3 Apr 2023", "45000"], Settled.NOTHING_TO_SETTLE),
        (["words", "45/45/2023"], Settled.NOTHING_TO_SETTLE),
    ],
)
def test_a_column_settles_its_own_style_or_leaves_it_open(texts: list[str], settled: Settled) -> None:
    assert evidence(pl.Series(texts)).settled is settled


def test_a_mixed_column_is_read_cell_by_cell_in_its_own_order() -> None:
    texts = pl.Series(["31/12/2023", "2023-01-02", "n/a", "1 Feb 2023", "44927", None])
    assert read_dates(texts, DAY).to_list() == ["2023-12-31", "2023-01-02", None, "2023-02-01", "2023-01-01", None]


def test_a_day_that_there_is_not_is_no_date_even_in_iso() -> None:
    assert read_dates(pl.Series(["2023-02-30", "2023-02-28"])).to_list() == [None, "2023-02-28"]


def test_the_29_february_1900_is_no_date() -> None:
    texts = pl.Series(["1900-02-28", "1900-02-29", "1900-02-29T12:00:00", "1900-03-01"])
    assert read_dates(texts).to_list() == ["1900-02-28", None, None, "1900-03-01"]
