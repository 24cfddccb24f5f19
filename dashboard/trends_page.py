"""Draws the Trends page: the choice of measure, breakdown and units, the signals in words, chart, table and download.

For lay readers too: it reads results with small counts hidden (`Shown.lay_results`), so that nothing on it tells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import cards, drawing, glossary, signals, trends, words
from dashboard.chrome import Shown, choose
from dashboard.figures.process import process_alt, process_chart
from dashboard.figures.rates import trend_alt, trend_lines
from dashboard.figures.stacks import count_stacks, count_stacks_alt
from dashboard.text import plain
from kpis.results import HEADLINE

MEASURE, BY, SHOWN_UNIT = "measure", "by", "unit"
"""What the page's address holds besides standard: the last once for each unit shown."""

FIRST_SHOWN = 3
"""Units drawn before anything is picked: those with the most that was due."""

TERMS = ("process-behaviour chart", "average (centre line)", "limits of usual variation", "signal", "c (not shown)")


@dataclass(frozen=True)
class Seen:
    """A measure as it is looked at: its `declared` words, by `by`, over which `quarters`, oldest first."""

    shown: Shown
    measure: str
    declared: Mapping[str, Any]
    by: str
    calendar: pl.DataFrame

    @property
    def quarters(self) -> list[str]:
        """The names of the quarters, oldest first."""
        return self.calendar["period"].to_list()

    @property
    def heading(self) -> str | None:
        """What the breakdown is by, as a heading; None for all together."""
        return None if self.by == HEADLINE else cards.heading_of(self.by, self.declared)

    @cached_property
    def names(self) -> dict[str, str]:
        """Unit → what it is called."""
        if self.by == HEADLINE:
            return {}
        return cards.unit_names(self.by, self.declared, cards.category_names(self.shown.standard_words))

    @cached_property
    def results(self) -> pl.DataFrame:
        """The measure's results with small counts hidden."""
        return self.shown.lay_results(self.measure)

    @property
    def counted(self) -> bool:
        """Whether it is numbers that are followed, not rates."""
        return trends.only_counted(self.rows(self.by), self.declared, self.by)

    @property
    def subject(self) -> str:
        """What a sentence about the measure begins with."""
        return signals.short_of(self.declared)

    def rows(self, by: str) -> pl.DataFrame:
        """The results of a breakdown for the quarters."""
        return trends.by_quarter(self.results, self.measure, by, self.quarters)

    def called(self, unit: str | None) -> str:
        """A unit as people call it; the measure's title for all together."""
        return self.declared["title"] if unit is None else self.names.get(unit, unit)

    def line(self, unit: str | None) -> pl.DataFrame:
        """One line with its limits and signals (`dashboard.signals.line_of`)."""
        rows = self.rows(self.by)
        return signals.line_of(
            rows if unit is None else rows.filter(pl.col("unit") == unit),
            self.calendar,
            self.shown.as_at,
            signals.restarts_for(self.shown.settings.restarts, self.measure, self.by, unit),
            counted=self.counted,
            overlapping=bool(signals.overlapping(self.declared, counted=self.counted)),
        )


def draw(shown: Shown) -> None:
    """The whole page."""
    seen = _chosen(shown)
    st.header(plain(seen.declared["title"]), anchor=False)
    st.markdown(plain(seen.declared["sentence"]))
    together = seen.rows(HEADLINE)
    if together.is_empty() or together["verdict"].is_in(["not supplied", "not in this standard"]).all():
        said = together["verdict"][-1] if together.height else "not supplied"
        st.markdown(f"**{words.verdict(said)}.** {words.why_none(said, 'these quarters')}")
        return
    running = "The last quarter is not over yet. " if together["period_end"][-1] > shown.as_at else ""
    st.markdown(f"**{running}{plain(words.trend(together.iter_rows(named=True)))}**")
    if seen.declared["each"] and together["target"].drop_nulls().len():
        st.markdown(
            f"The target is for each {plain(seen.declared['unit'])}; a quarter meets it only if every one does."
        )
    glossary.explained(shown, TERMS, "trends")
    if seen.by == HEADLINE:
        _one(seen, None)
        return
    found = trends.units(seen.rows(seen.by))
    picked = _picked(seen, found)
    if not picked:
        st.markdown("Choose at least one.")
    elif len(picked) == 1:
        _one(seen, picked[0])
    elif seen.counted:
        _signals(seen, [(unit, seen.line(unit)) for unit in picked])
        _counts(seen, picked)
    else:
        _several(seen, picked)


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
        choose("Measure", MEASURE, measure, titles, lambda _: _forget_units())
    with right:
        choose("Show", BY, by, offered, lambda _: _forget_units())
    return Seen(shown, measure, declared[measure], by, trends.calendar(results))


def _forget_units() -> None:
    """The units of another measure or breakdown mean nothing here."""
    if SHOWN_UNIT in st.query_params:
        del st.query_params[SHOWN_UNIT]


def _picked(seen: Seen, found: list[str]) -> list[str]:
    """The units to draw: those that the address names, else the first few; what is picked is put there."""
    asked = [each for each in st.query_params.get_all(SHOWN_UNIT) if each in found][: trends.SERIES]
    if len(found) < 2:
        return found
    key = f"units {seen.measure} {seen.by}"

    def chosen() -> None:
        st.query_params[SHOWN_UNIT] = st.session_state[key]

    first = found if seen.counted else found[:FIRST_SHOWN]
    if key not in st.session_state or asked:
        st.session_state[key] = asked or first[: trends.SERIES]
    picked = st.multiselect(
        f"{seen.heading}: which to show, {trends.SERIES} at most",
        found,
        format_func=lambda each: seen.names.get(each, each),
        max_selections=trends.SERIES,
        key=key,
        on_change=chosen,
        help="One alone is shown with its average and the limits of its usual variation.",
    )
    return [each for each in picked if each in found]


def _one(seen: Seen, unit: str | None) -> None:
    """A single line as a process-behaviour chart."""
    rows = seen.rows(seen.by)
    rows = rows if unit is None else rows.filter(pl.col("unit") == unit)
    line = seen.line(unit)
    if unit is not None and not seen.counted:
        every = trends.every_quarter(rows, seen.quarters)
        st.markdown(f"**{plain(seen.called(unit))}:** {plain(words.trend(every.iter_rows(named=True)))}")
    said = _signals(seen, [(unit, line)])
    overlapping = signals.overlapping(seen.declared, counted=seen.counted)
    restarted = signals.restarts_in_words(line)
    basis = [overlapping] if overlapping else signals.basis(line, counted=seen.counted)
    for text in [*basis, *restarted]:
        st.markdown(plain(text))
    what = seen.declared["title"] if unit is None else f"{seen.declared['title']}: {seen.called(unit)}"
    figure = process_chart(line, drawing.look(), counted=seen.counted)
    alt = process_alt(line, what, [*said, *restarted], basis, counted=seen.counted)
    how = glossary.how_to_read("Process-behaviour chart", _missing(rows), *_of_measure(seen))
    signal = dict(zip(line["period"].to_list(), signals.signals_column(line), strict=True))
    _beside(seen, figure, alt, how, rows, signal)


def _several(seen: Seen, picked: list[str]) -> None:
    """Lines side by side, with a sentence for each."""
    rows = seen.rows(seen.by)
    series = [(seen.called(each), rows.filter(pl.col("unit") == each)) for each in picked]
    for name, one in series:
        every = trends.every_quarter(one, seen.quarters)
        st.markdown(f"**{plain(name)}:** {plain(words.trend(every.iter_rows(named=True)))}")
    _signals(seen, [(unit, seen.line(unit)) for unit in picked])
    how = glossary.how_to_read("Lines side by side", _missing(rows), *_of_measure(seen))
    figure = trend_lines(series, seen.quarters, drawing.look())
    alt = trend_alt(series, seen.declared["title"])
    _beside(seen, figure, alt, how, rows.filter(pl.col("unit").is_in(picked)))


def _counts(seen: Seen, picked: list[str]) -> None:
    """The units of a measure that only counts them, as columns."""
    rows = seen.rows(seen.by).filter(pl.col("unit").is_in(picked))
    codes = [code for code in seen.declared["counts"] if rows["unit"].eq(code).any()]
    series = [(seen.called(code), rows.filter(pl.col("unit") == code)) for code in codes]
    figure = count_stacks(series, seen.quarters, drawing.look())
    alt = count_stacks_alt(series, seen.declared["title"])
    _beside(seen, figure, alt, glossary.how_to_read("Columns of counts"), rows)


def _signals(seen: Seen, lines: list[tuple[str | None, pl.DataFrame]]) -> list[str]:
    """Every signal of the lines in a sentence of its own, and where there is none, that."""
    said = []
    for unit, line in lines:
        subject = signals.about(seen.subject, seen.by, unit and seen.called(unit), counted=seen.counted)
        said += [signals.in_words(each, subject, counted=seen.counted) for each in signals.signals(line)]
    st.subheader("Out of the ordinary", anchor=False)
    if said:
        st.markdown("\n".join(f"- {plain(each)}" for each in said))
    elif any(signals.has_limits(line) for _, line in lines):
        st.markdown("Nothing: the figures move as they usually do.")
    else:
        st.markdown("It cannot be told: there are no limits to tell it by.")
    return said


def _missing(rows: pl.DataFrame) -> str:
    missing = "An upright line runs from the worst to the best that a figure with missing records could be."
    gap = "Where nothing was due, or the figure is not shown, there is a gap."
    return f"{gap} {missing if rows['unknown'].sum() else ''}".strip()


def _of_measure(seen: Seen) -> tuple[str, ...]:
    covers = {
        "12 months": "Each point covers the twelve months that end with its quarter.",
        "last day": "Each point shows how things stood on the last day of its quarter.",
    }.get(seen.declared["window"], "")
    return covers, seen.declared["how_to_read"], seen.declared.get("cannot_tell") or ""


def _beside(
    seen: Seen, figure: go.Figure, alt: str, how: str, rows: pl.DataFrame, signal: Mapping[str, str] | None = None
) -> None:
    """The chart, and beside it its figures with a download."""
    key = f"trend {seen.measure} {seen.by}"
    title = seen.declared["title"]
    ordered = cards.in_order(rows, seen.declared["counts"]).sort("period_start", maintain_order=True)
    if seen.counted:
        told = trends.counts(ordered, seen.names)
    else:
        told = trends.table(ordered, seen.heading if signal is None else None, seen.names, signal)
    below = seen.shown.settings.suppress_below
    small = f"{words.SUPPRESSED}: not shown, as a count below {below} could be read from it." if _small(rows) else ""
    left, right = st.columns([3, 2])
    with left:
        drawing.chart(figure, alt, seen.shown, f"{how} {small}".strip(), key=f"{key} chart")
    with right:
        drawing.long_table(told, f"{title} by quarter", key=key)
        drawing.downloads(
            lambda: trends.for_download(rows, seen.heading, seen.names),
            f"{seen.measure}-{seen.by}-by-quarter-{seen.shown.standard}",
            {
                **drawing.about(seen.shown, title),
                "Period": f"{seen.quarters[0]} to {seen.quarters[-1]}",
                "Not shown": small or f"No count below {below} stands in these figures.",
                "How to read it": how,
            },
            seen.shown,
            key=key,
            what="quarters",
        )


def _small(rows: pl.DataFrame) -> bool:
    return bool(rows["suppressed"].list.len().sum())
