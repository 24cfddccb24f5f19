"""The worklist a second time, as a plain loop over what a snapshot stores: what the product's must agree with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
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
LATE = {
    "minutes_level_2": "minutes late",
    "minutes_level_3": "minutes late",
    "actions": "action late",
    "referral_to_meeting": "other thing late",
    "identification": "other thing late",
    "release_confirmed": "other thing late",
}
OUTLIVES_THE_CASE = ("minutes_level_2", "minutes_level_3")


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


def first_and_last(window: str, quarter: Row, as_at: date) -> tuple[date, date]:
    """The days that belong to a quarter."""
    first, last = quarter["period_start"], quarter["period_end"]
    if window == "12 months":
        return _year_before(last), last
    if window == "last day":
        return min(last, as_at), min(last, as_at)
    return first, last


def _year_before(last: date) -> date:
    """The day after the same day of the year before."""
    return date(last.year - 1, last.month, last.day) + timedelta(days=1)


def nameless(measure: Any, row: Row) -> bool:
    """Whether it is known that the row is met or not, and not whose it is."""
    return bool(measure.each and row["met"] is not None and row["unit"].startswith("("))


def records(measure: Any, rows: list[Row], verdicts: list[Row], as_at: date, gone: set[str]) -> list[Item]:
    """`verdicts`: results of the measure in the quarters that the Board has before it · `gone`: cases that have exited."""
    if measure.describes:
        return []
    decisive, in_quarters = set(), set()
    for headline in verdicts:
        if headline["by"] != "all":
            continue
        first, last = first_and_last(measure.window, headline, as_at)
        inside = [n for n, row in enumerate(rows) if first <= row["owed_on"] <= last]
        in_quarters.update(inside)
        if headline["verdict"] != "depends on missing records":
            continue
        said = {
            row["unit"]: row["verdict"]
            for row in verdicts
            if row["by"] == "unit" and row["period"] == headline["period"]
        }
        open_units = {unit for unit, verdict in said.items() if verdict == "depends on missing records"}
        short = any(verdict not in ("met", "nothing due") for unit, verdict in said.items() if unit[0] != "(")
        failed = {rows[n]["case_id"] for n in inside if rows[n]["met"] is False}
        for n in inside:
            row = rows[n]
            if row["met"] is not None and not nameless(measure, row):
                continue
            of_open_unit = row["met"] is not True and row["unit"] in open_units
            if measure.each and not of_open_unit and not (row["met"] is not None and short):
                continue
            if measure.by_case and row["case_id"] in failed:
                continue
            decisive.add(n)
    items: list[Item] = []
    states: dict[tuple, bool] = {}
    for n, row in enumerate(rows):
        if nameless(measure, row):
            kind = "field missing"
        elif row["met"] is None:
            if measure.window == "last day":
                if n in in_quarters:
                    state = (row["case_id"], row["meeting_id"], row["unit"], row["missing_field"], row["why"])
                    states[state] = states.get(state, False) or n in decisive
                continue
            kind = UNKNOWN.get(measure.id, "field missing")
        elif measure.id in LATE and row["met"] is False and row["done_on"] is None and row["owed_on"] < as_at:
            if row["case_id"] in gone and measure.id not in OUTLIVES_THE_CASE:
                continue
            kind = LATE[measure.id]
        else:
            continue
        items.append((kind, row["case_id"], row["meeting_id"], row["owed_on"], n in decisive))
    items += [("field missing", case, meeting, None, hangs) for (case, meeting, *_), hangs in states.items()]
    return items


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


def found(findings: Iterable[Row], without_date: set[str], told: set[tuple]) -> list[str]:
    """The kinds of those that belong on the list; `told`: table, field, file, sheet and row of what evidence tells of."""
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
            if (
                row["row"] is not None
                and tuple(row[name] for name in ("table", "field", "file", "sheet", "row")) in told
            ):
                continue
            kinds.append("field missing")
    return kinds
