"""The page *Present*: the period screen by screen, for a room. In no list: the Board's page opens it."""

from __future__ import annotations

from dashboard import presenting
from dashboard.chrome import bare_page

presenting.draw(bare_page("Present"))
