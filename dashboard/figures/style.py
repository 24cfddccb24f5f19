"""How charts look: colours and fonts in one place, for a light and a dark ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

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


def laid_out(figure: go.Figure, look: Look, *, height: int, legend: bool = False) -> go.Figure:
    """The figure with fonts, grounds and margins set, and no dragging that would catch a finger that scrolls."""
    font = {"color": look.text, "size": FONT_SIZE}
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 40 if legend else 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font=font,
        dragmode=False,
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": font, "traceorder": "normal"},
        hoverlabel={"bgcolor": look.ground, "bordercolor": look.text, "font": font, "align": "left"},
    )
    figure.update_xaxes(
        tickfont=font, title_font=font, gridcolor=look.faint, linecolor=look.text, automargin=True, fixedrange=True
    )
    figure.update_yaxes(
        tickfont=font, title_font=font, gridcolor=look.faint, linecolor=look.text, automargin=True, fixedrange=True
    )
    return figure
