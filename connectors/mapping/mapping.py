"""A mapping: which sheet feeds which canonical table, which heading is which column, what its values mean. One TOML file.

It is written to be read and put right by hand; what it holds is held to the canonical tables' own declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from checks.errors import SettingsError
from checks.tables import TABLES
from checks.tables import table as declared
from checks.toml_errors import content_of, first_sentence
from connectors.mapping.dates import LAST_YEAR_OF_THIS_CENTURY, DateStyle
from connectors.mapping.words import is_agency

SUFFIX = ".mapping.toml"
"""What the name of a mapping file ends in: that of `caseload.xlsx` is `caseload.mapping.toml`, beside it."""

Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[str, ...], Field(strict=False)]  # TOML has lists


def _style(value: object) -> object:
    try:
        return DateStyle(value)
    except ValueError:
        raise PydanticCustomError("expected", "“day first” or “month first”", {}) from None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Only(_Part):
    """Rows that a feed takes: by the column `heading`, its values understood `as` a field (`cases.level`): those that are
    one of `is`, or those that are none of `is_not`."""

    heading: Text
    as_field: Annotated[Text, Field(alias="as")]
    is_one_of: Annotated[Texts | None, Field(alias="is")] = None
    is_not: Texts | None = None


class MadeId(_Part):
    """Where rows have no reference of their own: the headings of the case (none: a Board meeting) and the day it is made from."""

    date: Text
    case: Text | None = None


class Spread(_Part):
    """Columns that are each one row of another table: `headings` heading → what stands in the column `into`; the cell goes
    into `value`, and an empty cell makes no row."""

    into: Text
    value: Text
    headings: Annotated[dict[Text, Text], Field(min_length=1)]


class Feed(_Part):
    """One canonical table that a sheet feeds.

    Each by canonical column: `columns` the heading · `constants` the value of every row · `values` what a text means there (empty:
    nothing is known) · `not_understood` texts seen whose meaning nobody has said.
    """

    table: Text
    columns: dict[str, Text] = Field(default_factory=dict)
    constants: dict[str, Text] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    not_understood: dict[str, Texts] = Field(default_factory=dict)
    only: Only | None = None
    made_id: MadeId | None = None
    spread: Spread | None = None

    def headings(self) -> Iterator[str]:
        """Every heading that the feed reads."""
        yield from self.columns.values()
        if self.only is not None:
            yield self.only.heading
        if self.made_id is not None:
            yield self.made_id.date
            if self.made_id.case is not None:
                yield self.made_id.case
        if self.spread is not None:
            yield from self.spread.headings


class Sheet(_Part):
    """One sheet or file as it is known: what it is called, which headings it had, and what it feeds (nothing: left aside).

    `file`, `sheet` patterns in which `*` is any text; without `sheet`, any · `table` which of several tables on the sheet ·
    `headings` all there were · `left_aside` those left aside on purpose · `pseudonymise` those that hold names and are taken in as
    pseudonyms · `forenames` of these, heading of surnames → heading of the forenames that are one name with them ·
    `dates` heading → style.
    """

    file: Text = "*"
    sheet: Text | None = None
    table: Annotated[int, Field(ge=1)] = 1
    headings: Texts = ()
    left_aside: Texts = ()
    pseudonymise: Texts = ()
    forenames: dict[Text, Text] = Field(default_factory=dict)
    dates: dict[str, Annotated[DateStyle, BeforeValidator(_style)]] = Field(default_factory=dict)
    feeds: Annotated[tuple[Feed, ...], Field(strict=False)] = ()

    @property
    def called(self) -> str:
        """The sheet's name for people."""
        return self.file if self.sheet is None else f"{self.file}, sheet “{self.sheet}”"


class SourceMapping(_Part):
    """All that a mapping file holds; `two_digit_years_up_to`: years of two figures up to this one are of this century."""

    two_digit_years_up_to: Annotated[int, Field(ge=0, le=99)] = LAST_YEAR_OF_THIS_CENTURY
    sheets: Annotated[tuple[Sheet, ...], Field(alias="sheet", strict=False)] = ()


def load_mapping(path: Path) -> SourceMapping:
    """The mapping in a file; raises SettingsError (exit 4) with a sentence that names file and key."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"There is no mapping file {path}. Run `mappa-monitor map` to propose one.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"The mapping {path.name} is not a UTF-8 text file. Save it as UTF-8.") from None
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise SettingsError(f"The mapping {path.name} could not be read: {why}. Check its name and rights.") from None
    return read_mapping(text, path.name)


def read_mapping(text: str, name: str) -> SourceMapping:
    """The mapping that a file called `name` holds; raises SettingsError (exit 4)."""
    content = content_of(text, f"The mapping {name}")
    try:
        mapping = SourceMapping.model_validate(content, by_alias=True, by_name=False)
    except ValidationError as error:
        raise SettingsError(f"The mapping {name}: {first_sentence(error)}") from None
    for key, wrong in _wrong(mapping):
        raise SettingsError(f"The mapping {name}: {key}: {wrong}")
    return mapping


# What no type can say


def _wrong(mapping: SourceMapping) -> Iterator[tuple[str, str]]:
    for number, sheet in enumerate(mapping.sheets, start=1):
        at = f"sheet (entry {number})"
        for heading in sheet.dates:
            if sheet.headings and heading not in sheet.headings:
                yield f"{at}.dates", f"“{heading}” is none of the headings of this sheet. Correct it, or take it out."
        for heading in sheet.pseudonymise:
            if wrong := _not_pseudonymous(heading, sheet):
                yield f"{at}.pseudonymise", wrong
        for surname, forename in sheet.forenames.items():
            if wrong := _no_forename(surname, forename, sheet):
                yield f"{at}.forenames", wrong
        for place, feed in enumerate(sheet.feeds, start=1):
            for key, wrong in _wrong_feed(feed, sheet):
                yield f"{at}.feeds (entry {place}){key}", wrong


def _not_pseudonymous(heading: str, sheet: Sheet) -> str | None:
    """Why a heading cannot be one of names taken in as pseudonyms; None where it can."""
    if sheet.headings and heading not in sheet.headings:
        return f"“{heading}” is none of the headings of this sheet. Correct it, or take it out."
    fields = [
        TABLES[feed.table].fields().get(name)
        for feed in sheet.feeds
        if feed.table in TABLES
        for name, each in feed.columns.items()
        if each == heading
    ]
    if not fields:
        return f"nothing is read from “{heading}”. Read it into case_id, or take it out."
    if any(of is not None and not of.pseudonym for of in fields):
        return f"“{heading}” is read into more than case_id, where pseudonyms stand. Take it out of the other columns."
    return None


def _no_forename(surname: str, forename: str, sheet: Sheet) -> str | None:
    """Why a heading cannot be that of the forenames of a column of surnames; None where it can."""
    if surname not in sheet.pseudonymise:
        return f"“{surname}” is not listed under pseudonymise. Add it there, or take it out."
    if sheet.headings and forename not in sheet.headings:
        return f"“{forename}” is none of the headings of this sheet. Correct it, or take it out."
    if forename == surname or any(forename in feed.headings() for feed in sheet.feeds):
        return f"“{forename}” is read as something else as well. Take it out of one of the two."
    return None


def _wrong_feed(feed: Feed, sheet: Sheet) -> Iterator[tuple[str, str]]:
    if feed.table not in TABLES:
        yield ".table", f"there is no table “{feed.table}”; expected one of {', '.join(TABLES)}."
        return
    fields = TABLES[feed.table].fields()
    spread = (feed.spread.into, feed.spread.value) if feed.spread else ()
    said: list[tuple[str, str]] = [
        *((".columns", name) for name in feed.columns),
        *((".constants", name) for name in feed.constants),
        *((".values", name) for name in feed.values),
        *((".not_understood", name) for name in feed.not_understood),
        *((".spread", name) for name in spread),
    ]
    for key, name in said:
        if name not in fields:
            yield key, f"the table {feed.table} has no column “{name}”; it has {', '.join(fields)}."
            return
    for name in feed.constants:
        if name in feed.columns:
            yield ".constants", f"“{name}” is read from a column as well. Keep one of the two."
    given = {*feed.columns, *feed.constants, *spread}
    for name in (*feed.values, *feed.not_understood):
        if name not in given:
            yield ".values", f"nothing is read into “{name}”. Add it to columns, or take it out."
    if not (feed.columns or feed.spread):
        yield ".columns", "no column is read. Say which heading is which column, or take this table out."
    for name, pairs in feed.values.items():
        for text, meant in pairs.items():
            if wrong := _not_a_value(fields[name], meant):
                yield f".values.{name}", f"“{text}” cannot mean “{meant}”: {wrong}"
    for name, meant in feed.constants.items():
        if wrong := _not_a_value(fields[name], meant):
            yield f".constants.{name}", f"“{meant}” cannot be: {wrong}"
    if feed.spread is not None:
        for heading, meant in feed.spread.headings.items():
            if wrong := _not_a_value(fields[feed.spread.into], meant):
                yield ".spread.headings", f"“{heading}” cannot mean “{meant}”: {wrong}"
    if feed.made_id is not None and not any(each.unique or each.exists for each in fields.values()):
        yield ".made_id", f"the rows of the table {feed.table} have no reference of their own. Take it out."
    if feed.only is not None:
        yield from _wrong_only(feed.only)
    if sheet.headings:
        for heading in feed.headings():
            if heading not in sheet.headings:
                yield "", f"“{heading}” is none of the headings of this sheet. Correct it there, or among its headings."


def _wrong_only(only: Only) -> Iterator[tuple[str, str]]:
    table, _, name = only.as_field.partition(".")
    of = TABLES[table].fields().get(name) if table in TABLES else None
    if of is None:
        yield ".only.as", f"there is no field “{only.as_field}”; expected a table and column such as cases.level."
        return
    if (only.is_one_of is None) == (only.is_not is None):
        yield ".only", "expected either is or is_not, and not both."
    for value in (*(only.is_one_of or ()), *(only.is_not or ())):
        if value and (wrong := _not_a_value(of, value)):
            yield ".only", f"“{value}” cannot be: {wrong}"


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _not_a_value(of: declared.Field, value: str) -> str | None:
    """Why a text is no value of a field; None where it is one, or blank."""
    fits = {
        "code": of.codes is None or value in of.codes,
        "true/false": value in ("true", "false"),
        "date": _DAY.fullmatch(value) is not None,
        "number": value.isdecimal(),
    }
    return None if not value or fits.get(of.kind, True) else f"expected {of.expected}."


# Looked up by those who apply it


def field_of(table: str, name: str) -> declared.Field:
    """The declaration of a column."""
    return TABLES[table].fields()[name]


def id_of(table: str) -> str | None:
    """The column of a table that holds a reference which can be made: its own, or that of the meeting attended."""
    fields = TABLES[table].fields().values()
    own = next((each.name for each in fields if each.unique and not each.pseudonym), None)
    meeting = next((each.name for each in fields if each.exists and each.name.endswith("meeting_id")), None)
    return own or meeting


def is_coded(of: declared.Field) -> bool:
    """Whether the field's values are codes in the widest sense: a list, yes and no, or an agency."""
    return of.codes is not None or of.kind == "true/false" or is_agency(of)


def settled_pairs(feed: Feed, name: str) -> Mapping[str, str]:
    """What texts mean in a column, by the mapping's word."""
    return feed.values.get(name, {})


def as_toml_content(mapping: SourceMapping) -> dict[str, Any]:
    """The mapping as a TOML file would hold it, without what is empty."""
    return mapping.model_dump(mode="json", by_alias=True, exclude_defaults=True)
