"""What may become of a column that tells of a person: left aside, or taken in as pseudonyms, alone or with one of forenames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checks.tables.table import Field
from connectors.mapping import headings
from connectors.mapping.editing import pseudonym_field
from connectors.mapping.mapping import Sheet, field_of
from connectors.mapping.matching import heading_key
from connectors.mapping.personal import Kind, kind_of, pseudonymous_pair, stopping
from connectors.mapping.profile import Profile
from connectors.reading import RawTable


@dataclass(frozen=True)
class Told:
    """What a column tells of a person, where it is read or could stand for the case; whether it may be taken in as `pseudonyms`,
    and with which heading of forenames; or the heading of the surnames that it is one name `beside`."""

    kind: Kind | None = None
    pseudonyms: bool = False
    forename: str | None = None
    beside: str | None = None


NOTHING_TOLD = Told()


class StandingIn:
    """Tells it for the columns of one table of a file, by its entry in a mapping and by what is `proposed` for it."""

    def __init__(self, raw: RawTable, sheet: Sheet, proposed: Sheet, profile: Callable[[str], Profile]) -> None:
        self._raw, self._hidden = raw, {heading_key(heading) for heading in sheet.pseudonymise}
        field = pseudonym_field(sheet)
        self._field = field_of(*field) if field else None
        pairs = {**proposed.forenames, **sheet.forenames}
        found = pseudonymous_pair(raw.headings, lambda place: profile(raw.headings[place]))
        if found is not None:
            pairs.setdefault(raw.headings[found[0]], raw.headings[found[1]])
        self._forenames = {heading_key(surname): forename for surname, forename in pairs.items()}
        self._beside = {heading_key(forename): surname for surname, forename in sheet.forenames.items()}
        self._proposed = {heading_key(heading) for heading in proposed.pseudonymise}
        self._proposed |= {
            heading_key(each) for feed in proposed.feeds for each in self._cases(feed.table, feed.columns)
        }

    @staticmethod
    def _cases(table: str, columns: dict[str, str]) -> list[str]:
        return [heading for name, heading in columns.items() if field_of(table, name).pseudonym]

    def told(self, place: int, read_into: Sequence[Field]) -> Told:
        """What the column at a position tells, read into these fields."""
        heading, column = self._raw.headings[place], self._raw.frame[str(place)]
        key = heading_key(heading)
        if key in self._beside:
            return Told(Kind.NAME, beside=self._beside[key])
        forename = self._forenames.get(key)
        if key in self._hidden:
            return Told(Kind.NAME, pseudonyms=True, forename=forename)
        stopped = stopping(heading, column, read_into, pseudonymised=False)
        could = headings.stands_for_the_case(heading) or forename is not None
        if stopped is not None:
            kind, of = stopped
            may = kind is Kind.NAME and self._field is not None and (of.pseudonym or could)
            return Told(kind, may and headings.part_of_name(heading) != "forename", forename)
        if read_into or self._field is None or not (could or key in self._proposed):
            return NOTHING_TOLD
        is_name = kind_of(heading, column, self._field) is Kind.NAME
        return Told(Kind.NAME, pseudonyms=True, forename=forename) if is_name else NOTHING_TOLD
