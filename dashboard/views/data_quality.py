"""The page Data quality."""

from __future__ import annotations

from dashboard.chrome import page

shown = page("Data quality")
