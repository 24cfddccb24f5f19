"""What the command line shows to people: progress and messages on standard error, tables of findings and results."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from connectors.sources.source import Progress as Told
from kpis.results import HEADLINE, UNIT

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


def console(error: bool = False) -> Console:
    """A console on standard output, or on standard error."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 140, highlight=False, soft_wrap=not stream.isatty())


def say(text: str) -> None:
    """A message to a person, on standard error; taken as it is, never as markup."""
    console(error=True).print(escape(text))


def _in_lines(title: str, every: float = 2.0) -> Told:
    """Progress for a log: the first step at once, then a line when some time has passed."""
    last = [-every]

    def told(what: str, _done: int, _of: int) -> None:
        now = time.monotonic()
        if now - last[0] >= every:
            last[0] = now
            sys.stderr.write(f"{title}: {what} …\n")
            sys.stderr.flush()

    return told


@contextmanager
def progress(title: str) -> Generator[Told]:
    """A bar on standard error while something runs; one plain line per step where nobody watches."""
    if not sys.stderr.isatty():
        yield _in_lines(title)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def shown(what: str, done: int, of: int) -> None:
            bar.update(task, description=escape(f"{title}: {what}"), completed=done, total=of)

        yield shown


def percent(fraction: float | None) -> str:
    """A share in per cent to one decimal, or a dash."""
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def show_findings(findings: pl.DataFrame, outcomes: pl.DataFrame) -> None:
    """The findings grouped by rule, the gravest first, with where the first of each stands; then what could not be checked."""
    out = console()
    grouped = (
        findings.group_by("rule", maintain_order=True)
        .agg(pl.len().alias("count"), pl.all().exclude("rule").first())
        .sort(pl.col("severity") != "error", "count", descending=[False, True], maintain_order=True)
    )
    if grouped.is_empty():
        out.print("Nothing was found wrong.")
    else:
        table = Table("findings", "severity", "rule", "what is wrong, and how to put it right", "first at")
        for row in grouped.iter_rows(named=True):
            said = f"{row['message']}\n{row['fix']}"
            table.add_row(str(row["count"]), row["severity"], escape(row["rule"]), escape(said), escape(_place(row)))
        out.print(table)
    status = dict(outcomes["status"].value_counts().iter_rows())
    errors, warnings = (findings.filter(pl.col("severity") == each).height for each in ("error", "warning"))
    out.print(
        f"{errors:,} errors and {warnings:,} warnings. Of {outcomes.height} rules {status.get('pass', 0)} pass, "
        f"{status.get('fail', 0)} fail and {status.get('could not check', 0)} could not be checked."
    )
    unchecked = sorted(outcomes.filter(pl.col("status") == "could not check")["table"].unique())
    if unchecked:
        out.print(f"Could not be checked, for want of a table or column: rules on {', '.join(unchecked)}.")


def _place(row: dict) -> str:
    parts = [row["file"], row["sheet"], None if row["row"] is None else f"row {row['row']}"]
    return ", ".join(part for part in parts if part) or "–"


def show_results(results: pl.DataFrame, titles: dict[str, str]) -> None:
    """The results of one period: per measure the headline, then what it is broken down by."""
    table = Table("measure", "", "n of N", "rate", "worst – best", "target", "verdict")
    for row in results.filter(pl.col("by").is_in([HEADLINE, UNIT])).iter_rows(named=True):
        headline = row["by"] == HEADLINE
        counts_only = row["met"] is None and row["owed"] is not None
        of = str(row["owed"]) if counts_only else "–" if row["owed"] is None else f"{row['met']} of {row['owed']}"
        bounds = "–" if not row["unknown"] else f"{percent(row['worst'])} – {percent(row['best'])}"
        verdict = row["verdict"] or ""
        table.add_row(
            titles[row["measure"]] if headline else "",
            "" if headline else escape(row["unit"]),
            of,
            "" if counts_only else percent(row["rate"]),
            "" if counts_only else bounds,
            "" if counts_only else percent(row["target"]),
            f"{SIGNS.get(verdict, '')} {verdict}".strip(),
            end_section=False,
        )
    console().print(table)
