"""A table of a file whose columns have been looked at, and how sure it is what becomes of one."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.mapping import assigning
from connectors.mapping.assigning import Assigned
from connectors.mapping.likelihood import Certainty
from connectors.mapping.matching import Numbered
from connectors.mapping.profile import Profile
from connectors.reading import RawTable


@dataclass(frozen=True)
class Reason:
    """How sure it is what becomes of a column, and why."""

    certainty: Certainty
    why: str


@dataclass(frozen=True)
class Looked:
    """A table of a file whose columns have been looked at; `best` what it is taken for, and by how much before the next."""

    table: Numbered
    profiles: list[Profile]
    best: tuple[Assigned, float] | None

    @property
    def raw(self) -> RawTable:
        """The table as it stands."""
        return self.table.raw

    def profile(self, heading: str) -> Profile:
        """The column of a heading."""
        return self.profiles[self.raw.headings.index(heading)]


def look(table: Numbered, own: tuple[str, ...] = ()) -> Looked:
    """A table of a file with its columns looked at."""
    raw = table.raw
    profiles = [Profile(raw.frame[str(place)]) for place in range(len(raw.headings))]
    return Looked(table, profiles, assigning.best(raw, profiles, own) if raw.frame.height else None)
