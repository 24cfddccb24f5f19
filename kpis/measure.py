"""What a measure is: a declaration with everything that a page, a pack, the help and a test need, and one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

import polars as pl

from checks.standard import Standard
from kpis.area import Area
from kpis.periods import Window

Theme = Literal[
    "Key performance indicators",
    "Referral and entry",
    "Release and leaving",
    "Meetings and minutes",
    "Plans, actions and visits",
    "The Board, people and caseload",
]
THEMES: tuple[Theme, ...] = get_args(Theme)
"""What the measures are about, in the order in which they are shown."""


@dataclass(frozen=True)
class Example:
    """A worked example that runs as a test and shows on the definitions page.

    `story` in plain words · `tables` as a few rows of canonical values in text · `period`, `as_at`, `standard` of the
    question · `met`, `owed`, `unknown` and `verdict` of the answer, null where the measure says nothing ·
    `standing_agencies` what the area's settings list, where the measure hangs on it.
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
    standing_agencies: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """One measure (domain section 4).

    `id` as other programs know it · `title`, `sentence` in plain words · `numerator`, `denominator` what is counted ·
    `cite` where the guidance asks for it · `target` the standard's figure that holds the target, or None · `evidence`
    from an area to one row per thing owed (`kpis.evidence.EVIDENCE`) · `supplied` whether the area's records can tell
    · `in_standard` whether the standard asks for it · `window` which rows belong to a period: those owed in it, in
    the twelve months that end with it, or on its last day (as-at, where it is not over) · `unit` what the contract
    breaks the result down by, in one word · `each` the target is for each unit, not for all together · `counts` units
    are counts only, every one of these codes told even at nought · `by_case` a case counts once: met when all that
    was owed for it was met, or (`together`) when it has more than one row; its rows are then counted under `by` the
    unit, and with `apart` under each unit besides · `dimensions` further breakdowns · `bare` the same rows with no more
    than counting needs (`owed_on, met`, and `unit` where there is one), where the whole evidence is dear, and `counted`
    the counts themselves per quarter, of what was owed between two days, where even these rows are
    (`kpis.tallies.counts`; for a measure by case `kpis.review_counts.ReviewCounts.at`, for one with units `apart` those of its
    units, and under no unit those of its cases), or None where it cannot tell them · `how_to_read` in two sentences ·
    `passes`, `breaks` an example each · `theme` what it is about · `things` what the headline counts, in a word, where
    neither cases nor meetings · `describes` it tells how things are, not how well they are done: neither more nor fewer
    is better · `of_cases` cases stand behind its counts, so that small ones may have to be hidden · `short` the figure in a few
    words that can begin a sentence (“attendance”), else the title stands for it · `cannot_tell` what must not be read into
    it, in a sentence or two.
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
    together: Literal["all", "more than one"] = "all"
    apart: bool = False
    theme: Theme = "Key performance indicators"
    things: str = ""
    describes: bool = False
    of_cases: bool = True
    dimensions: tuple[str, ...] = ()
    bare: Callable[[Area], pl.LazyFrame] | None = None
    counted: Callable[[Area, date, date], pl.LazyFrame | None] | None = None
    short: str = ""
    cannot_tell: str = ""
