"""The canonical tables and their columns, for those who read sources and need no more than names."""

from __future__ import annotations

from checks.tables import TABLES

COLUMNS: dict[str, tuple[str, ...]] = {name: model.columns() for name, model in TABLES.items()}
KEYS: dict[str, tuple[str, ...]] = {name: model.about().key for name, model in TABLES.items()}
