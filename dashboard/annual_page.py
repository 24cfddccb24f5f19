"""The page *Annual tables*: a reporting year's tables with how each is counted, and the four kinds of file (`?year=`)."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from dashboard import drawing, frames, reading, tables
from dashboard.annual import UNKNOWN_SIGN, AnnualReport, AnnualTable, report
from dashboard.annual_files import MIMES, WRITERS
from dashboard.chrome import Shown, choose
from dashboard.downloads import file_name
from dashboard.reference import WORDS
from dashboard.text import day, moment, plain
from kpis.periods import Period

YEAR = "year"

HOW_TO_READ = (
    f"A figure marked {UNKNOWN_SIGN} could be higher: so many more may belong there, but a field of theirs is not recorded. "
    "“Not supplied” means that the records cannot tell; it is not 0. A dash stands where the layout or the standard has no figure."
)
_MANY = 3
_WORDS = ("category", "level")
_LABELS = {".xlsx": "Excel workbook", ".csv": "CSV", ".pdf": "PDF", ".html": "HTML"}


def draw(shown: Shown) -> None:
    """The whole page."""
    years = _years(shown)
    if not years:
        st.info(
            "This snapshot holds no annual tables: it was made before there were any, or nothing was owed in any year. "
            "Refresh to make a new one."
        )
        return
    names = [each.name for each in years]
    asked = st.query_params.get(YEAR)
    if asked is not None and asked not in names:
        st.warning(plain(f"The address asks for a year {asked}, of which there are no tables."))
    over = next((each for each in years if each.end <= shown.as_at), years[0])
    year = next((each for each in years if each.name == asked), over)
    choose("Reporting year", YEAR, year.name, {each.name: _label(each, shown.as_at) for each in years})
    made = _report(shown, year)
    for warning in made.warnings:
        st.warning(plain(warning))
    _downloads(shown, made, year)
    st.markdown(plain(HOW_TO_READ))
    st.header(plain(made.title), anchor=False)
    for table in made.tables:
        _table(shown, table)


def _years(shown: Shown) -> list[Period]:
    """The reporting years of which the snapshot holds tables, the newest first."""
    held = frames.annual_years(shown.standard, reading.frame_names(shown.reader, shown.snapshot.id))
    known = {each.name: each for each in shown.periods if each.kind == "year"}
    return [known[name] for name in held if name in known]


def _label(year: Period, as_at: date) -> str:
    return f"{year.name} (so far)" if year.end > as_at else year.name


def _report(shown: Shown, year: Period) -> AnnualReport:
    cells = shown.frame(frames.annual(shown.standard, year.name))
    words: dict[str, Any] = shown.standard_words
    running = year.end > shown.as_at
    about = {
        "Area": shown.settings.area,
        "Standard": f"{words['title']}, {words['edition']}",
        "Reporting year": f"{year.name}: {day(year.start)} to {day(year.end)}",
        "As at": day(shown.as_at),
        "Snapshot": f"{shown.snapshot.id}, made {moment(shown.snapshot.made_at)}",
        "Check your edition": words["caution"] or "",
        "Made by": f"MAPPA Monitor {shown.snapshot.product_version}",
    }
    title = f"Annual tables, {year.name}"
    return report(cells, title, about, day(shown.as_at) if running else None)


def _downloads(shown: Shown, made: AnnualReport, year: Period) -> None:
    with st.container(horizontal=True):
        for ending, write in WRITERS.items():
            st.download_button(
                f"Download {_LABELS[ending]}",
                lambda write=write: write(made, shown.snapshot.made_at),
                file_name=file_name(shown, f"annual-tables-{year.name}", ending.removeprefix(".")),
                mime=MIMES[ending],
                key=f"annual {ending}",
                on_click="ignore",
            )


def _table(shown: Shown, table: AnnualTable) -> None:
    st.subheader(plain(table.heading), anchor=False)
    figures, words = st.columns([3, 2], gap="medium")
    with figures:
        # Beside many columns a short label would be broken into a pile of words.
        unbroken = table.headings[:1] if len(table.headings) > _MANY else ()
        tables.table(table.frame, table.title, unbroken, _explained(shown, table))
    with words:
        for sentence in (*table.remarks, *table.how):
            st.markdown(plain(sentence))
        st.caption(f"{drawing.source_line(shown)} Layout: {plain(table.cite)}.")


def _explained(shown: Shown, table: AnnualTable) -> dict[str, str]:
    """Heading → where its word is explained; it also lets a table too wide for the screen be reached from the keyboard."""
    return {
        heading: tables.explained(shown, about=WORDS, search=word)
        for heading in table.headings
        for word in _WORDS
        if heading.casefold().startswith(word)
    }
