"""What looks like names, dates of birth or addresses, by heading and by contents, and what does not."""

from __future__ import annotations

import polars as pl
import pytest

from connectors.mapping.mapping import Feed, Sheet, field_of
from connectors.mapping.personal import Kind, Watch, kind_of
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
    assert made[1:5].to_list() == ["N/A", None, "TBC", "#REF!"], "kept as they stand: nothing known, or a finding"
