"""The page *Comparison*: one's own figures beside those that others have published (`?beside=`)."""

from __future__ import annotations

from dashboard import comparison_page
from dashboard.chrome import page

comparison_page.draw(page("Comparison"))
