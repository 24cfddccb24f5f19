"""From what stands in a cell to a typed value: one expression per field, in which what cannot be read becomes null.

Typing is done here and not by pandera's coercion, which fails every row of a column for one bad value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from checks.tables.table import Field

# A day, or a day with the midnight that spreadsheets and databases add to it.
_DAY = r"^\d{4}-\d{2}-\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?$"
_WHOLE_NUMBER = r"^[+-]?\d{1,15}(?:\.0+)?$"
_EARLIEST, _LATEST = date(1880, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Reading:
    """How one column is read: `missing` rows without a value, `value` the typed value, null where it cannot be read."""

    missing: pl.Expr
    value: pl.Expr


def reading(field: Field, dtype: pl.DataType) -> Reading:
    """How a raw column of this Polars type is read as this field."""
    raw = pl.col(field.name)
    if dtype == pl.Null:
        return Reading(pl.lit(value=True), pl.lit(None, dtype=field.dtype))
    if field.kind == "date" and dtype.is_temporal():
        return Reading(raw.is_null(), _within_reason(raw.cast(pl.Date, strict=False)))
    if field.kind == "true/false" and (dtype == pl.Boolean or dtype.is_integer()):
        value = (
            raw
            if dtype == pl.Boolean
            else raw.replace_strict({0: False, 1: True}, default=None, return_dtype=pl.Boolean)
        )
        return Reading(raw.is_null(), value)
    if field.kind == "number" and dtype.is_integer():
        return Reading(raw.is_null(), raw.cast(pl.Int64, strict=False))
    text = _text(raw, dtype)
    return Reading(text.is_null(), _from_text(field, text))


def _text(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The cell as text, without surrounding space; nothing but space is a missing value."""
    if dtype.is_float():
        whole = raw.round(0) == raw
        return pl.when(whole).then(raw.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(raw.cast(pl.String))
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
    return pl.when(day.is_between(_EARLIEST, _LATEST)).then(day)
