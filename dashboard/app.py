"""The dashboard: `streamlit run dashboard/app.py`, which is what `mappa-monitor serve` does."""

from __future__ import annotations

import streamlit as st

from checks.errors import MappaError
from dashboard.chrome import OPENED, PAGES, PRESENT, VIEWS
from dashboard.text import plain

st.set_page_config(page_title="MAPPA Monitor", layout="wide", menu_items={"About": None})

views = [
    st.Page(VIEWS / f"{name}.py", title=title, url_path=name.replace("_", "-"), default=name == "board")
    for title, name in PAGES.items()
]
views.append(st.Page(VIEWS / f"{OPENED}.py", title="Board", url_path=OPENED, visibility="hidden"))
views.append(st.Page(VIEWS / f"{PRESENT}.py", title="Board", url_path=PRESENT, visibility="hidden"))
# The links at the side are the pages' own, so that they carry standard, period and snapshot along.
current = st.navigation(views, position="hidden")
try:
    current.run()
except MappaError as error:
    st.error(plain(str(error)))
