"""The rules that follow from the tables' own declarations: required, code, type, unique, exists, future, name_like.

They read flags that the runner makes while it types a table: `FIELD|missing`, `FIELD|unread` and `FIELD|future`.
"""

from __future__ import annotations

import polars as pl

from checks.rule import Context, Example, Lookup, Rule
from checks.tables import TABLES
from checks.tables.table import Field, Table, When

DOMAIN = "canonical tables"


def missing(field: str) -> pl.Expr:
    """Rows in which the source gives no value."""
    return pl.col(f"{field}|missing")


def unread(field: str) -> pl.Expr:
    """Rows in which the source gives a value that is not of the field's type or code list."""
    return pl.col(f"{field}|unread")


def future(field: str) -> pl.Expr:
    """Rows in which something is said to have been done after the as-at date."""
    return pl.col(f"{field}|future")


def parent(table: str, key: str) -> Lookup:
    """The row that a key points to: its columns as `_TABLE_COLUMN`, and `_TABLE_known` where there is one."""

    def build(context: Context) -> pl.LazyFrame:
        rows = context.tables[table].filter(pl.col(key).is_not_null()).unique(key, keep="first", maintain_order=True)
        brought = [pl.col(name).alias(f"_{table}_{name}") for name in BROUGHT.get(table, ())]
        return rows.select(key, pl.lit(value=True).alias(f"_{table}_known"), *brought)

    return Lookup(name=f"{table}.{key}", on=key, needs=(f"{table}.{key}",), build=build)


BROUGHT = {"cases": ("entered_on", "exited_on"), "meetings": ("kind", "held_on")}
"""The columns of a parent row that rules on its children read."""


# Two words of letters, or one with a capital and no figure: what a name looks like and a pseudonym does not.
NAME_LIKE = r"^(?:\p{L}[\p{L}'’.\-]*(?:[ ,]+\p{L}[\p{L}'’.\-]*)+|\p{Lu}[\p{L}'’\-]{2,})$"


def field_rules(model: type[Table]) -> list[Rule]:
    """Every rule that a table's declaration implies."""
    rules: list[Rule] = []
    about = model.about()
    for field in model.fields().values():
        rules += _rules_of(field)
    if about.key_unique and not any(each.unique for each in model.fields().values()):
        rules.append(_unique(model.table_name(), about.key))
    return rules


def _rules_of(field: Field) -> list[Rule]:
    rules = []
    if field.required:
        rules.append(_required(field))
    if field.codes is not None:
        rules.append(_unread(field, "code"))
    elif field.kind != "text":
        rules.append(_unread(field, "type"))
    if field.unique:
        rules.append(_unique(field.table, (field.name,)))
    if field.exists:
        rules.append(_exists(field))
    if field.happened:
        rules.append(_future(field))
    if field.pseudonym:
        rules.append(_name_like(field))
    return rules


def _example(field: Field, value: str | None) -> Example:
    return {field.table: [{field.name: value}]}


def sample_value(field: Field) -> str:
    """A value that the field takes, for examples."""
    if field.codes:
        return field.codes[0]
    return {"date": "2023-01-04", "true/false": "true", "number": "1980"}.get(field.kind, "X0000001")


def _required(field: Field) -> Rule:
    when = f" when {field.required.words}" if isinstance(field.required, When) else ""
    lookups = (parent("meetings", "meeting_id"),) if "_meetings_kind" in _read(field) else ()
    row = dict(field.required.example) if isinstance(field.required, When) else {}
    beside: Example = {"meetings": [{"meeting_id": "M1", "kind": "level 2"}]} if lookups else {}
    return Rule(
        id=f"{field.table}.{field.name}.required",
        severity="error",
        dimension="completeness",
        table=field.table,
        fields=(field.name, *(name for name in _read(field) if not name.startswith("_"))),
        message=f"{field.name} is missing; it is required{when}.",
        fix=f"Enter {field.name}: {field.expected}.",
        cite=DOMAIN,
        fails=lambda context: missing(field.name) & (field.needed if field.needed is not None else pl.lit(value=False)),
        passes={field.table: [{**row, field.name: sample_value(field)}], **beside},
        breaks={field.table: [row], **beside},
        lookups=lookups,
    )


def _read(field: Field) -> list[str]:
    """The columns that the field's condition reads."""
    return field.required.holds.meta.root_names() if isinstance(field.required, When) else []


def _unread(field: Field, word: str) -> Rule:
    return Rule(
        id=f"{field.table}.{field.name}.{word}",
        severity="error",
        dimension="validity",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} is not {field.expected}.",
        fix=f"Correct {field.name}: {field.expected}.",
        cite=DOMAIN,
        fails=lambda context: unread(field.name),
        passes=_example(field, sample_value(field)),
        breaks=_example(field, "???"),
    )


def _unique(table: str, key: tuple[str, ...]) -> Rule:
    name = " with the same ".join(key)

    def fails(context: Context) -> pl.Expr:
        given = pl.all_horizontal(pl.col(each).is_not_null() for each in key)
        repeated = pl.col(key[0]).is_duplicated() if len(key) == 1 else pl.struct(*key).is_duplicated()
        return given & repeated

    fields = TABLES[table].fields()
    row = {name: sample_value(fields[name]) for name in key}
    return Rule(
        id=f"{table}.{key[0]}.unique",
        severity="error",
        dimension="uniqueness",
        table=table,
        fields=key,
        message=f"{name} stands in more than one row.",
        fix="Keep the right row and remove the others, or correct the reference.",
        cite=DOMAIN,
        fails=fails,
        passes={table: [row]},
        breaks={table: [row, row]},
    )


def _exists(field: Field) -> Rule:
    assert field.exists is not None
    table, key = field.exists
    return Rule(
        id=f"{field.table}.{field.name}.exists",
        severity="error",
        dimension="consistency",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} is not in the table {table}.",
        fix=f"Correct {field.name}, or add the missing row to {table}.",
        cite=DOMAIN,
        fails=lambda context: pl.col(field.name).is_not_null() & pl.col(f"_{table}_known").is_null(),
        passes={field.table: [{field.name: "X0000001"}], table: [{key: "X0000001"}]},
        breaks={field.table: [{field.name: "X0000001"}], table: [{key: "X0000002"}]},
        lookups=(parent(table, key),),
    )


def _future(field: Field) -> Rule:
    return Rule(
        id=f"{field.table}.{field.name}.future",
        severity="error",
        dimension="validity",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} is after the as-at date, yet it says what has been done.",
        fix=f"Correct {field.name}; a date that is only planned does not belong here.",
        cite=DOMAIN,
        fails=lambda context: future(field.name),
        passes=_example(field, "2023-01-04"),
        breaks=_example(field, "2190-01-04"),
    )


def _name_like(field: Field) -> Rule:
    return Rule(
        id=f"{field.table}.{field.name}.name_like",
        severity="error",
        dimension="validity",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} looks like a person's name; a pseudonym belongs here.",
        fix="Replace it by the case's pseudonym everywhere, and do not share this file before that is done.",
        cite="J10 4.2",
        fails=lambda context: pl.col(field.name).str.contains(NAME_LIKE).fill_null(value=False),
        passes=_example(field, "C0000001"),
        breaks=_example(field, "Surname, Forename"),
    )


FIELD_RULES: dict[str, Rule] = {rule.id: rule for model in TABLES.values() for rule in field_rules(model)}
"""Every rule implied by the tables' declarations, by id."""
