"""Accepting findings for a while, or ending that: a box for each, a reason and a last day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from connectors.store.acceptances import ACCEPTED, ENDED, LONGEST_DAYS
from dashboard import accepted, chasing, quality
from dashboard.boxes import Boxes, reason
from dashboard.chrome import Shown
from dashboard.text import plain, s

BOXES = Boxes(
    "finding", "box", "accepted_version", sheet="box_rows", pages="Page of the boxes", link="What to write down about"
)

ACTIONS: dict[str, str] = {ACCEPTED: "Accept until a day", ENDED: "End the acceptance"}

_WHO = "the record's key"
_USUAL = timedelta(days=90)


def decide(shown: Shown, found: pl.DataFrame, today: date) -> None:
    """The findings chosen (of `dashboard.accepted.standing`), a page of boxes at a time, and what to write down about them."""
    st.caption(
        "An accepted finding is one that cannot, or need not, be put right for now. It stays in this list and in every "
        "count, and no figure changes; what it alone puts on the worklist is put aside. After its last day it is open again by "
        "itself. Every decision is kept."
    )
    rows = accepted.to_decide(found)
    BOXES.let_go(rows)
    if rows.is_empty():
        st.info("None of these findings is there any longer, so there is nothing to decide. Change the filters above.")
    else:
        part = BOXES.page(rows)
        BOXES.select_many(part)
        history = shown.reader.store.acceptance_history(shown.settings.area)
        for row in part.iter_rows(named=True):
            _finding(row, history)
    _act(shown, rows, today)


def _finding(row: Mapping[str, Any], history: pl.DataFrame) -> None:
    with st.container(border=True, gap="xsmall"):
        BOXES.box(row, accepted.label(row))
        st.markdown(plain(accepted.stands(row)))
        st.caption(plain(accepted.where(row)))
        if version := row["accepted_version"]:
            with st.expander(f"History ({version:,} decision{s(version)})"):
                for line in accepted.history_lines(history, row):
                    st.markdown(f"- {plain(line)}")


def _act(shown: Shown, rows: pl.DataFrame, today: date) -> None:
    """The form for what was selected, and what became of the last decision."""
    if not rows.is_empty():
        BOXES.header()
    BOXES.say()
    if rows.is_empty():
        return
    if not BOXES.picked:
        st.markdown("Select one or more of the findings above by their boxes; then say why, and until when.")
        return
    chosen = BOXES.chosen(rows)
    findings = [accepted.ref(row, BOXES.picked[row["box"]]) for row in chosen.iter_rows(named=True)]
    may_end = chosen.select((pl.col("standing") == quality.ACCEPTED).any()).item()
    BOXES.ask(
        {each: said for each, said in ACTIONS.items() if may_end or each != ENDED},
        len(findings),
        lambda action, named: _fields(action, named, today),
        lambda action, given: chasing.decide(shown.settings, findings, action, given("reason"), given("until")),
        accepted.outcome_in_words,
    )


def _fields(action: str, named: Callable[[str], str], today: date) -> None:
    if action == ACCEPTED:
        st.date_input(
            "Accepted until (the last day)",
            value=today + _USUAL,
            min_value=today,
            max_value=today + timedelta(days=LONGEST_DAYS),
            format="DD/MM/YYYY",
            key=named("until"),
            width=360,
        )
    needed = "must be given" if action == ACCEPTED else "may be empty"
    reason(f"Reason ({needed})", named("reason"), _WHO)
