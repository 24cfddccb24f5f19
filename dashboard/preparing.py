"""The page *Prepare the Board*: the line beside each KPI and the Board's actions, written here and shown to the Board.

Somebody else may be writing at the same time. Each field remembers the version that it was filled from; what somebody else has
saved since is shown, and nothing of theirs is written over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from checks.errors import MappaError
from connectors.store import ActionChanged, BoardAction, Commentary, CommentaryChanged, Store
from connectors.store.board_entries import LONGEST_LINE, LONGEST_NAME, STATES, one_line
from dashboard import board_entries, cards, choices, summary, tables
from dashboard.chrome import PRESENT, STYLES, VIEWS, Shown
from dashboard.settings import store_address
from dashboard.text import day, moment, plain, s
from kpis.results import UNIT

_AUTHOR, _SAID = "author", "said of what was written"
NONE = 0
"""No action chosen; no version seen."""

PATIENCE = 10.0
"""Seconds that somebody who has pressed a button waits for a refresh that is storing."""

_ROOM = "The Board sees it on its screen: no names of persons, no references of cases."


def draw(shown: Shown) -> None:
    """The whole page."""
    for kind, text in st.session_state.pop(_SAID, []):
        (st.success if kind == "kept" else st.error)(text)
    st.page_link(
        VIEWS / f"{PRESENT}.py",
        label=":primary[**Present it screen by screen**] →",
        query_params=shown.link(**{choices.PERIOD: shown.period.name, choices.STANDARD: shown.standard}),
    )
    st.text_input(
        "Your name or role",
        value=st.session_state.get(_AUTHOR, ""),
        key="author typed",
        max_chars=LONGEST_NAME,
        width=480,
        help="Kept beside what you write, with the time.",
        on_change=lambda: st.session_state.update({_AUTHOR: st.session_state["author typed"]}),
    )
    _commentary(shown)
    _actions(shown)


def _author() -> str:
    return str(st.session_state.get("author typed", ""))


def _now() -> datetime:
    return datetime.now(UTC)


def _write(shown: Shown, write: Callable[[Store], Any]) -> Any:
    """Do it with a store that may be written, which pages otherwise never open."""
    with Store.open(store_address(shown.settings), patience=PATIENCE) as store:
        return write(store)


def _say(kind: str, text: str) -> None:
    st.session_state.setdefault(_SAID, []).append((kind, text))


# --- commentary


def _field(shown: Shown, measure: str) -> str:
    return f"line {shown.standard} {shown.period.name} {measure}"


def _commentary(shown: Shown) -> None:
    st.header(f"Commentary for {plain(shown.period.name)}")
    st.markdown(f"One line beside each KPI, at most {LONGEST_LINE} letters. {_ROOM}")
    before = choices.before(shown.period, shown.periods)
    made = cards.cards(shown.results(), shown.definitions, shown.standard, shown.period, before)
    asked = {
        each.measure: each for each in made if each.row["verdict"] != "not in this standard" and not each.is_further
    }
    versions = shown.reader.store.commentary(shown.settings.area, shown.standard, shown.period.name)
    now = board_entries.newest_lines(versions)
    with st.form("commentary", border=False):
        for measure, card in asked.items():
            _fill(_field(shown, measure), now.get(measure))
            st.text_input(plain(card.words["title"]), key=_field(shown, measure), max_chars=LONGEST_LINE)
        st.form_submit_button(
            "Save the commentary", type="primary", key="save lines", on_click=lambda: _save_lines(shown, list(asked))
        )
    titles = {measure: card.words["title"] for measure, card in asked.items()}
    if versions:
        with st.expander("Who wrote what, and when"):
            tables.table(
                board_entries.history_of_lines(versions, titles), "Every version of the commentary", ("Written",)
            )


def _fill(key: str, now: Commentary | None) -> None:
    """Fill a field from the store, also when somebody else has saved, unless something of one's own stands in it."""
    stored = (now.number, now.text) if now is not None else (NONE, "")
    seen = st.session_state.get(f"seen {key}")
    if seen is None or key not in st.session_state or st.session_state[key] == seen[1]:
        st.session_state[f"seen {key}"] = stored
        st.session_state[key] = stored[1]


def _save_lines(shown: Shown, measures: Sequence[str]) -> None:
    """Keep every line that was changed; what cannot be kept stays in its field, and it is said why."""
    kept = 0
    for measure in measures:
        key = _field(shown, measure)
        number, text = st.session_state[f"seen {key}"]
        typed = one_line(st.session_state[key])
        if typed == text:
            continue
        line = Commentary(
            shown.settings.area, shown.standard, shown.period.name, measure, typed, _author(), _now(), shown.snapshot.id
        )
        title = plain(str(shown.definitions["measures"][measure]["title"]))
        try:
            written: Commentary = _write(
                shown, lambda store, line=line, number=number: store.write_commentary(line, number)
            )
        except CommentaryChanged as error:
            theirs = error.now
            st.session_state[f"seen {key}"] = (theirs.number, theirs.text)
            _say(
                "not kept",
                f"{title}: while you were writing, {plain(theirs.author)} saved “{plain(theirs.text)}” "
                f"({moment(theirs.written_at)}). Yours is not kept yet; save again to put it in its place.",
            )
        except MappaError as error:
            _say("not kept", f"{title}: {plain(str(error))}")
        else:
            kept += 1
            st.session_state[f"seen {key}"] = (written.number, written.text)
            st.session_state[key] = written.text
    if kept:
        _say("kept", f"{kept} line{s(kept)} of commentary kept.")
    elif not st.session_state.get(_SAID):
        _say("kept", "No line was changed.")


# --- actions


def _actions(shown: Shown) -> None:
    st.header("Actions of the Board")
    st.markdown(
        f"An action stays on the screen of every quarter from {plain(shown.period.name)} on until it is done or dropped. {_ROOM}"
    )
    versions = shown.reader.store.board_actions(shown.settings.area)
    actions = board_entries.on_screen(versions, shown.period.end, shown.as_at)
    titles = {name: str(declared["title"]) for name, declared in shown.definitions["measures"].items()}
    if actions:
        st.html(STYLES / "summary.css")
        st.html(summary.actions_table(actions, titles, shown.period.end, shown.as_at))
    else:
        st.markdown("No action is open.")
    options = {NONE: "A new action", **{each.id: f"No. {each.id}: {each.text}" for each in actions}}
    if st.session_state.get("action chosen") not in options:
        st.session_state["action chosen"] = NONE
    chosen = st.selectbox(
        "Which action", list(options), key="action chosen", format_func=lambda each: options[each], on_change=_forget
    )
    standing = board_entries.newest_actions(versions).get(chosen)
    _form(shown, standing, titles)
    if standing is not None:
        with st.expander("Every version of this action"):
            tables.table(
                board_entries.history_of_action(versions, standing.id, shown.as_at),
                "Every version of the action",
                ("Written", "Due"),
            )


_FIELDS = ("text", "owner", "due_on", "measure", "state", "reason")


def _forget() -> None:
    """Another action was chosen: the fields begin from what is stored."""
    st.session_state.pop("seen action", None)


def _fill_action(standing: BoardAction | None) -> None:
    """Fill the fields from the store: for another action always, for the same one where nothing of one's own stands in them."""
    stored = _values(standing)
    which, number = (NONE, NONE) if standing is None else (standing.id, standing.number)
    seen = st.session_state.get("seen action")
    same = seen is not None and seen[0] == which and "action text" in st.session_state
    if not same or _typed() == seen[2]:
        st.session_state["seen action"] = (which, number, stored)
        st.session_state.update({f"action {name}": value for name, value in stored.items()})


def _values(standing: BoardAction | None) -> dict[str, Any]:
    if standing is None:
        return {"text": "", "owner": None, "due_on": None, "measure": "", "state": "open", "reason": ""}
    return {**{name: getattr(standing, name) for name in _FIELDS}, "measure": standing.measure or ""}


def _typed() -> dict[str, Any]:
    """What stands in the fields; a new action has none for its state yet."""
    return {
        **_values(None),
        **{name: st.session_state[f"action {name}"] for name in _FIELDS if f"action {name}" in st.session_state},
    }


def _form(shown: Shown, standing: BoardAction | None, titles: dict[str, str]) -> None:
    _fill_action(standing)
    with st.form("action"):
        st.text_input("What is to be done", key="action text", max_chars=LONGEST_LINE)
        left, middle, right = st.columns(3)
        owners = _agencies(shown)
        owner = st.session_state["action owner"]
        if owner and owner not in owners:
            owners.append(owner)
        left.selectbox(
            "Agency that is to do it", owners, key="action owner", accept_new_options=True, placeholder="Choose or type"
        )
        middle.date_input("Due", key="action due_on", format="DD/MM/YYYY")
        right.selectbox(
            "KPI it belongs to",
            ["", *titles],
            key="action measure",
            format_func=lambda each: titles.get(each, each) or "none",
        )
        if standing is not None:
            st.radio("State", STATES, key="action state", horizontal=True)
            st.text_input("Reason, if it is dropped", key="action reason", max_chars=LONGEST_LINE)
        label = "Raise the action" if standing is None else "Save the change"
        st.form_submit_button(label, type="primary", key="save action", on_click=lambda: _save_action(shown, standing))


def _agencies(shown: Shown) -> list[str]:
    """Agencies and members that the figures know."""
    declared = shown.definitions["measures"]
    of_agencies = [name for name, each in declared.items() if each["unit"] in {"agency", "member"}]
    rows = shown.results()
    found = rows.filter(rows["measure"].is_in(of_agencies) & (rows["by"] == UNIT))["unit"].drop_nulls().unique().sort()
    return [*found, *(each for each in shown.settings.smb_members if each not in set(found))]


def _save_action(shown: Shown, standing: BoardAction | None) -> None:
    typed = _typed()
    typed |= {"owner": typed["owner"] or "", "measure": typed["measure"] or None}
    number = st.session_state["seen action"][1]
    if not isinstance(typed["due_on"], date):
        _say("not kept", "The day on which the action is due is missing. Fill it in and save again.")
        return
    given = BoardAction(
        area=shown.settings.area,
        raised_in=shown.period.name,
        raised_until=shown.period.end,
        changed_until=shown.period.end,
        author=_author(),
        written_at=_now(),
        id=NONE if standing is None else standing.id,
        **typed,
    )
    try:
        if standing is None:
            written: BoardAction = _write(shown, lambda store: store.raise_board_action(given))
        else:
            written = _write(shown, lambda store: store.change_board_action(given, number))
    except ActionChanged as error:
        theirs = error.now
        st.session_state["seen action"] = (theirs.id, theirs.number, _values(theirs))
        _say(
            "not kept",
            f"While you were writing, {plain(theirs.author)} changed action {theirs.id} ({moment(theirs.written_at)}): "
            f"“{plain(theirs.text)}”, {plain(theirs.owner)}, due {day(theirs.due_on)}, "
            f"{plain(board_entries.state_in_words(theirs, shown.as_at))}. "
            "Yours is not kept yet; save again to put it in its place.",
        )
    except MappaError as error:
        _say("not kept", plain(str(error)))
    else:
        _forget()
        for name in _FIELDS:
            st.session_state.pop(f"action {name}", None)
        _say("kept", f"Action {written.id} {'raised' if standing is None else f'kept: {written.state}'}.")
