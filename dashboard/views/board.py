"""The page Board."""

from __future__ import annotations

from dashboard.chrome import page

shown = page("Board")
