"""Journeys in a real browser: the theme, addresses and Back, names that look like markup, a lay adviser's question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.dashboard.conftest import ODD
from tests.dashboard.real_browser import faint_in_charts, visiting

pytestmark = pytest.mark.browser


def test_charts_and_pages_follow_the_dark_theme(browser: Browser, sample_address: str) -> None:
    with visiting(browser, scheme="dark") as visit:
        visit.open(f"{sample_address}/trends")
        tick = visit.page.locator(".xtick text").first.get_attribute("style")
        assert tick is not None
        assert "fill: rgb(233, 236, 238)" in tick
        assert faint_in_charts(visit.page) == []
        visit.page.evaluate("document.querySelector('.xtick text').style.fill = 'rgb(80, 80, 80)'")
        assert any("2019" in said for said in faint_in_charts(visit.page))


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


def test_the_board_is_found_by_its_name_as_every_other_page_is(browser: Browser, sample_address: str) -> None:
    with visiting(browser) as visit:
        visit.open(f"{sample_address}/board?period=2023-Q2")
        visit.says("2023-Q2: 1 April to 30 June 2023")
        visit.wait()
        assert visit.page.url == f"{sample_address}/?period=2023-Q2"
        assert "not found" not in visit.page.locator("body").inner_text().lower()
        assert visit.complaints == []


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


def test_a_lay_adviser_asks_and_is_led_to_the_chart_and_the_table(browser: Browser, sample_address: str) -> None:
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{sample_address}/")
        page.get_by_role("link", name="Ask", exact=True).click()
        page.get_by_role("heading", name="What changed since last quarter?").wait_for()
        visit.wait()
        visit.picture("lay-adviser-1-what-changed")
        page.get_by_role("combobox", name=re.compile("Question")).click()
        page.get_by_role("option", name="Which agency is furthest from its target?").click()
        page.get_by_role("heading", name="Which agency is furthest from its target?").wait_for()
        visit.wait()
        assert "question=furthest" in page.url
        visit.says("housing, 68.8")
        page.get_by_role("button", name="target", exact=True).click()
        page.get_by_text("The rate that the guidance, or the area itself, has set to be reached.").wait_for()
        visit.picture("lay-adviser-2-furthest")
        page.keyboard.press("Escape")
        page.get_by_role("link", name=re.compile("housing")).first.click()
        page.get_by_role("heading", name="Trends", exact=True).wait_for()
        visit.wait()
        assert "unit=housing" in page.url
        chart = page.locator("[data-testid=stPlotlyChart]")
        assert chart.count() == 1
        table = page.locator("[data-testid=stDataFrame]").last
        assert table.is_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download all quarters (CSV)").click()
        content = Path(download.value.path()).read_text("utf-8-sig")
        assert "suppressed" in content.splitlines()[0]
        visit.picture("lay-adviser-3-chart-and-table")
        assert visit.complaints == []
        assert visit.elsewhere == []
