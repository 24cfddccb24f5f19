"""The page *Board pack*: the quarter to take along, as PDF, PowerPoint, workbook and web page (`?small=`)."""

from __future__ import annotations

from dashboard import pack_page
from dashboard.chrome import page

pack_page.draw(page("Board pack"))
