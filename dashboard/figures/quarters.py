"""A measure over its last periods, drawn without a script: a small line for a table, and one that fills a screen.

Positions are shares of the place that the drawing is given and its letters are the page's own, so that it is as legible on a
projector as on a telephone. Every text in it is escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl

from dashboard import words
from dashboard.figures.style import Look
from dashboard.headlines import told_rate
from kpis.periods import Period
from kpis.results import HEADLINE

EIGHT = 8
"""So many periods are looked back on, the one shown among them."""

_SHARES = (0.0, 0.5, 1.0)
"""Drawn as lines of the grid, and named beside it."""

_ROOM = 15.0
"""Room above 100 % and below 0 % for what is written there, in per cent of the height."""


@dataclass(frozen=True)
class Point:
    """One period's figure: `row` of results, None where there is none."""

    period: str
    row: Mapping[str, Any] | None

    @property
    def rate(self) -> float | None:
        """The rate, where one can be told."""
        return told_rate(self.row)

    @property
    def target(self) -> float | None:
        """The target of the period: another may be in force in each."""
        return None if self.row is None else self.row["target"]

    @property
    def best(self) -> float | None:
        """The best it could be, where records are missing."""
        return self.row["best"] if self.row is not None and self.row["owed"] and self.row["unknown"] else None

    @property
    def said(self) -> str:
        """The figure in words."""
        if self.row is None or not self.row["owed"]:
            return "not supplied" if self.row is not None and self.row["verdict"] == "not supplied" else "nothing due"
        missing = f", {self.row['unknown']:,} not known" if self.row["unknown"] else ""
        rate = self.rate
        figure = words.of(self.row["met"], self.row["owed"])
        return f"{figure}{missing}" if rate is None else f"{words.percent(rate)} ({figure}{missing})"


def points(results: pl.DataFrame, measure: str, period: Period, periods: Sequence[Period]) -> list[Point]:
    """The last periods of the same kind up to this one, oldest first: quarters beside quarters, years beside years."""
    same = sorted(each for each in periods if each.kind == period.kind and each.end <= period.end)[-EIGHT:]
    rows = results.filter(measure=measure, by=HEADLINE)
    found = {row["period"]: row for row in rows.iter_rows(named=True)}
    return [Point(each.name, found.get(each.name)) for each in same]


def alt(told: Sequence[Point]) -> str:
    """Every figure of the drawing in words."""
    wanted = words.targets_over([(each.period, each.target) for each in told if each.row is not None])
    return (
        f"{'; '.join(f'{each.period}: {each.said}' for each in told)}.{f' The target is {wanted}.' if wanted else ''}"
    )


def is_empty(told: Sequence[Point]) -> bool:
    """Whether there is nothing to draw."""
    return all(each.rate is None and each.best is None for each in told)


def small(told: Sequence[Point], look: Look) -> str:
    """A line for the cell of a table, as HTML; what it shows is said in its label."""
    return f'<span class="spark">{_image(told, look, _SMALL, f"Trend. {alt(told)}")}</span>'


def large(told: Sequence[Point], look: Look) -> str:
    """A drawing that fills its place, as HTML: rates above the points, n of N and the period below."""
    if is_empty(told):
        return ""
    shares = "".join(f"<span {_placed(share)}>{words.target_percent(share)}</span>" for share in _SHARES)
    target = told[-1].target
    wanted = "" if target is None else f"<span {_placed(target)}>target<br>{words.target_percent(target)}</span>"
    rates = "".join(_label(told, place, x, look) for place, x in enumerate(_places(told)))
    below = "".join(_below(each) for each in told)
    return (
        f'<div class="quarters-box"><div class="quarters"><div class="quarters-axis" aria-hidden="true">{shares}</div>'
        f'<div class="quarters-plot">{_image(told, look, _LARGE, f"Line chart. {alt(told)}")}'
        f'<div aria-hidden="true">{rates}</div></div>'
        f'<div class="quarters-target" aria-hidden="true">{wanted}</div>'
        f'<div class="quarters-below" aria-hidden="true" style="grid-template-columns:repeat({len(told)},1fr)">{below}</div>'
        "</div></div>"
    )


def _placed(share: float) -> str:
    return f'style="top:{_height(share):.2f}%"'


def _places(told: Sequence[Point]) -> list[float]:
    return [100 * (number + 0.5) / len(told) for number in range(len(told))]


def _under(told: Sequence[Point], place: int) -> bool:
    """Whether a rate is written below its point: where a line runs up from there, to the best or to both neighbours."""
    here = told[place].rate
    if told[place].best is not None or here is None:
        return True
    beside = [
        each.rate for each in (*told[max(place - 1, 0) : place], *told[place + 1 : place + 2]) if each.rate is not None
    ]
    return bool(beside) and here < 1 and sum(beside) / len(beside) > here + 0.02


def _label(told: Sequence[Point], place: int, x: float, look: Look) -> str:
    rate = told[place].rate
    if rate is None:
        return ""
    side = "quarters-under" if _under(told, place) else "quarters-over"
    said = f"<b>{words.percent(rate)}</b>" if place == len(told) - 1 else words.percent(rate)
    halo = ",".join(f"0 0 4px {look.ground}" for _ in range(6))
    return f'<span class="{side}" style="left:{x:.2f}%;top:{_height(rate):.2f}%;text-shadow:{halo}">{said}</span>'


def _below(point: Point) -> str:
    year, _, quarter = point.period.rpartition("-")
    name = f"{escape(quarter)}<br>{escape(year)}" if year and quarter.startswith("Q") else escape(point.period)
    row = point.row
    if row is None or not row["owed"]:
        return f"<span>{words.DASH}<br><b>{name}</b></span>"
    return f"<span>{row['met']:,}<br>of {row['owed']:,}<br><b>{name}</b></span>"


def _height(share: float, room: float = _ROOM) -> float:
    """Where a share lies, from the top, in per cent."""
    return room + (1 - share) * (100 - 2 * room)


@dataclass(frozen=True)
class _Strokes:
    """Widths and sizes in pixels."""

    line: float
    target: float
    dashes: str
    open: float
    point: float
    last: float
    grid: bool
    room: float

    def height(self, share: float) -> float:
        """Where a share lies, from the top, in per cent."""
        return _height(share, self.room)


_SMALL = _Strokes(line=2, target=2, dashes="5 3", open=1.5, point=2.5, last=4, grid=False, room=8)
_LARGE = _Strokes(line=5, target=4, dashes="12 8", open=3, point=8, last=11, grid=True, room=_ROOM)


_FINER = "<style>@media(max-width:480px){circle[r='11']{r:6px}circle[r='8']{r:4px}line{stroke-width:2px}}</style>"
"""Where the drawing is small, its strokes are too."""


def _image(told: Sequence[Point], look: Look, strokes: _Strokes, said: str) -> str:
    """Points joined where they follow one another, thin lines up to the best, the target dashed.

    An image within the page: Streamlit lets no drawing through that is part of the page itself.
    """
    at = _places(told)
    parts = [
        _line(0, strokes.height(share), 100, strokes.height(share), look.faint, 1) for share in _SHARES if strokes.grid
    ]
    dashed = f'stroke-dasharray="{strokes.dashes}"'
    for begins, ends, target in _targets(told):
        height = strokes.height(target)
        parts.append(_line(begins, height, ends, height, look.colour(1), strokes.target, dashed))
    for here, after, x, next_x in zip(told, told[1:], at, at[1:], strict=False):
        if here.rate is not None and after.rate is not None:
            parts.append(
                _line(x, strokes.height(here.rate), next_x, strokes.height(after.rate), look.colour(0), strokes.line)
            )
    for point, x in zip(told, at, strict=True):
        if point.best is not None and point.row is not None:
            parts.append(
                _line(x, strokes.height(point.row["worst"]), x, strokes.height(point.best), look.text, strokes.open)
            )
        if point.rate is not None:
            radius = strokes.last if point is told[-1] else strokes.point
            parts.append(
                f'<circle cx="{x:.2f}%" cy="{strokes.height(point.rate):.2f}%" r="{radius}" fill="{look.colour(0)}"/>'
            )
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%">{_FINER}{"".join(parts)}</svg>'
    packed = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="{escape(said, quote=True)}" src="data:image/svg+xml;base64,{packed}">'


def _targets(told: Sequence[Point]) -> list[tuple[float, float, float]]:
    """The stretches of one and the same target, in per cent of the width: from, to, the target."""
    stretches: list[tuple[float, float, float]] = []
    for number, point in enumerate(told):
        begins, ends = 100 * number / len(told), 100 * (number + 1) / len(told)
        if point.target is None:
            continue
        if stretches and stretches[-1][1] == begins and stretches[-1][2] == point.target:
            begins = stretches.pop()[0]
        stretches.append((begins, ends, point.target))
    return stretches


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, width: float, more: str = "") -> str:
    return (
        f'<line x1="{x:.2f}%" y1="{y:.2f}%" x2="{to_x:.2f}%" y2="{to_y:.2f}%" '
        f'stroke="{colour}" stroke-width="{width}" {more}/>'
    )
