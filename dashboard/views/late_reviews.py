"""The page Late reviews: the co-ordinator's list of what is overdue, due soon, or cannot be told."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboard import frames, reading
from dashboard import review_list as reviews
from dashboard.chrome import page
from dashboard.downloads import about, downloads
from dashboard.reference import WORDS
from dashboard.tables import explained, paged, table
from dashboard.text import plain
from kpis.results import HEADLINE

HOW_TO_READ = (
    "One row per active case whose review clock runs. A review is due when the standard's interval has passed since the "
    "spell began or the last review; a case that nobody reviews is missed again each interval. Days late are counted to the "
    "as-at date. Cases outside the places where the standard's clock runs are not on the list."
)

shown = page("Late reviews", with_period=False)
rows = shown.frame(frames.late_reviews(shown.standard))


def once(what: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    return reading.once(shown.reader, shown.snapshot.id, ("late reviews", shown.standard, what), make)


kinds = once("kinds", lambda: reviews.groups(rows))
found = reviews.counts(kinds)

headlines = shown.results().filter(by=HEADLINE, period=shown.period.name)
verdicts = {
    measure.removeprefix("review_level_"): verdict
    for measure, verdict in headlines.select("measure", "verdict").iter_rows()
    if measure.startswith("review_level_")
}

st.markdown(f"**{reviews.headline(found)}**")
for sentence in reviews.not_told(verdicts):
    st.info(sentence)

with st.container(horizontal=True, key="cards"):
    for state in reviews.SHOWN_FIRST:
        with st.container(border=True, width=230, height="stretch"):
            st.metric(f"{reviews.SIGNS[state]} {reviews.IN_WORDS[state].capitalize()}", f"{found[state]:,}")
            st.caption(reviews.WHAT_TO_DO[state] if found[state] else reviews.NONE_IN_STATE[state])

if rows.is_empty():
    st.info("The list is empty: there is no active case, or the records do not tell when reviews were held.")
    st.stop()

st.header("The list")
for_states, for_order = st.columns([2, 1])
states = for_states.multiselect(
    "State",
    reviews.STATES,
    default=list(reviews.SHOWN_FIRST),
    format_func=lambda state: reviews.IN_WORDS[state],
    placeholder="all",
    wrap=True,
    key="state",
    bind="query-params",
)
order = for_order.selectbox("Order", reviews.SORTS, key="order", bind="query-params")
levels, agencies, categories = (
    place.multiselect(label, reviews.options(kinds, column), placeholder="all", wrap=True, key=key, bind="query-params")
    for place, (label, column, key) in zip(
        st.columns(3),
        (("Level", "level", "level"), ("Lead agency", "lead_agency", "agency"), ("Category", "category", "category")),
        strict=True,
    )
)

chosen = reviews.Chosen(tuple(states), tuple(levels), tuple(agencies), tuple(categories), order)
listed = once(repr(chosen), lambda: reviews.chosen_rows(rows, chosen))
if listed.is_empty():
    only = states[0] if len(states) == 1 and not (levels or agencies or categories) else None
    st.info(
        reviews.NONE_IN_STATE[only]
        if only
        else "No case is in the states chosen with these filters. Take a filter away to see more."
    )
else:
    part = paged(listed, "rows", "cases")
    on_screen = reviews.for_screen(part, shown.as_at)
    words = {"Missed so far": "review clock", "Level": "level", "Category": "category"}
    table(
        on_screen,
        "Active cases by how late their review is",
        unbroken=on_screen.columns,
        links={heading: explained(shown, about=WORDS, search=word) for heading, word in words.items()},
    )
    downloads(
        shown,
        "late-reviews",
        lambda: reviews.for_files(listed),
        lambda: {"Late reviews": reviews.for_files(listed)},
        about(shown, "Late and coming reviews", reviews.filters_in_words(chosen), HOW_TO_READ),
    )
st.caption(plain(HOW_TO_READ))
