"""The layout of an OpenDocument spreadsheet's sheets (.ods), from one pass over its XML."""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

from connectors.reading.layout import MOST_COLUMNS, MOST_ROWS, Area, Layout
from connectors.reading.packages import BROKEN_PACKAGE

_CHUNK = 1 << 20
_ROW, _CELLS = "table:table-row", ("table:table-cell", "table:covered-table-cell")
_TABLE, _TEXT = "table:table", "text:p"


def layouts(data: bytes) -> dict[str, Layout] | None:
    """Sheet → layout; None where the bytes are no such file. Raises ValueError where its XML is damaged, over which the quick
    reader may never come to an end."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open("content.xml") as content:
            walk = _Walk()
            while piece := content.read(_CHUNK):
                walk.parser.Parse(piece, False)
            walk.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError("damaged XML") from error
    except (*BROKEN_PACKAGE, KeyError):
        return None
    except LookupError as error:
        raise ValueError("text in an encoding that nobody knows") from error
    return walk.found


class _Walk:
    """Counts rows and cells, repeats included, without making them."""

    def __init__(self) -> None:
        self.found: dict[str, Layout] = {}
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._sheet = ""
        self._depth = 0  # of tables within tables, which are no sheets of their own
        self._fresh()

    def _fresh(self) -> None:
        self._row = self._last_row = self._last_column = 0  # of this sheet, counted from 1, 0: none yet
        self._repeats, self._column, self._width = 1, 0, 0
        self._cell: tuple[int, int] | None = None
        self._merged: list[Area] = []
        self._hidden: list[int] = []

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag in _CELLS:
            if self._depth != 1:
                return
            repeats = _count(given, "table:number-columns-repeated", MOST_COLUMNS)
            first = self._column + 1
            self._column += repeats
            self._cell = (first, self._column)
            if "office:value-type" in given or "calcext:value-type" in given:
                self._width = self._column
            down = _count(given, "table:number-rows-spanned", MOST_ROWS)
            right = _count(given, "table:number-columns-spanned", MOST_COLUMNS)
            if down > 1 or right > 1:
                self._merged.append((self._row + 1, first, self._row + down, first + right - 1))
        elif tag == _ROW and self._depth == 1:
            self._repeats = _count(given, "table:number-rows-repeated", MOST_ROWS)
            self._column, self._width = 0, 0
            if given.get("table:visibility") in ("collapse", "filter"):
                self._hidden.extend(range(self._row + 1, min(self._row + self._repeats, MOST_ROWS) + 1))
        elif tag == _TEXT and self._cell is not None:
            self._width = max(self._width, self._cell[1])
        elif tag == _TABLE:
            self._depth += 1
            if self._depth == 1:
                self._sheet = given.get("table:name", "")
                self._fresh()

    def _end(self, tag: str) -> None:
        if tag in _CELLS:
            self._cell = None
        elif tag == _ROW and self._depth == 1:
            self._row += self._repeats
            if self._width:
                self._last_row, self._last_column = self._row, max(self._last_column, self._width)
        elif tag == _TABLE:
            self._depth -= 1
            if self._depth == 0:
                self.found[self._sheet] = Layout(
                    rows=self._last_row,
                    columns=self._last_column,
                    merged=tuple(self._merged),
                    hidden_rows=tuple(row for row in self._hidden if row <= self._last_row),
                )


def _count(given: dict[str, str], name: str, most: int) -> int:
    text = given.get(name, "1")
    return min(int(text), most) if text.isascii() and text.isdigit() and text != "0" else 1
