"""Draws the page Ask: a question, a quarter, the answer, the figures it rests on, how to read them, the charts (`?question=`)."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import cards, choices, drawing, glossary, tables
from dashboard.answers import QUESTIONS, Answer, Asked
from dashboard.chrome import VIEWS, Shown, choose
from dashboard.text import plain
from kpis.periods import Period

QUESTION = "question"
"""What the page's address holds besides standard and period."""


def draw(shown: Shown) -> None:
    """The whole page."""
    quarters = sorted(each for each in shown.periods if each.kind == "quarter")
    quarter = _quarter(shown, quarters)
    wanted = st.query_params.get(QUESTION)
    name = wanted if wanted is not None and wanted in QUESTIONS else next(iter(QUESTIONS))
    if wanted is not None and wanted != name:
        st.warning(plain(f"There is no question {wanted} here; another is answered."))
    left, right = st.columns([3, 2])
    with left:
        choose("Question", QUESTION, name, {each: question.text for each, question in QUESTIONS.items()})
    with right:
        names = {each.name: choices.label_of(each, shown.as_at) for each in reversed(quarters)}
        choose("Quarter", choices.PERIOD, quarter.name, names)
    question = QUESTIONS[name]
    st.header(question.text, anchor=False)
    with st.spinner("Looking through the figures …", show_time=False):
        answer = question.answer(_asked(shown, quarter, choices.before(quarter, quarters)))
    if quarter.end > shown.as_at:
        st.markdown(f"**{plain(quarter.name)} is not over yet: its figures are those so far.**")
    _said(answer)
    glossary.explained(shown, question.terms, name)
    if not answer.figures.is_empty():
        _figures(shown, name, question.text, quarter, answer)
    st.caption(
        "Made from the stored figures by fixed rules: nothing is guessed, and no case, meeting or person can be seen here. "
        f"Counts below {shown.settings.suppress_below}, and what would give them away, are shown as “c”."
    )


def _quarter(shown: Shown, quarters: list[Period]) -> Period:
    """The quarter asked for; of a year the last that is over."""
    if shown.period.kind == "quarter":
        return shown.period
    inside = [each for each in quarters if each.start >= shown.period.start and each.end <= shown.period.end]
    over = [each for each in inside if each.end <= shown.as_at] or inside
    st.info(plain(f"Questions are answered by quarter: of {shown.period.name}, {over[-1].name} is shown."))
    return over[-1]


def _asked(shown: Shown, quarter: Period, before: Period | None) -> Asked:
    results = shown.results()
    measured = set(results["measure"].unique())
    declared = {name: each for name, each in shown.definitions["measures"].items() if name in measured}
    return Asked(
        results=pl.concat([shown.lay_results(name) for name in declared]),
        declared=declared,
        categories=cards.category_names(shown.standard_words),
        quarter=quarter.name,
        before=None if before is None else before.name,
        as_at=shown.as_at,
        restarts=shown.settings.restarts,
        below=shown.settings.suppress_below,
    )


def _said(answer: Answer) -> None:
    first, *rest = answer.said
    st.markdown(f"**{plain(first)}**")
    if rest:
        st.markdown("\n".join(f"- {plain(each)}" for each in rest))


def _figures(shown: Shown, name: str, text: str, quarter: Period, answer: Answer) -> None:
    st.subheader("The figures it rests on", anchor=False)
    first = answer.figures.columns[0]
    link = {first: tables.explained(shown, about="Measures")}
    tables.table(answer.figures, f"Figures: {text}", links=link)
    st.caption(f"{drawing.source_line(shown)} {plain(answer.how)}")
    if answer.links:
        st.markdown("**See the chart**")
        for each in answer.links:
            st.page_link(
                VIEWS / "trends.py",
                label=f":primary[{plain(each.label)}] →",
                query_params=shown.link(**each.query),
            )
    drawing.downloads(
        lambda: answer.figures,
        f"answer-{name}-{quarter.name}-{shown.standard}",
        {
            **drawing.about(shown, text),
            "Period": quarter.name,
            "Answer": " ".join(answer.said),
            "Not shown": f"Counts below {shown.settings.suppress_below} and what would give them away: c",
            "How to read it": answer.how,
        },
        shown,
        key=f"answer {name}",
        what="figures",
    )
