"""A mapping put right by somebody: one change at a time, each giving a whole mapping again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from checks.tables import TABLES
from connectors.mapping.dates import DateStyle
from connectors.mapping.mapping import Feed, MadeId, Only, Sheet, SourceMapping, field_of, is_coded
from connectors.mapping.numbering import counting
from connectors.mapping.profile import Profile
from connectors.mapping.spelling import spelled

ProfileOf = Callable[[str], Profile]


def with_sheet(mapping: SourceMapping, place: int, sheet: Sheet) -> SourceMapping:
    """The mapping with another entry in the place of one."""
    sheets = (*mapping.sheets[:place], sheet, *mapping.sheets[place + 1 :])
    return mapping.model_copy(update={"sheets": sheets})


def fields_of(sheet: Sheet) -> list[tuple[str, str]]:
    """Every canonical table and column that a column of the sheet could feed: those of the tables that it feeds."""
    tables = dict.fromkeys(feed.table for feed in sheet.feeds)
    return [(table, column) for table in tables for column in TABLES[table].columns()]


def field_fed(sheet: Sheet, heading: str) -> tuple[str, str] | None:
    """The first canonical table and column that a heading feeds; None where it is left aside."""
    found = ((feed.table, column) for feed in sheet.feeds for column, each in feed.columns.items() if each == heading)
    return next(found, None)


def pseudonym_field(sheet: Sheet) -> tuple[str, str] | None:
    """The first canonical table and column of the sheet where a pseudonym stands; None where there is none."""
    tables = dict.fromkeys(feed.table for feed in sheet.feeds)
    found = ((table, name) for table in tables for name, of in TABLES[table].fields().items() if of.pseudonym)
    return next(found, None)


def with_pseudonyms(sheet: Sheet, heading: str, profile: ProfileOf, forename: str | None = None) -> Sheet:
    """The entry with a heading of names taken in as pseudonyms, together with one of forenames, and read into nothing else.

    Raises ValueError where none of the sheet's tables has a column of pseudonyms.
    """
    field = pseudonym_field(sheet)
    if field is None:
        raise ValueError(f"nothing that {sheet.called} feeds has pseudonyms")
    if forename is not None:
        sheet = with_field(sheet, forename, None, profile)
    cleared = [_but_for_pseudonyms(feed, heading) for feed in sheet.feeds]
    feeds = tuple(feed for feed in cleared if feed.columns or feed.spread or feed.table == field[0])
    made = with_field(sheet.model_copy(update={"feeds": feeds}), heading, field, profile)
    update: dict[str, object] = {"pseudonymise": tuple(dict.fromkeys((*made.pseudonymise, heading)))}
    if forename is not None:
        update["forenames"] = {**made.forenames, heading: forename}
        update["left_aside"] = tuple(each for each in made.left_aside if each != forename)
    return made.model_copy(update=update)


def _but_for_pseudonyms(feed: Feed, heading: str) -> Feed:
    fields = TABLES[feed.table].fields()
    columns = {name: each for name, each in feed.columns.items() if each != heading or fields[name].pseudonym}
    return _kept(feed.model_copy(update={"columns": columns}))


def with_style(sheet: Sheet, heading: str, style: DateStyle | None) -> Sheet:
    """The entry with what comes first in a column's dates, or with nothing said of it."""
    dates = {each: said for each, said in sheet.dates.items() if each != heading}
    if style is not None:
        dates[heading] = style
    return sheet.model_copy(update={"dates": dates})


def with_meaning(sheet: Sheet, heading: str, text: str, meaning: str | None) -> Sheet:
    """The entry with what a text of a column means (empty: nothing is known), or with nothing said of it (None)."""
    feeds: list[Feed] = []
    said = False
    for feed in sheet.feeds:
        changed = feed
        for name in _columns_of(feed, heading):
            # Said once: in the lists of other tables that read the column it means the same (`connectors.mapping.cells`).
            changed = _unsaid(changed, name, text) if said else _meant(changed, name, text, meaning)
            said = True
        feeds.append(changed)
    return sheet.model_copy(update={"feeds": tuple(feeds)})


def _columns_of(feed: Feed, heading: str) -> list[str]:
    """The columns of codes that a heading feeds."""
    names = [name for name, each in feed.columns.items() if each == heading]
    if feed.spread is not None and heading in feed.spread.headings:
        names.append(feed.spread.value)
    return [name for name in names if is_coded(field_of(feed.table, name))]


def _unsaid(feed: Feed, name: str, text: str) -> Feed:
    """The feed with nothing said of a text."""
    values = {column: dict(pairs) for column, pairs in feed.values.items()}
    unknown = {
        column: [each for each in texts if column != name or each != text]
        for column, texts in feed.not_understood.items()
    }
    values.get(name, {}).pop(text, None)
    return _with(feed, values, unknown)


def _with(feed: Feed, values: dict[str, dict[str, str]], unknown: dict[str, list[str]]) -> Feed:
    return feed.model_copy(
        update={
            "values": {column: pairs for column, pairs in values.items() if pairs},
            "not_understood": {column: tuple(texts) for column, texts in unknown.items() if texts},
        }
    )


def _meant(feed: Feed, name: str, text: str, meaning: str | None) -> Feed:
    values = {column: dict(pairs) for column, pairs in feed.values.items()}
    unknown = {column: list(texts) for column, texts in feed.not_understood.items()}
    values.setdefault(name, {}).pop(text, None)
    if meaning is not None:
        values[name][text] = meaning
        unknown[name] = [each for each in unknown.get(name, []) if each != text]
    elif text not in unknown.setdefault(name, []):
        unknown[name].append(text)
    return _with(feed, values, unknown)


def with_field(sheet: Sheet, heading: str, field: tuple[str, str] | None, profile: ProfileOf) -> Sheet:
    """The entry with a heading read as a canonical table and column, or left aside (None).

    What another heading fed until now, in this table and in those that the sheet feeds besides, follows to the new one.
    """
    if field is None:
        feeds = list(_without(sheet.feeds, heading))
        aside = (*(each for each in sheet.left_aside if each != heading), heading)
        return _with_feeds(sheet, feeds, aside)
    table, column = field
    feeds = list(sheet.feeds)
    place = next((n for n, feed in enumerate(feeds) if feed.table == table), None)
    if place is None:
        feeds.append(Feed(table=table))
        place = len(feeds) - 1
    before = feeds[place].columns.get(column)
    if place and before is not None and before != heading and _is_another(sheet, before, heading):
        feeds.append(_for_another(feeds[place], before, heading, sheet))
        feeds = [spelled(feed, profile) for feed in feeds]
        return _with_feeds(sheet, feeds, tuple(each for each in sheet.left_aside if each != heading))
    if before is not None and before != heading:
        feeds = [_moved(feed, before, heading) for feed in feeds]
    freed = {name: each for name, each in feeds[place].columns.items() if each != heading or name == column}
    constants = {name: value for name, value in feeds[place].constants.items() if name != column}
    named = {**freed, column: heading}
    ordered = {name: named[name] for name in TABLES[table].columns() if name in named}
    feeds[place] = feeds[place].model_copy(update={"columns": ordered, "constants": constants})
    feeds = [spelled(_tidy(feed), profile) for feed in feeds]
    read = {each for feed in feeds for each in feed.headings()}
    aside = tuple(each for each in (*sheet.left_aside, *([before] if before else [])) if each not in read)
    return _with_feeds(sheet, feeds, aside)


def _is_another(sheet: Sheet, one: str, other: str) -> bool:
    """Whether two headings are numbered alike, so that each makes a row of its own."""
    places = {one, other}
    return any(places <= {sheet.headings[at] for at in each.places.values()} for each in counting(sheet.headings))


def _for_another(feed: Feed, before: str, heading: str, sheet: Sheet) -> Feed:
    """The same feed for another of the headings numbered alike, without what bears the number of the first."""
    numbered = {sheet.headings[at] for each in counting(sheet.headings) for at in each.places.values()} - {before}
    shared = {name: each for name, each in feed.columns.items() if each not in numbered}
    return _moved(_kept(feed.model_copy(update={"columns": shared})), before, heading)


def _with_feeds(sheet: Sheet, feeds: list[Feed], aside: tuple[str, ...]) -> Sheet:
    """The entry with other feeds, and nothing said of dates and names that they no longer read."""
    read = {heading for feed in feeds for heading in feed.headings()}
    names: dict[str, bool] = {}
    for feed in feeds:
        for column, heading in feed.columns.items():
            names[heading] = names.get(heading, True) and field_of(feed.table, column).pseudonym
    kept = {one: other for one, other in sheet.forenames.items() if names.get(one) and other not in (*read, *aside)}
    for surname, forename in sheet.forenames.items():
        if surname not in kept:  # half a name is nobody: it is asked about anew
            names[surname] = False
            aside = aside if forename in (*read, *aside) else (*aside, forename)
    return sheet.model_copy(
        update={
            "feeds": tuple(feeds),
            "left_aside": aside,
            "forenames": kept,
            "dates": {heading: style for heading, style in sheet.dates.items() if heading in read},
            "pseudonymise": tuple(heading for heading in sheet.pseudonymise if names.get(heading)),
        }
    )


def _tidy(feed: Feed) -> Feed:
    """The feed without meanings of columns that it no longer reads."""
    given = {*feed.columns, *feed.constants, *((feed.spread.into, feed.spread.value) if feed.spread else ())}
    values = {name: pairs for name, pairs in feed.values.items() if name in given}
    return feed.model_copy(update={"values": values, "not_understood": {}})


def _moved(feed: Feed, before: str, now: str) -> Feed:
    """The feed with one heading in the place of another."""
    columns = {name: now if each == before else each for name, each in feed.columns.items()}
    values = {name: pairs for name, pairs in feed.values.items() if feed.columns.get(name) != before}
    made, only = feed.made_id, feed.only
    if made is not None:
        made = MadeId(date=now if made.date == before else made.date, case=now if made.case == before else made.case)
    if only is not None and only.heading == before:
        only = Only(heading=now, as_field=only.as_field, is_one_of=only.is_one_of, is_not=only.is_not)
    return feed.model_copy(update={"columns": columns, "values": values, "made_id": made, "only": only})


def _without(feeds: tuple[Feed, ...], heading: str) -> Iterator[Feed]:
    """The feeds that can do without a heading, without it."""
    for number, feed in enumerate(feeds):
        needed = {feed.only.heading} if feed.only else set()
        if feed.made_id is not None:
            needed |= {feed.made_id.date, feed.made_id.case}
        if number:  # without its day there would be a row of it for every row of the sheet
            needed |= {each for name, each in feed.columns.items() if _is_its_day(feed.table, name)}
        columns = {name: each for name, each in feed.columns.items() if each != heading}
        spread = feed.spread
        if spread is not None and heading in spread.headings:
            left = {each: meant for each, meant in spread.headings.items() if each != heading}
            spread = spread.model_copy(update={"headings": left}) if left else None
        if heading in needed and number:
            continue
        update: dict[str, object] = {"columns": columns, "spread": spread}
        if heading in needed:
            update |= {"made_id": None, "only": None}
        if columns or spread is not None:
            yield _kept(feed.model_copy(update=update))


def _is_its_day(table: str, column: str) -> bool:
    of = field_of(table, column)
    return of.kind == "date" and of.required is True


def _kept(feed: Feed) -> Feed:
    given = {*feed.columns, *feed.constants, *((feed.spread.into, feed.spread.value) if feed.spread else ())}
    return feed.model_copy(
        update={
            "values": {name: pairs for name, pairs in feed.values.items() if name in given},
            "not_understood": {name: texts for name, texts in feed.not_understood.items() if name in given},
        }
    )
