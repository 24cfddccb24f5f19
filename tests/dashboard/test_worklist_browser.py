"""The co-ordinator's morning in a real browser, by keyboard alone: find, snooze, refresh, still snoozed, due again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from connectors.store import Store
from dashboard import frames, work
from dashboard.settings import load_settings, store_address
from dashboard.words import NBSP
from dashboard.worklist import LATE_REVIEW
from tests.dashboard.conftest import AS_AT, SETTINGS, sample_area
from tests.dashboard.real_browser import (
    ARTEFACTS,
    DESK,
    TELEPHONE,
    Visit,
    axe_core,
    faults_on,
    served,
    tab_to,
    visiting,
)

pytestmark = pytest.mark.browser
UNTIL = AS_AT + timedelta(days=7)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The sample area with a store of its own."""
    return sample_area(SETTINGS.replace("[adopted", 'meeting_days = ["Wednesday"]\n\n[adopted'), tmp_path)


@pytest.fixture
def address(own: Path) -> Iterator[str]:
    with served(own) as given:
        yield given


def late_case(settings: Path) -> str:
    """A case with one thing on the list: a late review."""
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        rows = store.frame(1, frames.worklist("jersey"))
    alone = rows.filter(rows["case_id"].is_in(rows["case_id"].value_counts().filter(count=1)["case_id"].implode()))
    return alone.filter(kind=LATE_REVIEW, level="2")["case_id"][0]


def days_on(settings: Path, to: date) -> None:
    """The settings as at another day, as if so much time had passed."""
    text = settings.read_text("utf-8")
    settings.write_text(re.sub(r"as_at = [\d-]+", f"as_at = {to.isoformat()}", text), encoding="utf-8")


def refreshed(visit: Visit, snapshot: int) -> None:
    tab_to(visit.page, visit.page.get_by_role("button", name=re.compile("^Refresh")))
    visit.page.keyboard.press("Enter")
    visit.says(f"Snapshot {snapshot} was made.")
    visit.wait()


def show(visit: Visit, state: str) -> None:
    """Choose by the arrows of the keyboard which things are shown."""
    page = visit.page
    names = list(work.STATES.values())

    def chosen() -> str:
        return next(each for each in names if page.get_by_role("radio", name=re.compile(f"^{each}")).is_checked())

    for _ in range(3 * len(names)):
        if (now := chosen()) == state:
            break
        # The page is drawn anew for each, and the keyboard may have lost its place in it.
        tab_to(page, page.get_by_role("radio", name=re.compile(f"^{now}")))
        page.keyboard.press("ArrowRight")
        visit.wait()
    page.get_by_role("radio", name=re.compile(f"^{state}"), checked=True).wait_for()
    visit.wait()


def test_find_snooze_refresh_still_snoozed_due_again(browser: Browser, own: Path, address: str) -> None:
    case = late_case(own)
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{address}/worklist")
        visit.says("could change a verdict of the Board")
        tab_to(page, page.get_by_role("searchbox", name=re.compile("Find a case")))
        page.keyboard.type(case)
        page.keyboard.press("Enter")
        visit.says(f"Review at level 2, case {case}")
        visit.wait()
        tab_to(page, page.get_by_role("checkbox", name=re.compile(case)))
        page.keyboard.press("Space")
        visit.says("1 selected.")
        visit.wait()
        tab_to(page, page.get_by_role("textbox", name=re.compile("Your name")))
        page.keyboard.type("Co Ordinator")
        page.keyboard.press("Enter")
        visit.wait()
        tab_to(page, page.get_by_role("radio", name=re.compile("^Note")))
        for _ in range(3):
            page.keyboard.press("ArrowRight")
            visit.wait()
        assert page.get_by_role("radio", name="Snooze", exact=True).is_checked()
        assert faults_on(page, axe_core()) == []
        tab_to(page, page.get_by_role("textbox", name=re.compile("Reason")))
        page.keyboard.type("the officer is away until then")
        visit.picture("journey-worklist-snoozing")
        tab_to(page, page.get_by_role("button", name=re.compile("write down for 1 thing")))
        page.keyboard.press("Enter")
        visit.says("Written down for 1 thing.")
        visit.wait()
        assert f"case {case}" not in page.locator("[data-testid=stMain]").inner_text()

        days_on(own, UNTIL - timedelta(days=1))
        refreshed(visit, 2)
        assert f"case {case}" not in page.locator("[data-testid=stMain]").inner_text(), "still snoozed"
        show(visit, "Snoozed")
        visit.says(f"Review at level 2, case {case}")
        visit.says("Snoozed until 7 January 2024 (the officer is away until then)")
        tab_to(page, page.locator("summary", has_text="History (1 step)"))
        page.keyboard.press("Enter")
        visit.says("Co Ordinator: snoozed it until 7 January 2024: the officer is away until then")
        visit.picture("journey-worklist-snoozed")
        assert f"find={case}" in page.url
        assert "show=Snoozed" in page.url

        days_on(own, UNTIL)
        refreshed(visit, 3)
        visit.says("Nothing matches these filters")
        show(visit, "To do")
        visit.says(f"Review at level 2, case {case}")
        visit.says("Due again: the snooze ended on 7 January 2024")
        visit.picture("journey-worklist-due-again")
        assert visit.complaints == []
        assert visit.elsewhere == []
    assert (ARTEFACTS / "journey-worklist-due-again.png").stat().st_size > 10_000


def test_what_leaves_the_room_can_be_taken_with_the_keyboard(browser: Browser, own: Path, address: str) -> None:
    pytest.importorskip("icalendar")
    with visiting(browser, DESK) as visit:
        visit.open(f"{address}/worklist?tab=Out+of+the+room")
        for name, ending in (("^Download .* one workbook per agency", ".zip"), ("^Download the calendar", ".ics")):
            tab_to(visit.page, visit.page.get_by_role("button", name=re.compile(name)))
            with visit.page.expect_download() as download:
                visit.page.keyboard.press("Enter")
            assert download.value.suggested_filename.endswith(ending)
            assert download.value.path().stat().st_size > 1_000
        assert visit.complaints == []
        assert visit.elsewhere == []


def test_the_month_against_the_meeting_days_fits_a_telephone(browser: Browser, address: str) -> None:
    with visiting(browser, TELEPHONE) as visit:
        visit.open(f"{address}/worklist?tab=The+month")
        visit.says("The load of each sitting")
        visit.says("Wed 3 January 2024".replace(" ", NBSP))
        assert not visit.too_wide
        visit.picture("telephone-worklist-month-load")
        assert visit.complaints == []
