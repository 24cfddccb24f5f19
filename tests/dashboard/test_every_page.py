"""Every page in a real browser, in light, in dark, zoomed and on a telephone: it opens without a complaint, asks nothing of another
host, needs no scrolling sideways, cuts no text off, and has no fault that axe-core can find (contrast, headings, names,
keyboard)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from dashboard.chrome import PAGES
from tests.dashboard.real_browser import (
    DESK,
    LOOKS,
    PICTURES_WANTED,
    Visit,
    axe_core,
    faint_in_charts,
    faults_on,
    visiting,
)

pytestmark = pytest.mark.browser

ADDRESSES = (
    "",
    "measure?measure=disclosure",
    "prepare-the-board",
    "board-pack",
    "present",
    "present?screen=3",
    "present?screen=6",
    "present?screen=9",
    "worklist",
    "worklist?tab=The+month",
    "worklist?tab=Out+of+the+room",
    "late-reviews",
    "trends",
    "trends?measure=agency_attendance&by=unit",
    "ask",
    "ask?question=out-of-the-ordinary",
    "plain-words",
    "caseload-over-time",
    "caseload-over-time?part=Moves+between+levels",
    "caseload-over-time?part=Time+at+a+level",
    "caseload-over-time?part=Reviews+to+come",
    "data-quality",
    "data-quality?part=Completeness",
    "data-quality?part=Fields+and+quarters",
    "data-quality?part=Rules",
    "data-quality?part=Findings",
    "data-quality?part=Findings&deciding=true",
    "data-quality?part=Figures+that+moved",
    "annual-tables",
    "published",
    "comparison",
    "what-if",
    "sources",
    "definitions",
    "definitions?about=Rules&search=disclosure",
    "definitions?about=Tables+and+fields&search=disclosure",
    "definitions?about=Standards",
    "definitions?about=Words",
)
ON_A_TELEPHONE = (
    "",
    "measure?measure=disclosure",
    "prepare-the-board",
    "board-pack",
    "present",
    "present?screen=6",
    "ask",
    "plain-words",
    "late-reviews",
    "trends?measure=agency_attendance&by=unit",
    "worklist",
    "worklist?tab=The+month",
    "annual-tables",
    "caseload-over-time",
    "caseload-over-time?part=Moves+between+levels",
    "caseload-over-time?part=Reviews+to+come",
    "data-quality?part=Fields+and+quarters",
    "data-quality?part=Rules",
    "data-quality?part=Findings&deciding=true",
    "what-if",
    "definitions?about=Rules&search=disclosure",
)
"""What is scrolled sideways on a small screen must be reached by keyboard too."""

ZOOMED = ("", "measure?measure=disclosure", "trends", "late-reviews", "worklist", "ask", "plain-words", "board-pack")
"""Looked at as on a desk at 200 % too."""


@pytest.fixture(scope="module")
def visits(browser: Browser, sample_address: str) -> Iterator[dict[str, Visit]]:
    """One visitor for each look, who goes from page to page: the browser need not start afresh each time.

    In the light look a page is loaded by its address each time. In the others, which differ in colours and room alone, it is
    reached as by a link, which takes a third of the work.
    """
    with (
        visiting(browser, *LOOKS["desk"]) as light,
        visiting(browser, *LOOKS["dark"]) as dark,
        visiting(browser, *LOOKS["telephone"]) as telephone,
    ):
        dark.open(sample_address)
        telephone.open(sample_address)
        yield {"light": light, "dark": dark, "telephone": telephone}


@pytest.mark.parametrize(
    ("look", "path"),
    [(look, path) for look in ("light", "dark") for path in ADDRESSES]
    + [("telephone", path) for path in ON_A_TELEPHONE],
)
def test_every_page_opens_quietly_and_without_a_fault(
    visits: dict[str, Visit], sample_address: str, look: str, path: str
) -> None:
    visit = visits[look]
    visit.asked.clear()
    visit.complaints.clear()
    visit.open(f"{sample_address}/{path}") if look == "light" else visit.follow(f"/{path}")
    text = visit.page.locator("[data-testid=stMain]").inner_text()
    assert "31 December 2023" in text
    assert not visit.page.locator("[data-testid=stException]").count()
    if path != "published":  # where what does not add up in a report is said in red
        assert not visit.page.locator("[data-testid=stAlertContentError]").count()
    assert not visit.too_wide
    assert visit.cut_off == []
    # In the dark, on the same desk, everything but the colours is as in the light.
    assert faults_on(visit.page, axe_core(), only="color-contrast" if look == "dark" else None) == []
    assert faint_in_charts(visit.page) == []
    if PICTURES_WANTED:
        visit.picture(f"{look}-{re.sub('[^a-z0-9]+', '-', path.lower()) or 'board'}")
    if look == "light" and path in ZOOMED:
        width, height = DESK
        visit.page.set_viewport_size({"width": width // 2, "height": height // 2})
        visit.wait()
        assert not visit.too_wide
        assert visit.cut_off == []
        if PICTURES_WANTED:
            visit.picture(f"zoomed-{re.sub('[^a-z0-9]+', '-', path.lower()) or 'board'}")
        visit.page.set_viewport_size({"width": width, "height": height})
    assert visit.complaints == []
    assert visit.elsewhere == []
    if look == "light":
        assert len(visit.asked) > 3, "that nothing went elsewhere shows only if something was asked at all"


def test_a_page_that_is_followed_to_is_the_one_that_its_address_opens(
    visits: dict[str, Visit], sample_address: str
) -> None:
    path = "caseload-over-time?part=Reviews+to+come"
    visits["light"].open(f"{sample_address}/{path}")
    visits["dark"].follow("/definitions?about=Words")
    visits["dark"].follow(f"/{path}")
    opened, followed = (visits[look].page.locator("[data-testid=stMain]").inner_text() for look in ("light", "dark"))
    assert followed == opened


def test_no_page_is_left_out() -> None:
    opened = {path.partition("?")[0] or "board" for path in ADDRESSES}
    assert {name.replace("_", "-") for name in PAGES.values()} <= opened
