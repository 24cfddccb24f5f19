"""Rates as points and bars, always beside their target and with numerator and denominator at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboard import words
from dashboard.figures.style import BAR_HEIGHT, DASHES, MARKERS, Look, laid_out
from dashboard.text import for_chart, wrapped_for_chart

_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]


def _per_cent_axis() -> dict[str, object]:
    return {"range": [-0.03, 1.06], "tickvals": _TICKS, "tickformat": ".0%", "zeroline": False}


def rate_bars(rows: pl.DataFrame, names: Sequence[str], look: Look) -> go.Figure:
    """One bar per row of results in the order given, n of N beside it, the target as a line, missing records as a thin line on.

    `rows` as results, with a rate where anything was owed; `names` what each row is called.
    """
    shown = [for_chart(name) for name in names]
    ticks = [wrapped_for_chart(name) for name in names]
    rates = [rate or 0.0 for rate in rows["rate"]]
    extra = [(best or 0.0) - (rate or 0.0) for best, rate in zip(rows["best"], rows["rate"], strict=True)]
    said = [
        f"{words.percent(row['rate'])} ({words.of(row['met'], row['owed'])})" if row["owed"] else "nothing due"
        for row in rows.iter_rows(named=True)
    ]
    bars = go.Bar(
        x=rates,
        y=list(range(len(shown))),
        orientation="h",
        marker={"color": look.colour(0)},
        error_x={
            "type": "data",
            "array": extra,
            "arrayminus": [0.0] * len(extra),
            "symmetric": False,
            "color": look.text,
            "thickness": 2,
            "width": 5,
            "visible": any(extra),
        },
        customdata=list(zip(shown, said, strict=True)),
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    figure = laid_out(go.Figure(bars), look, height=76 + BAR_HEIGHT * max(1, len(shown)))
    for place, text in enumerate(said):
        figure.add_annotation(
            x=1.04, y=place, text=text, showarrow=False, xanchor="left", font={"color": look.text, "size": 13}
        )
    target = _target_of(rows)
    if target is not None:
        figure.add_vline(x=target, line={"color": look.colour(1), "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=target, y=1, yref="paper", yanchor="bottom", showarrow=False,
            text=f"target {words.target_percent(target)}", font={"color": look.text, "size": 13},
        )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(shown))), ticktext=ticks, autorange="reversed", showgrid=False
    )
    figure.update_xaxes(**{**_per_cent_axis(), "range": [0, 1.5]})
    figure.update_layout(margin_t=28)
    return figure


def rate_bars_alt(rows: pl.DataFrame, names: Sequence[str], what: str) -> str:
    """The chart in words."""
    said = "; ".join(
        f"{name} {words.percent(row['rate'])} ({words.of(row['met'], row['owed'])})"
        for name, row in zip(names, rows.iter_rows(named=True), strict=True)
    )
    return f"Bar chart of {what}. {said or 'Nothing was due'}.{_target_alt(_target_of(rows))}"


def trend_lines(series: Sequence[tuple[str, pl.DataFrame]], periods: Sequence[str], look: Look) -> go.Figure:
    """A line per series of results by quarter, with a gap where nothing was due; colour, dash and marker tell series apart.

    `series` pairs of a name and its results, any order, at most one row per period · `periods` the names of all quarters,
    oldest first. Where records are missing, a thin upright line runs from the worst to the best that the figure could be.
    """
    figure = go.Figure()
    target = None
    for place, (name, rows) in enumerate(series):
        by_period = {row["period"]: row for row in rows.iter_rows(named=True)}
        told = [by_period.get(each) for each in periods]
        rates = [None if row is None else row["rate"] for row in told]
        up = [
            (row["best"] - row["rate"]) if row is not None and row["unknown"] and row["owed"] else 0.0 for row in told
        ]
        said = [_point(row) for row in told]
        colour = look.colour(place)
        figure.add_scatter(
            x=list(periods),
            y=rates,
            mode="lines+markers",
            connectgaps=False,
            name=for_chart(name),
            line={"color": colour, "width": 2.5, "dash": DASHES[place % len(DASHES)]},
            marker={"symbol": MARKERS[place % len(MARKERS)], "size": 9, "color": colour},
            error_y={
                "type": "data", "array": up, "arrayminus": [0.0] * len(up), "symmetric": False,
                "color": look.text, "thickness": 1.5, "width": 4, "visible": any(up),
            },
            customdata=said,
            hovertemplate="%{x}: %{customdata}<extra>" + (for_chart(name) if len(series) > 1 else "") + "</extra>",
        )  # fmt: skip
        target = _target_of(rows) if target is None else target
    if target is not None:
        figure.add_hline(y=target, line={"color": look.colour(1), "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=target, yanchor="bottom", showarrow=False,
            text=f"target {words.target_percent(target)}", font={"color": look.text, "size": 13},
        )  # fmt: skip
    figure = laid_out(figure, look, height=380, legend=len(series) > 1)
    figure.update_yaxes(**_per_cent_axis())
    figure.update_xaxes(categoryorder="array", categoryarray=list(periods), type="category", showgrid=False)
    figure.update_xaxes(range=[-0.5, len(periods) - 0.5])
    return figure


def trend_alt(series: Sequence[tuple[str, pl.DataFrame]], what: str) -> str:
    """The chart in words: each series' first and last figures; the table beside it holds all of them."""
    said = []
    for name, rows in series:
        due = [row for row in rows.sort("period_start").iter_rows(named=True) if row["owed"]]
        if not due:
            said.append(f"{name}: nothing was due")
            continue
        first, last = due[0], due[-1]
        said.append(
            f"{name}: {words.percent(first['rate'])} in {first['period']}, {words.percent(last['rate'])} in {last['period']}"
        )
    target = next((wanted for _, rows in series if (wanted := _target_of(rows)) is not None), None)
    return f"Line chart of {what} by quarter. {'; '.join(said)}.{_target_alt(target)}"


def _point(row: dict[str, Any] | None) -> str:
    if row is None or not row["owed"]:
        return "nothing due"
    missing = f", {row['unknown']} missing" if row["unknown"] else ""
    return f"{words.percent(row['rate'])} ({words.of(row['met'], row['owed'])}{missing})"


def _target_of(rows: pl.DataFrame) -> float | None:
    known = rows["target"].drop_nulls()
    return float(known[-1]) if known.len() else None


def _target_alt(target: float | None) -> str:
    return "" if target is None else f" The target is {words.target_percent(target)}."
