"""Tables for reading: real HTML tables, which screen readers read and printers print, a page of rows at a time."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard.chrome import Shown
from dashboard.paging import page_of
from dashboard.text import plain

_NO_BREAK = "\N{NO-BREAK SPACE}"


def plain_cells(
    frame: pl.DataFrame, unbroken: Collection[str] = (), lines: Mapping[str, int] | None = None
) -> pl.DataFrame:
    """The frame with every text made safe for a table whose cells would read it as markup.

    What stands in the columns `unbroken` is kept on one line: on a small screen the table is then scrolled sideways, and a
    date does not become a pile of words. `lines`: column → about so many characters stand on a line at least, for sentences.
    """
    least = lines or {}

    def cell(name: str, text: str | None) -> str | None:
        if text is None:
            return None
        if name in least:
            parts = textwrap.wrap(text, least[name], break_long_words=False, break_on_hyphens=False)
            return " ".join(plain(part).replace(" ", _NO_BREAK) for part in parts)
        return plain(text).replace(" ", _NO_BREAK) if name in unbroken else plain(text)

    texts = frame.select(pl.col(pl.String)).columns
    return frame.with_columns(
        pl.Series(name, [cell(name, text) for text in frame[name].to_list()], dtype=pl.String) for name in texts
    )


def table(
    frame: pl.DataFrame,
    alt: str,
    unbroken: Collection[str] = (),
    links: Mapping[str, str] | None = None,
    lines: Mapping[str, int] | None = None,
) -> None:
    """A table of text, shown whole and exactly as it stands.

    The columns `unbroken` stay each on one line, sentences in the columns of `lines` on few (`plain_cells`). `links`: heading →
    the address where it is explained; at least one is wanted, as a table too wide for the screen can be scrolled from the
    keyboard only if something in it can be reached.
    """
    shown = plain_cells(frame, unbroken, lines)
    headings = {name: heading(name, name in unbroken, (links or {}).get(name)) for name in shown.columns}
    st.table(shown.rename(headings), border="horizontal", hide_index=True, alt=alt)


def heading(name: str, unbroken: bool, address: str | None) -> str:
    """A column's heading as the table wants it."""
    text = plain(name).replace(" ", _NO_BREAK) if unbroken else plain(name)
    return f"[{text}]({address})" if address else text


def explained(shown: Shown, **asked: str) -> str:
    """The address of the page Definitions, of the same snapshot and standard, where these things are explained."""
    return f"definitions?{urlencode(shown.link(**asked))}"


def paged(rows: pl.DataFrame, key: str, alt: str) -> pl.DataFrame:
    """Choose the page of a long table where there is more than one, say which rows it holds, and give them.

    `key` is the page number's name in the address.
    """
    pages = page_of(rows).of
    number = 1
    if pages > 1:
        # A page number that filters have made too high is brought back, not shown as an empty table.
        if st.session_state.get(key, 1) > pages:
            st.session_state[key] = pages
        number = st.number_input(f"Page of {alt}", 1, pages, key=key, bind="query-params", width=220)
    chosen = page_of(rows, int(number))
    st.caption(chosen.words)
    return chosen.rows
