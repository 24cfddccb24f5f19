"""What reading a file gives: tables of text whose rows know their number, and an account of every row of the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from connectors.sources.source import SourceFile


class Why(StrEnum):
    """Why a row of a sheet is not a record, in plain words. In doubt a row is a record, so that none is lost."""

    ABOVE = "above the header"
    HEADER = "header"
    BLANK = "blank"
    SUBTOTAL = "subtotal or total"
    REPEATED = "header repeated"
    BELOW = "below the table"
    BETWEEN = "title between two parts of the table"


@dataclass(frozen=True)
class LeftOut:
    """Rows that are not records, and why: `reason` one of `Why`, `rows` their physical numbers (1 = the first row)."""

    reason: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Account:
    """What became of every row of one sheet, or of one text file (`sheet` None).

    `rows` physical rows from 1 to the last used one (text file: records as a spreadsheet would number them) · `data` of
    these, the rows handed on as records, counted once where two tables stand side by side · `left_out` the others ·
    `cells_not_understood` error cells (`#REF!`) and the like, whose text is handed on as it stands.
    """

    file: str
    sheet: str | None
    rows: int
    data: int
    left_out: tuple[LeftOut, ...] = ()
    cells_not_understood: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for exactly once."""
        out = [row for left in self.left_out for row in left.rows]
        within = all(1 <= row <= self.rows for row in out)
        return within and len(set(out)) == len(out) and self.rows == self.data + len(out)


@dataclass(frozen=True)
class RawTable:
    """One table as it stands in a file.

    `name` what to call it: the sheet's name or the file's stem, with " (2)" and so on for further tables on one sheet ·
    `headings` cleaned of white space, two header rows joined with " / ", blank ones "column C", doubled ones with " (2)" ·
    `letters` the spreadsheet letters of each column · `frame` one row per record: columns "0", "1", … (String, null where
    blank), one per heading, and `checks.locators.ROW` (UInt32) the physical row · `dated` the columns in which real date
    cells stand, as ISO text in the frame · `hidden_rows` records on rows that the workbook hides, read all the same.
    """

    file: str
    sheet: str | None
    name: str
    headings: tuple[str, ...]
    letters: tuple[str, ...]
    frame: pl.DataFrame
    dated: frozenset[int] = field(default_factory=frozenset)
    hidden_rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Read:
    """All that reading one file gave: its tables, one account per sheet, and notes for people that hold no contents.

    `from_1904`: the workbook counts its days from 1904, which numbers that stand for days are to be read by.
    """

    tables: tuple[RawTable, ...]
    accounts: tuple[Account, ...]
    notes: tuple[str, ...]
    file: SourceFile
    from_1904: bool = False
