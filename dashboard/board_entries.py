"""What the Board's people have written, as a period's screen shows it. Pure functions over what the store gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from connectors.store import BoardAction, Commentary
from dashboard.text import day, moment, s
from dashboard.words import DASH


def newest_lines(versions: Iterable[Commentary]) -> dict[str, Commentary]:
    """Measure → the version that stands, also where it takes the line back; `versions` the oldest first."""
    return {each.measure: each for each in versions}


def standing(versions: Iterable[Commentary]) -> dict[str, Commentary]:
    """Measure → its line, where there is one."""
    return {measure: each for measure, each in newest_lines(versions).items() if each.text}


def newest_actions(versions: Iterable[BoardAction]) -> dict[int, BoardAction]:
    """Action → the version that stands; `versions` the oldest first."""
    return {each.id: each for each in versions}


def on_screen(versions: Iterable[BoardAction], until: date, as_at: date) -> list[BoardAction]:
    """The actions on the screen of the period that ends on `until`, as they stand.

    Those raised in it or earlier, until the screen of the period in which they were closed. Overdue ones first, then what is
    open by due date, then what was closed.
    """
    shown = [
        each
        for each in newest_actions(versions).values()
        if each.raised_until <= until and (each.state == "open" or each.changed_until >= until)
    ]
    return sorted(shown, key=lambda each: (each.state != "open", not overdue(each, as_at), each.due_on, each.id))


def overdue(action: BoardAction, as_at: date) -> bool:
    """Whether it was due and is still open; on the due day itself it is not."""
    return action.state == "open" and action.due_on < as_at


def carried_over(action: BoardAction, until: date) -> bool:
    """Whether it comes from an earlier period's screen."""
    return action.raised_until < until


def state_in_words(action: BoardAction, as_at: date) -> str:
    """How it stands, with a sign: ✗ overdue by 12 days, ○ open, ✓ done (6 February 2024), – dropped: why."""
    if action.state == "done":
        return f"✓ done ({day(action.written_at.date())})"
    if action.state == "dropped":
        return f"{DASH} dropped: {action.reason}"
    if overdue(action, as_at):
        days = (as_at - action.due_on).days
        return f"✗ overdue by {days:,} day{s(days)}"
    return "○ open"


def actions_sentence(actions: Sequence[BoardAction], as_at: date) -> str:
    """The actions in one sentence."""
    if not actions:
        return "No action of the Board is open"
    open_ = [each for each in actions if each.state == "open"]
    late = sum(overdue(each, as_at) for each in open_)
    parts = [f"{len(open_)} open"]
    if late:
        parts.append(f"{late} of them overdue")
    if done := sum(each.state == "done" for each in actions):
        parts.append(f"{done} done")
    if dropped := sum(each.state == "dropped" for each in actions):
        parts.append(f"{dropped} dropped")
    return f"Actions of the Board: {', '.join(parts)}"


def history_of_lines(versions: Iterable[Commentary], titles: Mapping[str, str]) -> pl.DataFrame:
    """Every version of the lines of a period, the newest first."""
    told = sorted(versions, key=lambda each: each.written_at, reverse=True)
    return pl.DataFrame(
        [
            (moment(each.written_at), each.author, titles.get(each.measure, each.measure), each.text or "(taken back)")
            for each in told
        ],
        schema=dict.fromkeys(("Written", "By", "KPI", "Commentary"), pl.String),
        orient="row",
    )


def history_of_action(versions: Iterable[BoardAction], action: int, as_at: date) -> pl.DataFrame:
    """Every version of one action, the newest first."""
    told = [each for each in versions if each.id == action][::-1]
    return pl.DataFrame(
        [
            (moment(each.written_at), each.author, each.text, each.owner, day(each.due_on), state_in_words(each, as_at))
            for each in told
        ],
        schema=dict.fromkeys(("Written", "By", "Action", "Owner", "Due", "State"), pl.String),
        orient="row",
    )
