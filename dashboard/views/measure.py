"""One measure of the Board opened (`?measure=`). A page of its own, so that the browser's Back leads to the Board."""

from __future__ import annotations

import streamlit as st

from dashboard import opened
from dashboard.chrome import OPENED, page

opened.draw(page("Board", listed=False), st.query_params.get(OPENED, ""))
