"""The page *Annual tables*: what the annual report prints, counted from the records (`?year=`)."""

from __future__ import annotations

from dashboard import annual_page
from dashboard.chrome import page

annual_page.draw(page("Annual tables", with_period=False))
