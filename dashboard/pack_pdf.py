"""The pack as a document to be set as PDF."""

from __future__ import annotations

from dashboard.pack_parts import Chart, Pack, Part, Table
from dashboard.pdf import Bars, Document, Section


def document(pack: Pack) -> Document:
    """The pack: a section per part, and one below it per further table."""
    sections = [section for at, part in enumerate(pack.parts, start=1) for section in _sections(part, at)]
    about = [(name, text) for name, text in pack.about.items() if text]
    return Document(pack.title, about, pack.warnings, sections, pack.foot)


def _sections(part: Part, at: int) -> list[Section]:
    charts = [_bars(chart) for chart in part.charts if not chart.is_empty]
    shown = {chart.how for chart in part.charts}
    notes = [text for text in part.notes if text.removeprefix("How to read it: ") not in shown]
    first = Section(
        f"{at}. {part.title}", [], [], notes, says=[part.message, *part.says], bars=charts, starts_page=True
    )
    return [first, *(_table(table) for table in part.tables)]


def _table(table: Table) -> Section:
    rows = [[cell.text for cell in row] for row in table.rows]
    return Section(table.title, table.headings, rows, level=2, words=table.words, widths=table.shares)


def _bars(chart: Chart) -> Bars:
    how = f"{chart.how} The dashed line is the target." if chart.has_targets else chart.how
    return Bars(
        kind=chart.kind,
        title=chart.title,
        names=list(chart.categories),
        series=[each.name for each in chart.series],
        # A bar of nothing is no bar; what is said of it stands there all the same.
        heights=[[(each.values[at] or 0) / chart.top for each in chart.series] for at in range(len(chart.categories))],
        texts=[" / ".join(each.texts[at] for each in chart.series) for at in range(len(chart.categories))],
        targets=[(target or 0) / chart.top if target is not None else None for target in chart.targets],
        alt=chart.alt,
        how=how,
    )
