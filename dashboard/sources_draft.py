"""What somebody has changed of a mapping on the page *Sources* and not saved: it lives in their page alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from connectors.mapping.mapping import Sheet, SourceMapping

PREFIX = "sources: "
"""What every key of the page begins with."""

SAVED, REFUSED, FAILED = (f"{PREFIX}{name}" for name in ("saved", "refused", "failed"))
"""What came of saving, said when the page is drawn anew."""

_DRAFT, _OF = f"{PREFIX}draft", f"{PREFIX}of"


def draft() -> SourceMapping:
    """The mapping as it stands on the page."""
    return st.session_state[_DRAFT]


def begin(of: Hashable, mapping: SourceMapping, kept: str) -> None:
    """Begin with a mapping, unless what was begun with is still what it was; `kept`: a key that outlives a new beginning."""
    if st.session_state.get(_OF) == of:
        return
    for each in [
        each for each in st.session_state if str(each).startswith(PREFIX) and each not in (kept, SAVED, REFUSED, FAILED)
    ]:
        del st.session_state[each]
    st.session_state[_OF] = of
    st.session_state[_DRAFT] = mapping


def put(mapping: SourceMapping) -> None:
    """Another mapping in its place."""
    st.session_state[_DRAFT] = mapping
    st.session_state.pop(SAVED, None)


def change(number: int, made: Callable[[Sheet], Sheet]) -> None:
    """One entry of it changed."""
    from connectors.mapping.editing import with_sheet

    now = draft()
    put(with_sheet(now, number, made(now.sheets[number])))
