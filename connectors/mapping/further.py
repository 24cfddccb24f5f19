"""What else a sheet holds than its own table: days beside its rows, numbered or alone, and columns named after agencies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from checks.tables import TABLES
from connectors.mapping import assigning, headings, words
from connectors.mapping.assigning import Assigned
from connectors.mapping.cleaning import folded
from connectors.mapping.headings import EXACT, Wide
from connectors.mapping.likelihood import Certainty
from connectors.mapping.looked import Reason
from connectors.mapping.mapping import Feed, MadeId, Only, Spread, field_of, id_of, is_coded
from connectors.mapping.numbering import numbered_places
from connectors.mapping.proposing import Proposing
from connectors.mapping.remarks import listed

_FEW_SPREAD = 2


def _level_in(heading: str) -> str | None:
    """The level that a heading names: “Level 2 meeting 3”."""
    found = re.search(r"(?i)\b(?:level|lvl|l) ?([123])(?!\d)", heading)
    return found[1] if found else None


class Further(Proposing):
    """Finds the feeds of further tables."""

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
