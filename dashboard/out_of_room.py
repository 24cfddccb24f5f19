"""What leaves the room: a list for each agency with its own rows only, the text of a reminder, a calendar of due dates.

Frames in, bytes or text out. What is written down about a thing here (notes, who sees to it, why it is put off) stays here.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import polars as pl

from dashboard.exports import xlsx_bytes
from dashboard.review_list import NOT_RECORDED
from dashboard.text import day, s
from dashboard.worklist import ACTION, ATTENDANCE, DECISION, MINUTES, MISSING, SCREENING

HEADINGS: dict[str, str] = {
    "kind": "Kind",
    "title": "What",
    "days_late": "Days late",
    "due_on": "Due or held on",
    "why": "Why it is on the list",
    "to_do": "What to do",
    "case_id": "Case",
    "meeting_id": "Meeting",
    "level": "Level",
    "table": "Table",
    "field": "Field",
    "asked_on": "Asked on",
}
"""The columns of an agency's list, in their order."""

_FIELD = pl.concat_str(pl.col("field").fill_null("what is missing"), pl.format(" ({})", "table").fill_null(""))
TO_THE_AGENCY: dict[str, pl.Expr] = {
    ATTENDANCE: pl.format("Tell us how your agency took part, so that {} can be recorded.", _FIELD),
    DECISION: pl.format("Tell us what was decided on disclosure, so that {} can be recorded.", _FIELD),
    SCREENING: pl.format("Tell us the outcome, so that {} can be recorded.", _FIELD),
    MINUTES: pl.lit("Send out the minutes, or tell us on which day they went out."),
    ACTION: pl.lit("Tell us whether the action is done, and on which day."),
    MISSING: pl.format("Tell us {}, so that it can be recorded.", _FIELD),
}
"""Kind → what is asked of the agency itself, where the list speaks to the co-ordinator."""

MOST_IN_A_MAIL = 30
AHEAD = timedelta(weeks=26)
"""So far ahead go the due dates in a calendar."""

_LONGEST_NAME = 60


def agencies(rows: pl.DataFrame) -> list[str | None]:
    """The agencies that have anything on the list, by name; last None where some rows name no agency."""
    names = sorted(rows["agency"].drop_nulls().unique().to_list())
    return [*names, *([None] if rows["agency"].null_count() else [])]


def of_agency(rows: pl.DataFrame, agency: str | None) -> pl.DataFrame:
    """The rows of one agency, in their order, with what is to be done in words to the agency."""
    mine = rows.filter(pl.col("agency").eq_missing(pl.lit(agency, dtype=pl.String)))
    asked = [pl.when(pl.col("kind") == kind).then(words) for kind, words in TO_THE_AGENCY.items()]
    return mine.with_columns(to_do=pl.coalesce(*asked, "to_do"))


def for_agency(rows: pl.DataFrame, agency: str | None) -> pl.DataFrame:
    """The rows of one agency under headings for people: dates as dates, numbers as numbers."""
    return of_agency(rows, agency).select(pl.col(name).alias(heading) for name, heading in HEADINGS.items())


def file_names(names: list[str | None]) -> dict[str | None, str]:
    """Agency → a file's name, safe on every system; two that look alike without their signs are numbered."""
    given: dict[str | None, str] = {}
    for name in names:
        base = (
            re.sub(r"[^a-z0-9]+", "-", (name or f"agency {NOT_RECORDED}").lower()).strip("-")[:_LONGEST_NAME]
            or "agency"
        )
        base = f"to-do-{base}"  # alone, some names would be a device's on Windows
        number, stem = 1, base
        while f"{stem}.xlsx" in given.values():
            number += 1
            stem = f"{base}-{number}"
        given[name] = f"{stem}.xlsx"
    return given


def chasers(rows: pl.DataFrame, about: Mapping[str, str], made_at: datetime) -> bytes:
    """A zip with one workbook for each agency, holding that agency's rows and naming no other."""
    buffer = io.BytesIO()
    named = file_names(agencies(rows))
    at = made_at.timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for agency, name in named.items():
            said = {**about, "Agency": agency or NOT_RECORDED}
            entry = zipfile.ZipInfo(name, date_time=at)
            entry.external_attr = 0o600 << 16
            archive.writestr(
                entry, xlsx_bytes({"To do": for_agency(rows, agency)}, said, made_at), zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()


def reminder(rows: pl.DataFrame, agency: str | None, area: str, as_at: date, most: int = MOST_IN_A_MAIL) -> str:
    """The text of a reminder to one agency, to be pasted into a mail: plain lines, the most telling first."""
    mine = of_agency(rows, agency)
    count = mine.height
    to = agency or "colleague"
    if not count:
        return f"To: {to}\n\nNothing is outstanding as at {day(as_at)}. Thank you."
    lines = [f"{area}: {count:,} thing{s(count)} outstanding with {to}, as at {day(as_at)}", ""]
    for number, row in enumerate(mine.head(most).iter_rows(named=True), 1):
        due = f" ({_due(row['due_on'], as_at)})" if row["due_on"] is not None else ""
        lines.append(f"{number}. {_one_line(row['title'])}{due}: {_one_line(row['to_do'])}")
    if count > most:
        lines.append(f"… and {count - most:,} more, in the list for your agency.")
    lines += ["", "Please tell us what was done, and when; or until when it must wait, and why."]
    lines.append("This text holds references of cases: send it by secure mail only, and add no names to it.")
    return "\n".join(lines)


def _due(due_on: date, as_at: date) -> str:
    return f"since {day(due_on)}" if due_on < as_at else f"due on {day(due_on)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def coming(late_reviews: pl.DataFrame, as_at: date) -> pl.DataFrame:
    """The reviews that fall due from the as-at day on, as far ahead as a calendar goes, the first ones first."""
    due = pl.col("due_on")
    return late_reviews.filter(due.is_between(as_at, as_at + AHEAD)).sort("due_on", "case_id", nulls_last=True)


def calendar(reviews: pl.DataFrame, area: str, made_at: datetime, snapshot: int) -> bytes:
    """A calendar file (RFC 5545) with one whole day for each review that falls due.

    `reviews`: rows of `kpis.late_reviews.LATE_REVIEWS` · `snapshot` numbers the edition: a later file moves the days that an
    earlier one has put into a calendar, and makes no second ones.
    """
    from icalendar import Calendar, Event  # a fifth of a second that pages need not spend

    made = Calendar()
    made.add("prodid", "-//MAPPA Monitor//Reviews due//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"Reviews due, {area}")
    for row in reviews.iter_rows(named=True):
        event = Event()
        case, level = _one_line(row["case_id"] or NOT_RECORDED), row["level"] or NOT_RECORDED
        event.add("uid", _uid(area, row["case_id"], row["last_review_on"]))
        event.add("dtstamp", made_at)
        event.add("sequence", snapshot)
        event.add("dtstart", row["due_on"])
        event.add("dtend", row["due_on"] + timedelta(days=1))
        event.add("summary", f"Review due at level {level}: case {case}")
        event.add("description", _described(row))
        event.add("class", "CONFIDENTIAL")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return made.to_ical()


def _described(row: Mapping[str, object]) -> str:
    last = row["last_review_on"]
    parts = [
        f"Lead agency: {row['lead_agency'] or NOT_RECORDED}.",
        f"Last review: {day(last)}." if isinstance(last, date) else "No review on record at this level.",
        f"Next date: {row['next_set']}.",
    ]
    return " ".join(parts)


def _uid(area: str, case: str | None, last_review_on: date | None) -> str:
    """The same for one review in every file: it is the one that follows the last."""
    said = "\x1f".join((area, case or "", "" if last_review_on is None else last_review_on.isoformat()))
    return f"{hashlib.sha256(said.encode()).hexdigest()[:32]}@mappa-monitor"
