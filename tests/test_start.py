"""start.py: what it runs, when it sets up, and what it says when it cannot.

The set-up itself is run for real, with pip, on a small project of its own whose packages lie in a folder, so that no
test needs a network or fetches the product's packages again.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

import start

pytestmark = pytest.mark.long

SOURCE = Path(start.__file__)
POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="signals and permissions work differently on Windows")


# A small project, its packages, and how to start it


def make_wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    """Write a wheel `name` 1.0 with these files; pip takes it as it takes any other."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if name == "mappa-monitor":
        files[f"{info}/entry_points.txt"] = "[console_scripts]\nmappa-monitor = small_product:main\n"
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text.encode())}\n"
    wheel = folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return wheel


def pin(wheel: Path) -> str:
    return f"{wheel.name.split('-')[0]}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


PRODUCT = """
import json, os, sys
import small_library
def main():
    print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "library": small_library.NAME}))
    return 3
"""
BUILD = """
import pathlib, shutil
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    (wheel,) = pathlib.Path("built").glob("*.whl")
    shutil.copy(wheel, wheel_directory)
    return wheel.name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "build_small"
backend-path = ["."]

[project]
name = "mappa-monitor"
version = "1.0"
"""


def make_tree(root: Path) -> Path:
    """A folder laid out as the project's own, with start.py, locks and a build, and its wheels beside it."""
    for folder in (root, root / "built", root / "wheels"):
        folder.mkdir(parents=True)
    shutil.copy(SOURCE, root / "start.py")
    (root / "build_small.py").write_text(BUILD, encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    make_wheel(root / "built", "mappa-monitor", {"small_product.py": PRODUCT})
    library = make_wheel(root / "wheels", "small_library", {"small_library.py": "NAME = 'the locked one'\n"})
    tester = make_wheel(root / "wheels", "pytest", {"pytest.py": "import sys; print(sys.argv[1:]); sys.exit(5)\n"})
    (root / start.RUNTIME_LOCK).write_text(pin(library), encoding="utf-8")
    (root / start.TEST_LOCK).write_text(pin(library) + pin(tester), encoding="utf-8")
    return root


def variables(root: Path) -> dict[str, str]:
    """The machine's variables, with pip told to look nowhere but in the tree's folder of wheels."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": (root / "wheels").as_uri()}
    return {**kept, **pip}


def run_start(root: Path, *words: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "start.py"), *words],
        cwd=cwd or root,
        env={**variables(root), **more},
        capture_output=True,
        text=True,
        timeout=120,
    )


def finish_by_hand(root: Path) -> None:
    """Put a stamp and stand-ins for the installed programs into the tree, as if it had been set up."""
    venv = root / ".venv"
    for name in ("python", "mappa-monitor"):
        program = start.in_environment(venv, name)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(
            f'#!/bin/sh\necho "{name} $*"\necho "from $(pwd)"\necho "PYTHONPATH=$PYTHONPATH"\nexit 7\n',
            encoding="utf-8",
        )
        program.chmod(0o755)
    start.write_stamp(venv, start.wanted_stamp(root, start.RUNTIME_LOCK))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "the project")


# The file itself


def test_the_file_can_be_read_by_the_old_pythons_that_it_turns_away() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_file_needs_nothing_but_python() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported <= sys.stdlib_module_names


def test_the_file_leaves_the_choice_of_index_to_pip() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert not [word for word in ("://", "--index", "--extra-index-url", "--find-links", "--no-index") if word in text]


# What is run


def test_no_word_opens_the_demo_and_options_go_to_it(tmp_path: Path) -> None:
    program = str(start.in_environment(tmp_path / ".venv", "mappa-monitor"))
    assert start.command_for(tmp_path, [], 4) == ([program, "demo"], None)
    assert start.command_for(tmp_path, ["--port", "8600"], 4) == ([program, "demo", "--port", "8600"], None)
    assert start.command_for(tmp_path, ["demo", "--seed", "2"], 4) == ([program, "demo", "--seed", "2"], None)


def test_any_other_word_is_a_command_of_the_product(tmp_path: Path) -> None:
    program = str(start.in_environment(tmp_path / ".venv", "mappa-monitor"))
    assert start.command_for(tmp_path, ["serve", "--port", "8600"], 4) == ([program, "serve", "--port", "8600"], None)


def test_tests_and_benchmarks_run_in_the_project_from_the_larger_lock(tmp_path: Path) -> None:
    python = str(start.in_environment(tmp_path / ".venv", "python"))
    expected = [python, "-m", "pytest", "-n", "5", "--dist", "loadfile", "-k", "disclosure"]
    assert start.command_for(tmp_path, ["test", "-k", "disclosure"], 4) == (expected, tmp_path)
    assert start.command_for(tmp_path, ["bench", "--fast"], 4) == (
        [python, "-m", "tests.benchmarks", "--fast"],
        tmp_path,
    )
    assert [start.lock_for([word]) for word in ("test", "bench", "demo", "serve")] == [
        "requirements-test.lock",
        "requirements-test.lock",
        "requirements.lock",
        "requirements.lock",
    ]
    assert start.lock_for([]) == "requirements.lock"


@pytest.mark.parametrize("choice", ["-n0", "--numprocesses=3", "--pdb"])
def test_a_choice_of_test_processes_is_respected(choice: str) -> None:
    assert start.pytest_options([choice, "-x"], 4) == [choice, "-x"]


def test_what_is_started_may_keep_what_it_has_compiled_and_reads_no_packages_from_elsewhere() -> None:
    given = {"PATH": "/bin", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "/elsewhere", "PYTHONHOME": "/elsewhere"}
    assert start.child_environment(given) == {"PATH": "/bin", "PIP_USER": "0"}


@pytest.mark.parametrize(("available", "expected"), [(1, 2), (2, 3), (6, 7), (64, 8)])
def test_test_processes_follow_the_cores_within_limits(available: int, expected: int) -> None:
    assert start.workers(available) == expected


def test_programs_are_found_on_windows_too(tmp_path: Path) -> None:
    assert start.in_environment(tmp_path, "mappa-monitor", windows=True) == tmp_path / "Scripts" / "mappa-monitor.exe"
    assert start.in_environment(tmp_path, "mappa-monitor", windows=False) == tmp_path / "bin" / "mappa-monitor"


def test_waiting_passes_the_exit_code_on() -> None:
    assert start.wait_for([sys.executable, "-c", "raise SystemExit(4)"], None, dict(os.environ)) == 4


@POSIX_ONLY
def test_a_second_start_goes_straight_to_the_program_with_its_words_folder_and_exit_code(
    tree: Path, tmp_path: Path
) -> None:
    finish_by_hand(tree)
    done = run_start(tree, "serve", "--port", "8600", cwd=tmp_path, PYTHONPATH="/elsewhere")
    assert done.stdout.splitlines() == ["mappa-monitor serve --port 8600", f"from {tmp_path}", "PYTHONPATH="]
    assert done.stderr == ""
    assert done.returncode == 7


@POSIX_ONLY
def test_a_finished_set_up_runs_from_a_folder_that_cannot_be_written(tree: Path) -> None:
    finish_by_hand(tree)
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    assert run_start(tree).returncode == 7
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


def test_help_says_what_can_be_started_without_setting_anything_up(tree: Path) -> None:
    shown = run_start(tree, "--help")
    assert shown.returncode == 0
    for word in ("demo", "test", "bench", "serve", ".venv"):
        assert word in shown.stdout
    assert not (tree / ".venv").exists()


# What must be done


def set_up(tree: Path, lock: str = start.RUNTIME_LOCK) -> dict[str, str]:
    for name in ("python", "mappa-monitor"):
        program = start.in_environment(tree / ".venv", name)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
    return start.wanted_stamp(tree, lock)


ALL = ["environment", "packages", "project"]


def test_nothing_is_done_twice(tree: Path) -> None:
    stamp = set_up(tree)
    assert start.steps(tree, start.RUNTIME_LOCK, stamp) == []


def test_everything_is_done_where_there_is_nothing(tree: Path) -> None:
    assert start.steps(tree, start.RUNTIME_LOCK, None) == ALL


def test_the_tests_add_their_packages_and_the_product_then_runs_with_them(tree: Path) -> None:
    assert start.steps(tree, start.TEST_LOCK, set_up(tree)) == ["packages", "project"]
    assert start.steps(tree, start.RUNTIME_LOCK, set_up(tree, start.TEST_LOCK)) == []


@pytest.mark.parametrize("installed", [start.RUNTIME_LOCK, start.TEST_LOCK])
@pytest.mark.parametrize("asked", [start.RUNTIME_LOCK, start.TEST_LOCK])
def test_a_changed_lock_means_a_fresh_environment(tree: Path, installed: str, asked: str) -> None:
    stamp = set_up(tree, installed)
    (tree / installed).write_text("other==1.0\n", encoding="utf-8")
    assert start.steps(tree, asked, stamp) == ALL


@pytest.mark.parametrize("key", ["python", "home", "folder"])
def test_another_python_or_folder_means_a_fresh_environment(tree: Path, key: str) -> None:
    assert start.steps(tree, start.RUNTIME_LOCK, {**set_up(tree), key: "another"}) == ALL


def test_a_changed_project_file_only_reinstalls_the_project(tree: Path) -> None:
    stamp = set_up(tree)
    (tree / "pyproject.toml").write_text(PYPROJECT + "# changed\n", encoding="utf-8")
    assert start.steps(tree, start.RUNTIME_LOCK, stamp) == ["project"]


@pytest.mark.parametrize(("program", "expected"), [("python", ALL), ("mappa-monitor", ["project"])])
def test_a_program_that_has_gone_is_put_back(tree: Path, program: str, expected: list[str]) -> None:
    stamp = set_up(tree)
    start.in_environment(tree / ".venv", program).unlink()
    assert start.steps(tree, start.RUNTIME_LOCK, stamp) == expected


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"lock": "requirements.lock"}'])
def test_a_stamp_cut_short_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / start.STAMP).write_text(text, encoding="utf-8")
    assert start.read_stamp(tmp_path) is None


# What cannot be done


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_turned_away_in_plain_words(version: tuple[int, int, int]) -> None:
    with pytest.raises(start.SetUpError, match=r"needs Python 3\.11 or later, and this is Python 3\.\d+\."):
        start.check_python(version)


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_that_cannot_make_environments_names_the_package_to_install(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert start.main(["demo"]) == start.SET_UP_FAILED
    assert "sudo apt install python3-venv" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_copy_that_is_not_whole_names_the_missing_file(tree: Path, name: str) -> None:
    (tree / name).unlink()
    done = run_start(tree)
    assert done.returncode == start.SET_UP_FAILED
    assert f"The file {name} is missing" in done.stderr
    assert not (tree / ".venv").exists()


def test_an_environment_somebody_else_made_is_left_alone(tree: Path) -> None:
    (tree / ".venv").mkdir()
    (tree / ".venv" / "pyvenv.cfg").write_text("home = elsewhere\n", encoding="utf-8")
    done = run_start(tree)
    assert done.returncode == start.SET_UP_FAILED
    assert "not made by start.py" in done.stderr
    assert "Rename or delete" in done.stderr
    assert [path.name for path in (tree / ".venv").iterdir()] == ["pyvenv.cfg"]


def test_a_file_in_the_way_is_named(tree: Path) -> None:
    (tree / ".venv").write_text("", encoding="utf-8")
    done = run_start(tree)
    assert done.returncode == start.SET_UP_FAILED
    assert f"{tree / '.venv'} is a file" in done.stderr


@POSIX_ONLY
def test_a_read_only_folder_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "project"
        make_tree(folder)
        # The administrator may write anywhere: become nobody, once everything that is needed has been imported.
        code = textwrap.dedent("""
            import os, sys
            sys.path.insert(0, sys.argv[1])
            import venv, ensurepip, start
            if os.geteuid() == 0:
                os.seteuid(65534)
            sys.exit(start.main([]))
        """)
        Path(name).chmod(0o755)
        folder.chmod(0o555)
        try:
            done = subprocess.run(
                [sys.executable, "-B", "-c", code, str(folder)], env=variables(folder), capture_output=True, text=True
            )
        finally:
            folder.chmod(0o755)
    assert done.returncode == start.SET_UP_FAILED
    assert f"{folder / '.venv'} cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...)'", "not be reached"),
        ("WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.')'", "network and proxy"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...", "certificate"),
        ("ERROR: No matching distribution found for polars==2.1.0", "no ready-made package"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one"),
        ("ERROR: something nobody thought of", "installation of packages stopped"),
    ],
)
def test_the_reason_is_given_in_plain_words(line: str, expected: str) -> None:
    assert expected in start.reason(f"Collecting polars==2.1.0\n{line}\n")


@POSIX_ONLY
def test_an_interruption_is_quiet_and_leaves_nothing_that_looks_finished(tree: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(tree / "start.py")], env=variables(tree), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = ""
    while "making an environment" not in said:
        said += process.stderr.readline()
    until = time.monotonic() + 30
    while not (tree / ".venv" / "pyvenv.cfg").exists() and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=30)[1]
    assert process.returncode == start.INTERRUPTED
    assert said.endswith("Stopped. Start again to go on.\n")
    assert "Traceback" not in said
    assert start.read_stamp(tree / ".venv") is None
    assert (tree / ".venv" / start.STAMP).exists(), "the next start must know the folder for its own"


# The whole way


@POSIX_ONLY
def test_from_nothing_to_the_program_and_the_tests(tree: Path, tmp_path: Path) -> None:
    """One story, because each environment takes some seconds to make."""
    venv = tree / ".venv"
    lock = tree / start.RUNTIME_LOCK
    right = lock.read_text(encoding="utf-8")

    # A package that is not the recorded one is refused, even with a second start waiting for the same folder.
    lock.write_text(right.split("sha256:")[0] + "sha256:" + "0" * 64 + "\n", encoding="utf-8")
    with start.one_at_a_time(tree / "pyproject.toml"):
        waiting = subprocess.Popen(
            [sys.executable, str(tree / "start.py")], env=variables(tree), stderr=subprocess.PIPE, text=True
        )
        assert waiting.stderr
        assert "Another start is setting up this folder" in waiting.stderr.readline()
        assert not venv.exists()
    said = waiting.communicate(timeout=120)[1]
    assert waiting.returncode == start.SET_UP_FAILED
    assert "A package that arrived is not the one this version was tested with" in said
    assert str(venv / start.LOG) in said
    assert "DO NOT MATCH" in (venv / start.LOG).read_text(encoding="utf-8")
    assert "Traceback" not in said

    # What the failed set-up left is made afresh, remnants and all; output holds the program's words alone.
    lock.write_text(right, encoding="utf-8")
    (venv / "remnant").mkdir()
    done = run_start(tree, "measure", "--json", cwd=tmp_path)
    assert json.loads(done.stdout) == {
        "arguments": ["measure", "--json"],
        "folder": str(tmp_path),
        "library": "the locked one",
    }
    assert done.returncode == 3
    assert "fetching and installing 1 packages" in done.stderr
    assert not (venv / "remnant").exists()
    assert run_start(tree, "demo").stderr == ""

    # The tests' packages go on top, and the product goes on from the same environment without a word.
    tests = run_start(tree, "test", "-n0", "-k", "one", cwd=tmp_path)
    assert tests.stdout == "['-n0', '-k', 'one']\n"
    assert tests.returncode == 5
    assert "making an environment" not in tests.stderr
    assert run_start(tree, "demo").stderr == ""

    # A changed project file installs the project again, and only that.
    (tree / "pyproject.toml").write_text(PYPROJECT + "# changed\n", encoding="utf-8")
    again = run_start(tree, "demo")
    assert again.returncode == 3
    assert "installing MAPPA Monitor itself" in again.stderr
    assert "packages" not in again.stderr
    assert run_start(tree, "test", "-n0").stderr == ""
