"""Text files: encodings, separators, quotation marks, and what is said about each."""

from __future__ import annotations

import pytest

from checks.errors import SourceError
from tests.connectors.reading.sheets import as_bytes, assert_whole, left

TEXT = "Ref,Agency,Note\nC1,Police,café – “quoted”\nC2,Prison,£5\n"
RECORDS = [("C1", "Police", "café – “quoted”", 2), ("C2", "Prison", "£5", 3)]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_any_encoding(tmp_path, encoding, said):
    done = as_bytes(tmp_path, TEXT.encode(encoding))
    assert done.tables[0].frame.rows() == RECORDS
    assert [said in note for note in done.notes] == ([True] if said else [])
    assert_whole(done)


def test_old_macintosh_text(tmp_path):
    done = as_bytes(tmp_path, "Ref,Note\rC1,café\r".encode("mac-roman"))
    assert done.tables[0].frame.rows() == [("C1", "café", 2)]


def test_one_old_byte_in_a_utf8_file_spoils_no_other(tmp_path):
    done = as_bytes(tmp_path, "Ref,Note\nC1,café\n".encode() + b"C2,caf\xe9\nC3,\x81\n")
    assert done.tables[0].frame["1"].to_list() == ["café", "café", "\x81"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end(tmp_path, separator, ends):
    lines = ["Ref,Level,Note", "C1,2,1.5", '"C2",3,"two\nlines, ; | of it"', "C3,2,"]
    text = ends.join(line.replace(",", separator, 2) for line in lines).replace("lines" + separator, "lines,")
    done = as_bytes(tmp_path, text.encode())
    assert done.tables[0].frame.rows() == [
        ("C1", "2", "1.5", 2),
        ("C2", "3", "two\nlines, ; | of it", 3),
        ("C3", "2", None, 4),
    ]
    assert len(done.notes) == (separator != ",")


def test_decimal_commas_do_not_hide_the_semicolons(tmp_path):
    done = as_bytes(tmp_path, b"Ref;Weeks;Days\nC1;1,5;2,5\nC2;2,5;3,5\n")
    assert done.tables[0].frame.rows() == [("C1", "1,5", "2,5", 2), ("C2", "2,5", "3,5", 3)]


def test_commas_within_a_title_do_not_hide_the_tabs(tmp_path):
    done = as_bytes(tmp_path, b"Cases, by level, of the area\n\nRef\tLevel\nC1\t2\nC2\t3\n")
    assert done.tables[0].headings == ("Ref", "Level")


def test_a_line_that_names_the_separator(tmp_path):
    done = as_bytes(tmp_path, b"sep=;\r\nRef;Level\r\nC1;2\r\n")
    assert done.tables[0].frame.rows() == [("C1", "2", 3)]
    assert left(done) == {"above the header": (1,), "header": (2,)}
    assert_whole(done)


def test_a_quote_never_closed_swallows_nothing(tmp_path):
    done = as_bytes(tmp_path, b'Ref,Note,Level\nC1,"open,2\nC2,x,3\nC3,y,2\n')
    assert done.tables[0].frame.rows() == [("C1", '"open', "2", 2), ("C2", "x", "3", 3), ("C3", "y", "2", 4)]
    assert any("out of place in row 2" in note for note in done.notes)


def test_a_quote_out_of_place_spoils_its_line_alone(tmp_path):
    done = as_bytes(tmp_path, b'Ref,Note,Level\nC1,"a" b,2\nC2,"two\nlines",3\n')
    assert done.tables[0].frame.rows() == [("C1", "a b", "2", 2), ("C2", "two\nlines", "3", 3)]
    assert_whole(done)


def test_a_quoted_cell_over_very_many_lines_is_said(tmp_path):
    text = 'Ref,Note\nC1,"' + "line\n" * 40 + '"\nC2,x\n'
    done = as_bytes(tmp_path, text.replace("C2", '"C2" ').encode())
    assert any("more than 20 lines in row 2" in note for note in done.notes)


def test_rows_longer_and_shorter_than_the_header_lose_nothing(tmp_path):
    done = as_bytes(tmp_path, b"Ref,Level,In\nC1\nC2,2,01/02/2023,more,,most\nC3,3,02/02/2023\n")
    (table,) = done.tables
    assert table.headings == ("Ref", "Level", "In", "column D", "column F")
    assert table.frame.rows()[1] == ("C2", "2", "01/02/2023", "more", "most", 3)
    assert_whole(done)


def test_a_nul_is_left_out_and_said(tmp_path):
    done = as_bytes(tmp_path, b"Ref,Level,Agency,Some heading\nC1,2,Pol\0ice,a word or two more\n")
    assert done.tables[0].frame["2"].to_list() == ["Police"]
    assert any("1 NUL" in note for note in done.notes)


def test_blank_lines_and_rows_of_separators_keep_their_numbers(tmp_path):
    done = as_bytes(tmp_path, b"\n\nRef,Level\n,,\n\nC1,2\n , \nC2,3\n\n")
    assert done.tables[0].frame["_row"].to_list() == [6, 8]
    assert left(done)["blank"] == (1, 2, 4, 5, 7, 9)
    assert_whole(done)


def test_a_very_long_cell(tmp_path):
    done = as_bytes(tmp_path, b'Ref,Note\nC1,"' + b"x" * 300_000 + b'"\nC2, "y" z\n')
    assert done.tables[0].frame["1"].str.len_chars().to_list() == [300_000, 6]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        (b"a," * 20_000, "more than a spreadsheet can hold"),
        (bytes(range(256)) * 20, "is no text file"),
    ],
)
def test_what_is_no_text_of_cells_is_refused(tmp_path, content, said):
    with pytest.raises(SourceError, match=said):
        as_bytes(tmp_path, content)
