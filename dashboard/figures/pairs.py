"""Two reports side by side: a pair of bars per row, each with its share written beside it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from dashboard.figures.style import BAR_HEIGHT, Look, laid_out, patterned, rows_below
from dashboard.text import for_chart, wrapped_for_chart
from dashboard.words import percent


def pair_bars(
    labels: Sequence[str], names: tuple[str, str], shares: Sequence[tuple[float | None, float | None]], look: Look
) -> go.Figure:
    """For each label two bars, the first report's above; where there is no share there is no bar, but a dash."""
    traces: list[BaseTraceType] = []
    places = list(range(len(labels)))
    for side, name in enumerate(names):
        values = [pair[side] for pair in shares]
        traces.append(
            go.Bar(
                x=[0 if value is None else value for value in values],
                y=places,
                orientation="h",
                name=for_chart(name),
                text=[percent(value) for value in values],
                textposition="outside",
                textfont={"color": look.text},
                cliponaxis=False,
                marker=patterned(look, side),
                customdata=[for_chart(label) for label in labels],
                hovertemplate="%{customdata}: %{text}<extra></extra>",
            )
        )
    most = max([value for pair in shares for value in pair if value is not None], default=1) or 1
    return laid_out(
        traces,
        look,
        height=96 + round(1.7 * BAR_HEIGHT) * max(1, len(labels)),
        legend=True,
        x={"visible": False, "range": [0, most * 1.3]},
        y={**rows_below([wrapped_for_chart(label) for label in labels]), "tickvals": places},
        barmode="group",
        bargap=0.3,
    )


def pair_bars_alt(
    labels: Sequence[str], names: tuple[str, str], shares: Sequence[tuple[float | None, float | None]]
) -> str:
    """The chart in words."""

    rows = "; ".join(
        f"{label}: {names[0]} {percent(one)}, {names[1]} {percent(other)}"
        for label, (one, other) in zip(labels, shares, strict=True)
    )
    return f"Bar chart of shares, {names[0]} beside {names[1]}. {rows}."
