"""A proposal: from headings and contents, which table, which column, which code, which date style; how sure each is, and why.

Nothing is decided that cannot be told: what is ambiguous is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from checks.tables import TABLES
from connectors.mapping import assigning, headings, matching, personal, words
from connectors.mapping.assigning import Assigned, Match
from connectors.mapping.cleaning import folded
from connectors.mapping.dates import DateStyle, Settled
from connectors.mapping.headings import EXACT, Wide
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import Feed, MadeId, Only, Sheet, SourceMapping, Spread, field_of, id_of, is_coded
from connectors.mapping.matching import Numbered
from connectors.mapping.naming import generalised
from connectors.mapping.numbering import counting, numbered_places
from connectors.mapping.profile import Profile
from connectors.mapping.remarks import listed, place_of
from connectors.mapping.spelling import spelled
from connectors.reading import RawTable, Read

_FEW_SPREAD = 2
_ASIDE = "left aside"
_MADE_FROM = {"meetings": "held_on", "attendance": "held_on", "smb_meetings": "held_on", "smb_attendance": "held_on",
              "referrals": "received_on", "actions": "due_on"}  # fmt: skip
"""Of what day a reference is made, where rows have none of their own."""


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


def _level_in(heading: str) -> str | None:
    """The level that a heading names: “Level 2 meeting 3”."""
    found = re.search(r"(?i)\b(?:level|lvl|l) ?([123])(?!\d)", heading)
    return found[1] if found else None


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


class _Proposing:
    """Makes the proposal for one table of a file."""

    def __init__(self, looked: Looked, primaries: set[str], own: tuple[str, ...]) -> None:
        self._looked, self._raw, self._own, self._primaries = looked, looked.raw, own, primaries
        self._reasons: dict[int, Reason] = {}
        self._dates: dict[str, DateStyle] = {}
        self._used: set[int] = set()
        self._counting = counting(looked.raw.headings)
        self._doubtful: set[int] = set()

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

    def _take(self, place: int, reason: Reason, table: str, column: str) -> None:
        """Note what becomes of a column; where its dates could be read in two ways, that is what is to be known first."""
        self._used.add(place)
        if field_of(table, column).kind == "date":
            reason = self._dated(place, reason)
        known = self._reasons.get(place)
        if known is None or known.why.startswith(_ASIDE):  # what was left aside for one table, another may take
            self._reasons[place] = reason

    def _dated(self, place: int, reason: Reason) -> Reason:
        evidence = self._looked.profiles[place].evidence
        settled = evidence.settled
        if settled in (Settled.DAY_FIRST, Settled.MONTH_FIRST):
            self._dates[self._raw.headings[place]] = DateStyle(str(settled))
            number = max(evidence.day_first, evidence.month_first)
            why = f"{reason.why}; dates {settled}, as {number:,} of its different values can be read in no other way"
            return Reason(reason.certainty, why + self._swapped(place))
        if settled is Settled.AMBIGUOUS:
            others = {each.evidence.settled for each in self._looked.profiles} & {
                Settled.DAY_FIRST,
                Settled.MONTH_FIRST,
            }
            hint = f" (other columns of the sheet are {others.pop()})" if len(others) == 1 else ""
            return Reason(
                Certainty.UNKNOWN,
                f"its dates could begin with the day or the month, and nothing in the column tells which{hint}: you must say",
            )
        if settled is Settled.CONTRADICTORY:
            return Reason(
                Certainty.UNKNOWN,
                f"some of its dates can only begin with the day ({evidence.day_first:,}) and some only with the month "
                f"({evidence.month_first:,}): you must say whether the day or the month comes first in those that could be either",
            )
        return reason

    def _swapped(self, place: int) -> str:
        """A warning where a spreadsheet seems to have taken day for month in the dates that allowed it."""
        profile = self._looked.profiles[place]
        if place not in self._raw.dated or profile.evidence.day_first < 3 or profile.evidence.both:
            return ""
        iso = profile.counts["text"].filter(profile.counts["text"].str.contains(r"^\d{4}-\d{2}-\d{2}"))
        if iso.len() < 3 or not (iso.str.slice(8, 2) <= "12").all():
            return ""
        return (
            "; but every real date in it has a day up to 12 and every date that is text one above: a spreadsheet may have taken "
            "day for month in the real ones. Compare some with the paper"
        )

    def _constants(self, first: Assigned) -> dict[str, str]:
        """What the name of the sheet or file says of every row: a level, an agency."""
        found: dict[str, str] = {}
        named = [name for name in (self._raw.sheet, self._raw.file.rpartition(".")[0]) if name]
        for column in ("level", "kind"):
            if (
                column in TABLES[first.table].columns()
                and first.position(column) is None
                and first.table in ("cases", "meetings")
            ):
                said = [re.search(r"(?i)(?:level|lvl|\bl) ?([123])(?!\d)", name.replace("_", " ")) for name in named]
                levels = {each[1] for each in said if each}
                if len(levels) == 1:
                    code = words.codes(first.table, column).find(levels.pop())
                    if code is not None:
                        found[column] = code[0]
        agency = TABLES[first.table].about().agency
        if (
            agency
            and first.position(agency) is None
            and first.table not in ("smb_attendance", "attendance", "meetings")
        ):
            names = {meant[0] for name in named if (meant := words.agency(name, self._own)) is not None}
            if len(names) == 1:
                found[agency] = names.pop()
        return found

    def _made_id(self, first: Assigned) -> MadeId | None:
        """What references are made from, where the sheet has none."""
        column = id_of(first.table)
        day = _MADE_FROM.get(first.table)
        if column is None or day is None or first.position(column) is not None:
            return None
        case = self._heading_of(first, "cases" if first.table == "attendance" else first.table, "case_id")
        if case is None and not first.table.startswith("smb_"):
            return None
        date = self._heading_of(first, first.table if day in TABLES[first.table].columns() else "meetings", day)
        return None if date is None else MadeId(date=date, case=case)

    def _heading_of(self, first: Assigned, table: str, column: str) -> str | None:
        place = first.position(column) if table == first.table else None
        if place is None and table != first.table:
            alike = [
                (headings.likeness(heading, table, column), -each)
                for each, heading in enumerate(self._raw.headings)
                if each not in first.columns
            ]
            if alike and max(alike)[0] == EXACT:
                place = -max(alike)[1]
                said = Reason(Certainty.LIKELY, "a reference is made from it, as the sheet has none")
                self._take(place, said, table, column)
        return None if place is None else self._raw.headings[place]

    # What else the sheet holds

    def _further(self, first: Assigned) -> list[Feed]:
        feeds: list[Feed] = []
        days_of: dict[int, str] = {}
        for wide in headings.wide():
            if wide.beside != first.table:
                continue
            several = self._parts(first, wide) if wide.spread else self._numbered(first, wide, days_of)
            feed = self._spread(first, wide) if wide.spread else self._wide(first, wide, days_of, several)
            feeds += [self._with_values(each) for each in (*several, feed) if each is not None]
        return feeds

    def _wide(self, first: Assigned, wide: Wide, days_of: dict[int, str], several: list[Feed]) -> Feed | None:
        """A date beside the rows of another table that makes a row of this one; none where `several` numbered ones do."""
        place = self._date_place(first, wide, days_of)
        if place is None or first.position("case_id") is None:
            return None
        if several:
            why = f"left aside: numbered columns hold the days of {wide.table}, and this one may be one of them"
            self._reasons.setdefault(place, Reason(Certainty.LIKELY, why))
            self._doubtful.add(place)
            return None
        if self._is_elsewhere(wide, [place]):
            return None
        alike = Certainty.CERTAIN if wide.likeness(self._raw.headings[place]) == EXACT else Certainty.LIKELY
        why = f"the heading says so: each makes a row of {wide.table}{{which}}; of each case only this one day is known"
        also = [
            (headings.likeness(heading, wide.table, name), -place, name)
            for place, heading in enumerate(self._raw.headings)
            if place not in numbered_places(self._raw.headings)
            for name in wide.also
        ]
        return self._dated_feed(first, wide, place, days_of, Reason(alike, why), also)

    def _is_elsewhere(self, wide: Wide, places: Sequence[int]) -> bool:
        """Whether the table has a sheet of its own here, so that these columns and what goes with them are left aside."""
        if wide.table not in self._primaries:
            return False
        said = Reason(Certainty.LIKELY, f"left aside: the table {wide.table} has a sheet of its own here")
        for place in places:
            self._reasons.setdefault(place, said)
        for each, other in enumerate(self._raw.headings):
            if each not in self._used and any(
                headings.likeness(other, wide.table, name) == EXACT for name in wide.also
            ):
                self._reasons.setdefault(each, said)
        return True

    def _dated_feed(
        self,
        first: Assigned,
        wide: Wide,
        place: int,
        days_of: dict[int, str],
        reason: Reason,
        also: list[tuple[float, int, str]],
    ) -> Feed | None:
        """The rows of a table that a column of days makes; `reason` with a place for which rows of the sheet they are of."""
        case = first.position("case_id")
        if case is None or wide.date is None:
            return None
        heading, case_heading = self._raw.headings[place], self._raw.headings[case]
        said, fixed = _level_in(heading), self._constants(first).get("level")
        level = first.position("level") if said is None else None  # of the case now: the heading knows better
        surely = said or (fixed if level is None else None)
        if (wide.only or wide.unless) and surely is not None:
            if (wide.only and surely not in wide.only) or surely in wide.unless:
                return None
        elif wide.only and level is None:
            return None
        days_of[place] = wide.table
        columns = {"case_id": case_heading, wide.date: heading}
        which = f" of rows at level {', '.join(wide.only)}" if wide.only and level is not None else ""
        which = (
            f" of rows at other levels than {', '.join(wide.unless)}" if wide.unless and level is not None else which
        )
        why = reason.why.replace("{which}", which)
        self._take(place, Reason(reason.certainty, why), wide.table, wide.date)
        constants: dict[str, str] = {}
        if wide.level_into is not None:
            if level is not None:
                columns[wide.level_into] = self._raw.headings[level]
            elif surely is not None and (code := words.codes(wide.table, wide.level_into).find(surely)) is not None:
                constants[wide.level_into] = code[0]
        agency = first.position("lead_agency")
        if wide.agency_into is not None and agency is not None:
            columns[wide.agency_into] = self._raw.headings[agency]
        if wide.agency_always is not None:
            constants["agency"] = next(
                (mine for mine in self._own if folded(mine) == wide.agency_always), wide.agency_always
            )
        columns |= self._also(wide, set(columns), also)
        order = [name for name in TABLES[wide.table].columns() if name in columns]
        only = None
        if level is not None and (wide.only or wide.unless):
            heading_of_level = self._raw.headings[level]
            only = Only(
                heading=heading_of_level,
                as_field="cases.level",
                is_one_of=wide.only or None,
                is_not=None if wide.only else wide.unless,
            )
        made = MadeId(case=case_heading, date=heading) if id_of(wide.table) else None
        return Feed(
            table=wide.table,
            columns={name: columns[name] for name in order},
            constants=constants,
            only=only,
            made_id=made,
        )

    def _numbered(self, first: Assigned, wide: Wide, days_of: dict[int, str]) -> list[Feed]:
        """Numbered columns of days, each of which makes a row: “Review 1”, “Review 2”, with what else bears the same number."""
        found = []
        for each in self._counting:
            places = {
                number: place for number, place in each.places.items() if self._may_be_day(place, first, wide, days_of)
            }
            given = any(self._looked.profiles[place].given for place in places.values())
            if each.words in wide.numbered and len(places) >= _FEW_SPREAD and given:
                found.append((len(places), each, places))
        if not found:
            return []
        _, series, places = max(found, key=lambda one: one[0])
        stem = set(series.words) - {"date"}
        beside = [place for each in self._counting if stem <= set(each.words) for place in each.places.values()]
        if self._is_elsewhere(wide, beside):
            return []
        why = (
            f"the headings are numbered: each makes a row of {wide.table}{{which}}, {len(places)} of each case at most; what was "
            "done besides is not known from it"
        )
        if (
            wide.level_into
            and first.position("level") is not None
            and not _level_in(self._raw.headings[min(places.values())])
        ):
            why += ", and the level of each is taken to be the level now"
        feeds = []
        for number, place in places.items():
            also = [
                (
                    headings.likeness(" ".join(set(other.words) - stem) or "-", wide.table, name),
                    -other.places[number],
                    name,
                )
                for other in self._counting
                if other is not series and number in other.places and other.doubled == series.doubled
                for name in wide.also
            ]
            feeds.append(self._dated_feed(first, wide, place, days_of, Reason(Certainty.LIKELY, why), also))
            start = listed([self._raw.headings[min(places.values())]])
            why = f"numbered like {start}: each makes a row of {wide.table}{{which}}"
        return [feed for feed in feeds if feed is not None]

    def _may_be_day(self, place: int, first: Assigned, wide: Wide, days_of: dict[int, str]) -> bool:
        """Whether a column may hold days of a table: nothing else has taken it, or the same for other rows of the sheet."""
        shared = place in days_of and bool(wide.only)
        profile = self._looked.profiles[place]
        free = place not in first.columns and (place not in self._used or shared)
        return free and (not profile.given or profile.are_dates >= assigning.HARDLY)

    def _parts(self, first: Assigned, wide: Wide) -> list[Feed]:
        """Numbered columns of agencies beside a meeting, with how each took part: “Agency 1”, “Attended 1”, “Agency 2” …"""
        assert wide.spread is not None
        assert wide.value is not None
        column, made = id_of(first.table), self._made_id(first)
        place = None if column is None else first.position(column)
        if wide.table in self._primaries or (place is None and made is None):
            return []
        whose: dict[int, int] = {}
        how: dict[int, int] = {}
        for each in self._counting:
            called = " ".join(each.words)
            for number, at in each.places.items():
                if at in self._used:
                    continue
                if self._names_agencies(at) and any(
                    headings.likeness(called, wide.table, name) == EXACT for name in (wide.spread, wide.value)
                ):
                    whose.setdefault(number, at)
                elif headings.likeness(called, wide.table, wide.value) == EXACT and self._tells(at, wide):
                    how.setdefault(number, at)
        if len(whose) < _FEW_SPREAD or not any(self._looked.profiles[at].given for at in whose.values()):
            return []
        feeds = []
        for number, at in whose.items():
            columns = {wide.spread: self._raw.headings[at]}
            why = f"the headings are numbered and the cells name agencies: each makes a row of {wide.table}"
            self._take(at, Reason(Certainty.LIKELY, why), wide.table, wide.spread)
            if number in how:
                columns[wide.value] = self._raw.headings[how[number]]
                why = f"it bears the number of {listed([self._raw.headings[at]])}, and says how that agency took part"
                self._take(how[number], Reason(Certainty.LIKELY, why), wide.table, wide.value)
            if column is not None and place is not None:
                columns = {column: self._raw.headings[place], **columns}
            feeds.append(Feed(table=wide.table, columns=columns, made_id=made if place is None else None))
        return feeds

    def _names_agencies(self, place: int) -> bool:
        """Whether most cells of a column name agencies that we know; a column without a cell may."""
        texts = self._looked.profiles[place].counts
        known = [cells for text, cells in texts.iter_rows() if words.agency(text, self._own) is not None]
        return sum(known) >= assigning.HARDLY * self._looked.profiles[place].given

    def _tells(self, place: int, wide: Wide) -> bool:
        fit = self._looked.profiles[place].fit(field_of(wide.table, wide.value or ""), self._own)
        return fit is None or not fit.given or fit.share >= assigning.HARDLY

    def _date_place(self, first: Assigned, wide: Wide, days_of: dict[int, str]) -> int | None:
        """The column that holds the date: one that nothing else has taken, or the same for other rows of the sheet."""
        numbered = numbered_places(self._raw.headings)
        found = [
            (alike, -place)
            for place, heading in enumerate(self._raw.headings)
            if place not in numbered
            and place not in self._doubtful
            and (alike := wide.likeness(heading))
            and not headings.likelier_elsewhere(heading, wide)
            and self._may_be_day(place, first, wide, days_of)
        ]
        return -max(found)[1] if found else None

    def _also(self, wide: Wide, taken: set[str], candidates: list[tuple[float, int, str]]) -> dict[str, str]:
        """What else of the row goes with it, of these: likeness, position (negative), canonical column."""
        found: dict[str, str] = {}
        for alike, negative, name in sorted((each for each in candidates if each[0]), reverse=True):
            place = -negative
            of, profile = field_of(wide.table, name), self._looked.profiles[place]
            fit = profile.fit(of, self._own)
            if (
                name in found
                or name in taken
                or place in self._used
                or (fit and fit.given and fit.share < assigning.HARDLY)
            ):
                continue
            if is_coded(of) and of.kind == "text" and profile.like_names > 0.3:
                continue
            found[name] = self._raw.headings[place]
            numbered = place in numbered_places(self._raw.headings)
            sure = not numbered and alike == EXACT and (fit is None or fit.surely >= assigning.FITS)
            says = "the heading says so" if alike == EXACT else "the heading is much like it"
            self._take(place, Reason(Certainty.CERTAIN if sure else Certainty.LIKELY, says), wide.table, name)
        return found

    def _spread(self, first: Assigned, wide: Wide) -> Feed | None:
        """Columns named after agencies, each of which says how that agency took part."""
        assert wide.spread is not None
        assert wide.value is not None
        if wide.table in self._primaries:
            return None
        of, found = field_of(wide.table, wide.value), {}
        for place, heading in enumerate(self._raw.headings):
            if place in self._used:
                continue
            bare = re.sub(r"(?i)\b(attend(?:ed|ance|ing)?|present|invited|agency)\b|[?/:]", " ", heading)
            agency = words.agency(bare, self._own)
            fit = self._looked.profiles[place].fit(of, self._own)
            if agency is None or fit is None or not fit.given or fit.share < assigning.HARDLY:
                continue
            likely = Certainty.LIKELY if fit.surely < assigning.FITS else agency[1]
            found[place] = agency[0], likely
        if len(found) < _FEW_SPREAD:
            return None
        column = id_of(first.table)
        place = None if column is None else first.position(column)
        made = self._made_id(first)
        if place is None and made is None:
            return None
        for each, (_, certainty) in found.items():
            why = f"the heading names an agency and its cells how it took part: each makes a row of {wide.table}"
            self._take(each, Reason(certainty, why), wide.table, wide.value)
        spread = Spread(
            into=wide.spread,
            value=wide.value,
            headings={self._raw.headings[each]: name for each, (name, _) in found.items()},
        )
        columns = {column: self._raw.headings[place]} if place is not None and column is not None else {}
        return Feed(table=wide.table, columns=columns, made_id=None if columns else made, spread=spread)

    # Values and what is left

    def _with_values(self, feed: Feed) -> Feed:
        return spelled(feed, self._looked.profile, self._own)

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
