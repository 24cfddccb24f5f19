"""Writing down what is done about things owed and findings: who writes, what day it is, and the narrow way into the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import streamlit as st

from checks.errors import MappaError
from connectors.store import Chasing, FindingRef, Outcome, Thing, decision, step
from dashboard.settings import Settings, store_address

_AUTHOR = "author of chases"
_FIELD = "name of author"


def today(settings: Settings) -> date:
    """The day on which snoozes end: the as-at day, where the settings fix one, else the day it is."""
    return settings.as_at or datetime.now().astimezone().date()


def author() -> str:
    """The name that whoever sits here has typed in this session; empty until then."""
    return st.session_state.get(_AUTHOR, "")


def ask_for_author() -> None:
    """The field for one's name; what is typed is kept for the session, whatever page is opened in between."""
    st.session_state.setdefault(_FIELD, author())
    st.text_input(
        "Your name",
        key=_FIELD,
        max_chars=80,
        width=360,
        placeholder="so that others know whom to ask",
        help="Stands beside everything you write down, and is kept until you close the page.",
        autocomplete="name",
    )
    st.session_state[_AUTHOR] = st.session_state[_FIELD].strip()


def write(
    settings: Settings, things: Sequence[Thing], action: str, text: str | None = None, day: date | None = None
) -> Outcome | str:
    """Take a step about some things, in this session's name; a sentence says why it could not be written down."""
    try:
        taken = step(action, author(), datetime.now().astimezone(), text, day)
        with Chasing.open(store_address(settings)) as chasing:
            return chasing.record(settings.area, things, taken, today(settings))
    except MappaError as error:
        return str(error)


def decide(
    settings: Settings,
    findings: Sequence[FindingRef],
    action: str,
    reason: str | None = None,
    until: date | None = None,
) -> Outcome | str:
    """Accept findings until a day, or end that, in this session's name; a sentence says why it could not be written down."""
    try:
        now = today(settings)
        taken = decision(action, author(), datetime.now().astimezone(), now, reason, until)
        with Chasing.open(store_address(settings)) as chasing:
            return chasing.decide(settings.area, findings, taken, now)
    except MappaError as error:
        return str(error)
