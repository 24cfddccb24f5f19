"""Counts as bars: outcomes of screenings, referrals, decisions, the caseload by category and level."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl
from plotly.basedatatypes import BaseTraceType

from dashboard.figures.style import BAR_HEIGHT, Look, laid_out, patterned, rows_below
from dashboard.text import for_chart, wrapped_for_chart

WHOLE_STEPS = 8
"""Below so many an axis steps by one: there is no half of a case."""


def count_bars(counts: pl.DataFrame, look: Look) -> go.Figure:
    """One bar per row of `name, number`, in the order given from the top, each with its number written beside it."""
    names = [for_chart(name) for name in counts["name"]]
    ticks = [wrapped_for_chart(name) for name in counts["name"]]
    numbers = counts["number"].to_list()
    bars = go.Bar(
        x=numbers,
        y=list(range(len(names))),
        orientation="h",
        text=[f"{number:,}" for number in numbers],
        textposition="outside",
        textfont={"color": look.text},
        cliponaxis=False,
        marker={"color": look.colour(0)},
        customdata=names,
        hovertemplate="%{customdata}: %{x:,}<extra></extra>",
    )
    return laid_out(
        [bars],
        look,
        height=60 + BAR_HEIGHT * max(1, len(names)),
        x={"rangemode": "tozero", "showticklabels": False, "showgrid": False, "range": [0, max([*numbers, 1]) * 1.12]},
        y=rows_below(ticks),
    )


def count_bars_alt(counts: pl.DataFrame, what: str) -> str:
    """The chart in words."""
    said = ", ".join(f"{name} {number:,}" for name, number in counts.select("name", "number").iter_rows())
    return f"Bar chart of {what}: {said or 'none'}."


def caseload_bars(table: pl.DataFrame, levels: Sequence[str], look: Look) -> go.Figure:
    """Stacked bars, one per category, a colour and pattern per level; `table` as `dashboard.cards.caseload_table` gives it."""
    rows = table.filter(pl.col("Category") != "Total")
    names = [for_chart(name) for name in rows["Category"]]
    ticks = [wrapped_for_chart(name) for name in rows["Category"]]
    traces: list[BaseTraceType] = []
    for place, level in enumerate(levels):
        numbers = rows[level].to_list()
        traces.append(
            go.Bar(
                x=numbers,
                y=list(range(len(names))),
                orientation="h",
                name=for_chart(level),
                marker={**patterned(look, place), "line": {"color": look.ground, "width": 1}},
                customdata=names,
                hovertemplate="%{customdata}<br>" + for_chart(level) + ": %{x:,}<extra></extra>",
            )
        )
    steps = {"dtick": 1} if max([*rows["Total"], 1]) < WHOLE_STEPS else {}
    return laid_out(
        traces,
        look,
        height=96 + BAR_HEIGHT * max(1, len(names)),
        legend=True,
        x={"rangemode": "tozero", "title": "Cases", "tickformat": ",d", **steps},
        y=rows_below(ticks),
        barmode="stack",
    )


def caseload_bars_alt(table: pl.DataFrame, levels: Sequence[str]) -> str:
    """The chart in words."""
    said = "; ".join(
        f"{row['Category']}: " + ", ".join(f"{level} {row[level]:,}" for level in levels)
        for row in table.iter_rows(named=True)
    )
    return f"Bar chart of the caseload by category and level. {said}."
