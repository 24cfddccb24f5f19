"""Text as it is compared and kept: without the marks that programs leave in it and people do not see."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import polars as pl

# Spaces that do not break, thin and wide spaces, marks of no width, and the quotation marks and dashes of word processors.
_PLAIN = {
    **dict.fromkeys(
        "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n\v\f", " "
    ),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("‘’‚‛`´ʼ", "'"),
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
_ODD = re.compile("[" + "".join(map(re.escape, _PLAIN)) + "]")
_BREAKS = ["  ", "\t", "\r", "\n", "\v", "\f"]
_WORDS = re.compile(r"[^\W\d_]+|\d+|[✓✔✅☑☒☐√🗸✗✘❌×]")
_WHOLE = re.compile(r"(\d+)\.0+")


def cleaned(texts: pl.Series) -> pl.Series:
    """The texts on one line, with plain spaces, quotation marks and dashes, nothing around them; empty ones are null."""
    if (texts.str.len_bytes() != texts.str.len_chars()).any():
        texts = texts.str.replace_many(list(_PLAIN), list(_PLAIN.values()))
    if texts.str.contains_any(_BREAKS).any():
        texts = texts.str.replace_all(r"\s+", " ")
    texts = texts.str.strip_chars(" ")
    if (texts == "").any():
        texts = texts.replace("", None)
    return texts


def one_line(text: str) -> str:
    """One text, cleaned."""
    return " ".join(_ODD.sub(lambda found: _PLAIN[found[0]], text).split())


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """A text as spellings are compared: its words and numbers in small letters; where it has none, what stands there."""
    plain = one_line(unicodedata.normalize("NFKC", text)).casefold()
    whole = _WHOLE.fullmatch(plain)
    return " ".join(_WORDS.findall(whole[1] if whole else plain)) or plain
