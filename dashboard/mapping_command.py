"""What `mappa-monitor map` gives: a proposal, or how a mapping fits, as one document for programs or as lines for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

from connectors.mapping.likelihood import SIGNS, Certainty
from connectors.mapping.mapping import as_toml_content
from connectors.mapping.preview import ColumnPreview, Preview, TablePreview
from connectors.mapping.pulling import mapping_place
from connectors.mapping.remarks import account_in_words
from dashboard.mapped import Mapped
from dashboard.shown_in_terminal import give, presentable, width
from dashboard.text import s

_INDENT = "      "
_VALUES = 6


def document(mapped: Mapped) -> dict[str, Any]:
    """All of it for programs."""
    return {
        "mapping_file": None if mapped.path is None else mapped.path.name,
        "mapping": as_toml_content(mapped.mapping),
        "tables": [_table(each) for each in mapped.preview.tables],
        "questions": list(mapped.preview.questions),
        "no_longer_there": list(mapped.preview.missing),
        "accounts": [
            {
                "file": account.file,
                "sheet": account.sheet,
                "rows": account.rows,
                "records": account.data,
                "left_out": [{"why": str(left.reason), "rows": list(left.rows)} for left in account.left_out],
                "cells_not_understood": account.cells_not_understood,
            }
            for read in mapped.files.reads
            for account in read.accounts
        ],
        "notes": [note for read in mapped.files.reads for note in read.notes] + list(mapped.files.notes),
    }


def _table(each: TablePreview) -> dict[str, Any]:
    return {
        "file": each.file,
        "sheet": each.sheet,
        "table": each.number,
        "rows": each.rows,
        "feeds": list(each.feeds),
        "certainty": str(each.reason.certainty),
        "why": each.reason.why,
        "no_longer_fits": list(each.misfits),
        "columns": [
            {
                "heading": column.heading,
                "column": column.letter,
                "fields": list(column.fields),
                "certainty": str(column.reason.certainty),
                "why": column.reason.why,
                "holds": column.holds,
                "cells": column.cells,
                "not_understood": column.not_understood,
                "values": dict(column.values),
                "values_not_understood": list(column.odd),
                "asks": column.asks,
                "tells": None if column.told.kind is None else str(column.told.kind),
                "may_be_pseudonyms": column.told.pseudonyms,
            }
            for column in each.columns
        ],
    }


def show(mapped: Mapped) -> None:
    """The mapping for people on standard output."""
    lines: list[str] = []
    for each in mapped.preview.tables:
        lines += [*_lines_of(each), ""]
    for account in (account for read in mapped.files.reads for account in read.accounts):
        lines += _wrapped(account_in_words(account), "  ")
    for note in (*mapped.files.notes, *(note for read in mapped.files.reads for note in read.notes)):
        lines += _wrapped(note, "  ")
    for missing in mapped.preview.missing:
        lines += _wrapped(f"{SIGNS[Certainty.UNKNOWN]} {missing}", "  ")
    lines += ["", *_wrapped(tally(mapped.preview), "")]
    if mapped.preview.questions:
        lines += ["", "TO BE ANSWERED"]
        for question in mapped.preview.questions:
            lines += _wrapped(f"{SIGNS[Certainty.UNKNOWN]} {question}", "  ")
    give(presentable("\n".join(lines)))


def tally(shown: Preview) -> str:
    """How many columns are certain, likely and unknown, in a sentence."""
    columns = [column for each in shown.tables for column in each.columns]
    read = [column for column in columns if column.fields]
    counts = Counter(column.reason.certainty for column in read)
    aside = [column for column in columns if not column.fields]
    unknown = sum(column.reason.certainty is Certainty.UNKNOWN for column in aside)
    return (
        f"{len(read):,} of {len(columns):,} columns are read: {counts[Certainty.CERTAIN]:,} certain, "
        f"{counts[Certainty.LIKELY]:,} likely, {counts[Certainty.UNKNOWN]:,} with a question. "
        f"{len(aside):,} are left aside, {unknown:,} of them not known."
    )


def how_to_save(mapped: Mapped, address: str, saved: Path | None) -> str:
    """What to do next."""
    if saved is not None:
        beside = saved.resolve() == mapping_place(address).resolve()
        use = (
            "It lies beside the source and is used by itself."
            if beside
            else "Use it with --mapping, or name it in the settings."
        )
        first = " Answer in it what is still to be answered." if mapped.preview.questions else ""
        return f"Wrote {saved}. {use}{first}"
    if mapped.path is not None:
        return f"This is how {mapped.path.name} fits. Change it there, or on the page Sources."
    return f"Nothing was written. Save it with --out {mapping_place(address).name}, or look at it on the page Sources."


def _lines_of(each: TablePreview) -> list[str]:
    sign = SIGNS[each.reason.certainty]
    feeds = ", ".join(each.feeds) if each.feeds else "left aside"
    rows = f"{each.rows:,} row{s(each.rows)}"
    lines = _wrapped(f"{sign} {each.place} ({rows}) → {feeds}: {each.reason.certainty}, {each.reason.why}", "")
    for sentence in each.misfits:
        lines += _wrapped(f"{SIGNS[Certainty.UNKNOWN]} {sentence}", "  ")
    if not each.feeds:
        return lines
    for column in each.columns:
        lines += _column(column)
    return lines


def _column(column: ColumnPreview) -> list[str]:
    what = ", ".join(column.fields) if column.fields else "left aside"
    first = (
        f"  {SIGNS[column.reason.certainty]} {column.letter:<2} {column.heading} → {what} "
        f"({column.reason.certainty}): {column.reason.why.removeprefix('left aside: ')}"
    )
    lines = textwrap.wrap(first, width(), subsequent_indent=_INDENT)
    if column.fields:
        more = f"; {column.not_understood:,} not understood" if column.not_understood else ""
        lines += _wrapped(f"{column.holds}, {column.cells:,} cell{s(column.cells)}{more}", _INDENT)
    if column.values:
        pairs = [f"{text} = {meant or 'not known'}" for text, meant in column.values[:_VALUES]]
        rest = len(column.values) - _VALUES
        lines += _wrapped("; ".join(pairs) + (f" and {rest} more" if rest > 0 else ""), _INDENT)
    if column.odd:
        lines += _wrapped(f"{SIGNS[Certainty.UNKNOWN]} not known: {'; '.join(column.odd)}", _INDENT)
    return lines


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, width(), initial_indent=indent, subsequent_indent=indent + "  ")
