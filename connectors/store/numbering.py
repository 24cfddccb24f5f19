"""Rows that the database numbers itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa


def added(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """Add a row to a table whose key the database gives; its number."""
    key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
    if key is None:
        raise RuntimeError(f"the database gave the new row of {table.name} no number")
    return int(key[0])
