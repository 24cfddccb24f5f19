"""Whatever stands in a file: a proposal is made, can be saved, and accounts for every row, or it is refused in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from checks.errors import SettingsError
from checks.table_names import COLUMNS
from connectors.mapping import headings
from connectors.mapping.apply import apply
from connectors.mapping.mapping import read_mapping
from connectors.mapping.personal import Watch
from connectors.mapping.preview import preview
from connectors.mapping.propose import propose
from connectors.mapping.writing import to_toml
from connectors.pseudonyms import KeyPlace
from tests.connectors.mapping.raw import raw, read

_NAMES = sorted(headings.known())
_CELLS = [
    "L2", "Level 1", "31/12/2023", "3/4/23", "12/31/2023", "2023-01-31", "45000", "Y", "no", "Police", "NPS", "custody",
    "n/a", "-", "Apols", "C1", "C2", "#REF!", "\u00a0x", "“q”", "1", "2", "3",
]  # fmt: skip
heading = st.sampled_from(_NAMES) | st.text(max_size=12)
cell = st.none() | st.sampled_from(_CELLS) | st.text(max_size=8)

KEY = KeyPlace("one long random key of the tests")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str | None]]]:
    names = draw(st.lists(heading, min_size=1, max_size=9, unique_by=str.casefold))
    row = st.lists(cell, min_size=len(names), max_size=len(names))
    return [name or "column A" for name in names], draw(st.lists(row, max_size=8))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(tables(), min_size=1, max_size=3))
@example([(["10 and over", "accepted", "accepted at level", "action", "action id"], [[None] * 4 + ["Police"]])])
def test_any_table_is_proposed_saved_and_accounted_for(made: list[tuple[list[str], list[list[str | None]]]]) -> None:
    file = read(*(raw("book.xlsx", f"S{n}", names, rows) for n, (names, rows) in enumerate(made)))
    proposal = propose([file])
    mapping = read_mapping(to_toml(proposal.mapping, proposal.questions), "a.toml")
    assert mapping == proposal.mapping
    shown = preview([file], mapping, proposal, proposed=True)
    assert [len(table.columns) for table in shown.tables] == [len(names) for names, _ in made]
    if shown.questions or not any(sheet.feeds for sheet in mapping.sheets):
        with pytest.raises(SettingsError):
            apply([file], mapping, "a.toml", Watch("a.toml", KEY, []))
        return
    pulled = apply([file], mapping, "a.toml", Watch("a.toml", KEY, []))
    assert all(account.adds_up for account in pulled.accounts)
    assert set(pulled.tables) <= set(COLUMNS)
    fed = {raw.sheet for raw, entry in zip(file.tables, proposal.tables, strict=True) if entry.sheet.feeds}
    for account, (_, rows) in zip(pulled.accounts, made, strict=True):
        if account.sheet in fed:
            lost = [left for left in account.left_out if left.reason == "the same record stands elsewhere too"]
            assert account.data + sum(len(left.rows) for left in lost) == len(rows)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_one_blank_column(rows: int) -> None:
    file = read(raw("a.csv", None, ["column A"], [[None]] * rows))
    assert propose([file]).tables[0].sheet.feeds == ()
