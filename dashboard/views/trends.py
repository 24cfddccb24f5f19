"""The page Trends."""

from __future__ import annotations

from dashboard.chrome import page

shown = page("Trends")
