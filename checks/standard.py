"""Standards: the figures and code lists that an area is held to, one TOML each in `checks/standards/` (domain section 3).

A standard is data. Every figure carries its citation; a figure that the guidance does not set is simply not there. A
standard may build on another (`extends`) and then says only what differs, or lists under `unset` what the other sets and
it does not.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from checks.codes import ATTENDANCE_MODES, CATEGORIES, EVENT_KINDS, LEVELS, LOCATIONS, MEETING_KINDS, RISKS_OF_HARM
from checks.errors import SettingsError

FOLDER = Path(__file__).parent / "standards"

T = TypeVar("T")


def _expect(words: str, holds: Callable[[Any], bool]) -> AfterValidator:
    """A value that is of the right type must also be this; `words` completes "… should be"."""

    def check(value: Any) -> Any:
        if not holds(value):
            raise PydanticCustomError("expected", "{words}", {"words": words})
        return value

    return AfterValidator(check)


def _from_to(least: int, most: int) -> AfterValidator:
    return _expect(f"a whole number from {least} to {most}", lambda value: least <= value <= most)


Weeks = Annotated[int, _from_to(1, 520)]
Days = Annotated[int, _from_to(1, 3660)]
Months = Annotated[int, _from_to(1, 240)]
Share = Annotated[
    Decimal,
    _expect("a share from 0 to 1, such as 0.85 for 85 %", lambda value: 0 <= value <= 1),
    BeforeValidator(lambda value: Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value),
]
Words = Annotated[str, _expect("some words", lambda value: bool(value.strip()))]


def _one_of(codes: tuple[str, ...]) -> AfterValidator:
    return _expect(f"one of: {', '.join(codes)}", lambda value: value in codes)


Category = Annotated[str, _one_of(CATEGORIES)]
Level = Annotated[str, _one_of(LEVELS)]
Location = Annotated[str, _one_of(LOCATIONS)]
AttendanceMode = Annotated[str, _one_of(ATTENDANCE_MODES)]
MeetingKind = Annotated[str, _one_of(MEETING_KINDS)]
EventKind = Annotated[str, _one_of(EVENT_KINDS)]
RiskOfHarm = Annotated[str, _one_of(RISKS_OF_HARM)]
ReleaseDate = Literal["parole_eligible_on", "release_on", "temporary_licence_eligible_on"]


_NOT_EMPTY = _expect("a list with at least one entry", bool)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Figure(_Strict, Generic[T]):
    """One figure: its value and where the guidance sets it; `note` on how it was read, where that is not plain."""

    value: T
    cite: Words
    note: str | None = None


class MonthDay(_Strict):
    """A day of the year that every year has."""

    month: Annotated[int, _from_to(1, 12)]
    day: Annotated[int, _from_to(1, 28)]


class WorkingDayCalendar(_Strict):
    """Whose public holidays are no working days, as the `holidays` package names country and subdivision."""

    country: Annotated[str, _expect("a country code, such as GB", lambda value: value.isalpha() and value.isupper())]
    subdivision: str | None = None


class TimeAllowed(_Strict):
    """Days, or working days, within which something is to be done."""

    days: Days
    working: bool = False


class BeforeRelease(_Strict):
    """The meeting before release: so many months before a date of the case (the first given, or the earliest).

    `levels`: asked only of cases at one of these levels on that day; of all where it is not given.
    """

    months: Months
    dates: Annotated[list[ReleaseDate], _NOT_EMPTY]
    choose: Literal["first given", "earliest"]
    levels: Annotated[list[Level], _NOT_EMPTY] | None = None


def _figure(sentence: str) -> Any:
    return Field(default=None, description=sentence)


class Figures(_Strict):
    """Every figure that a standard may set; one that it does not set is None."""

    reporting_year_starts: Figure[MonthDay] | None = _figure("The reporting year starts on")
    categories: Figure[Annotated[list[Category], _NOT_EMPTY]] | None = _figure("Categories")
    category_titles: Figure[dict[Category, str]] | None = _figure("What the categories are called")
    lowest_level_category_3: Figure[Level] | None = _figure("Lowest level for category 3")
    entry_level_category_4: Figure[Level] | None = _figure("Category 4 must enter at level")
    review_weeks_level_1: Figure[Weeks] | None = _figure("Level 1 review every (weeks)")
    review_weeks_level_2: Figure[Weeks] | None = _figure("Level 2 review every (weeks)")
    review_weeks_level_3: Figure[Weeks] | None = _figure("Level 3 review every (weeks)")
    review_clock_locations: Figure[Annotated[list[Location], _NOT_EMPTY]] | None = _figure("The review clock runs in")
    target_review_level_1: Figure[Share] | None = _figure("Level 1 cases reviewed in time, target")
    target_review_level_2: Figure[Share] | None = _figure("Level 2 cases reviewed in time, target")
    target_review_level_3: Figure[Share] | None = _figure("Level 3 cases reviewed in time, target")
    target_disclosure: Figure[Share] | None = _figure("Disclosure considered and decision recorded, target")
    target_smb_attendance: Figure[Share] | None = _figure("SMB attendance, each member, target")
    target_agency_attendance: Figure[Share] | None = _figure("Level 2 and 3 attendance, each invited agency, target")
    attendance_modes_that_count: Figure[Annotated[list[AttendanceMode], _NOT_EMPTY]] | None = _figure(
        "Ways to attend that count"
    )
    least_invited: Figure[dict[MeetingKind, Annotated[list[Words], _NOT_EMPTY]]] | None = _figure(
        "Agencies invited to every meeting of a kind, at least"
    )
    referral_to_meeting_working_days: Figure[Days] | None = _figure(
        "Meeting after a community referral within (working days)"
    )
    before_release: Figure[BeforeRelease] | None = _figure("Meeting before release from custody at least")
    after_release_months: Figure[Months] | None = _figure("Meeting after release within (months)")
    stay_months_after_last_trigger: Figure[Months] | None = _figure("Stays after the last trigger (months)")
    release_confirmed_months: Figure[Months] | None = _figure("Release date confirmed at least (months before)")
    minutes_working_days_level_2: Figure[Days] | None = _figure("Level 2 minutes within (working days)")
    minutes_working_days_level_3: Figure[Days] | None = _figure("Level 3 minutes within (working days)")
    full_meeting_months_level_2: Figure[Months] | None = _figure("Full level 2 meeting at least every (months)")
    full_meeting_weeks_level_3: Figure[Weeks] | None = _figure("Full level 3 meeting at least every (weeks)")
    identified_within: Figure[dict[Category, TimeAllowed]] | None = _figure("Identified after sentence within")
    category_1_seen_weeks: Figure[Weeks] | None = _figure("Category 1 case discussed after entry within (weeks)")
    home_visit_months: Figure[dict[RiskOfHarm, Months]] | None = _figure("Police home visit every (months), by risk")
    level_1_disclosure_review_months: Figure[Months] | None = _figure(
        "Level 1 disclosure decision reviewed every (months)"
    )
    removal_review_age: Figure[Annotated[int, _from_to(18, 130)]] | None = _figure("Record reviewed for removal at age")
    working_day_calendar: Figure[WorkingDayCalendar] | None = _figure("Working-day calendar")
    annual_layout: Figure[Literal["jersey", "england and wales"]] | None = _figure("Layout of the annual tables")
    restrictive_orders: Figure[dict[EventKind, str]] | None = _figure(
        "Restrictive orders, as the annual table calls them"
    )


class Source(_Strict):
    """A document that the citations name: its short name, what it is, and its edition."""

    short: Words
    title: Words
    edition: Words


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9-]*", text) is not None


class Standard(_Strict):
    """One standard, whole: what it extends has been filled in.

    `fingerprint` changes with any figure, so that a stored result can say by which standard it was made.
    """

    name: Annotated[str, _expect("a short name of small letters, figures and hyphens", _is_name)]
    title: Words
    edition: Words
    caution: Words
    sources: Annotated[list[Source], _NOT_EMPTY]
    figures: Figures
    fingerprint: str = ""

    def value(self, name: str) -> Any:
        """The value of a figure by name, or None where this standard does not set it."""
        figure = getattr(self.figures, name)
        return None if figure is None else figure.value

    def cite(self, name: str) -> str | None:
        """Where the guidance sets the figure, or None where it does not."""
        figure = getattr(self.figures, name)
        return None if figure is None else figure.cite

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that this standard has."""
        return tuple(self.value("categories"))


REQUIRED = ("reporting_year_starts", "categories", "working_day_calendar", "review_clock_locations", "annual_layout")
"""Figures without which nothing can be computed: every standard must set them."""


def figure_sentences() -> dict[str, str]:
    """Every figure that a standard may set, by name, with its plain sentence."""
    return {name: info.description or name for name, info in Figures.model_fields.items()}


def standard_names() -> list[str]:
    """The standards that come with the product, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_standard(name_or_file: str | Path) -> Standard:
    """The standard of this name, or in this TOML file.

    Raises SettingsError (exit 4) with a sentence that names file and key for an unknown name, an unknown key, a missing
    citation or a value of the wrong type.
    """
    text = str(name_or_file)
    if text in standard_names():
        return _load(FOLDER / f"{text}.toml")
    path = Path(text)
    if path.suffix == ".toml":
        return _load(path)
    raise SettingsError(
        f"There is no standard called “{text}”. Give one of {', '.join(standard_names())}, or the name of a .toml file."
    )


@cache
def shipped(name: str) -> Standard:
    """A standard that comes with the product, kept after the first call."""
    return load_standard(name)


@dataclass(frozen=True)
class _Content:
    """What a file says over what it extends; `origin`: the file that said it, by key (of a figure: `figures.NAME`)."""

    path: Path
    keys: dict[str, Any]
    origin: dict[str, Path]

    def wrong(self, key: str, what: str) -> SettingsError:
        """The error for a key, named with the file in which it stands; `what` completes the sentence."""
        parts = re.split(r"\.| \(", key)
        path = self.origin.get(".".join(parts[:2])) or self.origin.get(parts[0]) or self.path
        return SettingsError(f"In the standard {path.name}, {key} {what}")


def _load(path: Path) -> Standard:
    return _build(_merged(path, ()))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"The standard {path.name} is not a UTF-8 text file. Save it as UTF-8.") from None
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise SettingsError(f"The standard {path.name} could not be read: {why}. Check its name and folder.") from None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line \d+, column \d+", str(error))
        place = where.group() if where else "its end"
        raise SettingsError(
            f"The standard {path.name} is not valid TOML: it could not be understood at {place}. Correct it there."
        ) from None


def _merged(path: Path, above: tuple[Path, ...]) -> _Content:
    """The file's content over that of the standard it extends; `above`: the files that extend this one."""
    if path.resolve() in above:
        raise SettingsError(
            f"The standard {path.name} extends itself, directly or by way of another. Take out one extends."
        )
    keys = _read(path)
    base_name = keys.pop("extends", None)
    unset = keys.pop("unset", [])
    figures = keys.get("figures", {})
    own = _Content(path, keys, _origin(path, keys))
    if not isinstance(figures, dict):
        raise own.wrong("figures", "should be a table of figures. Correct it there.")
    if not isinstance(keys.get("sources", []), list):
        raise own.wrong("sources", "should be a list of sources, each under [[sources]]. Correct it there.")
    if not isinstance(unset, list) or not all(isinstance(name, str) for name in unset):
        raise own.wrong("unset", "should be a list of names of figures. Correct it there.")
    if base_name is None:
        if unset:
            raise own.wrong("unset", "makes sense only together with extends. Take it out, or say what is extended.")
        return own
    base = _merged(_base_path(own, base_name), (*above, path.resolve()))
    base_figures = base.keys.get("figures", {})
    for name in unset:
        if name not in base_figures:
            raise own.wrong("unset", f"names {name}, which “{base_name}” does not set. Take it out.")
        if name in figures:
            raise own.wrong("unset", f"names {name}, which this standard sets itself. Take out one of the two.")
    kept = {name: figure for name, figure in base_figures.items() if name not in unset}
    sources = [*base.keys.get("sources", []), *keys.get("sources", [])]
    merged = {**base.keys, **keys, "sources": sources, "figures": {**kept, **figures}}
    return _Content(path, merged, {**base.origin, **own.origin, **{f"figures.{name}": path for name in unset}})


def _origin(path: Path, keys: dict[str, Any]) -> dict[str, Path]:
    figures = keys.get("figures")
    names = [f"figures.{name}" for name in figures] if isinstance(figures, dict) else []
    return dict.fromkeys([*(key for key in keys if key != "figures"), *names], path)


def _base_path(own: _Content, base_name: object) -> Path:
    """The file of the standard that is extended: one beside this file, else one that comes with the product."""
    if not isinstance(base_name, str) or not _is_name(base_name):
        raise own.wrong("extends", "should be the name of one other standard, such as “jersey”. Correct it there.")
    beside, shipped = own.path.parent / f"{base_name}.toml", FOLDER / f"{base_name}.toml"
    if beside.exists() and (beside.resolve() != own.path.resolve() or not shipped.exists()):
        return beside
    if shipped.exists():
        return shipped
    raise own.wrong(
        "extends",
        f"names “{base_name}”, but there is no such standard. "
        f"Give one of {', '.join(standard_names())}, or put {base_name}.toml beside it.",
    )


def _build(content: _Content) -> Standard:
    if "fingerprint" in content.keys:
        raise content.wrong("fingerprint", _UNKNOWN_KEY)
    try:
        standard = Standard.model_validate(content.keys)
    except ValidationError as error:
        raise _wrong(content, error) from None
    for name in REQUIRED:
        if getattr(standard.figures, name) is None:
            raise content.wrong(f"figures.{name}", "is missing, and every standard must set it. Add it.")
    shorts = {source.short for source in standard.sources}
    for name in Figures.model_fields:
        cite = standard.cite(name)
        if cite is not None and cite.split()[0].rstrip(",;") not in shorts:
            raise content.wrong(
                f"figures.{name}.cite",
                f"should begin with the short name of one of the sources ({', '.join(sorted(shorts))}). "
                "Correct it, or add the source.",
            )
    digest = hashlib.sha256(standard.model_dump_json().encode()).hexdigest()
    return standard.model_copy(update={"fingerprint": digest})


_UNKNOWN_KEY = "is not a key that a standard has. Take it out, or correct its spelling."
_EXPECTED = {
    "int_type": "a whole number",
    "decimal_type": "a number with a decimal point, such as 0.85",
    "is_instance_of": "a number with a decimal point, such as 0.85",
    "string_type": "text in quotation marks",
    "list_type": "a list",
    "dict_type": "a table of keys and values",
    "model_type": "a table of keys and values",
    "model_attributes_type": "a table of keys and values",
    "bool_type": "true or false",
    "finite_number": "a number with a decimal point, such as 0.85",
}


def _wrong(content: _Content, error: ValidationError) -> SettingsError:
    """The first thing wrong, in plain words: which key, what it should be, what it is."""
    first = error.errors()[0]
    key = "".join(_step(part) for part in first["loc"] if part != "[key]").removeprefix(".")
    kind = first["type"]
    if kind == "extra_forbidden":
        return content.wrong(key, _UNKNOWN_KEY)
    if kind == "missing":
        why = ": every figure needs its citation" if key.endswith(".cite") else ""
        return content.wrong(key, f"is missing{why}. Add it.")
    context = first.get("ctx", {})
    if kind == "expected":
        expected = context["words"]
    elif kind == "literal_error":
        expected = "one of: " + context["expected"].replace(" or ", ", ").replace("'", "")
    else:
        expected = _EXPECTED[kind]
    if "[key]" in first["loc"]:
        return content.wrong(key, f"stands under a key that should be {expected}. Correct it there.")
    return content.wrong(key, f"should be {expected}, but it is {_found(first['input'])}. Correct it there.")


def _step(part: str | int) -> str:
    return f" (entry {part + 1})" if isinstance(part, int) else f".{part}"


def _found(value: Any) -> str:
    if value == []:
        return "an empty list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, str):
        return f"the text “{value}”" if value else "empty"
    return {list: "a list", dict: "a table"}.get(type(value), "a date or time")
