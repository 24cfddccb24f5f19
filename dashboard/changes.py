"""What changed between two snapshots' findings: which are new, still there, resolved."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

# A row number says where a record stands today, not which record it is: it only tells where there is no key.
_IDENTITY = ("rule", "table", "key", "_place")

NEW, STILL_THERE = "new", "still there"
RESOLVED, NO_LONGER_CHECKED = "resolved", "no longer checked"
COULD_NOT_CHECK = "could not check"


def _numbered(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings with what identifies each, the n-th of several that look alike."""
    place = pl.when(pl.col("key").is_null()).then(pl.col("row"))
    named = findings.with_columns(_place=place)
    return named.with_columns(_nth=pl.int_range(pl.len()).over(_IDENTITY))


def since_last(findings: pl.DataFrame, before: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The findings with `since` (new, still there, or null where there is nothing to compare), and those resolved."""
    if before is None:
        return findings.with_columns(since=pl.lit(None, dtype=pl.String)), findings.clear()
    now, then = _numbered(findings), _numbered(before.select(findings.columns))
    on = [*_IDENTITY, "_nth"]
    known = then.select(on).with_columns(_known=pl.lit(value=True))
    marked = now.join(known, on=on, how="left", nulls_equal=True, maintain_order="left")
    since = pl.when(pl.col("_known")).then(pl.lit(STILL_THERE)).otherwise(pl.lit(NEW))
    gone = then.join(now.select(on), on=on, how="anti", nulls_equal=True, maintain_order="left")
    return marked.with_columns(since=since).drop("_known", "_place", "_nth"), gone.drop("_place", "_nth")


def gone_how(gone: pl.DataFrame, outcomes: pl.DataFrame, whole_words: Collection[str]) -> pl.DataFrame:
    """Findings that are no longer there, with `since`: resolved, or no longer checked.

    `outcomes`: how the rules came out this time. Only a rule that was checked again can have resolved anything. Rules on a
    table or column as a whole, whose ids end in one of `whole_words`, are always checked, and have an outcome only where they
    fail.
    """
    checked = outcomes.filter(pl.col("status") != COULD_NOT_CHECK)["rule"].to_list()
    whole = pl.col("rule").str.split(".").list.last().is_in(list(whole_words))
    resolved = pl.col("rule").is_in(checked) | whole
    return gone.with_columns(since=pl.when(resolved).then(pl.lit(RESOLVED)).otherwise(pl.lit(NO_LONGER_CHECKED)))


def with_changes(
    outcomes: pl.DataFrame, findings: pl.DataFrame, resolved: pl.DataFrame, compared: bool
) -> pl.DataFrame:
    """The outcomes of rules with `new`, `persisting` and `resolved`: counts, null where there is nothing to compare with.

    A rule that could not be checked resolved nothing: what it found before is out of sight, not put right.
    """
    if not compared:
        return outcomes.with_columns(
            pl.lit(None, dtype=pl.Int64).alias(name) for name in ("new", "resolved", "persisting")
        )
    counts = findings.group_by("rule").agg(
        new=(pl.col("since") == NEW).sum().cast(pl.Int64),
        persisting=(pl.col("since") == STILL_THERE).sum().cast(pl.Int64),
    )
    gone = resolved.group_by("rule").agg(resolved=pl.len().cast(pl.Int64))
    joined = outcomes.join(counts, on="rule", how="left", maintain_order="left")
    joined = joined.join(gone, on="rule", how="left", maintain_order="left")
    counted = pl.col("new", "resolved", "persisting").fill_null(0)
    return joined.with_columns(pl.when(pl.col("status") != COULD_NOT_CHECK).then(counted))
