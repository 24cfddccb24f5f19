"""What the tests of the dashboard share: one sample area, refreshed once per run, and pages run without a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.refresh import refresh
from dashboard.serving import SETTINGS_VARIABLE
from dashboard.settings import load_settings

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

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def sample_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of a sample area with one snapshot; not to be refreshed or changed by a test."""
    path = tmp_path_factory.mktemp("sample") / "area.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    refresh(load_settings(path), AS_AT, MADE_AT)
    return path


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Run a page as a browser would: `open_page(settings, "trends", period="2023-Q4")`."""

    def opened(settings: Path, view: str = "board", **query: str) -> AppTest:
        monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
        page = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in query.items():
            page.query_params[name] = value
        page.switch_page(f"views/{view}.py").run()
        assert not page.exception, page.exception
        return page

    return opened
