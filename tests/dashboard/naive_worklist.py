"""The worklist a second time, as a plain loop over what a snapshot stores: what the product's must agree with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

Row = dict[str, Any]
Item = tuple[str, str | None, str | None, date | None, bool]
"""Kind, case, meeting, day owed, whether a verdict hangs on it."""

UNKNOWN = {
    "disclosure": "decision not recorded",
    "agency_attendance": "attendance not recorded",
    "smb_attendance": "attendance not recorded",
    "screening_outcomes": "screening without outcome",
}
LATE = {"minutes_level_2": "minutes late", "minutes_level_3": "minutes late", "actions": "action late"}


def reviews(rows: Iterable[Row], as_at: date) -> list[Item]:
    items: list[Item] = []
    for row in rows:
        due = row["due_on"]
        if due is None:
            items.append(("review without a date", row["case_id"], None, None, False))
        elif due < as_at:
            items.append(("late review", row["case_id"], None, due, False))
        elif (due - as_at).days <= 28:
            items.append(("coming review", row["case_id"], None, due, False))
    return items


def records(measure: str, rows: list[Row], verdicts: list[Row], by_case: bool, each: bool, months: int) -> list[Item]:
    """`verdicts`: results of the measure in the quarters that the Board has before it."""
    decisive = set()
    for headline in verdicts:
        if headline["by"] != "all" or headline["verdict"] != "depends on missing records":
            continue
        last = headline["period_end"]
        first = headline["period_start"] if months == 3 else date(last.year - 1, last.month, last.day)
        if months == 3:
            inside = [n for n, row in enumerate(rows) if first <= row["owed_on"] <= last]
        else:
            inside = [n for n, row in enumerate(rows) if first < row["owed_on"] <= last]
        open_units = {
            row["unit"]
            for row in verdicts
            if row["by"] == "unit" and row["period"] == headline["period"]
            and row["verdict"] == "depends on missing records"
        }  # fmt: skip
        failed = {rows[n]["case_id"] for n in inside if rows[n]["met"] is False}
        for n in inside:
            row = rows[n]
            if row["met"] is not None or (each and row["unit"] not in open_units):
                continue
            if by_case and row["case_id"] in failed:
                continue
            decisive.add(n)
    return [
        (
            UNKNOWN.get(measure, "field missing") if row["met"] is None else LATE[measure],
            row["case_id"], row["meeting_id"], row["owed_on"], n in decisive,
        )
        for n, row in enumerate(rows)
        if row["met"] is None or (measure in LATE and row["met"] is False and row["done_on"] is None)
    ]  # fmt: skip


DECIDING = {
    "cases": {"case_id", "level", "location", "entered_on"},
    "spells": {"case_id", "level", "location", "from_on"},
    "meetings": {"meeting_id", "case_id", "held_on", "kind"},
    "attendance": {"meeting_id"},
    "reviews": {"case_id", "reviewed_on"},
    "referrals": {"received_on", "route", "in_custody", "case_id"},
    "smb_meetings": {"smb_meeting_id", "held_on"},
    "smb_attendance": {"smb_meeting_id"},
    "actions": {"case_id", "due_on"},
}


def found(findings: Iterable[Row], without_date: set[str]) -> list[str]:
    """The kinds of those that belong on the list."""
    kinds = []
    for row in findings:
        if row["rule"] == "meetings.meeting_id.no_attendance":
            kinds.append("attendance not recorded")
        elif row["field"] in DECIDING.get(row["table"], ()) and row["rule"].split(".")[-1] in (
            "required",
            "code",
            "type",
        ):
            if row["table"] == "cases" and row["key"] in without_date:
                continue
            kinds.append("field missing")
    return kinds
