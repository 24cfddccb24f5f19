"""The columns of a table, a view or a query: what they are called, of which type they are, how each is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.sql.elements import ColumnElement, quoted_name
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.types import NullType, TypeEngine

from checks.tables import TABLES
from connectors.sources.wanted import as_query, schema_and_name

Kind = TypeEngine[Any]


@dataclass(frozen=True)
class Holder:
    """What holds a canonical table: a table or view by its `name` (and `schema`), or a `query`."""

    name: str
    schema: str | None = None
    query: str | None = None

    @classmethod
    def named(cls, text: str) -> Holder:
        """A table or view as the settings name it, perhaps with its schema."""
        schema, name = schema_and_name(text)
        return cls(name, schema)

    @property
    def shown(self) -> str:
        """What it is called to people and in the locators of its rows."""
        return self.name if self.schema is None else f"{self.schema}.{self.name}"

    def source(self, dialect: sa.Dialect) -> FromClause:
        """What the rows are selected from."""
        if self.query is not None:
            # On a line of its own, so that a comment at the query's end does not hide the bracket after it.
            text = as_query(self.query).replace(":", "\\:") + "\n"
            return sa.text(text).columns().subquery("asked")
        # SQL Server's schema can be two names, database and schema: SQLAlchemy quotes each of them.
        schema = self.schema if self.schema is None or dialect.name == "mssql" else as_named(self.schema, dialect)
        return sa.table(as_named(self.name, dialect), schema=schema)


@dataclass(frozen=True)
class Column:
    """One column to fetch: its canonical name, the expression that selects it, the type it has in the frame."""

    name: str
    select: ColumnElement[Any]
    dtype: pl.DataType | type[pl.DataType]
    flag: bool = False  # whether yes or no belongs in it
    boolean: bool = False  # SQLite only: 0 and 1 are no and yes

    def as_text(self, dialect: sa.Dialect) -> Column:
        """The same column as text, so that a value that no type holds becomes a finding; what counts yes and no stays."""
        if self.dtype == pl.Int64 and self.flag:
            return self
        return replace(self, select=sa.cast(self.select, _text(dialect)), dtype=pl.String)


def as_named(name: str, dialect: sa.Dialect) -> quoted_name:
    """A name as the database keeps it; where names without capitals mean capitals, SQLAlchemy must decide on the quotes."""
    return quoted_name(name, None if dialect.requires_name_normalize else True)


def _text(dialect: sa.Dialect) -> Kind:
    """A type of text by which the database can sort."""
    return sa.Text() if dialect.name in ("postgresql", "sqlite", "mysql", "mariadb") else sa.Unicode(2000)


# --- What is there


def headings_and_types(connection: sa.Connection, inspector: sa.Inspector, holder: Holder) -> list[tuple[str, Kind]]:
    """The columns there are, in their order; NoSuchTableError where nothing is called so."""
    if holder.query is not None:
        return _of_query(connection, holder)
    if connection.dialect.name in ("mysql", "mariadb"):
        return _of_mysql_table(connection, holder)
    there = inspector.get_columns(holder.name, schema=holder.schema)
    return [(column["name"], column["type"]) for column in there]


def _of_query(connection: sa.Connection, holder: Holder) -> list[tuple[str, Kind]]:
    statement = sa.select(sa.text("*")).select_from(holder.source(connection.dialect)).where(sa.text("1 = 0"))
    with connection.execute(statement) as result:
        described: Sequence[Any] = result.cursor.description if result.cursor is not None else ()
    kind_of = _KINDS.get(connection.dialect.name, _by_python_type)
    normal: Callable[[str], str] = getattr(connection.dialect, "normalize_name", str)
    by = normal if connection.dialect.requires_name_normalize else str
    return [(by(each[0]), kind_of(each[1])) for each in described]


def _of_mysql_table(connection: sa.Connection, holder: Holder) -> list[tuple[str, Kind]]:
    """From the catalogue: SQLAlchemy would ask how a view is defined, which an account that may only SELECT cannot."""
    where = sa.text(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_name = :name AND table_schema = coalesce(:schema, database()) ORDER BY ordinal_position"
    )
    found = connection.execute(where, {"name": holder.name, "schema": holder.schema}).all()
    if not found:
        raise exc.NoSuchTableError(holder.name)
    return [(str(name), _MYSQL.get(str(kind).lower(), NullType)()) for name, kind in found]


_MYSQL: dict[str, type[Kind]] = {
    "bit": sa.LargeBinary,
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), sa.Integer),
    **dict.fromkeys(("float", "double"), sa.Float),
    **dict.fromkeys(("datetime", "timestamp"), sa.DateTime),
    **dict.fromkeys(("varchar", "tinytext", "text", "mediumtext", "longtext"), sa.String),
    "date": sa.Date,
}
# The wire's numbers for the same: BIT, whole numbers, numbers, days, moments, text.
_MYSQL_WIRE: dict[int, type[Kind]] = {
    16: sa.LargeBinary,
    **dict.fromkeys((1, 2, 3, 8, 9, 13), sa.Integer),
    **dict.fromkeys((4, 5), sa.Float),
    **dict.fromkeys((10, 14), sa.Date),
    **dict.fromkeys((7, 12), sa.DateTime),
    **dict.fromkeys((15, 253), sa.String),
}
_POSTGRESQL_OIDS: dict[int, Kind] = {
    16: sa.Boolean(),
    **dict.fromkeys((20, 21, 23), sa.Integer()),
    **dict.fromkeys((700, 701), sa.Float()),
    1082: sa.Date(),
    1114: sa.DateTime(),
    1184: sa.DateTime(timezone=True),
    **dict.fromkeys((25, 1043), sa.String()),
}
_PYTHON_NAMES: dict[str, type[Kind]] = {
    "bool": sa.Boolean,
    "int": sa.Integer,
    "float": sa.Float,
    "str": sa.String,
    "date": sa.Date,
    "datetime": sa.DateTime,
    "DB_TYPE_VARCHAR": sa.String,
    "DB_TYPE_NVARCHAR": sa.String,
    "DB_TYPE_NUMBER": sa.Integer,
    "DB_TYPE_DATE": sa.DateTime,
    "DB_TYPE_TIMESTAMP": sa.DateTime,
}


def _by_python_type(code: Any) -> Kind:
    name = getattr(code, "name", None) or getattr(code, "__name__", "")
    return _PYTHON_NAMES.get(str(name), NullType)()


def _by_mysql_wire(code: Any) -> Kind:
    return _MYSQL_WIRE.get(code, NullType)()


_KINDS: dict[str, Callable[[Any], Kind]] = {
    "postgresql": lambda code: _POSTGRESQL_OIDS.get(code, NullType()),
    "mysql": _by_mysql_wire,
    "mariadb": _by_mysql_wire,
    "sqlite": lambda _: NullType(),
}


def column(table: str, name: str, stands_as: str, kind: Kind, dialect: sa.Dialect) -> Column:
    """How a column of a canonical table is fetched, and as what."""
    flag = TABLES[table].fields()[name].kind == "true/false"
    selected: ColumnElement[Any] = sa.column(as_named(stands_as, dialect))
    if dialect.name == "sqlite":
        # What is computed has no declared type in SQLite; where yes or no belongs, its 0 and 1 can be nothing else.
        declared = isinstance(kind, sa.Boolean) or (isinstance(kind, NullType) and flag)
        return Column(name, selected, pl.String, flag, declared)
    select, dtype = _fetched_as(selected, kind, dialect)
    return Column(name, select, dtype, flag)


def _fetched_as(
    selected: ColumnElement[Any], kind: Kind, dialect: sa.Dialect
) -> tuple[ColumnElement[Any], pl.DataType | type[pl.DataType]]:
    if isinstance(kind, sa.Boolean):
        return selected, pl.Boolean
    if isinstance(kind, sa.Date):
        return selected, pl.Date
    if isinstance(kind, sa.DateTime):
        # The wall clock that the database shows: the day of a moment in another zone is not the day meant.
        return sa.cast(selected, sa.DateTime()) if kind.timezone else selected, pl.Datetime("us")
    if isinstance(kind, sa.Integer):
        return selected, pl.Int64
    if isinstance(kind, sa.Float):
        return selected, pl.Float64
    if isinstance(kind, sa.LargeBinary) and dialect.name in ("mysql", "mariadb"):  # BIT
        return sa.cast(selected, sa.Integer), pl.Int64
    if isinstance(kind, sa.String) and not isinstance(kind, (sa.CHAR, sa.Enum)):
        return selected, pl.String
    return sa.cast(selected, _text(dialect)), pl.String  # fixed-width text loses its padding so
