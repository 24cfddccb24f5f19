"""The real application in a real browser, as several files of tests use it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.serving import APP, CONFIDENTIAL, HOST, SETTINGS_VARIABLE

CHROMIUM = Path("/usr/bin/chromium")
ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"
PICTURES_WANTED = bool(os.environ.get("PICTURES"))
"""Whether every page is to be photographed in every look, for people: half as much work again as looking for faults."""

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
FOLLOW = """address => {
    history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate", {state: {}}));
}"""
# Streamlit looks for its health and host settings below a page's own address first, where they are not.
HARMLESS = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")


FAINT = """() => {
    const channels = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
    const contrast = (one, other) => {
        const [a, b] = [light(one), light(other)];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const ground = channels(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor);
    const words = [...document.querySelectorAll("[data-testid=stMain] svg text, [data-testid=stMain] svg tspan")]
        .filter(each => each.textContent.trim() && each.getBoundingClientRect().width > 0)
        .map(each => [`“${each.textContent}”`, channels(getComputedStyle(each).fill), 4.5]);
    const lines = [...document.querySelectorAll(".main-svg .js-line")]
        .filter(each => getComputedStyle(each).stroke !== "none" && getComputedStyle(each).strokeOpacity > 0.5)
        .map(each => ["a line", channels(getComputedStyle(each).stroke), 3]);
    return {
        looked: words.length,
        faint: [...words, ...lines]
            .filter(([, colour]) => colour.length > 2 && !(colour.length > 3 && colour[3] === 0))
            .map(([what, colour, least]) => [what, contrast(colour, ground), least])
            .filter(([, ratio, least]) => ratio < least)
            .map(([what, ratio, least]) => `${what} has a contrast of ${ratio.toFixed(2)}, less than ${least}`),
    };
}"""
"""What stands in charts with less contrast to the ground of the page than WCAG 2.2 AA asks: words 4.5, lines 3."""


# 1920 × 1080 at 200 % has the room of 960 × 540.
LOOKS = {
    "desk": (DESK, "light", 1),
    "telephone": (TELEPHONE, "light", 1),
    "dark": (DESK, "dark", 1),
    "zoomed": ((960, 540), "light", 2),
}


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


_CUT_OFF = """() => [...document.querySelectorAll("[data-testid=stMain] *")].filter(each => {
  const style = getComputedStyle(each);
  return each.clientWidth > 2 && each.scrollWidth > each.clientWidth + 1 && style.whiteSpace.startsWith("nowrap")
    && style.overflowX !== "visible" && style.overflowX !== "auto" && each.innerText?.trim();
}).map(each => each.innerText)"""


class _Run:
    """A run of the application's script, as the messages tell that the server sends to the browser."""

    def __init__(self) -> None:
        self.has_begun = False

    def is_over(self, message: str | bytes) -> bool:
        """Whether this message says that the first run that began since has come to its end."""
        told = ForwardMsg.FromString(message) if isinstance(message, bytes) else ForwardMsg()
        self.has_begun |= told.WhichOneof("type") == "new_session"
        return (
            self.has_begun
            and told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            and told.HasField("script_finished")
        )


class Visit:
    """A page in the browser, and what it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.sockets: list[WebSocket] = []
        page.on("websocket", lambda socket: self.sockets.append(socket))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not HARMLESS.search(message.location.get("url", "")):
            self.complaints.append(message.text)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.wait()

    def follow(self, address: str) -> None:
        """Open a page of the application that is open already as a link within it does: nothing is loaded anew."""
        # The page itself may show a quick run no otherwise than none at all, so that what the server says is listened to.
        with self.sockets[-1].expect_event("framereceived", _Run().is_over, timeout=60_000):
            self.page.evaluate(FOLLOW, address)
        self.wait()

    def wait(self) -> None:
        """Until the script has run, and for half a second nothing has been waiting to be drawn."""
        self.page.wait_for_selector("h1", timeout=30_000)
        self.page.evaluate("window.quietSince = 0")
        self.page.wait_for_function(QUIET_FOR_A_WHILE, timeout=60_000, polling=100)
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

    @property
    def cut_off(self) -> list[str]:
        """The texts that do not fit where they stand, so that their ends cannot be read."""
        return self.page.evaluate(_CUT_OFF)

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


def tab_to(page: Page, wanted: Locator, most: int = 80) -> None:
    """Press Tab until what is wanted has the focus; no mouse is used."""
    wanted.first.wait_for(state="attached")
    for _ in range(most):
        if wanted.first.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("it cannot be reached by keyboard")


def faint_in_charts(page: Page) -> list[str]:
    """Words and lines of the page's charts that are too faint, as they are drawn."""
    found = page.evaluate(FAINT)
    if page.locator(".main-svg").count():
        assert found["looked"], "no word was found in any chart"
    return found["faint"]


def axe_core() -> str:
    """axe-core, to be run in a page."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def faults_on(page: Page, axe: str, only: str | None = None) -> list[str]:
    """What axe-core finds on the page as it stands, by all of its rules or by one only; `axe` its text."""
    page.evaluate(axe)
    rules = {"runOnly": {"type": "rule", "values": [only]}} if only else {}
    answer = page.evaluate("asked => axe.run(document, asked)", {"resultTypes": ["violations"], **rules})
    assert len(answer["passes"]) > (0 if only else 20), "axe-core found hardly anything to look at"
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:200]}"
        for fault in answer["violations"]
        for node in fault["nodes"]
    ]
