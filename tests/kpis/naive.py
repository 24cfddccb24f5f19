"""The seven measures a second time, in plain loops straight from the domain guide: what the product must agree with.

Rows in, as dicts of Python values; results out, as dicts of the command line's contract. Slow and simple on purpose: nothing
here comes from `kpis`, so that the two can only agree by meaning the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import sqrt
from typing import Any

Row = Mapping[str, Any]

DONE = ("entered_on", "exited_on", "held_on", "from_on", "until_on", "reviewed_on")
YES_OR_NO = ("disclosure_considered", "senior_enough")
CODES = {
    "category": ("1", "2", "3", "4", "pdp"),
    "level": ("1", "2", "3"),
    "location": ("community", "custody", "hospital", "outside area"),
    "kind": ("screening", "level 1", "level 2", "level 3"),
    "outcome_level": ("1", "2", "3", "not accepted", "exit"),
    "disclosure_decision": ("disclose", "not disclose", "deferred"),
    "mode": ("in person", "video", "telephone", "report", "apologies", "absent"),
    "attended": ("member", "deputy", "apologies", "absent"),
}
KEYS = {
    "cases": ("case_id",),
    "meetings": ("meeting_id",),
    "attendance": ("meeting_id", "agency"),
    "smb_meetings": ("smb_meeting_id",),
    "smb_attendance": ("smb_meeting_id", "member"),
    "spells": (),
    "reviews": (),
}
CLOCK_EVERYWHERE = ("community", "custody", "hospital")
PRESENT = ("in person", "video", "telephone")
OUTCOMES = ("1", "2", "3", "not accepted", "exit")
DECISIONS = ("disclose", "not disclose", "deferred")
NOT_RECORDED = "not recorded"
Z = 1.959963984540054


@dataclass(frozen=True)
class Rules:
    """What one standard asks for, copied by hand from the guide's table."""

    year_starts_in: int
    categories: tuple[str, ...]
    weeks: Mapping[str, int]
    clock_runs_in: tuple[str, ...]
    targets: Mapping[str, Fraction]


_HAMPSHIRE = Rules(
    year_starts_in=4,
    categories=("1", "2", "3"),
    weeks={"1": 16, "2": 12, "3": 6},
    clock_runs_in=("community",),
    targets={"disclosure": Fraction(1)},
)
RULES = {
    "jersey": Rules(
        year_starts_in=1,
        categories=("1", "2", "3", "4", "pdp"),
        weeks={"1": 12, "2": 12, "3": 6},
        clock_runs_in=CLOCK_EVERYWHERE,
        targets={
            "review_level_3": Fraction(90, 100),
            "review_level_2": Fraction(85, 100),
            "disclosure": Fraction(1),
            "smb_attendance": Fraction(90, 100),
            "agency_attendance": Fraction(90, 100),
        },
    ),
    "hampshire": _HAMPSHIRE,
    "england-wales": _HAMPSHIRE,
}


@dataclass(frozen=True)
class NaiveArea:
    """Rows of each table that the source has, the columns it has, and the question's as-at date."""

    tables: Mapping[str, Sequence[Row]]
    standard: str
    as_at: date
    columns: Mapping[str, frozenset[str]]
    smb_members: tuple[str, ...] = ()
    adopted: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def rules(self) -> Rules:
        return RULES[self.standard]

    def rows(self, table: str) -> list[Row]:
        """The rows as they can be read, each once where one of a known key is repeated to the letter."""
        out: list[Row] = []
        for row in self.tables.get(table, ()):
            known = {name: value for name, value in row.items() if self._readable(name, value)}
            whole_key = all(name in known for name in KEYS[table])
            if not (whole_key and known in out):
                out.append(known)
        return out

    def _readable(self, name: str, value: Any) -> bool:
        """A code of the list, a yes or no, a date; of what was done nothing after as-at."""
        if name in CODES:
            return value in CODES[name]
        if name in YES_OR_NO:
            return isinstance(value, bool)
        if name in DONE:
            return isinstance(value, date) and value <= self.as_at
        return value is not None

    def has(self, table: str, *columns: str) -> bool:
        return table in self.tables and set(columns) <= self.columns[table]


def quarters_and_years(standard: str, first: date, last: date) -> dict[str, tuple[date, date]]:
    """Every quarter and reporting year that touches the days from first to last: name → first and last day."""
    start = RULES[standard].year_starts_in
    out: dict[str, tuple[date, date]] = {}
    for year in range(first.year - 1, last.year + 2):
        name = str(year) if start == 1 else f"{year}-{(year + 1) % 100:02d}"
        begins = [_month(year, start + 3 * quarter) for quarter in range(5)]
        spans = {name: (begins[0], begins[4] - timedelta(days=1))}
        for quarter in range(4):
            spans[f"{name}-Q{quarter + 1}"] = (begins[quarter], begins[quarter + 1] - timedelta(days=1))
        for each, (begin, end) in spans.items():
            if begin <= last and end >= first:
                out[each] = (begin, end)
    return out


def _month(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def results(area: NaiveArea, begin: date, end: date) -> list[dict[str, Any]]:
    """The seven measures over one period."""
    out: list[dict[str, Any]] = []
    for level in ("1", "2", "3"):
        out += _reviews(area, level, begin, end)
    out += _disclosure(area, begin, end)
    out += _attendance(area, begin, end)
    out += _board(area, end)
    out += _screening(area, begin, end)
    return out


# Sums, bounds, intervals, verdicts


def _row(area: NaiveArea, measure: str, unit: str | None, judged: list[bool | None]) -> dict[str, Any]:
    owed, met = len(judged), sum(1 for each in judged if each is True)
    unknown = sum(1 for each in judged if each is None)
    aim = area.rules.targets.get(measure, area.adopted.get(measure))
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
        "target": None if aim is None else float(aim),
        "verdict": _verdict(met, owed, unknown, aim),
    }


def _verdict(met: int, owed: int, unknown: int, aim: Fraction | None) -> str:
    if owed == 0:
        return "nothing due"
    if aim is None:
        return "no target"
    if Fraction(met, owed) >= aim:
        return "met"
    if Fraction(met + unknown, owed) < aim:
        return "not met"
    return "depends on missing records"


def wilson(met: int, owed: int) -> tuple[float | None, float | None]:
    """The Wilson 95 % interval, as the roots of (p − x)² = z² x (1 − x) / n."""
    if owed == 0:
        return None, None
    share, a = met / owed, Z * Z / owed
    # (1 + a) x² − (2 share + a) x + share² = 0
    b, c = 2 * share + a, share * share
    root = sqrt(max(0.0, b * b - 4 * (1 + a) * c))
    low, high = (b - root) / (2 * (1 + a)), (b + root) / (2 * (1 + a))
    return max(0.0, low), min(1.0, high)


def _not_supplied(area: NaiveArea, measure: str) -> list[dict[str, Any]]:
    names = ("unit", "met", "owed", "unknown", "rate", "worst", "best", "low", "high")
    aim = area.rules.targets.get(measure, area.adopted.get(measure))
    target = None if aim is None else float(aim)
    return [{"measure": measure, **dict.fromkeys(names), "target": target, "verdict": "not supplied"}]


def _count(measure: str, unit: str, count: int) -> dict[str, Any]:
    names = ("met", "unknown", "rate", "worst", "best", "low", "high", "target", "verdict")
    return {"measure": measure, "unit": unit, "owed": count, **dict.fromkeys(names)}


def _each(area: NaiveArea, measure: str, judged: list[tuple[str, bool | None]]) -> list[dict[str, Any]]:
    """The headline, whose verdict is that of all units together, then each unit."""
    headline = _row(area, measure, None, [met for _, met in judged])
    units = sorted({unit for unit, _ in judged})
    rows = [_row(area, measure, unit, [met for name, met in judged if name == unit]) for unit in units]
    aim = area.rules.targets.get(measure, area.adopted.get(measure))
    if aim is None or not judged:
        return [headline, *rows]
    nameless = [met for unit, met in judged if unit.startswith("(")]
    missed = False
    for row in rows:
        if row["unit"].startswith("("):
            row["verdict"] = "met" if all(nameless) else "depends on missing records"
            continue
        # Every row of nobody knows whom that may have been taken up could be this one's, and those that were not another's.
        own = [met for unit, met in judged if unit == row["unit"]] + [met for met in nameless if met is not False]
        at_best = sum(1 for met in own if met is not False)
        missed = missed or Fraction(at_best, len(own)) < aim
    if missed:
        headline["verdict"] = "not met"
    else:
        sure = all(row["verdict"] == "met" for row in rows)
        headline["verdict"] = "met" if sure else "depends on missing records"
    return [headline, *rows]


# Whom


def _left_out(area: NaiveArea) -> set[str]:
    """The cases of a category that the standard does not have."""
    cases = _cases(area)
    return {name for name, row in cases.items() if "category" in row and row["category"] not in area.rules.categories}


def _cases(area: NaiveArea) -> dict[str, Row]:
    """Each case once; what several rows of one do not agree in is not known."""
    rows: dict[str, list[Row]] = {}
    for row in area.rows("cases"):
        if "case_id" in row:
            rows.setdefault(row["case_id"], []).append(row)
    return {
        name: {key: value for key, value in several[0].items() if all(other.get(key) == value for other in several)}
        for name, several in rows.items()
    }


def _meetings(area: NaiveArea) -> list[Row]:
    out = _left_out(area)
    return [row for row in area.rows("meetings") if "held_on" in row and row.get("case_id") not in out]


# Review timeliness


def _reviews(area: NaiveArea, level: str, begin: date, end: date) -> list[dict[str, Any]]:
    measure = f"review_level_{level}"
    if not reviews_told(area, level):
        return _not_supplied(area, measure)
    owed = [(case, met) for case, due, met in owed_reviews(area, level) if begin <= due <= end]
    cases = sorted({case for case, _ in owed})
    by_case: list[bool | None] = [all(met for name, met in owed if name == case) for case in cases]
    by_review: list[bool | None] = [met for _, met in owed]
    return [
        _row(area, measure, None, by_case),
        _row(area, measure, "by review", by_review),
    ]


def reviews_told(area: NaiveArea, level: str) -> bool:
    """Whether the records can tell of the reviews at this level."""
    if not area.has("meetings", "case_id", "held_on", "kind") or not area.has("cases", "case_id"):
        return False
    if area.tables.get("spells"):
        if not area.has("spells", "case_id", "level", "location", "from_on"):
            return False
    elif not (area.has("cases", "entered_on", "level", "location") and area.has("meetings", "outcome_level")):
        return False
    if level != "1":
        return True
    meetings = [row for row in area.rows("meetings") if "held_on" in row and row.get("kind") == "level 1"]
    return bool(meetings) or any("reviewed_on" in row for row in area.rows("reviews"))


def owed_reviews(area: NaiveArea, level: str) -> list[tuple[str, date, bool]]:
    """Every review owed up to as-at: case, due day, whether it was met."""
    interval = timedelta(days=7 * area.rules.weeks[level])
    done: dict[str, set[date]] = {}
    for row in _meetings(area):
        if "case_id" in row and row.get("kind") == f"level {level}":
            done.setdefault(row["case_id"], set()).add(row["held_on"])
    if level == "1":
        for row in area.rows("reviews"):
            if "case_id" in row and "reviewed_on" in row:
                done.setdefault(row["case_id"], set()).add(row["reviewed_on"])
    out: list[tuple[str, date, bool]] = []
    for case, first_day, last_day in clocks(area, level):
        until = area.as_at if last_day is None else last_day
        start = first_day
        for review in sorted(day for day in done.get(case, ()) if first_day < day <= until):
            due = start + interval
            if review <= due:
                if due <= area.as_at:
                    out.append((case, due, True))
            else:
                while due < review:
                    out.append((case, due, False))
                    due += interval
            start = review
        due = start + interval
        while due < until:
            out.append((case, due, False))
            due += interval
    return out


def clocks(area: NaiveArea, level: str) -> list[tuple[str, date, date | None]]:
    """The spells at one level where the clock runs: case, first day, last day (None: it continues)."""
    left_out = _left_out(area)
    per_case: dict[str, list[tuple[date, date | None]]] = {}
    for case, each, location, begin, end in stretches(area):
        ends_before_it_begins = end is not None and end < begin
        if (
            each == level
            and not ends_before_it_begins
            and location in area.rules.clock_runs_in
            and case not in left_out
        ):
            per_case.setdefault(case, []).append((begin, end))
    out: list[tuple[str, date, date | None]] = []
    for case, rows in per_case.items():
        joined: list[list[Any]] = []
        for begin, end in sorted(set(rows), key=lambda row: (row[0], row[1] or date.max)):
            if joined and joined[-1][1] == begin:
                joined[-1][1] = end
            else:
                joined.append([begin, end])
        out += [(case, begin, end) for begin, end in joined]
    return out


def stretches(area: NaiveArea) -> list[tuple[str, str, str, date, date | None]]:
    """The history of management: case, level, location, first day, last day; given, or derived where there is none."""
    cases = _cases(area)
    if area.tables.get("spells"):
        out = []
        for row in area.rows("spells"):
            if {"case_id", "level", "location", "from_on"} <= set(row):
                last = row.get("until_on") or cases.get(row["case_id"], {}).get("exited_on")
                out.append((row["case_id"], row["level"], row["location"], row["from_on"], last))
        return out
    meetings: dict[str, list[Row]] = {}
    for row in area.rows("meetings"):
        if "held_on" in row and "case_id" in row:
            meetings.setdefault(row["case_id"], []).append(row)
    out = []
    for case, row in cases.items():
        if "location" not in row:
            continue
        held = sorted(meetings.get(case, ()), key=_in_order)
        exited = row.get("exited_on")
        for level, begin, end in _levels(row, held):
            if exited is not None and begin > exited:
                continue
            last = exited if exited is not None and (end is None or end > exited) else end
            out.append((case, level, row["location"], begin, last))
    return out


def _in_order(meeting: Row) -> tuple[Any, ...]:
    """By day; on one day a screening first, the rest by their references, one without at the end, then by what they say."""
    said = [(meeting.get(key) is None, meeting.get(key) or "") for key in ("meeting_id", "kind", "outcome_level")]
    return (meeting["held_on"], meeting.get("kind") != "screening", *said)


def _levels(case: Row, held: list[Row]) -> list[tuple[str, date, date | None]]:
    """The levels of one case as its meetings set them: level, first day, last day."""
    changes: list[tuple[date, str | None]] = []
    entered = case.get("entered_on")
    if not held:
        if entered is None or "level" not in case:
            return []
        return [(case["level"], entered, None)]
    settings = [row for row in held if row.get("outcome_level") in ("1", "2", "3")]
    level_meetings = [row for row in held if row.get("kind") in ("level 1", "level 2", "level 3")]
    if entered is not None and level_meetings and (not settings or entered < settings[0]["held_on"]):
        first = level_meetings[0]
        screened = any(row.get("kind") == "screening" and row["held_on"] < first["held_on"] for row in held)
        if not screened:
            changes.append((entered, first["kind"][-1]))
    for row in held:
        if row.get("outcome_level") in ("1", "2", "3"):
            changes.append((row["held_on"], row["outcome_level"]))
        elif row.get("outcome_level") == "exit":
            changes.append((row["held_on"], None))
    changes.sort(key=lambda change: change[0])
    out: list[tuple[str, date, date | None]] = []
    for place, (begin, level) in enumerate(changes):
        end = changes[place + 1][0] if place + 1 < len(changes) else None
        if level is not None and begin != end:
            out.append((level, begin, end))
    return out


# Disclosure, attendance, the Board, screening


def _disclosure(area: NaiveArea, begin: date, end: date) -> list[dict[str, Any]]:
    if not area.has("meetings", "held_on", "kind"):
        return _not_supplied(area, "disclosure")
    judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]] = {}
    for place, row in enumerate(_meetings(area)):
        if row.get("kind") not in ("level 2", "level 3"):
            continue
        considered, decision = row.get("disclosure_considered"), row.get("disclosure_decision")
        met = None
        if considered is False:
            met = False
        elif considered is True and decision is not None:
            met = True
        judged.setdefault(_which(row, place), []).append(((row["held_on"], decision or NOT_RECORDED), met))
    inside = [(decision, met) for (held, decision), met in _settled(judged) if begin <= held <= end]
    decisions = [decision for decision, _ in inside]
    units = [_count("disclosure", each, decisions.count(each)) for each in (*DECISIONS, NOT_RECORDED)]
    return [_row(area, "disclosure", None, [met for _, met in inside]), *units]


def _which(row: Row, place: int) -> tuple[Any, ...]:
    """What makes two records of a meeting the same sitting of the same case."""
    if "meeting_id" in row and "case_id" in row:
        return row["meeting_id"], row["case_id"]
    return (place,)


def _attendance(area: NaiveArea, begin: date, end: date) -> list[dict[str, Any]]:
    if not area.has("meetings", "meeting_id", "held_on", "kind") or not area.has("attendance", "meeting_id"):
        return _not_supplied(area, "agency_attendance")
    dated: dict[str, date] = {}
    for row in _meetings(area):
        if "meeting_id" in row and row.get("kind") in ("level 2", "level 3"):
            dated[row["meeting_id"]] = min(row["held_on"], dated.get(row["meeting_id"], row["held_on"]))
    held = {name for name, day in dated.items() if begin <= day <= end}
    judged: dict[tuple[Any, ...], list[tuple[str, bool | None]]] = {}
    for place, row in enumerate(area.rows("attendance")):
        if row.get("meeting_id") not in held:
            continue
        mode, senior = row.get("mode"), row.get("senior_enough")
        if mode is None:
            met = None
        elif mode == "report":
            met = True
        elif mode in PRESENT:
            met = senior
        else:
            met = False
        agency = row.get("agency")
        key = (row["meeting_id"], agency) if agency else (row["meeting_id"], None, place)
        judged.setdefault(key, []).append((agency or "(agency not recorded)", met))
    return _each(area, "agency_attendance", _once(judged))


def _once(judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]]) -> list[tuple[Any, bool | None]]:
    """One verdict per thing owed: records that contradict each other settle nothing."""
    out = []
    for rows in judged.values():
        verdicts = {met for _, met in rows}
        out.append((min(told for told, _ in rows), verdicts.pop() if len(verdicts) == 1 else None))
    return out


def _settled(judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]]) -> list[tuple[Any, bool | None]]:
    """The same where the outcome or decision is an answer too: what its records do not agree in is not recorded."""
    out = []
    for rows in judged.values():
        answers, verdicts = {answer for (_, answer), _ in rows}, {met for _, met in rows}
        met = verdicts.pop() if len(verdicts) == 1 else None
        if len(answers) > 1 and met:
            met = None
        first = min(held for (held, _), _ in rows)
        out.append(((first, answers.pop() if len(answers) == 1 else NOT_RECORDED), met))
    return out


def _board(area: NaiveArea, end: date) -> list[dict[str, Any]]:
    measure = "smb_attendance"
    if not area.has("smb_meetings", "smb_meeting_id", "held_on") or not area.has("smb_attendance", "smb_meeting_id"):
        return _not_supplied(area, measure)
    begin = date(end.year - 1, end.month, end.day) + timedelta(days=1)
    dated: dict[str, date] = {}
    for row in area.rows("smb_meetings"):
        if "smb_meeting_id" in row and "held_on" in row:
            dated[row["smb_meeting_id"]] = min(row["held_on"], dated.get(row["smb_meeting_id"], row["held_on"]))
    held = {name for name, day in dated.items() if begin <= day <= end}
    judged: dict[tuple[Any, ...], list[tuple[str, bool | None]]] = {}
    for place, row in enumerate(area.rows("smb_attendance")):
        if row.get("smb_meeting_id") in held:
            attended, member = row.get("attended"), row.get("member")
            if area.smb_members and not member:
                continue
            met = None if attended is None else attended in ("member", "deputy")
            key = (row["smb_meeting_id"], member) if member else (row["smb_meeting_id"], None, place)
            judged.setdefault(key, []).append((member or "(member not recorded)", met))
    for meeting in held:
        for member in area.smb_members:
            judged.setdefault((meeting, member), [(member, None)])
    return _each(area, measure, _once(judged))


def _screening(area: NaiveArea, begin: date, end: date) -> list[dict[str, Any]]:
    measure = "screening_outcomes"
    if not area.has("meetings", "held_on", "kind"):
        return _not_supplied(area, measure)
    judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]] = {}
    for place, row in enumerate(_meetings(area)):
        if row.get("kind") == "screening":
            outcome = row.get("outcome_level")
            told = (row["held_on"], outcome or NOT_RECORDED)
            judged.setdefault(_which(row, place), []).append((told, None if outcome is None else True))
    inside = [(outcome, met) for (held, outcome), met in _settled(judged) if begin <= held <= end]
    counted = [outcome for outcome, _ in inside]
    units = [_count(measure, each, counted.count(each)) for each in (*OUTCOMES, NOT_RECORDED)]
    return [_row(area, measure, None, [met for _, met in inside]), *units]
