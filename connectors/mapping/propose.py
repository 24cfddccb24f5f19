"""A proposal: from headings and contents, which table, which column, which code, which date style; how sure each is, and why.

Nothing is decided that cannot be told: what is ambiguous is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from checks.tables import TABLES
from connectors.mapping import assigning, headings, matching, personal
from connectors.mapping.assigning import Assigned, Match
from connectors.mapping.further import Further
from connectors.mapping.likelihood import Certainty
from connectors.mapping.looked import Looked, Reason, look
from connectors.mapping.mapping import Feed, Sheet, SourceMapping, id_of
from connectors.mapping.matching import Numbered
from connectors.mapping.naming import generalised
from connectors.mapping.numbering import numbered_places
from connectors.mapping.remarks import listed, place_of
from connectors.reading import Read


@dataclass
class ProposedTable:
    """What is proposed for one table of a file: `sheet` feeds nothing where it is taken for none; `reasons` by heading."""

    looked: Looked
    sheet: Sheet
    reason: Reason
    reasons: dict[str, Reason] = field(default_factory=dict)

    @property
    def table(self) -> Numbered:
        """The table of the file."""
        return self.looked.table


@dataclass(frozen=True)
class Proposal:
    """A mapping proposed for a source, with the reasons, and the questions that only somebody can answer."""

    mapping: SourceMapping
    tables: tuple[ProposedTable, ...]
    questions: tuple[str, ...]


def propose(reads: Sequence[Read], own: Iterable[str] = ()) -> Proposal:
    """A mapping for these files; `own`: the area's names for its agencies and members, from its settings."""
    mine = tuple(dict.fromkeys(own))
    looked_at = [look(table, mine) for table in matching.numbered(reads)]
    primaries = {each.best[0].table for each in looked_at if each.best is not None}
    proposed = [_Proposing(each, primaries, mine).made() for each in looked_at]
    _named(proposed)
    sheets: dict[tuple[str, str | None, int], Sheet] = {}
    for each in proposed:
        name = each.sheet.file, each.sheet.sheet, each.sheet.table
        sheets[name] = _together(sheets[name], each.sheet) if name in sheets else each.sheet
    return Proposal(SourceMapping(sheets=tuple(sheets.values())), tuple(proposed), tuple(questions(proposed)))


def _together(one: Sheet, other: Sheet) -> Sheet:
    """Two sheets of one name that feed the same, as one entry: what their texts mean, and what settles their dates."""
    feeds = []
    for mine, theirs in zip(one.feeds, other.feeds, strict=True):
        values = {
            name: {**theirs.values.get(name, {}), **mine.values.get(name, {})}
            for name in (*mine.values, *theirs.values)
        }
        unknown = {
            name: tuple(dict.fromkeys((*mine.not_understood.get(name, ()), *theirs.not_understood.get(name, ()))))
            for name in (*mine.not_understood, *theirs.not_understood)
        }
        feeds.append(mine.model_copy(update={"values": values, "not_understood": unknown}))
    # What one says and the other contradicts is left for each file to settle by itself.
    dates = {**one.dates, **other.dates}
    agreed = {heading: style for heading, style in dates.items() if one.dates.get(heading, style) == style}
    return one.model_copy(update={"feeds": tuple(feeds), "dates": agreed})


def proposed_as(looked: Looked, table: str | None, beside: Iterable[str], own: Iterable[str] = ()) -> ProposedTable:
    """The proposal for a table of a file that somebody says is this canonical table, or none; `beside`: what the others are."""
    mine = tuple(dict.fromkeys(own))
    best = None if table is None else (assigning.assigned(looked.raw, looked.profiles, table, mine), 0.0)
    made = _Proposing(replace(looked, best=best), set(beside), mine).made()
    raw = looked.raw
    made.sheet = made.sheet.model_copy(update={"file": raw.file, "sheet": raw.sheet, "table": looked.table.number})
    return made


def questions(tables: Iterable[ProposedTable]) -> list[str]:
    """What is still to be answered: one sentence each."""
    asked = []
    for each in tables:
        for heading, reason in each.reasons.items():
            if reason.certainty is Certainty.UNKNOWN and "day or the month" in reason.why:
                asked.append(f"{place_of(each.table.raw)}: {listed([heading])}: {reason.why}")
    return asked


def _named(proposed: list[ProposedTable]) -> None:
    """Give names that hold next month too, where that leaves no doubt which sheet is meant."""
    for each in proposed:
        raw = each.table.raw
        pattern = generalised(raw.file), None if raw.sheet is None else generalised(raw.sheet)
        alike = [
            other
            for other in proposed
            if matching.fits(pattern[0], other.table.raw.file)
            and other.table.number == each.table.number
            and (pattern[1] is None or matching.fits(pattern[1], other.table.raw.sheet or ""))
        ]
        same = all(_read_alike(each, other) for other in alike)
        file, sheet = pattern if same else (raw.file, raw.sheet)
        each.sheet = each.sheet.model_copy(update={"file": file, "sheet": sheet, "table": each.table.number})


def _read_alike(one: ProposedTable, other: ProposedTable) -> bool:
    """Whether two tables have the same headings and are read as the same."""
    feeds = [
        [(feed.table, feed.columns, feed.constants, feed.only, feed.made_id, feed.spread) for feed in each.sheet.feeds]
        for each in (one, other)
    ]
    return one.table.raw.headings == other.table.raw.headings and feeds[0] == feeds[1]


class _Proposing(Further):
    """Makes the proposal for one table of a file."""

    def made(self) -> ProposedTable:
        raw = self._raw
        if self._looked.best is None:
            why = "it has no rows" if not raw.frame.height else "its headings are like those of none of our tables"
            sheet = Sheet(headings=raw.headings)
            return ProposedTable(self._looked, sheet, Reason(Certainty.UNKNOWN, f"{why}; it is left aside"))
        first, ahead = self._looked.best
        hidden, forenames = self._by_pseudonym(first)
        feeds = [self._primary(first), *self._further(first)]
        self._rest(first)
        aside = tuple(heading for place, heading in enumerate(raw.headings) if place not in self._used)
        sheet = Sheet(
            headings=raw.headings,
            left_aside=aside,
            pseudonymise=hidden,
            forenames=forenames,
            dates=self._dates,
            feeds=tuple(feeds),
        )
        reasons = {heading: self._reasons[place] for place, heading in enumerate(raw.headings)}
        return ProposedTable(self._looked, sheet, self._about(first, ahead), reasons)

    def _about(self, first: Assigned, ahead: float) -> Reason:
        fields = TABLES[first.table].fields()
        required = [name for name, of in fields.items() if of.required is True and name != id_of(first.table)]
        there = sum(first.position(name) is not None for name in required)
        why = f"{there} of the {len(required)} columns that every row of {first.table} needs are there"
        for name, value in self._constants(first).items():
            why += f"; {name} is {value} in every row, as the name of the sheet or file says"
        sure = ahead >= 1.5 and there >= len(required) / 2
        return Reason(Certainty.CERTAIN if sure else Certainty.LIKELY, why)

    # The table that the sheet is

    def _primary(self, first: Assigned) -> Feed:
        columns: dict[str, str] = {}
        for place, match in sorted(first.columns.items()):
            columns[match.column] = self._raw.headings[place]
            self._take(place, Reason(match.certainty, match.reason), first.table, match.column)
        order = [name for name in TABLES[first.table].columns() if name in columns]
        columns = {name: columns[name] for name in order}
        feed = Feed(table=first.table, columns=columns, constants=self._constants(first), made_id=self._made_id(first))
        return self._with_values(feed)

    def _by_pseudonym(self, first: Assigned) -> tuple[tuple[str, ...], dict[str, str]]:
        """Where no column tells whom a row is about but one of names, or two of surnames and forenames: these, to be taken in as
        pseudonyms."""
        of = TABLES[first.table].fields().get("case_id")
        if of is None or not of.pseudonym or first.position("case_id") is not None:
            return (), {}
        names = self._raw.headings
        place = personal.pseudonymous_place(names, self._looked.profiles.__getitem__)
        pair = personal.pseudonymous_pair(names, self._looked.profiles.__getitem__) if place is None else None
        found = pair[0] if pair else place
        if found is None or found in first.columns or (pair and pair[1] in first.columns):
            return (), {}
        which = f"with {listed([names[pair[1]]])} it holds names" if pair else "it holds names"
        why = f"{which}, and nothing else tells whom a row is about: taken in as pseudonyms only (pseudonymise)"
        first.columns[found] = Match("case_id", Certainty.LIKELY, why, 0.0)
        if pair is None:
            return (names[found],), {}
        self._used.add(pair[1])
        why = f"one name with {listed([names[found]])}: taken in as pseudonyms only (pseudonymise)"
        self._reasons[pair[1]] = Reason(Certainty.LIKELY, why)
        return (names[found],), {names[found]: names[pair[1]]}

    def _rest(self, first: Assigned) -> None:
        """Why the other columns are left aside."""
        for place, heading in enumerate(self._raw.headings):
            if place in self._reasons:
                continue
            why = headings.aside(heading)
            if why is not None:
                self._reasons[place] = Reason(Certainty.CERTAIN, f"left aside: {why}")
            elif not self._looked.profiles[place].given:
                self._reasons[place] = Reason(Certainty.CERTAIN, "left aside: the column is empty")
            elif place in numbered_places(self._raw.headings):
                why = "left aside: it is one of several numbered alike, and we know no table of which each is a row"
                self._reasons[place] = Reason(Certainty.UNKNOWN, why)
            elif place in first.rejected:
                self._reasons[place] = Reason(Certainty.UNKNOWN, f"left aside: {first.rejected[place]}")
            else:
                self._reasons[place] = Reason(Certainty.UNKNOWN, "left aside: the heading is like none of ours")
