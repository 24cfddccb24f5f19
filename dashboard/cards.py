"""What the Board page shows of each measure, taken from the results: one card per measure, and its breakdowns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dashboard import words
from dashboard.reference import every_code, in_force
from kpis.periods import Period
from kpis.results import HEADLINE, NAMELESS, UNIT, WHOLES

Row = Mapping[str, Any]

KPIS = "Key performance indicators"
"""The theme of the measures that the Board looks at first."""


@dataclass(frozen=True)
class Card:
    """One measure in one period.

    `words` its declaration · `row` its headline, a row of results · `before`, `before_name` the headline of the period before ·
    `by_review` the row of the rate by review, or by whatever else a case owes several of, where the headline is by case ·
    `adopted` the area has set the target itself · `units` where the target is for each unit: verdict → how many named ones have it.
    """

    measure: str
    words: Mapping[str, Any]
    row: Row
    before: Row | None
    before_name: str
    by_review: Row | None
    adopted: bool
    units: Mapping[str, int]

    @property
    def is_further(self) -> bool:
        """Whether it is one of the further measures, and the area has set itself no target for it: those make no card."""
        return self.words.get("theme", KPIS) != KPIS and self.row["target"] is None

    @property
    def has_figure(self) -> bool:
        """Whether anything was owed."""
        return bool(self.row["owed"])

    @property
    def things(self) -> str:
        """What the headline counts, in one word: cases, invitations, attendances, meetings."""
        plain_words = {"agency": "invitations", "member": "attendances"}
        what = "cases" if self.words["by_case"] else plain_words.get(str(self.words["unit"]), "meetings")
        return str(self.words.get("things") or what)

    @property
    def counted(self) -> str:
        """The same beside the number owed; and when, where not throughout the period."""
        when = {"12 months": ", in twelve months", "last day": ", on the last day"}.get(self.words["window"], "")
        return f"{words.thing(self.things, self.row['owed'])}{when}"

    @property
    def record(self) -> str:
        """What is missing where something is: a case, or a record."""
        return "case" if self.words["by_case"] and not self.words.get("things") else "record"

    @property
    def target(self) -> str:
        """The target in words."""
        each = self.words["unit"] if self.words["each"] else None
        return words.target(self.row["target"], each=each, adopted=self.adopted)


def cards(
    results: pl.DataFrame, definitions: Mapping[str, Any], standard: str, period: Period, before: Period | None
) -> list[Card]:
    """A card for every measure, those with a target first, each group in the order of the declarations."""
    headlines = results.filter(by=HEADLINE)
    now = {row["measure"]: row for row in headlines.filter(period=period.name).iter_rows(named=True)}
    then = {} if before is None else _by_measure(headlines.filter(period=before.name))
    of_units = results.filter(period=period.name, by=UNIT)
    reviews = _by_measure(of_units.filter(pl.col("unit").is_in(WHOLES)))
    figures = definitions["standards"][standard]["figures"]
    made = [
        Card(
            measure=name,
            words=declared,
            row=now[name],
            before=then.get(name),
            before_name="" if before is None else before.name,
            by_review=reviews.get(name) if declared["by_case"] else None,
            units=_unit_verdicts(of_units, name) if declared["each"] and now[name]["target"] is not None else {},
            adopted=now[name]["target"] is not None and in_force(figures.get(declared["target"]), period.end) is None,
        )
        for name, declared in definitions["measures"].items()
        if name in now
    ]
    return sorted(made, key=_place)


def _unit_verdicts(of_units: pl.DataFrame, measure: str) -> dict[str, int]:
    named = of_units.filter((pl.col("measure") == measure) & ~pl.col("unit").is_in(NAMELESS))
    counts = named["verdict"].value_counts()
    return dict(counts.select("verdict", "count").iter_rows())


def _place(card: Card) -> int:
    """With a target, without, without a figure because nobody asks or nobody knows."""
    if card.row["target"] is not None:
        return 0
    return 1 if card.row["verdict"] not in {"not supplied", "not in this standard"} else 2


def _by_measure(rows: pl.DataFrame) -> dict[str, Row]:
    return {row["measure"]: row for row in rows.iter_rows(named=True)}


def breakdown(results: pl.DataFrame, measure: str, period: Period, by: str) -> pl.DataFrame:
    """The results of one breakdown; agencies and members from the lowest rate up, so that what needs attention comes first."""
    rows = results.filter((pl.col("measure") == measure) & (pl.col("period") == period.name) & (pl.col("by") == by))
    if by != UNIT:
        return rows
    return rows.filter(~pl.col("unit").is_in(WHOLES)).sort("rate", "unit", nulls_last=True)


def in_order(rows: pl.DataFrame, counts: Sequence[str]) -> pl.DataFrame:
    """The rows of a measure that only counts its units, in the order in which the declaration names them."""
    place = {code: number for number, code in enumerate(counts)}
    return rows.sort(
        pl.col("unit").replace_strict(place, default=len(place), return_dtype=pl.Int64), maintain_order=True
    )


MANY = 10
"""Codes that a measure only counts, beyond which those at nought throughout are left out: they would hide the others."""


def without_noughts(rows: pl.DataFrame, counts: Sequence[str]) -> pl.DataFrame:
    """The rows of a measure that only counts its units, without units at nought throughout where there are many."""
    if len(counts) <= MANY:
        return rows
    return rows.filter(pl.col("owed").sum().over("unit") > 0)


def breakdowns(results: pl.DataFrame, measure: str, period: Period) -> list[str]:
    """What a measure is broken down by in a period: `unit` first, then its dimensions."""
    rows = results.filter(measure=measure, period=period.name)
    rows = rows.filter((pl.col("by") != HEADLINE) & ~pl.col("unit").is_in(WHOLES))
    found = rows["by"].unique(maintain_order=True).to_list()
    return sorted(found, key=lambda by: (by != UNIT, found.index(by)))


_MISSING = "Missing, and what it could be"


def as_table(rows: pl.DataFrame, heading: str, names: Mapping[str, str]) -> pl.DataFrame:
    """A breakdown for people: name, rate with n of N, what is missing if anything is, verdict; or counts alone."""
    named = pl.col("unit").replace(dict(names)).alias(heading)
    if rows["met"].null_count() == rows.height:
        return rows.select(named, pl.col("owed").alias("Number"))
    told = [
        (
            words.rate_of(row),
            f"{row['unknown']:,}: {words.percent(row['worst'])} to {words.percent(row['best'])}"
            if row["unknown"]
            else words.DASH,
            words.verdict(row["verdict"]),
        )
        for row in rows.iter_rows(named=True)
    ]
    columns = ["Rate", _MISSING, "Verdict"]
    told_of = pl.DataFrame(told, schema=columns, orient="row", schema_overrides=dict.fromkeys(columns, pl.String))
    if not rows["unknown"].sum():
        told_of = told_of.drop(_MISSING)
    return pl.concat([rows.select(named), told_of], how="horizontal")


_CODES = {
    "1": "Level 1",
    "2": "Level 2",
    "3": "Level 3",
    "exit": "Exit",
    "not accepted": "Not accepted",
    "not recorded": "Not recorded",
    "disclose": "Disclose",
    "not disclose": "Do not disclose",
    "deferred": "Deferred",
}

_HEADINGS = {"level": "Level", "category": "Category", "lead_agency": "Lead agency"}


def further_table(made: Sequence[Card]) -> pl.DataFrame:
    """Further measures, a row each: its title, its figure, of how many, what is missing, and the period before.

    Columns: Measure, Figure, Of how many, Missing, and what it could be, and (where there is a period before) “In” and its name.
    """
    before = next((card.before_name for card in made if card.before_name), None)
    told: list[dict[str, str]] = []
    for card in made:
        row, then = card.row, card.before
        line = {
            "Measure": str(card.words["title"]),
            "Figure": words.percent(row["rate"]) if card.has_figure else words.verdict(row["verdict"]),
            "Of how many": f"{words.of(row['met'], row['owed'])} {card.counted}" if card.has_figure else words.DASH,
            _MISSING: f"{row['unknown']:,}: {words.percent(row['worst'])} to {words.percent(row['best'])}"
            if row["unknown"]
            else words.DASH,
        }
        if before:
            line[f"In {before}"] = words.DASH if then is None or then["owed"] is None else words.rate_of(then)
        told.append(line)
    return pl.DataFrame(told)


def heading_of(by: str, declared: Mapping[str, Any]) -> str:
    """What a breakdown is by, as a heading."""
    return (
        str(declared["unit"] or "unit").capitalize()
        if by == UNIT
        else _HEADINGS.get(by, by.replace("_", " ").capitalize())
    )


def unit_names(by: str, declared: Mapping[str, Any], categories: Mapping[str, str]) -> dict[str, str]:
    """Codes in words; what is not here is shown as it is."""
    if by == "category":
        return dict(categories)
    if by == "level":
        return {code: f"Level {code}" for code in "123"}
    return _CODES if by == UNIT and declared["counts"] else {}


def category_names(standard: Mapping[str, Any], on: date | None = None) -> dict[str, str]:
    """Category → code and title, as the standard calls them: 1: Registered sex offenders; those in force on a day, or ever."""
    figure = standard["figures"].get("categories")
    titles = (standard["figures"].get("category_titles") or {}).get("value") or {}
    codes = (every_code(figure) if on is None else in_force(figure, on)) or list(titles)
    shown = {code: code.upper() if code == "pdp" else code for code in codes}
    return {code: f"{shown[code]}: {titles[code]}" if code in titles else shown[code] for code in codes}


def caseload_table(caseload: pl.DataFrame, on: Any, categories: Mapping[str, str]) -> pl.DataFrame:
    """Category by level at the end of a day, with totals; a category of the standard without a case shows noughts.

    Columns: Category, one per level, Total; the last row the totals. No rows where nothing is stored for the day.
    """
    rows = caseload.filter(on=on)
    if rows.is_empty():
        return pl.DataFrame(schema={"Category": pl.String, "Total": pl.Int64})
    codes = [*categories, *(each for each in rows["category"].unique().sort() if each not in categories)]
    levels = [*"123", *(each for each in rows["level"].unique().sort() if each not in "123")]
    counts = {
        (category, level): cases for category, level, cases in rows.select("category", "level", "cases").iter_rows()
    }
    table: list[dict[str, Any]] = []
    for code in codes:
        cells = [counts.get((code, level), 0) for level in levels]
        table.append({"Category": categories.get(code, code), **_levels(levels, cells)})
    sums = [sum(counts.get((code, level), 0) for code in codes) for level in levels]
    table.append({"Category": "Total", **_levels(levels, sums)})
    return pl.DataFrame(table)


def _levels(levels: Sequence[str], cells: Sequence[int]) -> dict[str, int]:
    named = {
        f"Level {level}" if level in "123" else level.capitalize(): n for level, n in zip(levels, cells, strict=True)
    }
    return {**named, "Total": sum(cells)}
