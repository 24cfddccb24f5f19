"""What stands around every page: the side with its choices, the title, as at when, from which snapshot, how fresh the sources are.

A page begins with `shown = page("Board")` and reads only from what it gets. Where there is nothing to show yet, `page` says what
to do next and the page's own code does not run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from checks.errors import MappaError
from connectors.sources.source import SourceFile
from connectors.store import SnapshotInfo
from dashboard import choices, reading
from dashboard.refreshing import refresh_button, refresh_if_asked
from dashboard.settings import Settings
from dashboard.text import day, moment, plain, s
from dashboard.version import PRODUCT_VERSION
from kpis.periods import Period

VIEWS = Path(__file__).parent / "views"
STYLES = Path(__file__).parent / "styles"

ROOMS = {
    "The Board": {"Board": "board", "Prepare the Board": "prepare_the_board", "Board pack": "board_pack"},
    "Every morning": {
        "Worklist": "worklist",
        "Late reviews": "late_reviews",
        "Data quality": "data_quality",
        "Sources": "sources",
    },
    "Questions": {
        "Trends": "trends",
        "Ask": "ask",
        "Caseload over time": "caseload_over_time",
        "What if": "what_if",
        "Plain words": "plain_words",
        "Definitions": "definitions",
    },
    "Reports": {"Annual tables": "annual_tables", "Published reports": "published", "Comparison": "comparison"},
}
"""The rooms of the house, by whom or when they are for: their pages, title → file in `views/`."""

PAGES = {title: name for pages in ROOMS.values() for title, name in pages.items()}
"""Page title → file in `views/`."""

OPENED = "measure"
"""The page of one measure opened: a file in `views/` that stands in no list, and the part of its address that names it."""

ONLY_NEWEST = (
    "This page shows the newest snapshot only. Between two snapshots the difference is often a handful of cases, which nobody is "
    "to work out here."
)
"""Said where an address asks a page for lay readers for another snapshot."""

PRESENT = "present"
"""The page that shows a period screen by screen: a file in `views/` that stands in no list."""

SHOWN_BY_NAME = 3
"""So many source files are named in the line under the title; all of them are in the table below it."""


@dataclass(frozen=True)
class Shown:
    """What a page shows: one snapshot, under one standard, for one period.

    `periods` all there are, the newest first · `as_at` the day as of which everything was known.
    """

    settings: Settings
    reader: reading.Reader
    snapshot: SnapshotInfo
    standard: str
    period: Period
    periods: tuple[Period, ...]
    address: Mapping[str, str]

    @property
    def as_at(self) -> date:
        """The day as of which the records were known."""
        return self.snapshot.as_at

    @property
    def definitions(self) -> dict[str, Any]:
        """Measures, rules, tables and standards as declared when the snapshot was made."""
        return reading.definitions(self.reader, self.snapshot.id)

    @property
    def standard_words(self) -> dict[str, Any]:
        """The chosen standard: `title, edition, caution, sources, figures, not_set`."""
        return self.definitions["standards"][self.standard]

    def results(self) -> pl.DataFrame:
        """Every result under the standard, of every period."""
        return reading.results(self.reader, self.snapshot.id, self.standard)

    def lay_results(self, measure: str) -> pl.DataFrame:
        """The results of one measure by quarter with small counts hidden, for pages that lay readers use (`dashboard.lay_room`)."""
        names = tuple(each.name for each in self.snapshot.standards)
        own = self.snapshot.product_version == PRODUCT_VERSION
        told = reading.for_lay_readers(self.reader, self.snapshot.id, names, self.settings.suppress_below, own=own)
        return told[self.standard][measure]

    def rule_outcomes(self) -> pl.DataFrame:
        """Every rule's outcome under the standard."""
        return reading.rule_outcomes(self.reader, self.snapshot.id, self.standard)

    def has(self, name: str) -> bool:
        """Whether the snapshot holds a frame of this name."""
        return name in reading.frame_names(self.reader, self.snapshot.id)

    def frame(self, name: str) -> pl.DataFrame:
        """A frame by its name (`dashboard.frames`); shared, not to be changed."""
        return reading.frame(self.reader, self.snapshot.id, name)

    def link(self, **more: str) -> dict[str, str]:
        """What an address needs to show the same standard, period and snapshot, and `more`."""
        return {**self.address, **more}


def page(title: str, *, with_period: bool = True, listed: bool = True, newest: bool = False) -> Shown:
    """Draw what stands around a page and give what it shows; stops the page where there is nothing to show.

    `with_period` whether a period can be chosen for it · `listed` whether it is the page of that title in the list at the side ·
    `newest` it shows the newest snapshot alone, whatever the address asks for.
    """
    st.title(title)
    here = title if listed else None
    try:
        settings = reading.settings()
    except MappaError as error:
        _links(here, {})
        _say(error, "Nothing can be shown without settings.")
    refresh_if_asked(settings)
    try:
        shown, remarks = _chosen(here, settings, with_period=with_period, newest=newest)
    except MappaError as error:
        _links(here, {})
        refresh_button(settings)
        _say(error, "The store could not be read.")
    for remark in remarks:
        st.warning(plain(remark))
    _head(shown, with_period=with_period)
    return shown


def page_of_settings(title: str) -> tuple[Settings, Shown | None]:
    """Draw what stands around a page that can be used before anything has been read; None where nothing has been."""
    st.title(title)
    try:
        settings = reading.settings()
    except MappaError as error:
        _links(title, {})
        _say(error, "Nothing can be shown without settings.")
    refresh_if_asked(settings)
    try:
        found = _found(settings)
    except MappaError as error:
        _links(title, {})
        refresh_button(settings)
        _say(error, "The store could not be read.")
    if found is None:
        _links(title, {})
        refresh_button(settings)
        return settings, None
    _side(title, found.shown, found.snapshots, with_period=False, newest=False)
    for remark in found.remarks:
        st.warning(plain(remark))
    _head(found.shown, with_period=False)
    return settings, found.shown


def bare_page(title: str) -> Shown:
    """What a page shows that has nothing around it: the same choices from the address, and nothing drawn.

    Where there is nothing to show it says so, and leads to the Board's page, which says what to do.
    """
    try:
        settings = reading.settings()
        found = _found(settings)
    except MappaError as error:
        st.title(title)
        _to_the_board()
        _say(error, "Nothing can be shown.")
    if found is None:
        st.title(title)
        st.info(f"No records of {plain(settings.area)} have been read yet.")
        _to_the_board()
        st.stop()
    for remark in found.remarks:
        st.warning(plain(remark))
    return found.shown


def _to_the_board() -> None:
    st.page_link(VIEWS / "board.py", label="To the Board’s page")


def _say(error: MappaError, what: str) -> NoReturn:
    st.error(f"{what} {plain(str(error))}")
    st.stop()


@dataclass(frozen=True)
class _Found:
    """What an address leads to: `remarks` say what it asked for that is not there."""

    shown: Shown
    snapshots: list[SnapshotInfo]
    remarks: list[str]


def _found(settings: Settings, *, newest: bool = False) -> _Found | None:
    """What the address asks for, or the newest snapshot alone; None where nothing has been read yet."""
    if not reading.has_store(settings):
        return None
    reader = reading.reader(settings)
    snapshots = reader.snapshots(settings.area)
    if not snapshots:
        return None
    asked = st.query_params.to_dict()
    older = newest and asked.get(choices.SNAPSHOT, str(snapshots[0].id)) != str(snapshots[0].id)
    if newest:
        asked.pop(choices.SNAPSHOT, None)
        snapshots = snapshots[:1]
    snapshot, no_snapshot = choices.snapshot_asked(asked.get(choices.SNAPSHOT), snapshots)
    names = [each.name for each in snapshot.standards]
    standard, no_standard = choices.standard_asked(asked.get(choices.STANDARD), names)
    periods = choices.periods_of(reading.results(reader, snapshot.id, standard))
    period, no_period = choices.period_asked(asked.get(choices.PERIOD), periods, snapshot.as_at)
    wanted = {choices.STANDARD: standard, choices.PERIOD: period.name, choices.SNAPSHOT: str(snapshot.id)}
    address = choices.query(
        {name: value for name, value in wanted.items() if name in asked},
        {choices.STANDARD: names[0], choices.SNAPSHOT: str(snapshots[0].id)},
    )
    shown = Shown(settings, reader, snapshot, standard, period, tuple(periods), address)
    remarks = [each for each in (ONLY_NEWEST if older else None, no_snapshot, no_standard, no_period) if each]
    return _Found(shown, snapshots, remarks)


def _chosen(here: str | None, settings: Settings, *, with_period: bool, newest: bool) -> tuple[Shown, list[str]]:
    found = _found(settings, newest=newest)
    if found is None:
        _nothing_yet(here, settings)
    _side(here, found.shown, found.snapshots, with_period=with_period, newest=newest)
    return found.shown, found.remarks


def _nothing_yet(here: str | None, settings: Settings) -> NoReturn:
    """The empty state: no refresh has been made."""
    _links(here, {})
    st.info(
        f"No records of {plain(settings.area)} have been read yet. Refresh to read, check and measure them: "
        f"the source is {plain(short_source(settings.source))}."
    )
    refresh_button(settings, at_the_side=False)
    st.page_link(VIEWS / f"{PAGES['Sources']}.py", label="Records with headings of your own? See Sources")
    st.stop()


def short_source(source: str) -> str:
    """The source as people know it: an address without user and host details, a path by its last part."""
    if "://" in source:
        return f"a database ({source.split(':', maxsplit=1)[0].split('+')[0]})"
    return Path(source).name or source


def _links(here: str | None, address: Mapping[str, str]) -> None:
    """The pages. The link to the one shown leaves its address as it is: the browser would not follow a change of it."""
    st.html(STYLES / "links.css")
    for room, pages in ROOMS.items():
        with st.sidebar.container(gap="xsmall", key=f"room {room}"):
            st.markdown(f"**{room}**")
            for title, name in pages.items():
                query = st.query_params.to_dict() if title == here else dict(address)
                st.page_link(VIEWS / f"{name}.py", label=title, query_params=query, width="stretch")


def _side(here: str | None, shown: Shown, snapshots: list[SnapshotInfo], *, with_period: bool, newest: bool) -> None:
    _links(here, shown.address)
    with st.sidebar:
        st.divider()
        standards = {each.name: shown.definitions["standards"][each.name]["title"] for each in shown.snapshot.standards}
        choose(
            "Standard", choices.STANDARD, shown.standard, standards, lambda standard: _standard_chosen(shown, standard)
        )
        if with_period:
            periods = {each.name: choices.label_of(each, shown.as_at) for each in shown.periods}
            choose("Period", choices.PERIOD, shown.period.name, periods)
        if not newest:
            known = {str(each.id): f"{each.id}: as at {day(each.as_at)}" for each in snapshots}
            choose("Snapshot", choices.SNAPSHOT, str(shown.snapshot.id), known)
    if shown.snapshot.id != snapshots[0].id:
        last = snapshots[0]
        st.warning(
            f"This is an earlier snapshot. The newest is number {last.id}, as at {day(last.as_at)}; "
            "choose it at the side."
        )
    refresh_button(shown.settings)


def choose(
    label: str, name: str, now: str, options: Mapping[str, str], also: Callable[[str], None] | None = None
) -> None:
    """A choice whose only home is the address: `now` is what stands there, and what is chosen is put there as `name`.

    `options` value → what people read, as plain text · `also` is told what was chosen.
    """
    key = f"choose {name}"

    def chosen() -> None:
        st.query_params[name] = st.session_state[key]
        if also is not None:
            also(st.session_state[key])

    st.session_state[key] = now
    st.selectbox(label, list(options), format_func=lambda each: options[each], key=key, on_change=chosen)


def _standard_chosen(shown: Shown, standard: str) -> None:
    """Another standard can have another reporting year: keep the period that ends nearest, if one was chosen."""
    if choices.PERIOD in st.query_params:
        periods = choices.periods_of(reading.results(shown.reader, shown.snapshot.id, standard))
        st.query_params[choices.PERIOD] = choices.nearest(shown.period, periods, shown.as_at).name


def _head(shown: Shown, *, with_period: bool) -> None:
    """The lines under the title, and the table of the sources."""
    words = shown.standard_words
    when = f"**As at {day(shown.as_at)}** · {plain(shown.settings.area)} · {plain(words['title'])}"
    if with_period:
        running = " (so far)" if shown.period.end > shown.as_at else ""
        when += f" · {plain(shown.period.name)}: {choices.days_of(shown.period)}{running}"
    st.markdown(when)
    st.caption(
        f"Snapshot {shown.snapshot.id}, made {moment(shown.snapshot.made_at)} · {_freshness(shown.snapshot)}  \n"
        f"Standard: {plain(words['edition'])}. {plain(words['caution'] or '')}"
    )
    with st.expander("Sources and notes"):
        st.dataframe(
            _sources(shown.snapshot).to_arrow(),  # else by way of pandas, which takes ten times as long
            hide_index=True,
            alt="The sources of this snapshot: name, tables, rows, last changed",
        )
        for note in shown.snapshot.notes:
            st.text(note)
        st.markdown("The address of this page with exactly this snapshot, standard and period:")
        st.code(f"{st.context.url or ''}?{urlencode(_exactly(shown))}", language=None)


def _exactly(shown: Shown) -> dict[str, str]:
    """What the address holds, and what it leaves to be the newest, the first or the last."""
    return {
        **st.query_params.to_dict(),
        choices.SNAPSHOT: str(shown.snapshot.id),
        choices.STANDARD: shown.standard,
        choices.PERIOD: shown.period.name,
    }


def _freshness(snapshot: SnapshotInfo) -> str:
    sources = snapshot.sources
    if len(sources) <= SHOWN_BY_NAME:
        return " · ".join(f"{plain(each.name)}: {_rows(each.rows)}, {_fresh(each, snapshot)}" for each in sources)
    rows = sum(each.rows for each in sources)
    known = [each.modified for each in sources if each.modified is not None]
    if len(known) < len(sources):
        return f"{len(sources)} sources, {_rows(rows)}, read {moment(snapshot.made_at)}"
    first, last = moment(min(known)), moment(max(known))
    changed = first if first == last else f"from {first} to {last}"
    return f"{len(sources)} sources, {_rows(rows)}, last changed {changed}"


def _rows(number: int) -> str:
    return f"{number:,} row{s(number)}"


def _fresh(source: SourceFile, snapshot: SnapshotInfo) -> str:
    if source.modified is None:
        return f"read {moment(snapshot.made_at)}"
    return f"last changed {moment(source.modified)}"


def _sources(snapshot: SnapshotInfo) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Source": [each.name for each in snapshot.sources],
            "Rows": [each.rows for each in snapshot.sources],
            "How fresh": [_fresh(each, snapshot) for each in snapshot.sources],
            "Tables": [", ".join(each.tables) for each in snapshot.sources],
        },
        schema={"Source": pl.String, "Rows": pl.Int64, "How fresh": pl.String, "Tables": pl.String},
    )
