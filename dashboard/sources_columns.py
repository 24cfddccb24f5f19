"""Draws one table of a file on the page *Sources*: what it holds, what each column is read as, and how to put that right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from dashboard.sources_draft import PREFIX, change, draft, put
from dashboard.tables import table
from dashboard.text import plain, s

if TYPE_CHECKING:
    from connectors.mapping.mapping import Sheet
    from connectors.mapping.preview import ColumnPreview, TablePreview
    from connectors.mapping.propose import ProposedTable

ASIDE = "left aside"
NOTHING_KNOWN = "not known (blank)"
A_FINDING = "leave it: a finding"
NOT_SAID = "not said yet"
LEAVE, PSEUDONYMS = "leave it aside", "take it in as pseudonyms"


def draw(each: TablePreview, suggested: ProposedTable, place: int, own: tuple[str, ...], key: str) -> None:
    """One table of a file: what it holds, its columns, and what can be put right; `place` its number among all; `key`: where
    the key for pseudonyms comes from, in a sentence."""
    from connectors.mapping.likelihood import SIGNS

    st.header(plain(each.place), anchor=False)
    certainty = each.reason.certainty
    st.markdown(f"{SIGNS[certainty]} **{certainty}**: {plain(each.reason.why)} · {each.rows:,} row{s(each.rows)}")
    for sentence in each.misfits:
        st.warning(plain(f"? {sentence}"))
    number = _entry(each)
    _choose_table(each, suggested, place, number, own)
    if number is None or not each.feeds:
        return
    sheet = draft().sheets[number]
    also = list(each.feeds[1:])
    if also:
        st.markdown(plain(f"It feeds {', '.join(also)} besides."))
    asked = [column for column in each.columns if _was_asked(column, sheet, suggested)]
    for column in asked:
        _ask_style(column, sheet, number)
    named = [column for column in each.columns if _was_asked_of_names(column, suggested)]
    for column in named:
        _ask_names(column, number, suggested, key)
    _overview(each)
    with st.expander("Put columns right"):
        for column in each.columns:
            _one_column(column, sheet, suggested, number, own)
            if column.told.pseudonyms and column not in named:
                _ask_names(column, number, suggested, key)
            if column.heading in sheet.dates and column not in asked:
                _ask_style(column, sheet, number)


def _was_asked(column: ColumnPreview, sheet: Sheet, suggested: ProposedTable) -> bool:
    """Whether nothing in the column tells what comes first in its dates: the question stays once it is answered."""
    from connectors.mapping.likelihood import Certainty

    reason = suggested.reasons.get(column.heading)
    open_still = reason is not None and reason.certainty is Certainty.UNKNOWN
    return column.asks or (open_still and column.heading in sheet.dates)


def _was_asked_of_names(column: ColumnPreview, suggested: ProposedTable) -> bool:
    """Whether it must be said what becomes of a column that tells of a person; the question stays once it is answered."""
    offered = bool(column.fields) or column.heading in suggested.sheet.pseudonymise
    return column.stops is not None or (column.told.pseudonyms and offered)


def _ask_names(column: ColumnPreview, number: int, suggested: ProposedTable, key_said: str) -> None:
    """Let somebody choose what becomes of a column that tells of a person."""
    from connectors.mapping.editing import with_field, with_pseudonyms

    heading, told = column.heading, column.told
    key = f"{PREFIX}names {number} {column.letter}"
    now = NOT_SAID if column.stops else PSEUDONYMS if column.fields else LEAVE
    options = [*([NOT_SAID] if column.stops else []), LEAVE, *([PSEUDONYMS] if told.pseudonyms else [])]
    names = {option: option.capitalize() for option in options}
    if told.forename is not None:
        names[PSEUDONYMS] = f"Take it in as pseudonyms, one name with {plain(told.forename)}"

    def chosen() -> None:
        wanted, profile = st.session_state[key], suggested.looked.profile
        if wanted == LEAVE:
            change(number, lambda sheet: with_field(sheet, heading, None, profile))
        elif wanted == PSEUDONYMS:
            change(number, lambda sheet: with_pseudonyms(sheet, heading, profile, told.forename))

    st.session_state[key] = now
    st.radio(
        f"{plain(heading)} looks like {told.kind}. What is to become of it?",
        options,
        format_func=names.get,
        key=key,
        on_change=chosen,
        horizontal=True,
    )
    if not told.pseudonyms:
        st.markdown(f"{str(told.kind).capitalize()} are never taken in here, not even as pseudonyms.")
        return
    st.markdown(
        plain(
            "As pseudonyms: each name is replaced by a keyed hash before anything is kept, the same for the same name in "
            f"every file and month; two people of one name get one. {key_said}"
        )
    )


def _entry(each: TablePreview) -> int | None:
    """Which entry of the draft a table belongs to."""
    from connectors.mapping import matching

    for number, sheet in enumerate(draft().sheets):
        named = matching.fits(sheet.file, each.file) and (
            sheet.sheet is None or matching.fits(sheet.sheet, each.sheet or "")
        )
        if named and sheet.table == each.number:
            return number
    return None


def _choose_table(
    each: TablePreview, suggested: ProposedTable, place: int, number: int | None, own: tuple[str, ...]
) -> None:
    from checks.table_names import COLUMNS
    from connectors.mapping.editing import with_sheet
    from connectors.mapping.propose import proposed_as

    key = f"{PREFIX}table {place}"

    def chosen() -> None:
        now, wanted = draft(), st.session_state[key]
        others = {sheet.feeds[0].table for n, sheet in enumerate(now.sheets) if n != number and sheet.feeds}
        made = proposed_as(suggested.looked, None if wanted == ASIDE else wanted, others, own).sheet
        if number is None:
            put(now.model_copy(update={"sheets": (*now.sheets, made)}))
            return
        before = now.sheets[number]
        made = made.model_copy(update={"file": before.file, "sheet": before.sheet, "table": before.table})
        put(with_sheet(now, number, made))

    st.session_state[key] = each.feeds[0] if each.feeds else ASIDE
    st.selectbox(
        "What it holds",
        [*COLUMNS, ASIDE],
        key=key,
        on_change=chosen,
        help="Choosing another table proposes its columns anew. The page Definitions tells what each table is.",
        width=320,
    )


def _overview(each: TablePreview) -> None:
    """All columns at a glance."""
    from connectors.mapping.likelihood import SIGNS

    rows = [
        {
            "Column": column.letter,
            "Heading": column.heading,
            "Read as": ", ".join(column.fields) or ASIDE,
            "How sure": f"{SIGNS[column.reason.certainty]} {column.reason.certainty}",
            "Holds": column.holds,
            "Cells": f"{column.cells:,}",
            "Not understood": f"{column.not_understood:,}" if column.fields else "–",
            "Why": column.reason.why.removeprefix("left aside: "),
        }
        for column in each.columns
    ]
    links = {"Read as": "definitions"}
    alt = f"The columns of {each.place}, what each is read as, and how sure that is"
    table(pl.DataFrame(rows), alt, unbroken=("How sure",), links=links, lines={"Heading": 20, "Read as": 24, "Why": 48})
    coded = [column for column in each.columns if column.values]
    if coded:
        with st.expander("What its codes mean"):
            for column in coded:
                pairs = "; ".join(f"{text} = {meant or 'not known'}" for text, meant in column.values)
                st.markdown(f"**{plain(column.heading)}**: {plain(pairs)}")


# One column


def _one_column(
    column: ColumnPreview, sheet: Sheet, suggested: ProposedTable, number: int, own: tuple[str, ...]
) -> None:
    from connectors.mapping.likelihood import SIGNS

    with st.container(border=True):
        left, right = st.columns([2, 3])
        with left:
            st.markdown(f"**{plain(column.heading)}** (column {plain(column.letter)})")
            certainty, why = column.reason.certainty, column.reason.why.removeprefix("left aside: ")
            st.markdown(f"{SIGNS[certainty]} {certainty}: {plain(why)}")
        with right:
            if column.told.beside is not None:
                st.markdown(f"Taken in together with **{plain(column.told.beside)}**, as one name.")
                return
            _choose_field(column, sheet, suggested, number)
            for text in column.odd:
                _ask_meaning(column, text, sheet, number, own)
            hidden = column.not_understood and not column.odd and not column.asks
            if hidden:
                cells = f"{column.not_understood:,} cell{s(column.not_understood)}"
                st.markdown(
                    f"? {cells} not understood, and not shown here as they may hold more than a code. Findings say where."
                )


def _choose_field(column: ColumnPreview, sheet: Sheet, suggested: ProposedTable, number: int) -> None:
    from connectors.mapping.editing import field_fed, fields_of, with_field

    heading = column.heading
    key = f"{PREFIX}field {number} {column.letter}"
    spread = next((feed for feed in sheet.feeds if feed.spread and heading in feed.spread.headings), None)
    options = [ASIDE, *(f"{table_}: {name}" for table_, name in fields_of(sheet))]
    now = field_fed(sheet, heading)
    current = f"{now[0]}: {now[1]}" if now else ASIDE
    if now is None and spread is not None and spread.spread is not None:
        current = f"{spread.table}: {spread.spread.headings[heading]}"
        options.insert(1, current)

    def chosen() -> None:
        wanted = st.session_state[key]
        if wanted == current:
            return
        field = None if wanted == ASIDE else tuple(wanted.split(": ", 1))
        change(number, lambda each: with_field(each, heading, field, suggested.looked.profile))

    st.session_state[key] = current
    st.selectbox(f"Read {plain(heading)} as", options, key=key, on_change=chosen)
    further = [each for each in column.fields if each.replace(".", ": ") != current]
    if now is not None and further:
        st.caption(plain(f"It feeds {', '.join(further)} as well."))


def _ask_style(column: ColumnPreview, sheet: Sheet, number: int) -> None:
    from connectors.mapping.dates import DateStyle
    from connectors.mapping.editing import with_style

    heading = column.heading
    key = f"{PREFIX}style {number} {column.letter}"

    def chosen() -> None:
        wanted = st.session_state[key]
        change(number, lambda each: with_style(each, heading, None if wanted == NOT_SAID else DateStyle(wanted)))

    st.session_state[key] = str(sheet.dates.get(heading, NOT_SAID))
    st.radio(
        f"In dates such as 03/04/2023 in {plain(heading)}, what comes first?",
        [NOT_SAID, *map(str, DateStyle)],
        format_func={
            NOT_SAID: NOT_SAID,
            str(DateStyle.DAY_FIRST): "the day: 3 April",
            str(DateStyle.MONTH_FIRST): "the month: 4 March",
        }.get,
        key=key,
        on_change=chosen,
        horizontal=True,
    )


def _ask_meaning(column: ColumnPreview, text: str, sheet: Sheet, number: int, own: tuple[str, ...]) -> None:
    from connectors.mapping.editing import field_fed, with_meaning
    from connectors.mapping.mapping import field_of

    fed = field_fed(sheet, column.heading)
    spread = next((feed for feed in sheet.feeds if feed.spread and column.heading in feed.spread.headings), None)
    if fed is None and spread is not None and spread.spread is not None:
        fed = spread.table, spread.spread.value
    if fed is None:
        return
    of = field_of(*fed)
    codes = list(of.codes or (("true", "false") if of.kind == "true/false" else _agencies(own)))
    key = f"{PREFIX}value {number} {column.letter} {text}"

    def chosen() -> None:
        wanted = st.session_state[key]
        if wanted == A_FINDING:
            return
        meaning = "" if wanted == NOTHING_KNOWN else wanted
        change(number, lambda each: with_meaning(each, column.heading, text, meaning))

    st.session_state[key] = A_FINDING
    st.selectbox(
        f"{plain(text)} in {plain(column.heading)} means", [A_FINDING, *codes, NOTHING_KNOWN], key=key, on_change=chosen
    )


def _agencies(own: tuple[str, ...]) -> tuple[str, ...]:
    from connectors.mapping.words import spellings

    return tuple(dict.fromkeys([*own, *spellings()["agencies"]]))
