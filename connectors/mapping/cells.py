"""The cells of one table of a file, understood as the mapping says; each column is worked on once, however many tables it feeds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
from connectors.mapping.values import How, is_plain, understand
from connectors.mapping.words import codes, is_agency, missing_in

_LOOKED_AT = 2_000
_AT_A_TIME = 4

_ERROR = r"^#[A-Z/0!?_]+$"
"""A cell that a spreadsheet shows as an error; the reader has counted it."""


@dataclass(frozen=True)
class _Texts:
    """The cleaned texts of a column: the different ones, and in `codes` which of them stands in each row; without, each row's."""

    values: pl.Series
    codes: pl.Series | None

    def in_rows(self, of_values: pl.Series) -> pl.Series:
        """What is said of each value, for each row."""
        return of_values if self.codes is None else of_values.gather(self.codes)


class Cells:
    """Columns of a table by heading."""

    def __init__(self, table: Numbered, sheet: Sheet, mapping: SourceMapping) -> None:
        self._table, self._sheet, self._mapping = table, sheet, mapping
        self._styles = {heading_key(heading): style for heading, style in sheet.dates.items()}
        self._texts: dict[int, _Texts] = {}
        self._read: dict[tuple[object, ...], pl.Series] = {}
        self._fields: dict[tuple[object, ...], Field] = {}
        self._unread: dict[int, list[pl.Series]] = {}
        self._evidence: dict[int, dates.Evidence] = {}

    def texts(self, heading: str) -> pl.Series:
        """The different cleaned texts of a column; some may stand more than once."""
        return self._looked_up(self._place(heading), plain=False).values

    def _looked_up(self, place: int, *, plain: bool) -> _Texts:
        if place not in self._texts:
            column = self._table.raw.frame[str(place)]
            if plain and column.head(_LOOKED_AT).n_unique() > _LOOKED_AT / 2:  # references: each row has its own
                self._texts[place] = _Texts(cleaned(column), None)
            else:
                coded = column.to_arrow().dictionary_encode()
                self._texts[place] = _Texts(
                    cleaned(pl.Series(coded.dictionary, dtype=pl.String)), pl.Series(coded.indices)
                )
        return self._texts[place]

    def _place(self, heading: str) -> int:
        place = self._table.column(heading)
        assert place is not None
        return place

    def prepare(self) -> None:
        """Read every column that the sheet feeds, several at a time."""
        jobs: dict[str, list[tuple[Feed, str]]] = {}
        for heading, of in readings(self._sheet):
            if self._table.column(heading) is not None:
                jobs.setdefault(heading_key(heading), []).append(of)

        def work(heading: str) -> None:
            for feed, name in jobs[heading]:
                self.column(heading, feed, name)

        with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
            list(pool.map(work, jobs))

    def column(self, heading: str, feed: Feed, name: str) -> pl.Series:
        """A column of the file as a column of the feed's table."""
        of = field_of(feed.table, name)
        return self.read(heading, of, {**self._elsewhere(heading, of), **settled_pairs(feed, name)})

    def _elsewhere(self, heading: str, of: Field) -> dict[str, str]:
        """What texts mean by the mapping's word in another code list that the column is read as, where this one has it too."""
        agency = is_agency(of)
        if of.codes is None and not agency:
            return {}
        lookup, found = codes(of.table, of.name), {}
        for feed in self._sheet.feeds:
            for name, other in feed.columns.items():
                if heading_key(other) != heading_key(heading):
                    continue
                like = field_of(feed.table, name)
                if agency and is_agency(like):
                    found.update(settled_pairs(feed, name))
                elif of.codes is not None and like.codes is not None:
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
            style = self.style(heading) if of.kind == "date" else None
            how = How(pairs or {}, style, self._table.epoch, pivot=self._mapping.two_digit_years_up_to)
            self._fields[key] = of
            texts = self._looked_up(self._place(heading), plain=is_plain(of) and not pairs)
            column = understand(texts.values, of, how)
            if column.unread.any():
                self._unread.setdefault(self._place(heading), []).append(column.unread)
            self._read[key] = texts.in_rows(column.texts)
        return self._read[key]

    # Dates

    def evidence(self, heading: str) -> dates.Evidence:
        """What the column says of the order of day and month."""
        place = self._place(heading)
        if place not in self._evidence:
            self._evidence[place] = dates.evidence(self.texts(heading).drop_nulls().unique())
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
        return self._texts[place].values.filter(reduce(or_, self._unread[place])).unique(maintain_order=True).to_list()

    def is_code(self, heading: str) -> bool:
        """Whether a column is read as codes, and nothing else than codes."""
        place = self._place(heading)
        return all(of is not None and is_coded(of) for key, of in self._fields.items() if key[0] == place)

    def _unread_cells(self) -> list[tuple[int, pl.Series]]:
        found = []
        for place, unread in self._unread.items():
            texts = self._texts[place]
            error = texts.values.str.contains(_ERROR).fill_null(value=False)
            found.append((place, texts.in_rows(reduce(or_, unread) & ~error).fill_null(value=False)))
        return found


def readings(sheet: Sheet) -> Iterator[tuple[str, tuple[Feed, str]]]:
    """Every column of the file that is read, with the feed and the canonical column that read it."""
    for feed in sheet.feeds:
        for name, heading in feed.columns.items():
            yield heading, (feed, name)
        if feed.spread is not None:
            for heading in feed.spread.headings:
                yield heading, (feed, feed.spread.value)
