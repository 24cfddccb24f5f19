"""The checks: raw tables in, typed tables and findings out.

Every table is typed and all its rules are evaluated in one pass over it. One bad value costs one finding: it becomes null
in the typed table, and what is null breaks no other rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import polars as pl

from checks.completeness import COMPLETENESS, FIELD_QUALITY, completeness, field_quality, tests_of_validity
from checks.field_rules import FIELD_RULES, finds_names
from checks.findings import (
    FINDINGS,
    KEY_JOINT,
    RULE_OUTCOMES,
    extra_cells_findings,
    rule_findings,
    rule_outcome,
    table_findings,
    whole_outcomes,
)
from checks.flags import NUMBER, flagged, with_needs
from checks.locators import EXTRA_CELLS, LOCATORS
from checks.rule import Context, Lookup, Rule
from checks.rules import RULES
from checks.standard import Standard
from checks.tables import TABLES
from checks.tables.table import Table
from checks.typed_tables import TypedTables
from checks.withheld import without_agency, without_names

__all__ = [
    "COMPLETENESS",
    "FIELD_QUALITY",
    "FINDINGS",
    "KEY_JOINT",
    "RULE_OUTCOMES",
    "Checked",
    "Progress",
    "all_rules",
    "check",
]

Progress = Callable[[str, int, int], None]
"""Called as work goes on: what is being checked, how many tables are done, of how many."""


def silent(what: str, done: int, of: int) -> None:
    """The progress of a caller who does not want any."""


@dataclass(frozen=True)
class Checked:
    """What the checks found.

    `tables`: the typed tables · `findings`: one row per finding (columns: `checks.findings.FINDINGS`) · `outcomes`: one
    row per rule (`RULE_OUTCOMES`) · `completeness`: one row per table, required field and agency (`COMPLETENESS`) · `quality`:
    completeness and validity per table, field, agency and quarter (`FIELD_QUALITY`).
    """

    tables: TypedTables
    findings: pl.DataFrame
    outcomes: pl.DataFrame
    completeness: pl.DataFrame
    quality: pl.DataFrame

    @property
    def has_errors(self) -> bool:
        """Whether any finding is of severity error."""
        return bool((self.findings["severity"] == "error").any())


def all_rules(standard: Standard) -> dict[str, Rule]:
    """Every rule that the standard asks for, by id, in the order of the tables."""
    rules = [rule for rule in (*FIELD_RULES.values(), *RULES.values()) if rule.applies(standard)]
    place = {name: index for index, name in enumerate(TABLES)}
    return {rule.id: rule for rule in sorted(rules, key=lambda rule: place[rule.table])}


def check(raw: Mapping[str, pl.DataFrame], standard: Standard, as_at: date, progress: Progress = silent) -> Checked:
    """Check raw tables against a standard, as they were known on a date.

    `raw`: canonical table name → frame of canonical columns (text, or typed) and the locators of `checks.locators`; one
    row per record. Tables that are not canonical are left aside.
    """
    raw = {name: raw[name] for name in TABLES if name in raw}
    supplied = {name: frozenset(frame.columns) - {*LOCATORS, EXTRA_CELLS} for name, frame in raw.items()}
    height = {name: frame.height for name, frame in raw.items()}
    progress("reading values", 0, len(TABLES))
    typed = {name: flagged(TABLES[name], frame, as_at) for name, frame in raw.items()}
    context = Context(standard, as_at, typed, supplied)
    whole, findings, outcomes = [table_findings(supplied, height)], [], []
    quality: list[Future[pl.DataFrame]] = []
    frames: dict[str, pl.DataFrame] = {}
    repeating: dict[tuple[str, ...], bool] = {}
    names: dict[tuple[str, str], pl.Series] = {}
    rules = all_rules(standard)
    # Beside the judging of the next table: counting by agency and quarter leaves most cores idle.
    with ThreadPoolExecutor(1) as beside:
        for place, (name, model) in enumerate(TABLES.items()):
            progress(f"checking {name}", place, len(TABLES))
            of_table = [rule for rule in rules.values() if rule.table == name]
            can_run = [rule for rule in of_table if _can_run(rule, supplied, height)]
            outcomes += [rule_outcome(rule, "could not check") for rule in of_table if rule not in can_run]
            if name not in raw:
                continue
            judged = _judged(model, can_run, context)
            broken: list[tuple[Rule, pl.Series]] = []
            for rule in can_run:
                failing = int(judged[rule.id].sum())
                outcomes.append(rule_outcome(rule, "fail" if failing else "pass", judged.height, failing))
                if failing:
                    rows = judged[NUMBER].filter(judged[rule.id]).sort()
                    broken.append((rule, rows))
                    if finds_names(rule):
                        names[name, rule.fields[0]] = typed[name][rule.fields[0]].gather(rows)
                        judged = without_agency(judged, model, rule)
            findings.append(rule_findings(model, typed[name], broken))
            if EXTRA_CELLS in raw[name].columns:
                whole.append(extra_cells_findings(model, typed[name]))
            quality.append(beside.submit(field_quality, model, judged, supplied[name], of_table, standard))
            frames[name], several = _without_repeats(model, typed[name])
            if model.about().key_unique:
                repeating[name, *model.about().key] = several
    progress("checked", len(TABLES), len(TABLES))
    about_tables = pl.concat(whole)
    frames = without_names(frames, names)
    outcomes += whole_outcomes(about_tables, height)
    told = pl.concat([pl.DataFrame(schema=FIELD_QUALITY), *(each.result() for each in quality)])
    return Checked(
        tables=TypedTables(frames, supplied, as_at, repeating),
        findings=pl.concat([about_tables, *findings]),
        outcomes=pl.DataFrame(outcomes, schema=RULE_OUTCOMES),
        completeness=completeness(told),
        quality=told,
    )


def _can_run(rule: Rule, supplied: Mapping[str, frozenset[str]], height: Mapping[str, int]) -> bool:
    """Whether every column that the rule reads is there; a column that may always be empty may also be absent."""
    if rule.table not in supplied or any(height.get(each.filled, 1) == 0 for each in rule.lookups if each.filled):
        return False
    declared = TABLES[rule.table].fields()
    own = [name for place, name in enumerate(rule.fields) if place == 0 or declared[name].required]
    needed = {(rule.table, name) for name in own}
    needed |= {
        (table, name) for lookup in rule.lookups for table, _, name in (each.partition(".") for each in lookup.needs)
    }
    return all(name in supplied.get(table, frozenset()) for table, name in needed)


def _judged(model: type[Table], rules: Iterable[Rule], context: Context) -> pl.DataFrame:
    """The rows' numbers, a boolean column per rule (true: the row breaks it), and what `field_quality` is counted from.

    The rows come in any order: to keep it made the joins three times slower.
    """
    rules = list(rules)
    frame = context.tables[model.table_name()].lazy()
    for lookup in _lookups(rules):
        frame = frame.join(lookup.build(context), on=lookup.on, how="left")
    frame = with_needs(model, frame)
    there = set(frame.collect_schema())
    about = model.about()
    tested = tests_of_validity(rules)
    return frame.select(
        NUMBER,
        *dict.fromkeys(each for each in (about.agency, about.day) if each in there),
        *(f"{field.name}|missing" for field in model.fields().values() if field.required or field.name in tested),
        *(name for field in model.fields() if (name := f"{field}|needed") in there),
        *(rule.fails(context).fill_null(value=False).alias(rule.id) for rule in rules),
    ).collect()


def _lookups(rules: Iterable[Rule]) -> list[Lookup]:
    """Each lookup once, however many rules use it."""
    return list({lookup.name: lookup for rule in rules for lookup in rule.lookups}.values())


def _without_repeats(model: type[Table], typed: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """The canonical columns and locators, with a row that is repeated to the letter only once; whether keys repeat even so.

    A file exported twice must not count twice. Rows that share a key and differ are all kept: which of them is right is
    not for the machine to say.
    """
    about = model.about()
    columns = [*model.columns(), *LOCATORS]
    if not about.key_unique or not typed[f"{about.key[0]}|repeated"].any():
        return typed.select(columns), False
    repeated = typed.filter(pl.col(f"{about.key[0]}|repeated"))
    first = repeated.select(pl.struct(*model.columns()).is_first_distinct()).to_series()
    surplus, kept = repeated.filter(~first)[NUMBER], repeated.filter(first)
    several = bool(kept.select(pl.struct(*about.key).is_duplicated().any()).item())
    return typed.filter(~pl.col(NUMBER).is_in(surplus.implode())).select(columns), several
