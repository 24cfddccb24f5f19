"""The page Late reviews."""

from __future__ import annotations

from dashboard.chrome import page

shown = page("Late reviews")
