"""The definitions page's content, from the stored definitions document: entries to search, and values in words. Pure functions.

The document is made by `dashboard.definitions`; of an old snapshot it is the one of that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard.text import day, s

Document = Mapping[str, Any]

MEASURES, RULES, TABLES, STANDARDS, WORDS = "Measures", "Rules", "Tables and fields", "Standards", "Words"
PARTS = (MEASURES, RULES, TABLES, STANDARDS, WORDS)

NONE_SET = "none set"

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_COUNTRIES = {("JE", None): "public holidays of Jersey", ("GB", "ENG"): "public holidays of England"}


# --- Figures of a standard, in words ------------------------------------------------------------------------------------


def figure_in_words(name: str, value: Any) -> str:
    """The value of a standard's figure as people say it; `name` tells the unit."""
    if name.startswith("target_"):
        return percent_words(value)
    if name == "reporting_year_starts":
        return f"{value['day']} {_MONTHS[value['month'] - 1]}"
    if name == "working_day_calendar":
        place = (value["country"], value.get("subdivision"))
        return _COUNTRIES.get(place, f"public holidays of {' '.join(str(each) for each in place if each)}")
    if name == "before_release":
        dates = " or ".join(value["dates"])
        only = f"; only of cases at level {' or '.join(value['levels'])}" if value.get("levels") else ""
        return f"{count(value['months'], 'month')} before {dates}, the {_CHOICES[value['choose']]}{only}"
    if name == "identified_within":
        return _pairs(value, "category ", _time_allowed)
    if name == "least_invited":
        return _pairs(value, "", ", ".join)
    if name == "home_visit_months":
        return _pairs(value, "", lambda months: count(months, "month"))
    if name in ("lowest_level_category_3", "entry_level_category_4"):
        return f"level {value}"
    if name in ("category_titles", "restrictive_orders"):
        return _pairs(value, "category " if name == "category_titles" else "", str)
    unit = next((unit for word, unit in _UNITS.items() if word in name), None)
    if unit and isinstance(value, int):
        return count(value, unit)
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


_UNITS = {"working_days": "working day", "weeks": "week", "months": "month", "age": "year"}
_CHOICES = {"first given": "first of these that is recorded", "earliest": "earlier of the two"}


def percent_words(share: Any) -> str:
    """A share written as a decimal, as per cent: `"0.85"` → `85 %`."""
    from decimal import Decimal

    return f"{(Decimal(str(share)) * 100).normalize():f} %"


def count(number: int, unit: str) -> str:
    """`1 month`, `3 months`."""
    return f"{number} {unit}{s(number)}"


def _time_allowed(value: Mapping[str, Any]) -> str:
    return count(value["days"], "working day" if value["working"] else "day")


def _pairs(value: Mapping[str, Any], prefix: str, words: Any) -> str:
    return "; ".join(f"{prefix}{key}: {words(each)}" for key, each in value.items())


_IN_UNITS = (" (weeks)", " (months)", " (working days)", " (months before)", " (months), by risk")


def figure_sentence(sentence: str) -> str:
    """A figure's sentence without the unit, which stands with the value."""
    for ending in _IN_UNITS:
        if sentence.endswith(ending):
            kept = ending.partition("),")[2]
            return sentence.removesuffix(ending) + ("," + kept if kept else "")
    return sentence


def targets(document: Document, measure: str) -> pl.DataFrame:
    """`Standard, Target, Source`: what a measure is held to under each standard of the snapshot.

    One row per standard, or one for each time that its target changed.
    """
    declared = document["measures"][measure]
    rows = []
    for name, standard in document["standards"].items():
        figure = standard["figures"].get(declared["target"]) if declared["target"] else None
        adopted = (NONE_SET, "")
        if declared["adopted_target"] is not None:
            adopted = f"{percent_words(declared['adopted_target'])}, adopted by the area", "the area's settings"
        if name not in declared["standards"]:
            said = [("not in this standard", "")]
        elif figure is None:
            said = [adopted]
        else:
            said = [
                ((adopted[0] if value is None else percent_words(value)) + when, adopted[1] if value is None else cite)
                for value, when, cite, _ in steps(figure)
            ]
        rows += [(standard["title"], target, cite or "–") for target, cite in said]
    return pl.DataFrame(rows, schema=dict.fromkeys(("Standard", "Target", "Source"), pl.String), orient="row")


def figures(standard: Mapping[str, Any]) -> pl.DataFrame:
    """`Figure, Value, Source, Note`: everything a standard sets; one row per figure, or one for each time it changed."""
    rows = [
        (
            figure_sentence(each["sentence"]),
            (NONE_SET if value is None else figure_in_words(name, value)) + when,
            "–" if value is None else cite,
            note,
        )
        for name, each in standard["figures"].items()
        for value, when, cite, note in steps(each)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("Figure", "Value", "Source", "Note"), pl.String), orient="row")


def steps(figure: Mapping[str, Any]) -> list[tuple[Any, str, str, str]]:
    """What a stored figure was and became: value (None: not set), since and until when in words, citation, note."""
    parts = [figure, *figure.get("changes", [])]
    begins = [None, *(date.fromisoformat(each["from"]) for each in parts[1:])]
    out = []
    for part, since, after in zip(parts, begins, [*begins[1:], None], strict=True):
        until = "" if after is None else f" until {day(after - timedelta(days=1))}"
        when = f"from {day(since)}{until}" if since else until.strip()
        out.append((part["value"], f", {when}" if when else "", part["cite"], part["note"] or ""))
    return out


def in_force(figure: Mapping[str, Any] | None, on: date) -> Any:
    """The value of a stored figure on a day; None where the standard sets none."""
    if figure is None:
        return None
    later = [each["value"] for each in figure.get("changes", []) if date.fromisoformat(each["from"]) <= on]
    return later[-1] if later else figure["value"]


def every_code(figure: Mapping[str, Any] | None) -> list[str]:
    """Every code that a stored list has ever held, in the order in which they came."""
    lists = [] if figure is None else [each["value"] for each in (figure, *figure.get("changes", []))]
    return list(dict.fromkeys(code for codes in lists for code in codes))


def not_set(standard: Mapping[str, Any]) -> list[str]:
    """What the standard does not set, each in a few words."""
    return [figure_sentence(each) for each in standard["not_set"]]


def sources(document: Document) -> dict[str, str]:
    """Short name → title and edition of every document that a citation names."""
    return {
        each["short"]: each["title"] if each["edition"] in each["title"] else f"{each['title']}, {each['edition']}"
        for standard in document["standards"].values()
        for each in standard["sources"]
    }


def answer_in_words(example: Mapping[str, Any]) -> str:
    """What a worked example comes to: `1 of 2 met, 1 unknown: not met`."""
    if example["owed"] is None:
        return str(example["verdict"])
    unknown = f", {example['unknown']} unknown" if example["unknown"] else ""
    return f"{example['met']} of {example['owed']}{unknown}: {example['verdict']}"


# --- Tables of rules, fields ---------------------------------------------------------------------------------------------


def rules(document: Document, table: str, names: Iterable[str] | None = None) -> pl.DataFrame:
    """The rules on a table: `What is wrong, How to put it right, Rule, Severity, Dimension, Source, Standards`; those named."""
    wanted = None if names is None else set(names)
    every = set(document["standards"])
    rows = [
        (
            rule["message"],
            rule["fix"],
            name,
            rule["severity"],
            rule["dimension"],
            rule["cite"],
            "all" if set(rule["standards"]) == every else ", ".join(rule["standards"]) or "none of these",
        )
        for name, rule in document["rules"].items()
        if rule["table"] == table and (wanted is None or name in wanted)
    ]
    headings = ("What is wrong", "How to put it right", "Rule", "Severity", "Dimension", "Source", "Standards")
    return pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String), orient="row")


def table_rules(document: Document) -> pl.DataFrame:
    """The rules on tables and columns as a whole: `What is wrong, How to put it right, Rule, Severity, Dimension, Source`."""
    rows = [
        tuple(each.get(name, "") for name in ("message", "fix", "id", "severity", "dimension", "cite"))
        for each in document["table_rules"]
    ]
    headings = ("What is wrong", "How to put it right", "Rule", "Severity", "Dimension", "Source")
    return pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String), orient="row")


def fields(document: Document, table: str, names: Iterable[str] | None = None) -> pl.DataFrame:
    """The fields of a table: `Field, What it holds, Expected, Required`; those named."""
    wanted = None if names is None else set(names)
    rows = [
        (name, field["sentence"], field["expected"], required_in_words(field["required"]))
        for name, field in document["tables"][table]["fields"].items()
        if wanted is None or name in wanted
    ]
    headings = ("Field", "What it holds", "Expected", "Required")
    return pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String), orient="row")


def required_in_words(required: bool | str) -> str:
    """`always`, `when …` or `no`."""
    return required if isinstance(required, str) else ("always" if required else "no")


# --- Search --------------------------------------------------------------------------------------------------------------


def found(document: Document, sought: str) -> dict[str, list[str]]:
    """Part of the page → the names of the entries in which every word sought occurs; all entries if nothing is sought.

    Upper and lower case are alike. A field is named `TABLE.FIELD`.
    """
    words = sought.casefold().split()

    def hits(entries: Mapping[str, str]) -> list[str]:
        return [name for name, text in entries.items() if all(word in text.casefold() for word in words)]

    return {part: hits(entries) for part, entries in _texts(document).items()}


def _texts(document: Document) -> dict[str, dict[str, str]]:
    """Everything that is said of each entry, as one text to search in."""
    tables = document["tables"]
    return {
        MEASURES: {
            name: " ".join(
                [name, *_sentences(each, "title", "sentence", "numerator", "denominator", "how_to_read", "cite")]
            )
            for name, each in document["measures"].items()
        },
        RULES: {
            name: " ".join([name, *_sentences(each, "message", "fix", "severity", "dimension", "cite")])
            for name, each in document["rules"].items()
        },
        TABLES: {
            f"{table}.{name}": " ".join(
                [table, name, field["sentence"], field["expected"], required_in_words(field["required"])]
            )
            for table, declared in tables.items()
            for name, field in declared["fields"].items()
        },
        STANDARDS: {
            name: " ".join(
                [
                    *_sentences(standard, "title", "edition", "caution"),
                    *(" ".join(row) for row in figures(standard).iter_rows()),
                    *standard["not_set"],
                ]
            )
            for name, standard in document["standards"].items()
        },
        WORDS: {word: f"{word} {meaning}" for word, meaning in document["words"].items()},
    }


def _sentences(entry: Mapping[str, Any], *names: str) -> list[str]:
    return [str(entry[name]) for name in names if entry[name]]


def found_in_words(hits: Mapping[str, list[str]], sought: str) -> str:
    """What a search found, part by part, in one sentence."""
    singular = {MEASURES: "measure", RULES: "rule", TABLES: "field", STANDARDS: "standard", WORDS: "word"}
    some = [count(len(names), singular[part]) for part, names in hits.items() if names]
    if not some:
        return f"Nothing here speaks of “{sought}”. Try another word, or fewer."
    return f"“{sought}” is found in " + (", ".join(some[:-1]) + " and " + some[-1] if len(some) > 1 else some[0]) + "."
