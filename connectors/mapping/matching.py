"""Which entry of a mapping a table of a file belongs to, and what no longer fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from connectors.mapping.dates import Epoch
from connectors.mapping.mapping import Sheet, SourceMapping
from connectors.reading import RawTable, Read


def heading_key(heading: str) -> str:
    """A heading as it is compared with that of a mapping: without difference of case or of space."""
    return " ".join(heading.casefold().split())


@dataclass(frozen=True)
class Numbered:
    """A table of a file, which of its sheet's it is, from 1, and the day from which the file counts its days."""

    raw: RawTable
    number: int
    epoch: Epoch = Epoch.FROM_1900

    def column(self, heading: str) -> int | None:
        """The column of a heading; None where there is none."""
        return _positions(self.raw.headings).get(heading_key(heading))


@lru_cache(maxsize=256)
def _positions(headings: tuple[str, ...]) -> dict[str, int]:
    return {heading_key(heading): place for place, heading in reversed(list(enumerate(headings)))}


def numbered(reads: Iterable[Read]) -> list[Numbered]:
    """Every table of the files, in order."""
    found = []
    for read in reads:
        seen: dict[str | None, int] = {}
        for raw in read.tables:
            seen[raw.sheet] = seen.get(raw.sheet, 0) + 1
            epoch = Epoch.FROM_1904 if read.from_1904 else Epoch.FROM_1900
            found.append(Numbered(raw, seen[raw.sheet], epoch))
    return found


def fits(pattern: str, name: str) -> bool:
    """Whether a name is one of a pattern, in which `*` is any text; case does not matter."""
    return _pattern(pattern.casefold()).fullmatch(name.casefold()) is not None


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


@dataclass(frozen=True)
class Placed:
    """A table of a file with its entry, None where the mapping has none; `renamed`: it was known by its headings alone."""

    table: Numbered
    sheet: Sheet | None
    renamed: bool = False


def placed(reads: Sequence[Read], mapping: SourceMapping) -> list[Placed]:
    """Every table of the files with the entry that it belongs to: by its name, or else by having all the headings used."""
    return [_placed(table, mapping) for table in numbered(reads)]


def _placed(table: Numbered, mapping: SourceMapping) -> Placed:
    raw = table.raw
    named = [
        each
        for each in mapping.sheets
        if fits(each.file, raw.file)
        and each.table == table.number
        and (each.sheet is None or fits(each.sheet, raw.sheet or ""))
    ]
    if named:
        return Placed(table, max(named, key=lambda each: _there(each, table)))
    alike = [each for each in mapping.sheets if each.feeds and not gone(each, table)]
    return Placed(table, alike[0], renamed=True) if alike else Placed(table, None)


def used(sheet: Sheet) -> list[str]:
    """Every heading that an entry reads, once."""
    read = (heading for feed in sheet.feeds for heading in feed.headings())
    return list(dict.fromkeys((*read, *sheet.forenames.values())))


def gone(sheet: Sheet, table: Numbered) -> list[str]:
    """Headings that an entry reads and that are not there."""
    return [heading for heading in used(sheet) if table.column(heading) is None]


def _there(sheet: Sheet, table: Numbered) -> float:
    """Which share of the headings of an entry is there."""
    known = sheet.headings or used(sheet)
    return sum(table.column(heading) is not None for heading in known) / max(1, len(known))


def new(sheet: Sheet, table: Numbered) -> list[str]:
    """Headings that an entry has not seen; none where it does not say what it has seen."""
    if not sheet.headings:
        return []
    known = {heading_key(heading) for heading in (*sheet.headings, *sheet.left_aside, *used(sheet))}
    return [heading for heading in table.raw.headings if heading_key(heading) not in known]


def not_there(mapping: SourceMapping, found: Sequence[Placed]) -> Iterator[Sheet]:
    """Entries that feed something and to which no table belongs."""
    there = {id(each.sheet) for each in found if each.sheet is not None}
    return (sheet for sheet in mapping.sheets if sheet.feeds and id(sheet) not in there)
