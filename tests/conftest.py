"""What several test folders share; and on the build machine nothing marked to be tested is skipped in silence."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.mariadb_server import MariaDB
    from tests.postgres_server import Postgres

if "PYTEST_XDIST_WORKER" in os.environ:
    # The tests run side by side as it is: as many threads again for each of them only wait for one another. Two are left,
    # so that what works with several is tried with several. Here, since Polars asks when it is imported.
    os.environ.setdefault("POLARS_MAX_THREADS", "2")

# Nothing is timed here: a machine that is busy would fail what is right.
settings.register_profile("not timed", deadline=None)
settings.load_profile("not timed")

MAY_NOT_BE_SKIPPED = ("browser", "postgres", "mariadb")


def on_build_machine() -> bool:
    """Whether the tests run where everything they need has been installed (`CI=true`)."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: begun last, one of them would go on alone while the other workers wait."""
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in ("browser", "long")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped browser, PostgreSQL or MariaDB test into a failure on the build machine."""
    report = yield
    marks = [mark for mark in MAY_NOT_BE_SKIPPED if item.get_closest_marker(mark)]
    if marks and report.skipped and not hasattr(report, "wasxfail") and on_build_machine():
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"A test marked {' and '.join(marks)} was skipped, which CI=true does not allow: {why}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a whole file skipped at import into a failure too: its marks cannot be known, as it was not read."""
    report = yield
    if report.skipped and on_build_machine():
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"A whole test file was skipped, which CI=true does not allow: {why}"
    return report


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL, one for all workers of the run (mark the test `postgres`)."""
    from tests.postgres_server import shared_server

    with shared_server(common_folder(tmp_path_factory)) as server:
        yield server


def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is common to all workers of the run."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database that belongs to this test alone."""
    with postgres_server.new_database() as name:
        yield postgres_server.url(name)


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A real MariaDB, one for all workers of the run (mark the test `mariadb`); skipped where it is not installed."""
    from tests.mariadb_server import is_installed, shared_server

    if not is_installed():
        pytest.skip("MariaDB is not installed (on Debian: apt-get install mariadb-server)")
    with shared_server(common_folder(tmp_path_factory)) as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb_server: MariaDB) -> Iterator[str]:
    """The SQLAlchemy URL of an empty MariaDB database that belongs to this test alone."""
    with mariadb_server.new_database() as name:
        yield mariadb_server.url(name)
