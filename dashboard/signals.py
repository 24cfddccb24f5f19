"""One line of a trend read as a process-behaviour chart: its centre line, its limits, and each signal in words (domain 4.8).

Pure functions over results as the page shows them: a quarter whose figure is not shown takes no part, so that neither a limit nor a
signal gives it away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal

import polars as pl

from dashboard import words
from dashboard.text import s
from kpis.process_limits import ALL_ONE_WAY, LEAST, LEAST_FULL, RESTARTS, TOO_FEW, TRIAL, process_limits
from kpis.suppression import SUPPRESSED

Kind = Literal["outside", "one_side", "steady"]

KINDS: dict[Kind, str] = {
    "outside": "outside the limits",
    "one_side": "eight or more on one side of the average",
    "steady": "six or more all rising or falling",
}
"""Signal → what it is called in the legend; where a point bears several, the first counts."""

_SHORT: dict[Kind, str] = {
    "outside": "outside limits",
    "one_side": "run on one side",
    "steady": "steady rise or fall",
}
"""The same for a narrow column."""

_ALONE = "so that neighbours move together by themselves. The method needs points that stand each for itself."
_TWELVE = f"No limits are drawn: each point covers twelve months and shares nine of them with the next, {_ALONE}"
_STOCK = (
    f"No limits are drawn: each point counts who was there on a day, mostly the same people as on the last, {_ALONE}"
)


def overlapping(declared: Mapping[str, Any], *, counted: bool) -> str:
    """Why a measure's points have no limits because they share records with their neighbours; empty where they do not."""
    if declared["window"] == "12 months":
        return _TWELVE
    return _STOCK if counted and declared["window"] == "last day" else ""


MOST_HIDDEN = 0.25
"""No limits are drawn where more than this share of a stretch's quarters is not shown: it is figures of a kind that are missing."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class Signal:
    """Something out of the ordinary: `first` to `last` the quarters, `points` how many, `way` above, below, rising or falling.

    `now`: it lasts up to the latest quarter that takes part · `value` the latest rate or count in it · `centre` the average ·
    `hidden` quarters between the first and the last that are not shown, and so may have been otherwise.
    """

    kind: Kind
    first: str
    last: str
    points: int
    way: Literal["above", "below", "rising", "falling"]
    now: bool
    value: float
    centre: float
    hidden: int = 0


def line_of(
    rows: pl.DataFrame,
    calendar: pl.DataFrame,
    as_at: date,
    restarts: pl.DataFrame | None = None,
    *,
    counted: bool = False,
    overlapping: bool = False,
) -> pl.DataFrame:
    """A row for every quarter of the `calendar` (`period, period_start, period_end`), oldest first: results, limits and signals.

    `rows` one line's results, at most one per quarter · `counted` it is the number owed that is followed, not a rate ·
    `overlapping` points share records with their neighbours, and so have no limits · columns: those of results and of `LIMITS`,
    `shown` what is drawn, `running` where the quarter is not over, `hidden` where its figure is not shown for its small counts, and
    `left_out` how many quarters of the stretch are. Neither a running quarter nor one of which nothing is
    known takes part in limits.
    """
    own = [name for name in rows.columns if name not in {"period_start", "period_end"}]
    every = calendar.join(rows.select(own), on="period", how="left", maintain_order="left")
    known = pl.col("owed").is_not_null() & (pl.col("unknown").fill_null(0) < pl.col("owed"))
    drawn = pl.col("owed").cast(pl.Float64) if counted else pl.when(known).then("rate")
    told = every.with_columns(
        shown=drawn,
        running=pl.col("period_end") > as_at,
        hidden=pl.col("owed" if counted else "rate").is_null()
        & (pl.col(SUPPRESSED).list.len() > 0).fill_null(value=False),
    )
    taken = pl.lit(None, dtype=pl.Float64) if overlapping else pl.when(~pl.col("running")).then("shown")
    points = told.select("hidden", on="period_start", value=taken)
    within = (0.0, math.inf) if counted else (0.0, 1.0)
    stretch = process_limits(points.drop("hidden"), restarts, within)["stretch"]
    left_out = pl.col("hidden").sum().over("stretch")
    enough = left_out <= MOST_HIDDEN * (left_out + pl.col("value").count().over("stretch"))
    kept = points.with_columns(stretch=stretch).with_columns(
        pl.when(enough).then("value").alias("value"), left_out=left_out
    )
    limits = process_limits(kept.select("on", "value"), restarts, within)
    return pl.concat([told, limits.select(pl.exclude("on")), kept.select("left_out")], how="horizontal")


def restarts_for(restarts: Iterable[Any], measure: str, by: str, unit: str | None) -> pl.DataFrame:
    """The restarts that the settings set for one line (columns: `kpis.process_limits.RESTARTS`)."""
    found = [
        (each.start, each.reason) for each in restarts if (each.measure, each.by, each.unit) == (measure, by, unit)
    ]
    return pl.DataFrame(found, schema=RESTARTS, orient="row").sort("on")


def signals(line: pl.DataFrame) -> list[Signal]:
    """The signals of a line as of `line_of`, oldest first."""
    taking_part = line.filter(pl.col("value").is_not_null())
    latest = taking_part["period"][-1] if taking_part.height else None
    found: list[tuple[int, Signal]] = []
    for _, stretch in taking_part.with_row_index("place").group_by("stretch", maintain_order=True):
        rows = list(stretch.iter_rows(named=True))
        for kind, run, way in [*_outside(rows), *_one_side(rows), *_steady(rows)]:
            last = run[-1]
            now = last["period"] == latest
            between = pl.col("period_start").is_between(run[0]["period_start"], last["period_start"]) & pl.col("hidden")
            signal = Signal(
                kind,
                run[0]["period"],
                last["period"],
                len(run),
                way,
                now,
                last["value"],
                last["centre"],
                line.select(between.sum()).item(),
            )
            found.append((run[0]["place"], signal))
    return [each for _, each in sorted(found, key=lambda one: one[0])]


def _outside(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[Kind, list[dict[str, Any]], Any]]:
    for row in rows:
        if row["outside"]:
            yield "outside", [row], "above" if row["value"] > row["centre"] else "below"


def _one_side(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[Kind, list[dict[str, Any]], Any]]:
    run: list[dict[str, Any]] = []
    for row in rows:
        if run and row["one_side"] and _above(row) == _above(run[-1]):
            run.append(row)
            continue
        if run:
            yield "one_side", run, "above" if _above(run[0]) else "below"
        run = [row] if row["one_side"] else []
    if run:
        yield "one_side", run, "above" if _above(run[0]) else "below"


def _above(row: Mapping[str, Any]) -> bool:
    return row["value"] > row["centre"]


def _steady(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[Kind, list[dict[str, Any]], Any]]:
    """Of neighbours that bear the signal, those that go one way; a turn belongs to the run before it and to the one after."""
    run: list[dict[str, Any]] = []
    way = ""
    for before, row in pairwise(rows):
        goes = _way(before, row) if before["steady"] and row["steady"] else ""
        if run and goes == way:
            run.append(row)
            continue
        if len(run) >= ALL_ONE_WAY:
            yield "steady", run, way
        run, way = ([before, row], goes) if goes else ([], "")
    if len(run) >= ALL_ONE_WAY:
        yield "steady", run, way


def _way(before: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    difference = row["value"] - before["value"]
    return "" if abs(difference) <= 1e-12 else "rising" if difference > 0 else "falling"


def short_of(declared: Mapping[str, Any]) -> str:
    """What a sentence about a measure begins with; its title in quotation marks where nothing shorter is declared."""
    return declared.get("short") or f"“{declared['title']}”"


def about(short: str, by: str, name: str | None, *, counted: bool = False) -> str:
    """What a line is about, to begin a sentence with: attendance by housing."""
    if counted:
        return f"the number of “{name}”"
    if name is None or by == "all":
        return short
    joined = {"unit": "by", "level": "at", "category": "in category", "lead_agency": "in cases led by"}.get(by, "for")
    return f"{short} {joined} {name.lower() if by == 'level' else name}"


def in_words(signal: Signal, subject: str, *, counted: bool = False) -> str:
    """A signal as a sentence: Attendance by housing has been below its average for eight quarters."""
    value = f"{signal.value:,.0f}" if counted else words.percent(signal.value)
    centre = f"{signal.centre:,.1f}" if counted else words.percent(signal.centre)
    began = f"{subject[:1].upper()}{subject[1:]}"
    many = f"{in_letters(signal.points)} quarters"
    if signal.kind == "outside":
        return (
            f"{began} was {value} in {signal.last}, {signal.way} the limits of its usual variation (average {centre})."
        )
    span = f"{signal.first} to {signal.last}"
    if signal.hidden:
        span += f", {in_letters(signal.hidden)} between {'is' if signal.hidden == 1 else 'are'} not shown"
    if signal.kind == "one_side":
        if signal.now:
            return f"{began} has been {signal.way} its average for {many} ({span}; average {centre}, latest {value})."
        return f"{began} was {signal.way} its average for {many} ({span}; average {centre})."
    verb = "has been" if signal.now else "was"
    return f"{began} {verb} {signal.way} quarter after quarter for {many} ({span}, to {value})."


def in_letters(number: int) -> str:
    """A number as it is written in a sentence: in letters up to twelve."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def basis(line: pl.DataFrame, *, counted: bool = False) -> list[str]:
    """What is drawn and what is not, per stretch between restarts, in sentences: limits, trial limits, or why none."""
    told = []
    stretches = [rows for _, rows in line.group_by("stretch", maintain_order=True)]
    for number, rows in enumerate(stretches, 1):
        first = rows.row(0, named=True)
        of = "" if len(stretches) == 1 else f"Stretch {number}, {rows['period'][0]} to {rows['period'][-1]}: "
        points = first["points"]
        hidden = first["left_out"]
        if first["state"] == TOO_FEW and points == 0 and rows["shown"].is_not_null().any() and hidden:
            text = (
                f"no limits are drawn, as {hidden:,} of {rows.height:,} quarters are not shown. It is those with small counts "
                "that are missing, and an average of the others would mislead."
            )
        elif first["state"] == TOO_FEW:
            some = f"{in_letters(points)} quarter{s(points)} with a figure"
            text = f"no limits are drawn, as there {'is' if points == 1 else 'are'} only {some} and {in_letters(LEAST)} are needed."
        else:
            what = "trial limits" if first["state"] == TRIAL else "limits"
            why = f", on trial until there are {in_letters(LEAST_FULL)}" if first["state"] == TRIAL else ""
            text = (
                f"average {_said(first['centre'], counted=counted)}, {what} {_said(first['lower'], counted=counted)} to "
                f"{_said(first['upper'], counted=counted)}, from {in_letters(points)} quarters{why}."
            )
            if hidden:
                text += f" {_counted(hidden)} left out, as small counts are not shown; the average may lie a little off for it."
        told.append(f"{of}{text}" if of else f"{text[:1].upper()}{text[1:]}")
    return told


def _counted(hidden: int) -> str:
    number = in_letters(hidden)
    return f"{number[:1].upper()}{number[1:]} quarter{' is' if hidden == 1 else 's are'}"


def _said(value: float, *, counted: bool) -> str:
    return f"{value:,.1f}" if counted else words.percent(value)


def restarts_in_words(line: pl.DataFrame) -> list[str]:
    """Where the centre line starts anew, and why: one sentence per restart that falls into the line."""
    began = line.filter(pl.col("reason").is_not_null()).group_by("stretch", maintain_order=True).first()
    return [
        f"The centre line starts anew in {period}, set by hand: {reason}."
        for period, reason in began.select("period", "reason").iter_rows()
    ]


def marks(line: pl.DataFrame) -> list[Kind | None]:
    """The signal that each quarter's point is drawn with, None for none."""
    return [next((kind for kind in KINDS if row[kind]), None) for row in line.select(*KINDS).iter_rows(named=True)]


def signals_column(line: pl.DataFrame) -> list[str]:
    """All that a quarter's point tells, in words, for the table beside the chart; empty where it is within the usual."""
    told = []
    for row in line.select(*KINDS, "running").iter_rows(named=True):
        said = [name for kind, name in _SHORT.items() if row[kind]]
        told.append("; ".join([*said, *(["not over yet"] if row["running"] else [])]))
    return told


def has_limits(line: pl.DataFrame) -> bool:
    """Whether limits are drawn anywhere on the line."""
    return line["centre"].is_not_null().any()
