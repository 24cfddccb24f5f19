"""The measures of a state and of what recurs, a second time: plain loops straight from the domain guide (section 4.6).

Rows in, as dicts of Python values; counts, rates and verdicts out. Slow and simple on purpose: nothing here comes from `kpis`,
so that the two can only agree by meaning the same.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.kpis import naive
from tests.kpis.naive import NaiveArea, Row, wilson

CODES = {
    **naive.CODES,
    "format": ("full", "core group"),
    "risk_of_harm": ("low", "medium", "high", "very high"),
}
DONE = (*naive.DONE, "visited_on", "risk_plan_on", "completed_on", "cancelled_on")
DATES = (*DONE, "due_on")
YES_OR_NO = (
    *naive.YES_OR_NO,
    "victim_plan",
    "contingency_plan",
    "victim_considered",
    "diversity_considered",
    "disclosure_reviewed",
)
KEYS = {**naive.KEYS, "visits": (), "actions": ("action_id",)}

MEASURES = (
    "home_visits",
    "full_meetings_level_2",
    "full_meetings_level_3",
    "level_1_disclosure_review",
    "plan_content",
    "victim_and_diversity",
    "standing_agencies_invited",
    "smb_held",
    "individuals",
    "caseload",
)
VISIT_MONTHS = {
    "jersey": {"very high": 1, "high": 3, "medium": 6, "low": 12},
    "hampshire": {"very high": 1, "high": 1, "medium": 3, "low": 12},
    "england-wales": {"very high": 1, "high": 1, "medium": 3, "low": 12},
}
SCREENING_AT_LEAST = {"jersey": ("police", "probation", "prison", "children")}
"""Words of the names of the agencies that are always invited to a screening, unless the settings list their own."""
RECURRING_ASKED = ("hampshire", "england-wales")
NOT_RECORDED = "not recorded"

Result = tuple[int | None, int | None, int | None, float | None, str | None]
"""met, owed, unknown, rate, verdict."""


@dataclass(frozen=True)
class StatesArea(NaiveArea):
    """Rows of each table, and besides what the settings list."""

    standing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    read: dict[str, list[Row]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        if table in self.read:
            return self.read[table]
        out = self.read[table] = []
        for row in self.tables.get(table, ()):
            known = {name: value for name, value in row.items() if self._readable(name, value)}
            whole_key = bool(KEYS[table]) and all(name in known for name in KEYS[table])
            if not (whole_key and known in out):
                out.append(known)
        return out

    def _readable(self, name: str, value: Any) -> bool:
        if name in CODES:
            return value in CODES[name]
        if name in YES_OR_NO:
            return isinstance(value, bool)
        if name in DATES:
            return isinstance(value, date) and (name not in DONE or value <= self.as_at)
        return value is not None


# The measures


def results(area: StatesArea, begin: date, end: date) -> dict[tuple[str, str | None], Result]:
    """Every measure over one period: (measure, unit) → result; unit None for the headline."""
    last_day = min(end, area.as_at) if begin <= area.as_at else None
    told: dict[str, Callable[[], dict[str | None, Result]]] = {
        "home_visits": lambda: _plain(area, "home_visits", home_visits(area, last_day)),
        "full_meetings_level_2": lambda: _by_case(area, "full_meetings_level_2", full(area, "2"), begin, end),
        "full_meetings_level_3": lambda: _by_case(area, "full_meetings_level_3", full(area, "3"), begin, end),
        "level_1_disclosure_review": lambda: _by_case(
            area, "level_1_disclosure_review", disclosure_reviews(area), begin, end
        ),
        "plan_content": lambda: _plans(area, plan_content(area, last_day)),
        "victim_and_diversity": lambda: _in_units(area, "victim_and_diversity", issues(area, begin, end)),
        "standing_agencies_invited": lambda: _in_units(area, "standing_agencies_invited", invited(area, begin, end)),
        "smb_held": lambda: _plain(area, "smb_held", board_met(area, begin, end)),
        "individuals": lambda: _plain(area, "individuals", individuals(area, begin, end)),
        "caseload": lambda: _counted(area, "caseload", caseload(area, last_day)),
    }
    out: dict[tuple[str, str | None], Result] = {}
    for measure, result in told.items():
        if not _asked(area, measure):
            out[measure, None] = (None, None, None, None, "not in this standard")
        elif not _told(area, measure):
            out[measure, None] = (None, None, None, None, "not supplied")
        else:
            out |= {(measure, unit): row for unit, row in result().items()}
    return out


def _asked(area: StatesArea, measure: str) -> bool:
    only = ("full_meetings_level_2", "full_meetings_level_3", "level_1_disclosure_review")
    return measure not in only or area.standard in RECURRING_ASKED


def _told(area: StatesArea, measure: str) -> bool:
    has = area.has
    if measure == "home_visits":
        return has("cases", "case_id", "category", "location", "entered_on") and has(
            "visits", "case_id", "visited_on", "agency"
        )
    if measure.startswith("full_meetings"):
        return history_told(area) and has("meetings", "case_id", "held_on", "kind", "format")
    if measure == "level_1_disclosure_review":
        if not (history_told(area) and has("cases", "category")):
            return False
        return has("reviews", "case_id", "reviewed_on", "disclosure_reviewed") and any(
            "reviewed_on" in row for row in area.rows("reviews")
        )
    if measure == "plan_content":
        return has("cases", "case_id", "entered_on", "level", "risk_plan_on") and has(
            "actions", "case_id", "agency", "due_on"
        )
    if measure == "victim_and_diversity":
        return has("meetings", "held_on", "kind")
    if measure == "standing_agencies_invited":
        return (
            (any(area.standing.values()) or area.standard in SCREENING_AT_LEAST)
            and has("meetings", "meeting_id", "held_on", "kind")
            and has("attendance", "meeting_id", "agency")
        )
    if measure == "smb_held":
        return has("smb_meetings", "held_on")
    if measure == "individuals":
        return has("meetings", "case_id", "held_on", "kind")
    return has("cases", "case_id", "entered_on", "level", "category")


def home_visits(area: StatesArea, day: date | None) -> list[bool | None]:
    """Category 1 in the community on the day: whether the police called within the interval for the risk."""
    if day is None:
        return []
    months = VISIT_MONTHS[area.standard]
    out: list[bool | None] = []
    for case in under_management(area, day):
        if case.get("category") != "1" or where(area, case, day) != "community":
            continue
        risk = case.get("risk_of_harm")
        interval = months[risk] if risk else min(months.values())
        since = months_on(day, -interval)
        if case["entered_on"] > since:
            continue
        if risk is None:
            out.append(None)
            continue
        visits = [
            row
            for row in area.rows("visits")
            if row.get("case_id") == case["case_id"] and "visited_on" in row and since <= row["visited_on"] <= day
        ]
        if any("police" in row.get("agency", "").split() for row in visits):
            out.append(True)
        elif any("agency" not in row for row in visits):
            out.append(None)
        else:
            out.append(False)
    return out


def full(area: StatesArea, level: str) -> list[tuple[str, date, bool | None]]:
    """Full meetings owed at a level: case, due day, whether met."""
    left_out = naive._left_out(area)
    sure: dict[str, set[date]] = {}
    unsure: dict[str, set[date]] = {}
    for row in area.rows("meetings"):
        if row.get("kind") == f"level {level}" and "held_on" in row and "case_id" in row:
            if row.get("format") == "full":
                sure.setdefault(row["case_id"], set()).add(row["held_on"])
            elif "format" not in row:
                unsure.setdefault(row["case_id"], set()).add(row["held_on"])

    def due(start: date, times: int) -> date:
        return months_on(start, 6 * times) if level == "2" else start + timedelta(weeks=12 * times)

    clocks = [each for each in spells(area, level, ("community",)) if each[0] not in left_out]
    return recurring(area, clocks, sure, unsure, due)


def disclosure_reviews(area: StatesArea) -> list[tuple[str, date, bool | None]]:
    """Reviews of the disclosure decision owed to categories 1 and 2 at level 1."""
    cases = cases_by_id(area)
    sure: dict[str, set[date]] = {}
    unsure: dict[str, set[date]] = {}
    for row in area.rows("reviews"):
        if "case_id" in row and "reviewed_on" in row:
            if row.get("disclosure_reviewed") is True:
                sure.setdefault(row["case_id"], set()).add(row["reviewed_on"])
            elif "disclosure_reviewed" not in row:
                unsure.setdefault(row["case_id"], set()).add(row["reviewed_on"])
    clocks = [each for each in spells(area, "1", None) if cases.get(each[0], {}).get("category") in ("1", "2")]
    return recurring(area, clocks, sure, unsure, lambda start, times: months_on(start, 4 * times))


def recurring(
    area: StatesArea,
    clocks: list[tuple[str, date, date | None]],
    sure: Mapping[str, set[date]],
    unsure: Mapping[str, set[date]],
    due: Callable[[date, int], date],
) -> list[tuple[str, date, bool | None]]:
    """The rules of the review clock, with what was perhaps done leaving a miss open."""
    out: list[tuple[str, date, bool | None]] = []
    for case, first, last in clocks:
        until = area.as_at if last is None else last
        start = first

        def missed(start: date, times: int, case: str = case) -> None:
            before = start if times == 1 else due(start, times - 1)
            perhaps = any(before < day <= due(start, times) for day in unsure.get(case, ()))
            out.append((case, due(start, times), None if perhaps else False))

        for review in sorted(day for day in sure.get(case, ()) if first < day <= until):
            if review <= due(start, 1):
                if due(start, 1) <= area.as_at:
                    out.append((case, due(start, 1), True))
            else:
                times = 1
                while due(start, times) < review:
                    missed(start, times)
                    times += 1
            start = review
        times = 1
        while due(start, times) < until:
            missed(start, times)
            times += 1
    return out


PARTS = ("plan", "victim plan", "contingency plan", "actions with owner and date")


def plan_content(area: StatesArea, day: date | None) -> list[list[tuple[str, bool | None]]]:
    """The four parts of the plan of each level 2 or 3 case on the day."""
    if day is None:
        return []
    held = {}
    if area.has("meetings", "meeting_id", "held_on"):
        for row in area.rows("meetings"):
            if "meeting_id" in row and "held_on" in row:
                held[row["meeting_id"]] = min(row["held_on"], held.get(row["meeting_id"], row["held_on"]))
    actions: dict[Any, list[Row]] = {}
    for place, row in enumerate(area.rows("actions")):
        actions.setdefault(row.get("action_id", (place,)), []).append(row)
    out: list[list[tuple[str, bool | None]]] = []
    for case in under_management(area, day):
        if at_level(area, case, day) not in ("2", "3"):
            continue
        planned = case.get("risk_plan_on")
        later = planned is not None and planned > day
        told = [planned is not None, case.get("victim_plan"), case.get("contingency_plan")]
        verdicts = set()
        for records in actions.values():
            said = {name: {row.get(name) for row in records} for name in ("meeting_id", "cancelled_on", "case_id")}
            known = {name: values.pop() for name, values in said.items() if len(values) == 1}
            agreed, cancelled = held.get(known.get("meeting_id")), known.get("cancelled_on")
            if known.get("case_id") != case["case_id"]:
                continue
            if (agreed is not None and agreed > day) or (cancelled is not None and cancelled <= day):
                continue
            sound = {"agency" in row and "due_on" in row for row in records}
            verdicts.add(sound.pop() if len(sound) == 1 else None)
        actions_sound = False if False in verdicts else None if None in verdicts else True
        of_plan = [None] * 3 if later else told
        out.append(list(zip(PARTS, [*of_plan, actions_sound], strict=True)))
    return out


def _plans(area: StatesArea, cases: list[list[tuple[str, bool | None]]]) -> dict[str | None, Result]:
    """A case is whole when all its parts are there; the parts besides, all together and each."""
    whole = []
    for parts in cases:
        verdicts = [met for _, met in parts]
        whole.append(False if False in verdicts else None if None in verdicts else True)
    every = _in_units(area, "plan_content", [part for parts in cases for part in parts])
    by_part = every.pop(None)
    return {None: _row(area, "plan_content", whole), "by part": by_part, **every}


def issues(area: StatesArea, begin: date, end: date) -> list[tuple[str, bool | None]]:
    """Victim and diversity issues at level 2 and 3 meetings held in the period."""
    out: list[tuple[str, bool | None]] = []
    for issue in ("victim", "diversity"):
        judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]] = {}
        for place, row in enumerate(naive._meetings(area)):
            if row.get("kind") in ("level 2", "level 3"):
                told = (row["held_on"], row.get(f"{issue}_considered"))
                judged.setdefault(naive._which(row, place), []).append(told)
        out += [(issue, met) for held, met in naive._once(judged) if begin <= held <= end]
    return out


def invited(area: StatesArea, begin: date, end: date) -> list[tuple[str, bool | None]]:
    """Meetings of a kind for which agencies are listed: whether all of these were invited."""
    attendance: dict[str, list[str | None]] = {}
    for row in area.rows("attendance"):
        if "meeting_id" in row:
            attendance.setdefault(row["meeting_id"], []).append(row.get("agency"))
    judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]] = {}
    for place, row in enumerate(naive._meetings(area)):
        listed = set(area.standing.get(row.get("kind", ""), ()))
        words = () if listed or row.get("kind") != "screening" else SCREENING_AT_LEAST.get(area.standard, ())
        if not listed and not words:
            continue
        agencies = attendance.get(row["meeting_id"]) if "meeting_id" in row else None
        if agencies is None:
            met = None
        else:
            known = {each for each in agencies if each is not None}
            named = {part for each in known for part in each.lower().replace("'", " ").split()}
            absent = [each for each in listed if each not in known]
            absent += [word for word in words if not any(part.startswith(word) for part in named)]
            nameless = agencies.count(None)
            met = True if not absent else None if nameless >= len(absent) else False
        judged.setdefault(naive._which(row, place), []).append(((row["held_on"], row["kind"]), met))
    return [(kind, met) for (held, kind), met in naive._once(judged) if begin <= held <= end]


def board_met(area: StatesArea, begin: date, end: date) -> list[bool | None]:
    """Each quarter of the period that the records reach: whether the Board met."""
    held = [row["held_on"] for row in area.rows("smb_meetings") if "held_on" in row]
    entries = [row["entered_on"] for row in cases_by_id(area).values() if "entered_on" in row]
    if not held and not entries:
        return []
    first = min([*held, *entries])
    out: list[bool | None] = []
    while begin <= end:
        last = months_on(begin, 3) - timedelta(days=1)
        met = any(begin <= day <= last for day in held)
        if last >= first and (last < area.as_at or (last == area.as_at and met)):
            out.append(met)
        begin = last + timedelta(days=1)
    return out


def individuals(area: StatesArea, begin: date, end: date) -> list[bool | None]:
    """Each person discussed in the period: whether more than once."""
    judged: dict[tuple[Any, ...], list[tuple[Any, bool | None]]] = {}
    for place, row in enumerate(naive._meetings(area)):
        if "case_id" in row and "kind" in row:
            judged.setdefault(naive._which(row, place), []).append(((row["held_on"], row["case_id"]), True))
    discussed = [case for (held, case), _ in naive._once(judged) if begin <= held <= end]
    return [discussed.count(case) > 1 for case in set(discussed)]


def caseload(area: StatesArea, day: date | None) -> list[tuple[str, bool | None]]:
    """Each case under management at the end of the day: its cell, and whether it is at level 2 or 3."""
    out: list[tuple[str, bool | None]] = []
    for case in under_management(area, day) if day else ():
        level = at_level(area, case, day) if day else None
        cell = f"category {case.get('category', NOT_RECORDED)}, level {level or NOT_RECORDED}"
        out.append((cell, None if level is None else level in ("2", "3")))
    return out


# Who stood where


def cases_by_id(area: StatesArea) -> dict[str, Row]:
    """What several rows of one case do not agree in is not known."""
    if "cases" not in area.kept:
        area.kept["cases"] = naive._cases(area)
    return area.kept["cases"]


def under_management(area: StatesArea, day: date) -> list[Row]:
    """The cases of the standard that had entered by the end of the day, and not left."""
    left_out = naive._left_out(area)
    return [
        row
        for name, row in cases_by_id(area).items()
        if name not in left_out
        and "entered_on" in row
        and row["entered_on"] <= day
        and ("exited_on" not in row or row["exited_on"] > day)
    ]


def at_level(area: StatesArea, case: Row, day: date) -> str | None:
    own, (then, _) = case.get("level"), on_day(area, case["case_id"], day)
    return (own or then) if day == area.as_at else (then or own)


def where(area: StatesArea, case: Row, day: date) -> str | None:
    own, (_, then) = case.get("location"), on_day(area, case["case_id"], day)
    return (own or then) if day == area.as_at else (then or own)


def on_day(area: StatesArea, name: str, day: date) -> tuple[str | None, str | None]:
    """Level and location of the stretch that covers the day; of several the one that began last, of these the longest."""
    if not history_told(area):
        return None, None
    covering = [
        (begin, end or date.max, level, location is None, location or "")
        for case, level, location, begin, end in history(area)
        if case == name and begin <= day and (end is None or end > day)
    ]
    if not covering:
        return None, None
    *_, level, _, location = max(covering)
    return level, location or None


def history_told(area: StatesArea) -> bool:
    if area.tables.get("spells"):
        return area.has("spells", "case_id", "level", "location", "from_on") and area.has("cases", "case_id")
    return area.has("cases", "case_id", "entered_on", "level", "location") and area.has(
        "meetings", "case_id", "held_on", "kind", "outcome_level"
    )


def history(area: StatesArea) -> list[tuple[str, str, str | None, date, date | None]]:
    """Case, level, location, first day, last day: the spells, or what cases and meetings tell."""
    if "history" not in area.kept:
        area.kept["history"] = _history(area)
    return area.kept["history"]


def _history(area: StatesArea) -> list[tuple[str, str, str | None, date, date | None]]:
    cases = cases_by_id(area)
    if area.tables.get("spells"):
        return [
            (
                row["case_id"],
                row["level"],
                row.get("location"),
                row["from_on"],
                row.get("until_on") or cases.get(row["case_id"], {}).get("exited_on"),
            )
            for row in area.rows("spells")
            if {"case_id", "level", "from_on"} <= set(row)
        ]
    held: dict[str, list[Row]] = {}
    for row in area.rows("meetings"):
        if "held_on" in row and "case_id" in row:
            held.setdefault(row["case_id"], []).append(row)
    out = []
    for name, row in cases.items():
        exited = row.get("exited_on")
        for level, begin, end in naive._levels(row, sorted(held.get(name, ()), key=naive._in_order)):
            last = exited if exited is not None and (end is None or end > exited) else end
            if last is None or last > begin:
                out.append((name, level, row.get("location"), begin, last))
    return out


def spells(area: StatesArea, level: str, locations: tuple[str, ...] | None) -> list[tuple[str, date, date | None]]:
    """The history at one level, each stretch joined to the one that ended the day it begins."""
    per_case: dict[str, set[tuple[date, date | None]]] = {}
    for case, each, location, begin, end in history(area):
        if each == level and (locations is None or location in locations) and (end is None or end >= begin):
            per_case.setdefault(case, set()).add((begin, end))
    out: list[tuple[str, date, date | None]] = []
    for case, rows in per_case.items():
        joined: list[list[Any]] = []
        for begin, end in sorted(rows, key=lambda row: (row[0], row[1] or date.max)):
            if joined and joined[-1][1] == begin:
                joined[-1][1] = end
            else:
                joined.append([begin, end])
        out += [(case, begin, end) for begin, end in joined]
    return out


def months_on(day: date, months: int) -> date:
    """So many calendar months on or back; a day that the month lacks falls back to its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# Sums and verdicts


def _row(area: StatesArea, measure: str, judged: Sequence[bool | None]) -> Result:
    met, owed, unknown = judged.count(True), len(judged), judged.count(None)
    aim = area.adopted.get(measure)
    if owed == 0:
        verdict = "nothing due"
    elif aim is None:
        verdict = "no target"
    elif Fraction(met, owed) >= aim:
        verdict = "met"
    elif Fraction(met + unknown, owed) < aim:
        verdict = "not met"
    else:
        verdict = "depends on missing records"
    return met, owed, unknown, met / owed if owed else None, verdict


def _plain(area: StatesArea, measure: str, judged: Sequence[bool | None]) -> dict[str | None, Result]:
    return {None: _row(area, measure, judged)}


def _in_units(area: StatesArea, measure: str, judged: Sequence[tuple[str, bool | None]]) -> dict[str | None, Result]:
    out: dict[str | None, Result] = {None: _row(area, measure, [met for _, met in judged])}
    for unit in {unit for unit, _ in judged}:
        out[unit] = _row(area, measure, [met for each, met in judged if each == unit])
    return out


def _counted(area: StatesArea, measure: str, judged: Sequence[tuple[str, bool | None]]) -> dict[str | None, Result]:
    out: dict[str | None, Result] = {None: _row(area, measure, [met for _, met in judged])}
    units = [unit for unit, _ in judged]
    for category in ("1", "2", "3", "4", "pdp", NOT_RECORDED):
        for level in ("1", "2", "3", NOT_RECORDED):
            cell = f"category {category}, level {level}"
            out[cell] = (None, units.count(cell), None, None, None)
    return out


def _by_case(
    area: StatesArea, measure: str, owed: Sequence[tuple[str, date, bool | None]], begin: date, end: date
) -> dict[str | None, Result]:
    inside = [(case, met) for case, due, met in owed if begin <= due <= end]
    cases: list[bool | None] = []
    for name in {case for case, _ in inside}:
        verdicts = {met for case, met in inside if case == name}
        cases.append(False if False in verdicts else None if None in verdicts else True)
    return {
        None: _row(area, measure, cases),
        "by review": _row(area, measure, [met for _, met in inside]),
    }


def interval(result: Result) -> tuple[float | None, float | None]:
    """The Wilson interval that belongs to a result."""
    met, owed, *_ = result
    return wilson(met or 0, owed or 0)
