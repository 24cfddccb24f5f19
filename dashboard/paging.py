"""Long tables a page at a time: a browser is sent what a person can read, however many rows there are."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dashboard.text import s

PAGE_ROWS = 100


@dataclass(frozen=True)
class Place:
    """Which rows of a table a page holds: so `many` after the `first`, from 0, on page `number` from 1 `of` how many.

    `words`: the sentence that says which they are.
    """

    first: int
    many: int
    number: int
    of: int
    words: str


@dataclass(frozen=True)
class PageOfRows:
    """Some rows of a table: `rows`, the page's `number` from 1 `of` how many, and the sentence that says which they are."""

    rows: pl.DataFrame
    number: int
    of: int
    words: str


def place_of(height: int, number: int = 1, size: int = PAGE_ROWS) -> Place:
    """Where the page of this number, from 1, stands among so many rows; a number past either end means the page at that end."""
    pages = max(1, -(-height // size))
    number = min(max(1, number), pages)
    first = (number - 1) * size
    many = min(size, height - first)
    if pages == 1:
        words = f"{height:,} row{s(height)}"
    else:
        words = f"Rows {first + 1:,} to {first + many:,} of {height:,}, page {number:,} of {pages:,}"
    return Place(first, many, number, pages, words)


def page_of(frame: pl.DataFrame, number: int = 1, size: int = PAGE_ROWS) -> PageOfRows:
    """The page of this number, from 1; a number past either end gives the page at that end."""
    place = place_of(frame.height, number, size)
    return PageOfRows(frame.slice(place.first, place.many), place.number, place.of, place.words)
