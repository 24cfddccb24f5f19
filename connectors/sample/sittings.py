"""The meetings that follow from the lives: those that move people, and the reviews between them, in time or late.

In the last two years the number of meetings is the published one: reviews are dropped, or added, until it is.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from connectors.sample import figures
from connectors.sample.days import Days
from connectors.sample.lives import Life

MOVE_MEETINGS: dict[str, tuple[str, str, str]] = {
    # move: kind of meeting, purpose, outcome
    "screened_1": ("screening", "initial", "1"),
    "screened_2": ("screening", "initial", "2"),
    "straight_2": ("level 2", "initial", "2"),
    "straight_3": ("level 3", "initial", "3"),
    "up_2": ("level 2", "initial", "2"),
    "up_3": ("level 2", "review", "3"),
    "down_1": ("level 2", "review", "1"),
    "down_2": ("level 3", "review", "2"),
    "exit_2": ("level 2", "review", "exit"),
}
APART = 21
"""Days at least between an added meeting and the case's others."""


class Sitting(NamedTuple):
    """One meeting on one case; `index` the place of its life in the list of lives."""

    held: int
    index: int
    kind: str
    purpose: str
    outcome: str


def make_sittings(lives: list[Life], cases: int, days: Days, rng: Random) -> list[Sitting]:
    """Every meeting, in order of date and case."""
    fixed: list[Sitting] = []
    reviews: list[Sitting] = []
    for index, life in enumerate(lives):
        for day, what in life.moves:
            if what in MOVE_MEETINGS:
                fixed.append(Sitting(day, index, *MOVE_MEETINGS[what]))
        for first, last, level, closed in _clocks(life, days):
            if level > 1:
                for held in review_days(first, last, level, closed, first == days.start, days, rng):
                    reviews.append(Sitting(held, index, f"level {level}", "review", str(level)))
    reviews += _of_those_without_a_clock(lives, fixed, reviews, days, rng)
    bound = float(figures.MOST_MEETINGS[-1])
    for year in range(len(days.ends) - 1):
        if year < len(figures.MOST_MEETINGS):
            bound = float(figures.MOST_MEETINGS[year])
        else:
            bound *= figures.EACH_YEAR_EARLIER
        most = int(bound * cases / figures.ACTIVE + 0.5)
        fewest = most if year < len(figures.MEETINGS) else 0
        reviews = _to_number(year, fewest, most, fixed, reviews, lives, days, rng)
    return sorted(fixed + reviews)


def _clocks(life: Life, days: Days) -> list[tuple[int, int, int, bool]]:
    """(first day, last day, level, whether a meeting ends it) of each stretch in which the review clock runs."""
    out: list[tuple[int, int, int, bool]] = []
    meeting_days = {day for day, what in life.moves if what in MOVE_MEETINGS}
    for first, last, level, place in life.stretches(days):
        if place not in figures.CLOCK_LOCATIONS:
            continue
        if out and out[-1][1] == first and out[-1][2] == level:
            first = out.pop()[0]
        out.append((first, last, level, last in meeting_days))
    return out


def level_1_clocks(life: Life, days: Days) -> list[tuple[int, int]]:
    """(first day, last day) of each stretch at level 1 in which the review clock runs."""
    return [(first, last) for first, last, level, _ in _clocks(life, days) if level == 1]


def review_days(
    first: int, last: int, level: int, closed: bool, running_before: bool, days: Days, rng: Random
) -> list[int]:
    """The days of the reviews of one stretch: most within the interval, some late, some an interval or more late.

    `closed`: a meeting is held on its last day anyway. `running_before`: the clock began before the records do.
    """
    draw = rng.random
    every = figures.REVIEW_DAYS[level]
    by_quarter = figures.IN_TIME_2
    limit = last - 14 if closed else last
    out = []
    clock = first - int(draw() * every) if running_before else first
    while True:
        due = clock + every
        if level == 2:
            in_time = by_quarter[min(max(days.as_at - due, 0) // 91, len(by_quarter) - 1)]
        else:
            in_time = figures.IN_TIME_1 if level == 1 else figures.IN_TIME_3
        chance = draw()
        if chance < in_time:
            held = due - int(draw() * every * 0.2)
        elif chance < in_time + (1 - in_time) * 0.65:
            held = due + 4 + int(draw() * every * 0.5)
        else:
            held = due + every + int(draw() * every * 1.5)
        held = days.working(held)
        if held > limit:
            return out
        clock = held
        if held > first:
            out.append(held)


def _of_those_without_a_clock(
    lives: list[Life], fixed: list[Sitting], reviews: list[Sitting], days: Days, rng: Random
) -> list[Sitting]:
    """A meeting now and then on people at level 2 or 3 outside the area; at least one on each who is active there."""
    draw = rng.random
    taken: dict[int, list[int]] = {}
    for sitting in fixed + reviews:
        taken.setdefault(sitting.index, []).append(sitting.held)
    out = []
    for index, life in enumerate(lives):
        held_on = taken.get(index, [])
        found = bool(held_on)
        outside = [s for s in life.stretches(days) if s[2] > 1]
        for first, last, level, place in outside:
            if place in figures.CLOCK_LOCATIONS:
                continue
            day = first + 60 + int(draw() * 500)
            while day < last - 20:
                held = days.working(day)
                if all(abs(held - other) >= APART for other in held_on):
                    out.append(Sitting(held, index, f"level {level}", "review", str(level)))
                    held_on.append(held)
                    found = True
                day += 420 + int(draw() * 500)
        if not found and life.left is None and life.last_level > 1:
            first, last, level, _ = outside[-1]
            held = days.working(first + (last - first) // 2)
            out.append(Sitting(max(held, first), index, f"level {level}", "review", str(level)))
    return out


def _to_number(
    year: int,
    fewest: int,
    most: int,
    fixed: list[Sitting],
    reviews: list[Sitting],
    lives: list[Life],
    days: Days,
    rng: Random,
) -> list[Sitting]:
    """The reviews, with some of the year dropped or some added until its meetings are between the two numbers."""
    low, high = days.ends[year + 1], days.ends[year]
    meetings: dict[int, list[int]] = {}
    for sitting in fixed + reviews:
        meetings.setdefault(sitting.index, []).append(sitting.held)
    number = sum(low < sitting.held <= high for sitting in fixed + reviews)
    if number > most:
        return _fewer(number - most, low, high, reviews, meetings, lives, rng)
    wanted = max(number, fewest)
    added = []
    for _ in range(20):
        if number == wanted:
            break
        order = [index for index, life in enumerate(lives) if life.since <= high and life.end(days) > low]
        rng.shuffle(order)
        order.sort(key=lambda index: lives[index].place in figures.CLOCK_LOCATIONS)
        for index in order:
            if number == wanted:
                break
            life = lives[index]
            held_on = meetings.setdefault(index, [])
            first, last = max(low + 1, life.since + APART), min(high, life.end(days) - APART)
            if first >= last:
                continue
            held = days.working(first + int(rng.random() * (last - first + 1)))
            level = life.level_on(held) if held > life.since else 1
            if level == 1 or held <= low or any(abs(held - other) < APART for other in held_on):
                continue
            added.append(Sitting(held, index, f"level {level}", "review", str(level)))
            held_on.append(held)
            number += 1
    return reviews + added


def _fewer(
    surplus: int,
    low: int,
    high: int,
    reviews: list[Sitting],
    meetings: dict[int, list[int]],
    lives: list[Life],
    rng: Random,
) -> list[Sitting]:
    """The reviews less the surplus of one year, case by case; every case keeps a meeting.

    Whole cases go unreviewed rather than every case a little late: that is how a full diary shows. Those outside the
    area go first, for no review of theirs is owed.
    """
    of_case: dict[int, list[int]] = {}
    for place, sitting in enumerate(reviews):
        if low < sitting.held <= high:
            of_case.setdefault(sitting.index, []).append(place)
    order = list(of_case)
    rng.shuffle(order)
    order.sort(key=lambda index: lives[index].place_on(high) in figures.CLOCK_LOCATIONS)
    dropped: set[int] = set()
    for index in order:
        for place in of_case[index]:
            if len(dropped) < surplus and len(meetings[index]) > 1:
                meetings[index].remove(reviews[place].held)
                dropped.add(place)
    return [sitting for place, sitting in enumerate(reviews) if place not in dropped]
