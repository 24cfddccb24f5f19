"""The guide “A new area in an afternoon”, followed to the letter: its file becomes a fourth standard that all works with."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from checks.standard import Figures, Standard, load_standard, shipped, standard_names
from connectors.store import Store
from dashboard import reference
from dashboard.refresh import refresh
from dashboard.settings import load_settings
from tests.command import mappa

GUIDE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text("utf-8")
SECTION = GUIDE.partition("## A new area in an afternoon\n")[2].partition("\n## ")[0]
FILE, IN_SETTINGS = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)
COMMANDS = re.findall(
    r"^mappa-monitor (.*)$", "".join(re.findall(r"```bash\n(.*?)```", SECTION, re.DOTALL)), re.MULTILINE
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide's file, in a folder of the user's own with nothing of the product's source beside it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "northshire.toml"
    path.write_text(FILE, "utf-8")
    return path


@pytest.fixture
def northshire(own: Path) -> Standard:
    return load_standard(own)


def test_it_is_a_fourth_standard_with_the_guides_figures(northshire: Standard) -> None:
    base = shipped("england-wales")
    assert northshire.name not in standard_names()
    assert northshire.value("review_weeks_level_1") == 26
    assert northshire.value("level_1_disclosure_review_months") is None
    assert northshire.cite("minutes_working_days_level_2") == "N24 6.4"
    steps = {
        name: [(each.from_day, each.value) for each in northshire.steps(name)]
        for name in ("target_review_level_2", "review_weeks_level_2")
    }
    day = date(2025, 4, 1)
    assert steps == {
        "target_review_level_2": [(None, Decimal("0.8")), (day, Decimal("0.9"))],
        "review_weeks_level_2": [(None, 12), (day, 10)],
    }
    own = set(tomllib.loads(FILE)["figures"]) | {"level_1_disclosure_review_months"}
    for name in set(Figures.model_fields) - own:
        assert northshire.steps(name) == base.steps(name)


def test_the_guides_commands_run_with_it(own: Path) -> None:
    assert [each.split()[0] for each in COMMANDS] == ["measure", "check"]
    for command in COMMANDS:
        assert "northshire.toml" in command
        assert mappa(*command.replace("records/", "sample").split(), "--json").code in (0, 1), command
    measured = mappa(*COMMANDS[0].split(), "--as-at", "2023-12-31", "--period", "2023-24-Q3", "--json")
    told = json.loads(measured.out)
    assert told["standard"] == "northshire"
    targets = {row["measure"]: row["target"] for row in told["results"] if row["unit"] is None}
    assert (targets["review_level_2"], targets["review_level_3"]) == (0.8, 0.95)


def test_a_mistake_in_it_is_a_sentence_and_exit_code_4(own: Path) -> None:
    own.write_text(FILE.replace("value = 26", 'value = "26"'), "utf-8")
    ran = mappa("check", "--source", "sample", "--standard", "northshire.toml")
    assert ran.code == 4
    said = " ".join(ran.err.split())
    assert "In the standard northshire.toml, figures.review_weeks_level_1.value should be a whole number" in said


def test_settings_name_it_and_a_refresh_shows_it_on_the_definitions_page(own: Path, tmp_path: Path) -> None:
    settings = tmp_path / "mappa-monitor.toml"
    settings.write_text(f'area = "Northshire"\nsource = "sample"\nas_at = 2023-12-31\n{IN_SETTINGS}', "utf-8")
    refresh(load_settings(settings), date(2023, 12, 31), datetime(2024, 1, 3, tzinfo=UTC))
    with Store.open(str(tmp_path / "mappa-monitor.sqlite"), read_only=True) as store:
        newest = store.newest()
        assert newest is not None
        assert [each.name for each in newest.standards] == ["northshire", "england-wales"]
        document = store.definitions(newest.id)
        results = store.results(newest.id, standard="northshire")
    assert results.filter(period="2023-24-Q3", measure="review_level_2", by="all")["target"].to_list() == [0.8]
    rows = reference.figures(document["standards"]["northshire"]).rows()
    assert ("Level 2 review every", "12 weeks, until 31 March 2025", "H08 “Frequency of MAPP Meetings”", "") in rows
    assert ("Level 2 review every", "10 weeks, from 1 April 2025", "N24 5.2", "") in rows
    assert "N24" in reference.sources(document)


def test_a_file_that_settings_name_and_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    settings = tmp_path / "mappa-monitor.toml"
    settings.write_text(f'area = "Northshire"\nsource = "sample"\nas_at = 2023-12-31\n{IN_SETTINGS}', "utf-8")
    ran = mappa("refresh", "--settings", str(settings))
    assert ran.code == 4
    assert "The standard northshire.toml could not be read: no such file or directory." in " ".join(ran.err.split())


def test_the_guide_lists_every_figure_that_a_standard_may_set() -> None:
    table = SECTION[SECTION.index("| figure |") :]
    names = [
        name
        for row in table.splitlines()[2:]
        for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    ]
    assert sorted(names) == sorted(Figures.model_fields)
