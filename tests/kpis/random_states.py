"""Random areas for the measures of a state and of what recurs: by seed, so that a difference can be looked at again.

Rows are dicts of Python values; a text where a date, a code or a yes or no should be stands for what cannot be read.
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
from tests.kpis.naive_states import CODES, DATES, YES_OR_NO, StatesArea, months_on
from tests.tables import raw

STANDARDS = ("jersey", "hampshire", "england-wales")
AGENCIES = ("police", "probation", "prison", "Children's Service", "health")
TABLES = ("cases", "spells", "meetings", "attendance", "reviews", "visits", "actions", "smb_meetings")
STEPS = (0, 1, 7, 42, 83, 84, 85, 168, 252)
MONTHS = (1, 3, 4, 4, 6, 6, 8, 12)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class RandomStates:
    """An area, ready for both sides: `tables` of rows, `absent` table → columns that the source lacks."""

    standard: str
    as_at: date
    tables: Mapping[str, Rows]
    absent: Mapping[str, frozenset[str]]
    standing: Mapping[str, tuple[str, ...]]
    adopted: Mapping[str, Fraction]

    def naive(self) -> StatesArea:
        columns = {name: frozenset(COLUMNS[name]) - self.absent[name] for name in self.tables}
        rows = {
            name: [{key: value for key, value in row.items() if key in columns[name]} for row in table]
            for name, table in self.tables.items()
        }
        return StatesArea(rows, self.standard, self.as_at, columns, (), self.adopted, self.standing)

    def product(self) -> Area:
        standard = shipped(self.standard)
        frames = {name: frame.drop(sorted(self.absent[name])) for name, frame in raw(self.tables).items()}
        adopted = {name: Decimal(each.numerator) / Decimal(each.denominator) for name, each in self.adopted.items()}
        tables = check(frames, standard, self.as_at).tables
        return Area(tables, standard, adopted_targets=adopted, standing_agencies=self.standing)

    def days(self) -> tuple[date, date]:
        """The first and the last day that any record speaks of, as far as as-at."""
        values = [value for rows in self.tables.values() for row in rows for value in row.values()]
        return min([self.as_at, *(day for day in values if isinstance(day, date))]), self.as_at


def random_states(seed: int, tidy: bool = False) -> RandomStates:
    """The area of a seed; a tidy one has whole tables, unique keys and nothing missing."""
    rng = Random(seed)
    standard = rng.choice(STANDARDS)
    as_at = rng.choice(
        (
            date(2023, 12, 31),
            date(2024, 2, 29),
            date(2024, 3, 31),
            date(2023, 1, 1),
            date(2022, 6, 1) + timedelta(days=rng.randrange(900)),
        )
    )
    tables = _Making(rng, as_at, as_at - timedelta(days=rng.choice([120, 500, 1100]))).tables()
    absent = {name: frozenset[str]() for name in tables}
    if not tidy:
        tables = _spoilt(rng, tables)
        if rng.random() < 0.3:
            for name in rng.sample(sorted(tables), rng.randint(0, 2)):
                del tables[name]
            for name in tables:
                absent[name] = frozenset(each for each in COLUMNS[name] if rng.random() < 0.03)
    if rng.random() < 0.4:
        tables.pop("spells", None)
    standing = {
        kind: tuple(rng.sample(AGENCIES, rng.randint(0, 3)))
        for kind in CODES["kind"]
        if rng.random() < (0.6 if rng.random() < 0.8 else 0)
    }
    adopted = {"home_visits": Fraction(4, 5), "plan_content": Fraction(3, 4), "individuals": Fraction(1, 2)}
    return RandomStates(standard, as_at, tables, absent, standing, adopted if rng.random() < 0.4 else {})


class _Making:
    def __init__(self, rng: Random, as_at: date, first: date) -> None:
        self.rng, self.as_at, self.first = rng, as_at, first

    def tables(self) -> dict[str, Rows]:
        rng = self.rng
        out: dict[str, Rows] = {name: [] for name in TABLES}
        for number in range(rng.randint(0, 5)):
            self._case(out, f"C{number}")
        for place, meeting in enumerate(rng.sample(out["meetings"], len(out["meetings"]))):
            meeting["meeting_id"] = f"M{place:04d}"
        names = [meeting["meeting_id"] for meeting in out["meetings"]]
        for name in names:
            for agency in rng.sample(AGENCIES, rng.choice([0, 2, 4, 5, 5])):
                out["attendance"].append({"meeting_id": name, "agency": agency, "mode": rng.choice(CODES["mode"])})
        for action in out["actions"]:
            if names and rng.random() < 0.6:
                action["meeting_id"] = rng.choice(names)
        for number in range(rng.randint(0, 6)):
            out["smb_meetings"].append({"smb_meeting_id": f"S{number}", "held_on": self._day(self.first)})
        return out

    def _day(self, first: date) -> date:
        """A day from the first to somewhat after as-at, often on or beside an edge."""
        rng = self.rng
        if rng.random() < 0.15:
            return self.as_at + timedelta(days=rng.choice([-84, -1, 0, 0, 1, 30]))
        if rng.random() < 0.3:
            year, month = rng.randint(self.as_at.year - 1, self.as_at.year), rng.choice([1, 3, 4, 7, 9, 10, 12])
            return date(year, month, 1) - timedelta(days=rng.choice([0, 1]))
        return first + timedelta(days=rng.randrange(max(1, (self.as_at - first).days + 20)))

    def _later(self, day: date) -> date:
        """A day on: some calendar months or some days, give or take one."""
        rng = self.rng
        if rng.random() < 0.6:
            return months_on(day, rng.choice(MONTHS)) + timedelta(days=rng.choice([-1, 0, 0, 1]))
        return day + timedelta(days=rng.choice((*STEPS, rng.randrange(200))))

    def _case(self, out: dict[str, Rows], name: str) -> None:
        rng = self.rng
        entered = self._day(self.first)
        level = rng.choice(("1", "1", "2", "2", "3"))
        case: dict[str, Any] = {
            "case_id": name,
            "category": rng.choice(("1", "1", "1", "2", *CODES["category"])),
            "level": level,
            "location": rng.choice((*CODES["location"], "community", "community", "community")),
            "entered_on": entered,
            "lead_agency": rng.choice(AGENCIES),
            "risk_of_harm": rng.choice(CODES["risk_of_harm"]),
            "risk_plan_on": self._day(entered),
            "victim_plan": rng.random() < 0.8,
            "contingency_plan": rng.random() < 0.8,
        }
        if rng.random() < 0.25:
            case["exited_on"] = max(entered, self._day(entered))
        out["cases"].append(case)
        self._spells(out["spells"], case)
        self._meetings(out["meetings"], case)
        day = entered
        for _ in range(rng.randint(0, 9)):
            day = self._later(day) if rng.random() < 0.4 else months_on(day, rng.choice((2, 3, 4, 4)))
            out["reviews"].append({"case_id": name, "reviewed_on": day, "disclosure_reviewed": rng.random() < 0.7})
        for _ in range(rng.randint(0, 6)):
            agency = rng.choice(("police", "police", "states police", "probation", "policemen"))
            out["visits"].append({"case_id": name, "visited_on": self._visit(entered), "agency": agency})
        for _ in range(rng.randint(0, 2)):
            action = {"action_id": f"A{len(out['actions'])}", "case_id": name, "agency": rng.choice(AGENCIES)}
            action["due_on"] = self._later(entered)
            if rng.random() < 0.3:
                action["cancelled_on"] = self._day(entered)
            out["actions"].append(action)

    def _visit(self, entered: date) -> date:
        """Often an interval, give or take a day, before as-at or the end of a quarter."""
        rng = self.rng
        if rng.random() < 0.5:
            return self._day(entered)
        end = rng.choice((self.as_at, date(self.as_at.year, rng.choice([1, 4, 7, 10]), 1) - timedelta(days=1)))
        return months_on(end, -rng.choice([0, 1, 3, 6, 12])) + timedelta(days=rng.choice([-1, 0, 1]))

    def _spells(self, rows: Rows, case: Mapping[str, Any]) -> None:
        rng = self.rng
        day, level, location = case["entered_on"], case["level"], case["location"]
        for place in range(count := rng.randint(0, 4)):
            until = self._later(day) if rng.random() < 0.6 else months_on(day, 18)
            if rng.random() < 0.03:
                until = day - timedelta(days=3)
            row = {"case_id": case["case_id"], "level": level, "location": location, "from_on": day}
            if place < count - 1 or rng.random() < 0.4:
                row["until_on"] = until
            rows.append(row)
            day = until + (timedelta(days=rng.choice([1, 40, -20])) if rng.random() < 0.15 else timedelta(0))
            if rng.random() < 0.3:
                level = rng.choice(CODES["level"])
            if rng.random() < 0.3:
                location = rng.choice(CODES["location"])

    def _meetings(self, rows: Rows, case: Mapping[str, Any]) -> None:
        rng = self.rng
        day, level = case["entered_on"], case["level"]
        for _ in range(rng.randint(0, 7)):
            day = self._later(day)
            row: dict[str, Any] = {
                "case_id": case["case_id"],
                "held_on": day,
                "kind": rng.choice((f"level {level}",) * 5 + CODES["kind"]),
                "outcome_level": rng.choice((level,) * 6 + CODES["outcome_level"]),
                "victim_considered": rng.random() < 0.8,
                "diversity_considered": rng.random() < 0.8,
            }
            if rng.random() < 0.93:
                row["format"] = rng.choice(("full", "full", "core group"))
            rows.append(row)
            if row["outcome_level"] in CODES["level"] and rng.random() < 0.8:
                level = row["outcome_level"]


def _spoilt(rng: Random, tables: dict[str, Rows]) -> dict[str, Rows]:
    """Values missing or unreadable, records of unknown cases, repeats to the letter and with another answer."""
    missing = rng.choice([0.0, 0.03, 0.12])
    unreadable = rng.choice([0.0, 0.0, 0.04])
    out: dict[str, Rows] = {}
    for name, rows in tables.items():
        spoilt: Rows = []
        for whole in rows:
            row = {key: value for key, value in whole.items() if rng.random() >= missing}
            for key in row:
                if rng.random() < unreadable and key in (*CODES, *DATES, *YES_OR_NO):
                    row[key] = "n/k"
                elif rng.random() < 0.01 and key in ("case_id", "meeting_id"):
                    row[key] = "X99"
            spoilt.append(row)
            if rng.random() < 0.05:
                spoilt.append(dict(row))
            if rng.random() < 0.05:
                other = rng.choice(rows)
                key = rng.choice(sorted(other))
                spoilt.append({**row, key: other[key]})
        out[name] = spoilt
    return out
