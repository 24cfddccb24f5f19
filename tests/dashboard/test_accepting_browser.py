"""A finding is accepted until a day and opened again in a real browser, by keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from connectors.store import Store
from dashboard import frames
from dashboard.settings import load_settings, store_address
from tests.dashboard.real_browser import ARTEFACTS, Visit, axe_core, faults_on, served, tab_to, visiting

pytestmark = pytest.mark.browser

RULE = "cases.ethnicity.required"


def second(settings: Path) -> str:
    """The second record that breaks the rule: not simply the first box."""
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        return store.frame(1, frames.findings("jersey")).filter(rule=RULE)["key"][1]


def select(visit: Visit, box: Locator) -> None:
    tab_to(visit.page, box)
    visit.page.keyboard.press("Space")
    visit.says("1 selected.")
    visit.wait()


def write_down(visit: Visit) -> None:
    tab_to(visit.page, visit.page.get_by_role("button", name=re.compile("write down for 1 finding")))
    visit.page.keyboard.press("Enter")
    visit.says("Written down for 1 finding.")


def test_a_finding_is_accepted_with_a_reason_and_opened_again(browser: Browser, own_settings: Path) -> None:
    key = second(own_settings)
    with served(own_settings) as address, visiting(browser) as visit:
        page = visit.page
        box = page.get_by_role("checkbox", name=re.compile(key))
        visit.open(f"{address}/data-quality?part=Findings&rule={RULE}")
        tab_to(page, page.get_by_role("switch", name=re.compile("^Accept findings")))
        page.keyboard.press("Space")
        visit.says("Every decision is kept.")
        visit.wait()

        select(visit, box)
        assert not page.get_by_role("radio").count(), "there is no acceptance to end"
        assert faults_on(page, axe_core()) == []
        visit.picture("journey-accepting-form")
        tab_to(page, page.get_by_role("textbox", name=re.compile("Your name")))
        page.keyboard.type("Co Ordinator")
        page.keyboard.press("Enter")
        visit.wait()
        tab_to(page, page.get_by_role("textbox", name=re.compile("Reason")))
        page.keyboard.type("the form did not ask")
        write_down(visit)
        visit.says("Accepted until 30 March 2024: the form did not ask (Co Ordinator)")
        visit.says("1 of the findings is accepted for a while")
        visit.wait()
        visit.picture("journey-accepting-accepted")

        select(visit, box)
        tab_to(page, page.get_by_role("radio", name="Accept until a day"))
        page.keyboard.press("ArrowRight")
        page.get_by_role("radio", name="End the acceptance", checked=True).wait_for()
        visit.wait()
        write_down(visit)
        visit.wait()
        tab_to(page, page.locator("summary", has_text="History (2 decisions)"))
        page.keyboard.press("Enter")
        visit.says("Co Ordinator: ended the acceptance")
        assert "Accepted until" not in page.locator("[data-testid=stMain]").inner_text()
        assert visit.complaints == []
        assert visit.elsewhere == []
    assert (ARTEFACTS / "journey-accepting-accepted.png").stat().st_size > 10_000
