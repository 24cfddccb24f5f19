"""The checks: raw tables in, typed tables and findings out.

Every table is typed and all its rules are evaluated in one pass over it. One bad value costs one finding: it becomes null
in the typed table, and what is null breaks no other rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from checks.field_rules import FIELD_RULES
from checks.findings import COMPLETENESS, EXTRA_CELLS_IN_ROW, FINDINGS, RULE_OUTCOMES, table_findings
from checks.locators import EXTRA_CELLS, FILE, LOCATORS, ROW, SHEET
from checks.rule import Context, Lookup, Rule, Status
from checks.rules import RULES
from checks.standard import Standard
from checks.tables import TABLES
from checks.tables.table import Table
from checks.typed_tables import TypedTables
from checks.typing_values import reading

KEY_JOINT = " / "
"""Between the parts of a finding's key where a row is named by more than one field."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Checked:
    """What the checks found.

    `tables`: the typed tables · `findings`: one row per finding (columns: `checks.findings.FINDINGS`) · `outcomes`: one row
    per rule (`RULE_OUTCOMES`) · `completeness`: one row per table, required field and agency (`COMPLETENESS`).
    """

    tables: TypedTables
    findings: pl.DataFrame
    outcomes: pl.DataFrame
    completeness: pl.DataFrame

    @property
    def has_errors(self) -> bool:
        """Whether any finding is of severity error."""
        return bool((self.findings["severity"] == "error").any())


def all_rules(standard: Standard) -> dict[str, Rule]:
    """Every rule that the standard asks for, by id, in the order of the tables."""
    rules = [rule for rule in (*FIELD_RULES.values(), *RULES.values()) if rule.applies(standard)]
    place = {name: index for index, name in enumerate(TABLES)}
    return {rule.id: rule for rule in sorted(rules, key=lambda rule: place[rule.table])}


def check(
    raw: Mapping[str, pl.DataFrame], standard: Standard, as_at: date, progress: Progress = lambda what, done, of: None
) -> Checked:
    """Check raw tables against a standard, as they were known on a date.

    `raw`: canonical table name → frame of canonical columns (text, or typed) and the locators of `checks.locators`; one row
    per record. Tables that are not canonical are left aside.
    """
    raw = {name: raw[name] for name in TABLES if name in raw}
    supplied = {name: frozenset(frame.columns) - {*LOCATORS, EXTRA_CELLS} for name, frame in raw.items()}
    typed = {name: _typed(TABLES[name], frame, as_at) for name, frame in raw.items()}
    context = Context(standard, as_at, typed)
    findings, outcomes, completeness = [table_findings(supplied)], [], []
    frames: dict[str, pl.DataFrame] = {}
    for place, (name, model) in enumerate(TABLES.items()):
        progress(f"checking {name}", place, len(TABLES))
        rules = [rule for rule in all_rules(standard).values() if rule.table == name]
        can_run = [rule for rule in rules if _can_run(rule, supplied)]
        outcomes += [_outcome(rule, "could not check") for rule in rules if rule not in can_run]
        if name not in raw:
            continue
        judged = _judged(model, typed[name], can_run, context)
        for rule in can_run:
            rows = judged[rule.id].arg_true()
            outcomes.append(_outcome(rule, "fail" if len(rows) else "pass", judged.height, len(rows)))
            if len(rows):
                findings.append(_findings(rule, model, judged, rows))
        if EXTRA_CELLS in judged.columns:
            findings.append(_extra_cells(model, judged))
        completeness.append(_completeness(model, judged))
        frames[name] = _without_repeats(model, judged).select(*model.columns(), *LOCATORS)
    progress("checked", len(TABLES), len(TABLES))
    return Checked(
        tables=TypedTables(frames, supplied, as_at),
        findings=pl.concat(findings),
        outcomes=pl.DataFrame(outcomes, schema=RULE_OUTCOMES, orient="row"),
        completeness=pl.concat([pl.DataFrame(schema=COMPLETENESS), *completeness]),
    )


def _typed(model: type[Table], raw: pl.DataFrame, as_at: date) -> pl.LazyFrame:
    """Every canonical column, typed, and per field the flags that the field rules read.

    `FIELD|missing` the source gives nothing · `FIELD|unread` it gives what cannot be read · `FIELD|future` it gives a date
    of something done after the as-at date, which did not yet count.
    """
    columns: list[pl.Expr] = [pl.col(name) for name in (*LOCATORS, EXTRA_CELLS) if name in raw.columns]
    for field in model.fields().values():
        read = reading(field, raw.schema.get(field.name, pl.Null()))
        value = read.value
        columns.append(read.missing.alias(f"{field.name}|missing"))
        if field.kind != "text":
            columns.append((value.is_null() & ~read.missing).alias(f"{field.name}|unread"))
        if field.happened:
            columns.append((value > as_at).fill_null(value=False).alias(f"{field.name}|future"))
            value = pl.when(value <= as_at).then(value)
        columns.append(value.alias(field.name))
    return raw.lazy().select(*columns)


def _can_run(rule: Rule, supplied: Mapping[str, frozenset[str]]) -> bool:
    """Whether every column that the rule reads is there; a column that may always be empty may also be absent."""
    if rule.table not in supplied:
        return False
    declared = TABLES[rule.table].fields()
    own = [name for place, name in enumerate(rule.fields) if place == 0 or declared[name].required]
    needed = {(rule.table, name) for name in own}
    needed |= {
        (table, name) for lookup in rule.lookups for table, _, name in (each.partition(".") for each in lookup.needs)
    }
    return all(name in supplied.get(table, frozenset()) for table, name in needed)


def _judged(model: type[Table], typed: pl.LazyFrame, rules: Iterable[Rule], context: Context) -> pl.DataFrame:
    """The typed columns, a boolean column per rule (true: the row breaks it) and `FIELD|needed` per required field."""
    rules = list(rules)
    frame = typed
    for lookup in _lookups(rules):
        frame = frame.join(lookup.build(context), on=lookup.on, how="left", maintain_order="left")
    broken = [rule.fails(context).fill_null(value=False).alias(rule.id) for rule in rules]
    return frame.select(
        *(name for name in (*LOCATORS, EXTRA_CELLS) if name in typed.collect_schema()),
        *model.columns(),
        *(f"{field.name}|missing" for field in model.fields().values() if field.required),
        *_needed(model, frame),
        *broken,
    ).collect()


def _lookups(rules: Iterable[Rule]) -> list[Lookup]:
    """Each lookup once, however many rules use it."""
    return list({lookup.name: lookup for rule in rules for lookup in rule.lookups}.values())


def _needed(model: type[Table], frame: pl.LazyFrame) -> list[pl.Expr]:
    """`FIELD|needed` for every required field whose condition can be told."""
    there = set(frame.collect_schema())
    return [
        needed.alias(f"{field.name}|needed")
        for field in model.fields().values()
        if (needed := field.needed) is not None and set(needed.meta.root_names()) <= there
    ]


def _outcome(rule: Rule, status: Status, rows: int | None = None, failing: int | None = None) -> tuple[object, ...]:
    return (rule.id, rule.severity, rule.dimension, rule.table, rule.fields[0], status, rows, failing)


def _key(model: type[Table]) -> pl.Expr:
    parts = [pl.col(name).cast(pl.String) for name in model.about().key]
    return pl.concat_str(parts, separator=KEY_JOINT, ignore_nulls=True) if len(parts) > 1 else parts[0]


def _located(model: type[Table], rows: pl.DataFrame, **said: str | None) -> pl.DataFrame:
    """Findings from the rows of a table, all saying the same."""
    return rows.select(
        pl.lit(said["rule"]).alias("rule"),
        pl.lit(said["severity"]).alias("severity"),
        pl.lit(said["dimension"]).alias("dimension"),
        pl.lit(model.table_name()).alias("table"),
        _key(model).alias("key"),
        pl.lit(said["field"], dtype=pl.String).alias("field"),
        pl.col(FILE).cast(pl.String).alias("file"),
        pl.col(SHEET).cast(pl.String).alias("sheet"),
        pl.col(ROW).cast(pl.UInt32).alias("row"),
        pl.lit(said["message"]).alias("message"),
        pl.lit(said["fix"]).alias("fix"),
    ).select(*FINDINGS)


def _findings(rule: Rule, model: type[Table], judged: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return _located(
        model,
        judged.select(*LOCATORS, *model.about().key)[rows],
        rule=rule.id,
        severity=rule.severity,
        dimension=rule.dimension,
        field=rule.fields[0],
        message=rule.message,
        fix=rule.fix,
    )


def _extra_cells(model: type[Table], judged: pl.DataFrame) -> pl.DataFrame:
    rule = EXTRA_CELLS_IN_ROW
    return _located(
        model,
        judged.filter(pl.col(EXTRA_CELLS).fill_null(value=False)),
        rule=f"{model.table_name()}.row.{rule.word}",
        severity=rule.severity,
        dimension=rule.dimension,
        field=None,
        message=rule.message,
        fix=rule.fix,
    )


def _completeness(model: type[Table], judged: pl.DataFrame) -> pl.DataFrame:
    """Of the rows in which each field is required, how many give it; by the agency whose record the row is."""
    fields = [name for name in model.columns() if f"{name}|needed" in judged.columns]
    agency = model.about().agency
    by = (pl.col(agency) if agency else pl.lit(None, dtype=pl.String)).alias("agency")
    counted = (
        judged.lazy()
        .group_by(by)
        .agg(
            *(pl.col(f"{name}|needed").sum().cast(pl.Int64).alias(f"{name}|n") for name in fields),
            *(
                (pl.col(f"{name}|needed") & ~pl.col(f"{name}|missing")).sum().cast(pl.Int64).alias(f"{name}|g")
                for name in fields
            ),
        )
        .collect()
    )
    table = pl.lit(model.table_name()).alias("table")
    parts = [
        counted.select(
            table,
            pl.lit(name).alias("field"),
            "agency",
            pl.col(f"{name}|n").alias("needed"),
            pl.col(f"{name}|g").alias("given"),
        ).filter(pl.col("needed") > 0)
        for name in fields
    ]
    return pl.concat([pl.DataFrame(schema=COMPLETENESS), *parts]).sort("field", "agency", maintain_order=True)


def _without_repeats(model: type[Table], judged: pl.DataFrame) -> pl.DataFrame:
    """The rows, but a row that is repeated to the letter only once: a file exported twice must not count twice.

    Rows that share a key and differ are all kept: which of them is right is not for the machine to say.
    """
    about = model.about()
    rule = f"{model.table_name()}.{about.key[0]}.unique"
    if not about.key_unique or rule not in judged.columns or not judged[rule].any():
        return judged
    numbered = judged.with_row_index("|n")
    repeated = numbered.filter(pl.col(rule))
    surplus = repeated.filter(~pl.struct(*model.columns()).is_first_distinct())["|n"]
    return numbered.filter(~pl.col("|n").is_in(surplus.implode())).drop("|n")
