"""Workbooks of every kind: cells to text, dates of both systems, what is hidden or merged, and what is refused."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from checks.errors import SourceError
from connectors.reading import Read, read
from tests.connectors.reading.binary_books import xls, xlsb
from tests.connectors.reading.sheets import (
    as_bytes,
    as_xlsx,
    assert_whole,
    left,
    ods,
    ods_cell,
    ods_table,
    patched,
    workbook,
)

SECRET = "Zebedee"  # stands in cells; no sentence may ever say it


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read(path)
    said = str(caught.value)
    assert path.name in said
    assert SECRET not in said
    assert len(said) < 300
    return said


def cells(done: Read) -> list[tuple[object, ...]]:
    assert_whole(done)
    (table,) = done.tables
    return table.frame.rows()


SERIALS = [1, 59, 60, 60.5, 61, 44930]
SINCE_1900 = ["1900-01-01", "1900-02-28", "1900-02-29", "1900-02-29T12:00:00", "1900-03-01", "2023-01-04"]
SINCE_1904 = ["1904-01-02", "1904-02-29", "1904-03-01", "1904-03-01T12:00:00", "1904-03-02", "2027-01-05"]


@pytest.mark.parametrize(("from_1904", "days"), [(False, SINCE_1900), (True, SINCE_1904)])
@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_days_around_the_29_february_1900_that_never_was(tmp_path, kind, from_1904, days):
    """It is spelt as Excel shows it, and so is no date to whoever reads on; text that looks like the day before stays."""
    text = "1900-02-28 00:00:00"
    if kind == "xls":
        rows = [["Ref", "In", "Said"], *[["C1", ("date", float(serial)), text] for serial in SERIALS]]
        done = read(xls(tmp_path / "area.xls", {"cases": rows}, from_1904=from_1904))
    else:
        path = tmp_path / "area.xlsx"
        with xlsxwriter.Workbook(path, {"date_1904": from_1904}) as made:
            sheet, shown = made.add_worksheet("cases"), made.add_format({"num_format": "dd/mm/yyyy"})
            sheet.write_row(2, 3, ["Ref", "In", "Said"])  # not in the corner: places count within what is used
            for row, serial in enumerate(SERIALS, start=3):
                sheet.write_row(row, 3, ["C1"])
                sheet.write_number(row, 4, serial, shown)
                sheet.write_string(row, 5, text)
        done = read(path)
    found = cells(done)
    assert [row[1] for row in found] == days
    assert {row[2] for row in found} == {"1900-02-28"}


ROWS = [["Ref", "Level", "In"], ["C1", 2, date(2023, 1, 4)], [" C2 ", 2.5, date(2023, 12, 31)]]
TEXT = [("C1", "2", "2023-01-04", 2), (" C2 ", "2.5", "2023-12-31", 3)]


def test_xlsx(tmp_path):
    done = as_xlsx(tmp_path, ("cases", ROWS))
    assert cells(done) == TEXT
    assert (done.tables[0].sheet, done.tables[0].name) == ("cases", "cases")
    assert done.tables[0].dated == {2}
    assert done.notes == ()


@pytest.mark.parametrize(("from_1904", "serial"), [(False, 44930.0), (True, 43468.0)])
def test_xls_of_both_date_systems(tmp_path, from_1904, serial):
    made = xls(
        tmp_path / "area.xls", {"cases": [["Ref", "Level", "In"], ["C1", 2, ("date", serial)]]}, from_1904=from_1904
    )
    done = read(made)
    assert cells(done) == TEXT[:1]
    assert any("1904" in note for note in done.notes) is from_1904


@pytest.mark.parametrize("from_1904", [False, True])
def test_xlsx_of_both_date_systems(tmp_path, from_1904):
    done = read(workbook(tmp_path / "area.xlsx", ("cases", ROWS), options={"date_1904": from_1904}))
    assert cells(done) == TEXT
    assert any("1904" in note for note in done.notes) is from_1904


def test_xls_with_merged_cells_errors_and_a_hidden_sheet(tmp_path):
    rows = [["Agency", "Ref", "Level"], ["Police", "C1", 2], [None, "C2", ("error", 42)]]
    made = xls(tmp_path / "area.xls", {"cases": rows, "old": rows[:2]}, merged=[(1, 2, 0, 0)], hidden=["old"])
    done = read(made)
    assert done.tables[0].frame.rows() == [("Police", "C1", "2", 2), ("Police", "C2", "#N/A", 3)]
    assert [account.cells_not_understood for account in done.accounts] == [1, 0]
    assert any('"old": the sheet is hidden, and was read' in note for note in done.notes)
    assert_whole(done)


@pytest.mark.parametrize("kind", [xls, xlsb])
def test_hidden_rows_of_binary_workbooks(tmp_path, kind):
    done = read(
        kind(tmp_path / f"area.{kind.__name__}", {"cases": [["Ref", "Level"], ["C1", 2], ["C2", 3]]}, hidden_rows=[2])
    )
    assert cells(done) == [("C1", "2", 2), ("C2", "3", 3)]
    assert done.tables[0].hidden_rows == (3,)


def test_xlsb_with_merged_cells(tmp_path):
    rows = [["Agency", "Ref", "Level"], ["Police", "C1", 2], [None, "C2", True]]
    done = read(xlsb(tmp_path / "area.xlsb", {"cases": rows}, merged=[(1, 2, 0, 0)]))
    assert cells(done) == [("Police", "C1", "2", 2), ("Police", "C2", "true", 3)]


def test_ods_with_merged_cells_and_hidden_rows(tmp_path):
    body = (
        '<table:table table:name="cases"><table:table-row>'
        + "".join(map(ods_cell, ["Agency", "Ref", "In"]))
        + "</table:table-row><table:table-row>"
        + ods_cell("Police", ' table:number-rows-spanned="2" table:number-columns-spanned="1"')
        + ods_cell("C1")
        + ods_cell(date(2023, 1, 4))
        + '</table:table-row><table:table-row table:visibility="filter"><table:covered-table-cell/>'
        + ods_cell("C2")
        + ods_cell("#REF!")
        + '</table:table-row><table:table-row table:number-rows-repeated="1048000">'
        + ods_cell(None, ' table:number-columns-repeated="16384"')
        + "</table:table-row></table:table>"
    )
    done = read(ods(tmp_path / "area.ods", body))
    assert cells(done) == [("Police", "C1", "2023-01-04", 2), ("Police", "C2", "#REF!", 3)]
    assert done.tables[0].hidden_rows == (3,)
    assert done.accounts[0].cells_not_understood == 1


def test_ods_rows_repeated_are_so_many_rows(tmp_path):
    body = ods_table("cases", [["Ref", "Level"], ["C1", 2]]).replace(
        '<table:table-row><table:table-cell office:value-type="string"><text:p>C1',
        '<table:table-row table:number-rows-repeated="3"><table:table-cell office:value-type="string"><text:p>C1',
    )
    assert [row[-1] for row in cells(read(ods(tmp_path / "area.ods", body)))] == [2, 3, 4]


def test_hidden_rows_columns_and_sheets_are_read_and_said(tmp_path):
    def fill(sheet):
        for row, line in enumerate([["Ref", "Level", "Note"], ["C1", 2, "x"], ["C2", 3, "y"], ["C3", 3, "y"]]):
            sheet.write_row(row, 0, line)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.very_hidden()

    done = as_xlsx(tmp_path, ("front", [["Read me"]]), ("cases", fill))
    table = done.tables[1]
    assert table.frame["_row"].to_list() == [2, 3, 4]
    assert table.hidden_rows == (3,)
    assert done.notes == (
        'area.xlsx, sheet "cases": the sheet is hidden, and was read.',
        'area.xlsx, sheet "cases": 1 hidden row was read as well.',
        'area.xlsx, sheet "cases": hidden columns were read as well: C.',
    )


def test_several_sheets_have_an_account_each_and_empty_ones_too(tmp_path):
    done = as_xlsx(tmp_path, ("cases", ROWS), ("empty", []), ("meetings", [[], [], *ROWS]))
    assert [(a.sheet, a.rows, a.data) for a in done.accounts] == [("cases", 3, 2), ("empty", 0, 0), ("meetings", 5, 2)]
    assert left(done, 2) == {"header": (3,), "blank": (1, 2)}
    assert 'area.xlsx, sheet "empty": the sheet holds no cells.' in done.notes
    assert done.file.rows == 4
    assert_whole(done)


def test_a_sheet_that_is_a_chart_has_nothing_to_read(tmp_path):
    import xlsxwriter

    path = tmp_path / "area.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("cases").write_row(0, 0, ["Ref", "Level"])
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=cases!$A$1:$A$1"})
        made.add_chartsheet("picture").set_chart(chart)
    done = read(path)
    assert [account.rows for account in done.accounts] == [1, 0]


def test_a_table_away_from_the_corner_keeps_its_rows_and_letters(tmp_path):
    def fill(sheet):
        sheet.write_row(4, 3, ["Ref", "Level"])
        sheet.write_row(6, 3, ["C1", 2])

    done = as_xlsx(tmp_path, ("cases", fill))
    assert done.tables[0].letters == ("D", "E")
    assert cells(done) == [("C1", "2", 7)]
    assert done.accounts[0].rows == 7


def test_formulas_without_a_stored_result_are_said(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for line in (["Ref", "Weeks"], ["C1", "=1+1"], ["C2", 4]):
        sheet.append(line)
    made.save(tmp_path / "area.xlsx")
    done = read(tmp_path / "area.xlsx")
    assert cells(done) == [("C1", None, 2), ("C2", "4", 3)]
    assert done.accounts[0].cells_not_understood == 1
    assert any("1 formula holds no stored result" in note for note in done.notes)


def test_times_and_moments_keep_their_time(tmp_path):
    rows = [["Ref", "At"], ["C1", datetime.fromisoformat("2023-01-04T13:05")]]
    assert cells(as_xlsx(tmp_path, ("cases", rows))) == [("C1", "2023-01-04T13:05:00", 2)]


def test_a_merge_of_whole_columns_takes_neither_time_nor_memory(tmp_path):
    def fill(sheet):
        sheet.merge_range("A1:A2", "Cases")
        sheet.merge_range("B1:C1", "Everything")
        sheet.write_row(1, 1, ["Ref", "Level"])
        sheet.write_row(2, 1, ["C1", 2])

    path = workbook(tmp_path / "area.xlsx", ("cases", fill))
    done = read(patched(path, ('"A1:A2"', '"A:A"'), ('"B1:C1"', '"B1:XFD1048576"')))
    assert cells(done) == [("Cases", "C1", "2", 3)]
    assert done.tables[0].headings == ("Cases", "Everything / Ref", "Everything / Level")


def test_a_workbook_named_like_a_text_file_and_text_named_like_a_workbook(tmp_path):
    workbook(tmp_path / "area.csv", ("cases", ROWS))
    done = read(tmp_path / "area.csv")
    assert cells(done) == TEXT
    assert "named like a text file" in done.notes[0]
    assert cells(as_bytes(tmp_path, b"Ref\tLevel\nC1\t2\n", "area.xls")) == [("C1", "2", 2)]


def test_a_wide_sheet(tmp_path):
    rows = [[f"heading {n}" for n in range(3000)], list(range(3000))]
    done = as_xlsx(tmp_path, ("cases", rows))
    assert done.tables[0].letters[-1] == "DKJ"
    assert_whole(done)


# --- What is refused

ONLY_NAMED_SO = (
    " and only named like a workbook, as many systems export it. "
    "Open it in a spreadsheet program, and save it from there as .xlsx."
)
HTML = '<meta http-equiv="Content-Type" content="text/html"><table border=1><tr><th>Ref</th></tr><tr><td>Zebedee</td></tr></table>'
XHTML = b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="http://www.w3.org/1999/xhtml"><body>Zebedee</body></html>'
EXCEL_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet ss:Name="cases"><Table><Row><Cell><Data ss:Type="String">Zebedee</Data></Cell></Row></Table></Worksheet></Workbook>'
)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("area.xlsx", b"", "is empty (0 bytes)"),
        (
            "area.xls",
            b"\n<html><table><tr><td>Zebedee</td></tr></table></html>",
            f"is a web page (HTML){ONLY_NAMED_SO}",
        ),
        ("area.xls", HTML.encode("utf-16"), f"is a web page (HTML){ONLY_NAMED_SO}"),
        ("area.xls", XHTML, f"is a web page (HTML){ONLY_NAMED_SO}"),
        ("area.xls", EXCEL_2003.encode(), f"is a workbook in Excel's XML format of 2003{ONLY_NAMED_SO}"),
        ("area.xlsx", EXCEL_2003.encode("utf-16"), f"is a workbook in Excel's XML format of 2003{ONLY_NAMED_SO}"),
        ("area.xls", b'<?xml version="1.0"?>\n<cases><case>Zebedee</case></cases>', f"is an XML file{ONLY_NAMED_SO}"),
        (
            "area.csv",
            b"<!DOCTYPE html><p>Zebedee",
            "is a web page (HTML), which cannot be read. Open it in a spreadsheet program",
        ),
        ("area.csv", EXCEL_2003.encode(), "is a workbook in Excel's XML format of 2003, which cannot be read"),
        ("area.xlsx", b"PK\x03\x04" + b"Zebedee" * 50, "is damaged, cut short or no workbook inside"),
        ("area.csv", b"PK\x03\x04" + b"Zebedee" * 50, "is damaged, cut short or no workbook inside"),
        ("area.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "is damaged, cut short or no workbook inside"),
        ("area.csv", b"%PDF-1.7 Zebedee", "is a PDF"),
        ("area.csv", b"PAR1 Zebedee", "is a Parquet file"),
        ("area.csv", b"\x1f\x8b\x08Zebedee", "is a packed file"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    assert said in refused(tmp_path / name)


def test_a_password(tmp_path):
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "area.xlsx").write_bytes(locked)
    assert "is protected with a password" in refused(tmp_path / "area.xlsx")
    for way in (0, 1):
        path = xls(tmp_path / "old.xls", {"cases": [["Ref"], [SECRET]]}, password=way)
        assert "is protected with a password" in refused(path)


def test_a_zip_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "area.xlsx", "w") as made:
        made.writestr("note.txt", SECRET)
    assert "no workbook inside" in refused(tmp_path / "area.xlsx")


@pytest.mark.parametrize("cut", [100, 2000, 5000])
def test_a_workbook_cut_short(tmp_path, cut):
    whole = workbook(tmp_path / "whole.xlsx", ("cases", ROWS)).read_bytes()
    (tmp_path / "area.xlsx").write_bytes(whole[:cut])
    assert "damaged" in refused(tmp_path / "area.xlsx")


def test_a_sheet_whose_packed_bytes_are_damaged(tmp_path):
    path = workbook(tmp_path / "area.xlsx", ("cases", ROWS))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        at = package.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    assert "damaged" in refused(path)


def test_a_sheet_of_whose_cells_the_reader_sees_none_is_no_empty_sheet(tmp_path):
    path = workbook(tmp_path / "area.xlsx", ("cases", ROWS))
    assert "the sheet cannot be read" in refused(patched(path, ("/><sheetData>", "/z<sheetData>")))
    done = as_xlsx(tmp_path, ("cases", ROWS), ("notes", lambda sheet: sheet.write_blank(3, 3, None, None)))
    assert 'sheet "notes": the sheet holds no cells' in done.notes[0]


FAR_APART = (('<row r="2"', '<row r="1048576"'), ('<c r="A2"', '<c r="XFD1048576"'))


def far_apart(folder: Path, claimed: str = "A1:XFD1048576") -> Path:
    path = workbook(folder / "area.xlsx", ("cases", [["case_id"], [SECRET]]))
    return patched(path, *FAR_APART, ('ref="A1:A2"', f'ref="{claimed}"'))


@pytest.mark.parametrize("claimed", ["A1:XFD1048576", "A1:A2", "A1"])
def test_two_cells_far_apart_are_refused_before_they_take_all_memory(tmp_path, claimed):
    assert "runs to row 1,048,576 and column XFD" in refused(far_apart(tmp_path, claimed))


def test_a_sheet_that_claims_too_much_is_read(tmp_path):
    path = workbook(tmp_path / "area.xlsx", ("cases", ROWS))
    assert cells(read(patched(path, ('ref="A1:C3"', 'ref="A1:XFD1048576"')))) == TEXT


def test_an_ods_of_endless_repetition_is_refused(tmp_path):
    row = ods_cell(SECRET, ' table:number-columns-repeated="16384"')
    body = (
        f'<table:table table:name="cases"><table:table-row table:number-rows-repeated="1048576">{row}</table:table-row>'
    )
    assert "more than can be read" in refused(ods(tmp_path / "area.ods", body + "</table:table>"))


def test_an_xlsb_or_xls_with_a_cell_far_away_is_refused_whatever_it_claims(tmp_path):
    far = b"\xff\xff\xff\x00"
    path = xlsb(tmp_path / "area.xlsb", {"cases": [["Ref"], ["C1"]]}, last_row=far, declared=(1, 0))
    assert "more than can be read" in refused(path)
    path = xls(tmp_path / "area.xls", {"cases": [["Ref"], ["C1"]]}, far=(65535, 65535))
    assert "more than can be read" in refused(path)


def test_a_cell_that_contradicts_its_row_is_believed(tmp_path):
    path = workbook(tmp_path / "area.xlsx", ("cases", [["case_id"], [SECRET]]))
    assert "more than can be read" in refused(patched(path, ('<c r="A2"', '<c r="XFD1048576"')))


@pytest.mark.parametrize("damage", [("UTF-8", "utf-9"), ("</table:table>", "")])
def test_an_ods_whose_xml_is_damaged_is_refused_and_not_read_for_ever(tmp_path, damage):
    path = ods(tmp_path / "area.ods", ods_table("cases", [["Ref"], [SECRET]]))
    with zipfile.ZipFile(path) as whole:
        content = whole.read("content.xml").decode()
    assert damage[0] in content
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content.replace(*damage))
    assert "damaged" in refused(path)


def test_a_workbook_that_counts_more_texts_than_it_holds(tmp_path):
    path = workbook(tmp_path / "area.xlsx", ("cases", [["Ref", "Level"], ["C1", SECRET]]))
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    texts = parts["xl/sharedStrings.xml"]
    assert b'uniqueCount="4"' in texts
    parts["xl/sharedStrings.xml"] = texts.replace(b'uniqueCount="4"', b'uniqueCount="999999999"')
    with zipfile.ZipFile(path, "w") as made:
        for name, part in parts.items():
            made.writestr(name, part)
    assert "damaged" in refused(path)


def test_an_xls_whose_sectors_go_in_a_circle_is_refused(tmp_path):
    path = xls(tmp_path / "area.xls", {"cases": [["Ref"], [SECRET]]})
    data = bytearray(path.read_bytes())
    data[512 + 4 * 3 : 512 + 4 * 4] = (2).to_bytes(4, "little")
    path.write_bytes(data)
    assert "damaged" in refused(path)


def test_a_zip_bomb_is_refused_by_what_it_unpacks_to(tmp_path, monkeypatch):
    from connectors.reading import opening

    monkeypatch.setattr(opening, "LARGEST_UNPACKED", 10_000)
    path = workbook(tmp_path / "area.xlsx", ("cases", [["Ref"], *[[f"C{n}"] for n in range(2000)]]))
    assert "unpacks to" in refused(path)


def test_a_file_too_large_or_not_to_be_read(tmp_path, monkeypatch):
    from connectors.reading import opening

    monkeypatch.setattr(opening, "LARGEST_FILE", 10)
    (tmp_path / "area.csv").write_text("Ref,Level\nC1,2\n")
    assert "larger than" in refused(tmp_path / "area.csv")
    assert "could not be read" in refused(tmp_path / "absent.csv")


def test_the_standard_workbook_source_refuses_far_apart_cells_too(tmp_path):
    from connectors.sources import pull

    with pytest.raises(SourceError, match="more than can be read"):
        pull(str(far_apart(tmp_path)))
