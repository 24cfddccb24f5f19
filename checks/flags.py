"""A raw table typed, with what the reading of it told: the flags that the field rules are made of.

`FIELD|missing` the source gives nothing · `FIELD|unread` it gives what cannot be read · `FIELD|future` it gives a date of
something done after the as-at date · `FIELD|needed` the row must give it · `FIELD|plain` this and every other pseudonym of the
column is so written that it cannot be a name · `KEY|repeated` another row has the same key · `|n` the row's number from 0.
Who reads a flag says so with the functions here; `|` stands in no column's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from checks.locators import EXTRA_CELLS, FILE, ROW, SHEET
from checks.names import plain_reference
from checks.tables.table import Field, Table, When
from checks.typing_values import FEW_WORDS, cell, has_space, value

NUMBER = "|n"
"""The column that numbers the rows of a typed frame."""


def missing(field: str) -> pl.Expr:
    """Rows in which the source gives no value."""
    return pl.col(f"{field}|missing")


def unread(field: str) -> pl.Expr:
    """Rows in which the source gives a value that is not of the field's type or code list."""
    return pl.col(f"{field}|unread")


def future(field: str) -> pl.Expr:
    """Rows in which something is said to have been done after the as-at date."""
    return pl.col(f"{field}|future")


def repeated(key: str) -> pl.Expr:
    """Rows whose key another row has as well; `key` is the first of the key's fields."""
    return pl.col(f"{key}|repeated")


def needed(field: str) -> pl.Expr:
    """Rows that must give the field; only for a field whose requirement has a condition."""
    return pl.col(f"{field}|needed")


def plain(field: str) -> pl.Expr:
    """All rows if every pseudonym is so written that it cannot be a name, else none; only for a field of pseudonyms."""
    return pl.col(f"{field}|plain")


def lost(field: str) -> pl.Expr:
    """Rows in which the source gives a value that could not be used: it has its own finding and must not cost another."""
    return pl.col(field).is_null() & ~missing(field)


def flagged(model: type[Table], raw: pl.DataFrame, as_at: date) -> pl.DataFrame:
    """Every canonical column of the table, typed, with its flags and the locators; one row per raw row, in its order.

    It goes in steps, each of one expression per column: as nested expressions the planning took longer than the work.
    """
    fields, schema = model.fields().values(), raw.schema
    plainly = _plain(fields, raw)
    clean = plainly | _clean((field for field in fields if field.name not in plainly), raw)
    frame = raw.select(
        # A country's rows come from a handful of files: as text their names would take a tenth of the memory of a refresh.
        *(pl.col(name).cast(pl.Categorical) for name in (FILE, SHEET) if name in raw.columns),
        *(name for name in (ROW, EXTRA_CELLS) if name in raw.columns),
        *(
            cell(field, schema.get(field.name, pl.Null()), clean=field.name in clean).alias(field.name)
            for field in fields
        ),
    )
    given = frame.schema
    read = frame.select(
        *(pl.col(field.name).is_null().alias(f"{field.name}|missing") for field in fields),
        *(value(field, given[field.name]).alias(field.name) for field in fields),
    )
    frame = frame.with_columns(read)
    none = pl.lit(value=False)
    flags = [pl.lit(each.name in plainly).alias(f"{each.name}|plain") for each in fields if each.pseudonym]
    values = []
    for field in fields:
        typed = pl.col(field.name)
        if field.kind != "text":
            sure = (
                schema.get(field.name, pl.Null()) in (field.dtype, pl.Null)
                and field.kind != "date"
                and field.between is None
            )
            flags.append((none if sure else typed.is_null() & ~missing(field.name)).alias(f"{field.name}|unread"))
        if field.happened:
            flags.append((typed > as_at).fill_null(value=False).alias(f"{field.name}|future"))
            values.append(pl.when(typed <= as_at).then(typed).alias(field.name))
    frame = frame.with_columns(*flags, *values)
    frame = frame.with_row_index(NUMBER)
    if model.about().key_unique:
        frame = frame.with_columns(_repeated(frame, model.about().key))
    return frame


def _plain(fields: Iterable[Field], raw: pl.DataFrame) -> set[str]:
    """The columns of pseudonyms of which each is plain (`plain_reference`)."""
    schema = raw.schema
    names = [each.name for each in fields if each.pseudonym and schema.get(each.name) == pl.String]
    told = raw.select(plain_reference(pl.col(name)).all() for name in names)
    return {name for name in names if told[name].item()}


def _clean(fields: Iterable[Field], raw: pl.DataFrame) -> set[str]:
    """The columns of text that have nowhere space around it."""
    looks, schema = [], raw.schema
    for each in fields:
        dtype, text = schema.get(each.name), pl.col(each.name)
        if each.kind == "text" and isinstance(dtype, FEW_WORDS):
            looks.append(has_space(text.unique().cast(pl.String)).alias(each.name))
        elif each.kind == "text" and dtype == pl.String:
            looks.append(has_space(text).alias(each.name))
    told = raw.select(looks)
    return {name for name in told.columns if not told[name].item()}


def _repeated(frame: pl.DataFrame, key: tuple[str, ...]) -> pl.Series:
    """`KEY|repeated`: the key is given whole and another row has the same.

    Rows are compared by a hash first, as comparing several columns of text is slow; only rows that share one are compared
    in full.
    """
    name = f"{key[0]}|repeated"
    parts = [pl.col(each).hash(seed) for seed, each in enumerate(key)]
    hashes = frame.select(pl.fold(parts[0], lambda left, right: left ^ right, parts[1:])).to_series()
    none = pl.Series(name, [False], dtype=pl.Boolean).new_from_index(0, frame.height)
    in_order = hashes.sort()  # a fraction of the time that counting each takes
    shared = in_order.filter(in_order == in_order.shift()).unique()
    if shared.is_empty():
        return none
    given = pl.all_horizontal(pl.col(each).is_not_null() for each in key)
    suspects = frame[hashes.is_in(shared.implode()).arg_true()].select(NUMBER, *key).filter(given)
    rows = suspects.filter(pl.struct(*key).is_duplicated())[NUMBER]
    return none.scatter(rows, values=True) if len(rows) else none


def with_needs(model: type[Table], frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with `FIELD|needed` for every field that is required on a condition which the frame's columns can tell."""
    there = set(frame.collect_schema())
    needs = [
        _needed(model, field).alias(f"{field.name}|needed")
        for field in model.fields().values()
        if isinstance(field.required, When) and set(field.required.holds.meta.root_names()) <= there
    ]
    return frame.with_columns(needs)


def _needed(model: type[Table], field: Field) -> pl.Expr:
    """The condition holds; where it hangs on a value that could not be used, nobody knows, and nothing is asked."""
    assert isinstance(field.required, When)
    declared = model.fields()
    read = [name for name in field.required.holds.meta.root_names() if name in declared]
    holds = field.required.holds.fill_null(value=False)
    return holds & ~pl.any_horizontal(lost(name) for name in read) if read else holds
