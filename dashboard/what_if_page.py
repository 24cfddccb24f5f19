"""Draws the page *What if*: what is moved, the banner, the figures that would follow beside the real ones. Nothing is stored.

What is moved lives in this person's page alone: not in the address, so that no link shows a supposed figure as if it were one.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import streamlit as st

from checks.errors import MappaError
from checks.standard import rebuilt
from checks.typed_tables import TypedTables
from dashboard import drawing, what_if
from dashboard.background import done_meanwhile
from dashboard.chrome import Shown
from dashboard.reference import in_force
from dashboard.stored_area import stored_tables
from dashboard.tables import explained
from dashboard.tables import table as linked_table
from dashboard.text import plain
from dashboard.version import PRODUCT_VERSION
from dashboard.what_if import Movable
from kpis.area import Area
from kpis.results import HEADLINE, all_results
from kpis.what_if import Changes, judged_again
from kpis.what_if import what_if as measured_again

_MOVED = "what if: moved"


def draw(shown: Shown) -> None:
    """The whole page."""
    st.markdown(
        "Move a figure of the standard, or a target, and see what the verdicts of the period would be, had it always been so. "
        "Nothing is stored: no snapshot, no figure and no other page changes, and nobody else sees what you move."
    )
    real = shown.results().filter(period=shown.period.name)
    measures = shown.definitions["measures"]
    known = {each.key: each for each in what_if.movable(shown.standard_words, measures, real, shown.period.end)}
    made = what_if.changes(_asked(known), known)
    if not made.figures and not made.targets:
        st.info("Nothing is moved. Choose above what to move, then give it another value.")
        return
    said = "".join(f"\n- {plain(each)}" for each in what_if.in_words(made, known))
    st.warning(f"**What if: these are not the Board's figures.** They would follow if this had always been so:\n{said}")
    try:
        then, doubtful = _then(shown, made, real)
    except MappaError as error:
        st.error(f"This cannot be worked out. {plain(str(error))}")
        return
    _beside(shown, what_if.beside(real, then, measures), doubtful)


def _asked(known: dict[str, Movable]) -> dict[str, float | int]:
    """What the person has moved, and where to."""
    if not set(st.session_state.get(_MOVED, [])) <= set(known):  # another standard or period has been chosen
        st.session_state[_MOVED] = [each for each in st.session_state[_MOVED] if each in known]
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        chosen = st.multiselect(
            "What to move",
            list(known),
            format_func=lambda key: _option(known[key]),
            key=_MOVED,
            placeholder="Choose figures and targets",
        )
    with right:
        st.button("Reset", key="what if: reset", disabled=not chosen, on_click=_reset, width="stretch")
    asked: dict[str, float | int] = {}
    columns = st.columns(3)
    for place, key in enumerate(chosen):
        with columns[place % len(columns)]:
            asked[key] = _value(known[key])
    return asked


def _option(each: Movable) -> str:
    return f"{'Target: ' if each.is_target else ''}{each.label} ({each.said})"


def _reset() -> None:
    for key in [each for each in st.session_state if str(each).startswith("what if: ")]:
        del st.session_state[key]
    st.session_state[_MOVED] = []


def _value(each: Movable) -> float | int:
    label, now = plain(each.label), f"Now: {plain(each.said)}."
    key = f"what if: {each.key}"
    if each.is_target:
        start = what_if.START if each.now is None else float(each.now)
        return st.number_input(f"Target in %: {label}", 0.0, 100.0, start, 1.0, "%.1f", key=key, help=now)
    unit = "weeks" if "_weeks_" in each.name else "working days" if "_working_days" in each.name else "months"
    return st.number_input(f"{label} ({unit})", 1, 240, int(each.now or 1), 1, key=key, help=now)


def _then(shown: Shown, made: Changes, real: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The period's results with the changes, and the measures that cannot be measured again as they were."""
    standard = rebuilt(shown.standard, shown.standard_words)
    periods = [shown.period]
    if made.targets_alone:
        without = Area(TypedTables({}, {}, shown.as_at), standard, adopted_targets=_adopted(shown, real))
        return judged_again(real, without, made, periods), []
    store, snapshot, settings = shown.reader.store, shown.snapshot, shown.settings
    adopted = _adopted(shown, real)

    def job() -> tuple[pl.DataFrame, pl.DataFrame]:
        area = replace(settings.area_of(stored_tables(store, snapshot), standard), adopted_targets=adopted)
        return all_results(area, periods, dimensions=False), measured_again(area, made, periods)

    key = (shown.reader.place, snapshot.id, shown.standard, shown.period.name, settings.model_dump_json(), repr(made))
    baseline, then = done_meanwhile(key, job, "Measuring the stored records again with these figures …")
    return then, what_if.not_as_stored(real, baseline)


def _adopted(shown: Shown, real: pl.DataFrame) -> dict[str, Decimal]:
    """The targets that the area had adopted when the snapshot was made: those of results for which the standard sets none."""
    figures = shown.standard_words["figures"]
    rows = real.filter((pl.col("by") == HEADLINE) & pl.col("target").is_not_null())
    declared = shown.definitions["measures"]
    return {
        name: Decimal(str(target))
        for name, target in rows.select("measure", "target").iter_rows()
        if name in declared and in_force(figures.get(declared[name]["target"]), shown.period.end) is None
    }


def _beside(shown: Shown, rows: list[what_if.Beside], doubtful: list[str]) -> None:
    changed = [each for each in rows if each.changes]
    alike = [each for each in rows if not each.changes]
    st.header("What would be otherwise", anchor=False)
    st.markdown(plain(what_if.summary(rows, shown.period.name)))
    links = {"Measure": explained(shown)}
    if changed:
        st.markdown("\n".join(f"- {plain(what_if.changed_in_words(each))}" for each in changed))
        linked_table(what_if.table(changed), "What if: the figures that would be otherwise", links=links)
    st.caption(
        f"{drawing.source_line(shown)} “As it is” stands as stored; “What if” is worked out from the stored records and is "
        "kept nowhere. Each rate stands with what was done of what was due, each verdict with its target."
    )
    if doubtful:
        declared = shown.definitions["measures"]
        names = ", ".join(declared[each]["title"] for each in doubtful if each in declared)
        older = shown.snapshot.product_version != PRODUCT_VERSION
        why = "the product has changed" if older else "the area's settings have changed"
        st.warning(
            f"Measured again with nothing moved, these do not give what is stored, because {why} since the snapshot was made: "
            f"{plain(names)}. Refresh, and look at the new snapshot."
        )
    if alike:
        with st.expander(f"As it is: {len(alike)} measures that stay as they are", expanded=not changed):
            linked_table(
                what_if.table(alike).select("Measure", "As it is", "Verdict"),
                "Measures that stay as they are",
                links=links,
            )
