"""The pack as PowerPoint: a message per slide, charts to be edited there, tables in pieces that fit, definitions in the notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from dashboard.exports import TEXT_IS_DATA
from dashboard.pack_parts import Cell, Chart, Pack, Part, Table

WIDE, TALL = 13.333, 7.5
"""Of a slide, in inches: 16 to 9."""

EDGE, TOP, FOOT = 0.5, 1.55, 6.95
"""The margin, where what is below the title begins, and where the line at the foot stands, in inches."""

SMALLEST = 12
"""Points: nothing on a slide is smaller."""

_TEXT, _CELL = 16, 14
_PER_CHARACTER = 0.0077
"""Inches that a character takes on average, per point of its size."""

_COLOURS = ("00508F", "D9690F", "968796", "5A2D2D", "5A96E1", "C38769")
_TARGET = "B3002D"
_INK = "0B0C0C"
_MOST_NAMES = 14
"""Names in one chart of bars that can still be read; what has more stands in its table alone."""


def slides_bytes(pack: Pack) -> bytes:
    """The pack as pptx; the same bytes for the same pack."""
    shown = Presentation()
    shown.slide_width, shown.slide_height = Inches(WIDE), Inches(TALL)
    about = shown.core_properties
    about.title, about.author, about.subject = pack.title, pack.about["Made by"], pack.foot
    about.language, about.keywords, about.comments = "en-GB", "", ""
    about.created = about.modified = pack.made_at.replace(tzinfo=None)
    about.last_modified_by, about.revision = pack.about["Made by"], 1
    making = _Slides(shown, pack)
    making.first()
    for part in pack.parts:
        making.part(part)
    making.number()
    buffer = io.BytesIO()
    shown.save(buffer)
    return _same_every_time(buffer.getvalue(), pack.made_at)


def text_lines(text: str, points: float, width: float) -> int:
    """How many lines a text takes in a width of inches, at most."""
    per_line = max(int(width / (points * _PER_CHARACTER)), 1)
    lines, room = 1, per_line
    for word in text.split():
        long = len(word)
        if long > room and room < per_line:
            lines, room = lines + 1, per_line
        while long > per_line:
            lines, long = lines + 1, long - per_line
        room -= long + 1
    return lines


def text_height(text: str, points: float, width: float) -> float:
    """The inches that a text takes."""
    return text_lines(text, points, width) * points * 1.2 / 72


class _Slides:
    """The slides in the making."""

    def __init__(self, shown: Any, pack: Pack) -> None:
        self.shown, self.pack = shown, pack

    def first(self) -> None:
        """The title slide, and one that says what the figures are."""
        slide = self._slide(self.pack.title, [])
        lines = [f"{name}: {self.pack.about[name]}" for name in ("Area", "Period", "Standard", "As at", "Snapshot")]
        self._text(slide, [*lines, *self.pack.warnings], EDGE, TOP, WIDE - 2 * EDGE, 4.5, 20)
        rest = [(name, text) for name, text in self.pack.about.items() if text]
        rows = [[Cell(name), Cell(text)] for name, text in rest]
        self._table_slides("What these figures are", Table("About", ["What", "Which"], rows, words=2), [], (0.2, 0.8))
        contents = Table(
            "Contents",
            ["Part", "What it says"],
            [[Cell(part.title), Cell(part.message)] for part in self.pack.parts],
            words=2,
        )
        self._table_slides("Contents", contents, [], (0.3, 0.7))

    def part(self, part: Part) -> None:
        """The slides of a part: its message with its chart and caveats, then its tables."""
        charts = [chart for chart in part.charts if not chart.is_empty and len(chart.categories) <= _MOST_NAMES]
        for at, chart in enumerate(charts):
            slide = self._slide(part.message if not at else f"{part.title}: {chart.title}", part.notes)
            self._chart(slide, chart, EDGE, TOP, 8.1, FOOT - TOP - 0.1)
            says = [*(part.says if not at else ()), chart.how]
            self._text(slide, says, 8.8, TOP, WIDE - 8.8 - EDGE, FOOT - TOP - 0.1, _TEXT)
        if not charts and (part.says or not part.tables):
            slide = self._slide(part.message, part.notes)
            self._text(slide, part.says, EDGE, TOP, WIDE - 2 * EDGE, FOOT - TOP - 0.1, _TEXT + 2)
        for table in part.tables:
            self._table_slides(table.title, table, part.notes)

    def number(self) -> None:
        """The line at the foot of every slide: what it is about, and its number."""
        slides = list(self.shown.slides)
        for at, slide in enumerate(slides, start=1):
            foot = f"{self.pack.foot} · slide {at} of {len(slides)}"
            self._text(slide, [foot], EDGE, FOOT, WIDE - 2 * EDGE, 0.35, SMALLEST)

    # Pieces

    def _slide(self, title: str, notes: Sequence[str]) -> Any:
        slide = self.shown.slides.add_slide(self.shown.slide_layouts[5])  # a title and nothing else
        box = slide.shapes.title
        box.left, box.top, box.width, box.height = (Inches(each) for each in (EDGE, 0.3, WIDE - 2 * EDGE, 1.15))
        box.text_frame.text = title
        box.text_frame.word_wrap = True
        box.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        points = next(
            (each for each in (28, 24, 20, 18, 16, 14) if text_height(title, each, WIDE - 2 * EDGE - 0.2) <= 1.1),
            SMALLEST,
        )
        for paragraph in box.text_frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.font.size, paragraph.font.bold = Pt(points), True
            paragraph.font.color.rgb = RGBColor.from_string(_INK)
        slide.notes_slide.notes_text_frame.text = "\n".join([*notes, self.pack.foot, self.pack.about["Small counts"]])
        return slide

    def _text(
        self, slide: Any, texts: Sequence[str], left: float, top: float, width: float, height: float, points: float
    ) -> None:
        said = [text for text in texts if text]
        # Smaller where it would not fit, down to what can still be read.
        while points > SMALLEST and sum(text_height(text, points, width - 0.2) + 0.1 for text in said) > height:
            points -= 1
        frame = slide.shapes.add_textbox(*(Inches(each) for each in (left, top, width, height))).text_frame
        frame.word_wrap = True
        for at, text in enumerate(said):
            paragraph = frame.paragraphs[0] if not at else frame.add_paragraph()
            paragraph.text = text
            paragraph.font.size, paragraph.space_after = Pt(points), Pt(5)
            paragraph.font.color.rgb = RGBColor.from_string(_INK)

    def _table_slides(
        self, title: str, table: Table, notes: Sequence[str], shares: Sequence[float] | None = None
    ) -> None:
        room = WIDE - 2 * EDGE
        widths = [share * room for share in shares or table.shares]
        pieces = list(_pieces(table, widths, FOOT - TOP - 0.1))
        for at, rows in enumerate(pieces, start=1):
            slide = self._slide(f"{title} ({at} of {len(pieces)})" if len(pieces) > 1 else title, notes)
            shape = slide.shapes.add_table(
                len(rows) + 1, len(table.headings), *(Inches(each) for each in (EDGE, TOP, room, 0.3 * (len(rows) + 1)))
            )
            _describe(shape, f"Table: {title}, {len(rows)} rows")
            told = [[Cell(heading) for heading in table.headings], *rows]
            for column, width in enumerate(widths):
                shape.table.columns[column].width = Inches(width)
            for place, cells in enumerate(told):
                shape.table.rows[place].height = Inches(_row_height(cells, widths))
                for column, cell in enumerate(cells):
                    _fill(shape.table.cell(place, column), cell.text, left=column < table.words)

    def _chart(self, slide: Any, chart: Chart, left: float, top: float, width: float, height: float) -> None:
        data = _Data(number_format="0.0%" if chart.share else "#,##0")
        data.categories = list(chart.categories)
        for each in chart.series:
            data.add_series(each.name, each.values)
        lines = chart.kind == "columns"
        if chart.has_targets:
            data.add_series("Target", chart.targets)
        kind = {
            "columns": XL_CHART_TYPE.LINE_MARKERS,
            "bars": XL_CHART_TYPE.BAR_CLUSTERED,
            "stacked": XL_CHART_TYPE.BAR_STACKED,
        }[chart.kind]
        shape = slide.shapes.add_chart(kind, *(Inches(each) for each in (left, top, width, height)), data)
        _describe(shape, f"{chart.title}. {chart.alt}")
        drawn = shape.chart
        drawn.font.size, drawn.font.color.rgb = Pt(_CELL), RGBColor.from_string(_INK)
        drawn.has_title = False
        drawn.has_legend = len(chart.series) > 1 or chart.has_targets
        if drawn.has_legend:
            drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        values = drawn.value_axis
        values.minimum_scale, values.maximum_scale = 0, 1 if chart.share else None
        values.tick_labels.number_format, values.tick_labels.number_format_is_linked = (
            "0%" if chart.share else "#,##0",
            False,
        )
        values.major_gridlines.format.line.color.rgb = RGBColor.from_string("D5DADE")
        if not lines:
            drawn.category_axis.reverse_order = True
            drawn.plots[0].gap_width = 60
        for place, series in enumerate(drawn.plots[0].series):
            target = place == len(chart.series)
            colour = RGBColor.from_string(_TARGET if target else _COLOURS[place % len(_COLOURS)])
            if lines:
                series.smooth = False
                series.format.line.color.rgb, series.format.line.width = colour, Pt(2.5)
                series.marker.format.fill.solid()
                series.marker.format.fill.fore_color.rgb = series.marker.format.line.color.rgb = colour
                if target:
                    series.format.line.dash_style = MSO_LINE.DASH
            else:
                series.format.fill.solid()
                series.format.fill.fore_color.rgb = colour
            if not target and chart.kind != "stacked":
                labels = series.data_labels
                labels.show_value, labels.font.size = True, Pt(_CELL)
                labels.number_format, labels.number_format_is_linked = "0.0%" if chart.share else "#,##0", False


class _Workbook(CategoryWorkbookWriter):
    """The workbook behind a chart, in which text is text."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: io.BytesIO) -> Generator[tuple[Any, Any]]:
        import xlsxwriter

        book = xlsxwriter.Workbook(xlsx_file, TEXT_IS_DATA)
        book.set_properties({"created": datetime(1980, 1, 1)})  # noqa: DTZ001, a workbook has no zone
        yield book, book.add_worksheet()
        book.close()


class _Data(CategoryChartData):
    """The figures of a chart, with such a workbook behind them."""

    @property
    def _workbook_writer(self) -> _Workbook:  # ty: ignore[incompatible-property-override]
        return _Workbook(self)


def _describe(shape: Any, words: str) -> None:
    """What a shape shows, for who cannot see it."""
    shape._element.nvGraphicFramePr.cNvPr.set("descr", words)


def _fill(cell: Any, text: str, *, left: bool) -> None:
    cell.text = text
    cell.margin_left = cell.margin_right = Emu(Inches(0.06))
    cell.margin_top = cell.margin_bottom = Emu(Inches(0.03))
    for paragraph in cell.text_frame.paragraphs:
        paragraph.font.size = Pt(_CELL)
        paragraph.alignment = PP_ALIGN.LEFT if left else PP_ALIGN.RIGHT


def _row_height(cells: Sequence[Cell], widths: Sequence[float]) -> float:
    """Inches."""
    lines = max(text_lines(cell.text, _CELL, width - 0.12) for cell, width in zip(cells, widths, strict=True))
    return 0.08 + lines * _CELL * 1.2 / 72


def _pieces(table: Table, widths: Sequence[float], height: float) -> Iterator[list[Sequence[Cell]]]:
    """The rows in as many pieces as fit on a slide each."""
    head = _row_height([Cell(heading) for heading in table.headings], widths)
    rows: list[Sequence[Cell]] = []
    room = height - head
    for row in table.rows:
        for part in _cut(row, widths, height - head):
            needed = _row_height(part, widths)
            if needed > room and rows:
                yield rows
                rows, room = [], height - head
            rows.append(part)
            room -= needed
    yield rows


def _cut(row: Sequence[Cell], widths: Sequence[float], height: float) -> list[Sequence[Cell]]:
    """A row, in several where one cell alone holds more than a slide."""
    most = int((height - 0.08) / (_CELL * 1.2 / 72))
    if _row_height(row, widths) <= height:
        return [row]
    pieces = []
    for cell, width in zip(row, widths, strict=True):
        room = max(int((width - 0.12) / (_CELL * _PER_CHARACTER) * most * 0.7), 1)
        pieces.append([Cell(cell.text[at : at + room]) for at in range(0, max(len(cell.text), 1), room)])
    deep = max(map(len, pieces))
    return [[each[at] if at < len(each) else Cell("") for each in pieces] for at in range(deep)]


def _same_every_time(content: bytes, made_at: datetime) -> bytes:
    """The package with every file in it dated alike, so that the same pack is the same bytes."""
    out = io.BytesIO()
    when = made_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            data = before.read(info)
            if info.filename == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + when, data)
            after.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
