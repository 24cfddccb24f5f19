"""The page Data quality: how complete the records are, which rules they break, and where to put them right."""

from __future__ import annotations

import streamlit as st

from dashboard import moved_parts, quality, quality_parts
from dashboard.chrome import page

shown = page("Data quality", with_period=False)
held = quality_parts.held(shown)

quality_parts.not_there(held)
st.markdown(f"**{quality.headline(held.outcomes)}**")
quality_parts.compared_with(shown, held)
quality_parts.accepted_ones(held)

DRAWN = {
    "Summary": quality_parts.summary,
    "Completeness": quality_parts.completeness,
    "Fields and quarters": quality_parts.fields_and_quarters,
    "Rules": quality_parts.rules,
    "Findings": quality_parts.findings,
    "Figures that moved": lambda shown, _held: moved_parts.figures(shown),
}
for tab, draw in zip(st.tabs(list(DRAWN), key="part", bind="query-params"), DRAWN.values(), strict=True):
    if tab.open:
        with tab:
            draw(shown, held)
