"""Draws the Trends page: the choice of measure and breakdown, the sentences, chart, table and download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import cards, drawing, trends, words
from dashboard.chrome import Shown, choose
from dashboard.figures.rates import trend_alt, trend_lines
from dashboard.figures.stacks import count_stacks, count_stacks_alt
from dashboard.text import plain
from kpis.results import HEADLINE

MEASURE, BY = "measure", "by"
"""What the page's address holds besides standard and snapshot."""

FIRST_SHOWN = 3
"""Units drawn before anything is picked: those with the most that was due."""


@dataclass(frozen=True)
class Seen:
    """A measure as it is looked at: its `declared` words, `by` what, over which `quarters`, oldest first."""

    shown: Shown
    measure: str
    declared: Mapping[str, Any]
    by: str
    quarters: list[str]

    @property
    def heading(self) -> str | None:
        """What the breakdown is by, as a heading; None for all together."""
        return None if self.by == HEADLINE else cards.heading_of(self.by, self.declared)

    @property
    def names(self) -> dict[str, str]:
        """Unit → what it is called."""
        if self.by == HEADLINE:
            return {}
        return cards.unit_names(self.by, self.declared, cards.category_names(self.shown.standard_words))

    def rows(self, by: str) -> pl.DataFrame:
        """The results of a breakdown for the quarters."""
        return trends.by_quarter(self.shown.results(), self.measure, by, self.quarters)


def draw(shown: Shown) -> None:
    """The whole page."""
    seen = _chosen(shown)
    st.header(plain(seen.declared["title"]), anchor=False)
    st.markdown(plain(seen.declared["sentence"]))
    together = seen.rows(HEADLINE)
    if together["owed"].null_count() == together.height:
        said = together["verdict"][-1] if together.height else "not supplied"
        st.markdown(f"**{words.verdict(said)}.** {words.why_none(said, 'these quarters')}")
        return
    running = "The last quarter is not over yet. " if together["period_end"][-1] > shown.as_at else ""
    st.markdown(f"**{running}{plain(words.trend(together.iter_rows(named=True)))}**")
    if seen.declared["each"] and together["target"].drop_nulls().len():
        st.markdown(
            f"The target is for each {plain(seen.declared['unit'])}; a quarter meets it only if every one does."
        )
    if seen.by == HEADLINE:
        _rates(seen, [(seen.declared["title"], together)], together)
    elif seen.rows(seen.by)["met"].drop_nulls().is_empty():
        _counts(seen)
    else:
        _units(seen)


def _chosen(shown: Shown) -> Seen:
    """What the address asks for, and the two choices that change it."""
    results = shown.results()
    declared = shown.definitions["measures"]
    measured = set(results["measure"].unique())
    titles = {name: each["title"] for name, each in declared.items() if name in measured}
    asked = st.query_params.get(MEASURE)
    measure = asked if asked is not None and asked in titles else trends.worth_opening(results, list(titles))
    if asked is not None and asked != measure:
        st.warning(plain(f"There is no measure {asked} in this snapshot; another is shown."))
    offered = {
        by: "All together" if by == HEADLINE else f"By {cards.heading_of(by, declared[measure]).lower()}"
        for by in trends.choices_of(results, measure)
    }
    by = st.query_params.get(BY, HEADLINE)
    by = by if by in offered else HEADLINE
    left, right = st.columns(2)
    with left:
        choose("Measure", MEASURE, measure, titles)
    with right:
        choose("Show", BY, by, offered)
    return Seen(shown, measure, declared[measure], by, trends.quarters(results))


def _units(seen: Seen) -> None:
    """A line and a sentence for each unit picked."""
    rows = seen.rows(seen.by)
    found = trends.units(rows)
    picked = found
    if len(found) > 1:
        picked = st.multiselect(
            f"{seen.heading}: which to show, {trends.SERIES} at most",
            found,
            default=found[:FIRST_SHOWN],
            format_func=lambda each: seen.names.get(each, each),
            max_selections=trends.SERIES,
            key=f"units {seen.measure} {seen.by}",
        )
    if not picked:
        st.markdown("Choose at least one.")
        return
    series = [(seen.names.get(each, each), rows.filter(pl.col("unit") == each)) for each in picked]
    for name, one in series:
        every = trends.every_quarter(one, seen.quarters)
        st.markdown(f"**{plain(name)}:** {plain(words.trend(every.iter_rows(named=True)))}")
    _rates(seen, series, rows.filter(pl.col("unit").is_in(picked)))


def _rates(seen: Seen, series: list[tuple[str, pl.DataFrame]], rows: pl.DataFrame) -> None:
    covers = {
        "12 months": "Each point covers the twelve months that end with its quarter. ",
        "last day": "Each point shows how things stood on the last day of its quarter. ",
    }.get(seen.declared["window"], "")
    missing = "An upright line runs from the worst to the best that a figure with missing records could be. "
    how = (
        f"{covers}Where nothing was due there is a gap. {missing if rows['unknown'].sum() else ''}"
        f"{seen.declared['how_to_read']}"
    )
    figure = trend_lines(series, seen.quarters, drawing.look())
    _beside(seen, figure, trend_alt(series, seen.declared["title"]), how, rows)


def _counts(seen: Seen) -> None:
    """The units of a measure that only counts them, as columns."""
    rows = seen.rows(seen.by)
    rows = cards.without_noughts(rows, seen.declared["counts"])
    drawn = trends.stacked(rows, seen.declared["counts"])
    codes = [code for code in (*seen.declared["counts"], trends.OTHERS) if drawn["unit"].eq(code).any()]
    series = [(seen.names.get(code, code), drawn.filter(pl.col("unit") == code)) for code in codes]
    figure = count_stacks(series, seen.quarters, drawing.look())
    alt = count_stacks_alt(series, seen.declared["title"])
    _beside(seen, figure, alt, "Each column is a quarter; its parts add up to all that was counted.", rows)


def _beside(seen: Seen, figure: go.Figure, alt: str, how: str, rows: pl.DataFrame) -> None:
    """The chart, and beside it its figures with a download."""
    key = f"trend {seen.measure} {seen.by}"
    left, right = st.columns([3, 2])
    with left:
        drawing.chart(figure, alt, seen.shown, how, key=f"{key} chart")
    with right:
        title = seen.declared["title"]
        ordered = cards.in_order(rows, seen.declared["counts"]).sort("period_start", maintain_order=True)
        drawing.long_table(trends.table(ordered, seen.heading, seen.names), f"{title} by quarter", key=key)
        drawing.downloads(
            lambda: trends.for_download(rows, seen.heading, seen.names),
            f"{seen.measure}-{seen.by}-by-quarter-{seen.shown.standard}",
            {
                **drawing.about(seen.shown, title),
                "Period": f"{seen.quarters[0]} to {seen.quarters[-1]}",
                "How to read it": how,
            },
            seen.shown,
            key=key,
            what="quarters",
        )
