"""The product's own store: immutable snapshots in a SQLite file or a PostgreSQL database.

    store = Store.open(None)                       # the default file, made if missing
    info, added = store.write(content, progress)   # one refresh: everything or nothing
    pages = Store.open(url, read_only=True)        # a page: reads only, never migrates
    Chasing.open(url).record(area, things, step(NOTED, "A. Nother", now, "rang them"), today)   # all that a page may write
    pages.results(pages.newest().id, standard="jersey", measure="disclosure", by="all")

Every failure is a `checks.errors.StoreError` (exit code 5) whose sentence holds no password and no record's content.
"""

from __future__ import annotations

from connectors.store.acceptances import ACCEPTANCES, Decision, FindingRef, decision
from connectors.store.board_entries import ActionChanged, BoardAction, Commentary, CommentaryChanged, State
from connectors.store.chases import CHASES, HISTORY, Step, Thing, step
from connectors.store.chasing import Chasing
from connectors.store.frames import PackedFrame, packed
from connectors.store.signed import Outcome, Overtaken
from connectors.store.snapshots import (
    RESULTS,
    RULE_OUTCOMES,
    SnapshotContent,
    SnapshotInfo,
    StandardUsed,
)
from connectors.store.store import DEFAULT_FILE, Store

__all__ = [
    "ACCEPTANCES",
    "CHASES",
    "DEFAULT_FILE",
    "HISTORY",
    "RESULTS",
    "RULE_OUTCOMES",
    "ActionChanged",
    "BoardAction",
    "Chasing",
    "Commentary",
    "CommentaryChanged",
    "Decision",
    "FindingRef",
    "Outcome",
    "Overtaken",
    "PackedFrame",
    "SnapshotContent",
    "SnapshotInfo",
    "StandardUsed",
    "State",
    "Step",
    "Store",
    "Thing",
    "decision",
    "packed",
    "step",
]
