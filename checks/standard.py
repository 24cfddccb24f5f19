"""Standards: the figures and code lists that an area is held to, one TOML each in `checks/standards/` (domain section 3).

A standard is data. Every figure carries its citation; a figure that the guidance does not set is simply not there. A
standard may build on another (`extends`) and then says only what differs, or lists under `unset` what the other sets and
it does not.

A figure may change on a date: `changes` lists what it becomes, from which day on, and where that is set. What was owed on a
day is held to the figure in force on that day (`Standard.value(name, on=day)`, `Standard.steps(name)`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from checks.annual_layout import annual_layouts
from checks.codes import ATTENDANCE_MODES, CATEGORIES, EVENT_KINDS, LEVELS, LOCATIONS, MEETING_KINDS, RISKS_OF_HARM
from checks.errors import SettingsError
from checks.toml_errors import content_of

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
LayoutName = Annotated[str, _one_of(tuple(sorted(annual_layouts())))]
ReleaseDate = Literal["parole_eligible_on", "release_on", "temporary_licence_eligible_on"]


def _no_entry_twice(values: list[Any]) -> list[Any]:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise PydanticCustomError("said", "{words}", {"words": f"has “{twice}” twice. Take out one of the two."})
    return values


_NOT_EMPTY = _expect("a list with at least one entry", bool)
_EACH_ONCE = AfterValidator(_no_entry_twice)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _a_day(value: object) -> object:
    """A moment is no date."""
    if isinstance(value, datetime):
        raise PydanticCustomError("expected", "{words}", {"words": "a date without a time, such as 2024-01-01"})
    return value


Day = Annotated[
    date,
    _expect("a date from 1900 to 2199", lambda value: 1900 <= value.year <= 2199),
    BeforeValidator(_a_day),
]


class Change(_Strict, Generic[T]):
    """What a figure becomes: from which day on (that day included), and where the guidance sets it."""

    from_day: Day = Field(alias="from")
    value: T
    cite: Words
    note: str | None = None


def _in_order(changes: list[Change[Any]]) -> list[Change[Any]]:
    days = [each.from_day for each in changes]
    for before, after in pairwise(days):
        if before == after:
            raise PydanticCustomError("said", "{words}", {"words": f"has {after} twice. Take out one of the two."})
        if before > after:
            words = f"has {after} after {before}. Put the changes into the order of their days."
            raise PydanticCustomError("said", "{words}", {"words": words})
    return changes


class Figure(_Strict, Generic[T]):
    """One figure: its value and where the guidance sets it; `note` on how it was read, where that is not plain.

    `changes` what it became later, in the order of the days.
    """

    value: T
    cite: Words
    note: str | None = None
    changes: Annotated[list[Change[T]], _NOT_EMPTY, AfterValidator(_in_order)] = Field(
        default_factory=list, exclude_if=lambda changes: not changes
    )


@dataclass(frozen=True)
class Step:
    """A figure for as long as it was in force: from a day on, that day included; of the first step `from_day` is None.

    `value` None, and then `cite` too: not set before the next step.
    """

    from_day: date | None
    value: Any
    cite: str | None
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
    dates: Annotated[list[ReleaseDate], _NOT_EMPTY, _EACH_ONCE]
    choose: Literal["first given", "earliest"]
    levels: Annotated[list[Level], _NOT_EMPTY, _EACH_ONCE] | None = None


def _figure(sentence: str) -> Any:
    return Field(default=None, description=sentence)


Target = Figure[Share | None]
"""A target may be set from a day on where none was set before: its first value is then None."""


class Figures(_Strict):
    """Every figure that a standard may set; one that it does not set is None."""

    reporting_year_starts: Figure[MonthDay] | None = _figure("The reporting year starts on")
    categories: Figure[Annotated[list[Category], _NOT_EMPTY, _EACH_ONCE]] | None = _figure("Categories")
    category_titles: Figure[dict[Category, str]] | None = _figure("What the categories are called")
    lowest_level_category_3: Figure[Level] | None = _figure("Lowest level for category 3")
    entry_level_category_4: Figure[Level] | None = _figure("Category 4 must enter at level")
    review_weeks_level_1: Figure[Weeks] | None = _figure("Level 1 review every (weeks)")
    review_weeks_level_2: Figure[Weeks] | None = _figure("Level 2 review every (weeks)")
    review_weeks_level_3: Figure[Weeks] | None = _figure("Level 3 review every (weeks)")
    review_clock_locations: Figure[Annotated[list[Location], _NOT_EMPTY, _EACH_ONCE]] | None = _figure(
        "The review clock runs in"
    )
    target_review_level_1: Target | None = _figure("Level 1 cases reviewed in time, target")
    target_review_level_2: Target | None = _figure("Level 2 cases reviewed in time, target")
    target_review_level_3: Target | None = _figure("Level 3 cases reviewed in time, target")
    target_disclosure: Target | None = _figure("Disclosure considered and decision recorded, target")
    target_smb_attendance: Target | None = _figure("SMB attendance, each member, target")
    target_agency_attendance: Target | None = _figure("Level 2 and 3 attendance, each invited agency, target")
    attendance_modes_that_count: Figure[Annotated[list[AttendanceMode], _NOT_EMPTY, _EACH_ONCE]] | None = _figure(
        "Ways to attend that count"
    )
    least_invited: Figure[dict[MeetingKind, Annotated[list[Words], _NOT_EMPTY, _EACH_ONCE]]] | None = _figure(
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
    annual_layout: Figure[LayoutName] | None = _figure("Layout of the annual tables")
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

    def steps(self, name: str) -> tuple[Step, ...]:
        """What a figure was and became, in the order of the days; nothing where this standard does not set it."""
        figure = getattr(self.figures, name)
        if figure is None:
            return ()
        first = Step(None, figure.value, None if figure.value is None else figure.cite, figure.note)
        return first, *(Step(each.from_day, each.value, each.cite, each.note) for each in figure.changes)

    def value(self, name: str, on: date | None = None) -> Any:
        """The value of a figure in force on a day, or without one the latest; None where this standard does not set it."""
        step = self._step(name, on)
        return None if step is None else step.value

    def cite(self, name: str, on: date | None = None) -> str | None:
        """Where the guidance sets the figure in force on a day, or without one the latest; None where it does not."""
        step = self._step(name, on)
        return None if step is None else step.cite

    def _step(self, name: str, on: date | None) -> Step | None:
        steps = self.steps(name)
        in_force = (each for each in steps if on is None or each.from_day is None or each.from_day <= on)
        return max(in_force, key=lambda each: each.from_day or date.min, default=None)

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that this standard has."""
        return tuple(self.value("categories"))


REQUIRED = ("reporting_year_starts", "categories", "working_day_calendar", "review_clock_locations", "annual_layout")
"""Figures without which nothing can be computed: every standard must set them."""

WITHOUT_CHANGES = (
    "reporting_year_starts",
    "category_titles",
    "working_day_calendar",
    "annual_layout",
    "restrictive_orders",
)
"""What says how a standard counts and what it calls things, for all its periods alike: no change on a date is taken here."""


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


def with_figures(standard: Standard, values: Mapping[str, Any]) -> Standard:
    """The standard as if these figures had always been otherwise: name → value, held to the same rules as a file's.

    Raises SettingsError (exit 4) with a sentence that names the figure.
    """
    keys = standard.model_dump(by_alias=True, exclude={"fingerprint"})
    asked = {name: {"value": value, "cite": SUPPOSED} for name, value in values.items()}
    source = {"short": SUPPOSED, "title": "A figure supposed to see what would follow", "edition": "none"}
    keys |= {"figures": {**keys["figures"], **asked}, "sources": [*keys["sources"], source]}
    return _build(_Content(Path(standard.name), keys, {}))


def rebuilt(name: str, said: Mapping[str, Any]) -> Standard:
    """The standard that a snapshot's definitions say it was measured by (`dashboard.definitions`), to the fingerprint.

    Raises SettingsError (exit 4) where another version of the product has stored what this one does not know.
    """
    keys = {key: said[key] for key in ("title", "edition", "caution", "sources")}
    figures = {figure: _revived(figure, told) for figure, told in said["figures"].items()}
    try:
        return _build(_Content(Path(name), {"name": name, **keys, "figures": figures}, {}))
    except SettingsError:
        raise SettingsError(
            f"The standard {name} of this snapshot was stored by another version of the product, which sets figures that this "
            "one does not know. Refresh, and look at the new snapshot."
        ) from None


def _revived(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A figure, or one of its changes, from JSON: shares and days are text there."""
    out = {key: value for key, value in told.items() if key != "sentence"}
    if name.startswith("target_") and out["value"] is not None:
        out["value"] = Decimal(out["value"])
    if "from" in out:
        out["from"] = date.fromisoformat(out["from"])
    if "changes" in out:
        out["changes"] = [_revived(name, each) for each in out["changes"]]
    return out


SUPPOSED = "supposed"
"""What a figure cites that no guidance sets."""


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
    return content_of(text, f"The standard {path.name}")


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
    for name in WITHOUT_CHANGES:
        if isinstance(figure := figures.get(name), dict) and "changes" in figure:
            raise own.wrong(
                f"figures.{name}.changes",
                "cannot be: this figure holds for all periods of a standard. "
                "Take it out, and make the new edition a standard of its own that extends this one.",
            )
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
    added = {name: _changed(base, own, name) for name in figures if _only_changes(figures[name]) and name in kept}
    merged = {**base.keys, **keys, "sources": sources, "figures": {**kept, **figures, **added}}
    return _Content(path, merged, {**base.origin, **own.origin, **{f"figures.{name}": path for name in unset}})


def _only_changes(figure: object) -> bool:
    """Whether a figure says what it becomes and nothing of what it was."""
    return isinstance(figure, dict) and set(figure) == {"changes"}


def _changed(base: _Content, own: _Content, name: str) -> dict[str, Any]:
    """A figure of the standard that is extended, with the changes that this one adds to it."""
    before, added = base.keys["figures"][name], own.keys["figures"][name]
    # Each file's part by itself first: what is wrong is then named with the file and the place where it stands.
    _check_figure(base, name, before)
    _check_figure(own, name, {**_first(name, before), **added})
    earlier = before.get("changes", [])
    if earlier and earlier[-1]["from"] >= added["changes"][0]["from"]:
        raise own.wrong(
            f"figures.{name}.changes (entry 1).from",
            f"should be a day after {earlier[-1]['from']}, when the standard that is extended changes the figure. "
            "Correct it there, or give the figure whole.",
        )
    return {**_first(name, before), **added, "changes": [*earlier, *added["changes"]]}


def _check_figure(content: _Content, name: str, figure: object) -> None:
    if name not in Figures.model_fields:
        raise content.wrong(f"figures.{name}", _UNKNOWN_KEY)
    declared: Any = Figures.model_fields[name].annotation
    try:
        TypeAdapter(declared).validate_python(_first(name, figure))
    except ValidationError as error:
        raise _wrong(content, error, ("figures", name)) from None


def _first(name: str, figure: Any) -> Any:
    """A figure with the value with which it began: of a target that is set from a day on, none."""
    if name.startswith("target_") and _only_changes(figure):
        return {"value": None, "cite": "not set before", **figure}
    return figure


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
    figures = content.keys.get("figures")
    if isinstance(figures, dict):
        figures = {name: _first(name, figure) for name, figure in figures.items()}
    try:
        standard = Standard.model_validate({**content.keys, "figures": figures} if figures else content.keys)
    except ValidationError as error:
        raise _wrong(content, error) from None
    for name in REQUIRED:
        if getattr(standard.figures, name) is None:
            raise content.wrong(f"figures.{name}", "is missing, and every standard must set it. Add it.")
    shorts = {source.short for source in standard.sources}
    for name, cite in _citations(standard):
        if cite.split()[0].rstrip(",;") not in shorts:
            raise content.wrong(
                f"figures.{name}.cite",
                f"should begin with the short name of one of the sources ({', '.join(sorted(shorts))}). "
                "Correct it, or add the source.",
            )
    return standard.model_copy(update={"fingerprint": _fingerprint(standard)})


def _fingerprint(standard: Standard) -> str:
    return hashlib.sha256(standard.model_dump_json().encode()).hexdigest()


def _citations(standard: Standard) -> Iterator[tuple[str, str]]:
    """Every citation of a figure, with the place where it stands: `NAME`, or `NAME.changes (entry 1)`."""
    for name in Figures.model_fields:
        for place, step in enumerate(standard.steps(name)):
            if step.cite is not None:
                yield (f"{name}.changes (entry {place})" if place else name), step.cite


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
    "date_type": "a date without quotes, such as 2024-01-01",
    "finite_number": "a number with a decimal point, such as 0.85",
}


def _wrong(content: _Content, error: ValidationError, within: tuple[str, ...] = ()) -> SettingsError:
    """The first thing wrong, in plain words: which key, what it should be, what it is."""
    first = error.errors()[0]
    key = "".join(_step(part) for part in (*within, *first["loc"]) if part != "[key]").removeprefix(".")
    kind = first["type"]
    if kind == "extra_forbidden":
        return content.wrong(key, _UNKNOWN_KEY)
    if kind == "missing":
        why = ": every figure needs its citation" if key.endswith(".cite") else ""
        return content.wrong(key, f"is missing{why}. Add it.")
    context = first.get("ctx", {})
    if kind == "said":
        return content.wrong(key, context["words"])
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
