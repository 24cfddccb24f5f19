"""The page *Board*: the period at a glance."""

from __future__ import annotations

from dashboard import overview
from dashboard.chrome import page

overview.draw(page("Board"))
