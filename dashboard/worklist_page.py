"""The list of the page Worklist: its filters, a box for each thing, and what to write down about those selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from connectors.store import Thing
from connectors.store.chases import ASKED, ASSIGNED, DONE_ELSEWHERE, NOTED, REOPENED, SNOOZED, WOKEN
from connectors.store.signed import LONGEST_TEXT
from dashboard import accepted, chasing, frames, work
from dashboard.boxes import Boxes, no_names, reason
from dashboard.chrome import VIEWS, Shown
from dashboard.quality import ACCEPTED
from dashboard.text import day, plain, s
from dashboard.work import Chosen
from dashboard.worklist import KINDS

BOXES = Boxes("thing", "key", "version", sheet="sheet", pages="Page of the list", link="What to do with")

_KEPT = "worklist filters"
_FILTERS = ("show", "asked_of", "kind", "case_level", "given_to", "find")
_WHO = "the case's reference"

ACTIONS: dict[str, str] = {
    NOTED: "Note",
    ASSIGNED: "Give to",
    ASKED: "Asked on",
    SNOOZED: "Snooze",
    DONE_ELSEWHERE: "Done elsewhere",
    WOKEN: "End the snooze",
    REOPENED: "Open again",
}
FITTING: dict[str, tuple[str, ...]] = {
    work.TO_DO: (NOTED, ASSIGNED, ASKED, SNOOZED, DONE_ELSEWHERE),
    work.PUT_OFF: (NOTED, WOKEN, SNOOZED, ASSIGNED, ASKED, DONE_ELSEWHERE),
    work.LIVED_WITH: (NOTED,),
    work.ELSEWHERE: (NOTED, REOPENED),
    work.GONE: (NOTED,),
}
"""What can be done with things that stand so."""


@dataclass(frozen=True)
class Held:
    """What the page works with: every thing with how it stands, today, and whether this snapshot may be acted on."""

    rows: pl.DataFrame
    today: date
    newest: bool


def held(shown: Shown) -> Held:
    """Read the list and the chases; says what to do where the snapshot is too old to have a list."""
    name = frames.worklist(shown.standard)
    if not shown.has(name):
        st.info(
            "This snapshot was made before there was a worklist. Refresh once the records have changed, or choose another."
        )
        st.stop()
    area = shown.settings.area
    today = chasing.today(shown.settings)
    newest = shown.reader.snapshots(area)[0].id == shown.snapshot.id
    store = shown.reader.store
    return Held(work.standing(shown.frame(name), store.chases(area), store.acceptances(area), today), today, newest)


# --- The list ---------------------------------------------------------------------------------------------------------------


def the_list(shown: Shown, held: Held) -> None:
    """Headline, filters, a page of things with a box each, and what to do with those selected."""
    found = work.counts(held.rows)
    decisive = held.rows.filter((pl.col("standing") == work.TO_DO) & pl.col("decisive")).height
    st.markdown(f"**{plain(work.headline(found, decisive))}**")
    if not held.newest:
        st.info(
            "This is an earlier snapshot: it can be looked at, and what was chased since stands beside it, "
            "but nothing can be written down here."
        )
    chosen = filters(held.rows, found)
    listed = work.chosen_rows(held.rows, chosen)
    BOXES.let_go(listed)
    if listed.is_empty():
        filtered = chosen != Chosen(state=chosen.state)
        st.info("Nothing matches these filters. Take one away to see more." if filtered else work.NOTHING[chosen.state])
    else:
        part = BOXES.page(listed)
        if held.newest:
            BOXES.select_many(part)
        history = shown.reader.store.chase_history(
            shown.settings.area, part.filter(pl.col("version") > 0)["key"].to_list()
        )
        for row in part.iter_rows(named=True):
            _thing(shown, row, held, history)
    _act(shown, held, chosen.state, listed)
    st.caption(
        f"{work.DECISIVE_SIGN} first: what the verdict of a quarter that the Board has before it depends on; then by days late, as "
        f"at {day(shown.as_at)}. Snoozes and acceptances are counted to {day(held.today)}. "
        "An item that new data settles closes by itself."
    )


def filters(rows: pl.DataFrame, found: dict[str, int]) -> Chosen:
    """What to show. The address holds it, and this session remembers it while other pages are open."""
    kept: dict[str, Any] = st.session_state.setdefault(_KEPT, {})
    for name in _FILTERS:
        if name not in st.session_state and name not in st.query_params and name in kept:
            st.session_state[name] = kept[name]
    named = {label: state for state, label in work.STATES.items()}
    state = named[
        st.radio(
            "Show",
            list(named),
            captions=[f"{found[each]:,}" for each in named.values()],
            horizontal=True,
            key="show",
            bind="query-params",
        )
    ]
    ways: tuple[tuple[str, str, str, list[str]], ...] = (
        ("Agency", "agency", "asked_of", work.options(rows, "agency")),
        ("Kind", "kind", "kind", [kind for kind in KINDS if kind in rows["kind"].unique()]),
        ("Level", "level", "case_level", work.options(rows, "level")),
        ("With", "assigned_to", "given_to", work.options(rows, "assigned_to")),
    )
    values: dict[str, tuple[str, ...]] = {}
    for place, (label, column, key, choices) in zip(st.columns(len(ways)), ways, strict=True):
        # What the address or the memory asks for and is not there any longer would make an error of its own.
        if key in st.session_state:
            st.session_state[key] = [each for each in st.session_state[key] if each in choices]
        values[column] = tuple(
            place.multiselect(label, choices, placeholder="all", wrap=True, key=key, bind="query-params")
        )
    find = st.text_input("Find a case, a meeting or a word", type="search", key="find", bind="query-params", width=360)
    for name in _FILTERS:
        kept[name] = st.session_state[name]
    return Chosen(state, values["agency"], values["kind"], values["level"], values["assigned_to"], find or "")


def remembered() -> Chosen:
    """What is to do, narrowed as it was last chosen on the list in this session."""
    kept = st.session_state.get(_KEPT, {})
    agencies, kinds, levels, given_to = (
        tuple(kept.get(name, ())) for name in ("asked_of", "kind", "case_level", "given_to")
    )
    return Chosen(work.TO_DO, agencies, kinds, levels, given_to, kept.get("find") or "")


def _thing(shown: Shown, row: dict[str, Any], held: Held, history: pl.DataFrame) -> None:
    with st.container(border=True, gap="xsmall"):
        BOXES.box(row, work.label(row), disabled=not held.newest)
        st.markdown(f"{plain(row['why'])} **{plain(row['to_do'])}**")
        chased = work.chased(row, held.today)
        if chased:
            st.markdown(f"✎ {plain(chased)}")
        if lived_with := accepted.lived_with(row["accepted"], row):
            st.markdown(plain(lived_with))
        if row["standing"] == work.LIVED_WITH and held.newest:
            asked = shown.link(part="Findings", rule=row["rule"], standing=ACCEPTED, deciding="true")
            label = "To the finding, where this can be ended →"
            st.page_link(VIEWS / "data_quality.py", label=label, query_params=asked)
        st.caption(plain(work.whose(row)))
        if version := row["version"]:
            with st.expander(f"History ({version:,} step{s(version)})"):
                for line in work.history_lines(history, row["key"]):
                    st.markdown(f"- {plain(line)}")


# --- What to do with the selected -------------------------------------------------------------------------------------------


def _act(shown: Shown, held: Held, state: str, listed: pl.DataFrame) -> None:
    """The form for what was selected, and what became of the last step."""
    if not held.newest or (listed.is_empty() and not BOXES.has_news):
        return
    BOXES.header()
    BOXES.say()
    if not BOXES.picked:
        st.markdown(
            "Select one or more of the things above by their boxes: then a note, a snooze and more can be written "
            "down for all of them at once."
        )
        return
    things = [work.thing(row, BOXES.picked[row["key"]]) for row in BOXES.chosen(listed).iter_rows(named=True)]
    BOXES.ask(
        {each: ACTIONS[each] for each in FITTING[state]},
        len(things),
        lambda action, named: _fields(action, named, things, held, work.options(held.rows, "agency")),
        lambda action, given: chasing.write(shown.settings, things, action, given("text"), given("day")),
        work.outcome_in_words,
    )


def _fields(action: str, named: Callable[[str], str], things: Sequence[Thing], held: Held, agencies: list[str]) -> None:
    if action == ASSIGNED:
        st.selectbox(
            "Agency or colleague who is to see to it",
            [each for each in agencies if each != work.NOT_RECORDED],
            index=None,
            accept_new_options=True,
            placeholder="choose one, or type a name",
            key=named("text"),
        )
        return
    if action == ASKED:
        st.date_input(
            "Asked on", value=held.today, max_value=held.today, format="DD/MM/YYYY", key=named("day"), width=220
        )
        reason("Whom, or how (may be empty)", named("text"), _WHO)
        return
    if action == SNOOZED:
        tomorrow = held.today + timedelta(days=1)
        st.date_input(
            "Until (the day on which it is due again)",
            value=min(
                [
                    held.today + timedelta(days=7),
                    *(
                        each.snooze_at_most
                        for each in things
                        if each.snooze_at_most and each.snooze_at_most >= tomorrow
                    ),
                ]
            ),
            min_value=tomorrow,
            format="DD/MM/YYYY",
            key=named("day"),
            width=360,
        )
        reason("Reason (must be given)", named("text"), _WHO)
        ends = sorted({each.snooze_at_most for each in things if each.snooze_at_most})
        if ends:
            st.caption(
                "A snooze ends at the latest on the day on which a review of the case falls due: "
                f"{'on' if len(ends) == 1 else 'the first on'} {day(ends[0])}."
            )
        return
    words = {
        NOTED: "Note",
        DONE_ELSEWHERE: "Where, or how (may be empty)",
        REOPENED: "Why (may be empty)",
        WOKEN: "Why (may be empty)",
    }
    st.text_area(words[action], max_chars=LONGEST_TEXT, key=named("text"), height=80)
    st.caption(no_names(_WHO))
