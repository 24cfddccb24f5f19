"""What is said of a TOML file that a person has written wrongly: the same of settings, standards and mappings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from checks.errors import SettingsError
from checks.toml_errors import content_of

TWICE = {
    "a key": ("a = 1\nb = 2\n\na = 3\n", "the key a stands twice (line 4)"),
    "a key at the end of the file": ('a = 1\n"a" = 3', 'the key "a" stands twice (line 2)'),
    "a key whose value has several lines": (
        'a = 1\na = [\n  "x",\n  "y",\n]\nb = 1\n',
        "the key a stands twice (line 5)",
    ),
    "a key whose text has several lines": ('a = 1\na = """\nb = 1\n[c]"""\n', "the key a stands twice (line 4)"),
    "a key of a table": ("[t]\na.b = 1\na.b = 2\n", "the key a.b stands twice (line 3)"),
    "a key of a table on one line": ("t = { a = 1, a = 2 }\n", "the key a stands twice (line 1)"),
    "a table": ("[t]\na = 1\n[t] # again\n", "the table [t] stands twice (line 3)"),
    "a table called as a key": ("t = 1\n[t]\n", "the table [t] stands twice (line 2)"),
    "a key after a line separator": ('a = "\u2028"\na = 1\n', "the key a stands twice (line 2)"),
}


@pytest.mark.parametrize("what", TWICE)
def test_what_stands_twice_is_named_with_its_line(what: str) -> None:
    text, said = TWICE[what]
    with pytest.raises(SettingsError) as caught:
        content_of(text, "The settings file area.toml")
    assert str(caught.value) == f"The settings file area.toml: {said}; keep one of the two."


@pytest.mark.parametrize("day", ["2023-02-30", "2023-13-01", "2023-02-30T10:00:00"])
def test_a_day_that_there_is_not_is_named(day: str) -> None:
    with pytest.raises(SettingsError) as caught:
        content_of(f"first = 2023-01-01\nas_at = {day} # 2023-02-31\n", "The standard s.toml")
    assert str(caught.value) == f"The standard s.toml: {day[:10]} (line 2) is no day of the calendar. Correct it there."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000, "lists or tables within one another, too deep"),
        ("a = " + "{a=" * 5000, "lists or tables within one another, too deep"),
        ("a = " + "9" * 5000, "a number that is too long"),
        ("a = 1e999999999999999999999", "a number that is too long"),
        ("a = 2023-1-5", "could not be understood at line 1, column 9"),
        ("a = [2023-01-05", "could not be understood at its end"),
    ],
)
def test_what_cannot_be_read_ends_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        content_of(text, "The mapping m.toml")
    assert str(caught.value).startswith("The mapping m.toml ")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


def test_numbers_and_days_are_read_exactly() -> None:
    assert content_of("a = 0.85\nb = 2023-12-31\n", "x") == {"a": Decimal("0.85"), "b": date(2023, 12, 31)}
