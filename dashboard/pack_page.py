"""The page *Board pack*: what the pack of a period says, and its four files (`?small=shown`)."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import board_entries, drawing, reading
from dashboard.background import done_meanwhile
from dashboard.chrome import Shown
from dashboard.downloads import file_name
from dashboard.pack import NEEDED, Snapshot, pack
from dashboard.pack_files import MIMES, WRITERS
from dashboard.pack_parts import Pack
from dashboard.text import plain

SMALL, SHOWN = "small", "shown"

_LABELS = {".pdf": "PDF", ".pptx": "PowerPoint", ".xlsx": "Excel workbook", ".html": "web page (HTML)"}
_WAIT = "The pack is being made: the figures, then the PDF, the slides, the workbook and the web page. This takes some seconds."


def draw(shown: Shown) -> None:
    """The whole page."""
    small = st.query_params.get(SMALL) == SHOWN
    key = "show small counts"
    st.session_state[key] = small
    st.checkbox("Show small counts (for the Board alone)", key=key, on_change=_chosen, args=(key,))
    given = _snapshot(shown)
    made, files = done_meanwhile(
        (
            "pack",
            shown.reader.place,
            shown.snapshot.id,
            shown.standard,
            shown.period.name,
            small,
            given.below,
            given.written,
        ),
        lambda: _made(given, small_counts=small),
        _WAIT,
    )
    for warning in made.warnings:
        st.warning(plain(warning))
    with st.container(horizontal=True):
        for ending, content in files.items():
            st.download_button(
                f"Download {_LABELS[ending]}",
                content,
                file_name=file_name(shown, f"board-pack-{shown.period.name}", ending.removeprefix(".")),
                mime=MIMES[ending],
                key=f"pack {ending}",
                on_click="ignore",
            )
    st.markdown(plain(made.about["Small counts"]))
    st.header("What is in it", anchor=False)
    rows = pl.DataFrame(
        {"Part": [part.title for part in made.parts], "What it says": [part.message for part in made.parts]}
    )
    drawing.table(rows, f"The parts of the {made.title}")
    st.caption(
        f"{drawing.source_line(shown)} Every file says so too. Made again from this snapshot, it has the same numbers."
    )


def _chosen(key: str) -> None:
    if st.session_state[key]:
        st.query_params[SMALL] = SHOWN
    else:
        st.query_params.pop(SMALL, None)


def _snapshot(shown: Shown) -> Snapshot:
    """All that the pack is made of, read here: what works in the background cannot read for a page."""
    names = [name for of in NEEDED if shown.has(name := of(shown.standard))]
    kept = {name: reading.frame(shown.reader, shown.snapshot.id, name) for name in names}
    store, area = shown.reader.store, shown.settings.area
    return Snapshot(
        shown.settings.area,
        shown.snapshot,
        shown.standard,
        shown.period,
        shown.periods,
        shown.results(),
        shown.rule_outcomes(),
        shown.definitions,
        kept.get,
        commentary=board_entries.standing(store.commentary(area, shown.standard, shown.period.name)),
        actions=board_entries.on_screen(store.board_actions(area), shown.period.end, shown.as_at),
        below=shown.settings.suppress_below,
    )


def _made(given: Snapshot, *, small_counts: bool) -> tuple[Pack, dict[str, bytes]]:
    made = pack(given, small_counts=small_counts)
    return made, {ending: write(made) for ending, write in WRITERS.items()}
