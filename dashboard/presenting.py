"""The page *Present*: one screen at a time, turned by ← and →, nothing else in sight (`?screen=`)."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import board_entries, cards, choices, drawing, presentation, summary
from dashboard.chrome import STYLES, VIEWS, Shown
from dashboard.presentation import Quarter
from dashboard.text import day

SCREEN = "screen"
"""The part of the address that holds the number of the screen."""


def draw(shown: Shown) -> None:
    """The screen that the address asks for, and behind it the keys."""
    st.html(STYLES / "summary.css")
    st.html(STYLES / "presentation.css")
    screens = presentation.run(quarter(shown), drawing.look())
    number = presentation.number_asked(st.query_params.get(SCREEN), len(screens))
    foot = (
        f"{shown.settings.area} · {shown.standard_words['title']} · {shown.period.name} · as at {day(shown.as_at)} · "
        f"snapshot {shown.snapshot.id}"
    )
    st.html(presentation.as_html(screens[number - 1], number, len(screens), foot))
    _keys(shown, len(screens))


def quarter(shown: Shown) -> Quarter:
    """What the run is made of, from the snapshot and from what the Board's people have written."""
    before = choices.before(shown.period, shown.periods)
    results = shown.results()
    made = cards.cards(results, shown.definitions, shown.standard, shown.period, before)
    store, area = shown.reader.store, shown.settings.area
    written = board_entries.standing(store.commentary(area, shown.standard, shown.period.name))
    return Quarter(
        period=shown.period,
        as_at=shown.as_at,
        snapshot=shown.snapshot.id,
        results=results,
        definitions=shown.definitions,
        lines=summary.lines(made, results, shown.period, shown.periods, written),
        actions=board_entries.on_screen(store.board_actions(area), shown.period.end, shown.as_at),
    )


def _turn(last: int, steps: int) -> None:
    """So many screens on, from the one that the address names now: keys pressed fast come before their screen is drawn."""
    now = presentation.number_asked(st.query_params.get(SCREEN), last)
    st.query_params[SCREEN] = str(min(max(now + steps, 1), last))


def _keys(shown: Shown, last: int) -> None:
    """Buttons that are not in sight; each is pressed by its key. Remote controls send Page Up and Page Down."""
    rows = {
        "present_turn": (("← Back", "Left", -1), ("Next →", "Right", 1)),
        "present_more": (
            ("Back", "PageUp", -1),
            ("Next", "PageDown", 1),
            ("First screen", "Home", -last),
            ("Last screen", "End", last),
        ),
    }
    with st.container(key="present_keys", horizontal=True):
        for row, turns in rows.items():
            with st.container(key=row, horizontal=True, width="content"):
                for label, key, steps in turns:
                    st.button(label, key=f"present {key}", shortcut=key, on_click=partial(_turn, last, steps))
        if st.button("Leave", key="present Esc", shortcut="Esc"):
            st.switch_page(VIEWS / "board.py", query_params=shown.link())
