"""Long tables come a page at a time, and every row is on exactly one page."""

from __future__ import annotations

import polars as pl
import pytest

from dashboard.paging import PAGE_ROWS, page_of
from dashboard.tables import plain_cells


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 250])
def test_every_row_is_on_exactly_one_page(rows: int) -> None:
    frame = pl.DataFrame({"n": range(rows)}, schema={"n": pl.Int64})
    pages = [page_of(frame, number) for number in range(1, page_of(frame).of + 1)]
    assert pl.concat([each.rows for each in pages]).equals(frame)
    assert all(each.rows.height <= PAGE_ROWS for each in pages)


def test_a_page_past_the_end_is_the_last_one() -> None:
    frame = pl.DataFrame({"n": range(101)})
    assert page_of(frame, 7).number == 2
    assert page_of(frame, -1).number == 1


def test_a_page_says_which_rows_it_holds() -> None:
    assert page_of(pl.DataFrame({"n": range(1)})).words == "1 row"
    assert page_of(pl.DataFrame({"n": range(1250)}), 2).words == "Rows 101 to 200 of 1,250, page 2 of 13"


def test_cells_keep_gaps_and_only_chosen_columns_stay_on_one_line() -> None:
    cells = plain_cells(pl.DataFrame({"a": ["x y", None], "b": ["x y", "*z*"]}), unbroken=("a",))
    assert cells.rows() == [("x\N{NO-BREAK SPACE}y", "x y"), (None, "\\*z\\*")]
