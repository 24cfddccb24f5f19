"""The canonical tables, found by folder: one pandera model per table (domain section 2)."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from checks.tables.table import Table

_ORDER = (
    "cases",
    "spells",
    "referrals",
    "meetings",
    "attendance",
    "smb_meetings",
    "smb_attendance",
    "actions",
    "reviews",
    "visits",
    "events",
    "population",
)


def _found() -> dict[str, type[Table]]:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    models = {model.table_name(): model for model in Table.__subclasses__()}
    known = {name: place for place, name in enumerate(_ORDER)}
    return dict(sorted(models.items(), key=lambda item: (known.get(item[0], len(known)), item[0])))


TABLES: dict[str, type[Table]] = _found()
"""Every canonical table by name, in the order of the domain guide; a new one needs only its file."""
