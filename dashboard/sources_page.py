"""Draws the page *Sources*: the files, what became of their rows, and the mapping, which can be put right and saved here.

Headings and codes are shown as data; names, references and free text are not shown at all.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from checks.errors import MappaError
from dashboard import sources_columns, sources_draft, sources_outcome
from dashboard.background import done_meanwhile
from dashboard.chrome import Shown, short_source
from dashboard.settings import Settings, key_place
from dashboard.sources_draft import PREFIX, SAVED
from dashboard.text import plain

if TYPE_CHECKING:
    from dashboard.mapped import Mapped

_LOOKING = f"{PREFIX}looking"


def draw(settings: Settings, shown: Shown | None) -> None:
    """The whole page; it needs no snapshot."""
    # Brings pandera, which no other page needs: only when somebody looks at this one.
    from connectors.mapping.pulling import may_be_mapped

    address = settings.source_address
    st.markdown(
        f"The records come from **{plain(short_source(settings.source))}**, as the settings say. Here you see what is read from "
        "it, which heading is which column of ours and which value which code; put it right, and save it for next month."
    )
    if not may_be_mapped(address):
        _needs_none(settings)
        return
    try:
        path = _mapping_of(settings)
        if path is None and shown is not None and not st.session_state.get(_LOOKING):
            st.info("This source has the names that we look for, and needs no mapping.")
            st.button("Look at its headings all the same", key=f"{PREFIX}look", on_click=_look)
            return
        key, mapped = _looked_at(settings, path)
    except MappaError as error:
        st.error(plain(str(error)))
        return
    sources_draft.begin(key, mapped.mapping, _LOOKING)
    _said_of_saving()
    _draw_mapped(settings, mapped)


def _look() -> None:
    st.session_state[_LOOKING] = True


def _needs_none(settings: Settings) -> None:
    if "://" in settings.source or settings.source.split(":")[0] == "sample":
        st.info("This source gives its tables by their names, and needs no mapping.")
    else:
        st.error(
            plain(
                f"There is no workbook, text file or folder called {short_source(settings.source)}. "
                "Correct source in the settings."
            )
        )


def _mapping_of(settings: Settings) -> Path | None:
    from connectors.mapping.pulling import mapping_beside

    return settings.mapping_path or mapping_beside(settings.source_address)


def _looked_at(settings: Settings, path: Path | None) -> tuple[Hashable, Mapped]:
    """The source as it stands now, looked at on a thread of its own."""
    from dashboard.mapped import looked_at

    address, own = settings.source_address, settings.own_agencies
    key = (address, *_changed(Path(address)), str(path), *(_changed(path) if path else ()), own)
    words = "Reading the files and looking at their headings …"
    return key, done_meanwhile(key, lambda: looked_at(address, path, own), words)


def _changed(path: Path) -> tuple[tuple[str, float, int], ...]:
    """What tells that a file, or one of a folder, is no longer what it was."""
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    stats = [(each.name, each.stat()) for each in files]
    return tuple((name, at.st_mtime, at.st_size) for name, at in stats)


def _said_of_saving() -> None:
    said = st.session_state.get(SAVED)
    if said:
        st.success(plain(said))


def _draw_mapped(settings: Settings, mapped: Mapped) -> None:
    from connectors.mapping.preview import preview
    from dashboard.mapping_command import tally

    draft = sources_draft.draft()
    proposed = mapped.path is None
    now = preview(mapped.files.reads, draft, mapped.proposal, proposed=proposed)
    if proposed:
        st.markdown(
            "There is no mapping yet. **This is a proposal**, made from headings and contents: ✓ certain, ◐ likely, ? not known. "
            "Nothing is read by it until it is saved."
        )
    else:
        st.markdown(f"Read by the mapping **{plain(mapped.path.name)}**.")
    st.markdown(plain(tally(now)))
    if now.questions:
        st.warning(
            "**To be answered before the source can be read:**\n"
            + "\n".join(f"- ? {plain(question)}" for question in now.questions)
        )
    for missing in now.missing:
        st.warning(plain(f"? {missing}"))
    key = key_place(settings.folder).told()
    by_table = {id(each.table.raw): each for each in mapped.proposal.tables}
    for place, (each, raw) in enumerate(
        zip(now.tables, [raw for read in mapped.files.reads for raw in read.tables], strict=True)
    ):
        sources_columns.draw(each, by_table[id(raw)], place, settings.own_agencies, key)
    sources_outcome.what_comes_of_it(mapped, now.questions)
    sources_outcome.save(settings, mapped, now.questions)
    sources_outcome.account(mapped)
