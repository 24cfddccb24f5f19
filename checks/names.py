"""What looks like a person's name, and a pseudonym or a reference does not."""

from __future__ import annotations

import polars as pl

# Two or more words of letters, a word before a comma and one after it, or one word of letters alone.
_WORD = r"\p{L}[\p{L}\p{M}'’.\-]*"
_LETTERS_ALONE = rf"^{_WORD}(?:[\s,]+{_WORD})+$|\p{{L}}{{2,}}\s*,\s*\p{{L}}|^\p{{L}}[\p{{L}}\p{{M}}'’\-]{{2,}}$"

# Letters without capitals, as Chinese has them; initials; a forename and a surname as accounts are called.
_SHORT = r"^\p{Lo}{2,}$|^(?:\p{Lu}\.\s*){2,}$|^\p{Ll}{2,}[._]\p{Ll}{2,}\d*$"

# Two words side by side, one of them with no capital but its first: a name with a number, a year or a date of birth beside it.
_CAPITAL = r"\p{Lu}[\p{Ll}\p{M}'’]+"
_CAPITALS = r"\p{Lu}{2,}"
_BESIDE_FIGURES = rf"{_CAPITAL}[\s._/,]+(?:\p{{Lu}}\.?\s+)?(?:{_CAPITAL}|{_CAPITALS})|{_CAPITALS}[\s._/,]+{_CAPITAL}"
_OF_REFERENCES = (
    r"(?i)(?:^|[^\p{L}])(?:case|ref|reference|no|nr|number|record|file|nominal|subject|id|urn|crn|pnc|visor|j?mappa|"
    r"meeting|review|screening|level|board|smb)(?:[^\p{L}]|$)"
)


def like_name(text: pl.Expr) -> pl.Expr:
    """Whether a text looks like a person's name; null where there is none."""
    beside_figures = text.str.contains(_BESIDE_FIGURES) & ~text.str.contains(_OF_REFERENCES)
    return text.str.contains(f"{_LETTERS_ALONE}|{_SHORT}") | beside_figures
