"""The page *Plain words*: what every word and figure means to those who do not work with them every day (`?search=`)."""

from __future__ import annotations

from dashboard import plain_words_page
from dashboard.chrome import page

plain_words_page.draw(page("Plain words", with_period=False, newest=True))
