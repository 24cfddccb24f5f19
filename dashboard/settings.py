"""An area's settings: where its records are, which standards it is held to, who sits on its Board.

One TOML file, written to start from by `mappa-monitor init`. It holds no secrets: passwords come from the environment or from
`.streamlit/secrets.toml`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
import sqlalchemy.exc
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from checks.errors import SettingsError
from checks.standard import Share, Standard, load_standard
from checks.toml_errors import first_sentence
from kpis.measures import MEASURES

FILE_NAME = "mappa-monitor.toml"
DEFAULT_STANDARD = "jersey"

SOURCE_PASSWORD = "MAPPA_SOURCE_PASSWORD"
STORE_PASSWORD = "MAPPA_STORE_PASSWORD"
SECRETS_FILE = Path(".streamlit") / "secrets.toml"

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Name = Annotated[str, Field(min_length=1)]


class Settings(BaseModel):
    """The settings of one area.

    `area` its name as shown · `source` a folder, workbook, database address or `sample` · `standards` names or files, the first
    being the one shown unless another is chosen · `store` a file or a database address · `as_at` a date, or None: the day of the
    refresh · `smb_members` the Board's members, agencies or roles · `standing_agencies` by kind of meeting ·
    `meeting_days`, `extra_holidays` of the area · `adopted_targets` measure → target where the guidance sets none.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    area: Name
    source: Name
    standards: Annotated[list[Name], Field(min_length=1)]
    store: Name = "mappa-monitor.sqlite"
    as_at: Annotated[date | None, BeforeValidator(lambda value: None if value == "today" else value)] = None
    smb_members: list[Name] = Field(default_factory=list)
    standing_agencies: dict[str, list[Name]] = Field(default_factory=dict)
    meeting_days: list[Weekday] = Field(default_factory=list)
    extra_holidays: list[date] = Field(default_factory=list)
    adopted_targets: dict[str, Share] = Field(default_factory=dict)

    _folder: Path = PrivateAttr(default=Path())

    @property
    def folder(self) -> Path:
        """The folder of the settings file: relative paths in it start there."""
        return self._folder

    @property
    def source_address(self) -> str:
        """The source, a relative path made whole."""
        return _whole(self.source, self._folder)

    @property
    def store_address(self) -> str:
        """The store, a relative path made whole."""
        return _whole(self.store, self._folder)

    def loaded_standards(self) -> list[Standard]:
        """The standards, in the order of the file."""
        beside = [str(self._folder / name) if name.endswith(".toml") else name for name in self.standards]
        return [load_standard(name) for name in beside]


def load_settings(path: Path) -> Settings:
    """The settings in a file; raises SettingsError (exit 4) with a sentence that names file and key."""
    try:
        content = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise SettingsError(
            f"There is no settings file {path}. Run `mappa-monitor init` to write one to start from, or name yours with --settings."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The settings file {path.name} could not be read as UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path.name} is not valid TOML: {error}.") from None
    settings = settings_from(content, path.name)
    settings._folder = path.resolve().parent
    return settings


def settings_from(content: Mapping[str, Any], name: str) -> Settings:
    """Settings from what a file holds."""
    try:
        settings = Settings.model_validate(dict(content))
    except ValidationError as error:
        raise SettingsError(f"The settings file {name}: {first_sentence(error)}") from None
    for key in ("source", "store"):
        if _has_password(getattr(settings, key)):
            variable = SOURCE_PASSWORD if key == "source" else STORE_PASSWORD
            raise SettingsError(
                f"The settings file {name}: {key}: a password must not stand in the settings. "
                f"Take it out and put it into the environment variable {variable}."
            )
    unknown = sorted(set(settings.adopted_targets) - set(MEASURES))
    if unknown:
        raise SettingsError(
            f"The settings file {name}: adopted_targets.{unknown[0]}: there is no such measure; "
            f"expected one of {', '.join(MEASURES)}."
        )
    return settings


def password(variable: str, folder: Path) -> str | None:
    """A password from the environment, or from `.streamlit/secrets.toml` beside the settings."""
    given = os.environ.get(variable)
    if given is not None:
        return given
    try:
        secrets = tomllib.loads((folder / SECRETS_FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    value = secrets.get(variable)
    return value if isinstance(value, str) else None


def store_address(settings: Settings) -> str:
    """The store's address with its password, if one is given; for opening it, never for showing."""
    address, secret = settings.store_address, password(STORE_PASSWORD, settings.folder)
    if secret is None or "://" not in address:
        return address
    return sa.make_url(address).set(password=secret).render_as_string(hide_password=False)


def _whole(address: str, folder: Path) -> str:
    if "://" in address or address.split(":")[0] == "sample" or Path(address).is_absolute():
        return address
    return str(folder / address)


def _has_password(address: str) -> bool:
    if "://" not in address:
        return False
    try:
        return sa.make_url(address).password is not None
    except sqlalchemy.exc.ArgumentError:
        return False


TEMPLATE = """\
# Settings of one area for MAPPA Monitor. No secrets here: a database's password belongs in the environment variable
# {source_password} (or {store_password} for the store), or in .streamlit/secrets.toml.

# The area's name, as it is shown.
area = "Our area"

# Where the records are: a folder with cases.csv, meetings.csv …, a workbook with sheets of those names, a database address
# such as "postgresql+psycopg://reader@localhost/mappa", or "sample" for made-up records to try things out.
source = "sample"

# The standards the area is held to; the first is shown unless another is chosen. They come with the product:
# {standards}; or name a .toml file of your own.
standards = ["{default}"]

# Where snapshots are kept: a file, or a PostgreSQL address.
store = "mappa-monitor.sqlite"

# The day as of which the records are read: a date, or "today".
as_at = {as_at}

# The members of the Strategic Management Board: agencies or roles, never names of people. Each is owed at every meeting, and
# a member without a record counts as unknown. Leave the list empty to take the members from the records.
smb_members = []

# The days on which the area's meetings are held, and days off beyond the public holidays (as dates: [2023-05-08]).
meeting_days = ["Wednesday"]
extra_holidays = []

# Agencies that are to be invited to every meeting of a kind.
[standing_agencies]
# "level 2" = ["police", "probation", "prison"]

# Targets that the area has set itself where the guidance sets none. They are shown as adopted.
[adopted_targets]
# review_level_1 = 0.85
"""


def template(standards: list[str], source: str = "sample", as_at: str = '"today"', area: str = "Our area") -> str:
    """The text of a settings file to start from."""
    text = TEMPLATE.format(
        source_password=SOURCE_PASSWORD,
        store_password=STORE_PASSWORD,
        standards=", ".join(standards),
        as_at=as_at,
        default=DEFAULT_STANDARD,
    )
    return text.replace('source = "sample"', f'source = "{source}"', 1).replace(
        'area = "Our area"', f'area = "{area}"', 1
    )
