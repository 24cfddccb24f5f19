"""Agencies, members or outcomes as bars to be read from across a room, drawn as a real table. Every text in it is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dashboard import words
from dashboard.figures.style import Look
from dashboard.headlines import told_rate

MOST = 9
"""So many bars stand on one screen; of more, one makes way for the line that says so."""

Row = Mapping[str, Any]


def rate_bars(rows: Sequence[Row], names: Sequence[str], look: Look, what: str) -> str:
    """One bar per row of results, in the order given, the first `MOST` of them; the target as an upright line."""
    drawn = [_row(name, _rate_bar(row, look), _rate_said(row)) for row, name in zip(rows, names, strict=True)]
    return _table(drawn, what)


def count_bars(counts: Sequence[tuple[str, int]], look: Look, what: str) -> str:
    """One bar per name and number."""
    most = max([number for _, number in counts], default=0) or 1
    drawn = [_row(name, _bar(number / most, look), f"{number:,}") for name, number in counts]
    return _table(drawn, what)


def _table(rows: Sequence[str], what: str) -> str:
    shown = rows if len(rows) <= MOST else rows[: MOST - 1]
    left = len(rows) - len(shown)
    more = f'<p class="far-more">and {left:,} more, on the Board’s page</p>' if left else ""
    return (
        f'<table class="far-bars"><caption class="unseen">{escape(what)}</caption>'
        f'<thead class="unseen"><tr><th scope="col">Name</th><th scope="col">Bar</th><th scope="col">Figure</th></tr></thead>'
        f"<tbody>{''.join(shown)}</tbody></table>{more}"
    )


def _row(name: str, bar: str, said: str) -> str:
    return (
        f'<tr><th scope="row">{escape(name)}</th><td class="far-bar" aria-hidden="true">{bar}</td><td>{said}</td></tr>'
    )


def _bar(share: float, look: Look, more: str = "") -> str:
    return (
        f'<span class="far-track"><span class="far-fill" style="width:{100 * share:.2f}%;background:{look.colour(0)}"></span>'
        f"{more}</span>"
    )


def _rate_bar(row: Row, look: Look) -> str:
    more = ""
    if row["owed"] and row["unknown"]:
        left, width = 100 * row["worst"], 100 * (row["best"] - row["worst"])
        more += f'<span class="far-open" style="left:{left:.2f}%;width:{width:.2f}%;border-color:{look.text}"></span>'
    if row["target"] is not None:
        more += (
            f'<span class="far-target" style="left:{100 * row["target"]:.2f}%;border-color:{look.colour(1)}"></span>'
        )
    return _bar(row["rate"] or 0.0, look, more)


def _rate_said(row: Row) -> str:
    sign = escape(words.SIGNS.get(row["verdict"], "")) if row["target"] is not None else ""
    figure = escape(words.of(row["met"], row["owed"]))
    rate = told_rate(row)
    if not row["owed"]:
        return figure
    if rate is None:
        return f"{sign} {figure}, {row['unknown']:,} not known".strip()
    return f"{sign} {escape(words.percent(rate))} <small>{figure}</small>".strip()
