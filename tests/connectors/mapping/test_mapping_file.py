"""A mapping's file: read strictly, written readably, and what is wrong in it is said with file and key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.errors import SettingsError
from connectors.mapping.dates import DateStyle
from connectors.mapping.mapping import Feed, MadeId, Only, Sheet, SourceMapping, Spread, load_mapping, read_mapping
from connectors.mapping.writing import save_mapping, to_toml

TEXT = """\
two_digit_years_up_to = 40

[[sheet]]
file = "caseload *.xlsx"
sheet = "Cases"
headings = ["URN", "MAPPA \\"Level\\"", "Last review", "Police", "Notes"]
left_aside = ["Notes"]

[sheet.dates]
"Last review" = "day first"

[[sheet.feeds]]
table = "cases"

[sheet.feeds.columns]
case_id = "URN"
level = "MAPPA \\"Level\\""

[sheet.feeds.constants]
lead_agency = "police"

[sheet.feeds.values.level]
"L2+" = "2"
gone = ""

[[sheet.feeds]]
table = "meetings"
made_id = { case = "URN", date = "Last review" }
only = { heading = "MAPPA \\"Level\\"", as = "cases.level", is_not = ["1"] }

[sheet.feeds.columns]
case_id = "URN"
held_on = "Last review"

[[sheet.feeds]]
table = "attendance"
made_id = { case = "URN", date = "Last review" }

[sheet.feeds.spread]
into = "agency"
value = "mode"

[sheet.feeds.spread.headings]
Police = "police"

[[sheet]]
file = "lookups.csv"
"""


def test_a_mapping_says_what_it_means() -> None:
    mapping = read_mapping(TEXT, "a.toml")
    first, second = mapping.sheets
    assert (mapping.two_digit_years_up_to, first.dates) == (40, {"Last review": DateStyle.DAY_FIRST})
    assert first.feeds[0].values == {"level": {"L2+": "2", "gone": ""}}
    assert first.feeds[1].only == Only(heading='MAPPA "Level"', as_field="cases.level", is_not=("1",))
    assert first.feeds[1].made_id == MadeId(case="URN", date="Last review")
    assert first.feeds[2].spread == Spread(into="agency", value="mode", headings={"Police": "police"})
    assert second.feeds == ()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    mapping = read_mapping(TEXT, "a.toml")
    path = tmp_path / "a.mapping.toml"
    save_mapping(mapping, path, ["Which comes first?\nday"])
    assert load_mapping(path) == mapping
    assert "#  - Which comes first? day" in path.read_text("utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["a.mapping.toml"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6, unique=True))
def test_any_heading_survives_being_written(headings: list[str]) -> None:
    feed = Feed(table="cases", columns={"case_id": headings[0]}, values={"case_id": dict.fromkeys(headings, "")})
    sheet = Sheet(file=headings[0], headings=tuple(headings), left_aside=tuple(headings[1:]), feeds=(feed,))
    mapping = SourceMapping(sheets=(sheet,))
    text = to_toml(mapping)
    tomllib.loads(text)
    assert read_mapping(text, "a.toml") == mapping


WRONG = {
    'table = "cases"': ('table = "casez"', ".feeds (entry 1).table: there is no table “casez”; expected one of cases"),
    "level = ": ("levle = ", "feeds (entry 1).columns: the table cases has no column “levle”"),
    '"L2+" = "2"': ('"L2+" = "4"', "values.level: “L2+” cannot mean “4”: expected one of: 1, 2, 3."),
    '"day first"': ('"d/m/y"', "expected “day first” or “month first”, found text (d/m/y)"),
    "is_not = ": ("unless = ", "feeds (entry 2).only.unless: unknown key"),
    'as = "cases.level"': ('as = "level"', "feeds (entry 2).only.as: there is no field “level”"),
    'case_id = "URN"': ('case_id = "URM"', "“URM” is none of the headings of this sheet"),
    'file = "caseload *.xlsx"': ("file = 3", "sheet (entry 1).file: expected text in quotes, found a whole number (3)"),
    'left_aside = ["Notes"]': (
        'left_aside = "Notes"',
        "sheet (entry 1).left_aside: expected a list, found text (Notes)",
    ),
    "two_digit_years_up_to = 40": (
        "two_digit_years_up_to = 140",
        "two_digit_years_up_to: expected a number of at most 99",
    ),
    'lead_agency = "police"': ('birth_year = "old"', "constants.birth_year: “old” cannot be: expected a whole number"),
    'into = "agency"': ('into = "who"', "spread: the table attendance has no column “who”"),
    'sheet = "Cases"': ('sheets = "Cases"', "sheet (entry 1).sheets: unknown key"),
    "[sheet.feeds.constants]": ("[sheet.feeds.constants", "is not valid TOML: it could not be understood at line"),
}


@pytest.mark.parametrize(("was", "becomes"), WRONG.items(), ids=list(WRONG))
def test_what_is_wrong_is_said_with_file_and_key(was: str, becomes: tuple[str, str]) -> None:
    assert was in TEXT
    with pytest.raises(SettingsError) as error:
        read_mapping(TEXT.replace(was, becomes[0], 1), "our.mapping.toml")
    assert str(error.value).startswith("The mapping our.mapping.toml")
    assert becomes[1] in str(error.value)
    assert error.value.exit_code == 4


def test_a_mapping_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no mapping file"):
        load_mapping(tmp_path / "none.toml")
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"odd\.toml is not a UTF-8 text file"):
        load_mapping(odd)
