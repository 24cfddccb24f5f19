"""What a measure is: a declaration with everything that a page, a pack, the help and a test need, and one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from checks.standard import Standard
from kpis.area import Area

Window = Literal["period", "12 months"]


@dataclass(frozen=True)
class Example:
    """A worked example that runs as a test and shows on the definitions page.

    `story` in plain words · `tables` as a few rows of canonical values in text · `period`, `as_at`, `standard` of the
    question · `met`, `owed`, `unknown` and `verdict` of the answer, null where the measure says nothing.
    """

    story: str
    tables: Mapping[str, list[dict[str, Any]]]
    period: str
    met: int | None
    owed: int | None
    unknown: int | None
    verdict: str
    as_at: str = "2023-12-31"
    standard: str = "jersey"


@dataclass(frozen=True)
class Measure:
    """One measure (domain section 4).

    `id` as other programs know it · `title`, `sentence` in plain words · `numerator`, `denominator` what is counted ·
    `cite` where the guidance asks for it · `target` the standard's figure that holds the target, or None ·
    `evidence` from an area to one row per thing owed (`kpis.evidence.EVIDENCE`) · `supplied` whether the area's records can
    tell · `in_standard` whether the standard asks for it · `window` which rows belong to a period: those owed in it, or in
    the twelve months that end with it · `unit` what the contract breaks the result down by, in one word · `each` the target is
    for each unit, not for all together · `counts` units are counts only, every one of these codes shown even at nought ·
    `by_case` a case counts once: met when all that was owed for it was met · `dimensions` further breakdowns ·
    `bare` the same rows with no more than counting needs (`owed_on, met`, and `unit` where there is one), where the whole
    evidence is dear · `counted` the counts themselves per quarter, of what was owed between two days, where even these rows
    are (`kpis.tallies.counts`; for a measure by case `kpis.review_clock.review_counts`) ·
    `how_to_read` in two sentences · `passes`, `breaks` an example each · `short` the figure in a few words that can begin a
    sentence (“attendance”), else the title stands for it · `cannot_tell` what must not be read into it, in a sentence or two.
    """

    id: str
    title: str
    sentence: str
    numerator: str
    denominator: str
    cite: str
    evidence: Callable[[Area], pl.LazyFrame]
    supplied: Callable[[Area], bool]
    how_to_read: str
    passes: Example
    breaks: Example
    target: str | None = None
    in_standard: Callable[[Standard], bool] = lambda _standard: True
    window: Window = "period"
    unit: str | None = None
    each: bool = False
    counts: tuple[str, ...] = ()
    by_case: bool = False
    dimensions: tuple[str, ...] = ()
    bare: Callable[[Area], pl.LazyFrame] | None = None
    counted: Callable[[Area, date, date], pl.LazyFrame] | None = None
    short: str = ""
    cannot_tell: str = ""
