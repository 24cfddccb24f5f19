"""What every kind of source gives: raw tables whose rows know where they came from.

A source is found by folder: each module here that has a `reads(address) -> bool` and a `pull(address, …) -> Pull`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from connectors.reading.shapes import Account

Progress = Callable[[str, int, int], None]
"""Called as work goes on: what is being read, how many are done, of how many."""


def silent(what: str, done: int, of: int) -> None:
    """The progress of a caller who does not want any."""


@dataclass(frozen=True)
class SourceFile:
    """One file, or one table of a database, that was read.

    `name` as shown to people, without its folder · `tables` the canonical tables it fed · `rows` data rows read ·
    `modified` when it was last changed, where the source knows (the freshness shown on every page) ·
    `fingerprint` SHA-256 of its content, so that a refresh can tell that nothing changed.
    """

    name: str
    tables: tuple[str, ...]
    rows: int
    modified: datetime | None
    fingerprint: str


@dataclass
class Pull:
    """All that one pull brought.

    `tables`: canonical table name → frame of the canonical columns that the source has (text as it stands, or already
    typed where the source is typed) and the locator columns of `checks.locators`, one row per record.
    `files`: one per file read. `notes`: plain sentences on what was left aside (columns and sheets that are not ours),
    for people; they hold headings only, never contents. `accounts`: what became of every row, one per sheet or file, where the
    source was read by a mapping; `mapped_by` then the fingerprint of that mapping.
    """

    tables: dict[str, pl.DataFrame]
    files: list[SourceFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    mapped_by: str | None = None
