"""How a canonical table is declared: a pandera model whose every field says, in one line, all that is asked of it.

The requirements written here are used twice: pandera's own validation is built from them (`Table.to_schema`), and
`checks.runner` collects them as expressions and runs those of a whole table in one pass (see the decision record).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandera.polars as pa
import polars as pl
from pandera.api.checks import Check
from pandera.api.polars.types import PolarsData

Kind = Literal["text", "code", "date", "true/false", "number"]

EARLIEST, LATEST = date(1880, 1, 1), date(2199, 12, 31)
"""A date outside these is a slip of the pen: nobody under management was born before, nothing is planned after."""
YEARS = EARLIEST.year, LATEST.year
"""The same for years alone."""


@dataclass(frozen=True)
class When:
    """A condition under which a field is required.

    `holds` is an expression over the typed columns of the same row; an unknown condition asks for nothing.
    `words` completes the sentence "… is required when …". `example`: values of the other columns that make it hold.
    """

    holds: pl.Expr
    words: str
    example: Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One field of a canonical table, as declared.

    `sentence` what it holds, in plain words · `kind` what its values are · `codes` its code list, if it has one ·
    `required` always, never, or when · `unique` no two rows share it · `exists` the table and field it must stand in ·
    `pseudonym` names of people must never stand here · `organisation` an agency or a role, never a person · `happened` a date of
    what has been done (never after as-at), as against one that is planned · `between` the least and the most that a number can be.
    """

    table: str
    name: str
    sentence: str
    kind: Kind
    codes: tuple[str, ...] | None
    required: bool | When
    unique: bool
    exists: tuple[str, str] | None
    pseudonym: bool
    organisation: bool
    happened: bool
    between: tuple[int, int] | None

    @property
    def dtype(self) -> pl.DataType | type[pl.DataType]:
        """The Polars type of the typed column."""
        if self.codes is not None:
            return pl.Enum(self.codes)
        return {"date": pl.Date, "true/false": pl.Boolean, "number": pl.Int64}.get(self.kind, pl.String)

    @property
    def needed(self) -> pl.Expr | None:
        """Rows in which the field must be given; None where it never must."""
        if isinstance(self.required, When):
            return self.required.holds.fill_null(value=False)
        return pl.lit(value=True) if self.required else None

    @property
    def expected(self) -> str:
        """What a value looks like, in words."""
        if self.codes is not None:
            return "one of: " + ", ".join(self.codes)
        return {
            "date": f"a date from {EARLIEST.year} to {LATEST.year}, written YYYY-MM-DD",
            "true/false": "true or false",
            "number": "a whole number" + (f" from {self.between[0]} to {self.between[1]}" if self.between else ""),
        }.get(self.kind, "text")


def field(
    sentence: str,
    *,
    codes: tuple[str, ...] | None = None,
    required: bool | When = False,
    unique: bool = False,
    exists: str | None = None,
    pseudonym: bool = False,
    organisation: bool = False,
    happened: bool = False,
    between: tuple[int, int] | None = None,
) -> Any:
    """Declare one field of a table (see `Field`); `exists` is written `"meetings.meeting_id"`."""
    declared: dict[str, Any] = {
        "sentence": sentence,
        "codes": codes,
        "required": required,
        "unique": unique,
        "exists": tuple(exists.split(".")) if exists else None,
        "pseudonym": pseudonym,
        "organisation": organisation,
        "happened": happened,
        "between": between,
    }
    return pa.Field(
        nullable=True,
        description=sentence,
        metadata=declared,
        dtype_kwargs={"categories": list(codes)} if codes else None,
    )


@dataclass(frozen=True)
class About:
    """About a table.

    `key` the fields that name a row · `key_unique` no two rows share them · `optional` it may be absent · `agency` the
    field that says whose record a row is, where there is one · `day` the column that says when: a field of the table, or one that
    the row's meeting brings (`checks.lookups`).
    """

    key: tuple[str, ...]
    key_unique: bool
    optional: bool
    agency: str | None
    day: str | None = None


_ABOUT: dict[type, About] = {}
_FIELDS: dict[type, dict[str, Field]] = {}


class Table(pa.DataFrameModel):
    """Base of the canonical tables; a table says in its class line what names its rows and whether it may be absent."""

    def __init_subclass__(
        cls,
        *,
        key: tuple[str, ...] = (),
        key_unique: bool = True,
        optional: bool = False,
        agency: str | None = None,
        day: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        # Kept beside the class, not in it: pandera takes every attribute of a model for a field.
        _ABOUT[cls] = About(key, key_unique, optional, agency, day)

    @classmethod
    def about(cls) -> About:
        """What names a row of the table, and whether the table may be absent."""
        return _ABOUT[cls]

    @classmethod
    def table_name(cls) -> str:
        """The canonical name: that of the module that declares it."""
        return cls.__module__.rsplit(".", 1)[-1]

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """Every field by name, in the canonical order."""
        if cls not in _FIELDS:
            kinds: dict[Any, Kind] = {
                pl.Date: "date",
                bool: "true/false",
                int: "number",
                str: "text",
                pl.Enum: "code",
            }
            _FIELDS[cls] = {
                name: Field(table=cls.table_name(), name=name, kind=kinds[annotation.arg], **(info.metadata or {}))
                for name, (annotation, info) in cls.__fields__.items()
            }
        return _FIELDS[cls]

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The names of the fields, in the canonical order."""
        return tuple(cls.__fields__)

    @classmethod
    def to_schema(cls) -> pa.DataFrameSchema:
        """The pandera schema with a check for every "required when" of the fields.

        Each check is keyed to its column and named by its rule id: a frame-level check would copy whole rows into the
        failure report.
        """
        schema = super().to_schema()
        for each in cls.fields().values():
            needed = each.needed
            if needed is None:
                continue
            rule = f"{each.table}.{each.name}.required"
            column = schema.columns[each.name]
            if any(check.name == rule for check in column.checks):  # pandera hands out one schema again and again
                continue
            column.checks.append(Check(_given_where(needed), name=rule, error=rule, ignore_na=False))
        return schema


def _given_where(needed: pl.Expr) -> Callable[[PolarsData], pl.LazyFrame]:
    """A check on one column: it holds a value wherever `needed` is true; a condition on columns not there asks nothing."""
    read = set(needed.meta.root_names())

    def given(data: PolarsData) -> pl.LazyFrame:
        name = str(data.key)
        can_tell = read <= set(data.lazyframe.collect_schema())
        passes = pl.col(name).is_not_null() | ~needed if can_tell else pl.repeat(value=True, n=pl.len())
        return data.lazyframe.select(passes.alias(name))

    return given
