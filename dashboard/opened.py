"""One measure opened: its card, the records to complete first, its breakdowns, and every row beneath the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from dashboard import cards, choices, drawing, evidence, moved_parts, overview, reading, words
from dashboard.cards import Card
from dashboard.chrome import VIEWS, Shown
from dashboard.figures.counts import count_bars, count_bars_alt
from dashboard.figures.rates import rate_bars, rate_bars_alt
from dashboard.text import day, plain

_ALL = "All rows"


def draw(shown: Shown, measure: str) -> None:
    """The measure of this id; says so where there is none, or where the address names none (an empty id)."""
    with st.container(horizontal=True):
        st.page_link(VIEWS / "board.py", label="← :primary[**Back to the whole Board**]", query_params=shown.link())
        st.page_link(
            VIEWS / "trends.py",
            label=":primary[**Its trend, quarter by quarter**] →",
            query_params=shown.link(measure=measure),
        )
    before = choices.before(shown.period, shown.periods)
    made = cards.cards(shown.results(), shown.definitions, shown.standard, shown.period, before)
    card = next((each for each in made if each.measure == measure), None)
    if card is None:
        st.warning(plain(f"There is no measure {measure} in this snapshot."))
        return
    st.header(plain(card.words["title"]), anchor=False)
    st.markdown(plain(card.words["sentence"]))
    left, right = st.columns([2, 3])
    with left, st.container(border=True):
        overview.draw_card(shown, card, with_title=False)
    with right:
        _explained(card)
    if not card.has_figure:
        moved_parts.of_measure(shown, card.measure)
        return
    rows = _rows(shown, card)
    _to_complete(card, rows)
    _breakdowns(shown, card)
    _all_rows(shown, card, rows)
    moved_parts.of_measure(shown, card.measure)


def _explained(card: Card) -> None:
    st.markdown(
        f"**{'Counted' if card.words.get('describes') else 'Counted as done'}:** {plain(card.words['numerator'])}\n\n"
        f"**Out of:** {plain(card.words['denominator'])}\n\n"
        f"**How to read it:** {plain(card.words['how_to_read'])}\n\n"
        f"**Guidance:** {plain(card.words['cite'])}"
    )


def _beneath(shown: Shown, card: Card) -> evidence.Beneath:
    return evidence.Beneath(
        card.measure,
        card.words,
        shown.standard,
        shown.period,
        shown.periods,
        shown.as_at,
        reading.frame_names(shown.reader, shown.snapshot.id),
        lambda names: reading.together(shown.reader, shown.snapshot.id, names),
    )


def _rows(shown: Shown, card: Card) -> evidence.InOrder:
    """The evidence in the order to work through."""
    which = ("rows beneath a figure", shown.standard, card.measure, shown.period.name)
    return reading.once(shown.reader, shown.snapshot.id, which, lambda: _ordered(shown, card))


def _ordered(shown: Shown, card: Card) -> evidence.InOrder:
    found = _beneath(shown, card).rows()
    units = None
    if card.words["each"] and card.row["target"] is not None:
        units = cards.breakdown(shown.results(), card.measure, shown.period, cards.UNIT)
    return evidence.most_telling_first(found, units, by_case=card.words["by_case"])


def _to_complete(card: Card, rows: evidence.InOrder) -> None:
    hangs = card.row["verdict"] == "depends on missing records"
    missing = rows.decisive if hangs else rows.missing
    if not missing.height:
        return
    if hangs:
        st.header("Records to complete first", anchor=False)
        st.markdown("The verdict depends on these. Find each by its key, fill in the field, and refresh.")
    else:
        st.header("Missing records", anchor=False)
        st.markdown("They do not change the verdict, but the figure is only as sure as they are complete.")
    telling = missing.telling()

    def read(start: int, many: int) -> pl.DataFrame:
        told = evidence.for_people(missing.part(start, many), card.words["unit"], telling)
        where = ("Table", "Case", "Meeting", "Missing field", "File", "Sheet", "Row")
        first = [name for name in where if name in told.columns]
        return told.select(*first, *(name for name in told.columns if name not in first and name != "Met?"))

    drawing.page_by_page(missing.height, read, "Records with a missing field", key=f"{card.measure} missing")


def _breakdowns(shown: Shown, card: Card) -> None:
    results = shown.results()
    found = cards.breakdowns(results, card.measure, shown.period)
    for by in found:
        rows = cards.breakdown(results, card.measure, shown.period, by)
        if by == cards.UNIT and card.words["counts"]:
            rows = cards.in_order(cards.without_noughts(rows, card.words["counts"]), card.words["counts"])
        heading = cards.heading_of(by, card.words)
        names = cards.unit_names(by, card.words, cards.category_names(shown.standard_words))
        st.header(f"By {heading.lower()}", anchor=False)
        if rows.height == 1:  # one bar compares with nothing
            drawing.table(cards.as_table(rows, heading, names), f"{card.words['title']} by {heading.lower()}")
            continue
        left, right = st.columns([1, 1])
        with left:
            _chart(shown, card, by, rows, names)
        with right:
            drawing.table(cards.as_table(rows, heading, names), f"{card.words['title']} by {heading.lower()}")


def _chart(shown: Shown, card: Card, by: str, rows: pl.DataFrame, names: dict[str, str]) -> None:
    called = [names.get(unit, unit) for unit in rows["unit"]]
    what = f"{card.words['title']}, by {cards.heading_of(by, card.words).lower()}"
    if rows["met"].null_count() == rows.height:
        counts = pl.DataFrame({"name": called, "number": rows["owed"]})
        drawing.chart(count_bars(counts, drawing.look()), count_bars_alt(counts, what), shown, key=f"chart {by}")
        return
    drawing.chart(
        rate_bars(rows, called, drawing.look()),
        rate_bars_alt(rows, called, what),
        shown,
        "A thin line runs on to what it could be if every missing record were in order."
        if rows["unknown"].sum()
        else "",
        key=f"chart {by}",
    )


def _all_rows(shown: Shown, card: Card, rows: evidence.InOrder) -> None:
    st.header("Every row beneath the figure", anchor=False)
    first, last = _beneath(shown, card).window
    when = f"On {day(first)}" if first == last else f"From {day(first)} to {day(min(last, shown.as_at))}"
    what = plain(card.words["unit"] or "meeting")
    each = f"One row per {what}: a case with several has several rows." if card.words["by_case"] else ""
    if card.words.get("describes"):  # nothing in them is done or left undone
        st.markdown(f"{when}. {each}".strip())
        read = _reading(card, replace(rows.every, rows=rows.every.rows.drop("met")))
        drawing.page_by_page(rows.every.height, read, "Rows beneath the figure", key=f"{card.measure} rows")
        _downloads(shown, card, read)
        return
    st.markdown(f"{when}: missing ones first, then not met, then met. {each}".strip())
    listed = {_ALL: rows.every, "Missing": rows.missing, "Not met": rows.not_met, "Met": rows.met}
    kinds = [kind for kind, of_kind in listed.items() if of_kind.height]
    kind = st.radio(
        "Show", kinds, format_func=lambda name: f"{name} ({listed[name].height:,})", horizontal=True, key="rows shown"
    )
    chosen = listed[kind]
    drawing.page_by_page(
        chosen.height, _reading(card, chosen), f"Rows beneath the figure: {kind}", key=f"{card.measure} {kind}"
    )
    _downloads(shown, card, _reading(card, rows.every))


def _reading(card: Card, listed: evidence.Listed) -> Callable[..., pl.DataFrame]:
    """Gives so many of the rows from a place on, or all of them, as people read them."""
    telling = listed.telling()
    return lambda *part: evidence.for_people(listed.part(*part), card.words["unit"], telling)


def _downloads(shown: Shown, card: Card, read: Callable[[], pl.DataFrame]) -> None:
    drawing.downloads(
        read,
        f"{card.measure}-{shown.period.name}-{shown.standard}",
        _about(shown, card),
        shown,
        key=f"{card.measure} rows",
    )


def _about(shown: Shown, card: Card) -> dict[str, Any]:
    row = card.row
    return {
        **drawing.about(shown, card.words["title"]),
        "Figure": words.rate_of(row),
        "Verdict": words.verdict(row["verdict"]),
        "How to read it": card.words["how_to_read"],
    }
