"""Every page's script on the large area against the same on an island of 250 cases: pages read results, so both cost alike.

Each page is run as a browser's session would run it (Streamlit's own test runner, no drawing): *first* is a new session with
nothing in memory, so that what is shown comes from the store; *again* is a further run in that session, as after a click. Of
several runs the quickest counts. Both areas are run in turn in one process. The two areas hold different records, so the answers
to compare are not the figures: both sides draw as many charts and as many tables of results, else one of them does less. A page
that fails or says that something is wrong stops the benchmark.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.refresh import refresh
from dashboard.serving import SETTINGS_VARIABLE
from dashboard.settings import load_settings
from kpis.measures import MEASURES
from tests.benchmarks.area import AS_AT, ISLAND_CASES, NATIONAL_YEARS, area_folder
from tests.benchmarks.refresh import MADE_AT, settings_file

RATIO_BOUND, LONGEST_MS = 1.5, 300.0
TIMES = 5
APP = Path(dashboard.__file__).parent / "app.py"


@dataclass(frozen=True)
class Page:
    """One page as it can be asked for: its file in `views/` and what its address says."""

    name: str
    view: str
    query: dict[str, str] = field(default_factory=dict)


def _in_period(measure: str) -> dict[str, str]:
    return {"period": BUSY} if measure in NOT_COMPARABLE_LAST else {}


NOT_COMPARABLE_LAST = frozenset({"before_release", "home_visits", "identification", "stays_long_enough"})
"""The measures opened for that quarter: in the one that ends on the as-at day the island owes nothing of them, or a single thing,
of which a page draws no chart."""

BUSY = "2023-Q3"
"""The last quarter in which the island owes several of each of them."""

PAGES = (
    Page("Board", "board"),
    *(Page(f"Board, {measure} opened", "measure", {"measure": measure, **_in_period(measure)}) for measure in MEASURES),
    Page("Late reviews", "late_reviews"),
    Page("Trends", "trends"),
    Page("Trends, attendance by agency", "trends", {"measure": "agency_attendance", "by": "unit"}),
    *(
        Page(f"Caseload over time, {part}", "caseload_over_time", {"part": part})
        for part in ("Stock and flow", "Moves between levels", "Time at a level", "Reviews to come")
    ),
    *(
        Page(f"Data quality, {part}", "data_quality", {"part": part})
        for part in ("Summary", "Completeness", "Rules", "Findings")
    ),
    Page("What if", "what_if"),
    Page("Definitions", "definitions"),
)


def run(area_folder_: Path) -> list[dict[str, Any]]:
    """Two rows of the table per page: the first run in a session, and a further one."""
    with _quiet(), tempfile.TemporaryDirectory(prefix="mappa-monitor-pages-") as kept:
        large = _stored(area_folder_, Path(kept) / "large")
        island = _stored(area_folder(ISLAND_CASES, NATIONAL_YEARS), Path(kept) / "island")
        for page in PAGES:  # imports and whatever else the process does only once
            _run(page, island)
        rows: list[dict[str, Any]] = []
        for page in PAGES:
            runs = [(_run(page, large), _run(page, island)) for _ in range(TIMES)]
            drawn_alike = all(on_large.drawn == on_island.drawn for on_large, on_island in runs)
            for which in ("first", "again"):
                ours, other = (min(getattr(pair[side], which) for pair in runs) for side in (0, 1))
                rows.append(
                    {
                        "name": f"{page.name}: {which}",
                        "ours": ours,
                        "other": other,
                        "ratio": ours / other,
                        "bound": RATIO_BOUND,
                        "same_answers": drawn_alike,
                        "unit": "ms",
                    }
                )
    slowest = max(rows, key=lambda row: row["ours"])
    return [
        *rows,
        {
            "name": f"the slowest of these ({slowest['name']})",
            "ours": slowest["ours"],
            "bound": LONGEST_MS,
            "unit": "ms",
        },
    ]


@contextmanager
def _quiet() -> Generator[None]:
    """Without what Streamlit would say at every run: that there is no browser."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _stored(source: Path, folder: Path) -> Path:
    """The settings file of an area refreshed once from `source`."""
    folder.mkdir()
    settings = settings_file(source, folder)
    refresh(load_settings(settings), AS_AT, MADE_AT)
    return settings


@dataclass(frozen=True)
class Run:
    """A page opened once: milliseconds of the `first` run and of the one `again`, and how many charts and tables it has `drawn`."""

    first: float
    again: float
    drawn: tuple[int, ...]


def _run(page: Page, settings: Path) -> Run:
    """A new session that opens the page with nothing in memory, and a further run of it; raises if the page fails.

    Which page is which Streamlit knows only once the application has run, so the session has shown another page before.
    """
    os.environ[SETTINGS_VARIABLE] = str(settings)
    session = AppTest.from_file(str(APP), default_timeout=120)
    session.run().switch_page("views/definitions.py").run().switch_page(f"views/{page.view}.py")
    for name, value in page.query.items():
        session.query_params[name] = value
    st.cache_resource.clear()
    st.cache_data.clear()
    return Run(_timed(session), _timed(session), tuple(len(session.get(kind)) for kind in ("plotly_chart", "table")))


def _timed(session: AppTest) -> float:
    start = time.perf_counter()
    session.run()
    seconds = time.perf_counter() - start
    if session.exception or session.error:
        raise RuntimeError(f"a page failed: {[each.value for each in (*session.exception, *session.error)]}")
    return seconds * 1000
