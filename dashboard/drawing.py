"""Small pieces that several pages draw: charts with their source line, tables that show text as it stands, downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import exports
from dashboard.chrome import Shown
from dashboard.figures.style import CONFIG, DARK, LIGHT, Look
from dashboard.paging import place_of
from dashboard.text import day, plain
from dashboard.words import DASH

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_WIDTHS = {"Why": 270, "Missing field": 165}
"""Columns whose text would be cut at the width that their first rows suggest, in pixels."""


def look() -> Look:
    """The colours that suit the theme the person sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def chart(figure: go.Figure, alt: str, shown: Shown, how: str = "", *, key: str) -> None:
    """A chart, and under it where it comes from, as at when, and how to read it."""
    st.plotly_chart(figure, config=CONFIG, alt=alt, key=key)
    st.caption(f"{source_line(shown)} {plain(how)}".strip())


def source_line(shown: Shown) -> str:
    """Where figures come from, as Markdown."""
    names = [each.name for each in shown.snapshot.sources]
    source = names[0] if len(names) == 1 else f"{len(names)} sources"
    return f"Source: {plain(source)}, as at {day(shown.as_at)}, snapshot {shown.snapshot.id}."


def table(frame: pl.DataFrame, alt: str) -> None:
    """A short table in full; it prints well, and every text in it is shown as it stands."""
    safe = frame.with_columns(pl.col(pl.String).map_elements(plain, return_dtype=pl.String))
    st.table(safe.rename({name: plain(name) for name in safe.columns}), border="horizontal", hide_index=True, alt=alt)


def long_table(frame: pl.DataFrame, alt: str, *, key: str) -> None:
    """A table of any length, so many rows at a time."""
    page_by_page(frame.height, frame.slice, alt, key=key)


def page_by_page(height: int, read: Callable[[int, int], pl.DataFrame], alt: str, *, key: str) -> None:
    """A table of so many rows, of which only the page that is shown is read: `read` is told its first row, from 0, and how many."""
    pages = place_of(height).of
    page = place_of(height, st.pagination(pages, key=f"{key} page") if pages > 1 else 1)
    frame = read(page.first, page.many)
    columns: dict[str, Any] = {
        name: st.column_config.DateColumn(name, format="DD/MM/YYYY")
        for name, dtype in frame.schema.items()
        if dtype == pl.Date
    }
    columns |= {
        name: st.column_config.TextColumn(name, width=width) for name, width in _WIDTHS.items() if name in frame.columns
    }
    if pages > 1:
        st.caption(page.words)
    st.dataframe(
        frame.to_arrow(),  # else by way of pandas, which takes ten times as long
        hide_index=True,
        column_config=columns,
        placeholder=DASH,
        alt=alt,
        key=f"{key} table",
    )


def downloads(
    read: Callable[[], pl.DataFrame], name: str, about: Mapping[str, str], shown: Shown, *, key: str, what: str = "rows"
) -> None:
    """Two buttons, CSV and xlsx; the file is made when it is asked for, of everything `read` gives."""
    with st.container(horizontal=True):
        st.download_button(
            f"Download all {what} (CSV)",
            data=lambda: exports.csv_bytes(read()),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"{key} csv",
            on_click="ignore",
        )
        st.download_button(
            f"Download all {what} (xlsx)",
            data=lambda: exports.xlsx_bytes({"Rows": read()}, about, shown.snapshot.made_at),
            file_name=f"{name}.xlsx",
            mime=SPREADSHEET,
            key=f"{key} xlsx",
            on_click="ignore",
        )


def about(shown: Shown, title: str) -> dict[str, str]:
    """The first sheet of a workbook: what it is about."""
    return {
        "What": title,
        "Area": shown.settings.area,
        "Standard": f"{shown.standard_words['title']}, {shown.standard_words['edition']}",
        "Period": shown.period.name,
        "As at": day(shown.as_at),
        "Snapshot": str(shown.snapshot.id),
    }
