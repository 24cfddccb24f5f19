"""The measures of what falls due, a second time: plain loops straight from the domain guide (section 4.6).

Rows in, as dicts of Python values; counts and verdicts out. Slow and simple on purpose: nothing here comes from `kpis`, so
that the two can only agree by meaning the same.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import holidays

from tests.kpis.naive import CODES as OTHER_CODES
from tests.kpis.naive import NaiveArea, stretches, wilson

Row = Mapping[str, Any]

MEASURES = (
    "referral_to_meeting",
    "before_release",
    "after_release",
    "release_confirmed",
    "minutes_level_2",
    "minutes_level_3",
    "identification",
    "actions",
    "category_1_seen",
    "stays_long_enough",
)
CODES = {
    **OTHER_CODES,
    "route": ("screening", "level 2", "level 3", "level 1", "not eligible"),
}
DONE = (
    "entered_on",
    "exited_on",
    "held_on",
    "from_on",
    "until_on",
    "received_on",
    "identified_on",
    "sentenced_on",
    "minutes_issued_on",
    "release_confirmed_on",
    "completed_on",
    "cancelled_on",
)
DATES = (
    *DONE,
    "due_on",
    "release_on",
    "parole_eligible_on",
    "temporary_licence_eligible_on",
    "notification_from",
    "notification_until",
    "licence_until",
    "order_until",
    "pathway_until",
)
YES_OR_NO = ("in_custody",)
KEYS = {
    "cases": ("case_id",),
    "meetings": ("meeting_id",),
    "referrals": ("referral_id",),
    "actions": ("action_id",),
    "spells": (),
}
TRIGGERS = ("release_on", "licence_until", "order_until", "notification_until", "pathway_until")
LEVEL_2_OR_3 = ("level 2", "level 3")
NO_AGENCY = "(agency not recorded)"

Judged = tuple[date, bool | None]
"""The day that places a thing in a period, and whether it was met."""


@dataclass(frozen=True)
class Deadlines:
    """What one standard asks for, copied by hand from the guide's table; None where it asks nothing."""

    categories: tuple[str, ...]
    referral_working_days: int | None
    release_dates: tuple[str, ...]
    earliest_release_date: bool
    release_levels: tuple[str, ...] | None
    after_release_months: int | None
    confirmed_months: int | None
    minutes: Mapping[str, int]
    identified: Mapping[str, tuple[int, bool]]
    seen_weeks: int | None
    stays_months: int | None
    country: str
    subdivision: str | None


_ENGLAND = Deadlines(
    categories=("1", "2", "3"),
    referral_working_days=None,
    release_dates=("parole_eligible_on", "release_on"),
    earliest_release_date=True,
    release_levels=("2", "3"),
    after_release_months=1,
    confirmed_months=4,
    minutes={"2": 10, "3": 5},
    identified={"1": (3, False), "2": (3, True)},
    seen_weeks=None,
    stays_months=None,
    country="GB",
    subdivision="ENG",
)
DEADLINES = {
    "jersey": Deadlines(
        categories=("1", "2", "3", "4", "pdp"),
        referral_working_days=15,
        release_dates=("temporary_licence_eligible_on", "release_on"),
        earliest_release_date=False,
        release_levels=None,
        after_release_months=None,
        confirmed_months=None,
        minutes={"2": 10, "3": 5},
        identified=dict.fromkeys(("1", "2", "3", "4", "pdp"), (3, False)),
        seen_weeks=12,
        stays_months=3,
        country="JE",
        subdivision=None,
    ),
    "hampshire": _ENGLAND,
    "england-wales": _ENGLAND,
}


@dataclass(frozen=True)
class Records:
    """Rows of each table that the source has, the columns it has, and the question's as-at date."""

    tables: Mapping[str, Sequence[Row]]
    standard: str
    as_at: date
    columns: Mapping[str, frozenset[str]]
    extra_holidays: tuple[date, ...] = ()
    adopted: Mapping[str, Fraction] | None = None
    read: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def asks(self) -> Deadlines:
        return DEADLINES[self.standard]

    def has(self, table: str, *columns: str) -> bool:
        return table in self.tables and set(columns) <= self.columns[table]

    def all_rows(self, table: str) -> list[Row]:
        """The rows as they can be read, each once where one of a known key is repeated to the letter."""
        if table in self.read:
            return self.read[table]
        out = self.read[table] = []
        for row in self.tables.get(table, ()):
            known = {name: value for name, value in row.items() if self._readable(name, value)}
            whole = bool(KEYS[table]) and all(name in known for name in KEYS[table])
            if not (whole and known in out):
                out.append(known)
        return out

    def rows(self, table: str) -> list[Row]:
        """The rows but those of cases that the standard leaves out."""
        out = self._left_out
        return [row for row in self.all_rows(table) if row.get("case_id") not in out]

    @cached_property
    def cases(self) -> dict[str, Row]:
        """Each case once; what several records of one do not agree in is not known."""
        records: dict[str, list[Row]] = {}
        for row in self.all_rows("cases"):
            if "case_id" in row:
                records.setdefault(row["case_id"], []).append(row)
        return {
            name: {key: value for key, value in several[0].items() if all(each.get(key) == value for each in several)}
            for name, several in records.items()
        }

    @cached_property
    def _left_out(self) -> set[str]:
        return {
            name
            for name, row in self.cases.items()
            if "category" in row and row["category"] not in self.asks.categories
        }

    def category(self, row: Row) -> str | None:
        """The category of the case that a record is of; a record of no known case tells its own."""
        return (self.cases[row["case_id"]] if "case_id" in row else row).get("category")

    def _readable(self, name: str, value: Any) -> bool:
        if value is None:
            return False
        if name in CODES:
            return value in CODES[name]
        if name in YES_OR_NO:
            return isinstance(value, bool)
        if name in DATES:
            return isinstance(value, date) and (name not in DONE or value <= self.as_at)
        return True


# Days


def months_on(day: date, months: int) -> date:
    """So many calendar months on (or back); where the month is too short, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@cache
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


def working_day(records: Records, day: date, count: int) -> date:
    """The count-th working day after a day; the first one after it is day 1."""
    while count:
        day += timedelta(days=1)
        free = day in _public(records.asks.country, records.asks.subdivision, day.year)
        if day.weekday() < 5 and not free and day not in records.extra_holidays:
            count -= 1
    return day


# Results


Owed = list[tuple[str | None, Judged]]


def everything(records: Records) -> dict[str, Owed | str]:
    """Per measure everything owed up to as-at, or the verdict that says why there is no figure."""
    out: dict[str, Owed | str] = {}
    for measure in MEASURES:
        if not asked(records, measure):
            out[measure] = "not in this standard"
        elif not supplied(records, measure):
            out[measure] = "not supplied"
        else:
            out[measure] = _owed(records, measure)
    return out


def results(records: Records, begin: date, end: date, owed: Mapping[str, Owed | str]) -> list[dict[str, Any]]:
    """The measures over one period, from `everything`: headline rows, and for actions a row per agency."""
    out = []
    for measure, rows in owed.items():
        if isinstance(rows, str):
            out.append(_silent(records, measure, rows))
            continue
        inside = [(unit, met) for unit, (day, met) in rows if begin <= day <= end]
        out.append(_row(records, measure, None, [met for _, met in inside]))
        for each in sorted({unit for unit, _ in inside if unit is not None}):
            out.append(_row(records, measure, each, [met for unit, met in inside if unit == each]))
    return out


def asked(records: Records, measure: str) -> bool:
    """Whether the standard asks for it."""
    asks = records.asks
    return {
        "referral_to_meeting": asks.referral_working_days is not None,
        "after_release": asks.after_release_months is not None,
        "release_confirmed": asks.confirmed_months is not None,
        "category_1_seen": asks.seen_weeks is not None,
        "stays_long_enough": asks.stays_months is not None,
    }.get(measure, True)


def supplied(records: Records, measure: str) -> bool:
    """Whether the records can tell."""
    met = records.has("meetings", "case_id", "held_on", "kind")
    if measure == "referral_to_meeting":
        return met and records.has("referrals", "case_id", "received_on", "route", "in_custody")
    if measure == "before_release":
        dated = any(records.has("cases", "case_id", name) for name in records.asks.release_dates)
        if records.tables.get("spells"):
            return met and dated and records.has("spells", "case_id", "location", "from_on")
        return met and dated and records.has("cases", "location", "entered_on")
    if measure == "after_release":
        stretched = bool(records.tables.get("spells"))
        return met and stretched and records.has("spells", "case_id", "level", "location", "from_on")
    if measure == "release_confirmed":
        return _history_told(records) and records.has("cases", "release_on", "release_confirmed_on")
    if measure.startswith("minutes"):
        return records.has("meetings", "held_on", "kind", "minutes_issued_on")
    if measure == "identification":
        return records.has("cases", "category", "sentenced_on", "identified_on")
    if measure == "actions":
        return records.has("actions", "due_on", "completed_on")
    if measure == "category_1_seen":
        return met and records.has("cases", "case_id", "category", "entered_on")
    return records.has("cases", "case_id", "exited_on") and any(records.has("cases", name) for name in TRIGGERS)


def _history_told(records: Records) -> bool:
    if records.tables.get("spells"):
        return records.has("spells", "case_id", "level", "location", "from_on") and records.has("cases", "case_id")
    return records.has("cases", "case_id", "level", "location", "entered_on") and records.has(
        "meetings", "case_id", "held_on", "kind", "outcome_level"
    )


def _silent(records: Records, measure: str, verdict: str) -> dict[str, Any]:
    names = ("unit", "met", "owed", "unknown", "rate", "worst", "best", "low", "high")
    return {"measure": measure, **dict.fromkeys(names), "target": _aim(records, measure), "verdict": verdict}


def _aim(records: Records, measure: str) -> float | None:
    aim = (records.adopted or {}).get(measure)
    return None if aim is None else float(aim)


def _row(records: Records, measure: str, unit: str | None, judged: list[bool | None]) -> dict[str, Any]:
    owed, met = len(judged), judged.count(True)
    unknown = judged.count(None)
    low, high = wilson(met, owed)
    return {
        "measure": measure,
        "unit": unit,
        "met": met,
        "owed": owed,
        "unknown": unknown,
        "rate": met / owed if owed else None,
        "worst": met / owed if owed else None,
        "best": (met + unknown) / owed if owed else None,
        "low": low,
        "high": high,
        "target": _aim(records, measure),
        "verdict": _verdict(met, owed, unknown, (records.adopted or {}).get(measure)),
    }


def _verdict(met: int, owed: int, unknown: int, aim: Fraction | None) -> str:
    if not owed:
        return "nothing due"
    if aim is None:
        return "no target"
    if Fraction(met, owed) >= aim:
        return "met"
    return "not met" if Fraction(met + unknown, owed) < aim else "depends on missing records"


# What is owed


def _owed(records: Records, measure: str) -> list[tuple[str | None, Judged]]:
    """Everything owed up to as-at: what it is broken down by, its day, whether it was met."""
    told = {
        "referral_to_meeting": _referrals,
        "before_release": _before_release,
        "after_release": _after_release,
        "release_confirmed": _release_confirmed,
        "identification": _identification,
        "actions": _actions,
        "category_1_seen": _category_1_seen,
        "stays_long_enough": _stays,
    }
    found = _minutes(records, measure[-1]) if measure.startswith("minutes") else told[measure](records)
    together: dict[Any, list[tuple[str | None, Judged]]] = {}
    for place, (key, unit, judged) in enumerate(found):
        if judged[0] <= records.as_at:
            # A record without its key cannot be told to be a repeat of another.
            together.setdefault(("no key", place) if key is None else key, []).append((unit, judged))
    out = []
    for rows in together.values():
        # The earliest day tells; where the records contradict each other in whether it was done, nobody knows.
        day, unit = min((day, unit or "") for unit, (day, _) in rows)
        verdicts = {met for _, (_, met) in rows}
        met = verdicts.pop() if len(verdicts) == 1 else None
        # On the as-at date itself only what is done counts, for the day is not over; who leaves has left.
        if day < records.as_at or met is True or measure == "stays_long_enough":
            out.append((unit or None, (day, met)))
    return out


Found = Iterator[tuple[Any, str | None, Judged]]


def _held(records: Records, case: str, *kinds: str) -> list[date]:
    return [
        row["held_on"]
        for row in records.rows("meetings")
        if row.get("case_id") == case and "held_on" in row and row.get("kind") in kinds
    ]


def _referrals(records: Records) -> Found:
    for row in records.rows("referrals"):
        if "received_on" not in row or row.get("in_custody") is not False:
            continue
        if row.get("route") not in ("screening", *LEVEL_2_OR_3):
            continue
        due = working_day(records, row["received_on"], records.asks.referral_working_days or 0)
        met = None
        if "case_id" in row:
            kinds = ("screening", *LEVEL_2_OR_3) if row["route"] == "screening" else LEVEL_2_OR_3
            met = any(row["received_on"] <= day <= due for day in _held(records, row["case_id"], *kinds))
        yield row.get("referral_id"), None, (due, met)


def _before_release(records: Records) -> Found:
    for row in records.rows("cases"):
        dates = [row[name] for name in records.asks.release_dates if name in row]
        if "case_id" not in row or not dates:
            continue
        due = months_on(min(dates) if records.asks.earliest_release_date else dates[0], -6)
        if not _in_custody(records, row, due, records.asks.release_levels):
            continue
        held = _held(records, row["case_id"], "screening", *LEVEL_2_OR_3)
        met = any(months_on(due, -12) <= day <= due for day in held)
        yield row["case_id"], None, (due, met)


def _in_custody(records: Records, case: Row, day: date, levels: Sequence[str] | None) -> bool:
    """Whether the person was in custody at the end of a day, and at one of the levels if it matters."""
    about = records.cases[case["case_id"]]
    if records.tables.get("spells"):
        places = [
            (row["location"], row.get("level"), row["from_on"], row.get("until_on") or about.get("exited_on"))
            for row in records.all_rows("spells")
            if row.get("case_id") == case["case_id"] and "location" in row and "from_on" in row
        ]
    else:
        places = _worked_out(records, about)
    at_that_time = [
        level
        for place, level, begin, end in places
        if place == "custody" and begin <= day and (end is None or day < end)
    ]
    if levels is None:
        return bool(at_that_time)
    # Of stretches that overlap the highest level tells.
    return max((level for level in at_that_time if level is not None), default=None) in levels


def _worked_out(records: Records, about: Row) -> list[tuple[str, str | None, date, date | None]]:
    """Without spells: where a case was, at which level (None: it is not known), from when until when."""
    location, entered, left = (about.get(name) for name in ("location", "entered_on", "exited_on"))
    if location is None:
        return []
    if not _history_told(records):
        return [] if entered is None else [(location, about.get("level"), entered, left)]
    name = about["case_id"]
    out: list[tuple[str, str | None, date, date | None]] = [
        (location, level, begin, end) for case, level, _, begin, end in _history(records) if case == name
    ]
    setting: list[date] = []
    ending: list[date] = []
    for row in records.all_rows("meetings"):
        if row.get("case_id") == name and "held_on" in row:
            if row.get("outcome_level") in ("1", "2", "3"):
                setting.append(row["held_on"])
            elif row.get("outcome_level") == "exit":
                ending.append(row["held_on"])
    if entered is None or any(day <= entered for day in setting):
        return out
    # From the entry on it is there; at which level, the first outcome or the kind of the first meeting tells, or nobody.
    until = [day for day in (*setting, *(day for day in ending if day >= entered), left) if day is not None]
    if not any(begin == entered for _, _, begin, _ in out):
        out.append((location, None, entered, min(until, default=None)))
    return out


def _releases(records: Records) -> list[Row]:
    """The rows of spells in the community that follow one in custody."""
    per_case: dict[str, list[Row]] = {}
    for row in records.rows("spells"):
        if "case_id" not in row or "from_on" not in row:
            continue
        left = records.cases.get(row["case_id"], {}).get("exited_on")
        if "until_on" not in row and left is not None:
            row = {**row, "until_on": left}
        if "until_on" in row and row["until_on"] < row["from_on"]:
            continue
        per_case.setdefault(row["case_id"], []).append(row)
    out = []
    for rows in per_case.values():
        rows.sort(
            key=lambda row: (
                row["from_on"],
                row.get("until_on", date.max),
                row.get("location", "~"),
                row.get("level", "~"),
            )
        )
        for before, row in pairwise(rows):
            if before.get("location") == "custody" and row.get("location") == "community":
                out.append(row)
    return out


def _after_release(records: Records) -> Found:
    for row in _releases(records):
        if row.get("level") not in ("2", "3"):
            continue
        due = months_on(row["from_on"], records.asks.after_release_months or 0)
        met = any(row["from_on"] <= day <= due for day in _held(records, row["case_id"], *LEVEL_2_OR_3))
        yield None, None, (due, met)


def _history(records: Records) -> list[tuple[str, str, str, date, date | None]]:
    """The history of management, which the other naive implementation derives where there is none.

    It leaves out what has no location; who came down to level 1 is known wherever it was, so an unknown one is named.
    """
    tables = {name: list(records.tables[name]) for name in ("cases", "meetings", "spells") if name in records.tables}
    for name in ("cases", "spells"):
        tables[name] = [
            row if row.get("location") in CODES["location"] else {**row, "location": "outside area"}
            for row in tables.get(name, [])
        ]
    return stretches(NaiveArea(tables, records.standard, records.as_at, records.columns))


def _release_confirmed(records: Records) -> Found:
    history = _history(records)
    for row in records.rows("cases"):
        if "case_id" not in row or "release_on" not in row:
            continue
        due = months_on(row["release_on"], -(records.asks.confirmed_months or 0))
        there = any(
            case == row["case_id"]
            and level in ("2", "3")
            and location == "custody"
            and begin <= due
            and (end is None or due < end)
            for case, level, location, begin, end in history
        )
        if there:
            met = "release_confirmed_on" in row and row["release_confirmed_on"] <= due
            yield row["case_id"], None, (due, met)


def _minutes(records: Records, level: str) -> Found:
    for row in records.rows("meetings"):
        if "held_on" not in row or row.get("kind") != f"level {level}":
            continue
        due = working_day(records, row["held_on"], records.asks.minutes[level])
        met = "minutes_issued_on" in row and row["minutes_issued_on"] <= due
        whole = "meeting_id" in row and "case_id" in row
        yield (row["meeting_id"], row["case_id"]) if whole else None, None, (due, met)


def _identification(records: Records) -> Found:
    allowed = records.asks.identified
    for row in records.rows("cases"):
        if "sentenced_on" not in row:
            continue
        category = records.category(row)
        if category is not None:
            within = allowed.get(category)
        else:
            # Without a category nobody knows what was owed, unless it is the same for all.
            every = {allowed.get(each) for each in records.asks.categories}
            within = every.pop() if len(every) == 1 else None
        if within is None:
            continue
        days, working = within
        due = working_day(records, row["sentenced_on"], days) if working else row["sentenced_on"] + timedelta(days)
        met = "identified_on" in row and row["identified_on"] <= due
        yield row.get("case_id"), None, (due, met)


def _actions(records: Records) -> Found:
    for row in records.rows("actions"):
        if "due_on" not in row or ("cancelled_on" in row and row["cancelled_on"] <= row["due_on"]):
            continue
        met = "completed_on" in row and row["completed_on"] <= row["due_on"]
        yield row.get("action_id"), row.get("agency", NO_AGENCY), (row["due_on"], met)


def _category_1_seen(records: Records) -> Found:
    for row in records.rows("cases"):
        if records.category(row) != "1" or "entered_on" not in row:
            continue
        due = row["entered_on"] + timedelta(weeks=records.asks.seen_weeks or 0)
        met = None
        if "case_id" in row:
            kinds = ("screening", "level 1", *LEVEL_2_OR_3)
            met = any(day <= due for day in _held(records, row["case_id"], *kinds))
        yield row.get("case_id"), None, (due, met)


def _stays(records: Records) -> Found:
    drops = _drops(records) if _history_told(records) else []
    released = []
    if records.has("spells", "case_id", "location", "from_on"):
        released = [(row["case_id"], row["from_on"]) for row in _releases(records)]
    for row in records.rows("cases"):
        if "exited_on" not in row:
            continue
        left = row["exited_on"]
        days = [row[name] for name in TRIGGERS if name in row]
        if "case_id" in row:
            days += [day for case, day in (*drops, *released) if case == row["case_id"] and day <= left]
        for_life = "notification_until" not in row and (records.category(row) == "1" or "notification_from" in row)
        too_early = bool(days) and left < months_on(max(days), records.asks.stays_months or 0)
        if days or for_life:
            met = False if too_early else None if for_life else True
            yield row.get("case_id"), None, (left, met)


def _drops(records: Records) -> list[tuple[str, date]]:
    """The days on which a case came down to level 1."""
    per_case: dict[str, list[tuple[date, date, str]]] = {}
    for case, level, _, begin, end in _history(records):
        if end is None or end >= begin:
            per_case.setdefault(case, []).append((begin, end or date.max, level))
    out = []
    for case, rows in per_case.items():
        rows.sort()
        for before, row in pairwise(rows):
            if before[2] in ("2", "3") and row[2] == "1":
                out.append((case, row[0]))
    return out
