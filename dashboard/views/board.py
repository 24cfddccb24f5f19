"""The page *Board*: the period at a glance, or one measure opened (`?measure=`)."""

from __future__ import annotations

import streamlit as st

from dashboard import opened, overview
from dashboard.chrome import page

shown = page("Board")
measure = st.query_params.get(overview.MEASURE)
if measure is None:
    overview.draw(shown)
else:
    opened.draw(shown, measure)
