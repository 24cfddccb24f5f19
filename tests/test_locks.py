"""The lock files: whole, hashed, free of addresses, and in step with pyproject.toml."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = "requirements.lock"
TESTS = "requirements-test.lock"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (("linux", "posix", "Linux"), ("win32", "nt", "Windows"), ("darwin", "posix", "Darwin"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
LINES = (
    re.compile(
        r"[a-z0-9._-]+==[a-zA-Z0-9.+!]+(?: ; [a-z0-9_.'()<>=! ]+)? \\"
    ),  # a package, its version, where it is wanted
    re.compile(rf"    {HASH.pattern}(?: \\)?"),
    re.compile(r"    # (?:via|(?:via| ) *(?:-c )?[a-zA-Z0-9._-]+(?: \(pyproject\.toml[a-z:]*\))?)"),  # what asks for it
)
"""All that a line of a lock may be."""
# Hatchling asks for it when it installs a project as editable; it stands in no list of pyproject's own build needs.
FOR_EDITABLE = "editables"


def entries(name: str) -> list[tuple[Requirement, list[str]]]:
    """One pair per pinned requirement of a lock: the requirement and its hash options."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    return [(Requirement(line.split(" --hash", 1)[0].strip()), re.findall(r"--\S+", line)) for line in lines]


def environment(python: str, platform: tuple[str, str, str]) -> dict[str, str]:
    sys_platform, os_name, system = platform
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": sys_platform,
        "os_name": os_name,
        "platform_system": system,
        "platform_machine": "x86_64",
    }


def pinned(name: str, where: dict[str, str]) -> dict[str, Version]:
    """Version of every package that a lock installs on one kind of machine; two of one package is an error."""
    found: dict[str, Version] = {}
    for requirement, _ in entries(name):
        if requirement.marker is None or requirement.marker.evaluate(where):
            package = canonicalize_name(requirement.name)
            assert package not in found, f"{name} pins {package} twice on {where['sys_platform']}"
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[package] = Version(specifier.version)
    return found


def declared(*groups: str) -> list[Requirement]:
    """What pyproject.toml asks for: the product's needs, those of its build, and those of the groups named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    texts = [*project["project"]["dependencies"], *project["build-system"]["requires"], FOR_EDITABLE]
    for group in groups:
        texts += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("name", [RUNTIME, TESTS])
def test_a_lock_holds_pins_hashes_and_who_asked_and_so_no_place_that_packages_come_from(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not any(form.fullmatch(line) for form in LINES)] == []


@pytest.mark.parametrize("name", [RUNTIME, TESTS])
def test_every_requirement_has_hashes_and_no_other_option(name: str) -> None:
    found = entries(name)
    assert found
    for requirement, options in found:
        assert options, f"{requirement.name} has no hash"
        assert all(HASH.fullmatch(option) for option in options), requirement.name


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform[0])
@pytest.mark.parametrize(("name", "groups"), [(RUNTIME, ()), (TESTS, ("dev",))])
def test_what_pyproject_asks_for_stands_in_the_lock(
    name: str, groups: tuple[str, ...], python: str, platform: tuple[str, str, str]
) -> None:
    where = environment(python, platform)
    lock = pinned(name, where)
    for requirement in declared(*groups):
        if requirement.marker is None or requirement.marker.evaluate(where):
            version = lock.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement} is not in {name}: renew it (CONTRIBUTING.md)"
            assert requirement.specifier.contains(version, prereleases=True), f"{name} has {version} for {requirement}"


@pytest.mark.parametrize("name", [RUNTIME, TESTS])
def test_what_the_locked_packages_need_stands_in_the_lock_too(name: str) -> None:
    """Read from the installed packages, so for this machine only; pip would refuse the lock elsewhere."""
    from packaging.markers import default_environment

    where = {key: str(value) for key, value in default_environment().items()}
    lock = pinned(name, where)
    for package, version in lock.items():
        if importlib.metadata.version(package) != str(version):
            pytest.fail(f"{package} is installed in another version than {name} records; set up afresh")
        for text in importlib.metadata.requires(package) or []:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({**where, "extra": ""}):
                assert need.specifier.contains(lock[canonicalize_name(need.name)], prereleases=True), (package, text)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform[0])
@pytest.mark.parametrize("python", PYTHONS)
def test_the_tests_lock_is_the_runtime_lock_and_more(python: str, platform: tuple[str, str, str]) -> None:
    """`start.py test` installs it on top, and people then run the product from the same environment."""
    where = environment(python, platform)
    runtime, tests = pinned(RUNTIME, where), pinned(TESTS, where)
    assert {package: tests.get(package) for package in runtime} == runtime
    assert len(tests) > len(runtime)


def test_the_tests_lock_accepts_the_same_files_as_the_runtime_lock() -> None:
    hashes = {name: {str(r): set(options) for r, options in entries(name)} for name in (RUNTIME, TESTS)}
    assert {r: hashes[TESTS].get(r) for r in hashes[RUNTIME]} == hashes[RUNTIME]
