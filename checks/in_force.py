"""The figure of a standard that is in force on the day of each row: expressions for rules and measures.

A figure with one value costs a plain literal. Where it changes on a date, a row whose day is not known has no figure that
could be known.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import zip_longest
from typing import Any

import polars as pl

from checks.standard import Standard


def on_day(standard: Standard, name: str, day: pl.Expr, say: Callable[[Any], pl.Expr]) -> pl.Expr:
    """What `say` makes of the figure in force on each row's day; `say` is given None where the standard sets none."""
    steps = standard.steps(name)
    if len(steps) < 2:
        return say(standard.value(name))
    said = pl.when(day.is_null()).then(None)
    for step, after in zip_longest(steps, steps[1:]):
        if after is not None:
            said = said.when(day < after.from_day).then(say(step.value))
    return said.otherwise(say(steps[-1].value))


def figure_on(standard: Standard, name: str, day: pl.Expr, dtype: type[pl.DataType]) -> pl.Expr:
    """The figure in force on each row's day; null where the standard sets none."""
    return on_day(standard, name, day, lambda value: pl.lit(None if value is None else value).cast(dtype))


def listed_on(standard: Standard, name: str, code: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Whether a code is in the list in force on each row's day; where the standard sets no list, none is."""
    return on_day(standard, name, day, lambda codes: code.is_in(codes or []))


def next_due(standard: Standard, name: str, since: pl.Expr) -> pl.Expr:
    """The day on which a duty of every so many weeks next falls due: the earliest on which the interval in force that day
    has passed since a day. Null where that day is not known or the standard sets no interval."""
    steps = [each for each in standard.steps(name) if each.value is not None]
    if not steps:
        return pl.lit(None, dtype=pl.Date)
    due = since.dt.offset_by(f"{steps[-1].value}w")
    if len(steps) == 1:
        return due
    due = pl.max_horizontal(due, pl.lit(steps[-1].from_day))
    for step, after in zip(steps[-2::-1], steps[:0:-1], strict=True):
        passed = since.dt.offset_by(f"{step.value}w")
        if step.from_day is not None:
            passed = pl.max_horizontal(passed, pl.lit(step.from_day))
        due = pl.when(passed < after.from_day).then(passed).otherwise(due)
    return pl.when(since.is_not_null()).then(due)


def due_in_force(standard: Standard, name: str, due: Callable[[Any], pl.Expr]) -> pl.Expr:
    """The day on which a thing falls due: the earliest on which the time that the figure in force that day allows has passed.

    `due` gives the day by one value of the figure. A value that comes into force after that day makes the thing due on the
    day on which it comes into force, unless it was due before. Null where no figure in force makes it due.
    """
    falls_due = pl.lit(None, dtype=pl.Date)
    steps = standard.steps(name)
    for place in reversed(range(len(steps))):
        step, after = steps[place], steps[place + 1] if place + 1 < len(steps) else None
        if step.value is None:
            continue
        day = due(step.value)
        if step.from_day is not None:
            day = pl.when(day.is_not_null()).then(pl.max_horizontal(day, pl.lit(step.from_day)))
        falls_due = day if after is None else pl.when(day < after.from_day).then(day).otherwise(falls_due)
    return falls_due


def times_due(standard: Standard, name: str, since: pl.Expr, before: date) -> pl.Expr:
    """How often a duty of every so many weeks has fallen due since a day and before another, had nothing met it."""
    steps = [each for each in standard.steps(name) if each.value is not None]
    zero = date(1970, 1, 1)
    last, times = since.to_physical().cast(pl.Int64), pl.lit(0, dtype=pl.Int64)
    for step, after in zip_longest(steps, steps[1:]):
        interval = step.value * 7
        due = last + interval
        if step.from_day is not None:
            due = pl.max_horizontal(due, pl.lit((step.from_day - zero).days))
        until = before if after is None or after.from_day is None else min(before, after.from_day)
        more = (((until - zero).days - 1 - due) // interval + 1).clip(lower_bound=0)
        last = pl.when(more > 0).then(due + (more - 1) * interval).otherwise(last)
        times = times + more
    return pl.when(since.is_not_null()).then(times)
