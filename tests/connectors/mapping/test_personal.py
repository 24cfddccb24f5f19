"""What looks like names, dates of birth or addresses, by heading and by contents, and what does not."""

from __future__ import annotations

import polars as pl
import pytest

from checks.errors import SettingsError
from connectors.mapping.editing import with_field, with_pseudonyms
from connectors.mapping.likelihood import Certainty
from connectors.mapping.looked import look
from connectors.mapping.mapping import Feed, Sheet, SourceMapping, field_of, read_mapping
from connectors.mapping.matching import Numbered
from connectors.mapping.personal import Kind, Watch, kind_of
from connectors.mapping.propose import proposed_as
from connectors.mapping.writing import to_toml
from connectors.pseudonyms import KeyPlace
from tests.connectors.mapping.raw import raw

NAMES = ["Zebedee Quillfeather", "QUILLFEATHER, Ann", "Mary-Jane O'Hara", "John Smith"]
CODES = ["C001", "C002", "JM-17", "2023/004"]
AGENCIES = ["Police", "Probation Service", "Home Office", "St John Ambulance"]
OFFICERS = ["John Quillfeather", "Sarah O'Hara", "SMITH, David", "Police"]
POSTCODES = ["JE2 3AB", "SW1A 1AA", "m1 1ae", "GU16 7HF"]
STREETS = ["12 Harbour Street", "3a Rue Park", "Flat 2, 14 Mill Lane", "99 The Grove, Ryde"]


@pytest.mark.parametrize(
    ("heading", "values", "field", "kind"),
    [
        ("Name", NAMES, "cases.case_id", Kind.NAME),
        ("Nominal", NAMES, "cases.case_id", Kind.NAME),
        ("Ref", [*CODES, *NAMES], "meetings.case_id", Kind.NAME),
        ("Ref", [*CODES, *CODES, *CODES, NAMES[0]], "cases.case_id", None),  # one slip: a finding, and withheld
        ("Ref", CODES, "cases.case_id", None),
        ("Name", CODES, "cases.case_id", None),  # pseudonyms already, whatever the heading
        ("Initials", ["ZQ", "AQ", "MO", "JS"], "cases.case_id", Kind.NAME),
        ("Name", [None, None], "cases.case_id", None),
        ("Lead agency", AGENCIES, "cases.lead_agency", None),
        ("Lead agency", OFFICERS, "cases.lead_agency", Kind.NAME),
        ("Officer", AGENCIES, "cases.lead_agency", None),
        ("Board member", OFFICERS, "smb_attendance.member", Kind.NAME),
        ("Board member", ["Chief Constable", "Head of Probation"], "smb_attendance.member", None),
        ("Date of birth", ["31/12/1980", "1/2/1991"], "cases.birth_year", None),  # the year alone is read
        ("DOB", ["31/12/1980", "1/2/1991"], "cases.entered_on", Kind.BIRTH),
        ("D.O.B.", ["31/12/1980", "1/2/1991"], "cases.case_id", Kind.BIRTH),
        ("Adopted", ["31/12/1980", "1/2/1991"], "cases.entered_on", None),
        ("Ref", POSTCODES, "cases.case_id", Kind.ADDRESS),
        ("Where", STREETS, "cases.lead_agency", Kind.ADDRESS),
        ("Home address", ["a", "b"], "cases.location", Kind.ADDRESS),
        ("Where", ["custody", "community"], "cases.location", None),
        ("Ref", ["12 Park", "M0000012", "AB12", "C1 23"], "cases.case_id", None),
    ],
)
def test_what_a_column_tells(heading: str, values: list[str | None], field: str, kind: Kind | None) -> None:
    assert kind_of(heading, pl.Series(values, dtype=pl.String), field_of(*field.split("."))) is kind


KEY = KeyPlace("one long random key of the tests")


def taken_in(names: list[str], rows: list[list[str | None]], sheet: Sheet) -> pl.DataFrame:
    feeds = {heading: [f"cases.{column}"] for column, heading in sheet.feeds[0].columns.items()}
    return Watch("our.toml", KEY, [])(raw("book.xlsx", "Cases", names, rows), feeds, sheet).frame


def test_what_says_that_nobody_is_known_is_nobody() -> None:
    sheet = Sheet(pseudonymise=("Name",), feeds=(Feed(table="cases", columns={"case_id": "Name"}),))
    made = taken_in(["Name"], [[NAMES[0]], ["N/A"], [None], ["TBC"], ["#REF!"], [NAMES[0].upper()]], sheet)["0"]
    assert made[0] == made[5]
    assert str(made[0]).startswith("P1-")
    assert made[1:5].to_list() == [None, None, None, "#REF!"], "an error is to be found"


# Forename and surname in columns of their own

PAIRED = Sheet(
    pseudonymise=("Surname",),
    forenames={"Surname": "First name"},
    feeds=(Feed(table="cases", columns={"case_id": "Surname"}),),
)


@pytest.mark.parametrize(
    ("surname", "forename", "whole"),
    [
        ("Smith", "John", "Smith, John"),
        ("SMITH", " john", "John Smith"),
        ("O’Hara-Smith", "Mary-Jane", "O'HARA SMITH, Mary Jane"),
        ("Smith", "John Paul", "John Paul Smith"),
    ],
)
def test_two_columns_of_one_name_give_the_pseudonym_that_one_column_gives(
    surname: str, forename: str, whole: str
) -> None:
    alone = Sheet(pseudonymise=("Name",), feeds=(Feed(table="cases", columns={"case_id": "Name"}),))
    assert (
        taken_in(["Surname", "First name"], [[surname, forename]], PAIRED)["0"][0]
        == taken_in(["Name"], [[whole]], alone)["0"][0]
    )


def test_half_a_name_is_nobody_and_is_said() -> None:
    notes: list[str] = []
    table = raw(
        "book.xlsx",
        "Cases",
        ["First name", "Surname"],
        [["Ann", "Smith"], [None, "Smith"], ["Bob", "n/a"], [None, None]],
    )
    made = Watch("our.toml", KEY, notes)(table, {"Surname": ["cases.case_id"]}, PAIRED).frame["1"]
    assert made.is_null().to_list() == [False, True, True, True]
    assert "2 rows with but one of the two names got no pseudonym" in notes[0]
    assert '"Surname" (B) together with "First name" (A) was taken in as pseudonyms, 1 different ones.' in notes[1]


def test_a_surname_whose_forename_is_gone_stops_the_import() -> None:
    with pytest.raises(SettingsError, match='is one name with the column "First name"'):
        taken_in(["Surname"], [["Smith"]], PAIRED)


def test_forenames_stay_with_their_surnames_or_are_asked_about_anew() -> None:
    names = ["URN", "Surname", "Forename", "Level"]
    table = raw("book.xlsx", "Cases", names, [["C1", "Smith", "Ann", "2"]])
    looked = look(Numbered(table, 1))
    sheet = proposed_as(looked, "cases", ()).sheet
    assert (sheet.pseudonymise, sheet.feeds[0].columns["case_id"]) == ((), "URN")
    paired = with_pseudonyms(sheet, "Surname", looked.profile, "Forename")
    assert (paired.pseudonymise, paired.forenames) == (("Surname",), {"Surname": "Forename"})
    assert (paired.left_aside, paired.feeds[0].columns["case_id"]) == (("URN",), "Surname")
    assert read_mapping(to_toml(SourceMapping(sheets=(paired,))), "a.toml").sheets == (paired,)
    back = with_field(paired, "URN", ("cases", "case_id"), looked.profile)
    assert (back.pseudonymise, back.forenames, set(back.left_aside)) == ((), {}, {"Surname", "Forename"})
    asked = with_field(paired, "Forename", ("cases", "lead_agency"), looked.profile)
    assert (asked.pseudonymise, asked.forenames) == ((), {})


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"pseudonymise": ()}, "not listed under pseudonymise"),
        ({"forenames": {"Surname": "Given"}}, "none of the headings"),
        ({"forenames": {"Surname": "Level"}}, "read as something else"),
    ],
)
def test_a_mapping_whose_forenames_cannot_be_says_so(changed: dict[str, object], wrong: str) -> None:
    columns = {"case_id": "Surname", "level": "Level"}
    sheet = PAIRED.model_copy(
        update={
            "headings": ("Surname", "First name", "Level"),
            "feeds": (Feed(table="cases", columns=columns),),
            **changed,
        }
    )
    with pytest.raises(SettingsError, match=wrong):
        read_mapping(to_toml(SourceMapping(sheets=(sheet,))), "a.toml")


def test_surname_and_forename_are_proposed_together_where_nothing_else_tells_whom_a_row_is_about() -> None:
    found = look(Numbered(raw("b.xlsx", "Cases", ["Last Name", "First Name(s)", "Level"], [["Smith", "Ann", "2"]]), 1))
    made = proposed_as(found, "cases", ())
    assert made.sheet.forenames == {"Last Name": "First Name(s)"}
    assert made.sheet.feeds[0].columns["case_id"] == "Last Name"
    assert made.sheet.left_aside == ()
    assert {made.reasons[each].certainty for each in ("Last Name", "First Name(s)")} == {Certainty.LIKELY}


def test_a_list_that_tells_its_cases_by_names_alone_is_known_for_one_of_cases() -> None:
    names = ["Surname", "First name", "MAPPA Level", "Date adopted"]
    made = look(Numbered(raw("b.xlsx", "Sheet1", names, [["Smith", "Ann", "2", "2023-01-04"]]), 1))
    assert made.best is not None
    assert made.best[0].table == "cases"
