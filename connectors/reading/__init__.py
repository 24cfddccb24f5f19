"""Any workbook or text file → tables of text with physical row numbers, and an account of every row that adds up."""

from __future__ import annotations

from connectors.reading.reader import read
from connectors.reading.shapes import Account, LeftOut, RawTable, Read, Why

__all__ = ["Account", "LeftOut", "RawTable", "Read", "Why", "read"]
