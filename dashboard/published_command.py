"""What `mappa-monitor published` gives: the contract's document, or the same in lines for people."""

from __future__ import annotations

import textwrap
from typing import Any

from dashboard.shown_in_terminal import give, presentable, say, width
from dashboard.text import s
from kpis.published.check import CheckedFigures

DOCUMENT = (
    "area",
    "reporting_year",
    "table",
    "rows",
    "columns",
    "printed",
    "computed",
    "message",
    "severity",
)
"""The fields of a finding as other programs read it."""

SAID = {
    "error": ("✗", "does not add up", "DO NOT ADD UP"),
    "note": ("◐", "worth a question", "WORTH A QUESTION, NOT A FAULT"),
}
"""Severity → its sign, in words, and as a heading."""


def document(checked: CheckedFigures) -> dict[str, Any]:
    """The findings as the contract's document."""
    return {"findings": checked.findings.select(DOCUMENT).to_dicts()}


def summary(checked: CheckedFigures, figures: int) -> str:
    """How much was checked, and how much of it holds, in one sentence."""
    errors = checked.findings.filter(severity="error").height
    notes = checked.findings.filter(severity="note").height
    noted = f" and {notes:,} {'is' if notes == 1 else 'are'} worth a question" if notes else ""
    return (
        f"{checked.checks:,} check{s(checked.checks)} on {len(checked.at):,} of {figures:,} figures: "
        f"{errors:,} {'does' if errors == 1 else 'do'} not add up{noted}."
    )


def show(checked: CheckedFigures, figures: int) -> None:
    """The findings for people on standard output, the faults first; what could not be checked on standard error."""
    lines: list[str] = []
    for severity, (sign, _, heading) in SAID.items():
        rows = checked.findings.filter(severity=severity)
        if rows.height:
            lines += [f"{heading}: {rows.height:,}", ""]
        for row in rows.iter_rows(named=True):
            cited = f" ({row['cite']})" if row["cite"] else ""
            lines += textwrap.wrap(f"{sign} {row['message']}", width(), subsequent_indent="  ")
            lines += textwrap.wrap(f"{row['reason']}{cited}", width(), initial_indent="  ", subsequent_indent="  ")
            lines += [""]
    lines += textwrap.wrap(summary(checked, figures), width())
    give(presentable("\n".join(lines)))


def say_unchecked(checked: CheckedFigures) -> None:
    """What could not be checked, a sentence each."""
    for message in checked.unchecked["message"]:
        say(message)
