"""Bars of what is missing, each with its numerator and denominator written above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.style import Look, laid_out, upright
from dashboard.quality import NOT_SUPPLIED, share_in_words
from dashboard.text import for_chart

_SHORT = 18
"""Characters of a label that fits beside its figures on a telephone."""


@dataclass(frozen=True)
class Share:
    """One bar: what it is about, and how many values are `given` of those `needed`; given is None where nothing is supplied."""

    label: str
    given: int | None
    needed: int

    @property
    def missing(self) -> int:
        """How many values are missing."""
        return self.needed - (self.given or 0)

    @property
    def words(self) -> str:
        """The figures as they stand above the bar."""
        if self.given is None:
            return NOT_SUPPLIED
        return f"{self.missing:,} missing · {share_in_words(self.given, self.needed)}"


def missing_bars(shares: Sequence[Share], look: Look) -> go.Figure:
    """A bar per share, the first on top, as long as there are values missing; label and figures stand above each bar.

    Shares near 100 % would all look alike: what is missing shows where the work lies.
    """
    places = list(range(len(shares)))[::-1]
    missing = [each.missing for each in shares]
    bars = go.Bar(x=missing, y=places, orientation="h", marker_color=look.colour(0), hoverinfo="skip", width=0.26)
    most = max([*missing, 1])
    # Labels of agencies can be long: beside the figures they would run into them on a small screen.
    apart = any(len(each.label) > _SHORT for each in shares)
    written = []
    for place, each in zip(places, shares, strict=True):
        name, figures = for_chart(each.label), for_chart(each.words)
        texts = [(f"{name}<br>{figures}", "left", 0)] if apart else [(name, "left", 0), (figures, "right", most)]
        written += [
            {
                "text": text,
                "x": x,
                "y": place + 0.18,
                "xanchor": side,
                "yanchor": "bottom",
                "align": "left",
                "showarrow": False,
                "font": {"color": look.text, "size": 13},
            }
            for text, side, x in texts
        ]
    return laid_out(
        [bars],
        look,
        height=(62 if apart else 42) * len(shares) + 16,
        x={"visible": False, "range": [0, most]},
        y={"visible": False, "range": [-0.4, len(shares) - 0.2]},
        margin={"l": 0, "r": 0, "t": 8, "b": 8},
        shapes=[upright(0, {"color": look.text, "width": 1})],
        annotations=written,
    )


def shares_in_words(shares: Sequence[Share]) -> str:
    """What the chart shows, for those who do not see it."""
    return "; ".join(f"{each.label}: {each.words}" for each in shares)
