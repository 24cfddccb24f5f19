"""The pack as a workbook: a sheet that says what it is about, then one per part, its tables as numbers and its charts native."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from dashboard.exports import TEXT_IS_DATA, about_sheet
from dashboard.pack_parts import Chart, Pack, Part, Table

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_COLOURS = ("#00508F", "#D9690F", "#968796", "#5A2D2D", "#5A96E1", "#C38769")
_TARGET = "#B3002D"
_BEHIND = 12
"""The column from which the figures of the charts stand."""
_CHART_ROWS = 19


def workbook_bytes(pack: Pack) -> bytes:
    """The pack as xlsx."""
    import xlsxwriter  # a quarter of a second that a start without a workbook need not wait

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXT_IS_DATA) as book:
        book.set_properties({"title": pack.title, "created": pack.made_at.replace(tzinfo=None)})
        notes = {f"Note {place}": text for place, text in enumerate(pack.warnings, start=1)}
        contents = {f"Sheet {at}": part.title for at, part in enumerate(pack.parts, start=1)}
        about_sheet(book, {"What": pack.title, **pack.about, **notes, **contents})
        for at, part in enumerate(pack.parts, start=1):
            _Sheet(book, part, at).write(pack)
    return buffer.getvalue()


class _Sheet:
    """One part on a sheet of its own."""

    def __init__(self, book: Workbook, part: Part, at: int) -> None:
        self.book, self.part = book, part
        self.name = f"{at} {re.sub(r'[^A-Za-z0-9 ,-]', '', part.title)}"[:31].strip()
        self.sheet: Worksheet = book.add_worksheet(self.name)
        self.row = 0
        self.formats: dict[str, Any] = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "bold": book.add_format({"bold": True}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "count": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
            "words": book.add_format({"text_wrap": True, "valign": "top"}),
            "right": book.add_format({"align": "right", "valign": "top", "text_wrap": True}),
        }

    def write(self, pack: Pack) -> None:
        """Title, message, charts, sentences, tables, definitions."""
        self.sheet.set_column(0, 0, 44)
        self.sheet.set_column(1, _BEHIND - 1, 16)
        widest = max((table.words for table in self.part.tables), default=1)
        if widest > 1:
            self.sheet.set_column(1, widest - 1, 60)
        self._line(self.part.title, "title")
        self._line(self.part.message, "bold")
        self._line(pack.foot)
        self.row += 1
        for chart in self.part.charts:
            if not chart.is_empty:
                self._chart(chart)
        for table in self.part.tables:
            self._table(table)
        for text in (*self.part.says, *self.part.notes):
            self._line(text)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&R&P / &N")

    def _line(self, text: str, look: str | None = None) -> None:
        self.sheet.write_string(self.row, 0, text, None if look is None else self.formats[look])
        self.row += 1

    def _table(self, table: Table) -> None:
        self._line(table.title, "bold")
        for column, heading in enumerate(table.headings):
            self.sheet.write_string(self.row, column, heading, self.formats["head"])
        for cells in table.rows:
            self.row += 1
            for column, cell in enumerate(cells):
                if cell.number is None:
                    look = "words" if column < table.words else "right"
                    self.sheet.write_string(self.row, column, cell.text, self.formats[look])
                else:
                    self.sheet.write_number(
                        self.row, column, cell.number, self.formats["share" if cell.share else "count"]
                    )
        self.row += 2

    def _chart(self, chart: Chart) -> None:
        """A native chart, and beside it the figures that it draws."""
        first, last = self.row + 1, self.row + len(chart.categories)
        self.sheet.write_string(self.row, _BEHIND, "Behind the chart", self.formats["bold"])
        form = self.formats["share" if chart.share else "count"]
        series = [(each.name, each.values) for each in chart.series]
        series += [("Target", chart.targets)] if chart.has_targets else []
        for at, name in enumerate(chart.categories, start=first):
            self.sheet.write_string(at, _BEHIND, name)
        for column, (name, values) in enumerate(series, start=_BEHIND + 1):
            self.sheet.write_string(self.row, column, name, self.formats["bold"])
            for at, value in enumerate(values, start=first):
                if value is not None:
                    self.sheet.write_number(at, column, value, form)
        kinds = {
            "columns": {"type": "column"},
            "bars": {"type": "bar"},
            "stacked": {"type": "bar", "subtype": "stacked"},
        }
        drawn: Any = self.book.add_chart(kinds[chart.kind])
        lines: Any = self.book.add_chart({"type": "line"}) if chart.kind == "columns" and chart.has_targets else None
        for place in range(len(series)):
            column, is_target = _BEHIND + 1 + place, place == len(chart.series)
            colour = _TARGET if is_target else _COLOURS[place % len(_COLOURS)]
            told = {
                "name": [self.name, self.row, column],
                "categories": [self.name, first, _BEHIND, last, _BEHIND],
                "values": [self.name, first, column, last, column],
            }
            if is_target and lines is not None:
                lines.add_series({**told, "line": {"color": colour, "dash_type": "dash", "width": 2.5}})
            else:
                drawn.add_series({**told, "fill": {"color": colour}, "data_labels": {"value": True}, "gap": 60})
        if lines is not None:
            drawn.combine(lines)
        drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
        if chart.kind != "columns":
            drawn.set_y_axis({"reverse": True})
        value_axis = {"min": 0, "num_format": "0%", "max": 1} if chart.share else {"min": 0, "num_format": "#,##0"}
        (drawn.set_y_axis if chart.kind == "columns" else drawn.set_x_axis)(value_axis)
        drawn.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        drawn.set_size({"width": 900, "height": 360})
        self.sheet.insert_chart(self.row, 0, drawn, {"description": chart.alt})
        self.row += max(_CHART_ROWS, len(chart.categories) + 2)
        self._line(chart.how)
