"""Long tables a page at a time: a browser is sent what a person can read, however many rows there are."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dashboard.text import s

PAGE_ROWS = 100


@dataclass(frozen=True)
class PageOfRows:
    """Some rows of a table: `rows`, the page's `number` from 1 `of` how many, and the sentence that says which they are."""

    rows: pl.DataFrame
    number: int
    of: int
    words: str


def page_of(frame: pl.DataFrame, number: int = 1, size: int = PAGE_ROWS) -> PageOfRows:
    """The page of this number, from 1; a number past either end gives the page at that end."""
    pages = max(1, -(-frame.height // size))
    number = min(max(1, number), pages)
    first = (number - 1) * size
    rows = frame.slice(first, size)
    if pages == 1:
        words = f"{frame.height:,} row{s(frame.height)}"
    else:
        words = f"Rows {first + 1:,} to {first + rows.height:,} of {frame.height:,}, page {number:,} of {pages:,}"
    return PageOfRows(rows, number, pages, words)
