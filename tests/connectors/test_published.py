"""A file of published figures: what is read, and the sentence for each thing that is wrong with it."""

from __future__ import annotations

import pytest

from checks.errors import SourceError
from connectors.published import read, read_file

HEAD = "area,reporting_year,table,row,column,value\n"
SECRET = "Zebedee"


def refused(content: str | bytes) -> str:
    with pytest.raises(SourceError) as caught:
        read(content.encode() if isinstance(content, str) else content, "figures.csv")
    said = str(caught.value)
    assert SECRET not in said
    assert caught.value.exit_code == 3
    return said


def test_figures_as_printed_in_the_order_of_the_file():
    content = (
        "value,Area,reporting_year,table,row,column,source\n57,Hill,2023,t, a  b ,total,H23\n0,hill,2023,T,c,Total,\n"
    )
    assert read(b"\xef\xbb\xbf" + content.encode(), "figures.csv").rows() == [
        ("Hill", "2023", "t", "a b", "total", 57, "H23", 2),
        ("Hill", "2023", "t", "c", "total", 0, None, 3),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "figures.csv is empty"),
        (HEAD, "figures.csv holds no figures"),
        ("area,table,row,column,value\na,b,c,d,1\n", "row 1: the column reporting_year is missing"),
        ("case_id,name\n1,Zebedee\n", "row 1: the columns area, reporting_year, table, row, column, value are missing"),
        (HEAD.replace(",", ";") + "a;2023;t;r;c;1\n", "figures.csv is not separated by commas"),
        (HEAD.replace("row", "row,row", 1) + "a,2023,t,r,r,c,1\n", "row 1: the column row stands there more than once"),
        (
            HEAD + "a,2023,t,r,c,1\na,2023,t,r,d,Zebedee\n",
            "row 3, column value: expected a whole number such as 1472, found letters. Leave out the row of a figure that",
        ),
        (
            HEAD + "a,2023,t,r,c,1.5\n",
            "row 2, column value: expected a whole number such as 1472, found a number with decimals",
        ),
        (
            HEAD + 'a,2023,t,r,c,"1,472"\n',
            "row 2, column value: expected a whole number such as 1472, found a number with sep",
        ),
        (HEAD + "a,2023,t,r,c,-3\n", "found a number below 0"),
        (HEAD + "a,2023,t,r,c,٣\n", "found text. Leave out the row"),
        (
            HEAD + "a,2023,t,r,c,c\n",
            "found letters. Leave out the row of a figure that the report hides or does not print.",
        ),
        (HEAD + "a,2023,t,r,c,*\n", "found text. Leave out the row"),
        (HEAD + "a,2023,t,r,c,5%\n", "found a percentage. Only counts are checked: leave its row out."),
        (HEAD + "a,2023,t,r,c,-5.5 %\n", "found a percentage."),
        (HEAD + f"a,2023,t,r,c,{'9' * 50}\n", "found a number too large for a count. Correct it."),
        (HEAD + f"a,2023,t,r,c,{'9' * 5000}\n", "found a number too large for a count. Correct it."),
        (HEAD + "a,2023,t,r,c,9999999999999\n", "found a number too large"),
        (HEAD + "a,2023,t,r,c,\n", "row 2: the column value is empty"),
        (HEAD + "a,2023,t, ,c,1\n", "row 2: the column row is empty"),
        (HEAD + "a,2023,t,r,c,1\n\na,2023,T,R,c,2\n", "row 4: the same figure"),
        (HEAD + "a,2023,t,r,c,1,2\n", "row 2: there are more cells than headings"),
        (HEAD + f"a,2023,t,{SECRET * 40},c,1\n", "row 2, column row: expected a label of at most 200"),
        ((HEAD + "Zebedee é,2023,t,r,c,1\n").encode("cp1252"), "figures.csv is not UTF-8: line 2"),
        ((HEAD + "a,2023,t,r,c,1\n").encode("utf-16"), "figures.csv is not UTF-8"),
        (b"PK\x03\x04rest", "figures.csv is not a CSV file"),
        (HEAD + 'a,2023,t,"r,c,1\n', "row 2: a quotation mark is opened and never closed"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(content: str | bytes, sentence: str):
    assert sentence in refused(content)


def test_the_second_of_two_rows_names_the_first():
    assert "stands in row 2 already" in refused(HEAD + "a,2023,t,r,c,1\na,2023,t,r,c,1\n")


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.csv could not be read: there is no such file\. Check its name"):
        read_file(tmp_path / "gone.csv")
    with pytest.raises(SourceError, match="is a folder"):
        read_file(tmp_path)


def test_a_workbook_is_told_by_its_kind():
    for name, said in (("f.xlsx", "is a workbook and not a CSV file. Save it as CSV UTF-8"), ("f.zip", "is not a CSV")):
        with pytest.raises(SourceError, match=rf"^{name} {said}"):
            read(b"PK\x03\x04rest", name)


def test_a_table_too_large_to_have_been_printed_is_refused():
    rows = "".join(f"a,2023,t,r{n},c{n},1\n" for n in range(150))
    assert "row 2: the table that begins there has 150 rows and 150 columns" in refused(HEAD + rows)


def test_more_figures_than_asked_for_are_refused():
    with pytest.raises(SourceError, match="holds 3 rows: expected at most 2 figures"):
        read((HEAD + "".join(f"a,2023,t,r{n},c,1\n" for n in range(3))).encode(), "figures.csv", most=2)
