"""What is taken away: text from a source stays text in a spreadsheet, dates are dates and numbers numbers."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.exports import csv_bytes, xlsx_bytes

FORMULAS = [
    "=1+1",
    "+x",
    "-x",
    "@x",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "=cmd|' /C calc'!A0",
    "{=1+1}",
]
LINKS = ["http://example.invalid", "mailto:x@example.invalid", "internal:About!A1", "external:x.xlsx"]


def read_csv(frame: pl.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_starts_a_formula(text: str) -> None:
    cell = read_csv(pl.DataFrame({"text": [text]}))[1][0]
    assert cell[0] not in "=+-@\t\r\n"
    assert cell.lstrip("'").replace("\r\n", "\n") == text.replace("\r\n", "\n")


@settings(deadline=None)
@given(st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=5))
def test_a_csv_loses_no_text_and_starts_no_formula(texts: list[str]) -> None:
    cells = [row[0] if row else "" for row in read_csv(pl.DataFrame({"text": texts}))[1:]]
    assert len(cells) == len(texts)
    for cell, text in zip(cells, texts, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell in (text, "'" + text)


def test_numbers_and_dates_of_a_csv_are_left_alone() -> None:
    rows = read_csv(pl.DataFrame({"n": [-3, 2], "day": [date(2023, 12, 31), None]}))
    assert rows == [["n", "day"], ["-3", "2023-12-31"], ["2", ""]]


def workbook(frame: pl.DataFrame, about: dict[str, str] | None = None) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"Rows": frame}, about, datetime(2024, 1, 3, tzinfo=UTC))))


@pytest.mark.parametrize("text", [*FORMULAS, *LINKS])
def test_nothing_becomes_a_formula_or_a_link_in_a_workbook(text: str) -> None:
    book = workbook(pl.DataFrame({"text": [text]}), {"Area": text})
    for cell in (book["Rows"]["A2"], book["About"]["B1"]):
        assert cell.data_type == "s"
        assert cell.hyperlink is None
        # A carriage return is a line's end to every reader of XML.
        assert str(cell.value).replace("_x000D_", "\r").replace("\r", "\n") == text.replace("\r", "\n")


def test_dates_are_dates_and_numbers_numbers_in_a_workbook() -> None:
    sheet = workbook(pl.DataFrame({"day": [date(2023, 12, 31)], "late": [264], "none": [None]}))["Rows"]
    assert sheet["A2"].value.isoformat() == "2023-12-31T00:00:00"
    assert sheet["A2"].is_date
    assert sheet["A2"].number_format == "dd/mm/yyyy"
    assert sheet["B2"].value == 264
    assert sheet["C2"].value is None


def test_the_same_rows_give_the_same_workbook() -> None:
    frame, made = pl.DataFrame({"a": [1]}), datetime(2024, 1, 3, tzinfo=UTC)
    assert xlsx_bytes({"Rows": frame}, {"Area": "x"}, made) == xlsx_bytes({"Rows": frame}, {"Area": "x"}, made)
