"""Rates as points and bars, always beside their target and with numerator and denominator at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.basedatatypes import BaseTraceType

from dashboard import words
from dashboard.figures.style import (
    BAR_HEIGHT,
    DASHES,
    LINES_ALONE,
    MARKERS,
    Look,
    laid_out,
    rows_below,
    upright,
    upwards,
)
from dashboard.text import for_chart, wrapped_for_chart

_TICKS = [0, 0.25, 0.5, 0.75, 1]

EVERY_LABEL = 9
"""Up to so many quarters each is named under the axis; of more, the first of each year."""


def rate_bars(rows: pl.DataFrame, names: Sequence[str], look: Look) -> go.Figure:
    """One bar per row of results in the order given, with its rate and n of N under its name, and the target as a line.

    `rows` as results · `names` what each row is called. Where records are missing, a thin line runs on to the best that the
    figure could be.
    """
    told = list(rows.iter_rows(named=True))
    said = [for_chart(words.rate_of(row)) for row in told]
    ticks = [f"{wrapped_for_chart(name)}<br>{text}" for name, text in zip(names, said, strict=True)]
    bars = go.Bar(
        x=[row["rate"] or 0.0 for row in told],
        y=list(range(len(told))),
        orientation="h",
        marker={"color": look.colour(0)},
        customdata=list(zip((for_chart(name) for name in names), said, strict=True)),
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    traces: list[BaseTraceType] = [bars]
    open_ = {place: row for place, row in enumerate(told) if row["owed"] and row["unknown"]}
    if open_:
        rates = [row["rate"] for row in open_.values()]
        to_best = upwards(_to_best(open_.values()), look)
        traces.append(go.Scatter(x=rates, y=list(open_), error_x=to_best, **LINES_ALONE))
    target = _target_of(rows)
    return laid_out(
        traces,
        look,
        height=76 + (BAR_HEIGHT + 12) * max(1, len(told)),
        x={"range": [0, 1.02], "tickvals": _TICKS, "tickformat": ".0%", "zeroline": False, "tickangle": 0},
        y=rows_below(ticks),
        margin={"l": 8, "r": 24, "t": 28, "b": 8},
        **({} if target is None else _target_line(target, look)),
    )


def _target_line(target: float, look: Look) -> dict[str, Any]:
    """The target with its words above it, as parts of a layout."""
    words_above = {
        "x": target,
        "y": 1,
        "yref": "paper",
        "xanchor": "right" if target > 0.5 else "left",
        "yanchor": "bottom",
        "showarrow": False,
        "text": _target_words(target),
        "font": {"color": look.text, "size": 13},
    }
    line = upright(target, {"color": look.colour(1), "width": 3, "dash": "dash"})
    return {"shapes": [line], "annotations": [words_above]}


def rate_bars_alt(rows: pl.DataFrame, names: Sequence[str], what: str) -> str:
    """The chart in words."""
    told = zip(names, rows.iter_rows(named=True), strict=True)
    said = "; ".join(f"{name} {words.rate_of(row)}" for name, row in told)
    return f"Bar chart of {what}. {said or 'Nothing was due'}.{_target_alt(_target_of(rows))}"


def trend_lines(series: Sequence[tuple[str, pl.DataFrame]], periods: Sequence[str], look: Look) -> go.Figure:
    """A line per series of results by quarter, with a gap where nothing was due; colour, dash and marker tell series apart.

    `series` pairs of a name and its results, any order, at most one row per period · `periods` the names of all quarters,
    oldest first. Where records are missing, a thin upright line runs from the worst to the best that the figure could be.
    """
    traces: list[BaseTraceType] = []
    for place, (name, rows) in enumerate(series):
        by_period = {row["period"]: row for row in rows.iter_rows(named=True)}
        told = [by_period.get(each) for each in periods]
        colour = look.colour(place)
        traces.append(
            go.Scatter(
                x=list(periods),
                y=[None if row is None else row["rate"] for row in told],
                mode="lines+markers",
                connectgaps=False,
                name=for_chart(name),
                line={"color": colour, "width": 2.5, "dash": DASHES[place % len(DASHES)]},
                marker={"symbol": MARKERS[place % len(MARKERS)], "size": 9, "color": colour},
                customdata=[_point(row) for row in told],
                hovertemplate="%{x}: %{customdata}<extra>" + (for_chart(name) if len(series) > 1 else "") + "</extra>",
            )
        )
        open_ = {row["period"]: row for row in told if row is not None and row["unknown"] and row["best"] is not None}
        if open_:
            rates = [row["rate"] for row in open_.values()]
            to_best = upwards(_to_best(open_.values()), look)
            traces.append(go.Scatter(x=list(open_), y=rates, error_y=to_best, **LINES_ALONE))
    targets = _targets(series, periods)
    if any(each is not None for each in targets):
        traces.append(
            go.Scatter(
                x=list(periods),
                y=targets,
                mode="lines",
                name="target" if len(set(targets)) > 1 else _target_words(targets[0]),
                line={"color": look.text, "width": 2, "dash": "dash", "shape": "hvh"},
                hoverinfo="skip",
            )
        )
    return laid_out(
        traces,
        look,
        height=380,
        legend=True,
        x=quarters_below(periods),
        y={"range": [-0.03, 1.05], "tickvals": _TICKS, "tickformat": ".0%", "zeroline": False},
    )


def quarters_below(periods: Sequence[str]) -> dict[str, Any]:
    """An axis of quarters, upright and with room between: `2023-Q4` is written Q4 above 2023."""
    marked = [each for each in periods if len(periods) <= EVERY_LABEL or each.endswith("-Q1")] or list(periods[:1])
    labels = [f"{each.rpartition('-')[2]}<br>{each.rpartition('-')[0]}" for each in marked]
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(periods),
        "range": [-0.5, len(periods) - 0.5],
        "tickmode": "array",
        "tickvals": marked,
        "ticktext": labels,
        "tickangle": 0,
        "ticks": "outside",
        "showgrid": False,
    }


def trend_alt(series: Sequence[tuple[str, pl.DataFrame]], what: str) -> str:
    """The chart in words: each series' first and last figures; the table beside it holds all of them."""
    said = []
    for name, rows in series:
        due = [
            row for row in rows.sort("period_start").iter_rows(named=True) if row["owed"] or words.is_suppressed(row)
        ]
        if not due:
            said.append(f"{name}: nothing was due")
            continue
        first, last = due[0], due[-1]
        said.append(f"{name}: {words.rate_of(first)} in {first['period']}, {words.rate_of(last)} in {last['period']}")
    periods = sorted({period for _, rows in series for period in rows["period"]})
    changed = words.targets_over(list(zip(periods, _targets(series, periods), strict=True)))
    return f"Line chart of {what} by quarter. {'; '.join(said)}.{f' The target is {changed}.' if changed else ''}"


def _to_best(told: Iterable[dict[str, Any]]) -> list[float]:
    """From what is known to the best it could be."""
    return [row["best"] - row["rate"] for row in told]


def _point(row: dict[str, Any] | None) -> str:
    if row is None or (row["owed"] is None and not words.is_suppressed(row)) or row["owed"] == 0:
        return "nothing due"
    missing = f", {row['unknown']:,} missing" if row["unknown"] else ""
    return f"{words.rate_of(row)}{missing}"


def _targets(series: Sequence[tuple[str, pl.DataFrame]], periods: Sequence[str]) -> list[float | None]:
    """The target of each period; one in which no series has a row of its own has that of its neighbour."""
    known: dict[str, float | None] = {}
    for _, rows in series:
        for period, target in rows.filter(pl.col("period_start").is_not_null()).select("period", "target").iter_rows():
            known[period] = known.get(period) if target is None else target
    targets, last = [], next((known[each] for each in periods if each in known), None)
    for each in periods:
        last = known.get(each, last)
        targets.append(last)
    return targets


def _target_words(target: float | None) -> str:
    return "target" if target is None else f"target {words.target_percent(target)}"


def _target_of(rows: pl.DataFrame) -> float | None:
    known = rows["target"].drop_nulls()
    return float(known[-1]) if known.len() else None


def _target_alt(target: float | None) -> str:
    return "" if target is None else f" The target is {words.target_percent(target)}."
