"""The page *Caseload over time*: stock and flow, moves between levels, time at a level, reviews to come (`?part=&category=`)."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import cards, drawing, flows, frames, tables
from dashboard.chrome import Shown, choose
from dashboard.figures.moves import move_flow, move_flow_alt
from dashboard.figures.stacks import count_stacks, count_stacks_alt
from dashboard.figures.stays import stay_lines, stay_lines_alt
from dashboard.reference import WORDS
from dashboard.text import day, plain
from dashboard.trends import LONGEST
from kpis.level_history import HISTORY_ABSENT
from kpis.review_load import places

CATEGORY, ALL = "category", "all"

OLD = "This snapshot was made before these figures were kept. Refresh to make a new one, or choose a newer one at the side."
NO_CASES = (
    "Not supplied: the source holds no cases, or not their category, level and day of entry. Put them into the source, and "
    "refresh."
)
NO_HISTORY = (
    "Not supplied: the source holds no history of levels, neither spells nor meetings with their outcomes. Put one of them into "
    "the source, and refresh."
)
NO_REVIEWS = (
    "Not supplied: the records do not tell when reviews were held, so no due day is known. It takes meetings with their day and "
    "kind, and spells or the meetings' outcomes."
)


def draw(shown: Shown) -> None:
    """The whole page; only the part that is open is worked out."""
    if not shown.has(frames.flow(shown.standard)):
        st.info(OLD)
        return
    drawn = {
        "Stock and flow": _stock,
        "Moves between levels": _moves,
        "Time at a level": _times,
        "Reviews to come": _load,
    }
    for tab, part in zip(st.tabs(list(drawn), key="part", bind="query-params"), drawn.values(), strict=True):
        if tab.open:
            with tab:
                part(shown)


def _stored(shown: Shown) -> pl.DataFrame:
    return shown.frame(frames.flow(shown.standard))


def _quarters(shown: Shown) -> list[str]:
    """The quarters of the chosen period, oldest first."""
    inside = [
        each
        for each in shown.periods
        if each.kind == "quarter" and shown.period.start <= each.start and each.end <= shown.period.end
    ]
    return [each.name for each in sorted(inside)]


def _of_category(shown: Shown, flow: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The flow of the category that the address asks for, and its name in a sentence."""
    names = flows.category_options(flow, cards.category_names(shown.standard_words))
    asked = st.query_params.get(CATEGORY, ALL)
    chosen = asked if asked in names else ALL
    if asked != chosen:
        st.warning(plain(f"There is no category {asked} here; all are shown."))
    choose("Category", CATEGORY, chosen, {ALL: "All categories", **names})
    if chosen == ALL:
        return flow, "all categories"
    return flow.filter(pl.col("category") == chosen), f"category {names[chosen]}"


def _running(shown: Shown) -> bool:
    return shown.period.end > shown.as_at


def _not_known(shown: Shown, rows: pl.DataFrame) -> None:
    st.subheader("What cannot be known", anchor=False)
    said = flows.not_known(shown.frame(frames.flow_gaps(shown.standard)), rows)
    st.markdown("\n".join(f"- {plain(each)}" for each in said))


def _stock(shown: Shown) -> None:
    st.header("Stock and flow", anchor=False)
    everything = _stored(shown)
    if everything.is_empty():
        st.markdown(NO_CASES)
        return
    flow, of = _of_category(shown, everything)
    rows = flows.of_period(flow, _quarters(shown))
    st.markdown(f"**Cases, {plain(of)}: {plain(flows.headline(rows, shown.period.name, _running(shown)))}**")
    by_level = flows.by_level(rows)
    links = {"Level": tables.explained(shown, about=WORDS, search="level")}
    tables.table(by_level, f"Cases by level in {shown.period.name}, {of}", by_level.columns, links)
    extra = " + not told" if "Not told" in by_level.columns else ""
    st.caption(
        f"{drawing.source_line(shown)} At start + entered + from other levels{extra} − to other levels − left = at end. The start "
        "is the end of the day before the period; who leaves on a day is gone at its end."
    )
    st.subheader("By category", anchor=False)
    by_category = flows.by_category(
        flows.of_period(everything, _quarters(shown)), cards.category_names(shown.standard_words)
    )
    tables.table(
        by_category,
        f"Cases by category in {shown.period.name}",
        links={"Category": tables.explained(shown, about=WORDS, search="category")},
    )
    st.caption(
        f"{drawing.source_line(shown)} At start + entered − left = at end. Moves between levels change no category."
    )
    st.subheader("Quarter by quarter", anchor=False)
    quarters = sorted({each.start: each.name for each in shown.periods if each.kind == "quarter"}.items())
    names = [name for _, name in quarters][-LONGEST:]
    series = flows.stock_series(flow.filter(pl.col("period").is_in(names)))
    left, right = st.columns([3, 2])
    with left:
        drawing.chart(
            count_stacks(series, names, drawing.look())
            if series
            else count_stacks([("Cases", _none())], names, drawing.look()),
            _stock_alt(flow, names, of),
            shown,
            f"Each column is a quarter: the cases at the end of its last day, by level. Shown: {of}. "
            "On the as-at date a case counts at the level of its own record, before at the one its history tells.",
            key="chart stock",
        )
    with right:
        drawing.long_table(flows.by_quarter(flow, names), f"Stock and flow by quarter, {of}", key="stock")
        drawing.downloads(
            lambda: everything,
            f"stock-and-flow-{shown.standard}",
            drawing.about(shown, "Stock and flow by quarter, category and level"),
            shown,
            key="stock",
            what="quarters",
        )
    _not_known(shown, rows)


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"period": pl.String, "owed": pl.Int64})


def _stock_alt(flow: pl.DataFrame, names: list[str], of: str) -> str:
    ends = flows.by_quarter(flow, names)
    first, last = ends.row(-1, named=True), ends.row(0, named=True)
    return (
        f"Column chart of cases by level at the end of each quarter, {of}. All levels: {first['At end']:,} in {first['Quarter']}, "
        f"{last['At end']:,} in {last['Quarter']}."
    )


def _moves(shown: Shown) -> None:
    st.header("Moves between levels", anchor=False)
    everything = _stored(shown)
    if everything.is_empty():
        st.markdown(NO_CASES)
        return
    gaps = shown.frame(frames.flow_gaps(shown.standard))
    if gaps["what"].eq(HISTORY_ABSENT).any():
        st.markdown(NO_HISTORY)
        return
    flow, of = _of_category(shown, everything)
    rows = flows.of_period(flow, _quarters(shown))
    st.markdown(f"**Cases, {plain(of)}: {plain(flows.headline(rows, shown.period.name, _running(shown)))}**")
    moved = flows.moves(rows)
    if moved.is_empty():
        st.markdown(f"Nobody entered, moved or left in {plain(shown.period.name)}.")
    else:
        left, right = st.columns([3, 2])
        what = f"cases that entered, moved between levels or left in {shown.period.name}, {of}"
        with left:
            drawing.chart(
                move_flow(moved, flows.move_names(rows), drawing.look()),
                move_flow_alt(moved, what),
                shown,
                "From the left, where cases came from, to the right, where they went; a band is as thick as the number of "
                "cases. Every move counts, so a case that moved twice is in two bands. Who stayed where they were is not drawn.",
                key="chart moves",
            )
        with right:
            named = moved.rename({"before": "From", "after": "To", "number": "Cases"})
            drawing.table(named, what.capitalize())
    _not_known(shown, rows)


def _times(shown: Shown) -> None:
    st.header("Time at a level", anchor=False)
    times = shown.frame(frames.times_at_level(shown.standard))
    if times.is_empty():
        st.markdown(NO_HISTORY)
        return
    stays = shown.frame(frames.stays_at_level(shown.standard))
    said = flows.times_in_words(times)
    st.markdown(
        f"From all records up to {day(shown.as_at)}, whatever the period:\n"
        + "\n".join(f"- {plain(each)}" for each in said)
    )
    series = [
        (flows.level_name(level), stays.filter(level=level)) for level in times.filter(pl.col("spells") > 0)["level"]
    ]
    if series:
        drawing.chart(
            stay_lines(series, drawing.look()),
            stay_lines_alt(said),
            shown,
            "Each line falls as spells end: where it stands at 50 % (dashed), half have left the level. Cases still there count "
            "for as long as they have been (Kaplan–Meier). The pale band is the 95 % interval; a wide one, and a line that "
            "rests on few at risk, says little.",
            key="chart times",
        )
    tables.table(
        flows.times_table(times),
        "Median time at each level",
        ["Level"],
        links={"Level": tables.explained(shown, about=WORDS, search="spell")},
    )
    st.caption(
        "A spell ends when the case moves to another level or leaves, wherever it lives. Left out: spells that were running "
        "before the history of management begins, as nobody can tell when they began. The interval of the median follows "
        "Brookmeyer and Crowley."
    )
    table = flows.stays_table(stays)
    if not table.is_empty():
        st.subheader("Still there after", anchor=False)
        tables.table(table, "Share still at each level after set times, with how many are at risk", ["Level", "After"])
        st.caption(
            f"{drawing.source_line(shown)} At risk: the spells that lasted at least so long, ended or not. The share is an "
            "estimate, no count: those not seen for so long yet are neither taken to have stayed nor to have left."
        )


def _load(shown: Shown) -> None:
    st.header("Reviews to come", anchor=False)
    load = shown.frame(frames.review_load(shown.standard))
    if load["month"].drop_nulls().is_empty():
        st.markdown(NO_REVIEWS)
        return
    load = flows.without_idle_start(load)
    st.markdown(f"**As at {day(shown.as_at)}: {plain(flows.load_in_words(load))}**")
    st.markdown(plain(flows.ASSUMED))
    no_date = flows.no_date_in_words(load)
    if no_date:
        st.info(plain(no_date))
    columns = flows.load_columns(load)
    series = flows.load_series(load)
    left, right = st.columns([3, 2])
    with left:
        drawing.chart(
            count_stacks(
                series,
                [key for key, _ in columns],
                drawing.look(),
                labels=[name for _, name in columns],
            ),
            count_stacks_alt(series, "reviews overdue and to come").replace(
                "by quarter. Over all quarters", "by month. Together"
            ),
            shown,
            "Each column is a month of the rest of this quarter and the next two; the first is what is overdue now.",
            key="chart load",
        )
    with right:
        tables.table(
            flows.load_table(load),
            "Reviews overdue and to come, by month and level",
            ["When"],
            {"When": tables.explained(shown, about=WORDS, search="review clock")},
        )
        st.caption(
            "Assumed: due again only if the review before is held as assumed. The others stand in the records now."
        )
    st.subheader("Meeting days that this takes", anchor=False)
    held = shown.frame(frames.meeting_days(shown.standard))
    needed = places(load, held)
    if needed.is_empty():
        st.markdown("Cannot be told: of levels 2 and 3 the records do not tell when reviews were held.")
        return
    idle = flows.idle_levels(needed)
    if idle:
        st.markdown(f"No review is due at {plain(' and '.join(idle).lower())}.")
    table = flows.places_table(needed)
    if not table.is_empty():
        tables.table(
            table,
            "Meeting days needed at levels 2 and 3",
            ["Level", "When"],
            {"Level": tables.explained(shown, about=WORDS, search="level")},
        )
    st.caption(
        f"{drawing.source_line(shown)} Reviews divided by the mean number of cases on a meeting day of the level in the last four "
        "complete quarters, first meetings among them, rounded up to whole days. New cases need places too, which due dates "
        "cannot foretell. Where no meeting of the level is on record in these quarters it cannot be told."
    )
    drawing.downloads(
        lambda: load,
        f"reviews-to-come-{shown.standard}",
        {**drawing.about(shown, "Reviews to come"), "Assumed": flows.ASSUMED},
        shown,
        key="load",
        what="months",
    )
