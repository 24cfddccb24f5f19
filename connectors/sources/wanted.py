"""What the settings say of reading a database: which table, view or query gives which canonical table, and how long each may take.

Names and queries are looked at here as text, without any database; whether they are there is found out when they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

STATEMENT_SECONDS = 300  # how long one table may take, unless the settings say otherwise

_PART = r'(?:"[^"]+"|[^".\s]+)'
_NAME = re.compile(rf"{_PART}(?:\.{_PART}){{0,2}}")
_FIRST_WORD = re.compile(r"(select|with)\b", re.IGNORECASE)
# What a query is made of, as far as it matters here: text, quoted names and comments, in which no sign counts.
_PIECE = re.compile(
    r"""(?P<quoted>'[^']*'|"[^"]*"|`[^`]*`)|(?P<comment>--[^\n]*|/\*(?![!M])(?:[^*]|\*(?!/))*\*/)|(?P<sign>.)""",
    re.DOTALL,
)


@dataclass(frozen=True)
class Wanted:
    """`tables`: canonical table → table or view, with its schema or not · `queries`: canonical table → query.

    Where either names anything, nothing else is read; where neither does, all that bears a canonical name.
    `statement_seconds`: after which a single table's reading is ended.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)
    statement_seconds: int = STATEMENT_SECONDS

    @property
    def by_name(self) -> bool:
        """Whether all is read that bears a canonical name."""
        return not self.tables and not self.queries


def schema_and_name(text: str) -> tuple[str | None, str]:
    """`mappa.vw_cases` as schema and name; a part in double quotes may hold a dot."""
    parts = [part.strip('"') for part in re.findall(_PART, text)]
    return ".".join(parts[:-1]) or None, parts[-1]


def is_a_name(text: str) -> bool:
    """Whether it can name a table or view: one to three parts with dots between, spaces in double quotes only."""
    return _NAME.fullmatch(text.strip()) is not None


def as_query(text: str) -> str:
    """The query without what ends it: white space and one semicolon."""
    return text.strip().removesuffix(";").rstrip()


def wrong_with(query: str) -> str | None:
    """What keeps a text from being one query that only reads, as the rest of “expected …”; None where it is one.

    A first look, so that a slip is told before anything runs; the session that reads cannot write in any case.
    """
    depth, bare = 0, []
    for piece in _PIECE.finditer(as_query(query)):
        sign = piece["sign"]
        if sign is None:
            bare.append(" ")
            continue
        bare.append(sign)
        if sign == ";":
            return "a single statement, with no semicolon inside it"
        if sign in "'\"`":
            return f"a query in which every {sign} has its match"
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            break
    if depth != 0:
        return "a query in which every bracket has its match"
    words = "".join(bare).strip()
    if not _FIRST_WORD.match(words):
        return "a query that begins with SELECT or WITH"
    if re.search(r"\binto\b", words, re.IGNORECASE):
        return "a query that only reads; INTO writes"
    return None
