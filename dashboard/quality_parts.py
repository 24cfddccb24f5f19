"""The parts of the page Data quality, each drawn when its tab is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import accepted, accepting, chasing, field_quality, frames, quality
from dashboard.chrome import Shown
from dashboard.downloads import about, downloads
from dashboard.figures.shares import Share, missing_bars, shares_in_words
from dashboard.figures.style import CONFIG, DARK, LIGHT
from dashboard.reference import RULES, TABLES, WORDS
from dashboard.tables import explained, paged, table
from dashboard.text import day, plain

HOW_TO_READ_FINDINGS = (
    "One row per finding: the rule, and the file, sheet and row of the record that breaks it. A finding says where to look "
    "and never what the record holds."
)


@dataclass(frozen=True)
class Held:
    """What the snapshot holds of data quality under the standard shown; `everything`: also the findings no longer there, and how
    each stands `today`; `lost`: acceptances of findings that are not there; `newest`: decisions may be written down here."""

    outcomes: pl.DataFrame
    findings: pl.DataFrame
    everything: pl.DataFrame
    completeness: pl.DataFrame
    today: date
    lost: int
    newest: bool

    @property
    def compared(self) -> bool:
        """Whether there was a snapshot before to compare with."""
        return quality.is_compared(self.outcomes)


def held(shown: Shown) -> Held:
    """The stored frames."""
    outcomes, found = shown.rule_outcomes(), shown.frame(frames.findings(shown.standard))
    everything = quality.all_findings(found, shown.frame(frames.resolved(shown.standard)), outcomes)
    area, today = shown.settings.area, chasing.today(shown.settings)
    decided = shown.reader.store.acceptances(area)
    told = accepted.standing(everything, decided, today)
    return Held(
        outcomes,
        found,
        told,
        shown.frame(frames.completeness(shown.standard)),
        today,
        accepted.gone(told, decided, today),
        shown.reader.snapshots(area)[0].id == shown.snapshot.id,
    )


def accepted_ones(given: Held) -> None:
    """Say how many findings are accepted, and how many acceptances have run out or speak of findings that are not there."""
    said = accepted.in_words(accepted.counts(given.everything))
    if given.lost:
        some = "1 acceptance is of a finding" if given.lost == 1 else f"{given.lost:,} acceptances are of findings"
        said = f"{said} {some} that this snapshot does not hold under this standard.".strip()
    if said:
        st.markdown(said)


def not_there(given: Held) -> None:
    """On top: the tables and columns that the source does not have or that hold nothing."""
    absent = quality.absences(given.findings)
    for severity, say in (("error", st.error), ("warning", st.warning)):
        rows = absent.filter(severity=severity)
        sign = quality.SEVERITY_SIGNS[severity]
        said = [f"{sign} {plain(message)} {plain(fix)}" for message, fix in rows.select("message", "fix").iter_rows()]
        if said:
            say("  \n".join(said))


def compared_with(shown: Shown, given: Held) -> None:
    """Say what changed, and since which snapshot."""
    if not given.compared:
        st.caption(
            "There is no earlier snapshot under this standard to compare with: nothing is called new or resolved."
        )
        return
    changed = quality.changes_in_words(quality.change_counts(given.everything))
    before = next(
        (each for each in shown.reader.snapshots(shown.settings.area) if each.id == shown.snapshot.previous_id), None
    )
    named = f"snapshot {shown.snapshot.previous_id}" + (f", as at {day(before.as_at)}" if before else "")
    st.markdown(f"Since {plain(named)}: {changed}.")


def summary(shown: Shown, given: Held) -> None:
    """The six dimensions, and everything to take away."""
    st.header("The six dimensions")
    rows = quality.dimensions(given.outcomes, given.completeness)
    cards = quality.dimension_cards(rows, shown.definitions["words"])
    for of_row in (cards[:3], cards[3:]):
        for place, card in zip(st.columns(3), of_row, strict=True):
            with place.container(border=True, height="stretch"):
                st.metric(card.name, card.figure)
                st.markdown(plain(card.of))
                st.caption(plain(card.asks))
                st.caption(plain(card.rules))
    st.caption(plain(quality.HOW_COUNTED))
    st.header("Everything in one workbook")
    everything = accepted.for_files(given.everything)
    downloads(
        shown,
        "data-quality",
        lambda: everything,
        lambda: {
            "Dimensions": rows,
            "Rules": given.outcomes,
            "Findings": everything,
            "Completeness": given.completeness,
        },
        about(shown, "Data quality: dimensions, rules, findings, completeness", "everything", HOW_TO_READ_FINDINGS),
    )
    st.caption(
        "The CSV holds the findings, also those no longer there; the workbook the rules and the completeness as well."
    )


def completeness(shown: Shown, given: Held) -> None:
    """How many of the required values are given: by table, agency and field."""
    if given.completeness.is_empty():
        st.info("No table with rows has been supplied, so there is nothing to count. Check the source, then refresh.")
        return
    st.caption(
        "A value counts where it is required: always, or in the rows that the field's condition names. A column that the "
        "source does not have counts as required and not given in every row. The longer a bar, the more values are missing; "
        "above it stand how many, and how complete the rest is."
    )
    st.header("By table")
    tables = quality.by_table(given.completeness, shown.definitions["tables"])
    supplied = tables.filter(pl.col("needed").is_not_null())
    _bars(_shares(supplied, "table"), "Completeness by table")
    absent = tables.filter(pl.col("needed").is_null())
    if absent.height:
        st.text(
            "Not supplied, or without rows: "
            + ", ".join(
                f"{name} (optional)" if optional else name
                for name, optional in absent.select("table", "optional").iter_rows()
            )
            + "."
        )
    lacking = supplied.filter(pl.col("lacking").list.len() > 0)
    for name, fields in lacking.select("table", "lacking").iter_rows():
        st.text(f"Columns that {name} does not have: {', '.join(fields)}.")

    st.header("By agency")
    st.caption("Whose record a row is. Rows of tables that name no agency, and rows that leave it out, stand last.")
    agencies = quality.by_agency(given.completeness)
    _bars(_shares(agencies, "agency"), "Completeness by agency")

    st.header("By field")
    left, right = st.columns(2)
    of_table = left.selectbox(
        "Of table", supplied["table"].to_list(), index=None, placeholder="all", key="of_table", bind="query-params"
    )
    of_agency = right.selectbox(
        "Of agency", agencies["agency"].to_list(), index=None, placeholder="all", key="of_agency", bind="query-params"
    )
    complete_too = st.toggle("Fields with nothing missing too", key="complete_too", bind="query-params")
    fields = quality.by_field(given.completeness, of_table, of_agency, complete_too=complete_too)
    if fields.is_empty():
        st.info(
            "That agency has no rows in this table."
            if complete_too
            else "No required value is missing here. Turn the switch on to see the complete fields."
        )
        return
    part = paged(fields, "field_rows", "fields")
    table(
        quality.completeness_for_screen(part, {"table": "Table", "field": "Field"}),
        "Completeness by field, the least complete first",
        unbroken=("Table", "Field", "Complete"),
        links={"Field": explained(shown, about=TABLES)},
    )


def fields_and_quarters(shown: Shown, given: Held) -> None:
    """Completeness and validity side by side, by table, field, agency and quarter."""
    name = frames.field_quality(shown.standard)
    if not shown.has(name):
        st.info("This snapshot was made before validity was kept by field and quarter. Refresh, or choose a newer one.")
        return
    every = field_quality.named(shown.frame(name))
    if every.is_empty() or given.completeness.is_empty():
        st.info("No table with rows has been supplied, so there is nothing to count. Check the source, then refresh.")
        return
    st.header("Completeness and validity")
    st.caption(plain(field_quality.HOW_COUNTED))
    one, two, three, four = st.columns(4)
    group = one.selectbox("One row per", list(field_quality.GROUPS), key="one_per", bind="query-params")
    newest_first = every.sort("quarter", descending=True, nulls_last=True)["period"].unique(maintain_order=True)
    chosen = field_quality.Chosen(
        two.selectbox("Of table", _values(every, "table"), None, placeholder="all", key="q_table", bind="query-params"),
        three.selectbox(
            "Of agency",
            sorted(_values(every, "agency"), key=lambda each: (each == quality.NO_AGENCY, each)),
            None,
            placeholder="all",
            key="q_agency",
            bind="query-params",
        ),
        four.selectbox(
            "Of quarter", newest_first.to_list(), None, placeholder="all", key="q_period", bind="query-params"
        ),
    )
    counted = field_quality.chosen_rows(every, chosen)
    if counted.is_empty():
        st.info("There is no record of that agency and quarter in this table. Take a filter away to see more.")
        return
    st.markdown(f"**{plain(field_quality.together(counted))}**")
    rows = field_quality.rows_of(counted, group or "field")
    shown_rows = field_quality.for_screen(paged(rows, "quality_rows", "the table"), group or "field")
    table(
        shown_rows,
        "Completeness and validity, the most to put right first",
        unbroken=("Table", "Field", "Quarter", "Complete", "Valid"),
        links={
            "Table": explained(shown, about=TABLES),
            "Complete": explained(shown, about=WORDS, search="completeness"),
        },
    )
    downloads(
        shown,
        "completeness-and-validity",
        lambda: rows,
        lambda: {"Completeness and validity": rows},
        about(shown, "Completeness and validity", chosen.words(), field_quality.HOW_COUNTED),
    )


def rules(shown: Shown, given: Held) -> None:
    """Every rule with its status."""
    st.header("Rules")
    counts = quality.status_counts(given.outcomes)
    said = (f"{quality.STATUS_SIGNS[each]} {count:,} {quality.STATUS_WORDS[each]}" for each, count in counts.items())
    st.markdown(" · ".join(said))
    one, two, three, four = st.columns(4)
    chosen = quality.Chosen(
        statuses=_choose(one, "Status", quality.STATUSES, "status", quality.STATUS_WORDS.__getitem__),
        tables=_choose(two, "Table", _values(given.outcomes, "table"), "rules_of"),
        dimensions=_choose(three, "Dimension", quality.DIMENSIONS, "rules_on"),
        severities=_choose(four, "Severity", quality.SEVERITIES, "rules_that"),
    )
    found = quality.chosen_rules(given.outcomes, chosen)
    if found.is_empty():
        st.info("No rule has that status with these filters. Take a filter away to see more.")
        return
    part = paged(found, "rule_rows", "rules")
    table(
        quality.rules_for_screen(part, shown.definitions, given.compared),
        "Rules and their status",
        unbroken=("Status", "Severity", "Failing of rows"),
        links={
            "Rule": explained(shown, about=RULES),
            "Severity": explained(shown, about=WORDS, search="severity"),
            "Dimension": explained(shown, about=WORDS, search="data quality"),
        },
    )
    downloads(
        shown,
        "rules",
        lambda: found,
        lambda: {"Rules": found},
        about(
            shown,
            "Rules and their status",
            chosen.words(),
            "One row per rule; what could not be checked has no figures.",
        ),
    )


def findings(shown: Shown, given: Held) -> None:
    """Every finding: where it is and how to put it right."""
    st.header("Findings")
    st.caption(plain(HOW_TO_READ_FINDINGS))
    everything = given.everything
    places = st.columns(5 if given.compared else 4)
    chosen = quality.Chosen(
        tables=_choose(places[0], "Table", _values(everything, "table"), "table"),
        dimensions=_choose(places[1], "Dimension", quality.DIMENSIONS, "dimension"),
        severities=_choose(places[2], "Severity", quality.SEVERITIES, "severity"),
        standings=_choose(places[3], "Standing", quality.STANDINGS, "standing"),
        changes=_choose(places[4], "Since the last snapshot", quality.CHANGES, "since") if given.compared else (),
        rules=_choose(st.container(), "Rule", _values(everything, "rule"), "rule"),
    )
    found = quality.chosen_findings(everything, chosen)
    deciding = given.newest and st.toggle("Accept findings, or end that", key="deciding", bind="query-params")
    if found.is_empty():
        st.info(
            "No finding: every record that could be checked keeps every rule."
            if given.findings.is_empty()
            else "No finding with these filters. Take a filter away to see more."
        )
        if deciding:
            accepting.BOXES.say()
        return
    if deciding:
        accepting.decide(shown, found, given.today)
    else:
        _findings_table(shown, given, found)
    downloads(
        shown,
        "findings",
        lambda: accepted.for_files(found),
        lambda: {"Findings": accepted.for_files(found)},
        about(shown, "Findings", chosen.words(), HOW_TO_READ_FINDINGS),
    )


def _findings_table(shown: Shown, given: Held, found: pl.DataFrame) -> None:
    part = paged(found, "finding_rows", "findings")
    table(
        quality.findings_for_screen(part, given.compared),
        "Findings and where to put them right",
        unbroken=("Severity", "Table", "Record", "Where", "Since the last snapshot"),
        links={"Severity": explained(shown, about=WORDS, search="severity"), "Table": explained(shown, about=TABLES)},
    )


def _choose(
    place: DeltaGenerator, label: str, options: Sequence[str], key: str, words: Callable[[str], str] = str
) -> tuple[str, ...]:
    """A filter that leaves everything in until something is chosen; in the address stand `key` and the options' words."""
    chosen = place.multiselect(
        label, options, format_func=words, placeholder="all", wrap=True, key=key, bind="query-params"
    )
    return tuple(chosen)


def _values(frame: pl.DataFrame, column: str) -> list[str]:
    return frame[column].unique(maintain_order=True).to_list()


def _shares(frame: pl.DataFrame, label: str) -> list[Share]:
    return [Share(*row) for row in frame.select(label, "given", "needed").iter_rows()]


def _bars(shares: list[Share], title: str) -> None:
    st.plotly_chart(
        missing_bars(shares, DARK if st.context.theme.type == "dark" else LIGHT),
        config=CONFIG,
        alt=f"{title}. {shares_in_words(shares)}",
        key=title,
    )
