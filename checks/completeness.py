"""Completeness and validity: of the values required, how many are given; of the values given, how many break no rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from checks.flags import missing, needed
from checks.quarters import quarters_of
from checks.rule import Rule
from checks.standard import Standard
from checks.tables.table import Field, Table, When

COMPLETENESS: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "field": pl.String,
    "agency": pl.String,
    "needed": pl.Int64,
    "given": pl.Int64,
}
"""One row per table, required field and agency: in how many rows the field is required, and in how many it is given.

`agency` is the one whose record the row is; null where a table names none, or the row does not. `given` is null where the
source has no such column: that is "not supplied", not 0 %.
"""

FIELD_QUALITY: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "field": pl.String,
    "agency": pl.String,
    "quarter": pl.Int32,
    "needed": pl.Int64,
    "given": pl.Int64,
    "filled": pl.Int64,
    "valid": pl.Int64,
    "unchecked": pl.Int64,
}
"""One row per table, field, agency and quarter.

`quarter` is the one that holds the row's day (`checks.quarters`); null where the table has no day, or the row does not give it ·
`needed`, `given` as in `COMPLETENESS`, `needed` 0 where the field is not required · `filled` rows that give a value, required or
not · `valid` those of them that break no rule on validity · `unchecked` how many of the field's rules on validity could not be
checked. `filled` and `valid` are null where no rule could tell: there is none, none could be checked, or there is no such column.
"""


def field_quality(
    model: type[Table], frame: pl.DataFrame, supplied: frozenset[str], rules: Iterable[Rule], standard: Standard
) -> pl.DataFrame:
    """Completeness and validity of one table (`FIELD_QUALITY`), from its typed frame with its flags and a column per rule run.

    `rules`: every rule on the table, also those that could not be checked.
    """
    about = model.about()
    fields = model.fields()
    tests = tests_of_validity(rules)
    run = {name: [each for each in of_field if each in frame.columns] for name, of_field in tests.items()}
    asked = {name: _where(field) for name, field in fields.items() if _is_asked(field, frame)}
    told = [name for name in fields if name in asked or (name in tests and name in supplied)]
    if not told:
        return pl.DataFrame(schema=FIELD_QUALITY)
    agency = pl.col(about.agency) if about.agency else pl.lit(None, dtype=pl.String)
    in_quarter = about.day is not None and about.day in frame.columns
    quarter = quarters_of(standard, frame[about.day]) if about.day and in_quarter else pl.lit(None, dtype=pl.Int32)
    # Of what never happens nothing is counted row by row: most fields are given throughout, and most rules kept.
    happens = frame.select(
        *(missing(name).any().alias(f"{name}|missing") for name in told),
        *(pl.col(each).any() for each in dict.fromkeys(each for name in told for each in run.get(name, ()))),
    ).row(0, named=True)
    some_missing = {name for name in told if happens[f"{name}|missing"]}
    broken = {name: [each for each in run.get(name, ()) if happens[each]] for name in told}
    counts = {
        **{f"{name}|asked": test for name, test in asked.items() if test is not None},
        **{
            f"{name}|empty": test & missing(name)
            for name, test in asked.items()
            if test is not None and name in some_missing
        },
        **{f"{name}|missing": missing(name) for name in some_missing},
        **{f"{name}|bad": ~missing(name) & pl.any_horizontal(rules) for name, rules in broken.items() if rules},
    }
    # Added to the rows, not selected from them: of constants alone, a selection makes one row.
    counted = (
        frame.lazy()
        .with_columns(agency.alias("|agency"), quarter.alias("|quarter"), **counts)
        .group_by("|agency", "|quarter")
        .agg(pl.len().cast(pl.Int64).alias("|rows"), pl.col(list(counts)).sum().cast(pl.Int64))
        .collect()
    )
    held = frozenset(counted.columns)
    nothing = pl.lit(None, dtype=pl.Int64)
    parts = [
        counted.select(
            pl.lit(model.table_name()).alias("table"),
            pl.lit(name).alias("field"),
            pl.col("|agency").alias("agency"),
            pl.col("|quarter").alias("quarter"),
            _needed(name, asked, held).alias("needed"),
            (_given(name, asked, held) if name in supplied else nothing).alias("given"),
            (_filled(name, held) if run.get(name) and name in supplied else nothing).alias("filled"),
            (_filled(name, held) - _count(name, "bad", held) if run.get(name) and name in supplied else nothing).alias(
                "valid"
            ),
            pl.lit(len(tests.get(name, ())) - len(run.get(name, ())), dtype=pl.Int64).alias("unchecked"),
        )
        for name in told
    ]
    some = (pl.col("needed") > 0) | (pl.col("filled").fill_null(0) > 0)
    return pl.concat(parts).filter(some).sort("field", "agency", "quarter", maintain_order=True)


def tests_of_validity(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """Field → the ids of the rules on its validity."""
    tests: dict[str, list[str]] = {}
    for rule in rules:
        if rule.dimension == "validity":
            tests.setdefault(rule.fields[0], []).append(rule.id)
    return tests


def _is_asked(field: Field, frame: pl.DataFrame) -> bool:
    """Whether rows must give the field, and it can be told which."""
    return f"{field.name}|needed" in frame.columns if isinstance(field.required, When) else bool(field.required)


def _where(field: Field) -> pl.Expr | None:
    """The rows that must give it; None where all must."""
    return needed(field.name) if isinstance(field.required, When) else None


def _count(name: str, what: str, held: frozenset[str]) -> pl.Expr:
    """What was counted; nought where there was nothing to count."""
    return pl.col(f"{name}|{what}") if f"{name}|{what}" in held else pl.lit(0, dtype=pl.Int64)


def _needed(name: str, asked: Mapping[str, pl.Expr | None], held: frozenset[str]) -> pl.Expr:
    if name not in asked:
        return pl.lit(0, dtype=pl.Int64)
    return pl.col("|rows") if asked[name] is None else _count(name, "asked", held)


def _given(name: str, asked: Mapping[str, pl.Expr | None], held: frozenset[str]) -> pl.Expr:
    if name not in asked:
        return pl.lit(0, dtype=pl.Int64)
    empty = "missing" if asked[name] is None else "empty"
    return _needed(name, asked, held) - _count(name, empty, held)


def _filled(name: str, held: frozenset[str]) -> pl.Expr:
    return pl.col("|rows") - _count(name, "missing", held)


def completeness(quality: pl.DataFrame) -> pl.DataFrame:
    """The completeness (`COMPLETENESS`) in what `field_quality` gives of one table or of several, their quarters together."""
    given = pl.when(pl.col("given").is_not_null().all()).then(pl.col("given").sum())
    return (
        quality.filter(pl.col("needed") > 0)
        .group_by("table", "field", "agency", maintain_order=True)
        .agg(pl.col("needed").sum(), given)
    )
