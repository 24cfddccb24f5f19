"""Counts by quarter as stacked columns: what was decided, quarter after quarter."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl
from plotly.basedatatypes import BaseTraceType

from dashboard.figures.counts import WHOLE_STEPS
from dashboard.figures.rates import quarters_below
from dashboard.figures.style import Look, laid_out, patterned
from dashboard.text import for_chart, wrapped_for_chart


def count_stacks(
    series: Sequence[tuple[str, pl.DataFrame]],
    periods: Sequence[str],
    look: Look,
    *,
    labels: Sequence[str] | None = None,
) -> go.Figure:
    """A column per quarter, a colour and pattern per series.

    `series` pairs of a name and its results, whose `owed` is the count · `periods` the quarters, oldest first · `labels` what
    stands under the columns, where they are no quarters.
    """
    traces: list[BaseTraceType] = []
    for place, (name, rows) in enumerate(series):
        counts = {period: count or 0 for period, count in rows.select("period", "owed").iter_rows()}  # None: not shown
        traces.append(
            go.Bar(
                x=list(periods),
                y=[counts.get(each, 0) for each in periods],
                name=for_chart(name),
                marker={**patterned(look, place, 0.45), "line": {"color": look.ground, "width": 1}},
                hovertemplate="%{x}: %{y:,}<extra>" + for_chart(name) + "</extra>",
            )
        )
    tallest = (
        pl.concat([rows.select("period", "owed") for _, rows in series]).group_by("period").agg(pl.col("owed").sum())
    )
    steps = {"dtick": 1} if max([*tallest["owed"], 1]) < WHOLE_STEPS else {}
    named = {}
    if labels is not None:
        named = {"tickvals": list(periods), "ticktext": [wrapped_for_chart(each, 7) for each in labels]}
    return laid_out(
        traces,
        look,
        height=380,
        legend=True,
        x={**quarters_below(periods), **named},
        y={"rangemode": "tozero", "tickformat": ",d", "title": "Number", **steps},
        barmode="stack",
    )


def count_stacks_alt(series: Sequence[tuple[str, pl.DataFrame]], what: str) -> str:
    """The chart in words: each series' sum; the table beside it holds every quarter."""
    said = ", ".join(f"{name} {int(rows['owed'].sum()):,}" for name, rows in series)
    return f"Column chart of {what} by quarter. Over all quarters: {said}."
