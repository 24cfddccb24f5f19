"""Text from a source, or from an area's settings, made safe for the places that would read it as markup.

Most places show text as it is (`st.text`, `st.dataframe`, the options of `st.selectbox`). Titles, labels, messages, the cells of
`st.table` and the options of `st.radio` read Markdown: what goes there goes through `plain`. Charts read a little HTML:
what goes there goes through `for_chart`.
"""

from __future__ import annotations

import re
import textwrap
from datetime import date, datetime

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")

# Some things are recognised after the backslashes are gone: addresses, mail addresses, emoji and icon names, arrows and
# dashes. A word joiner, which is not seen and takes no room, breaks them up.
_JOINER = "\N{WORD JOINER}"
_RECOGNISED = re.compile(r"(:(?=[^\s:])|@(?=\S)|www(?=\.)|<(?=-)|-(?=[->])|[<>~](?=[=-])|/(?=/))", re.IGNORECASE)


_BREAKS = re.compile(r"[ \t\r\n\f\v\u2028\u2029\x85\x1c-\x1f]+")


def _on_one_line(text: str) -> str:
    """Breaks become spaces; spaces that must not break stay what they are."""
    return _BREAKS.sub(" ", text).strip(" ")


def plain(text: str) -> str:
    """Text that Markdown shows exactly as it stands, on one line."""
    joined = _on_one_line(text)
    # First the joiners, then the backslashes: a backslash must stand right before its character.
    return _PUNCTUATION.sub(r"\\\1", _RECOGNISED.sub(rf"\1{_JOINER}", joined))


def for_chart(text: str) -> str:
    """Text that a Plotly chart shows as it stands: its tags and entities, and the `%{…}` of its templates, mean nothing."""
    joined = _on_one_line(text)
    return joined.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", f"%{_JOINER}{{")


def wrapped_for_chart(text: str, width: int = 22) -> str:
    """The same in lines of a width, so that long names leave room for the bars on a small screen."""
    return "<br>".join(for_chart(line) for line in textwrap.wrap(_on_one_line(text), width)) or " "


def day(value: object) -> str:
    """A date as people write it: 31 December 2023; a dash where there is none."""
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else "–"


def moment(value: datetime) -> str:
    """A moment as people on this machine write it: 3 January 2024, 09:15."""
    here = value.astimezone()
    return f"{here.day} {here:%B %Y, %H:%M}"


def s(number: float | None) -> str:
    """The ending of a plural."""
    return "" if number == 1 else "s"
