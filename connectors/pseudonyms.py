"""Stand-ins for names: keyed, so that nobody without the key can tell whose they are, and the same in every file and month.

The key is kept apart from the store and the settings: in the environment, or in a file that only its owner can read.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
import tempfile
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from checks.errors import SettingsError

KEY_VARIABLE = "MAPPA_PSEUDONYM_KEY"
KEY_FILE = "mappa-monitor.key"
LEAST_KEY = 16  # characters

PREFIX = "P1-"
"""How a stand-in begins. The figure keeps it from looking like a name, and says by which rule it was made."""

_LETTERS = 12  # of base 32: sixty bits
_SILENT = re.compile(r"['’ʼ`´]")
_BETWEEN = re.compile(r"[\W_]+")


def folded_name(name: str) -> str:
    """A name as it is compared: case, accents, spaces and punctuation do not matter, and “SURNAME, First” is “First Surname”."""
    parts = name.split(",")
    if len(parts) == 2 and all(part.strip() for part in parts):
        name = f"{parts[1]} {parts[0]}"
    plain = name
    if not name.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(_BETWEEN.sub(" ", _SILENT.sub("", plain.casefold())).split())


def whole_names(surnames: pl.Series, forenames: pl.Series) -> pl.Series:
    """Two columns of cleaned names as the one column “SURNAME, First” that they could be; blank where either is.

    Half a name is nobody: all who share it would be one person.
    """
    return pl.select(pl.concat_str(surnames, pl.lit(", "), forenames).alias(surnames.name)).to_series()


@dataclass(frozen=True)
class KeyPlace:
    """Where the key is: its own `value`, from the environment or a secrets file; else a `file`, made where there is none."""

    value: str | None = field(default=None, repr=False)
    file: Path | None = None

    def key(self) -> tuple[bytes, str | None]:
        """The key, and what is to be said where it was made just now. Raises SettingsError (exit 4); no message holds it."""
        if self.value is not None:
            return _good(self.value, f"The key in {KEY_VARIABLE}"), None
        if self.file is None:
            raise SettingsError(
                f"Names can be taken in as pseudonyms only with a key. Set {KEY_VARIABLE} to a long random text."
            )
        made = _made(self.file) if not self.file.exists() else False
        said = (
            f"A key for pseudonyms was made in {self.file}. Keep a copy in a safe place, away from the records and the store: with "
            "another key everybody gets another pseudonym, and whoever has it can find out whose a pseudonym is."
        )
        return _good(_read(self.file), f"The key file {self.file.name}"), said if made else None

    def told(self) -> str:
        """Where the key comes from, or how to set one, in a plain sentence; never the key."""
        if self.value is not None:
            if len(self.value.strip()) < LEAST_KEY:
                return f"The key in {KEY_VARIABLE} is too short: set it to at least {LEAST_KEY} characters."
            return f"The key comes from {KEY_VARIABLE}."
        if self.file is None:
            return f"No key is set: set {KEY_VARIABLE} to a long random text."
        if self.file.exists():
            return f"The key comes from the file {self.file.name} beside the settings."
        return (
            f"No key is set yet: set {KEY_VARIABLE} to a long random text, or let the next refresh make one in the file "
            f"{self.file.name} beside the settings."
        )


def _good(text: str, what: str) -> bytes:
    key = text.strip()
    if len(key) < LEAST_KEY:
        raise SettingsError(f"{what} is too short: expected at least {LEAST_KEY} characters. Give a long random text.")
    return key.encode()


def _made(path: Path) -> bool:
    """Write a new key, whole and for its owner only; whether it was ours that came first."""
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # readable by its owner only
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        os.link(name, path)
    except FileExistsError:
        return False
    except OSError as error:
        why = (error.strerror or "the system refused").lower()
        raise SettingsError(
            f"The key file {path.name} could not be made: {why}. Make its folder writable, or set {KEY_VARIABLE}."
        ) from None
    finally:
        if name is not None:
            Path(name).unlink(missing_ok=True)
    return True


def _read(path: Path) -> str:
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"The key file {path.name} could not be read. Check its rights, or put back the copy that was kept of it."
        ) from None
    if os.name == "posix" and mode & 0o077:
        raise SettingsError(
            f"The key file {path.name} can be read by others than its owner. Take their rights away (chmod 600) and try again."
        )
    return text


class Pseudonyms:
    """Stand-ins under one key. Two people never get one stand-in within an import: it is stopped before that."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._whose: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The stand-in of a name."""
        return self._of(folded_name(name))

    def _of(self, plain: str) -> str:
        digest = hmac.digest(self._key, plain.encode(), "sha256")
        stand_in = PREFIX + base64.b32encode(digest).decode()[:_LETTERS]
        if self._whose.setdefault(stand_in, plain) != plain:
            raise SettingsError(
                "Two names would get one pseudonym, which may happen once in a million years. Import with another key."
            )
        return stand_in

    def column(self, values: pl.Series) -> pl.Series:
        """The same for a column of texts; blank cells, and those that hold neither letter nor figure, stay blank."""
        texts = values.unique().drop_nulls().to_list()
        stand_ins = {text: self._of(plain) if (plain := folded_name(text)) else None for text in texts}
        if not stand_ins:
            return values
        return values.replace_strict(list(stand_ins), list(stand_ins.values()), default=None, return_dtype=pl.String)


def pseudonymised(values: pl.Series, key: bytes) -> pl.Series:
    """A column of names as stand-ins: the same person the same in every file, under one key."""
    return Pseudonyms(key).column(values)
