"""The standards: their figures against the guidance, and what the loader says of a file that is wrong."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from checks.errors import SettingsError
from checks.standard import (
    FOLDER,
    WITHOUT_CHANGES,
    Figures,
    Standard,
    Step,
    figure_sentences,
    load_standard,
    shipped,
    standard_names,
)

SHARE = Decimal
WAYS = ["in person", "video", "telephone", "report"]

# Domain guide, section 3: figure → (jersey, its source, hampshire, its source); None where the guidance sets none.
TABLE: dict[str, tuple[Any, str | None, Any, str | None]] = {
    "reporting_year_starts": ((1, 1), "J23", (4, 1), "K14, L21"),
    "categories": (["1", "2", "3", "4", "pdp"], "J23 1.2", ["1", "2", "3"], "H08 “MAPPA Categories”"),
    "lowest_level_category_3": ("1", "J23 3", "2", "H08 “Level 1”"),
    "entry_level_category_4": ("3", "J23 1.2, 1.3", None, None),
    "review_weeks_level_1": (12, "J10 10.11", 16, "H08 “Frequency"),
    "review_weeks_level_2": (12, "J10 10.11", 12, "H08 “Frequency"),
    "review_weeks_level_3": (6, "J10 10.11", 6, "H08 “Frequency"),
    "review_clock_locations": (
        ["community", "custody", "hospital"],
        "J10 10.11; J23 3.1",
        ["community"],
        "H08 “Frequency",
    ),
    "target_review_level_3": (SHARE("0.90"), "J10 16.2 (1)", None, None),
    "target_review_level_2": (SHARE("0.85"), "J10 16.2 (2)", None, None),
    "target_review_level_1": (None, None, None, None),
    "target_disclosure": (SHARE("1"), "J10 16.2 (3)", SHARE("1"), "H08 “Disclosure"),
    "target_smb_attendance": (SHARE("0.90"), "J10 16.2 (4)", None, None),
    "target_agency_attendance": (SHARE("0.90"), "J10 16.2 (5)", None, None),
    "attendance_modes_that_count": (WAYS, "J10 16.2 (5)", WAYS, "H08 “Agency Representation”"),
    "least_invited": ({"screening": ["police", "probation", "prison", "children"]}, "J23 4.2", None, None),
    "referral_to_meeting_working_days": (15, "J10 10.4", None, None),
    "before_release": (
        (6, ["temporary_licence_eligible_on", "release_on"], "first given", None),
        "J10 10.4",
        (6, ["parole_eligible_on", "release_on"], "earliest", ["2", "3"]),
        "H08 “Frequency",
    ),
    "after_release_months": (None, None, 1, "H08 “Frequency"),
    "stay_months_after_last_trigger": (3, "J23 1.1", None, None),
    "release_confirmed_months": (None, None, 4, "H08 “Confirming Release Dates”"),
    "minutes_working_days_level_2": (10, "J10 10.12", 10, "H08 “MAPP Meeting Minutes”"),
    "minutes_working_days_level_3": (5, "J10 10.12", 5, "H08 “MAPP Meeting Minutes”"),
    "full_meeting_months_level_2": (None, None, 6, "H08 “Level 2"),
    "full_meeting_weeks_level_3": (None, None, 12, "H08 “Level 3"),
    "identified_within": (
        dict.fromkeys(("1", "2", "3", "4", "pdp"), (3, False)),
        "J10 3.3",
        {"1": (3, False), "2": (3, True)},
        "H08 “MAPPA Categories”",
    ),
    "home_visit_months": (
        {"very high": 1, "high": 3, "medium": 6, "low": 12},
        "J10 14.9",
        {"very high": 1, "high": 1, "medium": 3, "low": 12},
        "H08 “Police Service”",
    ),
    "level_1_disclosure_review_months": (None, None, 4, "H08 “Disclosure”"),
    "removal_review_age": (100, "J10 13.3", 100, "H08 “Inclusion Period”"),
    "working_day_calendar": (("JE", None), "J10", ("GB", "ENG"), "H08"),
}
NOT_IN_THE_TABLE = {"category_titles", "annual_layout", "restrictive_orders", "category_1_seen_weeks"}
OTHERWISE_IN_ENGLAND_AND_WALES = {"category_titles", "restrictive_orders"}


def plain(value: Any) -> Any:
    """A figure's value without its model, as the table above writes it."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return tuple(value.model_dump().values()) if hasattr(value, "model_dump") else value


def test_the_table_here_speaks_of_every_figure() -> None:
    assert set(TABLE) | NOT_IN_THE_TABLE == set(Figures.model_fields)


@pytest.mark.parametrize("figure", TABLE)
@pytest.mark.parametrize(("standard", "place"), [("jersey", 0), ("hampshire", 2), ("england-wales", 2)])
def test_figures_are_those_of_the_guidance(standard: str, place: int, figure: str) -> None:
    value, cite = TABLE[figure][place : place + 2]
    found = shipped(standard)
    assert plain(found.value(figure)) == value
    if cite is None:
        assert found.cite(figure) is None
    else:
        assert (found.cite(figure) or "").startswith(cite)


def test_there_are_three_standards_that_name_their_edition_and_warn_of_newer_ones() -> None:
    assert standard_names() == ["england-wales", "hampshire", "jersey"]
    for name in standard_names():
        standard = shipped(name)
        assert standard.name == name
        assert re.search(r"20\d\d", standard.edition)
        assert "Editions are replaced" in standard.caution
        assert "Check yours" in standard.caution


def test_england_and_wales_takes_hampshires_rules_and_the_newer_tables() -> None:
    hampshire, england = shipped("hampshire"), shipped("england-wales")
    for figure in set(Figures.model_fields) - OTHERWISE_IN_ENGLAND_AND_WALES:
        assert england.value(figure) == hampshire.value(figure), figure
    assert "terrorist" in england.value("category_titles")["2"].lower()
    assert england.value("restrictive_orders") == {
        "order imposed: prevention": "SHPO",
        "order imposed: prevention with foreign travel": "SHPO with foreign travel restriction",
        "order imposed: notification": "NO",
    }
    assert england.value("annual_layout") == "england and wales"
    assert shipped("jersey").value("annual_layout") == "jersey"


def test_every_figure_has_a_plain_sentence() -> None:
    for name, sentence in figure_sentences().items():
        assert sentence != name
        assert sentence[0].isupper()


def test_another_figure_is_another_fingerprint() -> None:
    prints = {shipped(name).fingerprint for name in standard_names()}
    assert len(prints) == 3
    assert load_standard("jersey").fingerprint == shipped("jersey").fingerprint


def area(folder: Path, text: str | bytes, name: str = "area") -> Path:
    path = folder / f"{name}.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_new_area_is_one_file(tmp_path: Path) -> None:
    path = area(
        tmp_path,
        """
        extends = "jersey"
        unset = ["stay_months_after_last_trigger"]
        name = "isle"
        title = "Isle"
        edition = "2026"

        [[sources]]
        short = "I26"
        title = "The isle's own guidance"
        edition = "2026"

        [figures]
        review_weeks_level_2 = { value = 8, cite = "I26 4" }
        target_review_level_1 = { value = 0.8, cite = "I26 5" }
        """,
    )
    isle, jersey = load_standard(path), shipped("jersey")
    assert (isle.name, isle.edition) == ("isle", "2026")
    assert isle.value("review_weeks_level_2") == 8
    assert isle.value("target_review_level_1") == Decimal("0.8")
    assert isle.value("stay_months_after_last_trigger") is None
    assert isle.value("review_weeks_level_3") == 6
    assert {source.short for source in isle.sources} == {"I26", "J10", "J23"}
    assert isle.fingerprint != jersey.fingerprint


def test_an_area_may_build_on_a_file_beside_it_and_may_be_called_as_the_one_it_extends(tmp_path: Path) -> None:
    own_jersey = area(
        tmp_path, 'extends = "jersey"\n[figures]\nreview_weeks_level_3 = { value = 5, cite = "J10 10.11" }', "jersey"
    )
    child = area(tmp_path, '\ufeffextends = "jersey"\nname = "child"', "child")
    assert load_standard(own_jersey).value("review_weeks_level_3") == 5
    assert load_standard(child).value("review_weeks_level_3") == 5


CHANGED = """
extends = "jersey"
name = "isle"

[[sources]]
short = "I24"
title = "The isle's own guidance"
edition = "2024"

[figures.review_weeks_level_2]
value = 12
cite = "J10 10.11"

[[figures.review_weeks_level_2.changes]]
from = 2024-01-01
value = 10
cite = "I24 4"
note = "Read with I24 5."

[[figures.review_weeks_level_2.changes]]
from = 2024-07-01
value = 8
cite = "I24 6"

[[figures.review_weeks_level_3.changes]]
from = 2024-01-01
value = 4
cite = "I24 4"

[[figures.target_review_level_1.changes]]
from = 2024-04-01
value = 0.80
cite = "I24 7"
"""


@pytest.fixture
def isle(tmp_path: Path) -> Standard:
    return load_standard(area(tmp_path, CHANGED, "isle"))


@pytest.mark.parametrize(
    ("day", "weeks", "cite"),
    [
        (date(1990, 1, 1), 12, "J10 10.11"),
        (date(2023, 12, 31), 12, "J10 10.11"),
        (date(2024, 1, 1), 10, "I24 4"),
        (date(2024, 6, 30), 10, "I24 4"),
        (date(2024, 7, 1), 8, "I24 6"),
        (None, 8, "I24 6"),
    ],
)
def test_a_figure_is_what_it_was_on_the_day(isle: Standard, day: date | None, weeks: int, cite: str) -> None:
    assert isle.value("review_weeks_level_2", on=day) == weeks
    assert isle.cite("review_weeks_level_2", on=day) == cite


def test_the_steps_of_a_figure_stand_in_the_order_of_the_days(isle: Standard) -> None:
    assert isle.steps("review_weeks_level_2") == (
        Step(None, 12, "J10 10.11"),
        Step(date(2024, 1, 1), 10, "I24 4", "Read with I24 5."),
        Step(date(2024, 7, 1), 8, "I24 6"),
    )
    assert isle.steps("target_review_level_2") == (Step(None, Decimal("0.85"), "J10 16.2 (2)"),)
    assert isle.steps("after_release_months") == ()
    assert isle.value("after_release_months", on=date(2024, 1, 1)) is None


def test_a_standard_may_say_only_what_changes_in_the_one_that_it_extends(isle: Standard, tmp_path: Path) -> None:
    assert [each.value for each in isle.steps("review_weeks_level_3")] == [6, 4]
    child = """
        extends = "isle"
        name = "islet"
        [[figures.review_weeks_level_2.changes]]
        from = 2025-01-01
        value = 6
        cite = "I24 8"
        """
    islet = load_standard(area(tmp_path, child, "islet"))
    assert [each.value for each in islet.steps("review_weeks_level_2")] == [12, 10, 8, 6]


def test_a_target_may_be_set_from_a_day_on(isle: Standard) -> None:
    assert isle.steps("target_review_level_1") == (
        Step(None, None, None),
        Step(date(2024, 4, 1), Decimal("0.80"), "I24 7"),
    )
    assert isle.value("target_review_level_1", on=date(2024, 3, 31)) is None
    assert isle.cite("target_review_level_1", on=date(2024, 3, 31)) is None
    assert isle.value("target_review_level_1") == Decimal("0.8")


def test_a_change_is_another_fingerprint(isle: Standard, tmp_path: Path) -> None:
    assert load_standard(area(tmp_path, CHANGED.replace("2024-07-01", "2024-07-02"))).fingerprint != isle.fingerprint


JERSEY = (FOLDER / "jersey.toml").read_text("utf-8")
LEVEL_2 = 'review_weeks_level_2 = { value = 12, cite = "J10 10.11" }'
TARGET = "target_review_level_3 = { value = 0.90,"
ON_JERSEY = 'extends = "jersey"\n'
ON_ISLE = 'extends = "isle"\n'


def changed(old: str, new: str) -> str:
    assert old in JERSEY
    return JERSEY.replace(old, new, 1)


def with_changes(*changes: str, first: str = 'value = 12, cite = "J10 10.11", ') -> str:
    return changed(LEVEL_2, f"review_weeks_level_2 = {{ {first}changes = [{', '.join(changes)}] }}")


EARLY = '{ from = 2024-01-01, value = 10, cite = "J10 10.11" }'
LATE = EARLY.replace("2024", "2025")

WRONG: dict[str, tuple[str | bytes, str]] = {
    "unknown key at the top": (changed("name =", "colour = 1\nname ="), "colour is not a key that a standard has."),
    "unknown figure": (
        changed(LEVEL_2, LEVEL_2.replace("weeks", "week")),
        "figures.review_week_level_2 is not a key that a standard has.",
    ),
    "unknown key of a figure": (
        changed(LEVEL_2, 'review_weeks_level_2 = { value = 12, cite = "J10", cited = "J10" }'),
        "figures.review_weeks_level_2.cited is not a key that a standard has.",
    ),
    "unknown key in a value": (
        changed("day = 1", "day = 1, hour = 1"),
        "figures.reporting_year_starts.value.hour is not a key that a standard has.",
    ),
    "unknown key of a source": (
        changed('short = "J23"', 'short = "J23"\npage = 1'),
        "sources (entry 2).page is not a key that a standard has.",
    ),
    "fingerprint": (changed("name =", 'fingerprint = "x"\nname ='), "fingerprint is not a key that a standard has."),
    "no citation": (
        changed(LEVEL_2, "review_weeks_level_2 = { value = 12 }"),
        "figures.review_weeks_level_2.cite is missing: every figure needs its citation.",
    ),
    "empty citation": (
        changed(LEVEL_2, 'review_weeks_level_2 = { value = 12, cite = " " }'),
        "figures.review_weeks_level_2.cite should be some words",
    ),
    "change without a day": (
        with_changes('{ value = 10, cite = "J10" }'),
        "figures.review_weeks_level_2.changes (entry 1).from is missing.",
    ),
    "change without a value": (
        with_changes('{ from = 2024-01-01, cite = "J10" }'),
        "figures.review_weeks_level_2.changes (entry 1).value is missing.",
    ),
    "change without a citation": (
        with_changes("{ from = 2024-01-01, value = 10 }"),
        "figures.review_weeks_level_2.changes (entry 1).cite is missing: every figure needs its citation.",
    ),
    "change that cites no source": (
        with_changes(EARLY, LATE.replace("J10", "X9")),
        "figures.review_weeks_level_2.changes (entry 2).cite should begin with the short name of one of the sources",
    ),
    "change of the wrong type": (
        with_changes(EARLY, LATE.replace("10,", '"ten",')),
        "figures.review_weeks_level_2.changes (entry 2).value should be a whole number, but it is the text “ten”.",
    ),
    "a target from a day on that is no share": (
        changed(
            "target_review_level_3 = { value = 0.90, cite",
            "target_review_level_1 = { changes = 90 }\ntarget_review_level_3 = { value = 0.90, cite",
        ),
        "figures.target_review_level_1.changes should be a list, but it is 90.",
    ),
    "change out of range": (
        with_changes(EARLY.replace("10,", "0,")),
        "figures.review_weeks_level_2.changes (entry 1).value should be a whole number from 1 to 520, but it is 0.",
    ),
    "unknown key of a change": (
        with_changes(EARLY.replace("from", "until = 2025-01-01, from")),
        "figures.review_weeks_level_2.changes (entry 1).until is not a key that a standard has.",
    ),
    "changes out of order": (
        with_changes(LATE, EARLY),
        "figures.review_weeks_level_2.changes has 2024-01-01 after 2025-01-01.",
    ),
    "two changes on one day": (
        with_changes(EARLY, EARLY),
        "figures.review_weeks_level_2.changes has 2024-01-01 twice.",
    ),
    "no changes": (
        with_changes(),
        "figures.review_weeks_level_2.changes should be a list with at least one entry, but it is an empty list.",
    ),
    "changes that are no list": (
        changed(LEVEL_2, f"review_weeks_level_2 = {{ value = 12, cite = 'J10', changes = {EARLY} }}"),
        "figures.review_weeks_level_2.changes should be a list, but it is a table.",
    ),
    "text for a day": (
        with_changes(EARLY.replace("2024-01-01", '"2024-01-01"')),
        "figures.review_weeks_level_2.changes (entry 1).from should be a date without quotes, such as 2024-01-01, "
        "but it is the text “2024-01-01”.",
    ),
    "a moment for a day": (
        with_changes(EARLY.replace("2024-01-01", "2024-01-01T00:00:00")),
        "figures.review_weeks_level_2.changes (entry 1).from should be a date without a time, such as 2024-01-01",
    ),
    "a day of another age": (
        with_changes(EARLY.replace("2024", "0024")),
        "figures.review_weeks_level_2.changes (entry 1).from should be a date from 1900 to 2199",
    ),
    "changes of what is not said": (
        with_changes(EARLY, first=""),
        "figures.review_weeks_level_2.value is missing.",
    ),
    "a target from a day on without a citation": (
        ON_ISLE + "[figures]\ntarget_smb_attendance = { value = 1, cite = 'J10' }\n"
        "[[figures.target_review_level_1.changes]]\nfrom = 2025-01-01\nvalue = 0.9",
        "figures.target_review_level_1.changes (entry 1).cite is missing",
    ),
    "changes and a citation of nothing": (
        changed("target_review_level_3 = { value = 0.90, cite", "target_review_level_3 = { changes = [], cite"),
        "figures.target_review_level_3.value is missing.",
    ),
    "a change before that of the standard extended": (
        ON_ISLE + f"[figures]\nreview_weeks_level_2 = {{ changes = [{EARLY}] }}",
        "figures.review_weeks_level_2.changes (entry 1).from should be a day after 2024-07-01, "
        "when the standard that is extended changes the figure.",
    ),
    "a wrong change of a figure of the standard extended": (
        ON_ISLE + f"[figures]\nreview_weeks_level_2 = {{ changes = [{LATE}, {LATE}] }}",
        "figures.review_weeks_level_2.changes has 2025-01-01 twice.",
    ),
    "no change of a figure of the standard extended": (
        ON_ISLE + "[figures]\nreview_weeks_level_2 = { changes = [] }",
        "figures.review_weeks_level_2.changes should be a list with at least one entry",
    ),
    "a change of a figure that the standard extended does not set": (
        ON_ISLE + f"[figures]\nafter_release_months = {{ changes = [{EARLY}] }}",
        "figures.after_release_months.value is missing.",
    ),
    "a change of an unknown figure": (
        ON_ISLE + f"[figures]\ncolour = {{ changes = [{EARLY}] }}",
        "figures.colour is not a key that a standard has.",
    ),
    "citation of no source": (
        changed(LEVEL_2, 'review_weeks_level_2 = { value = 12, cite = "X9 1" }'),
        "figures.review_weeks_level_2.cite should begin with the short name of one of the sources (J10, J23).",
    ),
    "no value": (
        changed(LEVEL_2, 'review_weeks_level_2 = { cite = "J10 10.11" }'),
        "figures.review_weeks_level_2.value is missing.",
    ),
    "no name": (changed('name = "jersey"\n', ""), "name is missing."),
    "name with a space": (
        changed('name = "jersey"', 'name = "The Isle"'),
        "name should be a short name of small letters, figures and hyphens, but it is the text “The Isle”.",
    ),
    "text for a number": (
        changed(LEVEL_2, LEVEL_2.replace("12", '"twelve"')),
        "figures.review_weeks_level_2.value should be a whole number, but it is the text “twelve”.",
    ),
    "half a week": (
        changed(LEVEL_2, LEVEL_2.replace("12", "12.5")),
        "figures.review_weeks_level_2.value should be a whole number, but it is 12.5.",
    ),
    "true for a number": (
        changed(LEVEL_2, LEVEL_2.replace("12", "true")),
        "figures.review_weeks_level_2.value should be a whole number, but it is true.",
    ),
    "negative weeks": (
        changed(LEVEL_2, LEVEL_2.replace("12", "-12")),
        "figures.review_weeks_level_2.value should be a whole number from 1 to 520, but it is -12.",
    ),
    "no weeks": (
        changed(LEVEL_2, LEVEL_2.replace("12", "0")),
        "figures.review_weeks_level_2.value should be a whole number from 1 to 520, but it is 0.",
    ),
    "figure that is no table": (
        changed(LEVEL_2, "review_weeks_level_2 = 12"),
        "figures.review_weeks_level_2 should be a table of keys and values, but it is 12.",
    ),
    "per cent for a share": (
        changed(TARGET, "target_review_level_3 = { value = 90,"),
        "figures.target_review_level_3.value should be a share from 0 to 1, such as 0.85 for 85 %, but it is 90.",
    ),
    "text for a share": (
        changed(TARGET, 'target_review_level_3 = { value = "90 %",'),
        "figures.target_review_level_3.value should be a number with a decimal point, such as 0.85, "
        "but it is the text “90 %”.",
    ),
    "unknown code": (
        changed('"4", "pdp"]', '"5", "pdp"]'),
        "figures.categories.value (entry 4) should be one of: 1, 2, 3, 4, pdp, but it is the text “5”.",
    ),
    "no codes": (
        changed('["1", "2", "3", "4", "pdp"]', "[]"),
        "figures.categories.value should be a list with at least one entry, but it is an empty list.",
    ),
    "a code twice": (
        changed('["1", "2", "3", "4", "pdp"]', '["1", "2", "1"]'),
        "figures.categories.value has “1” twice. Take out one of the two.",
    ),
    "a date twice": (
        changed('dates = ["temporary_licence_eligible_on"', 'dates = ["release_on"'),
        "figures.before_release.value.dates has “release_on” twice. Take out one of the two.",
    ),
    "an agency twice": (
        changed('"police", "probation"', '"police", "police"'),
        "figures.least_invited.value.screening has “police” twice. Take out one of the two.",
    ),
    "text for a list": (
        changed('["1", "2", "3", "4", "pdp"]', '"1"'),
        "figures.categories.value should be a list, but it is the text “1”.",
    ),
    "unknown code as key": (
        changed('"very high" = 1', '"extreme" = 1'),
        "figures.home_visit_months.value.extreme stands under a key that should be one of: "
        "low, medium, high, very high.",
    ),
    "unknown choice": (
        changed('"first given"', '"best"'),
        "figures.before_release.value.choose should be one of: first given, earliest, but it is the text “best”.",
    ),
    "30 February": (
        changed("month = 1, day = 1", "month = 2, day = 30"),
        "figures.reporting_year_starts.value.day should be a whole number from 1 to 28, but it is 30.",
    ),
    "a date for a country": (
        changed('country = "JE"', "country = 2023-01-04"),
        "figures.working_day_calendar.value.country should be text in quotation marks, but it is a date or time.",
    ),
    "figures that are no table": ('figures = 3\nname = "a"', "figures should be a table of figures."),
    "sources that are no list": ('sources = 3\nname = "a"', "sources should be a list of sources"),
    "a figure that all need": (
        changed("review_clock_locations = ", "# review_clock_locations = "),
        "figures.review_clock_locations is missing, and every standard must set it.",
    ),
    "extends a list": ('extends = ["jersey"]', "extends should be the name of one other standard"),
    "extends a path": ('extends = "../jersey"', "extends should be the name of one other standard"),
    "extends unknown": (
        'extends = "nowhere"',
        "extends names “nowhere”, but there is no such standard. Give one of england-wales, hampshire, jersey",
    ),
    "unset alone": ('unset = ["categories"]', "unset makes sense only together with extends."),
    "unset unknown": (ON_JERSEY + 'unset = ["reviews"]', "unset names reviews, which “jersey” does not set."),
    "unset of lists": (ON_JERSEY + 'unset = [["reviews"]]', "unset should be a list of names of figures."),
    "unset and set": (
        ON_JERSEY + f'unset = ["review_weeks_level_2"]\n[figures]\n{LEVEL_2}',
        "unset names review_weeks_level_2, which this standard sets itself.",
    ),
    "unset what all need": (
        ON_JERSEY + 'unset = ["categories"]',
        "figures.categories is missing, and every standard must set it.",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_standard_is_refused_with_file_and_key(tmp_path: Path, what: str) -> None:
    text, sentence = WRONG[what]
    area(tmp_path, CHANGED, "isle")
    with pytest.raises(SettingsError) as caught:
        load_standard(area(tmp_path, text))
    said = str(caught.value)
    assert said.startswith(f"In the standard area.toml, {sentence}")
    assert caught.value.exit_code == 4
    assert said.endswith(".")
    assert str(tmp_path) not in said


@pytest.mark.parametrize("figure", WITHOUT_CHANGES)
def test_what_holds_for_all_periods_cannot_change_on_a_date(tmp_path: Path, figure: str) -> None:
    text = (
        CHANGED + f'\n[[figures.{figure}.changes]]\nfrom = 2024-01-01\nvalue = {{ month = 2, day = 1 }}\ncite = "I24"'
    )
    base = "hampshire" if figure == "restrictive_orders" else "jersey"
    with pytest.raises(SettingsError, match=rf"In the standard area\.toml, figures\.{figure}\.changes cannot be: "):
        load_standard(area(tmp_path, text.replace("jersey", base)))


def test_a_mistake_in_a_figure_that_is_extended_is_named_with_its_own_file(tmp_path: Path) -> None:
    area(tmp_path, ON_JERSEY + '[figures]\nreview_weeks_level_2 = { value = -1, cite = "J10" }', "base")
    child = f'extends = "base"\n[figures]\nreview_weeks_level_2 = {{ changes = [{EARLY}] }}'
    with pytest.raises(SettingsError, match=r"In the standard base\.toml, figures\.review_weeks_level_2\.value"):
        load_standard(area(tmp_path, child))


UNREADABLE: dict[str, tuple[str | bytes | None, str]] = {
    "not TOML": (
        "name = \n",
        "The standard area.toml is not valid TOML: it could not be understood at line 1, column 8.",
    ),
    "cut off": ("name =", "The standard area.toml is not valid TOML: it could not be understood at its end."),
    "not UTF-8": ("title = 'é'".encode("cp1252"), "The standard area.toml is not a UTF-8 text file."),
    "not there": (None, "The standard area.toml could not be read: no such file or directory."),
    "extends itself": ('extends = "area"', "The standard area.toml extends itself, directly or by way of another."),
    "extends in a circle": ('extends = "other"', "The standard area.toml extends itself, directly or by way of"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_unreadable_standard_is_refused_in_a_plain_sentence(tmp_path: Path, what: str) -> None:
    text, sentence = UNREADABLE[what]
    area(tmp_path, 'extends = "area"', "other")
    path = tmp_path / "area.toml"
    if text is not None:
        area(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_standard(path)
    assert str(caught.value).startswith(sentence)
    assert caught.value.exit_code == 4


def test_a_mistake_in_what_is_extended_is_named_with_the_file_it_stands_in(tmp_path: Path) -> None:
    area(tmp_path, ON_JERSEY + '[figures]\nreview_weeks_level_2 = { value = -1, cite = "J10" }', "base")
    with pytest.raises(SettingsError, match=r"In the standard base\.toml, figures\.review_weeks_level_2\.value"):
        load_standard(area(tmp_path, 'extends = "base"'))


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(
        SettingsError, match=r"There is no standard called “kent”\. Give one of england-wales, hampshire"
    ):
        load_standard("kent")
