"""The page *Trends*: one measure quarter by quarter, all together or by agency, level, category (`?measure=&by=&unit=`)."""

from __future__ import annotations

from dashboard import trends_page
from dashboard.chrome import page

trends_page.draw(page("Trends", with_period=False, newest=True))
