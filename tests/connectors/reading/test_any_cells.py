"""Whatever stands in the cells: reading never breaks, its account adds up, and nothing that stands there goes unsaid."""

from __future__ import annotations

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.errors import SourceError
from connectors.reading import blocks, read
from connectors.reading.grid import grid
from connectors.reading.reader import _account, _tables
from connectors.sources.headings import Place
from tests.connectors.reading.sheets import assert_whole

WORDS = st.sampled_from(
    [
        "Ref",
        "Level",
        "Agency",
        "Date in",
        "C1",
        "C2",
        "2",
        "3.5",
        "01/02/2023",
        "2023-01-04",
        "Total",
        "Subtotal",
        "£5",
        "Police",
        "Notes: provisional",
        "TBC",
        "N/A",
        "-",
        "yes",
        "2019",
        "2020",
        "Page 1 of 2",
        "a note of several words",
    ]
)
CELL = st.one_of(st.none(), st.none(), WORDS, st.text(max_size=4))
BLANK_ROW = st.just([])
HEADER = st.just(["Ref", "Level", "Agency", "Date in"])
TOTAL = st.just(["Total", None, "3"])
ROWS = st.lists(st.one_of(st.lists(CELL, max_size=9), BLANK_ROW, BLANK_ROW, HEADER, TOTAL), max_size=30)
MERGED = st.lists(
    st.tuples(*[st.integers(1, 12)] * 4).map(
        lambda a: (min(a[0], a[2]), min(a[1], a[3]), max(a[0], a[2]), max(a[1], a[3]))
    ),
    max_size=4,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, MERGED, st.frozensets(st.sampled_from(["ref", "level", "agency"])))
def test_every_row_is_accounted_for_once_and_every_cell_can_be_found(rows, merged, hints):
    width = max((len(row) for row in rows), default=0)
    cells = pl.DataFrame(
        {str(n): pl.Series([row[n] if n < len(row) else None for row in rows], dtype=pl.String) for n in range(width)}
    )
    lying = grid(cells, 1, merged)
    found = blocks.found(lying, hints)
    account = _account(found, lying, Place("x", "y"), 0)
    tables = list(_tables(found, lying, Place("x", "y"), "y", ()))
    assert account.adds_up
    assert account.rows == (len(rows) if width else 0)
    read = {row for table in tables for row in table.frame["_row"]}
    assert len(read) == account.data
    out = {row: each.reason for each in account.left_out for row in each.rows}
    assert read.isdisjoint(out)
    handed_on = {
        (row, cell) for table in tables for *cells, row in table.frame.iter_rows() for cell in cells if cell is not None
    }
    for row, line in enumerate(lying.frame.iter_rows(), start=1):
        filled = [(column, cell) for column, cell in enumerate(line) if cell is not None]
        assert bool(filled) == (out.get(row) != "blank")
        for column, cell in filled:
            left = any(row - 1 in block.left for block in found if block.columns[0] <= column <= block.columns[1])
            assert (row, cell) in handed_on or left, (row, column)
    for table in tables:
        assert len(set(table.headings)) == len(table.headings) == table.frame.width - 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='a1,;\t|"\n\r \0é', max_size=120).map(str.encode))
def test_any_bytes_are_read_whole_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(data)
    try:
        done = read(path)
    except SourceError as error:
        refused = str(error)
    else:
        refused = None
        assert_whole(done)
    assert refused is None or 20 < len(refused) < 300
