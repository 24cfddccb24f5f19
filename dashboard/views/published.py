"""The page *Published reports*: do the figures of an annual report add up? (`?report=`)."""

from __future__ import annotations

from dashboard import published_page
from dashboard.chrome import page

page("Published reports", with_period=False)
published_page.draw()
