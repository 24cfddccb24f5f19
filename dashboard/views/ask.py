"""The page *Ask*: questions answered from stored results, with the figures they rest on (`?question=&period=`)."""

from __future__ import annotations

from dashboard import ask_page
from dashboard.chrome import page

ask_page.draw(page("Ask", with_period=False, newest=True))
