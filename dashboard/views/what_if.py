"""The page *What if*: figures and targets moved, and the verdicts that would follow; nothing is stored."""

from __future__ import annotations

from dashboard import what_if_page
from dashboard.chrome import page

what_if_page.draw(page("What if"))
