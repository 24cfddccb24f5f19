"""What a snapshot is: the header, and the frames that the store takes and gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from connectors.sources.source import SourceFile
from connectors.store.frames import PackedFrame

RESULTS: dict[str, pl.DataType] = {
    "standard": pl.String(),
    "period": pl.String(),
    "period_kind": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "measure": pl.String(),
    "by": pl.String(),
    "unit": pl.String(),
    "met": pl.Int64(),
    "owed": pl.Int64(),
    "unknown": pl.Int64(),
    "rate": pl.Float64(),
    "worst": pl.Float64(),
    "best": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "target": pl.Float64(),
    "verdict": pl.String(),
}
"""One row per standard, period, measure and what it is broken down by. `period_kind` is `quarter` or `year`. `by` is
`all` for the headline (then `unit` is null), `unit` for the units of the contract, else a dimension such as `level` or
`agency`, and `unit` the value of it. Counts are of things owed; `rate` to `target` are fractions. Null: nothing owed,
not supplied, none set."""

RESULTS_KEY = ("standard", "period", "measure", "by", "unit")

RULE_OUTCOMES: dict[str, pl.DataType] = {
    "standard": pl.String(),
    "rule": pl.String(),
    "severity": pl.String(),
    "dimension": pl.String(),
    "table": pl.String(),
    "field": pl.String(),
    "status": pl.String(),
    "rows": pl.Int64(),
    "failing": pl.Int64(),
    "new": pl.Int64(),
    "resolved": pl.Int64(),
    "persisting": pl.Int64(),
}
"""One row per standard and rule. `status` is `pass`, `fail` or `could not check`; `rows` looked at, `failing` of them;
`new`, `resolved` and `persisting` count findings against the snapshot before (null where there is none)."""

RULE_OUTCOMES_KEY = ("standard", "rule")

_MAY_BE_NULL = {
    "unit", "met", "owed", "unknown", "rate", "worst", "best", "low", "high", "target",
    "verdict", "field", "rows", "failing", "new", "resolved", "persisting",
}  # fmt: skip


@dataclass(frozen=True)
class StandardUsed:
    """A standard as it was when the snapshot was made: its name, its edition, SHA-256 of its figures."""

    name: str
    edition: str
    fingerprint: str


@dataclass(frozen=True)
class SnapshotContent:
    """All that one refresh stores.

    `made_at` (with a time zone) and `as_at` come from the caller: the store looks at no clock. `fingerprint` covers
    whatever decides the content (inputs, standards, settings, as-at, product version): the same one twice running adds
    nothing. `previous_id` is the area's newest snapshot when the work began, the one that `new`, `resolved` and
    `persisting` were counted against (`store.newest(area=…)`, or None). `notes` are sentences for people. `frames` are
    named by the caller and may be packed already (`connectors.store.packed`), `results` and `rule_outcomes` have the
    columns of `RESULTS` and `RULE_OUTCOMES`, `definitions` is any JSON document. `still_owed` the keys of everything on
    the worklists: a chase of anything else is closed with the snapshot, and one that is back is opened again; None leaves
    chases as they are.
    """

    area: str
    as_at: date
    made_at: datetime
    product_version: str
    fingerprint: str
    previous_id: int | None
    standards: Sequence[StandardUsed]
    sources: Sequence[SourceFile]
    frames: Mapping[str, pl.DataFrame | PackedFrame]
    results: pl.DataFrame
    rule_outcomes: pl.DataFrame
    definitions: Mapping[str, Any]
    notes: Sequence[str] = field(default_factory=tuple)
    still_owed: frozenset[str] | None = None

    def __post_init__(self) -> None:
        """A moment without a time zone could be any."""
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs its time zone")


@dataclass(frozen=True)
class SnapshotInfo:
    """The header of a stored snapshot; see `SnapshotContent`. `made_at` is in UTC."""

    id: int
    area: str
    as_at: date
    made_at: datetime
    product_version: str
    fingerprint: str
    previous_id: int | None
    standards: tuple[StandardUsed, ...]
    sources: tuple[SourceFile, ...]
    notes: tuple[str, ...]


def fitted(frame: pl.DataFrame, columns: Mapping[str, pl.DataType], key: Sequence[str], what: str) -> pl.DataFrame:
    """The frame in the stored order and types of `columns`.

    Raises ValueError (a fault in the program, not in the data) for a missing or strange column, a null where none may
    be, or two rows of one `key`.
    """
    if set(frame.columns) != set(columns):
        raise ValueError(
            f"{what}: missing columns {sorted(set(columns) - set(frame.columns))}, "
            f"unknown columns {sorted(set(frame.columns) - set(columns))}"
        )
    frame = frame.select(pl.col(name).cast(kind) for name, kind in columns.items())
    # A NaN is no number to any reader, and SQLite and PostgreSQL would treat it differently. PostgreSQL takes no NUL
    # in text at all, and units are text from the source.
    frame = frame.with_columns(
        pl.col(pl.Float64).fill_nan(None),
        pl.col(pl.String).str.replace_all("\0", "\N{REPLACEMENT CHARACTER}", literal=True),
    )
    for name in columns:
        if name not in _MAY_BE_NULL and frame[name].null_count():
            raise ValueError(f"{what}: column {name} has nulls")
    if frame.select(key).is_duplicated().any():
        raise ValueError(f"{what}: several rows with the same {', '.join(key)}")
    return frame
