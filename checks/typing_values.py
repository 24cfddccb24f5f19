"""From what stands in a cell to a typed value: one expression per field, in which what cannot be read becomes null.

Typing is done here and not by pandera's coercion, which fails every row of a column for one bad value.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from checks.tables.table import EARLIEST, LATEST, Field

# A day, or a day with the midnight that spreadsheets and databases add to it.
_DAY = r"^\d{4}-\d{2}-\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?$"
_WHOLE_NUMBER = r"^[+-]?\d{1,15}(?:\.0+)?$"


@dataclass(frozen=True)
class Reading:
    """How one column is read: `missing` rows without a value, `value` the typed value, null where it cannot be read.

    `sure`: the column's own type leaves nothing unread.
    """

    missing: pl.Expr
    value: pl.Expr
    sure: bool = False


def reading(field: Field, dtype: pl.DataType) -> Reading:
    """How a raw column of this Polars type is read as this field."""
    raw = pl.col(field.name)
    if dtype == pl.Null or (field.kind == "text" and not _has_text(dtype)):
        return Reading(pl.lit(value=True), pl.lit(None, dtype=field.dtype), sure=True)
    if dtype == field.dtype and field.kind in ("code", "true/false", "number"):
        return Reading(raw.is_null(), raw, sure=True)
    if field.kind == "date" and isinstance(dtype, pl.Date | pl.Datetime):
        return Reading(raw.is_null(), _within_reason(raw.cast(pl.Date, strict=False)))
    if field.kind == "true/false" and dtype.is_integer():
        value = raw.replace_strict({0: False, 1: True}, default=None, return_dtype=pl.Boolean)
        return Reading(raw.is_null(), value)
    if field.kind == "number" and dtype.is_integer():
        return Reading(raw.is_null(), raw.cast(pl.Int64, strict=False))
    if not _has_text(dtype):
        return Reading(raw.is_null(), pl.lit(None, dtype=field.dtype))
    text = _text(raw, dtype)
    return Reading(text.is_null(), _from_text(field, text))


def _has_text(dtype: pl.DataType) -> bool:
    """Whether a value of this type can be written as text at all; a list, a structure or raw bytes cannot."""
    return not (dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object))


def _text(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The cell as text, without surrounding space; nothing but space is a missing value, and so is “not a number”."""
    if dtype.is_float():
        whole = pl.when(raw.round(0) == raw).then(raw.cast(pl.Int64, strict=False).cast(pl.String))
        return pl.when(raw.is_not_nan()).then(pl.coalesce(whole, raw.cast(pl.String)))
    text = (raw if dtype == pl.String else raw.cast(pl.String)).str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


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
