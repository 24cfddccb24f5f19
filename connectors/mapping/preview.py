"""What a mapping makes of a source, column by column, for people to look at before they trust it.

Shown are headings, kinds of values, codes, date styles and counts; never a name, a reference or free text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.mapping import matching
from connectors.mapping.apply import feeds_of
from connectors.mapping.cells import Cells, readings
from connectors.mapping.likelihood import Certainty
from connectors.mapping.looked import Reason
from connectors.mapping.mapping import Feed, Sheet, SourceMapping, field_of, is_coded
from connectors.mapping.matching import Placed, heading_key
from connectors.mapping.personal import objection
from connectors.mapping.propose import Proposal, ProposedTable
from connectors.mapping.remarks import misfits, missing_sheets, place_of
from connectors.mapping.showing import shown_values
from connectors.mapping.standing_in import NOTHING_TOLD, StandingIn, Told
from connectors.reading import Read

NOT_SHOWN = "not shown"
SAID = Reason(Certainty.CERTAIN, "the mapping says so")
YOURS = Reason(Certainty.CERTAIN, "you say so")
ASIDE = Reason(Certainty.CERTAIN, "left aside by the mapping")
ASKED = "its dates must be settled first: day or month"


@dataclass(frozen=True)
class ColumnPreview:
    """One column: `fields` the canonical fields that it feeds (none: left aside) · `holds` what kind of values, in words · `cells`
    that hold something · `not_understood` of these · `values` text → meaning, for codes · `odd` texts not understood that may be
    shown · `asks` whether the order of day and month must be said · `stops` why it must not be read so, if it must not · `told`
    what it tells of a person, and what may become of it."""

    heading: str
    letter: str
    fields: tuple[str, ...]
    reason: Reason
    holds: str
    cells: int
    not_understood: int
    values: tuple[tuple[str, str], ...] = ()
    odd: tuple[str, ...] = ()
    asks: bool = False
    stops: str | None = None
    told: Told = NOTHING_TOLD


@dataclass(frozen=True)
class TablePreview:
    """One table of a file: `feeds` the canonical tables; `misfits` what no longer fits the mapping, in sentences."""

    place: str
    file: str
    sheet: str | None
    number: int
    rows: int
    feeds: tuple[str, ...]
    reason: Reason
    columns: tuple[ColumnPreview, ...]
    misfits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """Every table of a source; `questions` to be answered before it can be read; `missing` sheets of the mapping not there."""

    tables: tuple[TablePreview, ...]
    questions: tuple[str, ...]
    missing: tuple[str, ...] = ()


def preview(reads: Sequence[Read], mapping: SourceMapping, proposal: Proposal, *, proposed: bool) -> Preview:
    """What the mapping makes of these files; `proposed`: it is the proposal's own, whose reasons are then given."""
    found = matching.placed(reads, mapping)
    by_table = {id(each.table.raw): each for each in proposal.tables}
    tables = [_table(each, mapping, by_table[id(each.table.raw)], proposed=proposed) for each in found]
    questions = [
        f"{table.place}: the column “{column.heading}”: {column.reason.why}"
        for table in tables
        for column in table.columns
        if column.asks or column.stops
    ]
    missing = () if proposed else tuple(missing_sheets(matching.not_there(mapping, found)))
    return Preview(tuple(tables), tuple(questions), missing)


def _table(each: Placed, mapping: SourceMapping, suggested: ProposedTable, *, proposed: bool) -> TablePreview:
    raw, sheet = each.table.raw, each.sheet
    feeds = tuple(dict.fromkeys(feed.table for feed in sheet.feeds)) if sheet else ()
    if proposed:
        reason = suggested.reason
    elif sheet is None:
        reason = Reason(Certainty.UNKNOWN, "the mapping does not know it")
    else:
        reason = SAID if feeds else ASIDE
    return TablePreview(
        place_of(raw),
        raw.file,
        raw.sheet,
        each.table.number,
        raw.frame.height,
        feeds,
        reason,
        tuple(_columns(each, sheet or Sheet(), mapping, suggested, proposed=proposed)),
        () if proposed else tuple(misfits(each)) if feeds or sheet is None else (),
    )


def _columns(
    each: Placed, sheet: Sheet, mapping: SourceMapping, suggested: ProposedTable, *, proposed: bool
) -> list[ColumnPreview]:
    raw = each.table.raw
    cells = Cells(each.table, sheet, mapping)
    fields = {heading_key(heading): names for heading, names in feeds_of(sheet).items()}
    read = list(readings(sheet))
    cells.prepare()
    unread = {heading_key(heading): rows.len() for heading, rows in cells.unread_by_heading().items()}
    new = {heading_key(heading) for heading in matching.new(sheet, each.table)}
    hidden = {heading_key(heading) for heading in sheet.pseudonymise}
    would = {heading_key(heading): names for heading, names in feeds_of(suggested.sheet).items()}
    for surname, forename in sheet.forenames.items():
        fields[heading_key(forename)] = fields.get(heading_key(surname), [])
    for surname, forename in suggested.sheet.forenames.items():
        would[heading_key(forename)] = would.get(heading_key(surname), [])
    standing_in = StandingIn(raw, sheet, suggested.sheet, suggested.looked.profile)
    found = []
    for place, heading in enumerate(raw.headings):
        key = heading_key(heading)
        names = tuple(fields.get(key, ()))
        reason = suggested.reasons.get(heading, ASIDE) if proposed else SAID if names else ASIDE
        if proposed and names != tuple(would.get(key, ())):
            reason = YOURS
        if not proposed and (key in new or each.sheet is None):
            why = f"new: it could be {', '.join(would[key])}" if key in would else "new, and like none of ours"
            reason = Reason(Certainty.UNKNOWN, why)
        dated = any(field_of(*name.split(".")).kind == "date" for name in names)
        why = cells.unsettled(heading) if dated or _makes_ids(sheet, key) else None
        if why is None and dated and reason.certainty is Certainty.UNKNOWN and heading in sheet.dates:
            reason = Reason(Certainty.CERTAIN, f"you say that its dates are {sheet.dates[heading]}")
        if why is not None and reason.certainty is not Certainty.UNKNOWN:
            reason = Reason(Certainty.UNKNOWN, f"it {why}")
        read_into = [field_of(*name.split(".")) for name in names]
        told = standing_in.told(place, read_into)
        stops = None
        if told.beside is None:
            column = raw.frame[str(place)]
            stops = objection(heading, column, read_into, "itself", pseudonymised=key in hidden)
        elif not proposed or reason is YOURS:
            who = "the mapping says" if not proposed else "you say"
            reason = Reason(Certainty.CERTAIN, f"{who} so: one name with “{told.beside}”, taken in as pseudonyms only")
        if stops is not None:
            reason = Reason(Certainty.UNKNOWN, f"it {stops}")
        elif key in hidden and not proposed:
            reason = Reason(Certainty.CERTAIN, "the mapping says so: names, taken in as pseudonyms only")
        values, odd = _codes(cells, heading, key, read) if names and stops is None else ((), ())
        found.append(
            ColumnPreview(
                heading,
                raw.letters[place],
                names,
                reason,
                _holds(names, cells, heading),
                raw.frame.height - raw.frame[str(place)].null_count(),
                unread.get(key, 0),
                values,
                odd,
                why is not None,
                stops,
                told,
            )
        )
    return found


def _makes_ids(sheet: Sheet, key: str) -> bool:
    return any(feed.made_id is not None and heading_key(feed.made_id.date) == key for feed in sheet.feeds)


def _holds(names: Sequence[str], cells: Cells, heading: str) -> str:
    """What kind of values a column is read as."""
    if not names:
        return NOT_SHOWN
    kinds = []
    for name in names:
        of = field_of(*name.split("."))
        if of.kind == "date":
            style = cells.style(heading)
            kinds.append(f"dates, {style}" if style else "dates")
        elif of.kind == "text":
            kinds.append("agencies" if is_coded(of) else "text, not shown")
        else:
            kinds.append({"code": "codes", "true/false": "yes or no", "number": "whole numbers"}[of.kind])
    return " · ".join(dict.fromkeys(kinds))


def _codes(
    cells: Cells, heading: str, key: str, read: list[tuple[str, tuple[Feed, str]]]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What the texts of a column of codes mean, as far as the mapping spells it out, and those that nobody understands."""
    here = [of for each, of in read if heading_key(each) == key]
    coded = [(feed, name) for feed, name in here if is_coded(field_of(feed.table, name))]
    if not coded or len(coded) < len(here):
        return (), ()
    feed, name = coded[0]
    there = set(cells.texts(heading).unique())
    pairs = [(text, meant) for text, meant in feed.values.get(name, {}).items() if text in there]
    unread = cells.unread_by_heading()
    odd = cells.unread_values(heading) if any(heading_key(each) == key for each in unread) else []
    named = [text for text in feed.not_understood.get(name, ()) if text in there]
    return tuple(pairs), tuple(dict.fromkeys([*shown_values(odd, is_code=True), *named]))
