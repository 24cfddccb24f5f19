"""The page Worklist: what the co-ordinator sees to every morning, what has been done about it, and what goes out of the room."""

from __future__ import annotations

import streamlit as st

from dashboard import worklist_outside, worklist_page
from dashboard.chrome import page

shown = page("Worklist", with_period=False)
held = worklist_page.held(shown)

DRAWN = {
    "The list": worklist_page.the_list,
    "The month": worklist_outside.the_month,
    "Out of the room": worklist_outside.out_of_the_room,
}
# Not `part`: the browser takes a page's own names out of the address on leaving it, and so out of a link to a part of another.
for tab, draw in zip(st.tabs(list(DRAWN), key="tab", bind="query-params"), DRAWN.values(), strict=True):
    if tab.open:
        with tab:
            draw(shown, held)
