"""What the store's tests share: a place for a store on each database, and one with a snapshot in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.store import Store
from tests.connectors.store_samples import content


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where no store is yet."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def filled(url: str) -> str:
    """A place where a store with one snapshot is."""
    with Store.open(url) as store:
        store.write(content())
    return url
