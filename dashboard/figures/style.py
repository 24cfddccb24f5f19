"""How charts look: colours and fonts in one place, for a light and a dark ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

PATTERNS = ("", "/", ".", "x", "-", "+")
"""A bar's pattern tells its series where colours look alike."""

MARKERS = ("circle", "diamond", "square", "triangle-up", "cross", "x")
DASHES = ("solid", "dot", "dashdot", "longdashdot", "solid", "dot")
"""Of lines; plain dashes are the target's."""

FONT_SIZE = 14
BAR_HEIGHT = 40


@dataclass(frozen=True)
class Look:
    """Colours of the theme: `text` on `ground`, `faint` for grid lines, `colours` of series, blue and orange first."""

    text: str
    ground: str
    faint: str
    colours: tuple[str, ...]

    def colour(self, place: int) -> str:
        """The colour of the n-th series."""
        return self.colours[place % len(self.colours)]


LIGHT = Look("#0b0c0c", "#ffffff", "#d5dade", ("#00508f", "#d9690f", "#968796", "#5a2d2d", "#5a96e1", "#c38769"))
DARK = Look("#e9ecee", "#040506", "#363d43", ("#6cb6f5", "#ff9f4a", "#e1d2b4", "#788796", "#a5785a", "#b4d2e1"))

CONFIG: dict[str, Any] = {"displayModeBar": False, "staticPlot": False, "scrollZoom": False, "responsive": True}
"""For `st.plotly_chart(config=…)`: no tool bar; what it would offer, a table and a download offer better."""


def patterned(look: Look, place: int, strength: float = 0.35) -> dict[str, Any]:
    """The `marker` of the n-th series of bars: its colour, and the pattern that tells it where colours look alike.

    `strength` of the pattern, from 0 to 1.
    """
    return {
        "color": look.colour(place),
        "pattern": {
            "shape": PATTERNS[place % len(PATTERNS)],
            "fgcolor": look.ground,
            "fgopacity": strength,
            "size": 6,
            "fillmode": "overlay",
        },
    }


def laid_out(
    traces: Sequence[BaseTraceType],
    look: Look,
    *,
    height: int,
    legend: bool = False,
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    **further: Any,
) -> go.Figure:
    """A figure of the traces with fonts, grounds and margins set, and no dragging that would catch a finger that scrolls.

    `x`, `y` what else is to be set of the axes · `further` of the layout. All at once: each trace, line or setting that is put
    to a figure by itself takes plotly about as long as all of them together.
    """
    font = {"color": look.text, "size": FONT_SIZE}
    axis = {
        "tickfont": font,
        "title": {"font": font},
        "gridcolor": look.faint,
        "linecolor": look.text,
        "automargin": True,
        "fixedrange": True,
    }
    layout = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 40 if legend else 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": font,
        "dragmode": False,
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": font, "traceorder": "normal"},
        "hoverlabel": {"bgcolor": look.ground, "bordercolor": look.text, "font": font, "align": "left"},
        "xaxis": _axis(axis, x),
        "yaxis": _axis(axis, y),
        **further,
    }
    return go.Figure(list(traces), layout)


def upright(x: float, line: Mapping[str, Any]) -> dict[str, Any]:
    """A line from the bottom of a chart to its top, for the layout's `shapes`."""
    return {"type": "line", "x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": dict(line)}


def level(y: float, line: Mapping[str, Any]) -> dict[str, Any]:
    """A line from one side of a chart to the other, for the layout's `shapes`."""
    return {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y", "line": dict(line)}


def _axis(common: Mapping[str, Any], own: Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings of an axis; a `title` of its own is words, in the common font."""
    settings = {**common, **(own or {})}
    if own and "title" in own:
        settings["title"] = {**common["title"], "text": own["title"]}
    return settings


def rows_below(ticks: Sequence[str]) -> dict[str, Any]:
    """An axis of named rows, one below the other, the first on top."""
    places = list(range(len(ticks)))
    return {"tickmode": "array", "tickvals": places, "ticktext": ticks, "autorange": "reversed", "showgrid": False}


LINES_ALONE: dict[str, Any] = {"mode": "markers", "marker": {"size": 1}, "showlegend": False, "hoverinfo": "skip"}
"""A trace that shows nothing but its error lines."""


def upwards(by: Sequence[float], look: Look) -> dict[str, Any]:
    """Thin error lines from each point onwards by so much, and none back."""
    return {
        "type": "data",
        "array": list(by),
        "arrayminus": [0.0] * len(by),
        "symmetric": False,
        "color": look.text,
        "thickness": 1.5,
        "width": 4,
    }
