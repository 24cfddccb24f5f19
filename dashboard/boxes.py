"""Rows with a box each on a page, and writing something down about those selected.

What is held here: what is picked → the version that was seen, a page of boxes, all shown selected at once or none, the form, and
what became of it, said once. Boxes and buttons, so that the keyboard alone is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from connectors.store import Outcome
from connectors.store.signed import LONGEST_TEXT
from dashboard import chasing
from dashboard.paging import page_of
from dashboard.text import plain, s

ROWS = 15
"""Rows on one page: as many as can be looked through, each with what there is to say about it."""

_SELECTED = "selected"


@dataclass(frozen=True)
class Boxes:
    """The boxes of a page.

    `one` what a row is called · `key` the column that tells one from another, `version` that of how often something was written
    down about it, null where nothing can be · `sheet` what the number of the page is called in the address, `pages` its label ·
    `link` leads to the form.
    """

    one: str
    key: str
    version: str
    sheet: str
    pages: str
    link: str

    @property
    def picked(self) -> dict[str, int]:
        """What is selected → the version that was seen."""
        return st.session_state.setdefault(f"{self.one}s picked", {})

    def let_go(self, rows: pl.DataFrame) -> None:
        """Select no longer what is not among the rows."""
        if picked := self.picked:
            there = set(self.chosen(rows)[self.key])
            for each in [each for each in picked if each not in there]:
                del picked[each]

    def chosen(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of the rows that are selected."""
        return rows.filter(pl.col(self.key).is_in(list(self.picked)))

    def page(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of the page that is chosen here, with the number to choose it by."""
        pages = page_of(rows, size=ROWS).of
        number = 1
        if pages > 1:
            if st.session_state.get(self.sheet, 1) > pages:
                st.session_state[self.sheet] = pages
            number = st.number_input(self.pages, 1, pages, key=self.sheet, bind="query-params", width=220)
        part = page_of(rows, int(number), ROWS)
        st.caption(part.words)
        return part.rows

    def select_many(self, part: pl.DataFrame) -> None:
        """Buttons that select all shown, or nothing."""
        picked = self.picked
        seen = dict(part.filter(pl.col(self.version).is_not_null()).select(self.key, self.version).iter_rows())

        def every() -> None:
            picked.update(seen)

        with st.container(horizontal=True, vertical_alignment="center"):
            every_one = "Select it" if len(seen) == 1 else f"Select all {len(seen)} shown"
            st.button(every_one, key="select all", on_click=every, disabled=not seen)
            st.button("Select none", key="select none", on_click=picked.clear, disabled=not picked)
            if picked:
                it = "it" if len(picked) == 1 else "them"
                st.markdown(f"**{len(picked):,} selected.** [{self.link} {it}](#{_SELECTED})")

    def box(self, row: Mapping[str, Any], label: str, *, disabled: bool = False) -> None:
        """The box of a row."""
        key, version, picked = row[self.key], row[self.version], self.picked
        name = f"pick {key}"
        if key in picked:
            picked[key] = version  # it stands on the screen as it is now

        def changed() -> None:
            if st.session_state[name]:
                picked[key] = version
            else:
                picked.pop(key, None)

        st.session_state[name] = key in picked
        st.checkbox(f"**{plain(label)}**", key=name, on_change=changed, disabled=disabled or version is None)

    def header(self) -> None:
        """Above what to do with those selected."""
        st.header("With the selected", anchor=_SELECTED)

    @property
    def _outcome(self) -> str:
        return f"outcome for {self.one}s"

    @property
    def has_news(self) -> bool:
        """Whether there is something that `say` would say."""
        return self._outcome in st.session_state

    def say(self) -> None:
        """What became of the last that was written down, said once."""
        said, problems, failed = st.session_state.pop(self._outcome, ("", [], ""))
        if failed:
            st.error(plain(failed))
        if said:
            st.success(plain(said))
        for problem in problems:
            st.warning(plain(problem))

    def ask(
        self,
        actions: Mapping[str, str],
        number: int,
        fields: Callable[[str, Callable[[str], str]], None],
        write: Callable[[str, Callable[[str], Any]], Outcome | str],
        in_words: Callable[[Outcome], tuple[str, list[str]]],
    ) -> None:
        """One's name, which of the `actions` (→ in words), its fields, and the button that writes it down for so many rows.

        `fields(action, named)` draws them, each with the key `named(field)`; `write(action, given)` writes down what was
        `given(field)`, or tells in a sentence why it could not; `in_words` says what became of it.
        """
        chasing.ask_for_author()
        action, *others = actions
        if others:
            key = f"action on {self.one}s"
            action = st.radio("What to write down", list(actions), 0, actions.__getitem__, horizontal=True, key=key)
        counter = f"round of {self.one}s"
        round_ = st.session_state.setdefault(counter, 0)  # a new name for a field empties it

        def named(field: str) -> str:
            return f"{field} {action} {round_}"

        def submitted() -> None:
            done = write(action, lambda field: st.session_state.get(named(field)))
            if isinstance(done, str):
                st.session_state[self._outcome] = ("", [], done)
                return
            st.session_state[self._outcome] = (*in_words(done), "")
            st.session_state[counter] = round_ + 1
            self.picked.clear()

        with st.form(f"write down {action}", enter_to_submit=True):
            fields(action, named)
            label = f"{actions[action]}: write down for {number:,} {self.one}{s(number)}"
            st.form_submit_button(label, type="primary", on_click=submitted)


def reason(label: str, key: str, who_is_meant: str) -> None:
    """A line of text, with the reminder that it names nobody."""
    st.text_input(label, max_chars=LONGEST_TEXT, key=key, help=no_names(who_is_meant))


def no_names(who_is_meant: str) -> str:
    """That what is written names nobody; `who_is_meant` says what tells it instead."""
    return f"Never write the name of a person under management here: {who_is_meant} says who is meant."
