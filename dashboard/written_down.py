"""What people wrote down under their name, in words: a line of history each, and what became of the last of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from connectors.store import Outcome, Overtaken
from dashboard.text import moment, s

Row = Mapping[str, Any]


def history_lines(rows: pl.DataFrame, did: Callable[[Row], str]) -> list[str]:
    """Every row (`version, at, author` and what `did` says in words), the newest first."""
    newest_first = rows.sort("version", descending=True).iter_rows(named=True)
    return [f"{moment(row['at'])}, {row['author']}: {did(row)}" for row in newest_first]


def outcome_in_words(outcome: Outcome, what: str, did: Callable[[Overtaken], str]) -> tuple[str, list[str]]:
    """What was written down, and sentences on what was not; `what` one of it is called, `did` what another did meanwhile."""
    done = len(outcome.done)
    said = f"Written down for {done:,} {what}{s(done)}." if done else ""
    problems = [
        f"{each.title}: left as it is. {each.author} was quicker ({moment(each.at)}) and {did(each)}. Look at it and decide again."
        for each in outcome.overtaken
    ]
    problems += [f"{title}: left as it is, because {why}." for title, why in outcome.refused.items()]
    return said, problems
