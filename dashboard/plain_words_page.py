"""Draws the page Plain words: how to read each chart, what each figure tells and cannot tell, and every word (`?search=`)."""

from __future__ import annotations

import streamlit as st

from dashboard import glossary
from dashboard.chrome import VIEWS, Shown
from dashboard.text import plain
from dashboard.words_of_the_field import WORDS


def draw(shown: Shown) -> None:
    """The whole page."""
    sought = st.text_input(
        "Search the words and the figures",
        type="search",
        placeholder="for example review",
        key="search",
        bind="query-params",
    )
    wanted = (sought or "").strip().lower()
    found = [_charts(wanted), _measures(shown, wanted), _words(shown, wanted)]
    if not any(found):
        st.info(plain(f"Nothing here speaks of “{sought}”. Try a shorter word, or empty the search."))


def _has(wanted: str, *texts: str) -> bool:
    return not wanted or any(wanted in text.lower() for text in texts)


def _charts(wanted: str) -> bool:
    told = {name: chart for name, chart in glossary.CHARTS.items() if _has(wanted, name, chart.how, chart.cannot)}
    if told:
        st.header("How to read the charts", anchor="charts")
        for name, chart in told.items():
            st.markdown(f"**{plain(name)}**  \n{plain(chart.how)}  \n*What it cannot tell:* {plain(chart.cannot)}")
    return bool(told)


def _measures(shown: Shown, wanted: str) -> bool:
    measured = set(shown.results()["measure"].unique())
    told = {
        name: each
        for name, each in shown.definitions["measures"].items()
        if name in measured and _has(wanted, *(str(each.get(key) or "") for key in _SEARCHED))
    }
    if told:
        st.header("What each figure tells, and what it cannot", anchor="figures")
    for name, each in told.items():
        st.subheader(plain(each["title"]), anchor=name)
        lines = [
            plain(each["sentence"]),
            f"**Counted as done:** {plain(each['numerator'])}.  \n**Out of:** {plain(each['denominator'])}.",
            f"**How to read it:** {plain(each['how_to_read'])}",
            f"**What it cannot tell:** {plain(each.get('cannot_tell') or _ALWAYS)}",
        ]
        st.markdown("  \n".join(lines))
        st.page_link(VIEWS / "trends.py", label=":primary[Its trend] →", query_params=shown.link(measure=name))
    return bool(told)


_SEARCHED = ("title", "sentence", "numerator", "denominator", "how_to_read", "cannot_tell")

_ALWAYS = "It tells what is on record: what was done and not recorded looks like what was not done."
"""What no figure can tell."""


def _words(shown: Shown, wanted: str) -> bool:
    stored = shown.definitions.get("words", {})
    every = sorted({**WORDS, **stored}, key=str.lower)
    told = [name for name in every if _has(wanted, name, glossary.meaning(shown, name))]
    if told:
        st.header("The words", anchor="words")
        st.markdown("\n\n".join(f"**{plain(name)}**  \n{plain(glossary.meaning(shown, name))}" for name in told))
    return bool(told)
