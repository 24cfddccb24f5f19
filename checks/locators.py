"""Where a raw row came from: the columns that every pulled table carries besides its canonical ones.

A finding is made from these; no other part of a row leaves the table it stands in. In typed tables names of files and sheets stand
as categoricals, each kept once.
"""

from __future__ import annotations

FILE = "_file"  # String: the file's name (never its folder), or what the database is called
SHEET = "_sheet"  # String, null where there is none: the sheet, or the database's table or view
ROW = "_row"  # UInt32: the physical row, header = 1; in Parquet and databases the ordinal of the record
EXTRA_CELLS = "_extra_cells"  # Boolean, only where some row of the file has more cells than its header

LOCATORS = (FILE, SHEET, ROW)
