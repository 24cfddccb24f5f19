"""A folder of CSV or Parquet files: what is kept, what is left aside, and the sentence for each thing that is wrong."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.errors import SourceError
from checks.locators import EXTRA_CELLS, ROW
from connectors.sources import csv_text, pull

SECRET = "Zebedee"  # stands in cells; no sentence may ever say it


@pytest.fixture
def folder(tmp_path):
    area = tmp_path / "area"
    area.mkdir()
    return area


def cases(folder, content: str | bytes, name: str = "cases.csv") -> pl.DataFrame:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return pull(str(folder)).tables["cases"]


def refused(folder, content: str | bytes, name: str = "cases.csv") -> str:
    with pytest.raises(SourceError) as caught:
        cases(folder, content, name)
    said = str(caught.value)
    assert SECRET not in said
    assert len(said) < 400
    assert caught.value.exit_code == 3
    return said


# --- What is kept


def test_cells_are_kept_as_text_as_they_stand(folder):
    frame = cases(folder, "case_id,birth_year,level\n007,1970.0, 2 \n")
    assert frame.select("case_id", "level", "birth_year").rows() == [("007", " 2 ", "1970.0")]
    assert frame.schema["birth_year"] == pl.String


def test_an_empty_cell_is_missing_however_it_is_written(folder):
    assert cases(folder, 'case_id,category,level\nC1,,""\n').select("category", "level").rows() == [(None, None)]


def test_columns_come_in_canonical_order_and_absent_ones_are_absent(folder):
    frame = cases(folder, "level,case_id\n2,C1\n")
    assert frame.columns == ["case_id", "level", "_file", "_sheet", "_row"]


@pytest.mark.parametrize("heading", ["\ufeffcase_id,level", " CASE_ID ,Level", '"case_id","level"', "case_id\t,level"])
def test_headings_may_differ_in_case_space_and_byte_order_mark(folder, heading):
    assert cases(folder, f"{heading}\nC1,2\n").select("case_id", "level").rows() == [("C1", "2")]


@pytest.mark.parametrize("name", ["Cases.CSV", " cases .csv", "CASES.csv"])
def test_file_names_may_differ_in_case_and_space(folder, name):
    assert cases(folder, "case_id\nC1\n", name)["_file"].to_list() == [name]


def test_row_numbers_are_those_a_spreadsheet_shows(folder):
    text = 'case_id,exit_reason\n\nC1,"two\nlines\n"\n , \nC2,x\n,,\n\n"C3","a ""b"""\n\n'
    for ends in ("\n", "\r\n", "\r"):
        frame = cases(folder, text.replace("\n", ends))
        assert frame.select("case_id", ROW).rows() == [("C1", 3), ("C2", 5), ("C3", 8)]
        assert frame["exit_reason"][0] == f"two{ends}lines{ends}"
        assert frame["exit_reason"][2] == 'a "b"'


def test_a_row_longer_than_the_header_is_kept_and_marked(folder):
    frame = cases(folder, f"case_id,level\nC1,2\nC2,2,{SECRET}\nC3,2,,,x\nC4,2,\nC5\n")
    assert frame.select("case_id", "level", EXTRA_CELLS).rows() == [
        ("C1", "2", False),
        ("C2", "2", True),
        ("C3", "2", True),
        ("C4", "2", False),  # a comma with nothing behind it loses nothing
        ("C5", None, False),
    ]
    assert not any(SECRET in column for column in frame.columns)


def test_no_mark_of_longer_rows_where_there_are_none(folder):
    assert EXTRA_CELLS not in cases(folder, "case_id,level\nC1,2\nC2\n").columns


def test_header_only_gives_a_table_with_no_rows(folder):
    for text in ("case_id,level", "case_id,level\n", "case_id,level\n\n \n"):
        frame = cases(folder, text)
        assert (frame.height, frame.columns[:2]) == (0, ["case_id", "level"])


def test_missing_tables_are_no_error(folder):
    cases(folder, "case_id\nC1\n")
    assert list(pull(str(folder)).tables) == ["cases"]


def test_what_is_not_ours_is_left_out_and_noted_by_its_heading_only(folder):
    frame = cases(folder, f"case_id,Full Name,,level\nC1,{SECRET},{SECRET},2\n")
    (folder / "notes.txt").write_text(SECRET)
    (folder / "people.csv").write_text(SECRET)
    (folder / ".hidden").write_text(SECRET)
    (folder / "old").mkdir()
    brought = pull(str(folder))
    assert set(frame.columns) == {"case_id", "level", "_file", "_sheet", "_row"}
    assert SECRET not in str(brought)
    assert brought.notes == [
        'The folder area: files left aside, as they are not of ours: "notes.txt", "people.csv".',
        'The folder area: folders left aside, as they are not of ours: "old".',
        'cases.csv: columns left out, as the table cases has none of that name: "Full Name".',
        "cases.csv: columns left out, as they have no heading: 3 (C).",
    ]


# --- What is wrong


def test_empty_file(folder):
    for content in (b"", b"\xef\xbb\xbf", b" \n\n"):
        assert (
            refused(folder, content) == "cases.csv is empty: expected a header row. Export it again, with its headings."
        )


def test_blank_first_row(folder):
    said = refused(folder, f"\ncase_id,level\n{SECRET},2\n")
    assert said == "cases.csv: the first row is blank. Expected the headings there."


def test_no_heading_of_ours_says_what_was_expected_and_shows_no_record(folder):
    said = refused(folder, f"{SECRET},2\n")
    assert "cases.csv: none of the headings of the table cases is there" in said
    assert "case_id, category, level, location" in said


def test_doubled_column(folder):
    said = refused(folder, f"case_id,level,x, Level\n{SECRET},2,,3\n")
    assert 'cases.csv: the column "level" is there twice, in columns 2 (B) and 4 (D).' in said


@pytest.mark.parametrize(("separator", "called"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_separator(folder, separator, called):
    said = refused(folder, f"case_id{separator}level\n{SECRET}{separator}2\n")
    assert f"cases.csv is separated by {called}: expected commas" in said


def test_another_encoding(folder):
    said = refused(folder, f"case_id,lead_agency\nC1,x\n{SECRET},Müller\n".encode("cp1252"))
    assert said == (
        "cases.csv is not UTF-8: line 3 holds a character in another encoding. "
        'In Excel, save it again as "CSV UTF-8 (comma delimited)".'
    )
    assert "looks like UTF-16" in refused(folder, f"case_id\n{SECRET}\n".encode("utf-16"))


def test_binary(folder):
    assert "line 2 holds a NUL byte" in refused(folder, f"case_id,level\nC1,{SECRET}\0\n")
    assert "cases.csv is not a CSV file, though named like one" in refused(folder, b"PK\x03\x04\x00" + bytes(50))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('case_id,level\nC1,2\nC2,"{}\nC3,2\n', "cases.csv, row 3: a quotation mark is opened and never closed"),
        ('case_id,level\nC1,2\n\nC2,"{}"x\n', "cases.csv, row 4: a quotation mark stands inside a quoted cell"),
        ('case_id,level\nC1,"{}' + "x" * 200_000, "cases.csv, row 2: a quotation mark is opened and never closed"),
    ],
)
def test_quotes_out_of_place(folder, text, said):
    assert said in refused(folder, text.replace("{}", SECRET))


def test_one_table_in_two_files(folder):
    pl.DataFrame({"case_id": ["C1"]}).write_parquet(folder / "cases.parquet")
    said = refused(folder, "case_id\nC1\n", "Cases.csv")
    assert said.startswith("Cases.csv and cases.parquet both claim to be the table cases")


def test_no_table_of_ours(folder):
    (folder / "people.csv").write_text(SECRET)
    with pytest.raises(SourceError, match=r"^The folder area holds none of the tables looked for: cases, spells, ref"):
        pull(str(folder))


def test_a_file_that_may_not_be_read(folder):
    (folder / "cases.csv").symlink_to(folder / "gone")
    with pytest.raises(
        SourceError, match=r"^cases\.csv could not be read: no such file or directory\. Check its name and rights\.$"
    ):
        pull(str(folder))


# --- Parquet


def test_parquet_keeps_its_types_and_counts_records_from_one(folder):
    frame = pl.DataFrame(
        {
            "Case_ID": ["C1", ""],
            "category": pl.Series(["1", "2"], dtype=pl.Categorical),
            "entered_on": [date(2023, 1, 4), None],
            "exited_on": [datetime.fromisoformat("2023-01-04T12:00"), None],
            "visor_recorded": [True, None],
            "birth_year": pl.Series([1970, None], dtype=pl.Int16),
            "sex": pl.Series([None, None], dtype=pl.Null),
            "ethnicity": pl.Series([b"text", None], dtype=pl.Binary),
            "lead_agency": pl.Series(["1.50", "2.00"]).cast(pl.Decimal(10, 2)),
            "Name": [SECRET, SECRET],
        }
    )
    frame.write_parquet(folder / "cases.parquet")
    brought = pull(str(folder))
    read = brought.tables["cases"]
    assert read.schema["entered_on"] == pl.Date
    assert read.schema["exited_on"] == pl.Datetime
    assert read.schema["visor_recorded"] == pl.Boolean
    assert read.schema["birth_year"] == pl.Int16
    assert read.schema["category"] == pl.Categorical
    assert read["case_id"].to_list() == ["C1", None]
    assert read["lead_agency"].to_list() == ["1.5", "2"]
    assert read["ethnicity"].to_list() == ["text", None]
    assert read["sex"].dtype == pl.String
    assert read[ROW].to_list() == [1, 2]
    assert SECRET not in str(brought)


def test_parquet_of_a_nested_type(folder):
    pl.DataFrame({"case_id": [[SECRET]]}).write_parquet(folder / "cases.parquet")
    with pytest.raises(SourceError, match=r'^cases\.parquet: the column "case_id" holds values of a type') as caught:
        pull(str(folder))
    assert SECRET not in str(caught.value)
    pl.DataFrame({"case_id": [b"\xff\xfe"]}).write_parquet(folder / "cases.parquet")
    with pytest.raises(SourceError, match=r'^cases\.parquet: the column "case_id" holds values of a type'):
        pull(str(folder))


def test_not_parquet(folder):
    assert "cases.parquet is empty" in refused(folder, b"", "cases.parquet")
    assert "cases.parquet is not a Parquet file" in refused(folder, SECRET, "cases.parquet")
    good = io.BytesIO()
    pl.DataFrame({"case_id": [f"{SECRET} {n}" for n in range(2000)]}).write_parquet(good)
    assert "cases.parquet is not a Parquet file" in refused(folder, good.getvalue()[:-20], "cases.parquet")
    hurt = b"PAR1" + b"\xff" * 200 + good.getvalue()[204:]
    assert "cases.parquet is damaged" in refused(folder, hurt, "cases.parquet")


# --- The quick way and the thorough way


def both_ways(data: bytes) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    cells = csv_text.read(data, "x.csv")
    width = len(cells.headings)
    return csv_text.quick(data, width), csv_text.thorough(data.decode(), width, "x.csv")


pieces = st.sampled_from([*"ab,,,\n\n\r é\t\x0b\u2028", '"', '""', "\r\n", '"x"', '"x\ny"', "1,2\n"])


@settings(max_examples=600, deadline=None)
@given(st.lists(pieces, min_size=1, max_size=25).map("".join))
def test_where_the_quick_way_answers_it_answers_as_the_thorough_one(text):
    try:
        quick, thorough = both_ways(text.encode())
    except SourceError:
        return
    if quick is not None:
        assert quick.schema == thorough.schema
        assert quick.equals(thorough), text


cell = st.text(st.sampled_from('ab,"\n é;'), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(cell, min_size=3, max_size=3), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_well_written_file_is_read_the_quick_way_and_comes_back_whole(rows, ends, quoting):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=ends, quoting=quoting)
    writer.writerows([["x", "y", "z"], *rows])
    quick, thorough = both_ways(out.getvalue().encode())
    assert quick is not None
    assert quick.equals(thorough)
    kept = [(n, row) for n, row in enumerate(rows, start=2) if any(c.strip(csv_text.BLANK) for c in row)]
    assert quick.rows() == [(*(c or None for c in row), n, False) for n, row in kept]


def test_both_ways_agree_on_a_file_read_in_many_parts():
    row = 'M{0:06d},"a, ""b""\n{0}",in person,\n'
    data = ("w,x,y,z\n" + "".join(row.format(n) + ("\n" if n % 97 == 0 else "") for n in range(100_000))).encode()
    quick, thorough = both_ways(data)
    assert quick is not None
    assert quick.height == 100_000
    assert quick.equals(thorough)
