"""The dashboard: `streamlit run dashboard/app.py`, which is what `mappa-monitor serve` does."""

from __future__ import annotations

import streamlit as st

from checks.errors import MappaError
from dashboard.chrome import OPENED, PAGES, PRESENT, VIEWS
from dashboard.text import plain

st.set_page_config(page_title="MAPPA Monitor", layout="wide", menu_items={"About": None})

HOME, BOARD = "home", "board"
"""What the Board's page is called among addresses, where it is the bare one, and the name that people type for it."""


def to_the_board() -> None:
    """Whoever types the Board's name, as one types that of every other page, lands on the Board."""
    st.switch_page(views[0], query_params=st.query_params.to_dict())


views = [
    st.Page(
        VIEWS / f"{name}.py",
        title=title,
        url_path=HOME if name == BOARD else name.replace("_", "-"),
        default=name == BOARD,
    )
    for title, name in PAGES.items()
]
views.append(st.Page(to_the_board, title="Board", url_path=BOARD, visibility="hidden"))
views += [
    st.Page(VIEWS / f"{name}.py", title="Board", url_path=name, visibility="hidden") for name in (OPENED, PRESENT)
]
# The links at the side are the pages' own, so that they carry standard, period and snapshot along.
current = st.navigation(views, position="hidden")
try:
    current.run()
except MappaError as error:
    st.error(plain(str(error)))
