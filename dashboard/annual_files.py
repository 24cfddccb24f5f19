"""The annual tables as files: a workbook, a CSV of every figure, a PDF, and one HTML file that needs nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape

import polars as pl

from dashboard.annual import AnnualReport, AnnualTable
from dashboard.exports import TEXT_IS_DATA, about_sheet, csv_bytes, frame_sheet
from dashboard.pdf import Document, Section, pdf_bytes

MIMES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".html": "text/html",
}
"""Ending → what a browser calls such a file."""

_FIGURES = (
    "area",
    "reporting_year",
    "table",
    "row",
    "column",
    "value",
    "unknown",
    "numerator",
    "denominator",
    "state",
    "how",
    "remark",
    "cite",
)


def figures(report: AnnualReport) -> pl.DataFrame:
    """Every figure in the columns that published figures have, and what there is to know of it.

    A cell in which nothing can stand is left out, as a report leaves it empty; one that is not supplied has no value.
    """
    named = report.cells.filter(pl.col("state") != "does not apply").with_columns(area=pl.lit(report.about["Area"]))
    return named.select(_FIGURES)


def as_csv(report: AnnualReport, _made_at: datetime | None = None) -> bytes:
    """The figures as CSV, as `mappa-monitor published` reads them."""
    return csv_bytes(figures(report))


# A workbook


def as_xlsx(report: AnnualReport, made_at: datetime | None = None) -> bytes:
    """A workbook: what it is about, the tables one below the other, and every figure by itself."""
    import xlsxwriter  # a quarter of a second that a start without a workbook need not wait

    buffer = io.BytesIO()
    notes = {f"Note {place}": text for place, text in enumerate(report.warnings, start=1)}
    with xlsxwriter.Workbook(buffer, TEXT_IS_DATA) as book:
        if made_at is not None:
            book.set_properties({"created": made_at.replace(tzinfo=None)})
        about_sheet(book, {"What": report.title, **report.about, **notes})
        sheet = book.add_worksheet("Tables")
        bold, ruled, counted = (
            book.add_format(style)
            for style in ({"bold": True}, {"bold": True, "bottom": 1, "text_wrap": True}, {"num_format": "#,##0"})
        )
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 12, 18)
        at = 0
        for table in report.tables:
            sheet.write_string(at, 0, table.heading, bold)
            for column, heading in enumerate(table.headings):
                sheet.write_string(at + 1, column, heading, ruled)
            for texts, numbers in zip(table.rows, table.figures, strict=True):
                sheet.write_string(at + 2, 0, texts[0])
                for column, (text, number) in enumerate(zip(texts[1:], numbers, strict=True), start=1):
                    if number is None:
                        sheet.write_string(at + 2, column, text)
                    else:
                        sheet.write_number(at + 2, column, number, counted)
                at += 1
            for place, text in enumerate(_below(table)):
                sheet.write_string(at + 2 + place, 0, text)
            at += 3 + len(_below(table))
        frame_sheet(book, "All figures", figures(report))
    return buffer.getvalue()


def _below(table: AnnualTable) -> list[str]:
    """What stands under a table."""
    return [*table.remarks, *table.how, f"Source of the layout: {table.cite}."]


# PDF


def as_pdf(report: AnnualReport, made_at: datetime | None = None) -> bytes:
    """The tables as a PDF with contents and page numbers."""
    sections = [Section(each.heading, each.headings, each.rows, _below(each)) for each in report.tables]
    footer = f"{report.title} – {report.about['Area']}"
    return pdf_bytes(Document(report.title, list(report.about.items()), report.warnings, sections, footer), made_at)


# HTML

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid #767676; text-align: right; vertical-align: bottom; }
th:first-child { text-align: left; min-width: 8rem; } tbody th { font-weight: normal; }
td { font-variant-numeric: tabular-nums; }
section { margin: 2rem 0; } .wide { overflow-x: auto; }
.note { border: 2px solid; padding: .5rem 1rem; } dt { font-weight: bold; } dl { margin: 1rem 0; } dd { margin: 0 0 .3rem; }
@media print { body { max-width: none; margin: 0; } section { break-inside: avoid; } nav { display: none; } }
"""


def as_html(report: AnnualReport, _made_at: datetime | None = None) -> bytes:
    """The tables as one HTML file: no script, nothing fetched from anywhere, every text shown as it stands."""
    about = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in report.about.items())
    notes = "".join(f'<p class="note"><strong>Note.</strong> {escape(text)}</p>' for text in report.warnings)
    contents = "".join(f'<li><a href="#table-{each.number}">{escape(each.title)}</a></li>' for each in report.tables)
    page = (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(report.title)}</h1>\n<dl>{about}</dl>\n{notes}\n"
        f'<nav aria-label="Contents"><h2>Contents</h2><ol>{contents}</ol></nav>\n'
        f"{''.join(map(_html_table, report.tables))}</main>\n</body>\n</html>\n"
    )
    return page.encode()


def _html_table(table: AnnualTable) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.headings)
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th>{"".join(f"<td>{escape(text)}</td>" for text in texts)}</tr>'
        for label, *texts in table.rows
    )
    below = "".join(f"<p>{escape(text)}</p>" for text in _below(table))
    name = f"table-{table.number}"
    return (
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{escape(table.heading)}</h2>\n'
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{name}-title">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n{below}</section>\n"
    )


WRITERS: Mapping[str, Callable[[AnnualReport, datetime | None], bytes]] = {
    ".xlsx": as_xlsx,
    ".csv": as_csv,
    ".pdf": as_pdf,
    ".html": as_html,
}
"""Ending of a file's name → what writes it."""
