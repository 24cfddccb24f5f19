"""Stock and flow, time at a level and the coming reviews a second time, in plain loops: day by day, case by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from tests.kpis import naive
from tests.kpis.naive import NOT_RECORDED, NaiveArea, Row

DAY = timedelta(days=1)
Spans = dict[str, tuple[date, date]]
"""Name of a period → first and last day."""


def _there(area: NaiveArea) -> dict[str, Row]:
    """The cases that were ever under management."""
    left_out = naive._left_out(area)
    return {
        name: row
        for name, row in naive._cases(area).items()
        if name not in left_out and "entered_on" in row and row.get("exited_on", date.max) >= row["entered_on"]
    }


def _told(
    area: NaiveArea, case: str, day: date, stretches: list[tuple[str, str, str, date, date | None]]
) -> str | None:
    """The level that the history tells of a case on a day."""
    covering = [
        (begin, end or date.max, level)
        for name, level, _, begin, end in stretches
        if name == case and begin <= day and (end is None or end > day)
    ]
    return max(covering)[2] if covering else None


def _stretches(area: NaiveArea) -> list[tuple[str, str, str, date, date | None]]:
    """The history of management; where a case lived does not matter here, so a stretch without a location counts too."""
    anywhere = {
        name: [{**row, "location": "community"} for row in rows] if name in ("cases", "spells") else rows
        for name, rows in area.tables.items()
    }
    return naive.stretches(replace(area, tables=anywhere))


def history_told(area: NaiveArea) -> bool:
    """Whether the records hold a history of management."""
    if area.tables.get("spells"):
        return area.has("spells", "case_id", "level", "location", "from_on") and area.has("cases", "case_id")
    return area.has("cases", "case_id", "level", "location", "entered_on") and area.has(
        "meetings", "case_id", "held_on", "kind", "outcome_level"
    )


def cases_told(area: NaiveArea) -> bool:
    return area.has("cases", "case_id", "entered_on", "level", "category")


def _by_day(area: NaiveArea, case: str, row: Row, stretches: list) -> list[tuple[date, str, bool]]:
    """Day, level and whether the history tells it, for every day at whose end the case was under management."""
    out = []
    day = row["entered_on"]
    while day <= area.as_at and day < row.get("exited_on", date.max):
        level = _told(area, case, day, stretches)
        out.append((day, level or row.get("level", NOT_RECORDED), level is not None))
        day += DAY
    return out


def flow(area: NaiveArea, quarters: Spans) -> Counter[tuple[str, str, str, str | None, str | None]]:
    """Quarter, category, kind, from level, to level → cases."""
    found: Counter[tuple[str, str, str, str | None, str | None]] = Counter()
    if not cases_told(area):
        return found
    stretches = _stretches(area) if history_told(area) else []

    def count(day: date, category: str, kind: str, before: str | None, after: str | None) -> None:
        for name, (begin, end) in quarters.items():
            if begin <= day <= end:
                found[name, category, kind, before, after] += 1

    for case, row in _there(area).items():
        category = row.get("category", NOT_RECORDED)
        days = _by_day(area, case, row, stretches)
        if days and days[-1][0] == area.as_at and "level" in row and row["level"] != days[-1][1]:
            # On the as-at date the case's own record has the last word.
            days[-1] = (area.as_at, row["level"], False)
        own = row.get("level", NOT_RECORDED)
        count(row["entered_on"], category, "entered", None, days[0][1] if days else own)
        for (_, before, told_before), (day, after, told) in pairwise(days):
            if before != after:
                count(day, category, "moved" if told and told_before else "not told", before, after)
        if "exited_on" in row:
            count(row["exited_on"], category, "left", days[-1][1] if days else own, None)
        levels = {day: level for day, level, _ in days}
        for name, (begin, end) in quarters.items():
            for kind, on in (("at start", begin - DAY), ("at end", min(end, area.as_at))):
                if on in levels:
                    found[name, category, kind, None, levels[on]] += 1
    return found


def spells(area: NaiveArea) -> Counter[tuple[str, int, bool, bool]]:
    """Level, days, ended, begun before the history → spells."""
    found: Counter[tuple[str, int, bool, bool]] = Counter()
    if not (cases_told(area) and history_told(area)):
        return found
    stretches = _stretches(area)
    left_out = naive._left_out(area)
    begins = min(
        (begin for case, _, _, begin, end in stretches if case not in left_out and (end is None or end > begin)),
        default=area.as_at,
    )
    for case, row in _there(area).items():
        days = _by_day(area, case, row, stretches)
        begun: int | None = None
        for place, (_, level, told) in enumerate(days):
            if not told:
                continue
            if place == 0 or not days[place - 1][2] or days[place - 1][1] != level:
                begun = place
            last = place == len(days) - 1
            if last or not days[place + 1][2] or days[place + 1][1] != level:
                assert begun is not None
                open_ = last and "exited_on" not in row
                length = place - begun if open_ else place - begun + 1
                cut = begun > 0 and not days[begun - 1][2] and all(not each for _, _, each in days[:begun])
                found[level, length, not open_, cut and row["entered_on"] < begins] += 1
    return found


def review_load(area: NaiveArea, last: date) -> Counter[tuple[str, str, date | None]]:
    """Level, kind, day → reviews: each held on its due day, an overdue one on the as-at date, and due again."""
    found: Counter[tuple[str, str, date | None]] = Counter()
    running: dict[str, tuple[date, str]] = {}
    for level in [each for each in "123" if naive.reviews_told(area, each)]:
        for case, first, end in naive.clocks(area, level):
            if end is None:
                held = [
                    row["held_on"]
                    for row in area.rows("meetings")
                    if row.get("case_id") == case and row.get("kind") == f"level {level}" and "held_on" in row
                ]
                if level == "1":
                    held += [
                        row["reviewed_on"]
                        for row in area.rows("reviews")
                        if row.get("case_id") == case and "reviewed_on" in row
                    ]
                restarted = max([first, *(day for day in held if day > first)])
                running[case] = max(running.get(case, (date.min, "")), (restarted, level))
    for restarted, level in running.values():
        interval = timedelta(weeks=area.rules.weeks[level])
        due = restarted + interval
        if due > last:
            continue
        found[level, "overdue" if due < area.as_at else "first due", None if due < area.as_at else due] += 1
        due = max(due, area.as_at) + interval
        while due <= last:
            found[level, "due again", due] += 1
            due += interval
    return found
