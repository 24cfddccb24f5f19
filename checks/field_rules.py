"""The rules that follow from the tables' own declarations: required, code, type, unique, exists, future, name_like."""

from __future__ import annotations

import polars as pl

from checks.flags import future, missing, needed, plain, repeated, unread
from checks.lookups import known, parent
from checks.names import like_name, like_person
from checks.rule import Context, Example, Rule
from checks.tables import TABLES
from checks.tables.table import Field, Table, When

DOMAIN = "canonical tables"

_NAME_LIKE = "name_like"


def name_like(field: str) -> pl.Expr:
    """Rows in which the text looks like a person's name."""
    return like_name(pl.col(field)).fill_null(value=False)


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
    if field.organisation:
        rules.append(_person(field))
    return rules


def _example(field: Field, value: str | None) -> Example:
    return {field.table: [{field.name: value}]}


def sample_value(field: Field) -> str:
    """A value that the field takes, for examples."""
    if field.codes:
        return field.codes[0]
    return {"date": "2023-01-04", "true/false": "true", "number": "1980"}.get(field.kind, "X0000001")


def _required(field: Field) -> Rule:
    condition = field.required if isinstance(field.required, When) else None
    read = condition.holds.meta.root_names() if condition else []
    lookups = (parent("meetings", "meeting_id", "kind"),) if "_meetings_kind" in read else ()
    row = dict(condition.example) if condition else {}
    beside: Example = {"meetings": [{"meeting_id": "M1", "kind": "level 2"}]} if lookups else {}

    def fails(_: object) -> pl.Expr:
        return missing(field.name) & needed(field.name) if condition else missing(field.name)

    return Rule(
        id=f"{field.table}.{field.name}.required",
        severity="error",
        dimension="completeness",
        table=field.table,
        fields=(field.name, *(name for name in read if not name.startswith("_"))),
        message=f"{field.name} is missing; it is required{f' when {condition.words}' if condition else ''}.",
        fix=f"Enter {field.name}, {field.expected}." if field.kind != "text" else f"Enter {field.name}.",
        cite=DOMAIN,
        fails=fails,
        passes={field.table: [{**row, field.name: sample_value(field)}], **beside},
        breaks={field.table: [row], **beside},
        lookups=lookups,
    )


_FEW_CODES = 8


def _unread(field: Field, word: str) -> Rule:
    many = field.codes is not None and len(field.codes) > _FEW_CODES
    expected = f"one of the {len(field.codes or ())} codes of this field" if many else field.expected
    return Rule(
        id=f"{field.table}.{field.name}.{word}",
        severity="error",
        dimension="validity",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} is not {expected}.",
        fix=f"Correct {field.name}: enter {field.expected}.",
        cite=DOMAIN,
        fails=lambda _: unread(field.name),
        passes=_example(field, sample_value(field)),
        breaks=_example(field, "???"),
    )


def _unique(table: str, key: tuple[str, ...]) -> Rule:
    fields = TABLES[table].fields()
    row = {name: sample_value(fields[name]) for name in key}
    return Rule(
        id=f"{table}.{key[0]}.unique",
        severity="error",
        dimension="uniqueness",
        table=table,
        fields=key,
        message=f"Another row has the same {' and '.join(key)}.",
        fix=f"Keep the right row and remove the other, or correct {' or '.join(key)}.",
        cite=DOMAIN,
        fails=lambda _: repeated(key[0]),
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
        message=f"{field.name} points to no row of the table {table}.",
        fix=f"Correct {field.name}, or add the missing row to {table}.",
        cite=DOMAIN,
        fails=lambda _: pl.col(field.name).is_not_null() & ~known(table),
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
        message=f"{field.name} is after the as-at date, but it is the date of something already done.",
        fix=f"Correct {field.name}, or leave it empty until the day has come.",
        cite=DOMAIN,
        fails=lambda _: future(field.name),
        passes=_example(field, "2023-01-04"),
        breaks=_example(field, "2190-01-04"),
    )


def finds_names(rule: Rule) -> bool:
    """Whether the rule looks for names where none may stand."""
    return rule.id.endswith(f".{_NAME_LIKE}")


def _name_like(field: Field) -> Rule:
    def fails(context: Context) -> pl.Expr:
        every_plain = context.tables[field.table].select(plain(field.name).all()).item()
        return pl.lit(value=False) if every_plain else name_like(field.name)

    return Rule(
        id=f"{field.table}.{field.name}.{_NAME_LIKE}",
        severity="error",
        dimension="validity",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} looks like a person's name; only a pseudonym may stand here.",
        fix="Replace the name with the case's pseudonym wherever it stands, and share this file with nobody until then.",
        cite="J10 4.2",
        fails=fails,
        passes=_example(field, "C0000001"),
        breaks=_example(field, "Surname, Forename"),
    )


def _person(field: Field) -> Rule:
    def fails(context: Context) -> pl.Expr:
        # There are a few agencies and millions of rows.
        every = context.tables[field.table].select(pl.col(field.name).unique())
        people = every.filter(like_person(pl.col(field.name))).to_series()
        return pl.col(field.name).is_in(people.implode()) if len(people) else pl.lit(value=False)

    return Rule(
        id=f"{field.table}.{field.name}.{_NAME_LIKE}",
        severity="warning",
        dimension="validity",
        table=field.table,
        fields=(field.name,),
        message=f"{field.name} looks like a person's name; an agency or a role belongs here.",
        fix="Enter the agency or the role, not who came for it, and share this file with nobody until then.",
        cite="J10 4.2",
        fails=fails,
        passes=_example(field, "police"),
        breaks=_example(field, "John Surname"),
    )


FIELD_RULES: dict[str, Rule] = {rule.id: rule for model in TABLES.values() for rule in field_rules(model)}
"""Every rule implied by the tables' declarations, by id."""
