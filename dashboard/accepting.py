"""Accepting findings for a while, or ending that: a box for each, a reason and a last day. Boxes and buttons, so that the keyboard
alone is enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from connectors.store.acceptances import ACCEPTED, ENDED, LONGEST_DAYS
from dashboard import accepted, chasing
from dashboard.chrome import Shown
from dashboard.paging import page_of
from dashboard.text import plain

ROWS = 15
"""Findings on one page: as many as can be looked through."""

ACTIONS: dict[str, str] = {ACCEPTED: "Accept until a day", ENDED: "End the acceptance"}

_PICKED, _SAID, _ROUND = "findings picked", "decision said", "decision round"
_NO_NAMES = "Never write the name of a person under management here: the record's key says who is meant."
_USUAL = timedelta(days=90)


def decide(shown: Shown, found: pl.DataFrame, today: date) -> None:
    """The findings chosen (of `dashboard.accepted.standing`), a page of boxes at a time, and what to write down about them."""
    st.caption(
        "An accepted finding is one that cannot, or need not, be put right for now. It stays in the list and in every count, and "
        "no figure changes; after its last day it is open again by itself. Every decision is kept."
    )
    rows = accepted.to_decide(found)
    picked = _picked(rows)
    if rows.is_empty():
        st.info("None of these findings is there any longer, so there is nothing to decide. Change the filters above.")
    else:
        part = _page(rows)
        _select_many(part, picked)
        history = shown.reader.store.acceptance_history(shown.settings.area)
        for row in part.iter_rows(named=True):
            _finding(row, history, picked)
    _act(shown, rows, picked, today)


def _page(rows: pl.DataFrame) -> pl.DataFrame:
    pages = page_of(rows, size=ROWS).of
    number = 1
    if pages > 1:
        if st.session_state.get("box_rows", 1) > pages:
            st.session_state["box_rows"] = pages
        number = st.number_input("Page of the boxes", 1, pages, key="box_rows", bind="query-params", width=220)
    part = page_of(rows, int(number), ROWS)
    st.caption(part.words)
    return part.rows


def _picked(rows: pl.DataFrame) -> dict[str, int]:
    """What is selected → the version that was seen; what is not listed any longer is let go."""
    picked: dict[str, int] = st.session_state.setdefault(_PICKED, {})
    if picked:
        keys = {str(key[2] or "") for key in map(_parts, picked)}
        near = rows.filter(pl.col("key").fill_null("").is_in(list(keys)))
        there = {accepted.box_id(row) for row in near.iter_rows(named=True)}
        for each in [each for each in picked if each not in there]:
            del picked[each]
    return picked


def _parts(box: str) -> list[str]:
    return box.split("\x1f")


def _box(box: str) -> str:
    return f"decide {box}"


def _select_many(part: pl.DataFrame, picked: dict[str, int]) -> None:
    seen = {
        accepted.box_id(row): row["accepted_version"]
        for row in part.iter_rows(named=True)
        if row["accepted_version"] is not None
    }

    def every() -> None:
        picked.update(seen)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Select it" if len(seen) == 1 else f"Select all {len(seen)} shown",
            key="select findings",
            on_click=every,
            disabled=not seen,
        )
        st.button("Select none", key="select no findings", on_click=picked.clear, disabled=not picked)
        if picked:
            it = "it" if len(picked) == 1 else "them"
            st.markdown(f"**{len(picked):,} selected.** [What to write down about {it}](#selected)")


def _finding(row: Mapping[str, Any], history: pl.DataFrame, picked: dict[str, int]) -> None:
    box, version = accepted.box_id(row), row["accepted_version"]
    if box in picked:
        picked[box] = version  # it stands on the screen as it is now

    def changed() -> None:
        if st.session_state[_box(box)]:
            picked[box] = version
        else:
            picked.pop(box, None)

    with st.container(border=True, gap="xsmall"):
        st.session_state[_box(box)] = box in picked
        st.checkbox(f"**{plain(accepted.label(row))}**", key=_box(box), on_change=changed, disabled=version is None)
        st.markdown(plain(accepted.stands(row)))
        st.caption(plain(accepted.where(row)))
        if version:
            with st.expander(f"History ({version:,} decision{'' if version == 1 else 's'})"):
                for line in accepted.history_lines(history, row):
                    st.markdown(f"- {plain(line)}")


def outcome() -> None:
    """What became of the last decision, said once."""
    said, problems, failed = st.session_state.pop(_SAID, ("", [], ""))
    if failed:
        st.error(plain(failed))
    if said:
        st.success(plain(said))
    for problem in problems:
        st.warning(plain(problem))


def _act(shown: Shown, rows: pl.DataFrame, picked: dict[str, int], today: date) -> None:
    """The form for what was selected, and what became of the last decision."""
    if not rows.is_empty():
        st.header("With the selected", anchor="selected")
    outcome()
    if rows.is_empty():
        return
    if not picked:
        st.markdown("Select one or more of the findings above by their boxes; then say why, and until when.")
        return
    near = rows.filter(pl.col("key").fill_null("").is_in([_parts(each)[2] for each in picked]))
    findings = [
        accepted.ref(row, picked[box]) for row in near.iter_rows(named=True) if (box := accepted.box_id(row)) in picked
    ]
    chasing.ask_for_author()
    action = st.radio(
        "What to write down", list(ACTIONS), format_func=ACTIONS.__getitem__, horizontal=True, key="deciding on"
    )
    round_ = st.session_state.setdefault(_ROUND, 0)
    reason, until = f"reason {action} {round_}", f"until {action} {round_}"

    def submitted() -> None:
        done = chasing.decide(
            shown.settings, findings, action, st.session_state.get(reason), st.session_state.get(until)
        )
        if isinstance(done, str):
            st.session_state[_SAID] = ("", [], done)
            return
        st.session_state[_SAID] = (*accepted.outcome_in_words(done), "")
        st.session_state[_ROUND] += 1
        picked.clear()

    with st.form(f"decide {action}", enter_to_submit=True):
        if action == ACCEPTED:
            st.date_input(
                "Accepted until (the last day)",
                value=today + _USUAL,
                min_value=today,
                max_value=today + timedelta(days=LONGEST_DAYS),
                format="DD/MM/YYYY",
                key=until,
                width=360,
            )
        needed = "must be given" if action == ACCEPTED else "may be empty"
        st.text_input(f"Reason ({needed})", max_chars=1_000, key=reason, help=_NO_NAMES)
        many = "1 finding" if len(findings) == 1 else f"{len(findings):,} findings"
        st.form_submit_button(f"{ACTIONS[action]}: write down for {many}", type="primary", on_click=submitted)
