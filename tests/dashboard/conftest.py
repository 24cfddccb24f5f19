"""What the tests of the dashboard share: one sample area, refreshed once per run, and pages run without a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, sync_playwright
from streamlit.testing.v1 import AppTest

from dashboard.refresh import refresh
from dashboard.serving import SETTINGS_VARIABLE
from dashboard.settings import load_settings
from tests.conftest import common_folder
from tests.dashboard.made_once import MADE
from tests.dashboard.real_browser import ARTEFACTS, CHROMIUM, QUIET, served

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
AS_AT = date(2023, 12, 31)
MADE_AT = datetime(2024, 1, 3, 9, 15, tzinfo=UTC)

SETTINGS = """\
area = "Jersey (sample)"
source = "sample"
standards = ["jersey", "hampshire"]
as_at = 2023-12-31

[adopted_targets]
review_level_1 = 0.95
"""


@pytest.fixture
def own_settings(sample_settings: Path, tmp_path: Path) -> Path:
    """The sample area's settings and store, for one test to write in."""
    folder = tmp_path / "own"
    shutil.copytree(sample_settings.parent, folder)
    return folder / sample_settings.name


OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder of what is made once per run."""
    MADE.common = common_folder(tmp_path_factory)


@pytest.fixture(scope="session")
def sample_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of a sample area with one snapshot; not to be refreshed or changed by a test."""
    return sample_area(SETTINGS, tmp_path_factory.mktemp("sample"))


def sample_area(settings: str, folder: Path) -> Path:
    """The settings file of the sample area in a folder, with one snapshot."""

    def make(begun: Path) -> None:
        (begun / "area.toml").write_text(settings, encoding="utf-8")
        refresh(load_settings(begun / "area.toml"), AS_AT, MADE_AT)

    MADE.copy(settings.encode(), make, folder)
    return folder / "area.toml"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Run a page as a browser would: `open_page(settings, "trends", period="2023-Q4")`."""

    def opened(settings: Path, view: str = "board", **query: str) -> AppTest:
        monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
        page = AppTest.from_file(str(APP), default_timeout=60)
        if view != "board":  # which page is which is only known once the application has run
            page.run().switch_page(f"views/{view}.py")
        for name, value in query.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, page.exception
        return page

    return opened


ODD = "**x** [a](b) <script>alert(1)</script> :red[c] :material/home: $y$ --> https://example.org"
"""A name that Markdown, HTML, charts and Streamlit's own directives would all make something of."""

ODD_SETTINGS = """\
area = "*Odd* area"
source = "records"
standards = ["jersey", "hampshire"]
as_at = 2023-12-31
"""

ODD_TABLES: dict[str, list[dict[str, object]]] = {
    "cases": [
        {"case_id": f"C{n}", "category": "1", "level": "2", "location": "community", "entered_on": "2023-07-05",
         "lead_agency": ODD, "birth_year": 1970, "sex": "male", "visor_recorded": True}
        for n in range(1, 4)
    ],
    "meetings": [
        {"meeting_id": f"M{n}", "case_id": f"C{n}", "held_on": "2023-11-08", "kind": "level 2", "outcome_level": "2",
         "chair_agency": ODD, "disclosure_considered": True, "disclosure_decision": "disclose" if n > 1 else None}
        for n in range(1, 4)
    ],
    "attendance": [
        {"meeting_id": f"M{n}", "agency": agency, "mode": "in person", "senior_enough": agency == ODD}
        for n in range(1, 4)
        for agency in (ODD, "police")
    ],
    "referrals": [{"referral_id": "R1", "received_on": "2023-10-04", "source_agency": ODD, "concern": "sexual"}],
}  # fmt: skip
"""Three cases and their meetings; no Board meetings, no level 1 reviews, no level 3 case."""


@pytest.fixture(scope="session")
def odd_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of a small area with a name in it that means something to every language of markup."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "records").mkdir()
    for name, rows in ODD_TABLES.items():
        pl.DataFrame(rows).write_csv(folder / "records" / f"{name}.csv")
    path = folder / "area.toml"
    path.write_text(ODD_SETTINGS, encoding="utf-8")
    refresh(load_settings(path), AS_AT, MADE_AT)
    return path


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
