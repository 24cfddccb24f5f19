"""The rule against skipped tests, tried on a run of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPS_INSIDE = """
import pytest

@pytest.mark.{mark}
def test_one():
    pytest.skip("nothing to test with")
"""
SKIPS_BEFORE = """
import pytest

@pytest.mark.{mark}
@pytest.mark.skipif(True, reason="nothing to test with")
def test_one():
    pass
"""
SKIPS_IN_SET_UP = """
import pytest

@pytest.fixture
def server():
    pytest.skip("nothing to test with")

@pytest.mark.{mark}
def test_one(server):
    pass
"""
UNMARKED = SKIPS_INSIDE.replace("@pytest.mark.{mark}", "")
WHOLE_FILE = 'import pytest\n\npytest.skip("nothing to test with", allow_module_level=True)\n'
EXPECTED_FAILURE = """
import pytest

@pytest.mark.{mark}
@pytest.mark.xfail(reason="known")
def test_one():
    assert False
"""


def run_pytest(folder: Path, text: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser\n    postgres\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c"]
    return subprocess.run(
        [*command, str(folder / "pytest.ini"), str(folder / "test_sample.py")],
        cwd=ROOT,
        env={**kept, "CI": ci},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("mark", ["browser", "postgres", "mariadb"])
@pytest.mark.parametrize("text", [SKIPS_INSIDE, SKIPS_BEFORE, SKIPS_IN_SET_UP])
def test_a_skipped_test_fails_on_the_build_machine_and_says_why(tmp_path: Path, mark: str, text: str) -> None:
    done = run_pytest(tmp_path, text.format(mark=mark), ci="true")
    assert done.returncode == 1
    assert f"A test marked {mark} was skipped" in done.stdout
    assert "nothing to test with" in done.stdout


def test_a_file_skipped_as_a_whole_fails_there_too(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, WHOLE_FILE, ci="true")
    assert done.returncode != 0
    assert "A whole test file was skipped" in done.stdout


@pytest.mark.parametrize("text", [SKIPS_INSIDE, WHOLE_FILE])
def test_elsewhere_a_skip_is_a_skip(tmp_path: Path, text: str) -> None:
    done = run_pytest(tmp_path, text.format(mark="browser"), ci="")
    assert done.returncode in (0, 5)
    assert "1 skipped" in done.stdout


@pytest.mark.parametrize("text", [UNMARKED, EXPECTED_FAILURE])
def test_other_skips_and_expected_failures_stay_what_they_are(tmp_path: Path, text: str) -> None:
    assert run_pytest(tmp_path, text.format(mark="browser"), ci="true").returncode == 0
