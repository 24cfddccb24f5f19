"""A process-behaviour chart: points, centre line, limits, restarts set by hand, and signals told by shape and word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.basedatatypes import BaseTraceType

from dashboard import signals, words
from dashboard.figures.rates import quarters_below
from dashboard.figures.style import LINES_ALONE, Look, laid_out, upright, upwards
from dashboard.signals import KINDS, Kind
from dashboard.text import for_chart, wrapped_for_chart
from kpis.process_limits import TRIAL

SHAPES: dict[Kind, str] = {"outside": "diamond", "one_side": "square", "steady": "triangle-up"}
"""Signal → marker; what is usual is a circle, what is not over yet an open one."""

_ROOM = 0.28
"""Above the figures, as a share of them, for the reasons of restarts."""


def process_chart(line: pl.DataFrame, look: Look, *, counted: bool = False) -> go.Figure:
    """One line as of `dashboard.signals.line_of`: rates, or with `counted` numbers."""
    periods = line["period"].to_list()
    traces = _limits(line, look)
    marks = signals.marks(line)
    text = [_hover(row, mark, counted=counted) for row, mark in zip(line.iter_rows(named=True), marks, strict=True)]
    traces.append(
        go.Scatter(
            x=periods,
            y=line["shown"].to_list(),
            mode="lines+markers",
            connectgaps=False,
            name="within the usual variation" if signals.has_limits(line) else "the figure",
            line={"color": look.colour(0), "width": 2.5},
            marker={
                "symbol": ["circle-open" if running else "circle" for running in line["running"]],
                "size": 9,
                "color": look.colour(0),
            },
            customdata=text,
            hovertemplate="%{x}: %{customdata}<extra></extra>",
        )
    )
    for kind, name in KINDS.items():
        places = [place for place, mark in enumerate(marks) if mark == kind]
        if places:
            traces.append(
                go.Scatter(
                    x=[periods[place] for place in places],
                    y=[line["shown"][place] for place in places],
                    mode="markers",
                    name=name,
                    marker={
                        "symbol": SHAPES[kind],
                        "size": 14,
                        "color": look.colour(1),
                        "line": {"color": look.text, "width": 1.5},
                    },
                    hoverinfo="skip",
                )
            )
    if not counted:
        traces += [*_missing(line, look), *_target(line, look)]
    restarts = _restarts(line)
    room = _ROOM if restarts else 0.0
    lines: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    for place, reason in restarts:
        lines.append(upright(place - 0.5, {"color": look.text, "width": 1.5, "dash": "dot"}))
        written.append(
            {
                "x": place - 0.5,
                "y": 1,
                "yref": "paper",
                "xanchor": "left" if place < len(periods) / 2 else "right",
                "yanchor": "top",
                "align": "left",
                "showarrow": False,
                "text": f"set anew: {wrapped_for_chart(reason, 34)}",
                "font": {"color": look.text, "size": 13},
            }
        )
    return laid_out(
        traces,
        look,
        height=440 if restarts else 400,
        legend=True,
        x=quarters_below(periods),
        y=_count_axis(line, room) if counted else _rate_axis(room),
        shapes=lines,
        annotations=written,
    )


def _rate_axis(room: float) -> dict[str, Any]:
    return {"range": [-0.03, 1.05 + room], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%", "zeroline": False}


def _count_axis(line: pl.DataFrame, room: float) -> dict[str, Any]:
    highest = max([*line["shown"].drop_nulls(), *line["upper"].drop_nulls(), 1])
    return {"range": [-0.03 * highest, highest * (1.05 + room)], "tickformat": ",d", "zeroline": False, "nticks": 6}


def _limits(line: pl.DataFrame, look: Look) -> list[BaseTraceType]:
    """Centre line and limits of each stretch, from its first quarter to its last."""
    traces: list[BaseTraceType] = []
    named: set[str] = set()
    for _, rows in line.filter(pl.col("centre").is_not_null()).group_by("stretch", maintain_order=True):
        trial = rows["state"][0] == TRIAL
        across = rows["period"].to_list()
        limits = "trial limits" if trial else "limits"
        for column, name, dash, width in (
            ("centre", "average", "solid", 1.5),
            ("upper", limits, "dot" if trial else "dashdot", 1.5),
            ("lower", limits, "dot" if trial else "dashdot", 1.5),
        ):
            traces.append(
                go.Scatter(
                    x=across,
                    y=rows[column].to_list(),
                    mode="lines",
                    name=name,
                    legendgroup=name,
                    showlegend=name not in named,
                    line={"color": look.text, "width": width, "dash": dash},
                    hoverinfo="skip",
                )
            )
            named.add(name)
    return traces


def _missing(line: pl.DataFrame, look: Look) -> list[BaseTraceType]:
    """Upright lines from what is known to the best it could be."""
    open_ = line.filter(
        pl.col("shown").is_not_null() & (pl.col("unknown").fill_null(0) > 0) & pl.col("best").is_not_null()
    )
    if not open_.height:
        return []
    to_best = upwards((open_["best"] - open_["rate"]).to_list(), look)
    return [go.Scatter(x=open_["period"].to_list(), y=open_["rate"].to_list(), error_y=to_best, **LINES_ALONE)]


def _target(line: pl.DataFrame, look: Look) -> list[BaseTraceType]:
    targets = line["target"].fill_null(strategy="forward").fill_null(strategy="backward").to_list()
    known = {each for each in targets if each is not None}
    if not known:
        return []
    return [
        go.Scatter(
            x=line["period"].to_list(),
            y=targets,
            mode="lines",
            name=f"target {words.target_percent(known.pop())}" if len(known) == 1 else "target",
            line={"color": look.text, "width": 2.5, "dash": "dash", "shape": "hvh"},
            hoverinfo="skip",
        )
    ]


def _restarts(line: pl.DataFrame) -> list[tuple[int, str]]:
    """The place of each restart's first quarter, with its reason."""
    told: list[tuple[int, str]] = []
    stretches = line["stretch"].to_list()
    for place, (stretch, reason) in enumerate(zip(stretches, line["reason"].to_list(), strict=True)):
        if reason is not None and (place == 0 or stretches[place - 1] != stretch):
            told.append((place, reason))
    return told


def _hover(row: dict[str, Any], mark: Kind | None, *, counted: bool) -> str:
    if row["shown"] is None:
        return words.SUPPRESSED if words.is_suppressed(row) else "nothing due"
    said = f"{row['owed']:,}" if counted else words.rate_of(row)
    running = ", not over yet" if row["running"] else ""
    return for_chart(f"{said}{running}{f'; {KINDS[mark]}' if mark else ''}")


def process_alt(
    line: pl.DataFrame, what: str, said: Sequence[str], basis: Sequence[str], *, counted: bool = False
) -> str:
    """The chart in words: first and last figures; `said` sentences on signals, `basis` on the average and the limits."""
    told = [row for row in line.iter_rows(named=True) if row["shown"] is not None]
    if not told:
        return f"Process-behaviour chart of {what} by quarter. There is no figure to draw."
    first, last = told[0], told[-1]
    each = [f"{row['owed']:,}" if counted else words.rate_of(row) for row in (first, last)]
    ends = f"{each[0]} in {first['period']}, {each[1]} in {last['period']}."
    signal = " ".join(said) if said else "No signal."
    return f"Process-behaviour chart of {what} by quarter. {ends} {' '.join(basis)} {signal}"
