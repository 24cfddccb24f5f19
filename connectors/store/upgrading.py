"""The version of a store's schema: found out, compared with this product's, brought up to it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from checks.errors import StoreError
from connectors.store.places import Place
from connectors.store.schema import CURRENT, VERSION_TABLE

if TYPE_CHECKING:  # Alembic is loaded only when there is something to migrate
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

_one_at_a_time = threading.Lock()  # Alembic keeps what it works on in module globals


def version_of(connection: sa.Connection, place: Place) -> str | None:
    """The revision of the store behind the connection; None where there is no table at all (a new store).

    Raises StoreError if the tables there are not a store's: they may be somebody's source, and stay untouched.
    """
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    found = []
    if VERSION_TABLE in tables:
        found = list(connection.scalars(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")))  # noqa: S608, a constant
    if len(found) != 1:
        raise StoreError(
            f"The store {place.label} holds tables that are not a store of MAPPA Monitor, and was left as it is. "
            "Give another file, or an empty database or schema."
        )
    return found[0]


def must_be_readable(connection: sa.Connection, place: Place) -> None:
    """Raise StoreError unless the store is at exactly this product's revision, for those who may not change it."""
    version = version_of(connection, place)
    if version == CURRENT:
        return
    if version is None:
        raise StoreError(f"The store {place.label} holds no snapshot yet. Run mappa-monitor refresh first.")
    if version in _known(MIGRATIONS):
        raise StoreError(
            f"The store {place.label} was made by an older version of MAPPA Monitor. "
            "Run mappa-monitor refresh, which brings it up to date."
        )
    raise _too_new(place)


def bring_up_to_date(connection: sa.Connection, place: Place, folder: Path = MIGRATIONS) -> None:
    """Make the tables of a new store, or migrate an older one, inside the connection's transaction.

    Raises StoreError, changing nothing, if a newer version of the product made it.
    """
    version = version_of(connection, place)
    if folder == MIGRATIONS and version == CURRENT:
        return
    if version is not None and version not in _known(folder):
        raise _too_new(place)
    from alembic import command

    with _one_at_a_time:
        config = _config(folder)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _known(folder: Path) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config(folder)).walk_revisions()}


def _config(folder: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _too_new(place: Place) -> StoreError:
    return StoreError(
        f"The store {place.label} was made by a newer version of MAPPA Monitor and was left as it is. "
        "Update MAPPA Monitor, or give another store."
    )
