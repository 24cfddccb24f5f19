"""Standards: the figures and code lists that an area is held to, one TOML each in `checks/standards/` (domain section 3).

A standard is data. Every figure carries its citation; a figure that the guidance does not set is simply not there. A
standard may build on another (`extends`) and then says only what differs, or lists under `unset` what the other sets and
it does not.
"""

from __future__ import annotations

import hashlib
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from checks.codes import ATTENDANCE_MODES, CATEGORIES, EVENT_KINDS, LEVELS, LOCATIONS, RISKS_OF_HARM
from checks.errors import SettingsError
from checks.toml_errors import first_sentence

FOLDER = Path(__file__).parent / "standards"

T = TypeVar("T")

Weeks = Annotated[int, Field(gt=0, le=520)]
Days = Annotated[int, Field(gt=0, le=3660)]
Months = Annotated[int, Field(gt=0, le=240)]
Share = Annotated[
    Decimal,
    Field(ge=0, le=1),
    BeforeValidator(lambda value: Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value),
]


def _one_of(codes: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in codes:
            raise PydanticCustomError("code", "one of {codes}", {"codes": ", ".join(codes)})
        return value

    return AfterValidator(check)


Category = Annotated[str, _one_of(CATEGORIES)]
Level = Annotated[str, _one_of(LEVELS)]
Location = Annotated[str, _one_of(LOCATIONS)]
AttendanceMode = Annotated[str, _one_of(ATTENDANCE_MODES)]
EventKind = Annotated[str, _one_of(EVENT_KINDS)]
RiskOfHarm = Annotated[str, _one_of(RISKS_OF_HARM)]
ReleaseDate = Literal["parole_eligible_on", "release_on", "temporary_licence_eligible_on"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Figure(_Strict, Generic[T]):
    """One figure: its value and where the guidance sets it; `note` on how it was read, where that is not plain."""

    value: T
    cite: Annotated[str, Field(min_length=2)]
    note: str | None = None


class MonthDay(_Strict):
    """A day of the year."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


class WorkingDayCalendar(_Strict):
    """Whose public holidays are no working days, as the `holidays` package names country and subdivision."""

    country: Annotated[str, Field(min_length=2, max_length=3)]
    subdivision: str | None = None


class TimeAllowed(_Strict):
    """Days, or working days, within which something is to be done."""

    days: Days
    working: bool = False


class BeforeRelease(_Strict):
    """The meeting before release: so many months before a date of the case (the first given, or the earliest)."""

    months: Months
    dates: Annotated[list[ReleaseDate], Field(min_length=1)]
    choose: Literal["first given", "earliest"]


def _figure(sentence: str) -> Any:
    return Field(default=None, description=sentence)


class Figures(_Strict):
    """Every figure that a standard may set; one that it does not set is None."""

    reporting_year_starts: Figure[MonthDay] | None = _figure("The reporting year starts on")
    categories: Figure[list[Category]] | None = _figure("Categories")
    category_titles: Figure[dict[Category, str]] | None = _figure("What the categories are called")
    lowest_level_category_3: Figure[Level] | None = _figure("Lowest level for category 3")
    entry_level_category_4: Figure[Level] | None = _figure("Category 4 must enter at level")
    review_weeks_level_1: Figure[Weeks] | None = _figure("Level 1 review every (weeks)")
    review_weeks_level_2: Figure[Weeks] | None = _figure("Level 2 review every (weeks)")
    review_weeks_level_3: Figure[Weeks] | None = _figure("Level 3 review every (weeks)")
    review_clock_locations: Figure[list[Location]] | None = _figure("The review clock runs in")
    target_review_level_1: Figure[Share] | None = _figure("Level 1 cases reviewed in time, target")
    target_review_level_2: Figure[Share] | None = _figure("Level 2 cases reviewed in time, target")
    target_review_level_3: Figure[Share] | None = _figure("Level 3 cases reviewed in time, target")
    target_disclosure: Figure[Share] | None = _figure("Disclosure considered and decision recorded, target")
    target_smb_attendance: Figure[Share] | None = _figure("SMB attendance, each member, target")
    target_agency_attendance: Figure[Share] | None = _figure("Level 2 and 3 attendance, each invited agency, target")
    attendance_modes_that_count: Figure[list[AttendanceMode]] | None = _figure("Ways to attend that count")
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
    home_visit_months: Figure[dict[RiskOfHarm, Months]] | None = _figure("Police home visit every (months), by risk")
    level_1_disclosure_review_months: Figure[Months] | None = _figure(
        "Level 1 disclosure decision reviewed every (months)"
    )
    removal_review_age: Figure[Annotated[int, Field(ge=18, le=130)]] | None = _figure(
        "Record reviewed for removal at age"
    )
    working_day_calendar: Figure[WorkingDayCalendar] | None = _figure("Working-day calendar")
    annual_layout: Figure[Literal["jersey", "england and wales"]] | None = _figure("Layout of the annual tables")
    restrictive_orders: Figure[dict[EventKind, str]] | None = _figure(
        "Restrictive orders, as the annual table calls them"
    )


class Source(_Strict):
    """A document that the citations name: its short name, what it is, and its edition."""

    short: str
    title: str
    edition: str


class Standard(_Strict):
    """One standard, whole: what it extends has been filled in.

    `fingerprint` changes with any figure, so that a stored result can say by which standard it was made.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    edition: str
    caution: str
    sources: Annotated[list[Source], Field(min_length=1)]
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
        f"There is no standard called “{text}”: expected one of {', '.join(standard_names())}, "
        "or the name of a .toml file."
    )


def _load(path: Path) -> Standard:
    return _build(path, _merged(path, ()))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The standard {path.name} could not be read: {_why(error)}. "
            "Check the name and that it is a UTF-8 text file."
        ) from None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The standard {path.name} is not valid TOML: {error}.") from None


def _why(error: Exception) -> str:
    return (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "it is not UTF-8"


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """The file's content over that of the standard it extends."""
    if path.resolve() in seen:
        raise SettingsError(f"The standard {path.name} extends itself: take out one `extends`.")
    content = _read(path)
    base_name = content.pop("extends", None)
    unset = content.pop("unset", [])
    if base_name is None:
        if unset:
            raise SettingsError(f"The standard {path.name}: `unset` makes sense only with `extends`.")
        return content
    if not isinstance(base_name, str) or not isinstance(unset, list):
        raise SettingsError(f"The standard {path.name}: `extends` must be a name, and `unset` a list of figures.")
    beside, shipped = path.parent / f"{base_name}.toml", FOLDER / f"{base_name}.toml"
    if not beside.exists() and not shipped.exists():
        raise SettingsError(f"The standard {path.name}: extends: there is no standard called “{base_name}”.")
    base = _merged(beside if beside.exists() else shipped, (*seen, path.resolve()))
    unknown = [name for name in unset if name not in base.get("figures", {})]
    if unknown:
        raise SettingsError(
            f"The standard {path.name}: unset: “{base_name}” does not set {', '.join(map(str, unknown))}."
        )
    figures = content.get("figures", {})
    if not isinstance(figures, dict):
        return {**base, **content}
    kept = {name: figure for name, figure in base.get("figures", {}).items() if name not in unset}
    sources = [*base.get("sources", []), *content.get("sources", [])]
    return {**base, **content, "sources": sources, "figures": {**kept, **figures}}


def _build(path: Path, content: dict[str, Any]) -> Standard:
    if "fingerprint" in content:
        raise SettingsError(f"The standard {path.name}: fingerprint: unknown key; take it out.")
    try:
        standard = Standard.model_validate(content)
    except ValidationError as error:
        raise SettingsError(f"The standard {path.name}: {first_sentence(error)}") from None
    for name in REQUIRED:
        if getattr(standard.figures, name) is None:
            raise SettingsError(f"The standard {path.name}: figures.{name} is missing; every standard must set it.")
    shorts = {source.short for source in standard.sources}
    for name in Figures.model_fields:
        cite = standard.cite(name)
        if cite is not None and cite.split()[0].rstrip(",") not in shorts:
            raise SettingsError(
                f"The standard {path.name}: figures.{name}.cite must begin with the short name of one of its sources "
                f"({', '.join(sorted(shorts))})."
            )
    digest = hashlib.sha256(standard.model_dump_json().encode()).hexdigest()
    return standard.model_copy(update={"fingerprint": digest})


@cache
def shipped(name: str) -> Standard:
    """A standard that comes with the product, kept after the first call."""
    return load_standard(name)
