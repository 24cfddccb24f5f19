"""The page Definitions."""

from __future__ import annotations

from dashboard.chrome import page

shown = page("Definitions")
