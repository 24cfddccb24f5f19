"""Words that open their explanation where they stand, and what to know of each kind of chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.chrome import VIEWS, Shown
from dashboard.text import plain
from dashboard.words_of_the_field import WORDS


@dataclass(frozen=True)
class Chart:
    """A kind of chart: how to read it, in two sentences, and what it cannot tell, in one."""

    how: str
    cannot: str


CHARTS: Mapping[str, Chart] = {
    "Process-behaviour chart": Chart(
        "Each point is a quarter; the solid line is the average, and between the two broken lines around it figures move as they "
        "usually do. Ask about points of another shape, which the legend names, and leave the rest alone.",
        "It cannot tell why something changed, nor whether usual is good enough: that is what the target is for.",
    ),
    "Lines side by side": Chart(
        "Each line is one agency, level or category, quarter by quarter, told apart by marker and dash. Look at one by itself to "
        "see its average and limits.",
        "It cannot tell who is better: a line that rests on few cases jumps more, for no other reason.",
    ),
    "Columns of counts": Chart(
        "Each column is a quarter, its parts what was picked above. A part that is not shown, because the count is small, is "
        "missing from the column.",
        "It cannot tell what share was right, only how often each was decided.",
    ),
    "Bars with a target": Chart(
        "Each bar is a rate, with its numerator and denominator written beside it, and the dashed line is the target. A thin line "
        "runs on to what the rate could be if every missing record were in order.",
        "It cannot tell a small shortfall from a large one by itself: one case of ten is ten percentage points.",
    ),
}


def meaning(shown: Shown, word: str) -> str:
    """What a word means, as the snapshot has it; as of today where the snapshot is older than the word."""
    return shown.definitions.get("words", {}).get(word) or WORDS[word]


def explained(shown: Shown, words: Sequence[str], key: str) -> None:
    """The words in a row, each of which opens what it means."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"words {key}"):
        st.markdown("**What is meant by**", width="content")
        for word in words:
            with st.popover(plain(word), type="tertiary", key=f"word {key} {word}"):
                st.markdown(plain(meaning(shown, word)))
        st.page_link(VIEWS / "plain_words.py", label="all words →", query_params=shown.link())


def how_to_read(kind: str, *more: str) -> str:
    """Two sentences on reading a kind of chart and one on what it cannot tell, and `more` of this one."""
    chart = CHARTS[kind]
    return " ".join(each for each in (chart.how, chart.cannot, *more) if each)
