"""Two buttons under a table: what is shown, filtered as shown, as CSV and as a workbook. Made only when they are pressed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import polars as pl
import streamlit as st

from dashboard.chrome import Shown
from dashboard.exports import csv_bytes, xlsx_bytes
from dashboard.text import day, moment

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def about(shown: Shown, what: str, filters: str, how_to_read: str) -> dict[str, str]:
    """The sheet that says what a workbook is about."""
    return {
        "What": what,
        "Area": shown.settings.area,
        "Standard": f"{shown.standard_words['title']}, {shown.standard_words['edition']}",
        "As at": day(shown.as_at),
        "Snapshot": f"{shown.snapshot.id}, made {moment(shown.snapshot.made_at)}",
        "Filters": filters,
        "How to read": how_to_read,
        "Made by": f"MAPPA Monitor {shown.snapshot.product_version}",
    }


def file_name(shown: Shown, what: str, ending: str) -> str:
    """`late-reviews_jersey_2023-12-31_snapshot-3.csv`: nothing in it but what the product itself names."""
    standard = re.sub(r"[^a-z0-9-]", "", shown.standard)
    return f"{what}_{standard}_{shown.as_at.isoformat()}_snapshot-{shown.snapshot.id}.{ending}"


def downloads(
    shown: Shown,
    name: str,
    rows: Callable[[], pl.DataFrame],
    sheets: Callable[[], Mapping[str, pl.DataFrame]],
    said: Mapping[str, str],
) -> None:
    """The two buttons. `rows` gives the CSV, `sheets` the workbook's sheets after the one that says `said`."""
    with st.container(horizontal=True):
        st.download_button(
            "Download CSV",
            lambda: csv_bytes(rows()),
            file_name=file_name(shown, name, "csv"),
            mime="text/csv",
            key=f"{name} csv",
            on_click="ignore",
        )
        st.download_button(
            "Download Excel workbook",
            lambda: xlsx_bytes(sheets(), said, shown.snapshot.made_at),
            file_name=file_name(shown, name, "xlsx"),
            mime=_XLSX,
            key=f"{name} xlsx",
            on_click="ignore",
        )
