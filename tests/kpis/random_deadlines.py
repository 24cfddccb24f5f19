"""Random areas in which much falls due: referrals, releases, minutes, sentences, actions, exits, many of them on an edge.

By seed, so that a difference can be looked at again. Rows are dicts of Python values; a text where a date, a code or a yes or no
should be stands for what cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from checks.runner import check
from checks.standard import shipped
from checks.table_names import COLUMNS
from kpis.area import Area
from tests.kpis.naive_deadlines import CODES, DATES, DEADLINES, YES_OR_NO, Records, months_on, working_day
from tests.tables import raw

AGENCIES = ("police", "probation", "housing")
AS_AT = (
    date(2023, 12, 31),
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 1, 2),
    date(2023, 5, 10),
    date(2023, 4, 11),
    date(2024, 8, 31),
)
NEAR = (0, 0, 0, 1, -1, 2, -2, 30, -30)
"""Days beside an edge."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class DeadlineArea:
    """An area, ready for both sides: `tables` of rows, `absent` table → columns that the source lacks."""

    standard: str
    as_at: date
    tables: Mapping[str, Rows]
    absent: Mapping[str, frozenset[str]]
    extra_holidays: tuple[date, ...]
    adopted: Mapping[str, Fraction]

    def naive(self) -> Records:
        columns = {name: frozenset(COLUMNS[name]) - self.absent[name] for name in self.tables}
        rows = {
            name: [{key: value for key, value in row.items() if key in columns[name]} for row in table]
            for name, table in self.tables.items()
        }
        return Records(rows, self.standard, self.as_at, columns, self.extra_holidays, self.adopted)

    def product(self) -> Area:
        standard = shipped(self.standard)
        frames = raw(self.tables)
        frames = {name: frame.drop(sorted(self.absent[name])) for name, frame in frames.items()}
        adopted = {name: Decimal(each.numerator) / Decimal(each.denominator) for name, each in self.adopted.items()}
        typed = check(frames, standard, self.as_at).tables
        return Area(typed, standard, adopted_targets=adopted, extra_holidays=self.extra_holidays)


def deadline_area(seed: int, standard: str | None = None, tidy: bool = False) -> DeadlineArea:
    """The area of a seed; a tidy one has whole tables, unique keys and nothing missing but what may be."""
    rng = Random(seed)
    standard = standard or rng.choice(sorted(DEADLINES))
    as_at = rng.choice((*AS_AT, date(2022, 6, 1) + timedelta(days=rng.randrange(900))))
    extra = tuple(as_at - timedelta(days=rng.randrange(60)) for _ in range(rng.choice([0, 0, 2])))
    make = _Making(rng, Records({}, standard, as_at, {}, extra))
    tables = make.tables()
    absent = {name: frozenset[str]() for name in tables}
    if not tidy:
        tables = _spoilt(rng, tables)
        if rng.random() < 0.25:
            for name in rng.sample(sorted(tables), rng.randint(0, 2)):
                del tables[name]
            absent = {name: frozenset(each for each in COLUMNS[name] if rng.random() < 0.05) for name in tables}
    if rng.random() < 0.25:
        tables.pop("spells", None)
    elif rng.random() < 0.05 and "spells" in tables:
        tables["spells"] = []
    adopted = {"actions": Fraction(1, 2), "identification": Fraction(9, 10)} if rng.random() < 0.5 else {}
    adopted |= (
        {"stays_long_enough": Fraction(1, 2), "referral_to_meeting": Fraction(3, 4)} if rng.random() < 0.5 else {}
    )
    return DeadlineArea(standard, as_at, tables, absent, extra, adopted)


def every_day(area: DeadlineArea) -> tuple[date, date]:
    """The first and the last day that any record speaks of, and a little more."""
    days = [area.as_at]
    for rows in area.tables.values():
        days += [value for row in rows for value in row.values() if isinstance(value, date)]
    first = max(min(days), area.as_at - timedelta(days=365 * 12))
    return first, min(max(days), area.as_at + timedelta(days=365 * 3))


class _Making:
    def __init__(self, rng: Random, asks: Records) -> None:
        self.rng, self.asks, self.as_at = rng, asks, asks.as_at

    def tables(self) -> dict[str, Rows]:
        rng = self.rng
        out: dict[str, Rows] = {name: [] for name in ("cases", "spells", "referrals", "meetings", "actions")}
        for number in range(rng.choice((0, 1, 4, 20, 40, 60, 60))):
            self._case(out, f"C{number}")
        for name, prefix in (("meetings", "M"), ("referrals", "R"), ("actions", "A")):
            for place, row in enumerate(rng.sample(out[name], len(out[name]))):
                row[f"{name[:-1]}_id"] = f"{prefix}{place:03d}"
        return out

    def near(self, day: date) -> date:
        return day + timedelta(days=self.rng.choice(NEAR))

    def day(self) -> date:
        """A day up to some years back, often such that something falls due on or beside the as-at date or a quarter's end."""
        rng = self.rng
        if rng.random() < 0.35:
            edge = rng.choice((self.as_at, date(self.as_at.year, rng.choice((1, 4, 7, 10)), 1)))
            back = rng.choice(
                (
                    timedelta(0),
                    timedelta(days=3),
                    timedelta(days=5),
                    timedelta(weeks=2),
                    timedelta(weeks=3),
                    timedelta(weeks=12),
                    timedelta(days=31),
                    timedelta(days=92),
                )
            )
            return self.near(edge - back)
        return self.as_at - timedelta(days=rng.randrange(-20, rng.choice((60, 400, 1200))))

    def month_end(self, day: date) -> date:
        """The day itself, or one beside it that some months do not have."""
        if self.rng.random() < 0.3:
            return date(day.year, self.rng.choice((1, 3, 5, 8, 10, 12)), self.rng.choice((30, 31)))
        return day

    def maybe(self, row: dict[str, Any], name: str, value: Any, often: float = 0.8) -> None:
        if self.rng.random() < often:
            row[name] = value

    def _case(self, out: dict[str, Rows], name: str) -> None:
        rng = self.rng
        prisoner = rng.random() < 0.5
        entered = self.as_at - timedelta(days=rng.randrange(500, 1500)) if prisoner else self.day()
        level = rng.choice(CODES["level"])
        case: dict[str, Any] = {
            "case_id": name,
            "category": rng.choice(("1", "1", "2", "3", *CODES["category"])),
            "level": level,
            "location": "custody" if prisoner else rng.choice(CODES["location"]),
            "entered_on": entered,
            "lead_agency": rng.choice(AGENCIES),
        }
        self._sentence(case, entered)
        self._custody(case)
        self._ends(case, entered)
        out["cases"].append(case)
        self._spells(out["spells"], case)
        self._referrals(out, name)
        self._meetings(out, case)
        self._actions(out["actions"], name)

    def _sentence(self, case: dict[str, Any], entered: date) -> None:
        rng = self.rng
        if rng.random() < 0.7:
            case["sentenced_on"] = day = rng.choice((entered, self.day()))
            due = rng.choice((day + timedelta(days=3), working_day(self.asks, day, 3)))
            self.maybe(case, "identified_on", self.near(due))

    def _custody(self, case: dict[str, Any]) -> None:
        rng = self.rng
        if rng.random() < (0.9 if case["location"] == "custody" else 0.2):
            case["release_on"] = release = self.month_end(months_on(self.day(), rng.choice((0, 4, 4, 6))))
            self.maybe(case, "release_confirmed_on", self.near(months_on(release, -4)), 0.7)
        self.maybe(case, "parole_eligible_on", self.month_end(months_on(self.day(), 6)), 0.3)
        self.maybe(case, "temporary_licence_eligible_on", self.month_end(months_on(self.day(), 6)), 0.3)

    def _ends(self, case: dict[str, Any], entered: date) -> None:
        rng = self.rng
        if rng.random() < 0.45:
            case["exited_on"] = left = max(entered, self.month_end(self.day()))
            for name in ("licence_until", "order_until", "pathway_until", "notification_until"):
                self.maybe(case, name, self.near(months_on(left, rng.choice((-3, -3, -12, 2)))), 0.35)
        else:
            self.maybe(case, "notification_until", self.day(), 0.3)
        if case["category"] == "1":
            self.maybe(case, "notification_from", entered)

    def _spells(self, rows: Rows, case: dict[str, Any]) -> None:
        rng = self.rng
        day, level, location = case["entered_on"], rng.choice(CODES["level"]), case["location"]
        for place in range(count := rng.randint(0, 7)):
            until = day + timedelta(days=rng.choice((0, 1, 30, 31, 90, 200, 400, rng.randrange(300))))
            if location == "custody" and "release_on" in case and rng.random() < 0.7:
                until = self.near(rng.choice((case["release_on"], months_on(case["release_on"], rng.choice((-4, -6))))))
            if rng.random() < 0.03:
                until = day - timedelta(days=3)
            row = {"case_id": case["case_id"], "level": level, "location": location, "from_on": day}
            if place < count - 1 or rng.random() < 0.4:
                row["until_on"] = until
            rows.append(row)
            day = until + timedelta(days=rng.choice((0, 0, 0, 0, 1, 40, -2)))
            level = rng.choice((level, "2", *CODES["level"]))
            released = location == "custody" and rng.random() < 0.6
            location = "community" if released else rng.choice(("custody", *CODES["location"]))

    def _referrals(self, out: dict[str, Rows], case: str) -> None:
        rng = self.rng
        for _ in range(rng.choice((0, 1, 2, 3))):
            received = self.day()
            row = {
                "case_id": case,
                "received_on": received,
                "route": rng.choice(("screening", "level 2", "level 3", *CODES["route"])),
                "in_custody": rng.random() < 0.2,
            }
            out["referrals"].append(row)
            for _ in range(rng.choice((0, 1, 1))):
                day = self.near(rng.choice((received, working_day(self.asks, received, 15))))
                self._meeting(out["meetings"], case, day)

    def _meetings(self, out: dict[str, Rows], case: dict[str, Any]) -> None:
        rng = self.rng
        days = [self.day() for _ in range(rng.randint(0, 3))]
        if rng.random() < 0.4:
            days.append(self.near(case["entered_on"] + timedelta(weeks=12)))
        for name in ("release_on", "parole_eligible_on", "temporary_licence_eligible_on"):
            if name in case and rng.random() < 0.5:
                due = months_on(case[name], -6)
                days.append(self.near(rng.choice((due, months_on(due, -12)))))
        for row in out["spells"]:
            if row["case_id"] == case["case_id"] and rng.random() < 0.5:
                days.append(self.near(rng.choice((row["from_on"], months_on(row["from_on"], 1)))))
        for day in days:
            self._meeting(out["meetings"], case["case_id"], day)

    def _meeting(self, rows: Rows, case: str, held: date) -> None:
        rng = self.rng
        kind = rng.choice(("level 2", "level 3", *CODES["kind"]))
        row: dict[str, Any] = {
            "case_id": case,
            "held_on": held,
            "kind": kind,
            "outcome_level": rng.choice(CODES["outcome_level"]),
        }
        self.maybe(row, "minutes_issued_on", self.near(working_day(self.asks, held, rng.choice((5, 10)))))
        rows.append(row)

    def _actions(self, rows: Rows, case: str) -> None:
        rng = self.rng
        for _ in range(rng.randint(0, 3)):
            due = rng.choice((self.day(), self.near(self.as_at)))
            row: dict[str, Any] = {"case_id": case, "due_on": due, "agency": rng.choice(AGENCIES)}
            self.maybe(row, "completed_on", self.near(due), 0.6)
            self.maybe(row, "cancelled_on", self.near(due), 0.2)
            rows.append(row)


def _spoilt(rng: Random, tables: dict[str, Rows]) -> dict[str, Rows]:
    """Values missing or unreadable, records of unknown cases, repeats to the letter and with another answer."""
    missing = rng.choice([0.0, 0.02, 0.15])
    unreadable = rng.choice([0.0, 0.0, 0.05])
    out: dict[str, Rows] = {}
    for name, rows in tables.items():
        spoilt: Rows = []
        for row in rows:
            row = {key: value for key, value in row.items() if rng.random() >= missing}
            for key in row:
                if rng.random() < unreadable and key in (*CODES, *DATES, *YES_OR_NO):
                    row[key] = "n/k"
                elif rng.random() < 0.01 and key == "case_id":
                    row[key] = "X99"
            if rng.random() < 0.05:
                row.pop("case_id", None)
            spoilt.append(row)
            if rng.random() < 0.05:
                spoilt.append(dict(row))
            if rng.random() < 0.06:
                other = rng.choice(rows)
                key = rng.choice(sorted(other))
                spoilt.append({**row, key: other[key]})
        out[name] = spoilt
    return out


def shuffled(area: DeadlineArea, seed: int) -> DeadlineArea:
    """The same records in another order."""
    rng = Random(seed)
    tables = {name: rng.sample(rows, len(rows)) for name, rows in area.tables.items()}
    return DeadlineArea(area.standard, area.as_at, tables, area.absent, area.extra_holidays, area.adopted)
