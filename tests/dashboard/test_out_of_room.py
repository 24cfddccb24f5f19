"""What leaves the room: each agency gets its own rows and nobody else's, text stays text, and calendars can be read back."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import openpyxl
import polars as pl
import pytest

from connectors.store import ACCEPTANCES
from dashboard import month, out_of_room, work
from dashboard.worklist import ATTENDANCE, LATE_REVIEW, WORKLIST
from kpis.late_reviews import LATE_REVIEWS
from tests.dashboard.area_folder import HOSTILE

AS_AT = date(2023, 12, 31)
MADE_AT = datetime(2024, 1, 3, 9, 15, tzinfo=UTC)
ABOUT = {"What": "Outstanding", "Area": "Area"}


def things(*given: dict) -> pl.DataFrame:
    row = {"kind": LATE_REVIEW, "decisive": False, "days_late": 3, "due_on": date(2023, 12, 28), "why": "It was due.",
           "to_do": "Hold it.", "title": "Review"}  # fmt: skip
    rows = pl.DataFrame([{**row, "key": f"k{n}", **each} for n, each in enumerate(given)], schema=WORKLIST)
    return work.standing(rows, work.no_chases(), pl.DataFrame(schema=ACCEPTANCES), AS_AT)


def books(content: bytes) -> dict[str, dict[str, list[list]]]:
    """File → sheet → rows."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {
            name: {
                sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
                for sheet in openpyxl.load_workbook(io.BytesIO(archive.read(name)))
            }
            for name in archive.namelist()
        }


def test_every_agency_has_a_workbook_with_its_own_rows_and_no_word_of_another() -> None:
    rows = things(
        {"agency": "police", "title": "Review of C1", "case_id": "C1"},
        {"agency": "housing", "title": "Review of C2", "case_id": "C2"},
        {"agency": "police", "title": "Review of C3", "case_id": "C3"},
        {"agency": None, "title": "Review of C4", "case_id": "C4"},
    )
    made = books(out_of_room.chasers(rows, ABOUT, MADE_AT))
    assert set(made) == {"to-do-police.xlsx", "to-do-housing.xlsx", "to-do-agency-not-recorded.xlsx"}
    cases = {
        name: [row[list(out_of_room.HEADINGS).index("case_id")] for row in sheets["To do"][1:]]
        for name, sheets in made.items()
    }
    assert cases == {
        "to-do-police.xlsx": ["C1", "C3"],
        "to-do-housing.xlsx": ["C2"],
        "to-do-agency-not-recorded.xlsx": ["C4"],
    }
    assert made["to-do-police.xlsx"]["To do"][0] == list(out_of_room.HEADINGS.values())
    assert "housing" not in str(made["to-do-police.xlsx"])
    assert ["Agency", "police"] in made["to-do-police.xlsx"]["About"]
    assert out_of_room.chasers(rows, ABOUT, MADE_AT) == out_of_room.chasers(rows, ABOUT, MADE_AT), (
        "the same bytes again"
    )


def test_what_is_written_here_about_a_thing_stays_here() -> None:
    rows = things({"agency": "police"}).with_columns(
        note=pl.lit("SECRET NOTE"), snooze_reason=pl.lit("SECRET REASON"), assigned_to=pl.lit("SECRET COLLEAGUE")
    )
    content = str(books(out_of_room.chasers(rows, ABOUT, MADE_AT)))
    assert "SECRET" not in content
    assert "SECRET" not in out_of_room.reminder(rows, "police", "Area", AS_AT)


def test_hostile_text_is_text_in_a_workbook_and_breaks_no_file_name() -> None:
    names = ["=1+1", "@SUM(A1)", "../../etc/passwd", HOSTILE, "CON", "é", "É", "x" * 300]
    rows = things(*({"agency": name, "title": '=HYPERLINK("http://x")'} for name in names))
    made = books(out_of_room.chasers(rows, ABOUT, MADE_AT))
    assert len(made) == len(names), "no two agencies share a file"
    assert all("/" not in name and ".." not in name and name.endswith(".xlsx") and len(name) < 80 for name in made)
    for sheets in made.values():
        assert sheets["To do"][1][1] == '=HYPERLINK("http://x")'
    with zipfile.ZipFile(io.BytesIO(out_of_room.chasers(rows, ABOUT, MADE_AT))) as archive:
        for name in archive.namelist():
            with zipfile.ZipFile(io.BytesIO(archive.read(name))) as book:
                sheets = [book.read(each) for each in book.namelist() if "worksheets/" in each]
                assert not any(b"<f>" in each for each in sheets), "no cell is a formula"


def test_a_reminder_speaks_to_the_agency_of_its_own_things_only() -> None:
    rows = things(
        {
            "agency": "housing",
            "kind": ATTENDANCE,
            "title": "Attendance: housing, meeting M1",
            "field": "mode",
            "table": "attendance",
        },
        {"agency": "police", "title": "Review of C2"},
    )
    text = out_of_room.reminder(rows, "housing", "Area", AS_AT)
    assert text.splitlines()[0] == "Area: 1 thing outstanding with housing, as at 31 December 2023"
    assert (
        "1. Attendance: housing, meeting M1 (since 28 December 2023): Tell us how your agency took part, "
        "so that mode (attendance) can be recorded." in text
    )
    assert "C2" not in text
    assert "police" not in text


def test_a_long_reminder_stays_short_and_a_line_is_a_line() -> None:
    rows = things(*({"agency": "police", "title": f"Review\nof\r\nC{n}"} for n in range(50)))
    text = out_of_room.reminder(rows, "police", "Area", AS_AT)
    assert "30. Review of C29 " in text
    assert "… and 20 more" in text
    assert "Nothing is outstanding" in out_of_room.reminder(rows, "housing", "Area", AS_AT)


# --- The calendar -----------------------------------------------------------------------------------------------------------


def reviews(*given: dict) -> pl.DataFrame:
    row = {"level": "2", "state": "due later", "lead_agency": "police", "next_set": "none set", "days_late": 0}
    return pl.DataFrame([{**row, **each} for each in given], schema=LATE_REVIEWS)


def test_a_calendar_reads_back_as_whole_days_with_lasting_names() -> None:
    icalendar = pytest.importorskip("icalendar")
    due = date(2024, 2, 29)
    case = "C1; with, signs\\ and a very long reference " + "x" * 100 + "\r\nEND:VCALENDAR"
    given = reviews(
        {"case_id": case, "due_on": due, "last_review_on": date(2023, 12, 7)}, {"case_id": "C2", "due_on": due}
    )
    content = out_of_room.calendar(given, "Area", MADE_AT, 4)
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines), "RFC 5545 folds lines"
    assert b"\n" not in content.replace(b"\r\n", b"")
    read = icalendar.Calendar.from_ical(content)
    assert read["version"] == "2.0"
    assert read["prodid"]
    events = read.walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [due, due]
    assert [event.decoded("dtend") for event in events] == [due + timedelta(days=1)] * 2
    assert [event.decoded("dtstamp") for event in events] == [MADE_AT, MADE_AT]
    assert [event["sequence"] for event in events] == [4, 4]
    assert str(events[0]["summary"]).startswith("Review due at level 2: case C1; with, signs\\ and a very long")
    assert len(events) == 2, "a reference ends no calendar"
    uids = [str(event["uid"]) for event in events]
    assert len(set(uids)) == 2
    moved = given.with_columns(due_on=pl.lit(due + timedelta(days=7)))
    later = icalendar.Calendar.from_ical(out_of_room.calendar(moved, "Area", MADE_AT, 5)).walk("VEVENT")
    assert [str(event["uid"]) for event in later] == uids, "a later file moves a day and makes no second one"
    assert "C1" not in "".join(uids)


def test_a_calendar_holds_what_falls_due_from_the_as_at_day_on() -> None:
    offsets = (-1, 0, 182, 183)
    given = reviews(*({"case_id": f"C{n}", "due_on": AS_AT + timedelta(days=n)} for n in offsets), {"case_id": "none"})
    assert out_of_room.coming(given, AS_AT)["case_id"].to_list() == ["C0", "C182"]


# --- The month --------------------------------------------------------------------------------------------------------------

WEDNESDAYS = [date(2024, 1, day) for day in (3, 10, 17, 24, 31)]


def test_the_days_on_which_the_area_meets_leave_out_its_days_off() -> None:
    first, last = date(2024, 1, 1), date(2024, 1, 31)
    assert month.sittings(["Wednesday"], [], first, last) == WEDNESDAYS
    assert month.sittings(["Wednesday"], [date(2024, 1, 17)], first, last) == [*WEDNESDAYS[:2], *WEDNESDAYS[3:]]
    assert month.sittings([], [], first, last) == []


def test_a_review_is_taken_at_the_last_sitting_before_it_is_late() -> None:
    given = reviews(
        {"case_id": "overdue", "due_on": date(2023, 11, 1), "level": "3"},
        {"case_id": "before any", "due_on": date(2024, 1, 2)},
        {"case_id": "on the day", "due_on": date(2024, 1, 10)},
        {"case_id": "a day before", "due_on": date(2024, 1, 9)},
        {"case_id": "between", "due_on": date(2024, 1, 16), "next_set_on": date(2024, 1, 17)},
        {"case_id": "no date"},
        {"case_id": "after the last", "due_on": date(2024, 2, 1)},
    )
    rows = month.load(given, WEDNESDAYS, AS_AT)
    told = {row["day"].day: row for row in rows.iter_rows(named=True)}
    assert {day: row["reviews"] for day, row in told.items()} == {3: 3, 10: 2, 17: 0, 24: 0, 31: 0}
    assert told[3]["too_late"] == 2
    assert (told[3]["level_3"], told[3]["level_2"]) == (1, 2)
    assert told[17]["set_here"] == 1
    said = month.load_for_people(rows)
    assert said.row(0) == ("Wed 3 January 2024", "3", "1 at level 3, 2 at level 2", "2", "0")
    assert said.row(2) == ("Wed 17 January 2024", "0", "", "none", "1")
    assert month.load(given, [], AS_AT).is_empty()


def test_every_review_is_taken_by_exactly_one_sitting() -> None:
    given = reviews(*({"case_id": f"C{n}", "due_on": AS_AT + timedelta(days=n * 7 % 120 - 60)} for n in range(120)))
    days = month.sittings(["Tuesday", "Friday"], [], AS_AT + timedelta(days=1), AS_AT + timedelta(days=80))
    rows = month.load(given, days, AS_AT)
    assert rows["reviews"].sum() == given.filter(pl.col("due_on") <= days[-1]).height
    naive = dict.fromkeys(days, 0)
    for due in given["due_on"]:
        if due <= days[-1]:
            naive[max((day for day in days if day <= due), default=days[0])] += 1
    assert dict(rows.select("day", "reviews").iter_rows()) == naive


def test_a_month_is_shown_whole_by_weeks() -> None:
    grid = month.grid(date(2024, 2, 1), {date(2024, 2, 29): 1_200}, {date(2024, 2, 7)}, {date(2024, 2, 7): 3})
    assert grid.columns == list(month.WEEKDAYS)
    cells = [cell for row in grid.rows() for cell in row if cell]
    assert len(cells) == 29
    assert "29 · 1,200 due" in cells
    assert f"{month.MEETS} 7 · takes 3" in cells
    assert grid.row(0) == ("", "", "", "1", "2", "3", "4")


def test_the_months_on_offer_begin_with_the_as_at_day_and_cross_the_year() -> None:
    found = month.months(AS_AT)
    assert found[0] == date(2023, 12, 1)
    assert found[-1] == date(2024, 6, 1)
    assert month.month_end(date(2024, 2, 1)) == date(2024, 2, 29)
    assert month.headline(date(2023, 12, 1), {date(2023, 12, 30): 2, AS_AT: 1}, AS_AT) == (
        "1 review falls due in December 2023 from the as-at day on; 2 are overdue already."
    )
