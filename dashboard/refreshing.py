"""The Refresh button: the same refresh as the command's, with its steps shown in the page."""

from __future__ import annotations

import threading
from datetime import datetime

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from checks.errors import MappaError
from dashboard.choices import SNAPSHOT
from dashboard.settings import Settings
from dashboard.text import day, plain

_ASKED, _SAID = "refresh asked", "refresh said"


@st.cache_resource(show_spinner=False)
def _turn() -> threading.Lock:
    """One refresh at a time, whoever asks."""
    return threading.Lock()


def refresh_button(settings: Settings, *, at_the_side: bool = True) -> None:
    """Draw the button; pressing it makes the page begin again, with the refresh before anything else."""
    place = st.sidebar if at_the_side else st.container()
    as_at = "today" if settings.as_at is None else day(settings.as_at)
    place.button(
        "Refresh",
        key="refresh",
        type="secondary" if at_the_side else "primary",
        help=f"Reads the source again, checks and measures it as at {as_at}, and keeps the answer as a new snapshot.",
        on_click=lambda: st.session_state.update({_ASKED: True}),
    )


def refresh_if_asked(settings: Settings) -> None:
    """Run the refresh that was asked for, and say how it ended."""
    if st.session_state.pop(_ASKED, False):
        _refresh(settings)
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        st.success(said)


def _refresh(settings: Settings) -> None:
    turn = _turn()
    if not turn.acquire(blocking=False):
        st.warning("Another refresh is running. Wait until it is done, then refresh again if you need to.")
        return
    try:
        with st.status("Refreshing", expanded=True) as status:
            bar = st.progress(0.0)
            page = get_script_run_ctx()

            def progress(what: str, done: int, of: int) -> None:
                add_script_run_ctx(ctx=page)  # what is waited for is told from another thread
                bar.progress(min(done / of, 1.0) if of else 0.0, plain(what[:1].upper() + what[1:]))

            # Brings the checks, which take seconds to import and which no page needs.
            from dashboard.refresh import refresh

            now = datetime.now().astimezone()
            try:
                done = refresh(settings, settings.as_at or now.date(), now, progress)
            except MappaError as error:
                status.update(label="The refresh failed; the last snapshot stands.", state="error")
                st.error(plain(str(error)))
                return
    finally:
        turn.release()
    if done.added:
        found = f"{done.errors:,} errors and {done.warnings:,} warnings were found in the records; see Data quality."
        st.session_state[_SAID] = f"Snapshot {done.snapshot.id} was made. {found}"
    else:
        st.session_state[_SAID] = f"Nothing has changed since snapshot {done.snapshot.id}; it stands."
    if SNAPSHOT in st.query_params:
        del st.query_params[SNAPSHOT]
    st.rerun()
