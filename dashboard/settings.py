"""An area's settings: where its records are, which standards it is held to, who sits on its Board.

One TOML file, written to start from by `mappa-monitor init`. It holds no secrets: passwords come from the environment or from
`.streamlit/secrets.toml` beside it.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
import sqlalchemy.exc
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic_core import PydanticCustomError

from checks.codes import MEETING_KINDS
from checks.errors import SettingsError
from checks.standard import Share, Standard, load_standard
from checks.toml_errors import content_of, first_sentence
from checks.typed_tables import TypedTables
from connectors.pseudonyms import KEY_FILE, KEY_VARIABLE, KeyPlace
from connectors.sources.wanted import STATEMENT_SECONDS, Wanted, is_a_name, wrong_with
from kpis.area import Area
from kpis.measures import MEASURES
from kpis.results import HEADLINE, UNIT, own_target

FILE_NAME = "mappa-monitor.toml"
DEFAULT_STANDARD = "jersey"

SOURCE_PASSWORD = "MAPPA_SOURCE_PASSWORD"
STORE_PASSWORD = "MAPPA_STORE_PASSWORD"
SECRETS_FILE = Path(".streamlit") / "secrets.toml"

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""The first and the last as-at date for which periods can be worked out."""

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Name = Annotated[str, Field(min_length=1)]

# The parts of an address in which drivers look for a password besides the usual one.
_SECRET_OPTIONS = re.compile(r"[?&;](password|passwd|pwd|sslpassword)=", re.IGNORECASE)


def _each_once(values: list[str]) -> list[str]:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise PydanticCustomError("expected", "every entry once ({twice} is there twice)", {"twice": twice})
    return values


def _kind_of_meeting(value: str) -> str:
    if value not in MEETING_KINDS:
        raise PydanticCustomError("expected", "one of: {kinds}", {"kinds": ", ".join(MEETING_KINDS)})
    return value


def _day(value: object) -> object:
    """A moment is no date; “today” is no date yet."""
    if value == "today":
        return None
    if isinstance(value, datetime):
        raise PydanticCustomError("expected", "a date without a time, such as 2023-12-31", {})
    return value


def _in_reach(value: date | None) -> date | None:
    if value is not None and not EARLIEST <= value <= LATEST:
        raise PydanticCustomError("expected", "a date from 1900 to 2199", {})
    return value


def _said(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("expected", "a reason in words", {})
    return value.strip()


class Restart(BaseModel):
    """A restart of the centre line on a trend, set by hand: something is known to have changed from a day on.

    `measure`, `by`, `unit` which line: `all` together, or by `unit`, `level` … the one of that name · `start` the day (`from` in
    the file): the first quarter that begins on it or later begins the new line · `reason` shown on the chart.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    measure: Name
    by: Name = HEADLINE
    unit: Name | None = None
    start: Annotated[date, BeforeValidator(_day), AfterValidator(_in_reach)] = Field(alias="from")
    reason: Annotated[str, AfterValidator(_said)]


class Database(BaseModel):
    """What holds the records in a database: canonical table → table or view in `tables`, or query in `queries`.

    `statement_seconds`: after which the reading of one table is ended.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    tables: dict[str, Name] = Field(default_factory=dict)
    queries: dict[str, Name] = Field(default_factory=dict)
    statement_seconds: Annotated[int, Field(ge=1, le=86_400)] = STATEMENT_SECONDS


class Settings(BaseModel):
    """The settings of one area.

    `area` its name as shown · `source` a folder, workbook, database address or `sample` · `mapping` a mapping file, where the
    source has headings of its own and none lies beside it · `standards` names or files, the first being the one shown unless
    another is chosen · `store` a file or a database address · `as_at` a date, or None: the day of the
    refresh · `smb_members` the Board's members, agencies or roles · `standing_agencies` by kind of meeting ·
    `meeting_days`, `extra_holidays` of the area · `adopted_targets` measure → target where the guidance sets none ·
    `suppress_below` smaller counts are not shown where lay readers look · `restarts` of centre lines, set by hand ·
    `database` what in a database holds which table.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    area: Name
    source: Name
    mapping: str = ""
    standards: Annotated[list[Name], Field(min_length=1), AfterValidator(_each_once)]
    store: Name = "mappa-monitor.sqlite"
    as_at: Annotated[date | None, BeforeValidator(_day), AfterValidator(_in_reach)] = None
    smb_members: Annotated[list[Name], AfterValidator(_each_once)] = Field(default_factory=list)
    standing_agencies: dict[Annotated[str, AfterValidator(_kind_of_meeting)], list[Name]] = Field(default_factory=dict)
    meeting_days: list[Weekday] = Field(default_factory=list)
    extra_holidays: list[date] = Field(default_factory=list)
    adopted_targets: dict[str, Share] = Field(default_factory=dict)
    suppress_below: Annotated[int, Field(ge=1, le=100)] = 5
    restarts: list[Restart] = Field(default_factory=list)
    database: Database = Field(default_factory=Database)

    _folder: Path = PrivateAttr(default=Path())
    _name: str = PrivateAttr(default=FILE_NAME)

    @property
    def folder(self) -> Path:
        """The folder of the settings file: relative paths in it start there."""
        return self._folder

    @property
    def source_address(self) -> str:
        """The source, a relative path made whole."""
        return _whole(self.source, self._folder)

    @property
    def wanted(self) -> Wanted:
        """What a database is asked for."""
        return Wanted(self.database.tables, self.database.queries, self.database.statement_seconds)

    @property
    def mapping_path(self) -> Path | None:
        """The mapping that is named, a relative path made whole."""
        return self._folder / Path(self.mapping).expanduser() if self.mapping else None

    @property
    def own_agencies(self) -> tuple[str, ...]:
        """The area's names for its agencies and for the members of its Board."""
        named = [name for names in self.standing_agencies.values() for name in names]
        return tuple(dict.fromkeys([*named, *self.smb_members]))

    @property
    def store_address(self) -> str:
        """The store, a relative path made whole."""
        return _whole(self.store, self._folder)

    def area_of(self, tables: TypedTables, standard: Standard) -> Area:
        """The area's records under one of its standards, with what the settings say of it."""
        return Area(
            tables,
            standard,
            tuple(self.smb_members),
            self.adopted_targets,
            name=self.area,
            standing_agencies=self.standing_agencies,
            extra_holidays=tuple(self.extra_holidays),
        )

    def loaded_standards(self) -> list[Standard]:
        """The standards, in the order of the file; raises SettingsError where they and the settings do not go together."""
        beside = [str(self._folder / name) if name.endswith(".toml") else name for name in self.standards]
        loaded = [load_standard(name) for name in beside]
        for place, each in enumerate(loaded):
            if each.name in (before.name for before in loaded[:place]):
                raise SettingsError(
                    f"The settings' standards: {self.standards[place]} is called {each.name}, as is another of them. "
                    "Give one of the two another name."
                )
        self._check_adopted(loaded)
        return loaded

    def adopted_under(self, standard: Standard) -> dict[str, Decimal]:
        """The targets adopted by the area that mean something under a standard: of measures that it has, and sets none for."""
        return {name: target for name, target in self.adopted_targets.items() if _no_use(name, standard) is None}

    def not_used(self, standard: Standard) -> list[str]:
        """What is to be said of adopted targets that mean nothing under the standard."""
        return [
            f"The target adopted for {name} ({target}) is not used under {standard.name}, which {why}."
            for name, target in self.adopted_targets.items()
            if (why := _no_use(name, standard)) is not None
        ]

    def _check_adopted(self, standards: Sequence[Standard]) -> None:
        """An area may adopt a target only where the guidance sets none (domain section 3)."""
        for name in self.adopted_targets:
            why = [(each.name, _no_use(name, each)) for each in standards]
            if all(said for _, said in why):
                raise SettingsError(
                    f"The settings file {self._name}: adopted_targets.{name}: "
                    f"{' and '.join(f'{standard} {said}' for standard, said in why)}; "
                    "an area may adopt a target only for a measure that the guidance has and sets none for. Leave it out."
                )


def _no_use(measure: str, standard: Standard) -> str | None:
    """Why a target that an area has adopted for a measure has no use under a standard; None where it has."""
    if not MEASURES[measure].in_standard(standard):
        return "does not have this measure"
    own = own_target(MEASURES[measure], standard)
    return None if own is None else f"sets its own ({own})"


def load_settings(path: Path) -> Settings:
    """The settings in a file; raises SettingsError (exit 4) with a sentence that names file and key."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(
            f"There is no settings file {path}. Run `mappa-monitor init` to write one to start from, or name yours with --settings."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"The settings file {path.name} is not a UTF-8 text file. Save it as UTF-8.") from None
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise SettingsError(
            f"The settings file {path.name} could not be read: {why}. Check its name and rights."
        ) from None
    settings = settings_from(content_of(text, f"The settings file {path.name}"), path.name)
    settings._folder, settings._name = path.resolve().parent, path.name
    return settings


NEEDED = {
    "area": "say what the area is called",
    "source": "say where the records are",
    "standards": f'name at least one, such as standards = ["{DEFAULT_STANDARD}"]',
}
"""Keys that every settings file has → what to say in one without."""


def settings_from(content: Mapping[str, Any], name: str) -> Settings:
    """Settings from what a file holds."""
    try:
        settings = Settings.model_validate(dict(content))
    except ValidationError as error:
        raise SettingsError(f"The settings file {name}: {first_sentence(error, NEEDED)}") from None
    for key in ("source", "store"):
        if has_password(getattr(settings, key)):
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
    _check_restarts(settings.restarts, name)
    _check_database(settings, name)
    return settings


def _check_database(settings: Settings, name: str) -> None:
    """Each table is one of ours and is given once, by a name or by one query; and there is a database to give it."""
    named, queries = settings.database.tables, settings.database.queries
    if not named and not queries:
        return
    from checks.table_names import COLUMNS  # the tables bring pandera along, which no page is to wait for

    for key, given in (("tables", named), ("queries", queries)):
        for table, text in given.items():
            where = f"The settings file {name}: database.{key}.{table}"
            if table not in COLUMNS:
                raise SettingsError(f"{where}: there is no such table; expected one of {', '.join(COLUMNS)}.")
            if key == "tables" and not is_a_name(text):
                raise SettingsError(
                    f"{where}: expected the name of a table or view, such as mappa.vw_{table}. "
                    "A part that holds a dot stands in double quotes; a query belongs under [database.queries]."
                )
            if key == "queries" and (wrong := wrong_with(text)) is not None:
                raise SettingsError(f"{where}: expected {wrong}. Correct it there.")
            if key == "queries" and table in named:
                raise SettingsError(
                    f"{where}: the table is named under [database.tables] as well. Keep one of the two."
                )
    if (named or queries) and "://" not in settings.source:
        raise SettingsError(
            f"The settings file {name}: database: the source is no database, so there is nothing to name tables in. "
            "Give source a database's address, or take the tables and queries out."
        )


def _check_restarts(restarts: Sequence[Restart], name: str) -> None:
    """Each restart names a line that there is, and each line restarts on a day once."""
    seen: set[tuple[str, str, str | None, date]] = set()
    for place, each in enumerate(restarts, 1):
        where = f"The settings file {name}: restarts, number {place}"
        if each.measure not in MEASURES:
            raise SettingsError(f"{where}: there is no measure {each.measure}; expected one of {', '.join(MEASURES)}.")
        measure = MEASURES[each.measure]
        lines = [HEADLINE, *([UNIT] if measure.unit else []), *measure.dimensions]
        if each.by not in lines:
            raise SettingsError(f"{where}: by {each.by}: the measure is told by {', '.join(lines)}.")
        if (each.by == HEADLINE) != (each.unit is None):
            how = "Name the unit whose line it is." if each.unit is None else "All together have no unit: take it out."
            raise SettingsError(f"{where}: by {each.by}, unit {each.unit or 'not given'}. {how}")
        line = (each.measure, each.by, each.unit, each.start)
        if line in seen:
            raise SettingsError(
                f"{where}: the same line restarts on {each.start.isoformat()} already. Keep one of the two."
            )
        seen.add(line)


def password(variable: str, folder: Path) -> str | None:
    """A password from the environment, or from `.streamlit/secrets.toml` beside the settings."""
    given = os.environ.get(variable)
    if given is not None:
        return given
    try:
        secrets = tomllib.loads((folder / SECRETS_FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    value = secrets.get(variable)
    return value if isinstance(value, str) else None


def key_place(folder: Path) -> KeyPlace:
    """Where the key for pseudonyms is: as a password is given, or in a file of its own beside the settings."""
    return KeyPlace(password(KEY_VARIABLE, folder), folder / KEY_FILE)


def store_address(settings: Settings) -> str:
    """The store's address with its password, if one is given; for opening it, never for showing."""
    address, secret = settings.store_address, password(STORE_PASSWORD, settings.folder)
    if secret is None or "://" not in address:
        return address
    return sa.make_url(address).set(password=secret).render_as_string(hide_password=False)


def _whole(address: str, folder: Path) -> str:
    if address.split(":")[0] == "sample" and "://" not in address:
        return address
    if "://" not in address:
        return str(folder / Path(address).expanduser())
    try:
        url = sa.make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        return address  # whoever opens it says what is wrong with it
    inside = url.database or ""
    if url.get_backend_name() != "sqlite" or inside in ("", ":memory:") or inside.startswith("file:"):
        return address
    return url.set(database=str(folder / inside)).render_as_string(hide_password=False)


def has_password(address: str) -> bool:
    """Whether an address holds a password, also one that cannot be understood otherwise."""
    if "://" not in address:
        return False
    if _SECRET_OPTIONS.search(address):
        return True
    try:
        return sa.make_url(address).password is not None
    except (sqlalchemy.exc.ArgumentError, ValueError):
        return re.search(r"://[^@]*:[^@]*@", address) is not None


TEMPLATE = '''\
# Settings of one area for MAPPA Monitor. No secrets here: a database's password belongs in the environment variable
# {source_password} (or {store_password} for the store), or under that name in the file
# .streamlit/secrets.toml beside this one; so does the key for pseudonyms, {pseudonym_key}, which is made in the
# file {key_file} beside this one if names are to be pseudonymised and none is given.

# The area's name, as it is shown.
area = {area}

# Where the records are: a folder with cases.csv, meetings.csv …, a workbook with sheets of those names, a database
# address such as "postgresql+psycopg://reader@localhost/mappa", or "sample" for made-up records to try things out.
# Here and below, a file or folder without a full path is looked for beside this file.
source = {source}

# A workbook or files with headings of your own want a mapping: `mappa-monitor map --source FILE` proposes one, and so
# does the page Sources. One that lies beside the source (caseload.mapping.toml for caseload.xlsx) is taken by itself;
# name another here.
mapping = ""

# The standards the area is held to; the first is shown unless another is chosen. They come with the product:
# {standards}; or name a .toml file of your own.
standards = {chosen}

# Where snapshots are kept: a file, or a PostgreSQL address.
store = "mappa-monitor.sqlite"

# The day as of which the records are read: "today", or a date without quotes.{sample_ends}
as_at = {as_at}

# The members of the Strategic Management Board: agencies or roles, never names of people. Each is owed at every
# meeting, and a member without a record counts as unknown. Leave the list empty to take the members from the records.
smb_members = []

# The days of the week on which the area's meetings are held, such as ["Wednesday"].
meeting_days = []

# Days off beyond the public holidays, as dates without quotes, such as [2023-05-08].
extra_holidays = []

# On the pages Trends, Ask and Plain words, counts below this are shown as "c", and so is what would give them away. 1
# shows every count.
suppress_below = 5

# Where something is known to have changed for good, a trend's centre line can start anew, with a reason that is shown
# on the chart: it is never done by the machine. In place of this line, write a block for each at the end of the file:
# [[restarts]]
# measure = "agency_attendance"
# by = "unit"         # all (then no unit), unit, level, category, lead_agency
# unit = "housing"
# from = 2023-07-01
# reason = "housing named a deputy for every panel"
restarts = []

# Agencies that are to be invited to every meeting of a kind (screening, level 1, level 2, level 3), in the words of the
# attendance records. For screenings in Jersey the standard names the least, unless they are listed here.
[standing_agencies]
# "level 2" = ["police", "probation", "prison"]

# Where the source is a database: without names below, every table or view of its default schema that is called as a
# canonical table is read. Name one, with its schema, or write a query that gives the canonical headings; then only
# what is named is read. Each reading of a table is ended after so many seconds.
[database]
# statement_seconds = {statement_seconds}

[database.tables]
# cases = "mappa.vw_cases"

[database.queries]
# meetings = """
# select id as meeting_id, nominal as case_id, day as held_on, …
# from mappa.meetings"""

# Targets that the area has set itself for measures for which the guidance sets none, as shares: 0.85 is 85 %. They are
# shown as adopted.
[adopted_targets]
# review_level_1 = 0.85
'''


def template(
    shipped: Sequence[str],
    source: str = "sample",
    as_at: date | None = None,
    area: str = "Our area",
    standards: Sequence[str] = (DEFAULT_STANDARD,),
) -> str:
    """The text of a settings file to start from; `shipped`: the standards that come with the product."""
    sample_ends = (
        "" if as_at is None else '\n# The made-up records end on this day; write "today" once the records are yours.'
    )
    return TEMPLATE.format(
        source_password=SOURCE_PASSWORD,
        store_password=STORE_PASSWORD,
        pseudonym_key=KEY_VARIABLE,
        key_file=KEY_FILE,
        statement_seconds=STATEMENT_SECONDS,
        standards=", ".join(shipped),
        source=_quoted(source),
        area=_quoted(area),
        chosen=f"[{', '.join(map(_quoted, standards))}]",
        as_at='"today"' if as_at is None else as_at.isoformat(),
        sample_ends=sample_ends,
    )


def _quoted(text: str) -> str:
    """Text as TOML writes it; JSON's way is one of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
