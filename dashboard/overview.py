"""The Board's quarter at a glance: every KPI on one screen, its actions, a card per measure, screening, referrals, caseload."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import board_entries, cards, choices, drawing, frames, headlines, summary, tables, words
from dashboard.cards import Card
from dashboard.chrome import OPENED, PRESENT, STYLES, VIEWS, Shown
from dashboard.figures.counts import caseload_bars, caseload_bars_alt, count_bars, count_bars_alt
from dashboard.text import day, plain, s

_REFERRALS = {"source_agency": "By referring agency", "concern": "By concern", "route": "By route"}


def draw(shown: Shown) -> None:
    """The whole page."""
    before = choices.before(shown.period, shown.periods)
    made = cards.cards(shown.results(), shown.definitions, shown.standard, shown.period, before)
    asked = [card for card in made if card.row["verdict"] != "not in this standard"]
    targets = [card for card in asked if card.row["target"] is not None]
    _summary(shown, asked)
    _actions(shown)
    st.header("Measures with a target")
    _tally(targets)
    _cards(shown, targets)
    others = [card for card in asked if card.row["target"] is None and not card.is_further]
    if others:
        st.header("Measures without a target")
        _cards(shown, others)
    _further(shown, [card for card in asked if card.is_further])
    elsewhere = [card.words["title"] for card in made if card.row["verdict"] == "not in this standard"]
    if elsewhere:
        st.markdown(f"**Not in this standard:** {plain('; '.join(elsewhere))}.")
    _screening(shown)
    _referrals(shown)
    _caseload(shown)


def _summary(shown: Shown, made: Sequence[Card]) -> None:
    """Every KPI on one screen, and the ways on: to present it, to write beside it."""
    so_far = shown.period.end > shown.as_at
    st.header(plain(headlines.quarter(made, shown.period.name, so_far=so_far)), anchor=False)
    with st.container(horizontal=True):
        st.page_link(
            VIEWS / f"{PRESENT}.py",
            label=":primary[**Present it screen by screen**] →",
            query_params=shown.link(**{choices.PERIOD: shown.period.name, choices.STANDARD: shown.standard}),
        )
        st.page_link(
            VIEWS / "prepare_the_board.py",
            label=":primary[**Write commentary and actions**] →",
            query_params=shown.link(),
        )
        st.page_link(VIEWS / "board_pack.py", label=":primary[**Take the pack along**] →", query_params=shown.link())
    written = board_entries.standing(
        shown.reader.store.commentary(shown.settings.area, shown.standard, shown.period.name)
    )
    told = summary.lines(made, shown.results(), shown.period, shown.periods, written)
    addresses = {line.card.measure: f"{OPENED}?{urlencode(shown.link(**{OPENED: line.card.measure}))}" for line in told}
    st.html(STYLES / "summary.css")
    st.html(summary.table(told, drawing.look(), addresses, shown.snapshot.id, shown.period))
    st.caption(
        f"{drawing.source_line(shown)} Trend: a dot per period, the last one larger, the dashed line the target; an upright "
        "line runs to the best that a figure could be where records are missing, and a gap is a period in which nothing was due."
    )


def _actions(shown: Shown) -> None:
    st.header("Actions of the Board")
    until = shown.period.end
    actions = board_entries.on_screen(shown.reader.store.board_actions(shown.settings.area), until, shown.as_at)
    if not actions:
        st.markdown("No action is open. Actions are raised on the page “Prepare the Board”.")
        return
    st.markdown(f"{plain(board_entries.actions_sentence(actions, shown.as_at))}.")
    titles = {name: str(declared["title"]) for name, declared in shown.definitions["measures"].items()}
    st.html(summary.actions_table(actions, titles, until, shown.as_at))


def _tally(made: Sequence[Card]) -> None:
    """How many targets are met, in one line."""
    if not made:
        st.markdown("The standard sets no target, and the area has adopted none.")
        return
    counts = [(said, sum(card.row["verdict"] == said for card in made)) for said in words.SIGNS]
    said = " · ".join(f"{words.verdict(name)}: {count} of {len(made)}" for name, count in counts if count)
    st.markdown(f"**{said}**")


def _cards(shown: Shown, made: Sequence[Card]) -> None:
    with st.grid(min_column_width=400):
        for card in made:
            with st.container(border=True, height="stretch", key=f"card {card.measure}"):
                draw_card(shown, card)
                _opens(shown, card, ":primary[**Open the breakdown and every row**] →")


def _further(shown: Shown, made: Sequence[Card]) -> None:
    """The further measures, a table for each theme, each opening to its breakdown and rows."""
    if not made:
        return
    st.header("Further measures of the guidance")
    st.markdown(
        "What else the guidance asks for. No target is set for these; each opens, below its table, to its breakdown and every row."
    )
    for theme in dict.fromkeys(str(card.words["theme"]) for card in made):
        st.subheader(plain(theme), anchor=False)
        of_theme = [card for card in made if card.words["theme"] == theme]
        rows = cards.further_table(of_theme)
        tables.table(rows, f"Further measures: {theme}", links={"Measure": tables.explained(shown)})
        # A link in a table's cell would open another tab, and the browser's Back would not lead here.
        with st.container(horizontal=True, key=f"open {theme}"):
            for card in of_theme:
                _opens(shown, card, f":primary[{plain(card.words['title'])}] →")
    st.caption(f"{drawing.source_line(shown)} Every figure is a sum over the rows beneath it.")


def _opens(shown: Shown, card: Card, label: str) -> None:
    """A link to the measure opened, in the same snapshot, standard and period."""
    st.page_link(VIEWS / f"{OPENED}.py", label=label, query_params=shown.link(**{OPENED: card.measure}))


def draw_card(shown: Shown, card: Card, *, with_title: bool = True) -> None:
    """Figure, n of N, target, verdict, change, and how sure all this is."""
    row = card.row
    if with_title:
        st.subheader(plain(card.words["title"]), anchor=False)
    if not card.has_figure:
        st.markdown(f"**{words.verdict(row['verdict'])}**")
        if row["target"] is not None:
            st.markdown(card.target)
        st.markdown(words.why_none(row["verdict"], plain(shown.period.name)))
        if row["verdict"] == "nothing due":
            st.markdown(words.change(row, card.before, plain(card.before_name)))
        return
    st.metric(f"{words.of(row['met'], row['owed'])} {card.counted}", words.percent(row["rate"]))
    st.markdown(f"**{words.verdict(row['verdict'])}.** {card.target if row['target'] is not None else ''}".strip())
    below = words.just_below(row["rate"], row["target"], row["verdict"])
    lines = [
        below,
        words.units_met(card.units, card.words["unit"]),
        words.change(row, card.before, plain(card.before_name)),
    ]
    if card.by_review is not None and card.by_review["owed"]:
        review = card.by_review
        lines.append(f"By {plain(card.words['unit'])}: {words.rate_of(review)}.")
    for line in lines:
        if line:
            st.markdown(line)
    st.caption(f"{words.assurance(row, card.record)} {words.interval(row)}")


def _screening(shown: Shown) -> None:
    st.header("Screening")
    declared = shown.definitions["measures"].get("screening_outcomes")
    if declared is None:
        return
    rows = cards.breakdown(shown.results(), "screening_outcomes", shown.period, cards.UNIT)
    if rows.is_empty():
        st.markdown("Not supplied: the source holds no meetings.")
        return
    if not rows["owed"].sum():
        st.markdown(f"No screening meeting was held in {plain(shown.period.name)}.")
        return
    ordered = cards.in_order(rows, declared["counts"])
    names = cards.unit_names(cards.UNIT, declared, {})
    counts = ordered.select(name=pl.col("unit").replace(names), number="owed")
    st.markdown(
        f"{counts['number'].sum():,} screening meetings were held in {plain(shown.period.name)}, with these outcomes."
    )
    left, right = st.columns([3, 2])
    with left:
        drawing.chart(
            count_bars(counts, drawing.look()),
            count_bars_alt(counts, "screening meetings by outcome"),
            shown,
            "Each screening counts once, by the level that it decided on.",
            key="chart screening",
        )
    with right:
        drawing.table(_with_total(counts, "Outcome", "Screenings"), "Screening meetings by outcome")


def _with_total(counts: pl.DataFrame, name: str, number: str) -> pl.DataFrame:
    total = pl.DataFrame({"name": ["Total"], "number": [counts["number"].sum()]}, schema=counts.schema)
    return pl.concat([counts, total]).rename({"name": name, "number": number})


def _referrals(shown: Shown) -> None:
    st.header("Referrals")
    name = frames.referrals(shown.standard)
    stored = shown.frame(name) if shown.has(name) else None
    if stored is None or stored.is_empty():
        st.markdown("Not supplied: the source holds no dated referrals.")
        return
    now = stored.filter(period=shown.period.name)
    before = choices.before(shown.period, shown.periods)
    total = int(now.filter(by="route")["referrals"].sum())
    then = None if before is None else int(stored.filter(period=before.name, by="route")["referrals"].sum())
    compared = words.count_change(total, then, f"in {before.name}" if before else "")
    said = f"{total:,} referral{s(total)} received in {plain(shown.period.name)}"
    st.markdown(f"{said}, {plain(compared)}." if compared else f"{said}.")
    if not total:
        return
    for column, (by, title) in zip(st.columns(3), _REFERRALS.items(), strict=True):
        with column:
            st.subheader(title, anchor=False)
            counts = now.filter(by=by).select(name="name", number="referrals")
            drawing.table(
                _with_total(counts, title.removeprefix("By ").capitalize(), "Referrals"), f"Referrals {title}"
            )
    st.caption(f"{drawing.source_line(shown)} A referral belongs to the period in which it was received.")


def _caseload(shown: Shown) -> None:
    st.header("Caseload")
    on = min(shown.period.end, shown.as_at)
    name = frames.caseload(shown.standard)
    stored = shown.frame(name) if shown.has(name) else None
    categories = cards.category_names(shown.standard_words, on)
    rows = pl.DataFrame() if stored is None else cards.caseload_table(stored, on, categories)
    if stored is None or rows.is_empty():
        known = stored is not None and not stored.is_empty()
        st.markdown(
            f"No case was under management on {day(on)}." if known else "Not supplied: the source holds no cases."
        )
        return
    total = rows["Total"][-1]
    before = choices.before(shown.period, shown.periods)
    then = None if before is None else int(stored.filter(on=before.end)["cases"].sum())
    compared = words.count_change(total, then, f"on {day(before.end)}" if before else "")
    st.markdown(f"{total:,} cases under management at the end of {day(on)}{f', {compared}' if compared else ''}.")
    levels = [each for each in rows.columns if each not in {"Category", "Total"}]
    left, right = st.columns([3, 2])
    with left:
        drawing.chart(
            caseload_bars(rows, levels, drawing.look()),
            caseload_bars_alt(rows, levels),
            shown,
            "Each case counts once, at the level it was at on that day. Categories that the standard lacks are left out.",
            key="chart caseload",
        )
    with right:
        drawing.table(rows, f"Cases by category and level at the end of {day(on)}")
