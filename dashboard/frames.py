"""The names of the frames that a refresh stores and the pages read: declared once, so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Iterable


def table(name: str) -> str:
    """A typed canonical table."""
    return f"tables/{name}"


def findings(standard: str) -> str:
    """The findings under a standard, with `since`: new, still there, or null where there was nothing to compare."""
    return f"{standard}/findings"


def resolved(standard: str) -> str:
    """The findings of the snapshot before that are no longer there."""
    return f"{standard}/resolved"


def completeness(standard: str) -> str:
    """Completeness by table, field and agency (`checks.completeness.COMPLETENESS`)."""
    return f"{standard}/completeness"


def field_quality(standard: str) -> str:
    """Completeness and validity by table, field, agency and quarter (`checks.completeness.FIELD_QUALITY`, and `period`)."""
    return f"{standard}/field_quality"


MANY_ROWS = 50_000
"""Rows of evidence of one year beyond which they are kept by quarter: to open a quarter, four times as many would be read."""


def evidence(standard: str, measure: str, period: str) -> str:
    """The evidence of a measure whose day lies in a reporting year, or in a quarter (`kpis.evidence.EVIDENCE`).

    Kept by year so that opening a figure costs the same however long the history is; by quarter, and not by year, where a
    year's are more than `MANY_ROWS`. A year or quarter in which nothing was owed has none.
    """
    return f"{standard}/evidence/{measure}/{period}"


def late_reviews(standard: str) -> str:
    """Late and coming reviews (`kpis.late_reviews.LATE_REVIEWS`)."""
    return f"{standard}/late_reviews"


def worklist(standard: str) -> str:
    """What the co-ordinator has to see to (`dashboard.worklist.WORKLIST`)."""
    return f"{standard}/worklist"


def caseload(standard: str) -> str:
    """The caseload at the end of every period (`kpis.caseload.CASELOAD`)."""
    return f"{standard}/caseload"


def flow(standard: str) -> str:
    """Stock and flow of every quarter (`kpis.flow.FLOW`)."""
    return f"{standard}/flow"


def flow_gaps(standard: str) -> str:
    """What cannot be told of the caseload over time (`kpis.level_history.GAPS`)."""
    return f"{standard}/flow_gaps"


def times_at_level(standard: str) -> str:
    """The median time at each level (`kpis.time_at_level.TIMES`)."""
    return f"{standard}/times_at_level"


def stays_at_level(standard: str) -> str:
    """The share still at each level after so many days (`kpis.time_at_level.STAYS`)."""
    return f"{standard}/stays_at_level"


def review_load(standard: str) -> str:
    """The reviews to come (`kpis.review_load.LOAD`)."""
    return f"{standard}/review_load"


def meeting_days(standard: str) -> str:
    """Cases and meeting days of the last four quarters (`kpis.review_load.MEETING_DAYS`)."""
    return f"{standard}/meeting_days"


def referrals(standard: str) -> str:
    """Referrals received in every period (`kpis.referrals.REFERRALS`)."""
    return f"{standard}/referrals"


def annual(standard: str, reporting_year: str) -> str:
    """The annual tables of a reporting year (`kpis.annual.tables.ANNUAL`)."""
    return f"{standard}/annual/{reporting_year}"


def annual_years(standard: str, names: Iterable[str]) -> list[str]:
    """The reporting years of which frames of these names hold annual tables, the newest first."""
    start = annual(standard, "")
    return sorted((name.removeprefix(start) for name in names if name.startswith(start)), reverse=True)


def results(standard: str) -> str:
    """Every result (`connectors.store.RESULTS`), as the store's own rows tell them too: pages read a frame ten times as quickly."""
    return f"{standard}/results"


def small_counts_hidden(standard: str, below: int) -> str:
    """The results by quarter that lay readers see, smaller counts hidden (`dashboard.lay_room`)."""
    return f"{standard}/small_counts_hidden/{below}"


def supplied() -> str:
    """Which columns of which canonical tables the source had (`table, field`); one row per column."""
    return "supplied"
