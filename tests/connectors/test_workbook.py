"""A workbook: every cell to canonical text, physical row numbers, and the sentence for each thing that is wrong."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, ROW
from connectors.sources import pull

SECRET = "Zebedee"


def book(path: Path, fill: Callable[[Worksheet], object], sheet: str = "cases") -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as made:
        fill(made.add_worksheet(sheet))
    return path


def table(path: Path, rows: Sequence[Sequence[object]], *, right: int = 0) -> pl.DataFrame:
    def fill(sheet: Worksheet) -> None:
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells, start=right):
                if isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif cell is not None:
                    sheet.write(row, column, cell)

    return pull(str(book(path, fill))).tables["cases"]


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        pull(str(path))
    said = str(caught.value)
    assert SECRET not in said
    assert len(said) < 400
    return said


@pytest.fixture
def path(tmp_path):
    return tmp_path / "area.xlsx"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (date(2023, 1, 4), "2023-01-04"),
        (datetime.fromisoformat("2023-01-04"), "2023-01-04"),
        (datetime.fromisoformat("2023-01-04T13:05"), "2023-01-04T13:05:00"),
        (2, "2"),
        (2.0, "2"),
        (2.5, "2.5"),
        (True, "true"),
        (False, "false"),
        ("00123", "00123"),
        ("31/12/2024", "31/12/2024"),
        (" not known ", " not known "),
        ("#N/A", "#N/A"),
    ],
)
def test_cells_as_text(path, cell, text):
    assert table(path, [["case_id", "exit_reason"], ["C1", cell]])["exit_reason"].to_list() == [text]


def test_a_time_without_a_day_is_never_taken_for_a_date(path):
    frame = table(path, [["case_id", "exit_reason"], ["C1", time(0, 0)], ["C2", timedelta(hours=26)]])
    assert all("T" in text for text in frame["exit_reason"])


def test_error_cells_stay_visible(path):
    shown = ["#N/A", "#DIV/0!", "#NAME?", "#NUM!", "#REF!", "#VALUE!", "#NULL!"]

    def fill(sheet: Worksheet) -> None:
        sheet.write_row(0, 1, ["case_id", "level"])
        for row, error in enumerate(shown, start=2):  # a blank row before them, a blank column to the left
            sheet.write_formula(row, 1, "=1", None, error)
            sheet.write_string(row, 2, "2")

    frame = pull(str(book(path, fill))).tables["cases"]
    assert frame.select("case_id", "level", ROW).rows() == [(e, "2", n) for n, e in enumerate(shown, start=3)]


def test_row_numbers_are_the_sheets_own_even_where_nothing_stands_left_of_the_table(path):
    rows = [["case_id", "level"], ["C1", 2], [None, None], [" ", None], ["C2", 3]]
    frame = table(path, rows, right=3)
    assert frame.select("case_id", "level", ROW).rows() == [("C1", "2", 2), ("C2", "3", 5)]


def test_cells_beyond_the_last_heading_are_marked_not_kept(path):
    frame = table(path, [["case_id", "level", None], ["C1", 2, None], ["C2", 2, SECRET], [None, None, SECRET]])
    assert frame.select("case_id", EXTRA_CELLS, ROW).rows() == [("C1", False, 2), ("C2", True, 3), (None, True, 4)]
    assert SECRET not in str(frame)


def test_header_only(path):
    assert table(path, [["case_id", "level"]]).height == 0


def test_hidden_sheets_are_read_and_strangers_left_aside_with_a_note(path):
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("Read me").write(0, 0, SECRET)
        hidden = made.add_worksheet(" Cases")
        hidden.write_row(0, 0, ["case_id", "Surname", None, "LEVEL "])
        hidden.write_row(1, 0, ["C1", SECRET, None, "2"])
        hidden.hide()
    brought = pull(str(path))
    assert brought.tables["cases"].select("case_id", "level").rows() == [("C1", "2")]
    assert SECRET not in str(brought)
    assert brought.notes == [
        'area.xlsx: sheets left aside, as they are not of ours: "Read me".',
        'area.xlsx, sheet "Cases": the sheet is hidden, and was read.',
        'area.xlsx, sheet "Cases": columns left out, as the table cases has none of that name: "Surname".',
        'area.xlsx, sheet "Cases": columns left out, as they have no heading: 3 (C).',
    ]


def test_a_macro_workbook_and_one_from_another_writer(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.create_sheet("cases")
    sheet.append(["case_id", "entered_on"])
    sheet.append(["C1", date(2023, 1, 4)])
    made.save(tmp_path / "area.xlsm")
    assert pull(str(tmp_path / "area.xlsm")).tables["cases"].select("case_id", "entered_on").rows() == [
        ("C1", "2023-01-04")
    ]


_OPEN_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet>
<table:table table:name="cases">
<table:table-row><table:table-cell office:value-type="string"><text:p>case_id</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>entered_on</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>birth_year</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>C1</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2023-01-04"><text:p>04/01/23</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="1970"><text:p>1970</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""

_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""


def test_open_document(tmp_path):
    path = tmp_path / "area.ods"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", _MANIFEST)
        made.writestr("content.xml", _OPEN_DOCUMENT.replace("\n<", "<").replace("?><o", "?>\n<o"))
    frame = pull(str(path)).tables["cases"]
    assert frame.select("case_id", "entered_on", "birth_year", ROW).rows() == [("C1", "2023-01-04", "1970", 4)]


# --- What is wrong


def test_empty_sheet(path):
    assert refused(book(path, lambda _sheet: None)) == (
        'area.xlsx, sheet "cases": the sheet is empty. Expected a header row.'
    )


def test_first_row_blank(path):
    said = refused(book(path, lambda sheet: sheet.write_row(2, 0, ["case_id", SECRET])))
    assert said == 'area.xlsx, sheet "cases": the first row is blank. Expected the headings there.'


def test_no_heading_of_ours(path):
    said = refused(book(path, lambda sheet: sheet.write_row(0, 0, [SECRET, "x"])))
    assert said.startswith('area.xlsx, sheet "cases": none of the headings of the table cases is there.')


def test_doubled_column_is_told_by_its_letters(path):
    said = refused(book(path, lambda sheet: sheet.write_row(0, 2, ["case_id", "level", "Level"])))
    assert 'area.xlsx, sheet "cases": the column "level" is there twice, in columns 4 (D) and 5 (E).' in said


def test_one_table_in_two_sheets(path):
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("cases")
        made.add_worksheet("Cases ")
    assert 'the sheets "cases" and "Cases" both claim to be the table cases' in refused(path)


def test_no_sheet_of_ours(path):
    said = refused(book(path, lambda sheet: sheet.write(0, 0, "case_id"), sheet="Sheet1"))
    assert said.startswith("area.xlsx holds none of the tables looked for: cases, spells")


def good(tmp_path: Path) -> bytes:
    return book(tmp_path / "good.xlsx", lambda sheet: sheet.write_row(0, 0, ["case_id", SECRET])).read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "area.xlsx is empty (0 bytes)."),
        (b"case_id,level\nZebedee,2\n", "area.xlsx is not a workbook, though named like one."),
        (
            b"\n<html><table><tr><td>Zebedee</td></tr></table></html>",
            "area.xlsx is a web page (HTML) and only named like a workbook",
        ),
        (b'<?xml version="1.0"?><Workbook/>', "area.xlsx is a workbook in Excel's XML format of 2003 and only"),
        (b"PK\x03\x04" + b"Zebedee" * 50, "area.xlsx is damaged, cut short or no workbook inside."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "area.xlsx is damaged, cut short or no workbook inside."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "area.xlsx is protected with a password.",
        ),
    ],
)
def test_not_a_workbook_that_can_be_read(path, content, said):
    path.write_bytes(content)
    assert refused(path).startswith(said)


def test_a_workbook_cut_short(tmp_path, path):
    path.write_bytes(good(tmp_path)[:-200])
    assert refused(path).startswith("area.xlsx is damaged, cut short or no workbook inside.")


def test_a_workbook_whose_sheet_is_damaged(tmp_path, path):
    (tmp_path / "good.xlsx").write_bytes(good(tmp_path))
    with zipfile.ZipFile(tmp_path / "good.xlsx") as whole, zipfile.ZipFile(path, "w") as hurt:
        for part in whole.namelist():
            broken = part == "xl/worksheets/sheet1.xml"
            hurt.writestr(part, whole.read(part)[:300] + b"</</" if broken else whole.read(part))
    assert refused(path).startswith('area.xlsx, sheet "cases": the sheet cannot be read.')
