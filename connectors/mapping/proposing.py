"""What is settled of one table of a file while a proposal is made for it: columns taken, dates, references, what its name says."""

from __future__ import annotations

import re

from checks.tables import TABLES
from connectors.mapping import headings, words
from connectors.mapping.assigning import Assigned
from connectors.mapping.dates import DateStyle, Settled
from connectors.mapping.headings import EXACT
from connectors.mapping.likelihood import Certainty
from connectors.mapping.looked import Looked, Reason
from connectors.mapping.mapping import Feed, MadeId, field_of, id_of
from connectors.mapping.numbering import counting
from connectors.mapping.spelling import spelled

ASIDE = "left aside"
_MADE_FROM = {"meetings": "held_on", "attendance": "held_on", "smb_meetings": "held_on", "smb_attendance": "held_on",
              "referrals": "received_on", "actions": "due_on"}  # fmt: skip
"""Of what day a reference is made, where rows have none of their own."""


class Proposing:
    """What every part of a proposal for one table needs."""

    def __init__(self, looked: Looked, primaries: set[str], own: tuple[str, ...]) -> None:
        self._looked, self._raw, self._own, self._primaries = looked, looked.raw, own, primaries
        self._reasons: dict[int, Reason] = {}
        self._dates: dict[str, DateStyle] = {}
        self._used: set[int] = set()
        self._counting = counting(looked.raw.headings)
        self._doubtful: set[int] = set()

    def _take(self, place: int, reason: Reason, table: str, column: str) -> None:
        """Note what becomes of a column; where its dates could be read in two ways, that is what is to be known first."""
        self._used.add(place)
        if field_of(table, column).kind == "date":
            reason = self._dated(place, reason)
        known = self._reasons.get(place)
        if known is None or known.why.startswith(ASIDE):  # what was left aside for one table, another may take
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

    def _with_values(self, feed: Feed) -> Feed:
        return spelled(feed, self._looked.profile, self._own)
