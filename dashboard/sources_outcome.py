"""Draws what a mapping makes of a source on the page *Sources*, saves it, and tells what became of every row."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from checks.errors import MappaError
from dashboard.settings import Settings
from dashboard.sources_draft import FAILED, PREFIX, REFUSED, SAVED, draft
from dashboard.tables import table
from dashboard.text import plain

if TYPE_CHECKING:
    from dashboard.mapped import Mapped


def what_comes_of_it(mapped: Mapped, questions: tuple[str, ...]) -> None:
    """The canonical tables that the draft makes, by the same way as a refresh."""
    from connectors.mapping.apply import apply
    from connectors.mapping.personal import Watch
    from connectors.pseudonyms import KeyPlace

    st.header("What would be read", anchor=False)
    if questions:
        st.warning("? Not yet: first answer what is asked above.")
        return
    name = mapped.path.name if mapped.path else "proposed here"
    try:  # any key will do: nothing is kept
        pulled = apply(mapped.files.reads, draft(), name, Watch(name, KeyPlace(token_urlsafe()), []))
    except MappaError as error:
        st.warning(f"? Not yet: {plain(str(error))}")
        return
    rows = [
        {"Table": name, "Rows": f"{frame.height:,}", "Columns": f"{len(frame.columns) - 3:,}"}
        for name, frame in pulled.tables.items()
    ]
    table(pl.DataFrame(rows), "The tables that this mapping makes, with their rows", links={"Table": "definitions"})
    unread = sum(account.cells_not_understood for account in pulled.accounts)
    if unread:
        st.markdown(f"◐ {unread:,} cells are not understood: they are kept as they stand, and each becomes a finding.")
    else:
        st.markdown("✓ Every cell that is read is understood.")


def account(mapped: Mapped) -> None:
    """What became of every row of the files."""
    st.header("What became of every row", anchor=False)
    accounts = [each for read in mapped.files.reads for each in read.accounts]
    rows = [
        {
            "File": each.file,
            "Sheet": each.sheet or "–",
            "Rows": f"{each.rows:,}",
            "Records": f"{each.data:,}",
            "Left out": "; ".join(f"{len(left.rows):,} {left.reason}" for left in each.left_out) or "none",
            "Error cells": f"{each.cells_not_understood:,}",
            "Adds up": "✓ yes" if each.adds_up else "✗ no",
        }
        for each in accounts
    ]
    if rows:
        alt = "What became of every row of every sheet"
        lines = {"File": 20, "Sheet": 20, "Left out": 32}
        table(pl.DataFrame(rows), alt, unbroken=("Adds up",), links={"Adds up": "definitions"}, lines=lines)
    for note in (*mapped.files.notes, *(note for read in mapped.files.reads for note in read.notes)):
        st.text(note)


def save(settings: Settings, mapped: Mapped, questions: tuple[str, ...]) -> None:
    """Save the mapping beside the source, or download it."""
    from connectors.mapping.pulling import mapping_place
    from connectors.mapping.writing import save_mapping, to_toml

    path = mapped.path or mapping_place(settings.source_address)
    st.header("Save it", anchor=False)
    unchanged = mapped.path is not None and draft() == mapped.mapping

    def saved() -> None:
        if path.exists() and (mapped.path is None or not _as_it_was(path, mapped)):
            st.session_state[REFUSED] = True
            return
        try:
            save_mapping(draft(), path, questions)
        except MappaError as error:
            st.session_state[FAILED] = str(error)
            return
        first = "It still asks for answers. " if questions else ""
        st.session_state[SAVED] = (
            f"✓ Saved as {path.name}, beside the source. {first}Refresh to read the records by it."
        )

    may = _may_be_written(path)
    if st.session_state.pop(REFUSED, False):
        st.error(
            plain(
                f"{path.name} has been changed by somebody else meanwhile, and was left as it is. Open the page anew."
            )
        )
    if failed := st.session_state.pop(FAILED, None):
        st.error(plain(failed))
    if not may:
        st.info(plain(f"{path.name} cannot be written by this account. Download the mapping, and put it there."))
    elif unchanged:
        st.markdown(plain(f"Nothing is changed against {path.name}."))
    else:
        again = " Comments that somebody wrote into it are not kept." if mapped.path is not None else ""
        st.markdown(plain(f"It is saved as {path.name}, beside the source.") + again)
    left, right = st.columns(2)
    with left:
        st.button(
            "Save the mapping", key=f"{PREFIX}save", type="primary", disabled=not may or unchanged, on_click=saved
        )
    with right:
        st.download_button(
            "Download the mapping (TOML)",
            lambda: to_toml(draft(), questions).encode(),
            file_name=path.name,
            mime="application/toml",
            key=f"{PREFIX}download",
            on_click="ignore",
        )


def _as_it_was(path: Path, mapped: Mapped) -> bool:
    """Whether the mapping's file still holds what was read from it."""
    from connectors.mapping.mapping import load_mapping

    try:
        return load_mapping(path) == mapped.mapping
    except MappaError:
        return False


def _may_be_written(path: Path) -> bool:
    return os.access(path if path.exists() else path.parent, os.W_OK) and os.access(path.parent, os.W_OK)
