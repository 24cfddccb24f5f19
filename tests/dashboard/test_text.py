"""Text that means something to Markdown, charts or Streamlit is shown as it stands."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from dashboard.text import day, for_chart, moment, plain, wrapped_for_chart

JOINER = "\N{WORD JOINER}"


def as_markdown_shows_it(markdown: str) -> str:
    """Plain Markdown, its backslashes taken away as CommonMark does, and the joiners that cannot be seen."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(JOINER, "")


@pytest.mark.parametrize(
    "text",
    [
        "**x**",
        "[a](b)",
        "<script>",
        "# 1",
        "- a",
        "1. a",
        "a_b_c",
        "`x`",
        "$y$",
        "a|b",
        "~~x~~",
        "\\*",
        "&amp;",
        "![i](u)",
        "10 %",
    ],
)
def test_markdown_shows_the_text_itself(text: str) -> None:
    assert as_markdown_shows_it(plain(text)) == text


@pytest.mark.parametrize("text", ["**x**", "[a](b)", "<b>", "#", "`x`", "$y$", "_x_", ":red[x]"])
def test_no_active_character_is_left_without_its_backslash(text: str) -> None:
    assert re.search(r"(?<!\\)[*_\[\]()<>#`$:!~|]", plain(text)) is None


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        (":material/home:", r":material/"),
        (":smile:", r":smile:"),
        ("https://example.org", r"://"),
        ("www.example.org", r"www\."),
        ("a@b.org", r"@b"),
        ("a -> b", r"->"),
        ("a <- b", r"<-"),
        ("a -- b", r"--"),
        ("a >= b", r">="),
    ],
)
def test_what_is_recognised_after_the_backslashes_are_gone_is_broken_up(text: str, recognised: str) -> None:
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text))
    assert re.search(recognised, unescaped) is None
    assert unescaped.replace(JOINER, "") == text


def test_a_text_of_several_lines_cannot_begin_a_new_block() -> None:
    assert plain("a\n\n# b\r\n\tc") == "a \\# b c"


def test_spaces_that_must_not_break_stay() -> None:
    assert plain("60\N{NO-BREAK SPACE}%") == "60\N{NO-BREAK SPACE}\\%"


def test_charts_show_tags_and_templates_as_they_stand() -> None:
    assert for_chart("<b>x</b> & %{y}") == f"&lt;b&gt;x&lt;/b&gt; &amp; %{JOINER}{{y}}"


def test_long_names_are_broken_between_words_and_never_inside_an_entity() -> None:
    assert (
        wrapped_for_chart("customer & local services of the island", 16)
        == "customer &amp; local<br>services of the<br>island"
    )
    assert wrapped_for_chart("   ") == " "


def test_days_and_moments_are_written_for_people() -> None:
    assert day(date(2023, 12, 1)) == "1 December 2023"
    assert day(None) == "–"
    here = datetime(2024, 1, 3, 9, 15).astimezone()
    assert moment(here.astimezone(UTC)) == "3 January 2024, 09:15"
