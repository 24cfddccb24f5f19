"""What the data-quality page shows, worked out from the stored outcomes, findings and completeness. Pure functions.

Every share comes with its numerator and denominator, and is a sum divided by a sum, never an average of shares. What could
not be checked is neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.changes import COULD_NOT_CHECK, NEW, NO_LONGER_CHECKED, RESOLVED, STILL_THERE, gone_how
from dashboard.text import day, s
from dashboard.words import percent

DIMENSIONS = ("completeness", "validity", "consistency", "uniqueness", "timeliness", "accuracy")
PASS, FAIL = "pass", "fail"
STATUSES = (FAIL, COULD_NOT_CHECK, PASS)
SEVERITIES = ("error", "warning")
CHANGES = (NEW, STILL_THERE, RESOLVED, NO_LONGER_CHECKED)
NO_AGENCY = "no agency named"
NOT_SUPPLIED = "not supplied"

OPEN, ACCEPTED, EXPIRED = "open", "accepted", "expired"
STANDINGS = (OPEN, ACCEPTED, EXPIRED)
"""How a finding stands: accepted for a while, or open again because that has run out (`dashboard.accepted`)."""
STANDING_SIGNS: dict[str, str] = {OPEN: "○", ACCEPTED: "✎", EXPIRED: "↻"}

STATUS_SIGNS: dict[str, str] = {PASS: "✓", FAIL: "✗", COULD_NOT_CHECK: "?"}
STATUS_WORDS: dict[str, str] = {PASS: "passed", FAIL: "failed", COULD_NOT_CHECK: "could not be checked"}
SEVERITY_SIGNS: dict[str, str] = {"error": "▲", "warning": "△"}
CHANGE_SIGNS: dict[str, str] = {NEW: "+", STILL_THERE: "=", RESOLVED: "✓", NO_LONGER_CHECKED: "?"}

ABSENCES = ("missing", "absent", "empty")
"""The last word in the id of a rule about a table or column as a whole: nothing in it was tested row by row."""

WHOLE_WORDS = (*ABSENCES, "extra_cells")
"""Of every rule that stands among the outcomes only where it fails."""

HOW_COUNTED = (
    "One test is one rule applied to one row: a row that breaks two rules fails two tests, and a row with nothing to test "
    "passes. For completeness the tests are the values that are required: given, of those required. Tables and columns "
    "that are not there at all are not in these counts; they are listed above."
)


def share_in_words(part: int | None, whole: int | None) -> str:
    """`96.3 % (52 of 54)`; "nothing to count" of nothing, "not supplied" where there is no part."""
    if part is None:
        return NOT_SUPPLIED
    if not whole:
        return "nothing to count"
    return f"{percent(part / whole)} ({part:,} of {whole:,})"


def _rule_word() -> pl.Expr:
    return pl.col("rule").str.split(".").list.last()


def about_a_whole() -> pl.Expr:
    """Outcomes or findings on a table or column as a whole, not on a row of it."""
    return _rule_word().is_in(list(ABSENCES))


def absences(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings on tables and columns that are not there or hold nothing, errors first."""
    return findings.filter(about_a_whole()).sort(pl.col("severity") != "error", maintain_order=True)


# --- Completeness -------------------------------------------------------------------------------------------------------


def _summed(completeness: pl.DataFrame, *by: str) -> pl.DataFrame:
    """`needed, given` by these columns, the columns in their order, and `lacking`: the fields that are not supplied.

    A field that the source does not have was needed and not given, in every row: it stays in the denominator. Where nothing
    at all is supplied there is no share: `given` is null.
    """
    absent = pl.col("given").is_null()
    return completeness.group_by(by, maintain_order=True).agg(
        pl.col("needed").sum(),
        given=pl.when(absent.all()).then(None).otherwise(pl.col("given").sum()),
        lacking=pl.col("field").filter(absent).unique(maintain_order=True),
    )


def by_table(completeness: pl.DataFrame, tables: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """`table, needed, given, lacking, optional`: one row per declared table, in the declared order; null: not supplied.

    `tables`: the stored definitions of the tables.
    """
    declared = pl.DataFrame(
        {"table": list(tables), "optional": [bool(each["optional"]) for each in tables.values()]},
        schema={"table": pl.String, "optional": pl.Boolean},
    )
    return declared.join(_summed(completeness, "table"), on="table", how="left", maintain_order="left").select(
        "table", "needed", "given", "lacking", "optional"
    )


def by_field(
    completeness: pl.DataFrame, table: str | None = None, agency: str | None = None, *, complete_too: bool = True
) -> pl.DataFrame:
    """`table, field, needed, given`: one row per required field, the least complete first; those complete only if asked."""
    kept = completeness
    if table is not None:
        kept = kept.filter(pl.col("table") == table)
    if agency is not None:
        kept = kept.filter(pl.col("agency").fill_null(NO_AGENCY) == agency)
    summed = _summed(kept, "table", "field").drop("lacking")
    if not complete_too:
        summed = summed.filter(pl.col("given").fill_null(-1) < pl.col("needed"))
    return summed.sort(pl.col("given").fill_null(-1) / pl.col("needed"), maintain_order=True)


def by_agency(completeness: pl.DataFrame) -> pl.DataFrame:
    """`agency, needed, given, lacking`: one row per agency whose records they are, and last those that name none."""
    named = completeness.with_columns(pl.col("agency").fill_null(NO_AGENCY))
    return _summed(named, "agency").sort(pl.col("agency") == NO_AGENCY, "agency")


def total(completeness: pl.DataFrame) -> tuple[int, int]:
    """How many required values are given, and how many are required."""
    return int(completeness["given"].sum()), int(completeness["needed"].sum())


# --- Rules --------------------------------------------------------------------------------------------------------------


def dimensions(outcomes: pl.DataFrame, completeness: pl.DataFrame) -> pl.DataFrame:
    """One row per dimension: `dimension, passed, tests, rules, failing_rules, unchecked_rules` (see `HOW_COUNTED`)."""
    rows = outcomes.filter(~about_a_whole())
    checked = rows.filter(pl.col("status") != COULD_NOT_CHECK)
    tested = checked.group_by("dimension").agg(
        tests=pl.col("rows").sum(), passed=(pl.col("rows") - pl.col("failing")).sum()
    )
    counted = rows.group_by("dimension").agg(
        rules=pl.len(),
        failing_rules=(pl.col("status") == FAIL).sum(),
        unchecked_rules=(pl.col("status") == COULD_NOT_CHECK).sum(),
    )
    every = pl.DataFrame({"dimension": list(DIMENSIONS)})
    joined = every.join(tested, on="dimension", how="left", maintain_order="left")
    joined = joined.join(counted, on="dimension", how="left", maintain_order="left")
    numbers = ("passed", "tests", "rules", "failing_rules", "unchecked_rules")
    joined = joined.with_columns(pl.col(name).fill_null(0).cast(pl.Int64) for name in numbers)
    given, needed = total(completeness)
    complete = pl.col("dimension") == "completeness"
    return joined.select(
        "dimension",
        passed=pl.when(complete).then(pl.lit(given)).otherwise("passed"),
        tests=pl.when(complete).then(pl.lit(needed)).otherwise("tests"),
        rules="rules",
        failing_rules="failing_rules",
        unchecked_rules="unchecked_rules",
    )


def status_counts(outcomes: pl.DataFrame) -> dict[str, int]:
    """How many rules failed, could not be checked and passed."""
    found = dict(outcomes.group_by("status").len().iter_rows())
    return {status: int(found.get(status, 0)) for status in STATUSES}


@dataclass(frozen=True)
class Chosen:
    """What is chosen of rules or findings; an empty tuple leaves that column free."""

    tables: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    standings: tuple[str, ...] = ()

    def words(self) -> str:
        """What is chosen, in one sentence."""
        named = (
            ("table", self.tables),
            ("dimension", self.dimensions),
            ("severity", self.severities),
            ("status", self.statuses),
            ("since the last snapshot", self.changes),
            ("rule", self.rules),
            ("standing", self.standings),
        )
        return "; ".join(f"{name}: {', '.join(values)}" for name, values in named if values) or "everything"


def _one_of(column: str, values: Sequence[str]) -> pl.Expr:
    return pl.col(column).is_in(list(values)) if values else pl.lit(value=True)


def chosen_rules(outcomes: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """The outcomes chosen: failed first, then what could not be checked, then passed; errors first, most failing first."""
    place = pl.col("status").replace_strict({each: index for index, each in enumerate(STATUSES)}, return_dtype=pl.Int8)
    return outcomes.filter(
        _one_of("table", chosen.tables),
        _one_of("dimension", chosen.dimensions),
        _one_of("severity", chosen.severities),
        _one_of("status", chosen.statuses),
    ).sort(
        place,
        pl.col("severity") != "error",
        pl.col("failing").fill_null(0),
        descending=[False, False, True],
        maintain_order=True,
    )


def all_findings(findings: pl.DataFrame, gone: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """The findings of now and below them those no longer there; `since` says which is which.

    A finding whose rule could not be checked this time is no longer checked, which is not resolved.
    """
    return pl.concat([findings, gone_how(gone, outcomes, WHOLE_WORDS).select(findings.columns)])


def chosen_findings(everything: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """The findings chosen (of `all_findings`), errors first; those no longer there only when they are asked for."""
    changes = chosen.changes or (NEW, STILL_THERE)
    kept = everything.filter(
        _one_of("table", chosen.tables),
        _one_of("dimension", chosen.dimensions),
        _one_of("severity", chosen.severities),
        pl.col("since").is_in(list(changes)) | (pl.col("since").is_null() & pl.lit(not chosen.changes)),
        _one_of("rule", chosen.rules),
        _one_of("standing", chosen.standings),
    )
    return kept.sort(pl.col("severity") != "error", maintain_order=True)


def is_compared(outcomes: pl.DataFrame) -> bool:
    """Whether the snapshot was compared with one before, under this standard."""
    return bool(outcomes["new"].count())


def change_counts(everything: pl.DataFrame) -> dict[str, int]:
    """How many findings (of `all_findings`) are new, still there, resolved, no longer checked."""
    found = dict(everything.group_by("since").len().iter_rows())
    return {change: int(found.get(change, 0)) for change in CHANGES}


# --- In words, for the screen -------------------------------------------------------------------------------------------


def _signed(column: str, signs: Mapping[str, str]) -> pl.Expr:
    sign = pl.col(column).replace_strict(dict(signs), default="", return_dtype=pl.String)
    return pl.concat_str(sign, pl.col(column), separator=" ")


def status_in_words(status: str) -> str:
    """`✗ failed`, `? could not be checked`, `✓ passed`."""
    return f"{STATUS_SIGNS[status]} {STATUS_WORDS[status]}"


def _shares(frame: pl.DataFrame, part: str, whole: str) -> pl.Series:
    words = [share_in_words(some, of) for some, of in frame.select(part, whole).iter_rows()]
    return pl.Series(words, dtype=pl.String)


def completeness_for_screen(frame: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """Rows with `needed, given` as text: the named columns, the share with n of N, and how many values are to be added."""
    missing = pl.col("needed") - pl.col("given")
    shown = [
        *(pl.col(name).alias(heading) for name, heading in headings.items()),
        _shares(frame, "given", "needed").alias("Complete"),
        pl.when(pl.col("given").is_null())
        .then(pl.lit(NOT_SUPPLIED))
        .otherwise(pl.format("{}", missing))
        .alias("Values missing"),
    ]
    if "lacking" in frame.columns:
        shown.append(pl.col("lacking").list.join(", ").fill_null("").alias("Columns not supplied"))
    return frame.select(shown)


@dataclass(frozen=True)
class DimensionCard:
    """One dimension in words: its `name`, what it `asks`, the `figure`, n of N behind it, and the `rules` by status."""

    name: str
    asks: str
    figure: str
    of: str
    rules: str


def dimension_cards(rows: pl.DataFrame, words: Mapping[str, str]) -> list[DimensionCard]:
    """`dimensions` as cards; `words`: the words of the field."""
    cards = []
    for each in rows.iter_rows(named=True):
        failing, unchecked = each["failing_rules"], each["unchecked_rules"]
        signs = ((FAIL, failing), (COULD_NOT_CHECK, unchecked), (PASS, each["rules"] - failing - unchecked))
        behind = ", ".join(
            f"{STATUS_SIGNS[status]} {number:,} {STATUS_WORDS[status]}" for status, number in signs if number
        )
        asks = words.get(each["dimension"], "").removeprefix("Data quality: ")
        passed, tests = each["passed"], each["tests"]
        what = "required values given" if each["dimension"] == "completeness" else "tests passed"
        cards.append(
            DimensionCard(
                name=each["dimension"].capitalize(),
                asks=asks[:1].upper() + asks[1:],
                figure=percent(passed / tests) if tests else "not tested",
                of=f"{passed:,} of {tests:,} {what}" if tests else "nothing was tested",
                rules=f"Rules: {behind}" if behind else "No rule can test this on the records alone.",
            )
        )
    return cards


def rules_for_screen(outcomes: pl.DataFrame, document: Mapping[str, Any], compared: bool) -> pl.DataFrame:
    """Outcomes as text: what is wrong where the rule fails, its status, failing of rows, and what changed.

    `document`: the stored definitions.
    """
    said = {name: str(each["message"]) for name, each in document["rules"].items()}
    whole = {str(each["id"]).rpartition(".")[2]: str(each["message"]) for each in document["table_rules"]}
    messages = []
    for rule, table, field in outcomes.select("rule", "table", "field").iter_rows():
        general = whole.get(rule.rpartition(".")[2], "").replace("TABLE", table).replace("FIELD", field or "")
        messages.append(said.get(rule, general))
    failing = [
        "not checked" if failing is None else (f"{failing:,} of {rows:,}" if rows else f"{failing:,}")
        for failing, rows in outcomes.select(pl.col("failing"), pl.when(~about_a_whole()).then("rows")).iter_rows()
    ]
    shown = [
        pl.col("status").replace({each: status_in_words(each) for each in STATUSES}).alias("Status"),
        pl.Series("What is wrong where it fails", messages, dtype=pl.String),
        pl.col("rule").alias("Rule"),
        _signed("severity", SEVERITY_SIGNS).alias("Severity"),
        pl.col("dimension").alias("Dimension"),
        pl.Series("Failing of rows", failing, dtype=pl.String),
    ]
    if compared:
        names = {"new": "New", "persisting": "Still there", "resolved": "Resolved"}
        shown += [pl.col(name).cast(pl.String).fill_null("–").alias(heading) for name, heading in names.items()]
    return outcomes.select(shown)


def place_of(row: Mapping[str, Any]) -> str:
    """File, sheet and row of a finding, in words."""
    sheet = row["sheet"] if row["sheet"] != row["file"] else None
    at = None if row["row"] is None else f"row {row['row']:,}"
    return ", ".join(part for part in (row["file"], sheet, at) if part)


def _accepted(findings: pl.DataFrame) -> pl.Series:
    """How each finding stands, in words."""
    said = []
    for how, until, reason in findings.select("standing", "accepted_until", "accepted_reason").iter_rows():
        ends = {ACCEPTED: f" until {day(until)}: {reason}", EXPIRED: f" on {day(until)}: {reason}"}
        said.append("–" if how is None else f"{STANDING_SIGNS[how]} {how}{ends.get(how, '')}")
    return pl.Series(said, dtype=pl.String)


def findings_for_screen(findings: pl.DataFrame, compared: bool) -> pl.DataFrame:
    """Findings as text: where to look, what is wrong, how to put it right, and how it stands where any was ever accepted."""
    place = pl.concat_str(
        pl.col("file"),
        pl.when(pl.col("sheet") != pl.col("file")).then(pl.col("sheet")),
        pl.format("row {}", pl.col("row")),
        separator=", ",
        ignore_nulls=True,
    )
    shown = [
        _signed("severity", SEVERITY_SIGNS).alias("Severity"),
        pl.col("message").alias("What is wrong"),
        pl.col("key").fill_null("–").alias("Record"),
        pl.when(place == "").then(pl.lit("the whole source")).otherwise(place).alias("Where"),
        pl.col("fix").alias("How to put it right"),
        pl.col("table").alias("Table"),
    ]
    if compared:
        shown.append(_signed("since", CHANGE_SIGNS).alias("Since the last snapshot"))
    if "accepted_until" in findings.columns and findings["accepted_until"].count():
        shown.append(_accepted(findings).alias("Accepted?"))
    return findings.select(shown)


def headline(outcomes: pl.DataFrame) -> str:
    """One sentence on the whole: findings, and how many rules failed of how many."""
    counts = status_counts(outcomes)
    by = dict(outcomes.group_by("severity").agg(pl.col("failing").sum()).iter_rows())
    found = f"{_count(int(by.get('error') or 0), 'error')} and {_count(int(by.get('warning') or 0), 'warning')}."
    checked = _count(counts[PASS] + counts[FAIL], "rule")
    if counts[COULD_NOT_CHECK]:
        unchecked = f"{_count(counts[COULD_NOT_CHECK], 'rule')} could not be checked, which is no pass"
        return f"{found} {counts[FAIL]:,} of {checked} that could be checked failed; {unchecked}."
    return f"{found} {counts[FAIL]:,} of {checked} failed; every rule could be checked."


def changes_in_words(counts: Mapping[str, int]) -> str:
    """What changed since the last snapshot, in one sentence."""
    said = f"{counts[NEW]:,} new, {counts[STILL_THERE]:,} still there, {counts[RESOLVED]:,} resolved"
    lost = counts[NO_LONGER_CHECKED]
    return f"{said}; {lost:,} can no longer be checked, which is not resolved" if lost else said


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}{s(number)}"
