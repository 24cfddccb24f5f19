"""Columns that hold names, dates of birth or addresses: known by their headings (`headings.toml`) and by what stands in them.

Names are taken in as pseudonyms or not at all; dates of birth (but for the year) and addresses are never taken in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

import polars as pl

from checks.errors import SettingsError
from checks.names import forenames, like_name
from checks.tables.table import Field
from connectors.mapping import headings
from connectors.mapping.cleaning import cleaned
from connectors.mapping.mapping import Sheet, field_of, is_coded
from connectors.mapping.matching import heading_key
from connectors.mapping.profile import Profile
from connectors.mapping.remarks import place_of
from connectors.mapping.values import says_nothing
from connectors.pseudonyms import PREFIX, KeyPlace, Pseudonyms, whole_names
from connectors.reading import RawTable
from connectors.reading.sheet_cells import ERRORS
from connectors.sources.headings import shown

_CASE = field_of("cases", "case_id")

LOOKS_SO = 0.3
"""From this share of its cells on, a column is taken for what they look like."""

_LOOKED_AT = 5_000  # different values, the commonest first

_POSTCODE = r"(?i)(?:^|[\s,])[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"
_STREET = (
    r"(?i)^(?:flat \w+,? )?\d+[a-z]?,?\s+\p{L}[\p{L}'’ .\-]*\b(?:street|st|road|rd|avenue|ave|lane|close|drive|way|place|court|"
    r"crescent|terrace|gardens|grove|hill|square|mews|park|row|walk)\b"
)
_TWO_WORDS = r"^\p{L}[\p{L}'’.\-]+,?(?:\s+\p{L}[\p{L}'’.\-]*){1,3}$"


class Kind(StrEnum):
    """What a column tells of a person that must not be taken in as it stands."""

    NAME = "names of people"
    BIRTH = "dates of birth"
    ADDRESS = "addresses"


def kind_of(heading: str, column: pl.Series, of: Field) -> Kind | None:
    """What a column that would feed a field tells of a person; None where it is harmless there."""
    said = headings.personal(heading)
    if said == "birth" and of.name != "birth_year":  # of which the year alone is read
        return Kind.BIRTH
    if of.kind != "text":  # whatever is no date, number, yes, no or code of ours is not kept
        return Kind.ADDRESS if said == "address" else None
    profile = Profile(column)
    if said == "address" or _share(profile, pl.col("text").str.contains(f"{_POSTCODE}|{_STREET}")) >= LOOKS_SO:
        return Kind.ADDRESS
    if of.pseudonym:
        unlike = not profile.given or _share(profile, pl.col("text").str.contains(r"\d")) == 1
        return Kind.NAME if _like_names(profile) >= LOOKS_SO or (said == "name" and not unlike) else None
    words = pl.col("text").str.to_lowercase().str.extract_all(r"[\p{L}]+")
    known = words.list.eval(pl.element().is_in(list(forenames()))).list.any()
    return Kind.NAME if _share(profile, pl.col("text").str.contains(_TWO_WORDS) & known) >= LOOKS_SO else None


def _like_names(profile: Profile) -> float:
    """The share of cells that look like names where a reference belongs: what an agency is called does not belong there either."""
    return _share(profile, like_name(pl.col("text")))


def _share(profile: Profile, holds: pl.Expr) -> float:
    """Of the cells looked at, those for whose text it holds."""
    some = profile.counts.head(_LOOKED_AT)
    cells = int(some["cells"].sum())
    return int(some.filter(holds)["cells"].sum()) / cells if cells else 0.0


def objection(
    heading: str, column: pl.Series, fields: Sequence[Field], mapping: str, *, pseudonymised: bool
) -> str | None:
    """Why a column must not be read into these fields as the mapping of this name says, and what to do; None where it may."""
    found = stopping(heading, column, fields, pseudonymised=pseudonymised)
    return None if found is None else _refused(*found, heading, mapping)


def stopping(
    heading: str, column: pl.Series, fields: Sequence[Field], *, pseudonymised: bool
) -> tuple[Kind, Field] | None:
    """What a column tells of a person, and the first of these fields into which it must not be read so; None where it may."""
    for of in fields:
        kind = kind_of(heading, column, of)
        if kind is not None and not (pseudonymised and kind is Kind.NAME and of.pseudonym):
            return kind, of
    return None


def _refused(kind: Kind, of: Field, heading: str, mapping: str) -> str:
    out = f"Take the column out of the columns in the mapping {mapping}, and list it under left_aside."
    if kind is not Kind.NAME:
        return f"looks like {kind}, which are never taken in. {out}"
    if not of.pseudonym:
        place = "where an agency belongs" if is_coded(of) else f"where {of.name} belongs"
        return f"looks like {kind}, {place}; they are never taken in. {out}"
    return (
        f"looks like {kind}, which are never taken in as they stand. To take them in as pseudonyms, write "
        f"pseudonymise = [{json.dumps(heading, ensure_ascii=False)}] under its [[sheet]] in the mapping {mapping}, or say so on "
        "the page Sources; else leave it aside."
    )


class Watch:
    """The guard of an import: sees every column that is read, gives names on as pseudonyms where the mapping asks for it, and stops
    the import at whatever else tells of a person. What is to be said besides is added to `notes`."""

    def __init__(self, name: str, place: KeyPlace, notes: list[str]) -> None:
        self._name, self._place, self._notes = name, place, notes
        self._pseudonyms: Pseudonyms | None = None

    def __call__(self, raw: RawTable, feeds: Mapping[str, Sequence[str]], sheet: Sheet) -> RawTable:
        """The table with pseudonyms for names; raises SettingsError (exit 4)."""
        fed = {heading_key(heading): fields for heading, fields in feeds.items()}
        asked = {heading_key(heading) for heading in sheet.pseudonymise}
        forenames = {heading_key(surname): forename for surname, forename in sheet.forenames.items()}
        hidden: list[tuple[int, str, pl.Series]] = []
        for place, heading in enumerate(raw.headings):
            fields = [field_of(*name.split(".")) for name in fed.get(heading_key(heading), ())]
            if not fields:
                continue
            where = f"{place_of(raw)}: the column {shown(heading)} ({raw.letters[place]})"
            hide = heading_key(heading) in asked
            why = objection(heading, raw.frame[str(place)], fields, self._name, pseudonymised=hide)
            if why is not None:
                raise SettingsError(f"{where} {why}")
            if hide:
                names = known_names(raw.frame[str(place)])
                if (forename := forenames.get(heading_key(heading))) is not None:
                    where, names = self._with_forenames(names, forename, raw, where)
                hidden.append((place, where, names))
        columns = [self._hidden(raw.frame[str(place)], names) for place, _, names in hidden]
        for (_, where, _), column in zip(hidden, columns, strict=True):
            different = column.filter(column.str.starts_with(PREFIX)).n_unique()
            self._notes.append(f"{where} was taken in as pseudonyms, {different:,} different ones.")
        return replace(raw, frame=raw.frame.with_columns(columns)) if columns else raw

    def _with_forenames(self, surnames: pl.Series, heading: str, raw: RawTable, where: str) -> tuple[str, pl.Series]:
        """Surnames with the forenames that a column of this heading holds, and what the two are called."""
        place = next((n for n, each in enumerate(raw.headings) if heading_key(each) == heading_key(heading)), None)
        if place is None:
            raise SettingsError(
                f"{where} is one name with the column {shown(heading)} in the mapping {self._name}, and that is gone. "
                "Put the heading right there or in the mapping."
            )
        forenames = known_names(raw.frame[str(place)])
        both = f"{where} together with {shown(heading)} ({raw.letters[place]})"
        if half := int((surnames.is_null() != forenames.is_null()).sum()):
            self._notes.append(
                f"{both}: {half:,} row{'' if half == 1 else 's'} with but one of the two names got no pseudonym, and the case is "
                "not known there."
            )
        return both, whole_names(surnames, forenames)

    def _hidden(self, column: pl.Series, names: pl.Series) -> pl.Series:
        """The names as pseudonyms; a cell of the column that holds no name but an error stays what it is, and is found."""
        if self._pseudonyms is None:
            key, said = self._place.key()
            self._pseudonyms = Pseudonyms(key)
            if said is not None:
                self._notes.append(said)
        error = column.is_in(list(ERRORS)).fill_null(value=False)
        return self._pseudonyms.column(names).zip_with(~error, column).alias(column.name)


def known_names(column: pl.Series) -> pl.Series:
    """The cleaned names of a column; “N/A” and “#REF!” are nobody: they must not become one person, whose all such rows are."""
    texts = cleaned(column)
    nobody = [text for text in texts.unique().drop_nulls() if text in ERRORS or says_nothing(text, _CASE)]
    return texts.set(texts.is_in(nobody).fill_null(value=False), None) if nobody else texts


def pseudonymous_place(names: Sequence[str], profile: Callable[[int], Profile]) -> int | None:
    """The position of the column of whole names that can stand for the person a row is about; None where there is none or two."""
    found = [
        place
        for place, heading in enumerate(names)
        if headings.stands_for_the_case(heading) and _like_names(profile(place)) >= LOOKS_SO
    ]
    return found[0] if len(found) == 1 else None


def pseudonymous_pair(names: Sequence[str], profile: Callable[[int], Profile]) -> tuple[int, int] | None:
    """The positions of the one column of surnames and the one of forenames of a sheet; None where either is not there, or twice."""
    parts = {
        part: [place for place, heading in enumerate(names) if headings.part_of_name(heading) == part]
        for part in ("surname", "forename")
    }
    if any(len(places) != 1 or not _may_be_names(profile(places[0])) for places in parts.values()):
        return None
    return parts["surname"][0], parts["forename"][0]


def _may_be_names(profile: Profile) -> bool:
    """Whether a column holds something, and not a figure in every cell, as pseudonyms do."""
    return profile.given > 0 and _share(profile, pl.col("text").str.contains(r"\d")) < 1
