"""Where a store is: a SQLite file or a PostgreSQL database, and how to call it in front of people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

from checks.errors import StoreError

DEFAULT_FILE = Path("mappa-monitor.sqlite")
_HOW = "Give a file, or an address like postgresql+psycopg://NAME@HOST/DATABASE."


@dataclass(frozen=True)
class Place:
    """A store's place: `file` or `url` is set. `label` is what people see, without user, password or options."""

    label: str
    file: Path | None = None
    url: sa.URL | None = None


def place_of(url: str | Path | None) -> Place:
    """The place that a path, an SQLAlchemy URL or None (`DEFAULT_FILE` in the working folder) means.

    Raises StoreError for an address that is neither; it never repeats the address, which may hold a password.
    """
    if url is None:
        return _file(DEFAULT_FILE)
    if isinstance(url, Path) or "://" not in url:
        return _file(Path(url))
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        raise StoreError(
            f"The store's address cannot be understood. {_HOW} Special characters in a password are written "
            "percent-encoded (@ as %40)."
        ) from None
    kind, _, driver = parsed.drivername.partition("+")
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:") or parsed.query:
            raise StoreError("A SQLite store is one file on disk, without options. Give its path.")
        return _file(Path(parsed.database))
    if kind in ("postgresql", "postgres") and driver in ("", "psycopg"):
        host = parsed.host or _first(parsed.query.get("host")) or "this machine"
        port = f":{parsed.port}" if parsed.port else ""
        return Place(
            label=f"PostgreSQL database {parsed.database or '(none named)'} at {host}{port}",
            url=parsed.set(drivername="postgresql+psycopg"),
        )
    raise StoreError(f"A store is a SQLite file or a PostgreSQL database, not {parsed.drivername}. {_HOW}")


def _file(path: Path) -> Place:
    return Place(label=str(path), file=path.expanduser())


def _first(value: str | tuple[str, ...] | None) -> str | None:
    return value[0] if isinstance(value, tuple) else value
