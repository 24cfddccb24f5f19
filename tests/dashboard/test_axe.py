"""Every page, in light and dark and on a telephone, has no fault that axe-core can find (contrast, headings, names, keyboard)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from dashboard.chrome import PAGES
from tests.dashboard.test_browser import CHROMIUM, DESK, QUIET, TELEPHONE, served, visiting

pytestmark = pytest.mark.browser

ADDRESSES = (
    "",
    "measure?measure=disclosure",
    "prepare-the-board",
    "present",
    "present?screen=3",
    "present?screen=6",
    "present?screen=9",
    "worklist",
    "worklist?part=The+month",
    "worklist?part=Out+of+the+room",
    "late-reviews",
    "trends",
    "caseload-over-time",
    "caseload-over-time?part=Moves+between+levels",
    "caseload-over-time?part=Time+at+a+level",
    "caseload-over-time?part=Reviews+to+come",
    "data-quality",
    "data-quality?part=Completeness",
    "data-quality?part=Rules",
    "data-quality?part=Findings",
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
# What is scrolled sideways on a small screen must be reached by keyboard too.
TABLES = (
    "",
    "present",
    "present?screen=6",
    "late-reviews",
    "worklist",
    "worklist?part=The+month",
    "annual-tables",
    "caseload-over-time",
    "caseload-over-time?part=Reviews+to+come",
    "data-quality?part=Rules",
    "definitions?about=Rules&search=disclosure",
)
LOOKS = {
    "light": (DESK, "light", ADDRESSES),
    "dark": (DESK, "dark", ADDRESSES),
    "telephone": (TELEPHONE, "light", TABLES),
}

Faults = dict[tuple[str, str], list[str]]


@pytest.fixture(scope="module")
def faults(sample_settings: Path) -> Faults:
    """Look and address → what axe-core finds there."""
    pytest.importorskip("axe_playwright_python")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    # In a thread of its own: the browser of other tests may be open in this one, and there can be only one in each.
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(_look_everywhere, sample_settings).result()


def axe_core() -> str:
    """axe-core, to be run in a page."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def _look_everywhere(settings: Path) -> Faults:
    axe = axe_core()
    found: Faults = {}
    with served(settings) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        for look, (size, scheme, addresses) in LOOKS.items():
            with visiting(browser, size, scheme) as visit:
                for path in addresses:
                    visit.open(f"{address}/{path}")
                    visit.page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
                    found[look, path] = faults_on(visit.page, axe)
        browser.close()
    return found


def faults_on(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the page as it stands; `axe` its text."""
    page.evaluate(axe)
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(answer["passes"]) > 20, "axe-core found hardly anything to look at"
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:200]}"
        for fault in answer["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize(("look", "path"), [(look, path) for look, (_, _, paths) in LOOKS.items() for path in paths])
def test_no_page_has_a_fault_that_axe_can_find(faults: Faults, look: str, path: str) -> None:
    assert faults[look, path] == []


def test_no_page_is_left_out() -> None:
    opened = {path.partition("?")[0] or "board" for path in ADDRESSES}
    assert {name.replace("_", "-") for name in PAGES.values()} <= opened
