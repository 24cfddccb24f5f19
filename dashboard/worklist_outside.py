"""What the page Worklist shows of the month ahead, and what it gives to take out of the room."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard import frames, month, out_of_room, work
from dashboard.chrome import Shown
from dashboard.downloads import about as downloads_about
from dashboard.downloads import file_name
from dashboard.drawing import source_line
from dashboard.reference import WORDS
from dashboard.tables import explained, table
from dashboard.text import day, plain, s
from dashboard.worklist_page import Held, remembered
from kpis.working_days import days_off


def the_month(shown: Shown, held: Held) -> None:  # noqa: ARG001, every part takes the same
    """Coming reviews by day against the area's meeting days, and how many each sitting must take."""
    reviews = shown.frame(frames.late_reviews(shown.standard))
    named = {f"{each:%B %Y}": each for each in month.months(shown.as_at)}
    soon = shown.as_at + timedelta(days=1)  # on a month's last day, the next one is what matters
    place = list(named.values()).index(soon.replace(day=1))
    first = named[st.selectbox("Month", list(named), index=place, key="month", bind="query-params", width=220)]
    last = month.month_end(first)
    due = month.due_by_day(reviews)
    st.markdown(f"**{plain(month.headline(first, due, shown.as_at))}**")
    meeting_days = shown.settings.meeting_days
    if not meeting_days:
        st.info(
            "The settings name no meeting days, so the load of each sitting is not told. Name them under meeting_days."
        )
    # Beyond the month's end as well: what falls due before the first sitting of the next month must be taken in this one.
    days = month.sittings(meeting_days, shown.settings.extra_holidays, soon, last + timedelta(weeks=8))
    taken = month.load(reviews, days, shown.as_at)
    words = {"Monday": explained(shown, about=WORDS, search="review clock")}
    grid = month.grid(first, due, days, dict(taken.select("day", "reviews").iter_rows()))
    table(grid, f"Reviews due by day, {first:%B %Y}", unbroken=grid.columns, links=words)
    here = taken.filter(pl.col("day").is_between(first, last))
    if here.height:
        st.header("The load of each sitting", anchor=False)
        told = month.load_for_people(here)
        links = {"Sitting": explained(shown, about=WORDS, search="review")}
        table(told, "Reviews that each sitting must take", unbroken=told.columns, links=links)
    elif meeting_days:
        st.info("No sitting is left in this month.")
    st.caption(
        f"{month.MEETS} marks a day on which the area meets (meeting_days of the settings, without public holidays and "
        "extra_holidays). A review is counted to the last sitting on or before the day on which it falls due; where none is left, "
        f"to the first one. {source_line(shown)}"
    )


def _days_off(shown: Shown) -> list[date]:
    """Public holidays of the standard and the area's own; the latter alone where the settings no longer name the standard."""
    standard = next((each for each in shown.settings.loaded_standards() if each.name == shown.standard), None)
    extra = shown.settings.extra_holidays
    return extra if standard is None else days_off(standard, extra)


def out_of_the_room(shown: Shown, held: Held) -> None:
    """Files and texts for others: what is to do, narrowed as on the list."""
    chosen = remembered()
    rows = work.chosen_rows(held.rows, chosen)
    st.markdown(
        f"**{rows.height:,} thing{s(rows.height)} to do, as chosen on the list** ({plain(work.filters_in_words(chosen))})."
    )
    st.caption(
        "These files hold references of cases. Send them by secure mail, each agency its own; what was noted here stays here."
    )
    st.header("A list for each agency", anchor=False)
    if rows.is_empty():
        st.info("There is nothing to ask of anybody. Take a filter of the list away to see more.")
    else:
        _chasers(shown, held, rows)
    st.header("Due dates for a calendar", anchor=False)
    reviews = out_of_room.coming(shown.frame(frames.late_reviews(shown.standard)), shown.as_at)
    if chosen.agencies:
        reviews = reviews.filter(pl.col("lead_agency").fill_null(work.NOT_RECORDED).is_in(list(chosen.agencies)))
    if reviews.is_empty():
        st.info("No review falls due in the next 26 weeks.")
        return
    fall = "review that falls" if reviews.height == 1 else "reviews that fall"
    st.markdown(
        f"{reviews.height:,} {fall} due in the next 26 weeks, a whole day each. Taking in a later file moves the days of an "
        "earlier one."
    )
    st.download_button(
        "Download the calendar (ics)",
        data=lambda: out_of_room.calendar(reviews, shown.settings.area, shown.snapshot.made_at, shown.snapshot.id),
        file_name=file_name(shown, "reviews-due", "ics"),
        mime="text/calendar",
        key="ics",
        on_click="ignore",
    )


def _chasers(shown: Shown, held: Held, rows: pl.DataFrame) -> None:
    agencies = out_of_room.agencies(rows)
    about = downloads_about(
        shown,
        "Outstanding with your agency",
        f"to do on {day(held.today)}",
        "One row per thing, the most telling first.",
    )
    st.download_button(
        f"Download {len(agencies):,} list{s(len(agencies))}, one workbook per agency (zip)",
        data=lambda: out_of_room.chasers(rows, about, shown.snapshot.made_at),
        file_name=file_name(shown, "chasers", "zip"),
        mime="application/zip",
        key="chasers",
        on_click="ignore",
    )
    st.header("A reminder to paste into a mail", anchor=False)
    names = {each or work.NOT_RECORDED: each for each in agencies}
    asked = st.selectbox("Agency", list(names), key="remind", width=360)
    st.code(out_of_room.reminder(rows, names[asked], shown.settings.area, shown.as_at), language=None, wrap_lines=True)
