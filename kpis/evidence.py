"""Evidence: what a measure gives. One row per thing that was owed; every number on a screen is a sum over these rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from checks.locators import FILE, ROW, SHEET

EVIDENCE: dict[str, type[pl.DataType]] = {
    "case_id": pl.String,
    "meeting_id": pl.String,
    "unit": pl.String,
    "level": pl.String,
    "category": pl.String,
    "lead_agency": pl.String,
    "owed_on": pl.Date,
    "done_on": pl.Date,
    "met": pl.Boolean,
    "why": pl.String,
    "missing_field": pl.String,
    "table": pl.String,
    FILE: pl.String,
    SHEET: pl.String,
    ROW: pl.UInt32,
}
"""One row per thing owed.

`case_id`, `meeting_id` what it is about · `unit` what the result is broken down by: the agency, the member, the outcome, the
decision · `level`, `category`, `lead_agency` of the case · `owed_on` the day that places it in a period: the due day, or the
day of the meeting · `done_on` when it was done, if it was · `met` true, false, or null: cannot be known · `why` in words ·
`missing_field` the field that would settle an unknown, or would say whose a row is that names no agency or member · `table` and
the locators: the record it rests on.

While it is made and stored, text of a few different words may stand as one of the kinds of `IN_WORDS`, which takes a tenth of the
room; `in_text` gives it as text.
"""

IN_WORDS = (pl.Enum, pl.Categorical)
"""Text of a few different words, each kept once: an Enum where they are declared, else (names of files and sheets) found."""


def as_evidence(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with exactly the columns of evidence, in their order; what a measure does not have is null."""
    there = frame.collect_schema()
    return frame.select(
        _as_declared(name, there[name], dtype) if name in there else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in EVIDENCE.items()
    )


def _as_declared(name: str, has: pl.DataType, declared: type[pl.DataType]) -> pl.Expr:
    in_words = declared == pl.String and isinstance(has, IN_WORDS)
    return pl.col(name) if in_words else pl.col(name).cast(declared)


def in_text(evidence: pl.DataFrame) -> pl.DataFrame:
    """Evidence with text in place of `IN_WORDS`: columns exactly as `EVIDENCE` declares them."""
    return evidence.cast({name: pl.String for name, has in evidence.schema.items() if isinstance(has, IN_WORDS)})


def one_of(*cases: tuple[pl.Expr, str], otherwise: str | None = None) -> pl.Expr:
    """The words of the first condition that holds, else those of `otherwise` (or null), as an Enum of all of them."""
    every = [*(said for _, said in cases), *([] if otherwise is None else [otherwise])]
    words = pl.Enum(list(dict.fromkeys(every)))
    chosen = pl.lit(otherwise, dtype=words)
    for holds, said in reversed(cases):
        chosen = pl.when(holds).then(pl.lit(said, dtype=words)).otherwise(chosen)
    return chosen


def always(words: str) -> pl.Expr:
    """The same words in every row, as `one_of` has them."""
    return pl.lit(words, dtype=pl.Enum([words]))


def together(parts: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """Frames of the same columns one after the other; where their words are Enums of different words, of all of these."""
    schemas = [each.collect_schema() for each in parts]
    common: dict[str, pl.DataType] = {}
    for name in schemas[0]:
        enums = [has for schema in schemas if isinstance(has := schema[name], pl.Enum)]
        if len(enums) == len(parts):
            words = [word for each in enums for word in each.categories]
            common[name] = pl.Enum(list(dict.fromkeys(words)))
        elif len({schema[name] for schema in schemas}) > 1:
            common[name] = pl.String()
    alike = [pl.col(name).cast(dtype) for name, dtype in common.items()]
    return pl.concat([each.with_columns(alike) for each in parts])
