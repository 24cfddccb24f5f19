"""The quarter as a run of screens for a room: one message each, in letters that carry three metres. Pure functions.

A screen is HTML of our own in which every text is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import polars as pl

from connectors.store import BoardAction
from dashboard import board_entries, cards, headlines, summary
from dashboard.figures import far_bars, quarters
from dashboard.figures.style import Look
from dashboard.summary import Line
from kpis.periods import Period

LINES_ON_SCREEN = 7
"""So many KPIs stand on one screen of the summary."""

ROOM_FOR_ACTIONS = 12
"""So many lines of letters stand on one screen of the actions."""
LETTERS_IN_A_LINE = 42


@dataclass(frozen=True)
class Screen:
    """One message: the sentence, what is shown under it, and what must be said beside it (plain text)."""

    headline: str
    main: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quarter:
    """What the run is made of. `definitions` as stored with the snapshot · `actions` those on the period's screen."""

    period: Period
    as_at: date
    snapshot: int
    results: pl.DataFrame
    definitions: Mapping[str, Any]
    lines: Sequence[Line]
    actions: Sequence[BoardAction]

    @property
    def so_far(self) -> bool:
        """Whether the period is still running."""
        return self.period.end > self.as_at


def run(quarter: Quarter, look: Look) -> list[Screen]:
    """The summary, a screen for every KPI, the actions. Without a target or a figure, a measure is on the summary alone."""
    told = [line for line in quarter.lines if line.card.row["target"] is not None or line.card.has_figure]
    return [*_summary(quarter, look), *(_measure(line, quarter, look) for line in told), *_actions(quarter)]


def _summary(quarter: Quarter, look: Look) -> list[Screen]:
    made = [line.card for line in quarter.lines]
    said = headlines.quarter(made, quarter.period.name, so_far=quarter.so_far)
    parts = [quarter.lines[at : at + LINES_ON_SCREEN] for at in range(0, len(quarter.lines), LINES_ON_SCREEN)] or [[]]
    return [Screen(said, summary.far_table(part, look, quarter.period)) for part in parts]


def _measure(line: Line, quarter: Quarter, look: Look) -> Screen:
    card = line.card
    beside = headlines.caveats(card, so_far=quarter.so_far)
    if line.commentary is not None:
        beside.append(f"“{line.commentary.text}” ({summary.signed(line.commentary, quarter.snapshot)})")
    said = headlines.headline(card, quarter.period.name, so_far=quarter.so_far)
    return Screen(said, _chart(line, quarter, look), tuple(beside))


def _chart(line: Line, quarter: Quarter, look: Look) -> str:
    """Agencies where each has to reach the target, outcomes where nothing is to be reached, else the last periods."""
    card = line.card
    rows = cards.breakdown(quarter.results, card.measure, quarter.period, cards.UNIT)
    if card.units and not rows.is_empty():
        named = [*rows.iter_rows(named=True)]
        what = f"{card.words['title']}, by {card.words['unit']}, the lowest first"
        return far_bars.rate_bars(named, [str(row["unit"]) for row in named], look, what)
    if card.words["counts"] and card.row["target"] is None and card.has_figure:
        names = cards.unit_names(cards.UNIT, card.words, {})
        ordered = cards.in_order(rows, card.words["counts"])
        counts = [(names.get(unit, unit), owed) for unit, owed in ordered.select("unit", "owed").iter_rows()]
        return far_bars.count_bars(counts, look, f"{card.words['title']}, by {card.words['unit']}")
    drawn = quarters.large(line.trend, look)
    kind = "quarters" if quarter.period.kind == "quarter" else "years"
    return drawn or f'<p class="far-none">There is no figure in these {kind}, so there is nothing to draw.</p>'


def _actions(quarter: Quarter) -> list[Screen]:
    said = board_entries.actions_sentence(quarter.actions, quarter.as_at)
    if not quarter.actions:
        return [Screen(said, '<p class="far-none">Actions are raised on the page “Prepare the Board”.</p>')]
    titles = {name: str(declared["title"]) for name, declared in quarter.definitions["measures"].items()}
    screens: list[list[BoardAction]] = [[]]
    room = ROOM_FOR_ACTIONS
    for action in quarter.actions:
        needs = max(2, -(-len(action.text) // LETTERS_IN_A_LINE)) + (1 if action.measure else 0)
        if needs > room and screens[-1]:
            screens.append([])
            room = ROOM_FOR_ACTIONS
        screens[-1].append(action)
        room -= needs
    until, as_at = quarter.period.end, quarter.as_at
    return [Screen(said, summary.actions_table(part, titles, until, as_at, far=True)) for part in screens]


def number_asked(asked: str | None, screens: int) -> int:
    """Which screen an address asks for, from 1; what is not there is the nearest one."""
    if asked is None or not asked.strip().isascii() or not asked.strip().isdigit():
        return 1
    return min(max(int(asked.strip()[:9]), 1), screens)


def as_html(screen: Screen, number: int, of: int, foot: str) -> str:
    """One screen. `foot` what it is about, as plain text."""
    beside = "".join(f"<p>{escape(each)}</p>" for each in screen.beside)
    side = f'<div class="far-beside">{beside}</div>' if beside else ""
    return (
        f'<div class="far-screen"><h1 class="far-headline">{escape(screen.headline)}</h1>'
        f'<div class="far-middle{" far-with-side" if side else ""}"><div class="far-main">{screen.main}</div>{side}</div>'
        f'<div class="far-foot"><span>{escape(foot)}</span><span class="far-position">{number} of {of}</span></div></div>'
    )
