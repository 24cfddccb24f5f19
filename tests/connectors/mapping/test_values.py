"""What people write in a cell, and the canonical value that it means; what is not understood stays as it stands."""

from __future__ import annotations

import polars as pl
import pytest

from checks.tables import TABLES
from connectors.mapping import words
from connectors.mapping.cleaning import cleaned
from connectors.mapping.likelihood import Certainty
from connectors.mapping.values import How, understand

NOT_UNDERSTOOD = object()


def meant(field: str, *texts: str | None, **how: object) -> list[object]:
    """The canonical texts, with what is not understood marked."""
    table, _, name = field.partition(".")
    column = cleaned(pl.Series(texts, dtype=pl.String))
    found = understand(column, TABLES[table].fields()[name], How(**how))  # ty: ignore[invalid-argument-type]
    for text, result, unread in zip(column, found.texts, found.unread, strict=True):
        assert not unread or text == result, "what is not understood is kept"
    return [NOT_UNDERSTOOD if unread else text for text, unread in zip(found.texts, found.unread, strict=True)]


def test_levels() -> None:
    said = ["2", "Level 2", "L2", "l 2", "2 (MAPPA)", "II", "2.0", "MAPPA Level 2", "Level\u00a02", " Lvl 2 ", "two"]
    assert meant("cases.level", *said) == ["2"] * len(said)
    assert meant("cases.level", "1", "L3", "III", "2/3", "Level 4", "?9") == [
        "1", "3", "3", NOT_UNDERSTOOD, NOT_UNDERSTOOD, NOT_UNDERSTOOD
    ]  # fmt: skip


def test_categories() -> None:
    assert meant("cases.category", "Cat 1", "RSO", "1 - RSO", "Category 2 (violent)", "3 (ODO)", "IV", "P.D.P.", "2 RSO") == [
        "1", "1", "1", "2", "3", "4", "pdp", NOT_UNDERSTOOD
    ]  # fmt: skip


def test_yes_and_no() -> None:
    yes = ["Yes", "Y", "1", "TRUE", "✓", "true", " yes ", "Yes."]
    no = ["No", "N", "0", "FALSE", "✗", "false", "☐"]
    assert meant("cases.visor_recorded", *yes, *no) == ["true"] * len(yes) + ["false"] * len(no)
    assert meant("cases.visor_recorded", "maybe", "x") == [NOT_UNDERSTOOD] * 2


@pytest.mark.parametrize("field", ["cases.level", "cases.case_id", "cases.entered_on", "cases.birth_year", "cases.visor_recorded",
                                   "cases.lead_agency", "cases.exit_reason", "attendance.mode"])  # fmt: skip
def test_marks_of_nothing_known_are_blank_in_every_field(field: str) -> None:
    marks = ["N/A", "n/a", "-", "–", "TBC", "nil", "not known", "Not Known ", "\u00a0", "", "?", "..", "unknown", None]
    assert meant(field, *marks) == [None] * len(marks)


def test_an_error_cell_is_no_mark() -> None:
    assert meant("cases.level", "#N/A", "#REF!") == [NOT_UNDERSTOOD] * 2


def test_words_that_mean_an_empty_field_in_one_field_only() -> None:
    assert meant("cases.notification_until", "Indefinite", "for life") == [None, None]
    assert meant("cases.entered_on", "Indefinite") == [NOT_UNDERSTOOD]
    assert meant("spells.until_on", "ongoing") == [None]


def test_agencies_in_many_spellings() -> None:
    police = ["Police", "POLICE", "The Police", "police ", "Constabulary", "Police Service", "PPU", "States of Jersey Police",
              "SOJP", "Police\u00a0Force"]  # fmt: skip
    assert meant("attendance.agency", *police) == ["police"] * len(police)
    assert (
        meant("attendance.agency", "Children’s Services", "Childrens Services", "CHILDREN'S SERVICES", "CSC")
        == ["children's services"] * 4
    )
    assert meant("attendance.agency", "Acme Housing Trust", "acme housing trust") == ["acme housing trust"] * 2


def test_the_areas_own_names_for_agencies_come_first() -> None:
    own = ("Avon Police", "Probation")
    assert meant("cases.lead_agency", "avon police", "NPS", agencies=own) == ["Avon Police", "Probation"]


def test_an_agency_that_a_word_or_a_slip_makes_likely_is_only_proposed() -> None:
    assert words.agency("Hampshire Constabulary MOSOVO") == ("police", Certainty.LIKELY)
    assert words.agency("Probaton Service") == ("probation", Certainty.LIKELY)
    assert words.agency("Police and Probation") is None
    assert meant("cases.lead_agency", "Hampshire Constabulary", "Ann Other") == ["hampshire constabulary", "Ann Other"]


def test_what_a_mapping_says_comes_before_all_else() -> None:
    pairs = {"Lvl 9": "2", "L2": "3", "gone": ""}
    assert meant("cases.level", "Lvl 9", "LVL 9", "l2", "gone", "L1", pairs=pairs) == ["2", "2", "3", None, "1"]


def test_likely_spellings_of_codes_wait_for_a_mapping() -> None:
    assert meant("attendance.mode", "Present", "Teams", "Apols", "DNA") == [
        NOT_UNDERSTOOD,
        "video",
        "apologies",
        "absent",
    ]
    assert meant("attendance.mode", "Present", pairs={"Present": "in person"}) == ["in person"]
    assert meant("meetings.disclosure_decision", "Yes", "No disclosure", "none") == [
        NOT_UNDERSTOOD,
        "not disclose",
        None,
    ]


def test_a_birth_year_takes_the_year_alone() -> None:
    years = ["1980", "'80", "80", "12/05/1980", "5/12/80", "1980-01-02", "29221"]
    assert meant("cases.birth_year", *years) == ["1980"] * len(years)
    assert meant("cases.birth_year", "05", "16", "n.k.") == ["2005", "1916", None]


def test_numbers() -> None:
    assert meant("population.aged_10_and_over", "95,000", "95 000", "95000.0", "many") == ["95000"] * 3 + [
        NOT_UNDERSTOOD
    ]


def test_references_keep_their_zeros_and_lose_their_blanks() -> None:
    assert meant("cases.case_id", "007 ", "X\u00a012", "A\n1", "0") == ["007", "X 12", "A 1", "0"]


def test_smart_quotes_and_dashes_are_plain() -> None:
    assert cleaned(pl.Series(["“a” – ‘b’\u200b", "  c\td  "])).to_list() == ["\"a\" - 'b'", "c d"]


def test_every_spelling_declared_is_of_a_code_that_there_is() -> None:
    said = words.spellings()
    for name in said["codes"]:
        table, _, column = name.partition(".")
        codes = TABLES[table].fields()[column].codes
        assert codes is not None, name
        found = words.codes(table, column)
        listed = {*found.certain.values(), *found.likely.values(), *found.begins.values()}
        assert listed <= set(codes), name
        assert set(codes) <= set(found.certain.values()), name
    for name in (*said["flags"]["fields"], *said["missing"]["fields"]):
        table, _, column = name.partition(".")
        assert column in TABLES[table].fields(), name


@pytest.mark.parametrize("table", TABLES)
def test_every_canonical_code_means_itself(table: str) -> None:
    for of in TABLES[table].fields().values():
        for code in of.codes or ():
            assert meant(f"{table}.{of.name}", code, code.upper(), f" {code.title()} ") == [code] * 3
