"""Which canonical table a table of a file is, and which of its columns is which, judged by headings and by contents."""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.tables import TABLES
from checks.tables.table import Field
from connectors.mapping import headings
from connectors.mapping.headings import EXACT
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import id_of
from connectors.mapping.numbering import numbered_places
from connectors.mapping.profile import Profile
from connectors.mapping.words import is_agency
from connectors.reading import RawTable

FITS, HARDLY = 0.95, 0.5
"""Shares of cells understood: from the first the contents say the same as the heading, below the second they say another thing."""

_BY_CONTENTS_ALONE = 0.9
_LEAST_TABLE = 3.0
_ALL_THERE = 2.0
_BY_NAME = 0.6
_UNEXPLAINED, _MOST_UNEXPLAINED = 0.4, 2.0
_NAMES = 0.3
"""From this share of cells that look like people's names on, a column is taken for one of names."""


@dataclass(frozen=True)
class Match:
    """One column of a file as one canonical column."""

    column: str
    certainty: Certainty
    reason: str
    likeness: float


@dataclass
class Assigned:
    """A table of a file as a canonical table: `columns` position → match; `rejected` position → why not its heading."""

    table: str
    columns: dict[int, Match] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    score: float = 0.0

    def position(self, column: str) -> int | None:
        """The position of a canonical column."""
        return next((place for place, match in self.columns.items() if match.column == column), None)


def assigned(raw: RawTable, profiles: list[Profile], table: str, own: tuple[str, ...] = ()) -> Assigned:
    """The best reading of a table of a file as one canonical table."""
    found = Assigned(table)
    fields = TABLES[table].fields()
    candidates = []
    numbered = numbered_places(raw.headings)
    for place, heading in enumerate(raw.headings):
        if place in numbered:  # one of several: it is no column of the row as a whole
            continue
        if (
            headings.aside(heading) is not None
            and headings.likeness(heading, table, _canonical(heading, table)) < EXACT
        ):
            continue
        elsewhere = any(
            each.beside == table and each.headings and each.likeness(heading) == EXACT for each in headings.wide()
        )
        for name, of in fields.items():
            alike = headings.likeness(heading, table, name)
            if not alike or (elsewhere and alike < EXACT):
                continue
            wrong = _disbelieved(profiles[place], of, own)
            if wrong is not None:
                found.rejected.setdefault(place, wrong)
                continue
            fit = profiles[place].fit(of, own)
            share = 1.0 if fit is None else fit.share
            candidates.append((alike * 0.8 + share * 0.2, -list(fields).index(name), -place, place, name, alike))
    taken: set[str] = set()
    for *_, place, name, alike in sorted(candidates, reverse=True):
        if place in found.columns or name in taken:
            continue
        taken.add(name)
        found.columns[place] = _match(profiles[place], fields[name], alike, own)
    _by_contents(found, profiles, fields, taken, own)
    strangers = sum(
        profiles[place].given > 0 and headings.aside(heading) is None
        for place, heading in enumerate(raw.headings)
        if place not in found.columns and place not in numbered
    )
    found.score = _score(found, profiles, named=_names_the_case(raw.headings)) - min(
        _MOST_UNEXPLAINED, _UNEXPLAINED * strangers
    )
    return found


def _canonical(heading: str, table: str) -> str:
    """The column that a heading names most exactly."""
    return max(TABLES[table].fields(), key=lambda name: headings.likeness(heading, table, name))


def _disbelieved(profile: Profile, of: Field, own: tuple[str, ...]) -> str | None:
    """Why the contents speak against a field; None where they do not."""
    if not profile.given:
        return None
    fit = profile.fit(of, own)
    if is_agency(of):
        if profile.like_names >= _NAMES and (fit is None or fit.share < HARDLY):
            return "its cells look like names of people"
        if profile.are_dates > HARDLY:
            return "its cells are dates"
        return None
    if fit is not None and fit.given and fit.share < HARDLY:
        kinds = {"date": "dates", "true/false": "yes or no", "number": "whole numbers", "code": f"codes of {of.name}"}
        return f"only {fit.read + fit.likely:,} of its {fit.given:,} cells can be read as {kinds[of.kind]}"
    if of.kind == "text" and profile.are_dates > HARDLY:
        return "its cells are dates"
    return None


def _match(profile: Profile, of: Field, alike: float, own: tuple[str, ...]) -> Match:
    fit = profile.fit(of, own)
    says = "the heading says so" if alike >= EXACT else "the heading is much like it"
    sure = alike >= EXACT
    if not profile.given:
        return Match(of.name, Certainty.LIKELY, f"{says}; the column is empty", alike)
    if fit is not None and fit.given:
        if is_agency(of):
            says += f", and {fit.read + fit.likely:,} of its {fit.given:,} cells name agencies that we know"
        elif fit.surely >= FITS:
            says += " and its cells fit"
        elif fit.share >= FITS:
            sure = False
            says += "; what some of its cells mean is likely, and to be looked at"
        else:
            sure = False
            says += f"; {fit.read + fit.likely:,} of its {fit.given:,} cells can be read so"
    if of.unique and of.pseudonym and profile.are_different < 1:
        says += "; some of its values stand more than once"
    if of.pseudonym and profile.like_names >= _NAMES:
        sure = False
        says += "; but its cells look like names of people, where a pseudonym must stand"
    return Match(of.name, Certainty.CERTAIN if sure else Certainty.LIKELY, says, alike)


def _by_contents(
    found: Assigned, profiles: list[Profile], fields: dict[str, Field], taken: set[str], own: tuple[str, ...]
) -> None:
    """Columns whose heading says nothing and whose cells are codes in words of one field alone."""
    in_words = {name: of for name, of in fields.items() if of.codes is not None and not any(map(str.isdigit, of.codes))}
    for place, profile in enumerate(profiles):
        if place in found.columns or profile.different < 2:
            continue
        fits = [
            name
            for name, of in in_words.items()
            if name not in taken
            and (fit := profile.fit(of, own)) is not None
            and fit.given
            and fit.share >= _BY_CONTENTS_ALONE
        ]
        if len(fits) == 1:
            taken.add(fits[0])
            why = f"the heading says nothing, but its cells are codes of {fits[0]}"
            found.columns[place] = Match(fits[0], Certainty.LIKELY, why, 0.5)


def _names_the_case(names: tuple[str, ...]) -> bool:
    """Whether some heading says that names stand there by which a row can be told whose it is (`connectors.mapping.personal`)."""
    parts = {headings.part_of_name(heading) for heading in names}
    return {"surname", "forename"} <= parts or any(map(headings.stands_for_the_case, names))


def _score(found: Assigned, profiles: list[Profile], *, named: bool) -> float:
    """How well a canonical table explains the columns; `named`: names tell whose a row is."""
    model = TABLES[found.table]
    about, fields = model.about(), model.fields()
    score = 0.0
    for match in found.columns.values():
        required = fields[match.column].required
        score += match.likeness * (1.0 if required is True else 0.8 if required else 0.6)
    key = [name for name in about.key if name != id_of(found.table)]
    lacking = [name for name in key if found.position(name) is None]
    by_name = [name for name in lacking if named and fields[name].pseudonym]
    score += _BY_NAME * len(by_name) - 2.0 * (len(lacking) - len(by_name))
    case = found.position(about.key[0])
    if case is not None and model.about().key_unique and len(about.key) == 1 and profiles[case].given:
        score += 1.0 if profiles[case].are_different >= 0.9 else -3.0
    needed = [name for name, of in fields.items() if of.required is True]
    score += (
        _ALL_THERE * sum(found.position(name) is not None or name in by_name for name in needed) / max(3, len(needed))
    )
    days = [name for name, of in fields.items() if of.kind == "date" and of.required is True]
    if days and not any(found.position(name) is not None for name in days) and found.table != "cases":
        score -= 2.0
    return score


def best(raw: RawTable, profiles: list[Profile], own: tuple[str, ...] = ()) -> tuple[Assigned, float] | None:
    """The canonical table that explains a table of a file best, and by how much over the next; None where none does."""
    named = [headings.table_named(name) for name in (raw.sheet, raw.file.rpartition(".")[0]) if name]
    found = []
    for table in TABLES:
        each = assigned(raw, profiles, table, own)
        if not each.columns:
            continue
        bonus = next((2.0 * alike for about in named if about and (alike := about[1]) and about[0] == table), 0.0)
        if (len(each.columns) >= 2 or bonus >= 2.0) and each.score + bonus >= min(
            _LEAST_TABLE, len(TABLES[table].fields())
        ):
            found.append((each.score + bonus, each))
    if not found:
        return None
    found.sort(key=lambda one: one[0], reverse=True)
    ahead = found[0][0] - (found[1][0] if len(found) > 1 else 0.0)
    return found[0][1], ahead
