"""What moved since an earlier snapshot, drawn: all figures on the page Data quality, one figure on the page of its measure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from connectors.store import SnapshotInfo
from dashboard import choices, drawing, evidence, moved, reading
from dashboard.chrome import OPENED, VIEWS, Shown
from dashboard.downloads import about, downloads
from dashboard.tables import explained, paged, table
from dashboard.text import day, plain
from kpis.moved import Side, changes

_AGAINST = "against"


def earlier(shown: Shown) -> list[SnapshotInfo]:
    """The snapshots before the one shown that were measured by the same standard, the newest first."""
    every = shown.reader.snapshots(shown.settings.area)
    return [
        each
        for each in every
        if each.id < shown.snapshot.id and any(used.name == shown.standard for used in each.standards)
    ]


def _against(shown: Shown) -> SnapshotInfo | None:
    """Choose the snapshot to compare with: the one before, unless another is asked for."""
    found = earlier(shown)
    if not found:
        return None
    known = {f"{each.id}: as at {day(each.as_at)}": each for each in found}
    chosen = st.selectbox("Compare with snapshot", list(known), key=_AGAINST, bind="query-params", width=360)
    return known[chosen or next(iter(known))]


def figures(shown: Shown) -> None:
    """Every figure that moved, and what changed in the records behind the one that is chosen."""
    st.header("Figures that moved")
    before = _against(shown)
    if before is None:
        st.info(
            "There is no earlier snapshot under this standard to compare with. After the next refresh there is one."
        )
        return
    _made_otherwise(shown, before)
    rows = moved.figures(reading.results(shown.reader, before.id, shown.standard), shown.results())
    if rows.is_empty():
        st.info(f"No figure is another one than in snapshot {before.id}.")
        return
    titles = {name: str(each["title"]) for name, each in shown.definitions["measures"].items()}
    listed = moved.list_for_screen(rows, titles)
    st.markdown(
        f"**{rows.height:,} figure{' has' if rows.height == 1 else 's have'} moved since snapshot {before.id}.**"
    )
    named = {f"{titles.get(each['measure'], each['measure'])}, {each['period']}": each for each in rows.to_dicts()}
    chosen = st.selectbox("Look behind the figure", list(named), None, key="behind", placeholder="choose a figure")
    if chosen:
        row = named[chosen]
        st.page_link(
            VIEWS / "measure.py",
            label=":primary[**Open this figure**] →",
            query_params=shown.link(**{OPENED: row["measure"], choices.PERIOD: row["period"]}),
        )
        _behind(shown, before, row)
    st.subheader("All of them", anchor=False)
    table(
        paged(listed, "moved_rows", "the figures"),
        "Figures that moved: what each was, and what it is",
        unbroken=("Period", "Was", "Is"),
        links={"Measure": explained(shown)},
    )
    st.caption(drawing.source_line(shown))
    downloads(
        shown,
        "figures-that-moved",
        lambda: rows,
        lambda: {"Figures that moved": rows},
        about(shown, "Figures that moved", f"since snapshot {before.id}", moved.HOW_TO_READ),
    )


def of_measure(shown: Shown, measure: str) -> None:
    """What has become of the opened figure since an earlier snapshot."""
    if not earlier(shown):
        return
    st.header("Since an earlier snapshot", anchor=False)
    before = _against(shown)
    if before is None:
        return
    wanted = (pl.col("measure") == measure) & (pl.col("period") == shown.period.name)
    rows = moved.figures(reading.results(shown.reader, before.id, shown.standard), shown.results()).filter(wanted)
    if rows.is_empty():
        st.markdown(f"The counts are the same as in snapshot {before.id}, as at {day(before.as_at)}.")
        return
    _made_otherwise(shown, before)
    _behind(shown, before, rows.row(0, named=True))


def _made_otherwise(shown: Shown, before: SnapshotInfo) -> None:
    said = moved.made_otherwise(before, shown.snapshot, shown.standard)
    if said:
        st.caption(plain(said))


def _behind(shown: Shown, before: SnapshotInfo, row: Mapping[str, Any]) -> None:
    words = shown.definitions["measures"].get(row["measure"])
    title = str(words["title"]) if words else row["measure"]
    if words is None or not moved.has_rows(row):
        st.markdown(f"**{plain(moved.sentence(title, row, before, None))}**")
        return
    changed = _changed(shown, before, row, words)
    st.markdown(f"**{plain(moved.sentence(title, row, before, changed))}**")
    st.caption(f"{drawing.source_line(shown)} {plain(moved.HOW_TO_READ)}")
    if changed.is_empty():
        return
    told = moved.for_people(changed, words["unit"])
    name = f"{row['measure']} {row['period']} since {before.id}"
    drawing.long_table(told, f"What changed in the records behind {title}", key=name)
    drawing.downloads(
        lambda: told,
        f"{row['measure']}-{row['period']}-{shown.standard}-since-{before.id}",
        {**drawing.about(shown, title), "Period": row["period"], "Since": f"snapshot {before.id}"},
        shown,
        key=name,
        what="changes",
    )


def _changed(shown: Shown, before: SnapshotInfo, row: Mapping[str, Any], words: Mapping[str, Any]) -> pl.DataFrame:
    then_results = reading.results(shown.reader, before.id, shown.standard)
    period = next(each for each in shown.periods if each.name == row["period"])
    sides = []
    for snapshot, periods in ((before, choices.periods_of(then_results)), (shown.snapshot, shown.periods)):
        held = reading.frame_names(shown.reader, snapshot.id)
        read = partial(reading.together, shown.reader, snapshot.id)
        asked = evidence.Beneath(row["measure"], words, shown.standard, period, periods, snapshot.as_at, held, read)
        sides.append(Side(asked.around(), *asked.window, snapshot.as_at))
    return changes(
        *sides,
        by_case=words["by_case"],
        together=words.get("together", "all"),
        unit_tells=not words["counts"],
    )
