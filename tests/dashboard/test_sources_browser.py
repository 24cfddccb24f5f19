"""The first hour with one's own workbook in a real browser, by keyboard alone: propose, answer what is asked, save."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from connectors.mapping.mapping import load_mapping
from connectors.mapping.pulling import pull
from connectors.pseudonyms import KeyPlace
from tests.connectors.reading.sheets import workbook
from tests.dashboard.real_browser import axe_core, faults_on, served, visiting
from tests.dashboard.test_worklist_browser import tab_to

pytestmark = pytest.mark.browser

SETTINGS = 'area = "A small area"\nsource = "tracker.xlsx"\nstandards = ["jersey"]\nas_at = 2023-12-31\n'
ROWS = [
    ["Our tracker – official"],
    [],
    ["Surname", "First name", "MAPPA Level", "Cat.", "Date adopted", "Review 1", "Review 2", "Notes"],
    ["Quillfeather", "Zebedee", "L2", "Cat 1", "03/04/2022", "31/01/2023", "2023-05-30", "told her neighbour"],
    ["Featherstonehaugh", "Ann", "2 (MAPPA)", "RSO", "05/06/2022", "28/02/2023", None, None],
]


@pytest.fixture
def area(tmp_path: Path) -> Path:
    workbook(tmp_path / "tracker.xlsx", ("Tracker", ROWS))
    path = tmp_path / "area.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.fixture
def address(area: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv("MAPPA_PSEUDONYM_KEY", raising=False)
    with served(area) as given:
        yield given


def test_propose_answer_save(browser: Browser, area: Path, address: str) -> None:
    with visiting(browser) as visit:
        page = visit.page
        visit.open(f"{address}/sources")
        visit.says("This is a proposal")
        visit.says("Not yet: first answer what is asked above.")
        visit.wait()
        tab_to(page, page.get_by_role("radio", name="not said yet"))
        page.keyboard.press("ArrowRight")
        visit.says("What would be read")
        visit.says("Every cell that is read is understood")
        visit.wait()
        page.get_by_role("radio", name="the day: 3 April", checked=True).first.wait_for()
        assert "Not yet" not in page.locator("[data-testid=stMain]").inner_text()
        page.get_by_role("radio", name=re.compile("one name with First name"), checked=True).wait_for()
        assert faults_on(page, axe_core()) == []
        tab_to(page, page.get_by_role("button", name="Save the mapping"))
        page.keyboard.press("Enter")
        visit.says("Saved as tracker.mapping.toml, beside the source.")
        shown = page.locator("[data-testid=stMain]").inner_text()
        assert not any(word in shown for word in ("Quillfeather", "QUILLFEATHER", "Zebedee", "neighbour"))
        assert not visit.too_wide
        assert visit.complaints == []
        assert visit.elsewhere == []
    (sheet,) = load_mapping(area.parent / "tracker.mapping.toml").sheets
    assert sheet.dates["Date adopted"] == "day first"
    tables = pull(str(area.parent / "tracker.xlsx"), key=KeyPlace("one long random key of the tests")).tables
    assert tables["cases"]["entered_on"].to_list() == ["2022-04-03", "2022-06-05"]
    assert tables["meetings"]["held_on"].to_list() == ["2023-01-31", "2023-02-28", "2023-05-30"]
