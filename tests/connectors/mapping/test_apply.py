"""Files and a mapping give the canonical tables; nothing is dropped in silence, and what cannot be told is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl
import pytest

from checks.errors import MappaError, SettingsError, SourceError
from checks.locators import FILE, ROW, SHEET
from connectors.mapping.apply import apply
from connectors.mapping.dates import DateStyle
from connectors.mapping.mapping import Feed, MadeId, Only, Sheet, SourceMapping, Spread
from connectors.reading import RawTable, Read
from connectors.sources.source import Pull
from tests.connectors.mapping.raw import raw, read, sheet

CASES = Feed(table="cases", columns={"case_id": "Ref", "level": "Level"})


def mapped(*sheets: Sheet) -> SourceMapping:
    return SourceMapping(sheets=sheets)


def applied(reads: Sequence[Read] | Read, *sheets: Sheet, **how: object) -> Pull:
    files = [reads] if isinstance(reads, Read) else reads
    pulled = apply(files, mapped(*sheets), "our.mapping.toml", **how)  # ty: ignore[invalid-argument-type]
    assert all(account.adds_up for account in pulled.accounts)
    return pulled


def said(pulled: Pull, words: str) -> str:
    found = [note for note in pulled.notes if words in note]
    assert found, pulled.notes
    return found[0]


def rows(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return frame.select(columns).rows()


def test_every_record_knows_its_file_sheet_and_row() -> None:
    pulled = applied(sheet(["Ref", "Level"], ["C1", "L2"], ["C2", "1"]), Sheet(feeds=(CASES,)))
    assert rows(pulled.tables["cases"], "case_id", "level", FILE, SHEET, ROW) == [
        ("C1", "2", "book.xlsx", "Cases", 2),
        ("C2", "1", "book.xlsx", "Cases", 3),
    ]
    (file,) = pulled.files
    assert (file.name, file.tables, file.rows) == ("book.xlsx", ("cases",), 2)


def test_what_is_not_understood_stays_is_counted_and_said() -> None:
    pulled = applied(sheet(["Ref", "Level"], ["C1", "L9?"], ["C2", "#REF!"], ["C3", "2"]), Sheet(feeds=(CASES,)))
    assert pulled.tables["cases"]["level"].to_list() == ["L9?", "#REF!", "2"]
    assert pulled.accounts[0].cells_not_understood == 1, "the reader counts the error cell"
    assert '1 cell not understood ("L9?"), kept as it stands: row 2.' in said(pulled, "not understood")


def test_a_persons_name_in_a_column_of_codes_is_counted_and_not_shown() -> None:
    pulled = applied(sheet(["Ref", "Level"], ["C1", "Ann Other"], ["C2", "Quillfeather"]), Sheet(feeds=(CASES,)))
    note = said(pulled, "2 cells not understood")
    assert "rows 2, 3" in note
    assert not any(name in "".join(pulled.notes) for name in ("Ann", "Other", "Quillfeather"))


# Dates


DATED = Sheet(feeds=(Feed(table="cases", columns={"case_id": "Ref", "entered_on": "Adopted"}),))


def test_a_column_that_settles_its_style_is_read_by_it() -> None:
    pulled = applied(sheet(["Ref", "Adopted"], ["C1", "31/12/2023"], ["C2", "3/4/2023"]), DATED)
    assert pulled.tables["cases"]["entered_on"].to_list() == ["2023-12-31", "2023-04-03"]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["3/4/2023", "11/12/2023"], "could begin with the day or with the month, and nothing in it tells which"),
        (["31/12/2023", "12/31/2023"], "that can only begin with the day and dates that can only begin with the month"),
    ],
)
def test_dates_that_could_be_either_are_refused_until_the_mapping_says(texts: list[str], why: str) -> None:
    source = sheet(["Ref", "Adopted"], *([f"C{n}", text] for n, text in enumerate(texts)))
    with pytest.raises(SettingsError) as error:
        applied(source, DATED)
    assert why in str(error.value)
    assert 'book.xlsx, sheet "Cases": the column "Adopted"' in str(error.value)
    assert '"Adopted" = "day first" or "month first"' in str(error.value)
    answered = DATED.model_copy(update={"dates": {"Adopted": "month first"}})
    assert applied(source, answered).tables["cases"].height == len(texts)


def test_a_month_first_file_is_never_read_by_last_months_day_first() -> None:
    answered = DATED.model_copy(update={"dates": {"Adopted": "day first"}})
    with pytest.raises(SettingsError, match="can only be read month first, while the mapping says day first"):
        applied(sheet(["Ref", "Adopted"], ["C1", "12/31/2023"], ["C2", "3/4/2023"]), answered)


def test_the_mappings_word_stands_where_a_column_contradicts_itself() -> None:
    answered = DATED.model_copy(update={"dates": {"Adopted": "day first"}})
    source = sheet(["Ref", "Adopted"], ["C1", "31/12/2023"], ["C2", "12/31/2023"], ["C3", "3/4/2023"])
    pulled = applied(source, answered)
    assert pulled.tables["cases"]["entered_on"].to_list() == ["2023-12-31", "12/31/2023", "2023-04-03"]
    assert pulled.accounts[0].cells_not_understood == 1


def test_serial_numbers_by_the_workbooks_own_days() -> None:
    table = raw("book.xlsx", "Cases", ["Ref", "Adopted"], [["C1", "45000"]])
    assert applied(read(table), DATED).tables["cases"]["entered_on"].to_list() == ["2023-03-15"]
    assert applied(read(table, from_1904=True), DATED).tables["cases"]["entered_on"].to_list() == ["2027-03-16"]


# One sheet, several tables


WIDE = Sheet(
    dates={"Next": DateStyle.DAY_FIRST},
    feeds=(
        CASES,
        Feed(
            table="meetings",
            columns={"case_id": "Ref", "held_on": "Last", "kind": "Level", "next_review_on": "Next"},
            only=Only(heading="Level", as_field="cases.level", is_not=("1",)),
            made_id=MadeId(case="Ref", date="Last"),
        ),
        Feed(
            table="reviews",
            columns={"case_id": "Ref", "reviewed_on": "Last"},
            constants={"agency": "police"},
            only=Only(heading="Level", as_field="cases.level", is_one_of=("1",)),
        ),
    ),
)


def test_a_wide_sheet_feeds_cases_meetings_and_reviews() -> None:
    source = sheet(
        ["Ref", "Level", "Last", "Next"],
        ["C1", "L2", "31 Dec 2023", "1/4/2024"],
        ["C2", "1", "13 Jan 2024", None],
        ["C3", "2", None, "2/2/2024"],
        ["C4", "odd", "1 Feb 2024", None],
    )
    pulled = applied(source, WIDE)
    assert rows(pulled.tables["cases"], "case_id") == [("C1",), ("C2",), ("C3",), ("C4",)]
    assert rows(pulled.tables["meetings"], "meeting_id", "case_id", "held_on", "kind", "next_review_on", ROW) == [
        ("C1 2023-12-31", "C1", "2023-12-31", "level 2", "2024-04-01", 2),
        ("C4 2024-02-01", "C4", "2024-02-01", "odd", None, 5),
    ]
    assert rows(pulled.tables["reviews"], "case_id", "reviewed_on", "agency", ROW) == [
        ("C2", "2024-01-13", "police", 3)
    ]
    assert "1 row without its date made none" in said(pulled, "2 rows of the table meetings made from it")
    assert "meeting_id of the table meetings is made from" in said(pulled, "is made from")
    assert "counts as not done" in said(pulled, "one day only for meetings")


def test_made_references_are_the_same_each_time_and_carry_no_name() -> None:
    source = sheet(["Ref", "Level", "Last", "Next"], ["Ann Other", "2", "31 Dec 2023", None])
    first, again = (applied(source, WIDE).tables["meetings"]["meeting_id"][0] for _ in range(2))
    assert first == again
    assert first.endswith(" 2023-12-31")
    assert "Other" not in first


def test_columns_of_agencies_become_rows_of_attendance() -> None:
    meetings = Feed(table="meetings", columns={"meeting_id": "Id", "held_on": "Date"})
    attendance = Feed(
        table="attendance",
        columns={"meeting_id": "Id"},
        spread=Spread(into="agency", value="mode", headings={"Police": "police", "Prison": "prison"}),
    )
    source = sheet(
        ["Id", "Date", "Police", "Prison"],
        ["M1", "2023-01-31", "In person", "N/A"],
        ["M2", "2023-02-28", None, "Apols"],
    )
    pulled = applied(source, Sheet(feeds=(meetings, attendance)))
    assert rows(pulled.tables["attendance"], "meeting_id", "agency", "mode", ROW) == [
        ("M1", "police", "in person", 2),
        ("M2", "prison", "apologies", 3),
    ]


def test_what_a_text_means_in_one_list_of_levels_it_means_in_the_other() -> None:
    cases = CASES.model_copy(update={"values": {"level": {"high": "3"}}})
    wide = WIDE.model_copy(update={"feeds": (cases, WIDE.feeds[1])})
    source = sheet(["Ref", "Level", "Last", "Next"], ["C1", "high", "31 Dec 2023", None])
    assert applied(source, wide).tables["meetings"]["kind"].to_list() == ["level 3"]


def test_actions_of_one_case_due_on_one_day_are_told_apart() -> None:
    actions = Feed(table="actions", columns={"case_id": "Ref", "due_on": "Due"}, made_id=MadeId(case="Ref", date="Due"))
    source = sheet(["Ref", "Due"], ["C1", "2023-01-31"], ["C1", "2023-01-31"])
    assert applied(source, Sheet(feeds=(actions,))).tables["actions"]["action_id"].to_list() == [
        "C1 2023-01-31",
        "C1 2023-01-31 (2)",
    ]


# Several files, one table


def test_each_agencys_file_feeds_the_same_table_and_what_stands_twice_is_taken_once() -> None:
    one = sheet(["Ref", "Level"], ["C1", "2"], ["C2", "1"], file="police.csv", name=None)
    two = sheet(["Ref", "Level"], ["C1", "L2"], ["C2", "3"], ["C3", "1"], file="probation.csv", name=None)
    pulled = applied([one, two], Sheet(feeds=(CASES,)))
    assert rows(pulled.tables["cases"], "case_id", "level", FILE) == [
        ("C1", "2", "police.csv"),
        ("C2", "1", "police.csv"),
        ("C2", "3", "probation.csv"),
        ("C3", "1", "probation.csv"),
    ]
    assert "1 record of the table cases stands elsewhere word for word and was taken once: row 2." in said(
        pulled, "probation.csv: 1"
    )
    second = pulled.accounts[1]
    assert (second.data, second.left_out[-1].reason, second.left_out[-1].rows) == (
        2,
        "the same record stands elsewhere too",
        (2,),
    )


def test_two_visits_alike_in_one_file_are_two_and_across_files_one() -> None:
    visits = Sheet(feeds=(Feed(table="visits", columns={"case_id": "Ref", "visited_on": "Day"}),))
    same = ["C1", "2023-01-31"]
    pulled = applied([sheet(["Ref", "Day"], same, same), sheet(["Ref", "Day"], same, file="b.csv", name=None)], visits)
    assert pulled.tables["visits"][FILE].to_list() == ["book.xlsx", "book.xlsx"]


def test_the_agency_of_a_file_is_said_once() -> None:
    feed = CASES.model_copy(update={"constants": {"lead_agency": "police"}})
    pulled = applied(sheet(["Ref", "Level"], ["C1", "2"]), Sheet(feeds=(feed,)))
    assert pulled.tables["cases"]["lead_agency"].to_list() == ["police"]


# What no longer fits


def test_new_headings_gone_headings_and_new_sheets_are_said() -> None:
    known = Sheet(sheet="Cases", headings=("Ref", "Level", "Old"), feeds=(CASES.model_copy(update={
        "columns": {"case_id": "Ref", "level": "Level", "sex": "Old"}}),), left_aside=())  # fmt: skip
    other = Sheet(sheet="Gone", feeds=(Feed(table="visits", columns={"case_id": "R"}),))
    file = read(
        raw("book.xlsx", "Cases", ["Ref", "Level", "Fresh"], [["C1", "2", "x"]]),
        raw("book.xlsx", "More", ["What"], [["y"], ["z"]]),
    )
    pulled = applied(file, known, other)
    assert 'headings of the mapping are gone: "Old", so nothing is read into cases.sex.' in said(pulled, "gone:")
    assert said(pulled, "has not seen").endswith('left aside: "Fresh".')
    assert "nothing of it was read: 2 rows" in said(pulled, 'sheet "More": the mapping does not know it')
    assert "The mapping speaks of *, sheet “Gone”, which is not there; it feeds visits." in pulled.notes
    more = pulled.accounts[1]
    assert (more.data, more.left_out[-1].rows) == (0, (2, 3))


def test_a_sheet_under_another_name_is_known_by_its_headings() -> None:
    pulled = applied(sheet(["REF", "level"], ["C1", "2"], name="April"), Sheet(sheet="March", feeds=(CASES,)))
    assert pulled.tables["cases"].height == 1
    assert "it was read as *, sheet “March”, whose headings it has" in said(pulled, "no name in the mapping fits it")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            sheet(["A", "B"], ["1", "2"], name="Cases"),
            "none of the headings that the mapping our.mapping.toml names is there",
        ),
        (sheet(["A", "B"], ["1", "2"], name="Other"), "fits nothing that is there"),
        (sheet(["Ref", "Last"], ["C1", "2023-01-01"]), 'the column "Level" is gone, by which'),
    ],
)
def test_a_mapping_that_does_not_fit_stops_the_import(source: Read, words: str) -> None:
    with pytest.raises(SettingsError) as error:
        applied(source, WIDE.model_copy(update={"sheet": "Cases"}))
    assert words in str(error.value)


def test_rows_of_two_tables_side_by_side_are_accounted_for_once() -> None:
    left = raw("book.xlsx", "Cases", ["Ref", "Level"], [["C1", "2"], ["C2", "1"]])
    right = raw("book.xlsx", "Cases", ["Code", "Word"], [["a", "b"], ["c", "d"], ["e", "f"]])
    one = read(left)
    account = one.accounts[0].__class__("book.xlsx", "Cases", 4, 3, one.accounts[0].left_out)
    file = one.__class__((left, right), (account,), (), one.file)
    pulled = applied(file, Sheet(feeds=(CASES,)), Sheet(table=2))
    assert pulled.accounts[0].data == 2
    assert pulled.accounts[0].left_out[-1].rows == (4,)


def test_a_guard_sees_every_table_before_it_is_read_and_may_stop_or_change_it() -> None:
    seen: list[Mapping[str, Sequence[str]]] = []

    def stop(_table: RawTable, feeds: Mapping[str, Sequence[str]]) -> RawTable:
        seen.append(feeds)
        raise SourceError("This looks like names.")

    def hide(table: RawTable, _feeds: Mapping[str, Sequence[str]]) -> RawTable:
        return replace(table, frame=table.frame.with_columns(pl.lit("P1").alias("0")))

    source = sheet(["Ref", "Level"], ["Ann Other", "2"])
    with pytest.raises(MappaError, match="looks like names"):
        applied(source, Sheet(feeds=(CASES,)), guard=stop)
    assert seen == [{"Ref": ["cases.case_id"], "Level": ["cases.level"]}]
    assert applied(source, Sheet(feeds=(CASES,)), guard=hide).tables["cases"]["case_id"].to_list() == ["P1"]
