"""The cells of one table of a file, understood as the mapping says; each column is worked on once, however many tables it feeds."""

from __future__ import annotations

from functools import reduce
from operator import or_

import polars as pl

from checks.locators import ROW
from checks.tables.table import Field
from connectors.mapping import dates
from connectors.mapping.cleaning import cleaned
from connectors.mapping.dates import DateStyle, Settled
from connectors.mapping.likelihood import Certainty
from connectors.mapping.mapping import Feed, Sheet, SourceMapping, field_of, is_coded, settled_pairs
from connectors.mapping.matching import Numbered, heading_key
from connectors.mapping.values import Column, How, understand
from connectors.mapping.words import codes, missing_in

_ERROR = r"^#[A-Z/0!?_]+$"
"""A cell that a spreadsheet shows as an error; the reader has counted it."""


class Cells:
    """Columns of a table by heading."""

    def __init__(self, table: Numbered, sheet: Sheet, mapping: SourceMapping) -> None:
        self._table, self._sheet, self._mapping = table, sheet, mapping
        self._styles = {heading_key(heading): style for heading, style in sheet.dates.items()}
        self._texts: dict[int, pl.Series] = {}
        self._read: dict[tuple[object, ...], Column] = {}
        self._fields: dict[tuple[object, ...], Field] = {}
        self._unread: dict[int, list[pl.Series]] = {}
        self._evidence: dict[int, dates.Evidence] = {}

    def texts(self, heading: str) -> pl.Series:
        """The cleaned texts of a column."""
        place = self._place(heading)
        if place not in self._texts:
            self._texts[place] = cleaned(self._table.raw.frame[str(place)])
        return self._texts[place]

    def _place(self, heading: str) -> int:
        place = self._table.column(heading)
        assert place is not None
        return place

    def column(self, heading: str, feed: Feed, name: str) -> pl.Series:
        """A column of the file as a column of the feed's table."""
        of = field_of(feed.table, name)
        return self.read(heading, of, {**self._elsewhere(heading, of), **settled_pairs(feed, name)})

    def _elsewhere(self, heading: str, of: Field) -> dict[str, str]:
        """What texts mean by the mapping's word in another code list that the column is read as, where this one has it too."""
        if of.codes is None:
            return {}
        lookup, found = codes(of.table, of.name), {}
        for feed in self._sheet.feeds:
            for name, other in feed.columns.items():
                if heading_key(other) == heading_key(heading) and field_of(feed.table, name).codes is not None:
                    for text, meant in settled_pairs(feed, name).items():
                        here = lookup.find(meant) if meant else None
                        if here is not None and here[1] is Certainty.CERTAIN:
                            found[text] = here[0]
        return found

    def known_as(self, heading: str, of: Field) -> pl.Series:
        """A column of the file as the values of a field, whichever table it feeds."""
        return self.read(heading, of, self._elsewhere(heading, of))

    def read(self, heading: str, of: Field, pairs: dict[str, str] | None = None) -> pl.Series:
        """A column of the file as the values of a field, by these meanings before all else."""
        key = (self._place(heading), of.table, of.name, tuple((pairs or {}).items()))
        if of.kind == "date":
            key = (self._place(heading), "date", *key[3:], missing_in(of.table, of.name))
        if key not in self._read:
            how = How(pairs or {}, self.style(heading), pivot=self._mapping.two_digit_years_up_to)
            self._fields[key] = of
            self._read[key] = column = understand(self.texts(heading), of, how)
            if column.unread.any():
                self._unread.setdefault(self._place(heading), []).append(column.unread)
        return self._read[key].texts

    # Dates

    def evidence(self, heading: str) -> dates.Evidence:
        """What the column says of the order of day and month."""
        place = self._place(heading)
        if place not in self._evidence:
            self._evidence[place] = dates.evidence(self.texts(heading).unique().drop_nulls())
        return self._evidence[place]

    def style(self, heading: str) -> DateStyle | None:
        """The mapping's word, or else what the column's own values settle."""
        said = self._styles.get(heading_key(heading))
        if said is not None:
            return said
        settled = self.evidence(heading).settled
        return DateStyle(str(settled)) if settled in (Settled.DAY_FIRST, Settled.MONTH_FIRST) else None

    def unsettled(self, heading: str) -> str | None:
        """Why the dates of a column cannot be read without somebody's word; None where they can."""
        if self._table.column(heading) is None:
            return None
        said, settled = self._styles.get(heading_key(heading)), self.evidence(heading).settled
        if said is None:
            if settled is Settled.AMBIGUOUS:
                return "holds dates in figures that could begin with the day or with the month, and nothing in it tells which."
            if settled is Settled.CONTRADICTORY:
                return "holds dates that can only begin with the day and dates that can only begin with the month."
            return None
        if settled in (Settled.DAY_FIRST, Settled.MONTH_FIRST) and str(settled) != str(said):
            return f"holds dates that can only be read {settled}, while the mapping says {said}."
        return None

    # Not understood

    def not_understood(self) -> int:
        """So many cells are not understood as something that they are read as, besides error cells."""
        return sum(int(rows.sum()) for _, rows in self._unread_cells())

    def unread_by_heading(self) -> dict[str, pl.Series]:
        """Heading → the physical rows in which its cell is not understood."""
        headings, rows = self._table.raw.headings, self._table.raw.frame[ROW]
        return {headings[place]: rows.filter(unread) for place, unread in self._unread_cells() if unread.any()}

    def unread_values(self, heading: str) -> list[str]:
        """The different texts of a column that are not understood."""
        place = self._place(heading)
        return self._texts[place].filter(reduce(or_, self._unread[place])).unique(maintain_order=True).to_list()

    def is_code(self, heading: str) -> bool:
        """Whether a column is read as codes, and nothing else than codes."""
        place = self._place(heading)
        return all(of is not None and is_coded(of) for key, of in self._fields.items() if key[0] == place)

    def _unread_cells(self) -> list[tuple[int, pl.Series]]:
        found = []
        for place, unread in self._unread.items():
            together = reduce(or_, unread)
            error = self._texts[place].str.contains(_ERROR).fill_null(value=False)
            found.append((place, together & ~error))
        return found
