"""The page Definitions: what every figure, rule, field and word means, and which guidance sets it."""

from __future__ import annotations

import streamlit as st

from dashboard import definition_parts, reference
from dashboard.chrome import page
from dashboard.text import plain

shown = page("Definitions", with_period=False)
document = shown.definitions

sought = st.text_input(
    "Search all definitions", type="search", placeholder="for example disclosure", key="search", bind="query-params"
)
hits = reference.found(document, sought or "")
if sought and sought.strip():
    st.markdown(plain(reference.found_in_words(hits, sought.strip())))

DRAWN = {
    reference.MEASURES: definition_parts.measures,
    reference.RULES: definition_parts.rules,
    reference.TABLES: definition_parts.tables,
    reference.STANDARDS: definition_parts.standards,
    reference.WORDS: definition_parts.words,
}
for (part, draw), tab in zip(DRAWN.items(), st.tabs(list(DRAWN), key="about", bind="query-params"), strict=True):
    if tab.open:
        with tab:
            st.header(part, anchor=part.lower().replace(" ", "-"))
            if hits[part]:
                draw(document, hits[part], bool(sought))
            else:
                elsewhere = [other for other in reference.PARTS if hits[other]]
                where = f" Look under {', '.join(elsewhere)}." if elsewhere else ""
                st.info(f"Nothing here speaks of that.{where}")
