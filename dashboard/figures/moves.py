"""Who entered, moved and left, as a flow chart: from where cases came on the left, to where they went on the right."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from dashboard.figures.style import FONT_SIZE, Look, laid_out
from dashboard.text import for_chart

BEFORE, AFTER = 0.001, 0.999
"""Where the two columns stand; the ends themselves would be taken as not given."""


def move_flow(moves: pl.DataFrame, names: Sequence[str], look: Look) -> go.Figure:
    """A band per row of `before, after, number`, as thick as its number; rows in the order from the top.

    `names` all that can stand on either side, in the order of their colours, so that a level has the same one everywhere.
    The two sides are apart: what is called alike before and after is two boxes, each with its sum.
    """
    sides = [moves[side].unique(maintain_order=True).to_list() for side in ("before", "after")]
    sums = [dict(moves.group_by(side).agg(pl.col("number").sum()).iter_rows()) for side in ("before", "after")]
    boxes = [(side, name) for side in (0, 1) for name in sides[side]]
    place = {box: at for at, box in enumerate(boxes)}
    colours = {name: look.colour(at) for at, name in enumerate(names)}
    rows = moves.select("before", "after", "number").rows()
    flow = go.Sankey(
        arrangement="snap",
        node={
            "label": [f"{for_chart(name)}: {sums[side][name]:,}" for side, name in boxes],
            "color": [colours[name] for _, name in boxes],
            "x": [AFTER if side else BEFORE for side, _ in boxes],
            "y": [_height(sides[side], sums[side], name) for side, name in boxes],
            "pad": 28,
            "thickness": 16,
            "line": {"color": look.text, "width": 1},
            "hovertemplate": "%{label}<extra></extra>",
        },
        link={
            "source": [place[0, before] for before, _, _ in rows],
            "target": [place[1, after] for _, after, _ in rows],
            "value": [number for _, _, number in rows],
            "color": [_pale(colours[before]) for before, _, _ in rows],
            "customdata": [f"{for_chart(before)} → {for_chart(after)}: {number:,}" for before, after, number in rows],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        textfont={"color": look.text, "size": FONT_SIZE, "shadow": "none"},
    )
    return laid_out(
        [flow],
        look,
        height=120 + 64 * max(1, *(len(each) for each in sides)),
        x={"visible": False},
        y={"visible": False},
        margin={"l": 8, "r": 8, "t": 16, "b": 16},
    )


def _height(names: list[str], sums: dict[str, int], name: str) -> float:
    """How far down the middle of a box stands, 0 to 1, so that they keep the order of the rows."""
    total = sum(sums.values())
    above = sum(sums[each] for each in names[: names.index(name)])
    return min(max((above + sums[name] / 2) / total, 0.001), 0.999)


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.45)"


def move_flow_alt(moves: pl.DataFrame, what: str) -> str:
    """The chart in words."""
    said = "; ".join(
        f"{before} to {after} {number:,}"
        for before, after, number in moves.select("before", "after", "number").iter_rows()
    )
    return f"Flow chart of {what}. {said or 'Nobody entered, moved or left'}."
