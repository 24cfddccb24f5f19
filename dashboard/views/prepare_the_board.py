"""The page *Prepare the Board*: where the co-ordinator writes the commentary and keeps the Board's actions."""

from __future__ import annotations

from dashboard import preparing
from dashboard.chrome import page

preparing.draw(page("Prepare the Board"))
