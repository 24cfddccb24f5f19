"""The real application in a real browser: pages open, nothing is asked of another host, text stays text, Back goes back."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from dashboard.serving import APP, CONFIDENTIAL, HOST, SETTINGS_VARIABLE
from tests.dashboard.conftest import ODD

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"
DESK, TELEPHONE = (1920, 1080), (390, 844)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
QUIET_FOR_A_WHILE = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const ready = app?.dataset.testScriptState === "notRunning" && app?.dataset.testConnectionState === "CONNECTED";
    if (!ready || document.querySelector("[data-testid=stSkeleton]") || !window.quietSince)
        window.quietSince = performance.now();
    return performance.now() - window.quietSince > 500;
}"""
# Streamlit looks for its health and host settings below a page's own address first, where they are not.
HARMLESS = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")
PAGES = {
    "board": "",
    "measure": "measure?measure=disclosure",
    "prepare-the-board": "prepare-the-board",
    "worklist": "worklist",
    "worklist-month": "worklist?part=The+month",
    "late-reviews": "late-reviews",
    "trends": "trends?measure=agency_attendance&by=unit",
    "caseload-over-time": "caseload-over-time?part=Moves+between+levels",
    "data-quality": "data-quality",
    "annual-tables": "annual-tables",
    "what-if": "what-if",
    "sources": "sources",
    "definitions": "definitions",
}


SOME_PAGES = ("board", "measure", "trends", "late-reviews", "worklist")
"""Looked at in the dark and zoomed too."""


@contextmanager
def served(settings: Path) -> Generator[str]:
    """The application as `mappa-monitor serve` starts it, on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={port}"]
    command += [f"--{name}={value}" for name, value in CONFIDENTIAL.items()]
    environment = {**os.environ, SETTINGS_VARIABLE: str(settings)}
    with subprocess.Popen(
        command, cwd=APP.parent.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as server:
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until and server.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex((HOST, port)) == 0:
                        break
                time.sleep(0.1)
            assert server.poll() is None, "the application did not start"
            yield f"http://{HOST}:{port}"
        finally:
            server.terminate()
            server.communicate(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    ARTEFACTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def sample_address(sample_settings: Path) -> Iterator[str]:
    with served(sample_settings) as address:
        yield address


@pytest.fixture(scope="session")
def odd_address(odd_settings: Path) -> Iterator[str]:
    with served(odd_settings) as address:
        yield address


class Visit:
    """A page in the browser, and what it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not HARMLESS.search(message.location.get("url", "")):
            self.complaints.append(message.text)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.wait()

    def wait(self) -> None:
        """Until the script has run, and for half a second nothing has been waiting to be drawn."""
        self.page.wait_for_selector("h1", timeout=30_000)
        self.page.evaluate("window.quietSince = 0")
        self.page.wait_for_function(QUIET_FOR_A_WHILE, timeout=60_000)
        for holder, drawn in (("stPlotlyChart", ".main-svg"), ("stDataFrame", "canvas")):
            visible = self.page.locator(f"[data-testid={holder}]:visible")
            if visible.count():
                visible.first.locator(drawn).first.wait_for(timeout=60_000)
        self.page.evaluate("document.fonts.ready")

    def says(self, text: str) -> None:
        """Wait until the page shows this text letter by letter; some of it is drawn a moment after the rest."""
        self.page.wait_for_function(
            "text => document.querySelector('[data-testid=stMain]').innerText.replaceAll('\u2060', '').includes(text)",
            arg=text,
            timeout=60_000,
        )

    @property
    def elsewhere(self) -> list[str]:
        return [url for url in self.asked if not re.match(rf"(https?|wss?)://{re.escape(HOST)}[:/]|data:|blob:", url)]

    @property
    def too_wide(self) -> bool:
        """Whether the page must be scrolled sideways."""
        return self.page.evaluate(
            "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth > m.clientWidth + 1 })()"
        )

    def picture(self, name: str) -> None:
        """The whole page as a picture, for people to look at."""
        size = self.page.viewport_size
        assert size is not None
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": min(max(height, size["height"]), 8000)})
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")
        self.page.set_viewport_size(size)


@contextmanager
def visiting(
    browser: Browser, size: tuple[int, int] = DESK, scheme: str = "light", scale: float = 1
) -> Generator[Visit]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=scale,
    )
    try:
        yield Visit(context.new_page())
    finally:
        context.close()


# 1920 × 1080 at 200 % has the room of 960 × 540.
LOOKS = {
    "desk": (DESK, "light", 1),
    "telephone": (TELEPHONE, "light", 1),
    "dark": (DESK, "dark", 1),
    "zoomed": ((960, 540), "light", 2),
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_opens_quietly_and_asks_nothing_of_another_host(
    browser: Browser, sample_address: str, look: str
) -> None:
    size, scheme, scale = LOOKS[look]
    with visiting(browser, size, scheme, scale) as visit:
        for name in PAGES if look in {"desk", "telephone"} else SOME_PAGES:
            path = PAGES[name]
            visit.open(f"{sample_address}/{path}")
            text = visit.page.locator("[data-testid=stMain]").inner_text()
            assert "As at 31 December 2023" in text, name
            assert not visit.page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count(), name
            assert not visit.too_wide, name
            visit.picture(f"{look}-{name}")
        assert visit.complaints == []
        assert visit.elsewhere == []
        assert len(visit.asked) > 20, "that nothing went elsewhere shows only if something was asked at all"


def test_charts_and_pages_follow_the_dark_theme(browser: Browser, sample_address: str) -> None:
    with visiting(browser, scheme="dark") as visit:
        visit.open(f"{sample_address}/trends")
        tick = visit.page.locator(".xtick text").first.get_attribute("style")
        assert tick is not None
        assert "fill: rgb(233, 236, 238)" in tick


def test_choices_live_in_the_address_survive_a_change_of_page_and_back_goes_back(
    browser: Browser, sample_address: str
) -> None:
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{sample_address}/?period=2023-Q2")
        assert "2023-Q2: 1 April to 30 June 2023" in page.locator("[data-testid=stMain]").inner_text()
        page.get_by_role("link", name=re.compile("Open the breakdown and every row")).nth(1).click()
        page.get_by_role("heading", name="Every row beneath the figure").wait_for()
        visit.wait()
        assert "period=2023-Q2" in page.url
        assert page.url.startswith(f"{sample_address}/measure?")
        page.get_by_role("link", name="Trends", exact=True).click()
        page.get_by_role("heading", name="Trends", exact=True).wait_for()
        visit.wait()
        assert page.url == f"{sample_address}/trends?period=2023-Q2"
        page.go_back()
        page.get_by_role("heading", name="Every row beneath the figure").wait_for()
        page.go_back()
        page.get_by_role("heading", name="Measures with a target").wait_for()
        visit.wait()
        assert page.url == f"{sample_address}/?period=2023-Q2"
        assert "2023-Q2: 1 April to 30 June 2023" in page.locator("[data-testid=stMain]").inner_text()


def test_a_choice_at_the_side_is_put_into_the_address(browser: Browser, sample_address: str) -> None:
    with visiting(browser) as visit:
        visit.open(f"{sample_address}/")
        visit.page.get_by_role("combobox", name=re.compile("Period")).click()
        visit.page.get_by_role("option", name=re.compile("2022-Q4")).click()
        visit.page.get_by_text("2022-Q4: 1 October to 31 December 2022").wait_for()
        assert visit.page.url == f"{sample_address}/?period=2022-Q4"
        visit.page.reload()
        visit.wait()
        assert "2022-Q4: 1 October" in visit.page.locator("[data-testid=stMain]").inner_text()


def test_names_that_look_like_markup_are_shown_letter_by_letter(browser: Browser, odd_address: str) -> None:
    with visiting(browser) as visit:
        dialogues: list[str] = []
        visit.page.on("dialog", lambda dialogue: dialogues.append(dialogue.message))
        for path in (
            "",
            "measure?measure=agency_attendance",
            "trends?measure=agency_attendance&by=unit",
            "late-reviews",
            "data-quality",
        ):
            visit.open(f"{odd_address}/{path}")
            visit.says("*Odd* area")
            if path not in {"late-reviews", "data-quality"}:
                visit.says(ODD)
            made_of_it = "a[href='b'], a[href*='example.org'], script, [data-testid=stIconMaterial]:text('home')"
            assert not visit.page.locator("[data-testid=stMain]").locator(made_of_it).count(), path
        assert dialogues == []
        assert visit.complaints == []
        assert visit.elsewhere == []
