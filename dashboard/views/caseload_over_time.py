"""The page *Caseload over time*: who entered, moved and left, how long cases stay, and the reviews to come (`?part=&category=`)."""

from __future__ import annotations

from dashboard import caseload_page
from dashboard.chrome import page

caseload_page.draw(page("Caseload over time"))
