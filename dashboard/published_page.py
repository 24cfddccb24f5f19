"""The page *Published reports*: a report's tables as printed, and beside each what does not add up (`?report=`)."""

from __future__ import annotations

import streamlit as st

from checks.errors import MappaError
from connectors.published import read
from dashboard import drawing, exports, published
from dashboard.chrome import choose
from dashboard.published import PrintedTable, PublishedReport
from dashboard.text import plain
from kpis.published.comparisons import comparisons
from kpis.published.identities import identities

REPORT = "report"
OWN = "file-"
"""What the names of reports in one's own file begin with."""

LARGEST_FILE = 2
"""Megabytes."""

MOST_FIGURES = 5_000
"""Of a file on the page; the command takes more."""

_UPLOAD = "published file"
_FIRST = "jersey-2023"


def draw() -> None:
    """The whole page; it needs no snapshot."""
    st.markdown(
        "Annual reports print tables with totals. Here every total, every part of something, and every start, "
        "in, out and end of a published report is added up again."
    )
    own = _uploaded()
    reports = {**own, **published.shipped_reports()}
    asked = st.query_params.get(REPORT, next(iter(own), _FIRST))
    if asked not in reports and not asked.startswith(OWN):
        st.warning(plain(f"The address asks for a report {asked}, which is not here."))
    chosen = reports.get(asked) or next(iter(own.values()), reports[_FIRST])
    choose(
        "Report",
        REPORT,
        chosen.key,
        {key: f"{each.name} (your file)" if key in own else each.name for key, each in reports.items()},
    )
    st.header(plain(chosen.name))
    _summary(chosen, from_file=chosen.key in own)
    for table in published.printed_tables(chosen):
        _table(table, chosen)
    _found_in_text(chosen)
    _not_compared()
    _source(chosen, from_file=chosen.key in own)


def _uploaded() -> dict[str, PublishedReport]:
    """The reports of one's own file: read in memory, for as long as this page is open."""
    with st.expander("Check a report of your own", expanded=st.session_state.get(_UPLOAD) is not None):
        st.markdown(
            "A CSV file with the columns area, reporting_year, table, row, column and value: one row for each "
            "printed figure, `total` for the row or column that is a sum. The file is read in memory to be "
            "checked; nothing of it is stored. Download a report below to see how one is written."
        )
        file = st.file_uploader(
            "CSV file of published figures",
            type="csv",
            key=_UPLOAD,
            max_upload_size=LARGEST_FILE,
            on_change=_forget_choice,
        )
        if file is None:
            return {}
        try:
            return published.reports_of(read(file.getvalue(), file.name, MOST_FIGURES), OWN)
        except MappaError as error:
            st.error(f"✗ The file could not be checked. {plain(str(error))}")
            return {}


def _forget_choice() -> None:
    """A new file is what is to be shown; one that is gone no longer can be."""
    st.query_params.pop(REPORT, None)


def _summary(report: PublishedReport, *, from_file: bool) -> None:
    checked = report.checked
    said = f"**{published.tally(report)}.** {published.coverage(report)}"
    if not checked.checks:
        st.warning("◐ Nothing could be checked: no total stands beside its parts, and no other relation is known.")
    elif checked.has_errors:
        st.error(said)
    elif checked.findings.height:
        st.warning(said)
    else:
        st.success(said)
    if not from_file and checked.findings.height:
        st.caption("The figures are shown as printed; it is not known here which of them is wrong.")


def _table(table: PrintedTable, report: PublishedReport) -> None:
    st.subheader(plain(table.name[:1].upper() + table.name[1:]), anchor=False)
    left, right = st.columns([3, 2])
    with left:
        drawing.table(table.frame, f"{table.name}, {report.name}, as printed")
    with right:
        for said, message, reason, cite in table.said:
            show = st.error if said == published.SAID["error"] else st.warning
            cited = f" ({plain(cite)})" if cite else ""
            show(f"**{said}.** {plain(message)}  \n{plain(reason)}{cited}")
        for message in table.unchecked:
            st.markdown(f"◐ Not checked. {plain(message)}")
        if not table.said:
            _all_well(table, report)


def _all_well(table: PrintedTable, report: PublishedReport) -> None:
    held = sum(name == table.name for _, _, name, _, _ in report.checked.at)
    if held:
        st.markdown(f"✓ Adds up: {held:,} of its figures stand in a check.")
    elif not table.unchecked:
        st.markdown("– Nothing to add up: no total, and no other figure that it must agree with.")


def _found_in_text(report: PublishedReport) -> None:
    """What was found by reading, not by adding up."""
    sources = comparisons().sources
    notes = [note for short in report.sources if short in sources for note in sources[short].notes]
    if notes:
        st.subheader("Found in the text of the report", anchor=False)
        st.markdown("Somebody has read this; it is not worked out from the tables.")
        st.markdown("\n".join(f"- ◐ {plain(note)}" for note in notes))


def _not_compared() -> None:
    with st.expander("What is not held against each other, and why"):
        for each in identities().not_compared:
            st.markdown(f"**{plain(each.what)}.** {plain(each.reason)} ({plain(each.cite)})")


def _source(report: PublishedReport, *, from_file: bool) -> None:
    titles = {short: source.title for short, source in comparisons().sources.items()}
    named = published.in_words(report.figures, titles)
    if from_file:
        st.caption("Source: your file, read in memory; nothing of it is stored.")
    else:
        said = "; ".join(f"{plain(short)}, {plain(title)}" for short, title in named.items())
        st.caption(f"Source: {said}. Figures as printed. ✗ and ◐ mark the figures that a finding rests on.")
    st.download_button(
        "Download these figures (CSV)",
        lambda: exports.csv_bytes(published.as_file(report.figures)),
        file_name="published-figures.csv" if from_file else f"published_{report.key}.csv",
        mime="text/csv",
        key="published csv",
        on_click="ignore",
    )
