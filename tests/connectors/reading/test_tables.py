"""Where the tables on a sheet begin and end, and which rows are records: the layouts that people's sheets really have."""

from __future__ import annotations

import pytest

from connectors.reading import read
from tests.connectors.reading.sheets import Rows, as_csv, as_xlsx, assert_whole, left


def tables(folder, rows: Rows) -> list[tuple[tuple[str, ...], list[int]]]:
    done = as_csv(folder, rows)
    assert_whole(done)
    return [(table.headings, table.frame["_row"].to_list()) for table in done.tables]


HEAD = ["Case ref", "Level", "Agency", "Date in"]
ONE, TWO, THREE = (
    ["C1", "2", "Police", "01/02/2023"],
    ["C2", "3", "Prison", "02/02/2023"],
    ["C3", "2", "Police", "03/02/2023"],
)


def test_a_plain_table(tmp_path):
    done = as_csv(tmp_path, [HEAD, ONE, TWO])
    (table,) = done.tables
    assert (table.name, table.sheet, table.headings, table.letters) == ("area", None, tuple(HEAD), tuple("ABCD"))
    assert table.frame.rows() == [(*ONE, 2), (*TWO, 3)]
    (account,) = done.accounts
    assert (account.rows, account.data, account.adds_up) == (3, 2, True)
    assert (done.file.name, done.file.rows, done.file.tables) == ("area.csv", 2, ())


@pytest.mark.parametrize(
    "above",
    [
        [["Cases at level 2 and 3"], []],
        [["Cases at level 2 and 3"]],
        [["Official"], ["Cases of the area"], ["as at the end of the quarter"], []],
        [["Area:", "Somewhere"], ["As at:", "31/03/2023"]],
    ],
)
def test_title_rows_above_the_header(tmp_path, above):
    done = as_csv(tmp_path, [*above, HEAD, ONE, TWO])
    (table,) = done.tables
    assert table.headings == tuple(HEAD)
    assert table.frame["_row"].to_list() == [len(above) + 2, len(above) + 3]
    filled = tuple(row for row, cells in enumerate(above, start=1) if cells)
    assert left(done)["above the header"] == filled
    assert_whole(done)


def test_a_header_over_two_rows_without_merged_cells(tmp_path):
    rows = [
        ["Case ref", "Review", "", "Level"],
        ["", "last", "next", ""],
        ["C1", "01/02/2023", "01/05/2023", "2"],
        ["C2", "01/02/2023", "01/05/2023", "3"],
    ]
    assert tables(tmp_path, rows) == [(("Case ref", "Review / last", "Review / next", "Level"), [3, 4])]


def test_a_header_over_two_rows_whose_lower_row_repeats_itself(tmp_path):
    rows = [
        ["", "Review", "", "Meeting", ""],
        ["Case ref", "held", "due", "held", "due"],
        ["C1", "01/02/2023", "01/05/2023", "01/02/2023", "01/05/2023"],
    ]
    headings = ("Case ref", "Review / held", "Review / due", "Meeting / held", "Meeting / due")
    assert tables(tmp_path, rows) == [(headings, [3])]


def test_a_first_record_of_words_is_no_second_header_row(tmp_path):
    rows = [["Ref", "", "Agency"], ["A", "x", "Police"], ["B", "z", "Prison"], ["C", "x", "Police"]]
    assert tables(tmp_path, rows) == [(("Ref", "column B", "Agency"), [2, 3, 4])]


def test_headers_merged_across_and_down_are_joined(tmp_path):
    def fill(sheet):
        sheet.merge_range("A1:E1", "Cases of the area")
        sheet.merge_range("A3:A4", "Case ref")
        sheet.merge_range("B3:C3", "Review")
        sheet.merge_range("D3:E3", "Minutes")
        sheet.write_row("B4", ["last", "next", "held", "issued"])
        sheet.write_row("A5", ["C1", "01/02/2023", "01/05/2023", "01/02/2023", "x"])
        sheet.write_row("A6", ["C2", "01/02/2023", "01/05/2023", "01/02/2023", "y"])

    done = as_xlsx(tmp_path, ("cases", fill))
    (table,) = done.tables
    assert table.headings == ("Case ref", "Review / last", "Review / next", "Minutes / held", "Minutes / issued")
    assert left(done) == {"above the header": (1,), "header": (3, 4), "blank": (2,)}
    assert_whole(done)


def test_cells_merged_down_belong_to_each_of_their_rows(tmp_path):
    def fill(sheet):
        sheet.write_row("A1", ["Agency", "Ref", "Level"])
        sheet.merge_range("A2:A4", "Police")
        sheet.write_column("B2", ["C1", "C2", "C3", "C4"])
        sheet.write_column("C2", [2, 3, 2, 2])
        sheet.write("A5", "Prison")

    done = as_xlsx(tmp_path, ("cases", fill))
    assert done.tables[0].frame["0"].to_list() == ["Police", "Police", "Police", "Prison"]
    assert any("merged over several rows" in note for note in done.notes)


def test_blank_rows_and_columns_within_a_table(tmp_path):
    rows = [
        ["Ref", "", "Level", "", "In"],
        [],
        ["C1", "", "2", "", "01/02/2023"],
        ["", " ", "", "\u00a0", ""],
        ["C2", "", "3"],
    ]
    done = as_csv(tmp_path, rows)
    (table,) = done.tables
    assert (table.headings, table.letters) == (("Ref", "Level", "In"), ("A", "C", "E"))
    assert table.frame["_row"].to_list() == [3, 5]
    assert left(done)["blank"] == (2, 4)
    assert_whole(done)


def test_a_record_of_words_after_a_blank_row_stays_a_record(tmp_path):
    rows = [
        ["Ref", "Agency", "Held", "Next"],
        ["C1", "Police", "01/02/2023", "01/05/2023"],
        ["C2", "Prison", "01/02/2023", "01/05/2023"],
        [],
        ["C3", "Health", "TBC", "not known"],
        ["C4", "Police", "01/02/2023", "01/05/2023"],
        [],
        ["C5", "", "", ""],
    ]
    assert tables(tmp_path, rows) == [(("Ref", "Agency", "Held", "Next"), [2, 3, 5, 6, 8])]


def test_subtotals_and_totals_are_left_out_and_named(tmp_path):
    rows = [
        ["Level", "Agency", "Cases", "Late"],
        ["1", "Police", "5", "2"],
        ["Subtotal", "", "5", "2"],
        ["2", "Police", "6", "3"],
        ["2", "Prison", "1", "0"],
        ["Level 2 total", "", "7", "3"],
        ["Grand Total:", "", "12", "5"],
    ]
    done = as_csv(tmp_path, rows)
    assert done.tables[0].frame["_row"].to_list() == [2, 4, 5]
    assert left(done)["subtotal or total"] == (3, 6, 7)
    assert_whole(done)


def test_what_only_sounds_like_a_total_is_a_record(tmp_path):
    rows = [HEAD, ["C1", "2", "Total Care Ltd", "01/02/2023"], ["Total Care", "2", "Police", "01/02/2023"], TWO]
    assert tables(tmp_path, rows) == [(tuple(HEAD), [2, 3, 4])]


def test_the_header_printed_again_on_each_page(tmp_path):
    rows = [["Cases of the area"], HEAD, ONE, ["Page 1 of 2"], ["Cases of the area"], HEAD, TWO, [], HEAD, THREE]
    done = as_csv(tmp_path, rows)
    (table,) = done.tables
    assert table.frame["_row"].to_list() == [3, 7, 10]
    assert left(done) == {
        "above the header": (1,),
        "header": (2,),
        "blank": (8,),
        "header repeated": (4, 5, 6, 9),
    }
    assert_whole(done)


def test_footnotes_below_the_table(tmp_path):
    rows = [
        HEAD,
        ONE,
        TWO,
        [],
        ["Notes: the figures are provisional"],
        ["* not yet closed"],
        ["Source: the co-ordinator"],
    ]
    done = as_csv(tmp_path, rows)
    assert done.tables[0].frame["_row"].to_list() == [2, 3]
    assert left(done)["below the table"] == (5, 6, 7)
    assert_whole(done)


def test_a_reference_alone_below_the_table_is_a_record(tmp_path):
    assert tables(tmp_path, [HEAD, ONE, TWO, [], ["C3"]]) == [(tuple(HEAD), [2, 3, 5])]


def test_two_tables_one_beneath_the_other(tmp_path):
    meetings = [["Meeting", "Held on", "Chair"], ["M1", "01/02/2023", "Police"], ["M2", "03/02/2023", "Prison"]]
    rows = [["Cases"], HEAD, ONE, TWO, [], [], ["Meetings"], *meetings]
    done = as_csv(tmp_path, rows)
    assert [(t.name, t.headings, t.frame["_row"].to_list()) for t in done.tables] == [
        ("area", tuple(HEAD), [3, 4]),
        ("area (2)", tuple(meetings[0]), [9, 10]),
    ]
    assert left(done) == {"above the header": (1, 7), "header": (2, 8), "blank": (5, 6)}
    assert_whole(done)


def test_two_tables_side_by_side(tmp_path):
    rows = [
        ["Ref", "Level", "", "Code", "Meaning"],
        ["C1", "2", "", "A", "Police"],
        ["C2", "3", "", "B", "Prison"],
        ["C3", "2"],
        ["C4", "2"],
        ["C5", "1"],
    ]
    done = as_csv(tmp_path, rows)
    assert [(t.headings, t.letters, t.frame["_row"].to_list()) for t in done.tables] == [
        (("Ref", "Level"), ("A", "B"), [2, 3, 4, 5, 6]),
        (("Code", "Meaning"), ("D", "E"), [2, 3]),
    ]
    assert_whole(done)


def test_the_same_headings_again_beside_a_blank_column_are_a_second_table(tmp_path):
    rows = [["Ref", "Level", "", "Ref", "Level"], ["C1", "2", "", "D1", "3"], ["C2", "3", "", "D2", "3"]]
    assert tables(tmp_path, rows) == [(("Ref", "Level"), [2, 3]), (("Ref", "Level"), [2, 3])]


def test_what_is_left_out_beside_a_record_is_said(tmp_path):
    rows = [
        ["Ref", "Level", "", "Ref", "Level"],
        ["C1", "2", "", "D1", "3"],
        ["C2", "3", "", "Total", "3"],
        ["C3", "3"],
    ]
    done = as_csv(tmp_path, rows)
    assert any("table 2 row 3" in note for note in done.notes)
    assert_whole(done)


def test_a_sparse_column_apart_belongs_to_the_same_records(tmp_path):
    rows = [["Ref", "Level", "", "Notes"], ["C1", "2"], ["C2", "2", "", "see file"], ["C3", "3"], ["C4", "3"]]
    assert tables(tmp_path, rows) == [(("Ref", "Level", "Notes"), [2, 3, 4, 5])]


def test_doubled_and_blank_headings_and_cells_beyond_the_last(tmp_path):
    rows = [
        ["Ref", "Date", " date ", "", "Level"],
        ["C1", "01/02/2023", "01/03/2023", "x", "2"],
        ["C2", "01/02/2023", "01/03/2023", "y", "2", "beyond"],
    ]
    done = as_csv(tmp_path, rows)
    assert done.tables[0].headings == ("Ref", "Date", "date (2)", "column D", "Level", "column F")
    assert done.tables[0].frame["5"].to_list() == [None, "beyond"]


def test_headings_are_cleaned_of_white_space(tmp_path):
    rows = [[" Case\nref ", "Date\u00a0 in", "Level"], ["C1", "01/02/2023", "2"]]
    assert tables(tmp_path, rows) == [(("Case ref", "Date in", "Level"), [2])]


def test_without_a_header_every_row_is_a_record(tmp_path):
    done = as_csv(tmp_path, [ONE, TWO, THREE])
    assert done.tables[0].headings == ("column A", "column B", "column C", "column D")
    assert done.tables[0].frame["_row"].to_list() == [1, 2, 3]
    assert done.accounts[0].left_out == ()


def test_years_are_headings_over_figures(tmp_path):
    rows = [["Offences by area"], ["Area", "2019", "2020", "2021"], ["North", "5", "6", "7"], ["South", "5", "7", "7"]]
    assert tables(tmp_path, rows) == [(("Area", "2019", "2020", "2021"), [3, 4])]


def test_known_headings_tip_the_scales(tmp_path):
    path = tmp_path / "area.csv"
    path.write_text("Run by,system,for,somewhere\nRef,Agency,Next,Note\nC2,Police,Health,x\nC3,Police,Health,x\n")
    assert read(path).tables[0].headings == ("Run by", "system", "for", "somewhere")
    known = read(path, hints=frozenset(["ref", "agency"]))
    assert known.tables[0].headings == ("Ref", "Agency", "Next", "Note")
    assert left(known) == {"above the header": (1,), "header": (2,)}


def test_a_header_alone_and_one_cell_alone(tmp_path):
    assert tables(tmp_path, [HEAD]) == [(tuple(HEAD), [])]
    assert tables(tmp_path, [["C1"]]) == [(("C1",), [])]
