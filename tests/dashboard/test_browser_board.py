"""The Board's journey in a real browser: open the Board, present the quarter, turn every screen by its keys, leave."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from connectors.store import BoardAction, Commentary, Store
from dashboard.settings import load_settings
from tests.dashboard.real_browser import ARTEFACTS, DESK, LOOKS, TELEPHONE, Visit, served, visiting

pytestmark = pytest.mark.browser

AREA = "Jersey (sample)"
AT = datetime(2024, 2, 6, 14, 30, tzinfo=UTC)
LEGIBLE = 32
"""Pixels that letters have at least, on a screen of 1920 by 1080."""

SMALLEST = """() => {
    const words = document.createTreeWalker(document.querySelector(".far-screen"), NodeFilter.SHOW_TEXT);
    let smallest = 999;
    while (words.nextNode()) {
        const holder = words.currentNode.parentElement;
        if (!words.currentNode.data.trim() || holder.closest(".unseen")) continue;
        smallest = Math.min(smallest, parseFloat(getComputedStyle(holder).fontSize));
    }
    return smallest;
}"""
CUT_OFF = """() => [...document.querySelectorAll(".far-screen *")].filter(each => {
    if (each.closest(".unseen")) return false;
    const box = each.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1);
}).map(each => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def board_address(sample_settings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample area with a commentary on two KPIs, one as long as can be, and three actions."""
    folder = tmp_path_factory.mktemp("board") / "own"
    shutil.copytree(sample_settings.parent, folder)
    settings = folder / sample_settings.name
    with Store.open(load_settings(settings).store_address) as store:
        long = (
            "Two level 2 panels were cancelled in November, both have met since, and probation brings its calendar. "
            * 2
        )
        for measure, text in (("review_level_2", long[:200]), ("disclosure", "Two minutes still lack the decision.")):
            store.write_commentary(Commentary(AREA, "jersey", "2023-Q4", measure, text, "co-ordinator", AT, 1), 0)
        first = BoardAction(
            AREA, "Police to explain absences at level 3", "police", date(2024, 2, 28), "2023-Q4", date(2023, 12, 31),
            date(2023, 12, 31), "chair", AT, measure="agency_attendance",
        )  # fmt: skip
        store.raise_board_action(first)
        before = {"raised_in": "2023-Q3", "raised_until": date(2023, 9, 30), "due_on": date(2023, 12, 1)}
        store.raise_board_action(replace(first, text="Housing to name a deputy", owner="housing", **before))  # type: ignore[arg-type]
        store.raise_board_action(
            replace(first, text="Ask for the disclosure decision in every set of minutes", measure=None)
        )
    with served(settings) as address:
        yield address


def position(page: Page) -> str:
    return page.locator(".far-position").inner_text()


def at(page: Page, number: int) -> None:
    page.wait_for_function(
        "number => document.querySelector('.far-position')?.innerText.startsWith(`${number} of `)",
        arg=number,
        timeout=60_000,
    )


def test_the_board_opens_presents_and_turns_every_screen_by_the_keys(browser: Browser, board_address: str) -> None:
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{board_address}/")
        visit.says("2023-Q4: 0 of 6 targets met")
        summary = page.locator(".kpi").first.bounding_box()
        assert summary is not None
        assert summary["y"] + summary["height"] <= DESK[1], "the summary fits one screen"
        visit.picture("board-journey-0-board")
        page.get_by_role("link", name="Present it screen by screen").click()
        page.locator(".far-screen").wait_for()
        visit.wait()
        assert position(page) == "1 of 9"
        assert "/present?" in page.url
        assert "period=2023-Q4" in page.url
        assert "standard=jersey" in page.url
        headlines = []
        for number in range(1, 10):
            at(page, number)
            headlines.append(page.locator("h1").inner_text())
            assert page.evaluate(SMALLEST) >= LEGIBLE, number
            assert page.evaluate(CUT_OFF) == [], number
            for control in ("stSidebar", "stHeader", "stToolbar"):
                assert not page.locator(f"[data-testid={control}]:visible").count(), control
            assert not page.get_by_role("button").first.evaluate("each => each.getBoundingClientRect().width > 1 && "
                "!each.closest('.st-key-present_keys')")  # fmt: skip
            page.screenshot(path=ARTEFACTS / f"board-journey-{number}.png")
            page.keyboard.press("ArrowRight")
        assert len(set(headlines)) == 9, "each screen has its own message"
        at(page, 9)
        assert "screen=9" in page.url
        for key, number in (("ArrowLeft", 8), ("PageUp", 7), ("PageDown", 8), ("Home", 1), ("End", 9)):
            page.keyboard.press(key)
            at(page, number)
        page.reload()
        visit.wait()
        assert position(page) == "9 of 9", "the address keeps the screen"
        page.keyboard.press("Escape")
        page.get_by_role("heading", name="Actions of the Board").wait_for()
        visit.wait()
        page.get_by_role("link", name="Take the pack along").click()
        page.get_by_role("heading", name="What is in it").wait_for(timeout=60_000)
        visit.wait()
        assert "period=2023-Q4" in page.url
        visit.picture("board-journey-pack")
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("button", name="Download PDF").click()
        assert download.value.suggested_filename == "board-pack-2023-Q4_jersey_2023-12-31_snapshot-1.pdf"
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
        assert visit.complaints == []
        assert visit.elsewhere == []


def test_quick_turning_never_runs_ahead(browser: Browser, board_address: str) -> None:
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{board_address}/present")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(150)
        visit.wait()
        shown = int(position(page).split()[0])
        assert 2 <= shown <= 5, "on a machine that is slow to draw, presses that overtake the drawing count as one"
        assert f"screen={shown}" in page.url
        page.keyboard.press("ArrowRight")
        at(page, shown + 1)


@pytest.mark.parametrize(("look", "screens"), [("telephone", (1, 3, 6, 9)), ("dark", (3,)), ("zoomed", (3, 6))])
def test_every_screen_reads_well_everywhere(
    browser: Browser, board_address: str, look: str, screens: tuple[int, ...]
) -> None:
    size, scheme, scale = LOOKS[look]
    with visiting(browser, size, scheme, scale) as visit:
        for number in screens:
            visit.open(f"{board_address}/present?screen={number}")
            assert not visit.too_wide, number
            visit.picture(f"present-{look}-{number}")
        if size == TELEPHONE:
            visit.page.get_by_role("button", name="← Back").click()
            at(visit.page, 8)
        assert visit.complaints == []


def test_what_is_written_on_one_page_stands_on_the_others(browser: Browser, board_address: str) -> None:
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{board_address}/prepare-the-board?period=2023-Q3")
        page.get_by_role("textbox", name="Your name or role").fill("co-ordinator")
        line = page.get_by_label("Level 2 cases reviewed in time")
        line.fill("<b>One</b> panel was *late*.")
        page.get_by_role("button", name="Save the commentary").click()
        visit.says("1 line of commentary kept.")
        visit.picture("prepare-the-board-written")
        page.get_by_role("link", name="Board", exact=True).click()
        page.get_by_role("heading", name="Actions of the Board").wait_for()
        visit.says("<b>One</b> panel was *late*.")
        assert visit.complaints == []


def test_two_visitors_do_not_overwrite_each_other(browser: Browser, board_address: str) -> None:
    with visiting(browser) as one, visiting(browser) as two:
        visits: list[tuple[Visit, str]] = [(one, "Ann"), (two, "Ben")]
        for visit, who in visits:
            visit.open(f"{board_address}/prepare-the-board?period=2023-Q2")
            for field, typed in (
                (visit.page.get_by_role("textbox", name="Your name or role"), who),
                (visit.page.get_by_label("Disclosure considered"), f"{who}'s line"),
            ):
                field.fill(typed)
                visit.page.keyboard.press("Tab")
                visit.wait()
        for visit, _ in visits:
            visit.page.get_by_role("button", name="Save the commentary").click()
            visit.page.locator("[data-testid=stAlert]").first.wait_for()
        two.says("Ann saved “Ann's line”")
        assert two.page.get_by_label("Disclosure considered").input_value() == "Ben's line"
