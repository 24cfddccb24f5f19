"""What `mappa-monitor annual` gives: the tables as one document for programs, or as lines for people."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import Any

import polars as pl

from checks.standard import Standard
from dashboard.annual import AnnualReport, AnnualTable, report
from dashboard.shown_in_terminal import give, presentable, width
from dashboard.text import day as written
from dashboard.version import PRODUCT_VERSION
from kpis.annual.tables import layout_of
from kpis.periods import Period

_DOCUMENT = ("table", "row", "column", "value", "unknown", "numerator", "denominator", "state", "how", "remark", "cite")
_LABEL = 44
"""Characters for the labels of a table."""
_LEAST = 10
"""Characters for a figure."""


def report_of(cells: pl.DataFrame, area: str, standard: Standard, year: Period, as_at: date) -> AnnualReport:
    """The report of a year, from records held to a standard."""
    about = {
        "Area": area,
        "Standard": f"{standard.title}, {standard.edition}",
        "Reporting year": f"{year.name}: {written(year.start)} to {written(year.end)}",
        "As at": written(as_at),
        "Check your edition": standard.caution,
        "Made by": f"MAPPA Monitor {PRODUCT_VERSION}",
    }
    running = written(as_at) if year.end > as_at else None
    return report(cells, f"{layout_of(standard).title}, {year.name}", about, running)


def document(cells: pl.DataFrame, area: str, standard: Standard, year: Period, as_at: date) -> dict[str, Any]:
    """The figures as other programs read them."""
    return {
        "area": area,
        "standard": standard.name,
        "as_at": as_at,
        "year": {"name": year.name, "start": year.start, "end": year.end},
        "cells": cells.select(_DOCUMENT).to_dicts(),
    }


def show(made: AnnualReport) -> None:
    """The tables for people on standard output."""
    lines = [made.title, made.about["Area"], ""]
    for table in made.tables:
        lines += [*textwrap.wrap(table.heading, width()), *_lines(table), ""]
        for said in (*table.remarks, *table.how):
            lines += textwrap.wrap(said, width(), initial_indent="  ", subsequent_indent="  ")
        lines += [""]
    give(presentable("\n".join(lines)))


def _lines(table: AnnualTable) -> list[str]:
    """The table in fixed columns; “Category 1: Registered sex offenders” is “Category 1” here, to keep the figures together."""
    across = [name.split(":")[0] for name in table.headings[1:]]
    texts = [[row[place] for row in table.rows] for place in range(1, len(table.headings))]
    rooms = [
        max(len(word) for word in [*name.split(), *column, " " * _LEAST])
        for name, column in zip(across, texts, strict=True)
    ]
    wrapped = [textwrap.wrap(name, room) for name, room in zip(across, rooms, strict=True)]
    deep = max(map(len, wrapped))
    heads = [[*[""] * (deep - len(lines)), *lines] for lines in wrapped]
    found = [("", *(lines[at] for lines in heads)) for at in range(deep)]
    found += [(row[0].split(":")[0][:_LABEL], *row[1:]) for row in table.rows]
    return [
        f"{label:<{_LABEL}} {' '.join(f'{text:>{room}}' for text, room in zip(cells, rooms, strict=True))}".rstrip()
        for label, *cells in found
    ]
