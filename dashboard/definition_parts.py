"""The parts of the page Definitions, each drawn when its tab is open. Each is given the names to show."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import reference
from dashboard.reference import Document
from dashboard.tables import table
from dashboard.text import plain

TO_SOURCES = {"Source": "#sources"}


def measures(document: Document, names: Sequence[str], searching: bool) -> None:
    """Each measure: what it says, what is divided by what, its targets, how to read it, both worked examples."""
    if len(names) > 1:
        titles = ((name, plain(document["measures"][name]["title"])) for name in names)
        st.markdown(" · ".join(f"[{title}](#{name})" for name, title in titles))
    for name in names:
        measure = document["measures"][name]
        st.subheader(plain(measure["title"]), anchor=name)
        st.markdown(plain(measure["sentence"]))
        st.markdown(
            f"**Numerator:** {plain(measure['numerator'])}.  \n**Denominator:** {plain(measure['denominator'])}.  \n"
            f"**How to read it:** {plain(measure['how_to_read'])}  \n**Source:** {plain(measure['cite'])}"
        )
        table(reference.targets(document, name), f"Target of {measure['title']} under each standard", links=TO_SOURCES)
        with st.expander("Worked examples", key=f"examples of {name}", expanded=searching and len(names) == 1):
            for example in measure["examples"]:
                asked = (
                    f"{example['period']}, {document_title(document, example['standard'])}, as at {example['as_at']}"
                )
                st.markdown(
                    f"{plain(example['story'])}  \n**{plain(reference.answer_in_words(example))}** ({plain(asked)})"
                )
    _sources(document)


def document_title(document: Document, standard: str) -> str:
    """A standard's title, or its name where the snapshot does not hold it."""
    held = document["standards"].get(standard)
    return held["title"] if held else standard


def rules(document: Document, names: Sequence[str], searching: bool) -> None:
    """Every rule, table by table, and the rules on tables as a whole."""
    st.markdown("A rule is named by its table, its field and a word. Choose a table to see its rules.")
    for name in document["tables"]:
        found = reference.rules(document, name, names)
        if found.height:
            with st.expander(
                plain(f"{name}: {reference.count(found.height, 'rule')}"), key=f"rules of {name}", expanded=searching
            ):
                table(found, f"Rules on the table {name}", links=TO_SOURCES)
    if not searching:
        with st.expander("Any table: what is not there, or holds nothing", key="rules of any table"):
            whole = reference.table_rules(document)
            table(whole, "Rules on tables and columns as a whole", links={"Rule": "#rules"})
    _sources(document)


def tables(document: Document, names: Sequence[str], searching: bool) -> None:
    """Every table with its fields."""
    st.markdown("The canonical tables, to which every source is mapped. An optional table may be absent.")
    for name, declared in document["tables"].items():
        fields = [each.partition(".")[2] for each in names if each.partition(".")[0] == name]
        if fields:
            optional = ", optional" if declared["optional"] else ""
            with st.expander(plain(f"{name}{optional}"), key=f"fields of {name}", expanded=searching):
                st.markdown(plain(declared["sentence"]))
                found = reference.fields(document, name, fields)
                table(found, f"Fields of the table {name}", unbroken=("Field",), links={"Field": "#tables-and-fields"})


def standards(document: Document, names: Sequence[str], _searching: bool) -> None:
    """Every standard: edition and caution, what it sets and what it does not, its sources."""
    for name in names:
        standard = document["standards"][name]
        st.subheader(plain(standard["title"]), anchor=name)
        st.markdown(f"**Edition:** {plain(standard['edition'])}")
        st.warning(plain(standard["caution"]))
        table(reference.figures(standard), f"What {standard['title']} sets", links=TO_SOURCES)
        st.markdown("**Not set by this standard:** " + plain("; ".join(reference.not_set(standard)) or "nothing") + ".")
    _sources(document)


def words(document: Document, names: Sequence[str], _searching: bool) -> None:
    """The words of the field."""
    for name in names:
        st.markdown(f"**{plain(name)}**  \n{plain(document['words'][name])}")


def _sources(document: Document) -> None:
    st.subheader("Sources", anchor="sources")
    st.markdown("The short names that the citations begin with:")
    st.markdown(
        "  \n".join(f"**{plain(short)}** {plain(title)}" for short, title in reference.sources(document).items())
    )
