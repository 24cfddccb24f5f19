"""The pack as files: tagged PDF, PowerPoint, workbook, and one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboard.pack_html import html_bytes
from dashboard.pack_parts import Pack
from dashboard.pack_workbook import workbook_bytes

MIMES = {
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html",
}
"""Ending → what a browser calls such a file."""


def as_pdf(pack: Pack) -> bytes:
    """The pack as PDF for reading and for screen readers, with contents and page numbers."""
    from dashboard.pack_pdf import document
    from dashboard.pdf import pdf_bytes

    return pdf_bytes(document(pack), pack.made_at)


def as_pptx(pack: Pack) -> bytes:
    """The pack as PowerPoint, its charts to be edited there."""
    from dashboard.pack_slides import slides_bytes  # brings python-pptx, which nothing else needs

    return slides_bytes(pack)


WRITERS: Mapping[str, Callable[[Pack], bytes]] = {
    ".pdf": as_pdf,
    ".pptx": as_pptx,
    ".xlsx": workbook_bytes,
    ".html": html_bytes,
}
"""Ending of a file's name → what writes it."""
