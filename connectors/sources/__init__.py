"""Where records come from: one module per kind of source, found by folder.

A module is a source when it has `reads(address) -> bool` and `pull(address, progress=…) -> Pull`; `KIND`, if it has it,
says in a few words what it reads. One whose `pull` takes a `password` is given it; so is one that takes `wanted`.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from checks.errors import SourceError
from connectors.sources.source import Progress, Pull, silent
from connectors.sources.wanted import Wanted


def modules() -> list[ModuleType]:
    """The sources, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    found = (import_module(f"{__name__}.{name}") for name in names)
    return [module for module in found if hasattr(module, "reads") and hasattr(module, "pull")]


def pull(address: str, password: str | None = None, progress: Progress = silent, wanted: Wanted | None = None) -> Pull:
    """All canonical tables of the folder, workbook or database at `address`, with a locator on every row.

    `password`: a database's, from the environment or a secrets file; other sources do not see it. `wanted`: what holds
    each table of a database, where the settings name it.
    SourceError (exit 3) where nothing reads such an address or the source cannot be read.
    """
    sources = modules()
    for source in sources:
        if address.strip() and source.reads(address):  # an empty path would be the folder one happens to be in
            taken = inspect.signature(source.pull).parameters
            more = {"password": password, "wanted": wanted}
            return source.pull(address, progress=progress, **{key: more[key] for key in more if key in taken})
    kinds = "; ".join(getattr(source, "KIND", source.__name__.rpartition(".")[2]) for source in sources)
    raise SourceError(f"{_given(address)} A source is one of: {kinds}.")


def _given(address: str) -> str:
    if not address.strip():
        return "No source was given."
    if "@" in address:  # perhaps a mistyped URL, and so perhaps a password
        return "What was given is neither a file, a folder nor a database's URL."
    path = Path(address)
    if not path.exists():
        return f"There is no file or folder called {address}."
    return f"{path.name} is of no kind that can be read."
