"""Who may import whom, and what no code may hold: read from every file of the product, imports inside functions too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.standard import standard_names

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("checks", "connectors", "kpis", "dashboard")
MAY_IMPORT = {
    "checks": {"checks"},
    "connectors": {"connectors", "checks"},
    "kpis": {"kpis", "checks"},
    "dashboard": set(FOLDERS),
}
PAGES_ONLY = "streamlit"
CLOCKS = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("time", "strftime"),
}
YEARS = range(1950, 2100)


def files() -> list[tuple[str, Path]]:
    return [(folder, path) for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


FILES = files()


def package_of(path: Path) -> tuple[str, ...]:
    """The package that a file's relative imports start from."""
    return path.relative_to(ROOT).parent.parts


def imported(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """The whole name of every module imported anywhere in the code, by statement or by call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*above, *([node.module] if node.module else [])])
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0] if node.args else None
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                yield str(first.value)


def wrong_arrows(folder: str, code: str, package: tuple[str, ...]) -> list[str]:
    """What a file of the folder imports and may not."""
    wrong = []
    for name in imported(ast.parse(code), package):
        top = name.partition(".")[0]
        ours = top in FOLDERS and top not in MAY_IMPORT[folder]
        if ours or top == "tests" or (top == PAGES_ONLY and folder != "dashboard"):
            wrong.append(name)
    return wrong


def clocks(code: str) -> list[str]:
    """Where code asks what day it is; also under another name (`from datetime import date as d`, `dt.date.today()`)."""
    tree = ast.parse(code)
    meant = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (meant.get(owner, owner), node.attr) in CLOCKS:
                found.append(f"{owner}.{node.attr}, line {node.lineno}")
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [f"time.{a.name}, line {node.lineno}" for a in node.names if ("time", a.name) in CLOCKS]
    return found


def unescaped(code: str) -> list[str]:
    """Where code has Streamlit take text for HTML or a script: what the product shows as HTML is escaped before (`st.html`)."""
    names = (each for node in ast.walk(ast.parse(code)) for each in _named(node))
    return [name for name in names if name.startswith("unsafe_allow")]


def _named(node: ast.AST) -> list[str]:
    """The names by which a piece of code could ask for it: an argument's, or a key of arguments that are handed on."""
    if isinstance(node, ast.keyword):
        return [node.arg or ""]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def places_and_years(code: str) -> list[str]:
    """Comparisons and cases with a standard's name or a year in them: what differs by place or edition belongs in data."""
    standards = set(standard_names())
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Compare | ast.match_case):
            continue
        for each in ast.walk(node.pattern if isinstance(node, ast.match_case) else node):
            if not isinstance(each, ast.Constant) or isinstance(each.value, bool):
                continue
            year = isinstance(each.value, int) and each.value in YEARS
            place = isinstance(each.value, str) and each.value.lower() in standards
            if year or place:
                found.append(f"{each.value!r}, line {each.lineno}")
    return found


@pytest.mark.parametrize(("folder", "path"), FILES, ids=lambda each: str(each).removeprefix(f"{ROOT}/"))
def test_every_file_keeps_to_the_house_rules(folder: str, path: Path) -> None:
    code = path.read_text("utf-8")
    assert wrong_arrows(folder, code, package_of(path)) == []
    assert places_and_years(code) == []
    assert unescaped(code) == []
    if folder != "dashboard":
        assert clocks(code) == [], "the as-at date is passed in"


def test_the_files_read_are_the_products_own() -> None:
    assert {folder for folder, _ in FILES} == set(FOLDERS)
    read = {path.relative_to(ROOT).as_posix() for _, path in FILES}
    assert {"checks/runner.py", "connectors/store/store.py", "kpis/measures/__init__.py", "dashboard/app.py"} <= read


def test_streamlit_serves_no_file_past_its_navigation() -> None:
    assert not (ROOT / "dashboard" / "pages").exists(), "Streamlit serves the files of a folder `pages` by themselves"


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("checks", "from connectors.sources import pull"),
        ("checks", "def f():\n    import kpis.results"),
        ("connectors", "from kpis.area import Area"),
        ("connectors", "if TYPE_CHECKING:\n    import dashboard"),
        ("kpis", "from connectors import store"),
        ("kpis", "import importlib\nimportlib.import_module('dashboard.settings')"),
        ("kpis", "import streamlit as st"),
        ("checks", "from streamlit import cache_data"),
        ("dashboard", "from tests.tables import raw"),
        ("connectors", "from ...kpis import area"),
    ],
)
def test_a_planted_wrong_arrow_is_found(folder: str, code: str) -> None:
    assert wrong_arrows(folder, code, ("connectors", "sources") if "..." in code else (folder,)) != []


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("checks", "import polars\nfrom checks.rule import Rule"),
        ("connectors", "from checks.locators import ROW\nfrom .source import Pull"),
        ("kpis", "def f():\n    from checks.standard import Standard"),
        ("dashboard", "import streamlit\nimport kpis.results, connectors.store, checks.errors"),
    ],
)
def test_a_right_arrow_is_left_alone(folder: str, code: str) -> None:
    assert wrong_arrows(folder, code, (folder,)) == []


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import date\nx = date.today()",
        "from datetime import date as d\nx = d.today()",
        "import datetime as dt\nx = dt.datetime.now(dt.UTC)",
        "import time\nx = time.time()",
        "from time import time\nx = time()",
        "from datetime import datetime\nfield(default_factory=datetime.now)",
    ],
)
def test_a_planted_clock_is_found(code: str) -> None:
    assert clocks(code) != []


@pytest.mark.parametrize(
    "code",
    [
        "if standard.name == 'jersey': pass",
        "x = 1 if name in ('hampshire', 'other') else 2",
        "if day >= date(2023, 4, 1): pass",
        "while year < 2024: pass",
        "match name:\n    case 'england-wales': pass",
    ],
)
def test_a_planted_place_or_year_is_found(code: str) -> None:
    assert places_and_years(code) != []


def test_what_is_no_place_or_year_is_left_alone() -> None:
    assert places_and_years("if level == '2' and weeks > 12 and kind != 'jersey cow': pass\nDEFAULT = 'jersey'") == []


@pytest.mark.parametrize(
    "code",
    [
        "st.markdown(text, unsafe_allow_html=True)",
        "st.html(text, unsafe_allow_javascript=True)",
        "st.caption(text, **{'unsafe_allow_html': True})",
        "asked = dict(unsafe_allow_html=shown)\nst.write(text, **asked)",
    ],
)
def test_planted_markup_is_found(code: str) -> None:
    assert unescaped(code) != []


def test_what_is_only_said_of_markup_is_left_alone() -> None:
    assert unescaped("# never unsafe_allow_html\nst.markdown(plain(text))") == []
