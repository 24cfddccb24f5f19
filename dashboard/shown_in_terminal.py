"""What the command line shows to people: progress and messages on standard error, findings and results on standard output.

Text from a source is data here too: never markup, never a control character that a terminal would obey.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from checks.errors import UsageError
from dashboard.text import s

if TYPE_CHECKING:
    import polars as pl

    from connectors.sources.source import Progress as Told

SIGNS = {
    "met": "✓",
    "not met": "✗",
    "depends on missing records": "◐",
    "nothing due": "–",
    "not supplied": "?",
    "no target": "·",
    "not in this standard": "–",
}
"""A sign for each verdict, so that it is never told by colour alone."""

LINES_EVERY = 2.0
"""Seconds between two lines of progress where nobody watches."""

_INDENT = "  "
_FIGURES = 50
"""The room beside a measure's name and its count: rate, target, verdict, and the space between."""

_PASSWORD = re.compile(r"(://[^/?#\s:@]*):\S*@")
_PASSWORD_OPTION = re.compile(r"([?&;](?:ssl)?(?:password|passwd|pwd)=)[^&;\s]*", re.IGNORECASE)


# What may be shown


def presentable(text: str) -> str:
    """The text without passwords of addresses, and without characters that a terminal would obey."""
    hidden = _PASSWORD_OPTION.sub(r"\1…", _PASSWORD.sub(r"\1:…@", text))
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in hidden)


def width() -> int:
    """How wide lines may be: the window, or 100 where there is none."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 140))


# Where it goes


def say(text: str) -> None:
    """A message to a person, on standard error."""
    _write(sys.stderr, presentable(text) + "\n")


def give(text: str) -> None:
    """A result, on standard output: text that has been made presentable, or JSON."""
    try:
        _write(sys.stdout, text + "\n")
    except OSError as error:
        why = (error.strerror or "the system refused").lower()
        raise UsageError(f"Standard output could not be written: {why}. Send it to another place.") from None


def give_json(document: Mapping[str, Any], plain: Any) -> None:
    """A document as JSON on one line; characters beyond ASCII escaped, so that no encoding on the way can spoil them."""
    give(json.dumps(document, default=plain, allow_nan=False))


def _write(stream: TextIO, text: str) -> None:
    """Write at once; who no longer listens (`| head`) is written to no more, and the work goes on to its end."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


# Progress


def _in_lines(title: str) -> Told:
    """Progress for a log: the first step at once, then a line when some time has passed."""
    last = [float("-inf")]

    def told(what: str, _done: int, _of: int) -> None:
        now = time.monotonic()
        if now - last[0] >= LINES_EVERY:
            last[0] = now
            say(f"{title}: {what} …")

    return told


@contextmanager
def progress(title: str) -> Generator[Told]:
    """A bar on standard error while something runs; a plain line now and then where nobody watches."""
    if not sys.stderr.isatty():
        yield _in_lines(title)
        return
    # Only where somebody watches; the import costs a tenth of a second.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr, highlight=False), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def shown(what: str, done: int, of: int) -> None:
            bar.update(task, description=presentable(f"{title}: {what}"), completed=done, total=of)

        yield shown


# Findings


def show_findings(findings: pl.DataFrame, outcomes: pl.DataFrame) -> None:
    """The findings grouped by rule, the gravest and most frequent first, with where the first of each stands.

    Then what could not be checked. `findings`, `outcomes`: columns of `checks.findings`.
    """
    import polars as pl

    lines: list[str] = []
    grouped = (
        findings.group_by("rule", maintain_order=True)
        .agg(pl.len().alias("count"), pl.all().exclude("rule").first())
        .sort("count", descending=True, maintain_order=True)
    )
    for severity, title in (("error", "ERRORS"), ("warning", "WARNINGS")):
        of_this = grouped.filter(pl.col("severity") == severity)
        if of_this.height:
            lines += [
                f"{title}: {_counted(int(of_this['count'].sum()), 'finding')} under {_counted(of_this.height, 'rule')}",
                "",
            ]
        for row in of_this.iter_rows(named=True):
            lines += [f"{row['count']:>7,}  {row['rule']}", *_wrapped(row["message"]), *_wrapped(row["fix"])]
            first = "at" if row["count"] == 1 else "first at"
            lines += [*_wrapped(f"({first} {_place(row)})"), ""]
    if grouped.is_empty():
        lines += ["Nothing was found wrong.", ""]
    status = dict(outcomes["status"].value_counts().iter_rows())
    errors, warnings = (findings.filter(pl.col("severity") == each).height for each in ("error", "warning"))
    summary = (
        f"{_counted(errors, 'error')} and {_counted(warnings, 'warning')}. Of {outcomes.height} rules "
        f"{status.get('pass', 0)} pass, {status.get('fail', 0)} fail and "
        f"{status.get('could not check', 0)} could not be checked."
    )
    lines += textwrap.wrap(summary, width())
    unchecked = sorted(outcomes.filter(pl.col("status") == "could not check")["table"].unique())
    if unchecked:
        said = f"Could not be checked, for want of a table or column: rules on {', '.join(unchecked)}."
        lines += textwrap.wrap(said, width())
    give(presentable("\n".join(lines)))


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{s(number)}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, width(), initial_indent=" " * 9, subsequent_indent=" " * 9)


def _place(row: dict[str, Any]) -> str:
    """Where a finding stands: file, sheet and row, or at least the table."""
    parts = [row["file"], row["sheet"], None if row["row"] is None else f"row {row['row']:,}"]
    return ", ".join(part for part in parts if part) or f"the table {row['table']} as a whole"


# Results


def percent(fraction: float | None) -> str:
    """A share in per cent to one decimal, or a dash."""
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def show_results(results: pl.DataFrame, titles: Mapping[str, str]) -> None:
    """The results of one period: per measure the headline, then what it is broken down by.

    `results`: headlines and units of `kpis.results.RESULTS` · `titles` measure id → title.
    """
    rows = list(results.iter_rows(named=True))
    counts = [_count(row) for row in rows]
    of = max([len("n of N"), *map(len, counts)])
    longest = max((len(row["unit"] or titles[row["measure"]]) for row in rows), default=0) + len(_INDENT)
    wide = max(20, min(longest, width() - of - _FIGURES))
    lines = [f"{'':<{wide}}  {'n of N':>{of}}  {'rate':>7}  {'target':>7}  verdict"]
    for row, count in zip(rows, counts, strict=True):
        if row["unit"] is None:
            first, *more = textwrap.wrap(titles[row["measure"]], wide)
            lines.append("")
        else:
            first, *more = textwrap.wrap(row["unit"], wide, initial_indent=_INDENT, subsequent_indent=2 * _INDENT)
        counts_only = row["verdict"] is None
        rate, target = ("", "") if counts_only else (percent(row["rate"]), percent(row["target"]))
        verdict = "" if counts_only else f"{SIGNS[row['verdict']]} {row['verdict']}"
        lines.append(f"{first:<{wide}}  {count:>{of}}  {rate:>7}  {target:>7}  {verdict}".rstrip())
        if row["unknown"]:
            room = more[0] if more else ""
            bounds = f"between {percent(row['worst'])} and {percent(row['best'])}"
            lines.append(f"{room:<{wide}}  {row['unknown']:,} not known: {bounds}")
            more = more[1:]
        lines += more
    give(presentable("\n".join(lines)))


def _count(row: Mapping[str, Any]) -> str:
    if row["owed"] is None:
        return "–"
    return f"{row['owed']:,}" if row["met"] is None else f"{row['met']:,} of {row['owed']:,}"
