"""Who enters, moves between levels and leaves, and where they are meanwhile.

Worked backwards: the people active on the as-at date are known by category and level (the published margins), and each
year's moves are undone in turn until the records start. No one moves more than once a year, so that every move finds
its day. Then the days are drawn forwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from random import Random
from typing import TypeVar

from connectors.sample import figures
from connectors.sample.days import Days

T = TypeVar("T")

SCREENED = {"screened_1": 1, "screened_2": 2}
STRAIGHT = {"straight_1": 1, "straight_2": 2, "straight_3": 3}
ENTRIES = SCREENED | STRAIGHT
BETWEEN_MOVES = 70
"""Days at least between two moves of one person."""


def share_out(total: int, weights: Mapping[T, float]) -> dict[T, int]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainder, ties in order)."""
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    exact = {key: total * weight / whole for key, weight in weights.items()}
    out = {key: int(value + 1e-9) for key, value in exact.items()}
    left = total - sum(out.values())
    for key in sorted(exact, key=lambda key: out[key] - exact[key])[:left]:
        out[key] += 1
    return out


class Life:
    """One person's management: days as ordinals.

    `moves` (day, what) in time order, `what` a name of `figures.Flows` or `exit_1`, `exit_2` · `levels` (first day,
    level) · `places` (first day, location) · `left` the day of the exit or None.
    """

    __slots__ = (
        "case", "category", "entered", "last_level", "left", "levels", "moves", "moving", "place", "places", "risk",
        "since",
    )  # fmt: skip

    def __init__(self, category: str, level: int) -> None:
        self.category = category
        self.last_level = level
        self.moving: list[tuple[int, str]] = []  # (year ago, what), last first
        self.moves: list[tuple[int, str]] = []
        self.levels: list[tuple[int, int]] = []
        self.places: list[tuple[int, str]] = []
        self.left: int | None = None
        self.entered = 0
        self.since = 0  # the day the records begin for this person
        self.place = ""
        self.risk = ""
        self.case = ""

    def end(self, days: Days) -> int:
        """The last day managed, so far as is known."""
        return days.as_at if self.left is None else self.left

    def level_on(self, day: int) -> int:
        """The level from that day on."""
        found = self.levels[0][1]
        for begun, level in self.levels:
            if begun <= day:
                found = level
        return found

    def place_on(self, day: int) -> str:
        """The location from that day on."""
        found = self.places[0][1]
        for begun, place in self.places:
            if begun <= day:
                found = place
        return found

    def stretches(self, days: Days) -> list[tuple[int, int, int, str]]:
        """(first day, last day, level, location), consecutive, from the start of the records."""
        begun = sorted({day for day, _ in self.levels} | {day for day, _ in self.places})
        out = []
        for place, day in enumerate(begun):
            last = begun[place + 1] if place + 1 < len(begun) else self.end(days)
            out.append((day, last, self.level_on(day), self.place_on(day)))
        return out


def make_lives(cases: int, days: Days, rng: Random) -> list[Life]:
    """Everyone managed at some time since the records start, in order of entry, with case ids given."""
    years = len(days.ends) - 1
    at: dict[int, list[Life]] = {1: [], 2: [], 3: []}
    everyone: list[Life] = []
    for (category, level), number in share_out(cases, figures.MARGINS).items():
        at[level] += [Life(category, level) for _ in range(number)]
    for level in (1, 2, 3):
        everyone += at[level]
    active = list(everyone)
    for year in range(years):
        _undo_year(year, at, everyone, cases, rng)
    _terrorist_cases(everyone, years, cases)
    for life in everyone:
        _days_of_moves(life, days, rng)
    _final_places(active, rng)
    for life in everyone:
        _earlier_places(life, days, rng)
    everyone.sort(key=lambda life: life.entered)  # stable, so the same for the same draws
    for number, life in enumerate(everyone, start=1):
        life.case = f"C{number:07d}"
    return everyone


def _undo_year(year: int, at: dict[int, list[Life]], everyone: list[Life], cases: int, rng: Random) -> None:
    """Take back one year's moves: `at` holds who is at each level at its end, and then at its start."""
    if year < len(figures.FLOWS):
        scale = cases / figures.ACTIVE
        flows = figures.FLOWS[year]
    else:
        scale = 1.0
        flows = figures.earlier(year, len(at[1]), len(at[2]), len(at[3]))
    wanted = {each.name: int(getattr(flows, each.name) * scale + 0.5) for each in fields(flows)}
    for people in at.values():
        rng.shuffle(people)
    pool = at
    at_start: dict[int, list[Life]] = {1: [], 2: [], 3: []}

    entering = {name: wanted[name] for name in ENTRIES}
    in_category_1 = share_out(min(wanted["category_1"], sum(entering.values())), entering)
    for name, number in entering.items():
        first = _take(pool[ENTRIES[name]], in_category_1[name], lambda life: life.category == "1")
        rest = _take(pool[ENTRIES[name]], number - len(first), lambda life: life.category != "1")
        rest += _take(pool[ENTRIES[name]], number - len(first) - len(rest), lambda _: True)
        for life in first + rest:
            life.moving.append((year, name))
    for name, end, start in (("down_2", 2, 3), ("up_2", 2, 1), ("up_3", 3, 2)):
        for life in _take(pool[end], wanted[name], lambda _: True):
            life.moving.append((year, name))
            at_start[start].append(life)
    # People of categories other than 1 come to level 1 by dropping to it more often than by entering there.
    others = _take(pool[1], wanted["down_1"] // 3, lambda life: life.category != "1")
    for life in others + _take(pool[1], wanted["down_1"] - len(others), lambda _: True):
        life.moving.append((year, "down_1"))
        at_start[2].append(life)
    for name, level in (("exits_1", 1), ("exits_2", 2)):
        number = wanted[name]
        of_1 = min(number, wanted["category_1_exits"]) if level == 1 else 0
        for place in range(number):
            category = "1" if place < of_1 else ("2", "3", "pdp", "2")[place % 4]
            life = Life(category, level)
            life.moving.append((year, f"exit_{level}"))
            everyone.append(life)
            at_start[level].append(life)
    for level in (1, 2, 3):
        at[level] = pool[level] + at_start[level]


def _take(people: list[Life], number: int, fits: Callable[[Life], bool]) -> list[Life]:
    """Remove and return up to so many who fit, the last first."""
    taken, kept = [], []
    while people and len(taken) < number:
        life = people.pop()
        (taken if fits(life) else kept).append(life)
    people += reversed(kept)
    return taken


def _terrorist_cases(everyone: list[Life], years: int, cases: int) -> None:
    """Category 4 stands at nothing on the published day; a few came (at level 3) and went before it."""
    if years < 4:
        return
    for _ in range(int(cases / figures.ACTIVE + 0.5)):
        life = Life("4", 2)
        life.moving = [(1, "exit_2"), (2, "down_2"), (3, "straight_3")]
        everyone.append(life)


def _days_of_moves(life: Life, days: Days, rng: Random) -> None:
    """Draw the day of each move within its year, and from them the levels."""
    draw = rng.random
    level = life.last_level
    for _, what in life.moving:  # last first: what the level was before each
        if what in ENTRIES:
            break
        level = {"down_1": 2, "down_2": 3, "up_2": 1, "up_3": 2}.get(what, level)
    life.since = life.entered = 0
    if life.moving and life.moving[-1][1] in ENTRIES:
        level = ENTRIES[life.moving[-1][1]]
    else:
        life.since = days.start
        back = 3650 if level == 1 else 500
        life.entered = days.working(days.start - 30 - int(draw() * back))
        life.levels.append((days.start, level))
    last = days.start - BETWEEN_MOVES
    for year, what in reversed(life.moving):
        low = max(days.ends[year + 1] + 8, last + BETWEEN_MOVES)
        chance = draw()
        if year == 0:  # referrals more than doubled in the last year: entries come late in it, drops to level 1 early
            other = draw()
            if other < 0.5:
                chance = max(chance, 2 * other) if what in ENTRIES else min(chance, 2 * other)
        day = days.working(low + int(chance * (days.ends[year] - low + 1)))
        life.moves.append((day, what))
        last = day
        if what.startswith("exit"):
            life.left = day
        elif what in ENTRIES:
            life.entered = life.since = day
            life.levels.append((day, level))
        else:
            level = int(what[-1])
            life.levels.append((day, level))


def _final_places(active: list[Life], rng: Random) -> None:
    """Where the active are on the as-at date: category 1 as published, the rest as invented."""
    cells: dict[tuple[str, int], list[Life]] = {}
    for life in active:
        cells.setdefault((life.category, life.last_level), []).append(life)
    number_1 = sum(len(people) for (category, _), people in cells.items() if category == "1")
    left_1 = share_out(number_1, figures.CATEGORY_1_LOCATIONS)
    # Category 1 at level 2 comes before level 1, which has the rest.
    order = sorted(cells, key=lambda cell: (cell[0], -cell[1]))
    for cell in order:
        people = cells[cell]
        if cell[0] == "1" and cell[1] == 1:
            numbers = left_1
        elif cell[0] == "1":
            numbers = share_out(len(people), figures.CATEGORY_1_LEVEL_2_LOCATIONS)
            for place, number in numbers.items():
                numbers[place] = min(number, left_1[place])
                left_1[place] -= numbers[place]
        else:
            numbers = share_out(len(people), figures.OTHER_LOCATIONS.get(cell, {"community": 1}))
        # Those managed longest are the ones who have moved away.
        people.sort(key=lambda life: life.levels[-1][0] + 120 * rng.random())
        places = ["outside area"] * numbers.get("outside area", 0)
        rest = [place for place, number in numbers.items() if place != "outside area" for _ in range(number)]
        rng.shuffle(rest)
        places += rest
        for place, life in enumerate(people):
            life.place = places[place] if place < len(places) else "community"


def _earlier_places(life: Life, days: Days, rng: Random) -> None:
    """At most one change of location while managed: release, imprisonment, a move away or to hospital."""
    draw = rng.random
    if not life.place:
        life.place = ("community", "community", "community", "outside area")[int(draw() * 4)]
        if life.category == "pdp":
            life.place = "community"
    if draw() < 0.75:
        life.risk = ("medium", "low", "medium", "high")[int(draw() * 4)]
    else:
        life.risk = ("low", "high", "very high", "high")[int(draw() * 4)] if life.last_level > 1 else "low"
    before, share = {
        "community": ("custody", 0.3),
        "custody": ("community", 0.4),
        "hospital": ("custody", 0.5),
        "outside area": ("community", 0.35),
    }[life.place]
    room = life.end(days) - life.since
    dropped = life.levels[-1][0] if len(life.levels) > 1 and life.levels[-1][1] == 1 else 0
    may_return = life.category != "pdp" and life.place != "outside area" and life.end(days) - dropped > 60
    if dropped and may_return and draw() < figures.AWAY_WHILE_AT_LEVEL_2:
        back = days.working(dropped + 20 + int(draw() * (life.end(days) - dropped - 40)))
        life.places = [(life.since, "outside area"), (back, life.place)]
    elif life.category != "pdp" and room > 120 and draw() < share:
        changed = days.working(life.since + 40 + int(draw() * (room - 70)))
        life.places = [(life.since, before), (changed, life.place)]
    else:
        life.places = [(life.since, life.place)]
