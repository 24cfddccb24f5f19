"""From what stands in a cell to a typed value, in two steps; what cannot be read becomes null.

Typing is done here and not by pandera's coercion, which fails every row of a column for one bad value.
"""

from __future__ import annotations

import polars as pl

from checks.tables.table import EARLIEST, LATEST, Field

# A day, or a day with the midnight that spreadsheets and databases add to it.
_DAY = r"^\d{4}-\d{2}-\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?$"
_WHOLE_NUMBER = r"^[+-]?\d{1,15}(?:\.0+)?$"


FEW_WORDS = (pl.Categorical, pl.Enum)
"""Text of which each different one is kept once."""


def has_space(text: pl.Expr) -> pl.Expr:
    """Whether any text of a column is nothing, or has space around it."""
    return (text.str.strip_chars() != text).any() | (text == "").any()


def cell(field: Field, dtype: pl.DataType, *, clean: bool = False) -> pl.Expr:
    """What stands in a raw column of this Polars type, null where nothing does: as it is typed, or as text.

    Text is without surrounding space; nothing but space is a missing value, and so is the “not a number” of some programs.
    `clean`: it has no such space (`has_space`), and the raw column may be kept as it is, which takes no memory.
    """
    raw = pl.col(field.name)
    if dtype == pl.Null:
        return pl.lit(None, dtype=field.dtype)
    if _is_typed(field, dtype) or (clean and dtype == field.dtype):
        return raw
    if clean and isinstance(dtype, FEW_WORDS):
        return raw.cast(pl.String)
    if dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object):  # cannot be written as text at all
        return pl.when(raw.is_not_null()).then(pl.lit("" if field.kind != "text" else None, dtype=pl.String))
    if dtype.is_float():
        whole = pl.when(raw.round(0) == raw).then(raw.cast(pl.Int64, strict=False).cast(pl.String))
        return pl.when(raw.is_not_nan()).then(pl.coalesce(whole, raw.cast(pl.String)))
    text = (raw if dtype == pl.String else raw.cast(pl.String)).str.strip_chars()
    return text.replace("", None)


def _is_typed(field: Field, dtype: pl.DataType) -> bool:
    if field.kind == "date":
        return isinstance(dtype, pl.Date | pl.Datetime)
    if field.kind in ("true/false", "number") and dtype.is_integer():
        return True
    # Text may have space around it whatever its type.
    return dtype == field.dtype and field.kind != "text"


def value(field: Field, dtype: pl.DataType) -> pl.Expr:
    """The typed value of a column of what `cell` gave, which is of this Polars type."""
    given = pl.col(field.name)
    if field.kind == "date" and dtype != pl.String:
        return _within_reason(given.cast(pl.Date, strict=False))
    if field.between is not None:
        number = given.cast(pl.Int64, strict=False) if dtype.is_integer() else _from_text(field, given)
        return pl.when(number.is_between(*field.between)).then(number)
    if dtype == field.dtype:
        return given
    if dtype.is_integer():
        if field.kind == "number":
            return given.cast(pl.Int64, strict=False)
        return given.replace_strict({0: False, 1: True}, default=None, return_dtype=pl.Boolean)
    return _from_text(field, given)


def _from_text(field: Field, text: pl.Expr) -> pl.Expr:
    if field.codes is not None:
        return text.cast(pl.Enum(field.codes), strict=False)
    if field.kind == "date":
        day = pl.when(text.str.contains(_DAY)).then(text.str.head(10)).str.to_date("%Y-%m-%d", strict=False)
        return _within_reason(day)
    if field.kind == "true/false":
        return text.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )
    if field.kind == "number":
        return pl.when(text.str.contains(_WHOLE_NUMBER)).then(text).cast(pl.Float64, strict=False).cast(pl.Int64)
    return text


def _within_reason(day: pl.Expr) -> pl.Expr:
    """A year far outside anybody's life is a slip of the pen, not a date."""
    return pl.when(day.is_between(EARLIEST, LATEST)).then(day)
