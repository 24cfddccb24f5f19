"""The page *Sources*: where the records come from, and which of their headings and values is which."""

from __future__ import annotations

from dashboard import sources_page
from dashboard.chrome import page_of_settings

sources_page.draw(*page_of_settings("Sources"))
