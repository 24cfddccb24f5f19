"""What is taken for a name, and what is surely none."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.names import like_name, plain_reference

PARTS = st.sampled_from(
    ["John", "SMITH", "O’Neil", "j", "李", "12", "1980", "٣", " ", "\u2003", ",", ".", "/", "_", "-", "'", "", "Ref"]
)
TEXTS = st.lists(PARTS, max_size=6).map("".join) | st.text(max_size=12)


def told(of: pl.Expr, *texts: str) -> list[bool]:
    return pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(of).to_series().to_list()


@settings(max_examples=400)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_a_plain_reference_is_nobodys_name_and_has_no_space_around_it(texts: list[str]) -> None:
    plain = [text for text, is_so in zip(texts, told(plain_reference(pl.col("text")), *texts), strict=True) if is_so]
    assert told(like_name(pl.col("text")), *plain) == [False] * len(plain)
    assert told(pl.col("text").str.strip_chars(), *plain) == plain
    assert "" not in plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [("C0000001", True), ("J-2019-17", True), ("4711", True), ("C 1", False), (" C1", False), ("Smith", False), ("", False),
     ("smith.j2", False), ("Smith,J1", False), ("12/1980", False)],
)  # fmt: skip
def test_what_is_plain(text: str, plain: bool) -> None:
    assert told(plain_reference(pl.col("text")), text) == [plain]
