"""How long cases stay at a level: the share still there after so long, a line per level with its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl
from plotly.basedatatypes import BaseTraceType

from dashboard import words
from dashboard.figures.style import DASHES, Look, laid_out, level
from dashboard.text import for_chart

YEAR = 365.25
_TICKS = [0, 0.25, 0.5, 0.75, 1]


def stay_lines(series: Sequence[tuple[str, pl.DataFrame]], look: Look) -> go.Figure:
    """A stepped line per series of `days, share, low, high`, its interval as a pale band; colour and dash tell series apart."""
    traces: list[BaseTraceType] = []
    longest = 0
    for place, (name, rows) in enumerate(series):
        told = rows.filter(pl.col("share").is_not_null()).sort("days")
        known = told.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
        if told.is_empty():
            continue
        longest = max(longest, int(told["days"][-1]))
        colour = look.colour(place)
        for end, fill in (("high", None), ("low", "tonexty")):
            traces.append(
                go.Scatter(
                    x=known["days"].to_list(),
                    y=known[end].to_list(),
                    mode="lines",
                    line={"width": 0, "shape": "hv", "color": colour},
                    fill=fill,
                    fillcolor=_pale(colour),
                    showlegend=False,
                    hoverinfo="skip",
                )
            )
        traces.append(
            go.Scatter(
                x=told["days"].to_list(),
                y=told["share"].to_list(),
                mode="lines",
                name=for_chart(name),
                line={"color": colour, "width": 2.5, "shape": "hv", "dash": DASHES[place % len(DASHES)]},
                customdata=[
                    f"{words.percent(share)} still there, {at_risk:,} at risk"
                    for share, at_risk in told.select("share", "at_risk").iter_rows()
                ],
                hovertemplate="after %{x:,} days: %{customdata}<extra>" + for_chart(name) + "</extra>",
            )
        )
    years = max(1, -(-longest // int(YEAR)))
    step = max(1, -(-years // 10))
    marks = [0.25, 0.5, 0.75, 1.0] if years == 1 else [float(each) for each in range(step, years + 1, step)]
    return laid_out(
        traces,
        look,
        height=380,
        legend=True,
        x={
            "range": [0, max(longest, 1)],
            "tickvals": [0, *(mark * YEAR for mark in marks)],
            "ticktext": ["0", *(f"{mark:g}" for mark in marks)],
            "title": "Years since the spell began",
            "zeroline": False,
        },
        y={"range": [-0.03, 1.05], "tickvals": _TICKS, "tickformat": ".0%", "zeroline": False},
        shapes=[level(0.5, {"color": look.text, "width": 1.5, "dash": "dash"})],
    )


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.18)"


def stay_lines_alt(said: Sequence[str]) -> str:
    """The chart in words: one sentence per level, as the page says it."""
    return f"Line chart of the share of spells that last longer than so many years, by level. {' '.join(said)}"
