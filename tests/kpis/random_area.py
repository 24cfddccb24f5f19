"""Random areas that are as nasty as real ones: by seed, so that a difference can be looked at again.

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

import polars as pl

from checks.runner import check
from checks.standard import shipped
from checks.table_names import COLUMNS
from kpis.area import Area
from tests.kpis.naive import CODES, DONE, RULES, YES_OR_NO, NaiveArea
from tests.tables import raw

STANDARDS = ("jersey", "hampshire", "england-wales")
AGENCIES = ("police", "probation", "housing", "health")
MEMBERS = ("police", "probation", "prison")
TABLES = ("cases", "spells", "meetings", "attendance", "reviews", "smb_meetings", "smb_attendance")
STEPS = (0, 1, 7, 41, 42, 43, 83, 84, 85, 111, 112, 113, 126, 168, 252, 336)
"""Days between things: around the review intervals and their multiples."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class RandomArea:
    """An area, ready for both sides: `tables` of rows, `absent` table → columns that the source lacks."""

    standard: str
    as_at: date
    tables: Mapping[str, Rows]
    absent: Mapping[str, frozenset[str]]
    smb_members: tuple[str, ...]
    adopted: Mapping[str, Fraction]

    def naive(self) -> NaiveArea:
        columns = {name: frozenset(COLUMNS[name]) - self.absent[name] for name in self.tables}
        rows = {
            name: [{key: value for key, value in row.items() if key in columns[name]} for row in table]
            for name, table in self.tables.items()
        }
        return NaiveArea(rows, self.standard, self.as_at, columns, self.smb_members, self.adopted)

    def product(self) -> Area:
        standard = shipped(self.standard)
        frames = raw(self.tables)
        frames = {name: frame.drop(sorted(self.absent[name])) for name, frame in frames.items()}
        adopted = {name: Decimal(each.numerator) / Decimal(each.denominator) for name, each in self.adopted.items()}
        return Area(check(frames, standard, self.as_at).tables, standard, self.smb_members, adopted)


def random_area(seed: int, tidy: bool = False, standard: str | None = None) -> RandomArea:
    """The area of a seed; a tidy one has whole tables, unique keys and nothing missing."""
    rng = Random(seed)
    standard = standard or rng.choice(STANDARDS)
    as_at = rng.choice(
        (
            date(2023, 12, 31),
            date(2024, 2, 29),
            date(2024, 3, 31),
            date(2023, 1, 1),
            date(2023, 4, 1),
            date(2022, 6, 1) + timedelta(days=rng.randrange(900)),
        )
    )
    make = _Making(rng, as_at, as_at - timedelta(days=rng.choice([90, 400, 1200])))
    tables = make.tables()
    if not tidy:
        tables = _spoilt(rng, tables)
    absent = {name: frozenset[str]() for name in tables}
    if not tidy and rng.random() < 0.3:
        for name in rng.sample(sorted(tables), rng.randint(0, 2)):
            del tables[name]
        for name in tables:
            absent[name] = frozenset(each for each in COLUMNS[name] if rng.random() < 0.03)
    elif rng.random() < 0.5:
        tables.pop("spells")
    listed = tuple(rng.sample((*MEMBERS, "education"), 3)) if rng.random() < 0.4 else ()
    adopted = {"review_level_1": Fraction(7, 10), "screening_outcomes": Fraction(1)} if rng.random() < 0.3 else {}
    return RandomArea(standard, as_at, tables, absent, listed, adopted)


def shuffled(area: RandomArea, seed: int) -> RandomArea:
    """The same records in another order."""
    rng = Random(seed)
    tables = {name: rng.sample(rows, len(rows)) for name, rows in area.tables.items()}
    return RandomArea(area.standard, area.as_at, tables, area.absent, area.smb_members, area.adopted)


class _Making:
    def __init__(self, rng: Random, as_at: date, first: date) -> None:
        self.rng, self.as_at, self.first = rng, as_at, first

    def tables(self) -> dict[str, Rows]:
        rng = self.rng
        out: dict[str, Rows] = {name: [] for name in TABLES}
        for number in range(rng.choice([0, 1, 3, 8, 12, 16])):
            self._case(out, f"C{number}")
        # Meetings are numbered in no particular order.
        for place, meeting in enumerate(rng.sample(out["meetings"], len(out["meetings"]))):
            meeting["meeting_id"] = f"M{place:04d}"
        for meeting in out["meetings"]:
            for agency in rng.sample(AGENCIES, rng.choice([0, 1, 2, 3])):
                mode = rng.choice(CODES["mode"])
                senior = rng.choice([True, True, False]) if mode in CODES["mode"][:3] or rng.random() < 0.2 else None
                out["attendance"].append(
                    {"meeting_id": meeting["meeting_id"], "agency": agency, "mode": mode, "senior_enough": senior}
                )
        for number in range(rng.randint(0, 6)):
            name = f"S{number}"
            out["smb_meetings"].append({"smb_meeting_id": name, "held_on": self._day(self.first)})
            out["smb_attendance"] += [
                {
                    "smb_meeting_id": name,
                    "member": member,
                    "attended": rng.choice((*CODES["attended"], "member", "member")),
                }
                for member in rng.sample(MEMBERS, rng.randint(0, 3))
            ]
        return out

    def _day(self, first: date) -> date:
        """A day from the first to somewhat after as-at, often on or beside an edge."""
        rng = self.rng
        if rng.random() < 0.2:
            return self.as_at + timedelta(days=rng.choice([-84, -42, -1, 0, 0, 1, 30]))
        if rng.random() < 0.2:
            year, month = rng.randint(self.as_at.year - 1, self.as_at.year), rng.choice([1, 4, 7, 10])
            return date(year, month, 1) - timedelta(days=rng.choice([0, 1]))
        return first + timedelta(days=rng.randrange(max(1, (self.as_at - first).days + 20)))

    def _step(self) -> timedelta:
        return timedelta(days=self.rng.choice((*STEPS, self.rng.randrange(200))))

    def _case(self, out: dict[str, Rows], name: str) -> None:
        rng = self.rng
        entered = self._day(self.first)
        level = rng.choice(CODES["level"])
        case = {
            "case_id": name,
            "category": rng.choice(("1", "1", "1", "2", "2", "3", *CODES["category"])),
            "level": level,
            "location": rng.choice((*CODES["location"], "community", "community", "community", "community")),
            "entered_on": entered,
            "lead_agency": rng.choice(AGENCIES),
        }
        if rng.random() < 0.3:
            case["exited_on"] = max(entered, self._day(entered))
        out["cases"].append(case)
        self._spells(out["spells"], name, entered, level, case["location"])
        self._meetings(out["meetings"], name, entered, level)
        if level == "1" or rng.random() < 0.2:
            day = entered
            for _ in range(rng.randint(0, 5)):
                day += self._step()
                out["reviews"].append({"case_id": name, "reviewed_on": day, "agency": "police"})

    def _spells(self, rows: Rows, name: str, entered: date, level: str, location: str) -> None:
        rng = self.rng
        day = entered
        for place in range(count := rng.randint(0, 5)):
            until = day + (self._step() if rng.random() < 0.97 else timedelta(days=-3))
            last = place == count - 1
            row = {"case_id": name, "level": level, "location": location, "from_on": day}
            if not last or rng.random() < 0.4:
                row["until_on"] = until
            rows.append(row)
            day = until + (timedelta(days=rng.choice([1, 40])) if rng.random() < 0.15 else timedelta(0))
            if rng.random() < 0.4:
                level = rng.choice(CODES["level"])
            if rng.random() < 0.4:
                location = rng.choice((*CODES["location"], "community", "community"))

    def _meetings(self, rows: Rows, name: str, entered: date, level: str) -> None:
        rng = self.rng
        day = entered - (self._step() if rng.random() < 0.2 else timedelta(0))
        for _ in range(rng.randint(0, 9)):
            day += self._step() if rng.random() < 0.9 else timedelta(0)
            kind = rng.choice((f"level {level}",) * 5 + CODES["kind"])
            outcome = rng.choice((level,) * 4 + CODES["outcome_level"])
            row: dict[str, Any] = {"case_id": name, "held_on": day, "kind": kind, "outcome_level": outcome}
            if rng.random() < 0.9:
                row["disclosure_considered"] = rng.random() < 0.8
            if rng.random() < 0.8:
                row["disclosure_decision"] = rng.choice(CODES["disclosure_decision"])
            rows.append(row)
            if outcome in CODES["level"] and rng.random() < 0.8:
                level = outcome


def _spoilt(rng: Random, tables: dict[str, Rows]) -> dict[str, Rows]:
    """Values missing or unreadable, records of unknown cases and meetings, repeats to the letter and with another answer."""
    missing = rng.choice([0.0, 0.02, 0.15])
    unreadable = rng.choice([0.0, 0.0, 0.05])
    out: dict[str, Rows] = {}
    for name, rows in tables.items():
        spoilt: Rows = []
        for row in rows:
            row = {key: value for key, value in row.items() if rng.random() >= missing}
            for key in row:
                if rng.random() < unreadable and key in (*CODES, *DONE, *YES_OR_NO):
                    row[key] = "n/k"
                elif rng.random() < 0.01 and key in ("case_id", "meeting_id", "smb_meeting_id"):
                    row[key] = "X99"
            spoilt.append(row)
            if rng.random() < 0.05:
                spoilt.append(dict(row))
            if rng.random() < 0.04 and rows:
                other = rng.choice(rows)
                key = rng.choice(sorted(other))
                spoilt.append({**row, key: other[key]})
        out[name] = spoilt
    return out


def every_day(area: RandomArea) -> tuple[date, date]:
    """The first and the last day that any record speaks of, as far as as-at."""
    days = [area.as_at]
    for rows in area.tables.values():
        days += [value for row in rows for value in row.values() if isinstance(value, date)]
    return min(days), max(days)


def clock_weeks(area: RandomArea) -> Mapping[str, int]:
    """The review interval of each level."""
    return RULES[area.standard].weeks


def frame_of(rows: Rows) -> pl.DataFrame:
    """Rows as a frame, for looking at a difference."""
    return pl.DataFrame(rows, infer_schema_length=None)
