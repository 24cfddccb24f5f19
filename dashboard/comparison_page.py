"""The page *Comparison*: own figures beside published ones, with their counts and what makes them not comparable (`?beside=`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import streamlit as st

from dashboard import choices, drawing, frames, published
from dashboard.chrome import VIEWS, Shown, choose
from dashboard.figures.pairs import pair_bars, pair_bars_alt
from dashboard.published import PublishedReport
from dashboard.reference import in_force
from dashboard.text import day, plain
from dashboard.words import NBSP, percent
from kpis.published.compare import Compared, Figure, Report, compare, compare_rates, report_of, shared_remarks
from kpis.published.comparisons import Comparison, comparisons
from kpis.published.own import own_facts, own_figures

BESIDE = "beside"
NOT_PRINTED = "not printed"
MARK = "◐"
"""Beside what is not like for like."""


def draw(shown: Shown) -> None:
    """The whole page."""
    st.markdown(
        "Your own figures beside those that others, or you in earlier years, have published: as shares or per "
        "100,000, always with their counts. Two areas seldom count alike; what differs stands under each table."
    )
    reports = published.shipped_reports()
    asked = st.query_params.get(BESIDE)
    if asked is not None and asked not in reports:
        st.warning(plain(f"The address asks for a report {asked}, which is not here."))
    chosen = reports.get(asked or "") or next(iter(reports.values()))
    choose("Beside", BESIDE, chosen.key, {key: each.name for key, each in reports.items()})
    _period(shown)
    own, other = _own(shown), _other(chosen)
    declared = comparisons()
    rate = compare_rates(declared.rate, own, other, declared)
    held = {each.id: compare(each, own, other, declared) for each in declared.comparison}
    shared = shared_remarks([each for each in (rate, *held.values()) if each is not None])
    if shared:
        _remarks(shared, "all that follows")
    if rate is not None:
        _rate(rate, shared, own, other, shown)
    absent = [_why_none(each, own, other) for each in declared.comparison if held[each.id] is None]
    if rate is None:
        absent.append(f"{declared.rate.title}: one of the two gives neither a rate nor a count with a population.")
    for comparison in declared.comparison:
        compared = held[comparison.id]
        if compared is not None:
            _comparison(comparison, compared, shared, (own, other), shown)
    if absent:
        st.header("Not to be set side by side")
        st.markdown("\n".join(f"- {each}" for each in absent))
    titles = {short: source.title for short, source in declared.sources.items()}
    named = published.in_words(chosen.figures, titles)
    said = "; ".join(f"{plain(short)}, {plain(title)}" for short, title in named.items())
    st.caption(f"Published figures: {said}, as printed. Own figures: {drawing.source_line(shown)}")


def _period(shown: Shown) -> None:
    """A report tells of a year: where a quarter is chosen, the way to its year."""
    if shown.period.kind == "year":
        return
    years = [each for each in shown.periods if each.kind == "year"]
    year = next((each for each in years if each.start <= shown.period.start and shown.period.end <= each.end), None)
    st.info(
        f"A published report tells of a year, and {plain(shown.period.name)} is a quarter: counts are smaller, and "
        "shares move more. Choose a year at the side."
    )
    if year is not None:
        st.page_link(
            VIEWS / "comparison.py",
            label=f"Show the year {year.name} instead",
            query_params={**shown.link(**{choices.PERIOD: year.name}), **_beside()},
        )


def _beside() -> dict[str, str]:
    return {BESIDE: st.query_params[BESIDE]} if BESIDE in st.query_params else {}


def _own(shown: Shown) -> Report:
    """The snapshot's own figures of the chosen period."""

    def stored(name: str) -> pl.DataFrame | None:
        return shown.frame(name) if shown.has(name) else None

    standard = shown.standard_words
    on = min(shown.period.end, shown.as_at)
    figures = own_figures(
        shown.settings.area,
        shown.period,
        on,
        stored(frames.caseload(shown.standard)),
        stored(frames.referrals(shown.standard)),
        shown.results(),
        stored(frames.table("population")),
        in_force(standard["figures"].get("categories"), on) or (),
    )
    return Report(
        f"{shown.settings.area} {shown.period.name}",
        shown.period.name,
        figures,
        own_facts({name: in_force(figure, on) for name, figure in standard["figures"].items()}),
        f"“{standard['edition']}”",
        at_end_of=_ended(shown, on),
    )


def _ended(shown: Shown, on: date) -> str:
    """The reporting year that a day ends, or the day."""
    return next((each.name for each in shown.periods if each.kind == "year" and each.end == on), day(on))


def _other(chosen: PublishedReport) -> Report:
    area, year = chosen.figures.row(0)[:2]
    return report_of(chosen.figures, area, year, comparisons(), chosen.checked.findings)


def _why_none(comparison: Comparison, own: Report, other: Report) -> str:
    missing = [
        plain(side.name)
        for side in (own, other)
        if not side.figures["table"].str.to_lowercase().is_in([comparison.table]).any()
    ]
    who = " and ".join(missing) or "one of the two, in these rows"
    return f"{comparison.title}: not given by {who}."


def _comparison(
    comparison: Comparison, compared: Compared, shared: Sequence[str], sides: tuple[Report, Report], shown: Shown
) -> None:
    own, other = sides
    st.header(comparison.title)
    when = (
        f"At the end of {day(min(shown.period.end, shown.as_at))} for {plain(own.name)}. "
        if comparison.at == "day"
        else ""
    )
    st.markdown(f"{comparison.sentence} {when}")
    labels = [_label(pair.label) for pair in compared.pairs]
    names = (own.name, other.name)
    shares = [(pair.own.share, pair.other.share) for pair in compared.pairs]
    left, right = st.columns([2, 3])
    with left:
        drawing.chart(
            pair_bars(labels, names, shares, drawing.look()),
            pair_bars_alt(labels, names, shares),
            shown,
            f"{other.name}: figures as printed. {comparison.how}",
            key=f"chart {comparison.id}",
        )
    with right:
        rows = {
            comparison.heading: [
                f"{label} {MARK}" if pair.remarks else label for label, pair in zip(labels, compared.pairs, strict=True)
            ],
            own.name: [_in_words(pair.own) for pair in compared.pairs],
            other.name if other.name != own.name else f"{other.name} (published)": [
                _in_words(pair.other) for pair in compared.pairs
            ],
        }
        drawing.table(pl.DataFrame(rows), f"{comparison.title}: {own.name} beside {other.name}")
    _more(compared, shared, "every row")


def _remarks(remarks: Sequence[str], of: str) -> None:
    said = "\n".join(f"- {plain(each)}" for each in remarks)
    st.markdown(f"{MARK} **Not like for like, in {of}:**\n\n{said}")


def _more(compared: Compared, shared: Sequence[str], of: str) -> None:
    """What is not said above for everything already: of every row, then of some, each remark once with its rows."""
    mine = [each for each in compared.remarks if each not in shared]
    if mine:
        _remarks(mine, of)
    rows: dict[str, list[str]] = {}
    for pair in compared.pairs:
        for remark in pair.remarks:
            rows.setdefault(remark, []).append(_label(pair.label))
    if rows:
        said = "\n".join(f"- **{plain(', '.join(labels))}.** {plain(remark)}" for remark, labels in rows.items())
        st.markdown(f"{MARK} **Not like for like, in the rows named:**\n\n{said}")
    if not (mine or rows or shared):
        st.markdown("✓ Nothing is known that makes the two count differently.")


def _rate(compared: Compared, shared: Sequence[str], own: Report, other: Report, shown: Shown) -> None:
    rate = comparisons().rate
    st.header(rate.title)
    st.markdown(f"{rate.sentence} {rate.how}")
    pair = compared.pairs[0]
    table = pl.DataFrame(
        {
            "Report": [own.name, other.name],
            "Per 100,000": [_per(pair.own), _per(pair.other)],
            "Cases": [_count(pair.own.n), _count(pair.other.n)],
            "People aged 10 and over": [_count(pair.own.of), _count(pair.other.of)],
        }
    )
    drawing.table(table, f"{rate.title}: {own.name} beside {other.name}")
    st.caption(f"{drawing.source_line(shown)} {plain(other.name)}: figures as printed.")
    _more(compared, shared, "this rate")


def _per(figure: Figure) -> str:
    """The rate: as printed, or to one decimal where it is made here."""
    if figure.rate is None:
        return NOT_PRINTED
    made_here = figure.n is not None and bool(figure.of) and figure.rate != round(figure.rate)
    return f"{figure.rate:,.1f}" if made_here else f"{figure.rate:,.0f}"


def _count(number: int | None) -> str:
    return NOT_PRINTED if number is None else f"{number:,}"


def _in_words(figure: Figure) -> str:
    """A share with its counts: 76.8 % (189 of 246)."""
    if figure.n is None:
        return NOT_PRINTED
    if figure.of == 0:
        return "no cases"
    if figure.of is None:
        return f"{figure.n:,} of {NOT_PRINTED}"
    return f"{percent(figure.share)} ({figure.n:,}{NBSP}of{NBSP}{figure.of:,})"


def _label(label: str) -> str:
    return label.upper() if label == "pdp" else label[:1].upper() + label[1:]
