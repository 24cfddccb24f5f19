"""The last look before typed tables are handed on: pandera compares them with the models they are declared by."""

from __future__ import annotations

from checks.tables import TABLES
from checks.typed_tables import TypedTables


def as_declared(tables: TypedTables) -> TypedTables:
    """The same tables, once pandera has found every column there and of its declared type.

    Raises `pandera.errors.SchemaErrors` otherwise, which no source can bring about: it would be a mistake in the product.
    No values are read (pandera checks a LazyFrame's schema only), so it takes some 40 ms for any number of rows.
    """
    for name, frame in tables.frames.items():
        TABLES[name].to_schema().validate(frame.lazy(), lazy=True)
    return tables
