"""Numbers counted by the million."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from kpis.tallies import how_many


@pytest.mark.parametrize("packed", [[], [0], [3, 0, 3, 7, 3], [5, 2**40, 5]], ids=["none", "one", "few", "far apart"])
def test_each_number_is_counted(packed: list[int]) -> None:
    told = how_many(pl.Series("packed", packed, dtype=pl.Int64))
    assert told.schema == {"packed": pl.Int64, "n": pl.Int64}
    assert dict(told.iter_rows()) == Counter(packed)
