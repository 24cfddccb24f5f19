"""What the sample area is to look like: as Jersey published for 2023 where it did, invented where it did not.

Counts are those of the published size (`ACTIVE` cases at the year's end) and are scaled to other sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ACTIVE = 246
"""Active cases at the end of 2023 (Jersey annual report 2023, section 3)."""

MARGINS: dict[tuple[str, int], int] = {
    ("1", 1): 158, ("2", 1): 11, ("3", 1): 9, ("4", 1): 0, ("pdp", 1): 5,
    ("1", 2): 31, ("2", 2): 18, ("3", 2): 12, ("4", 2): 0, ("pdp", 2): 2,
    ("1", 3): 0, ("2", 3): 0, ("3", 3): 0, ("4", 3): 0, ("pdp", 3): 0,
}  # fmt: skip
"""(category, level) → active cases at the end of the last year (same report, section 3)."""

CATEGORY_1_LOCATIONS = {"custody": 40, "community": 88, "outside area": 62}
"""Category 1 by location at the end of the last year (same report, 3.1)."""

CATEGORY_1_LEVEL_2_LOCATIONS = {"custody": 3, "community": 6, "outside area": 22}
OTHER_LOCATIONS: dict[tuple[str, int], dict[str, int]] = {
    ("2", 1): {"custody": 4, "community": 5, "hospital": 1, "outside area": 1},
    ("2", 2): {"custody": 3, "community": 8, "hospital": 1, "outside area": 6},
    ("3", 1): {"community": 8, "outside area": 1},
    ("3", 2): {"custody": 1, "community": 6, "hospital": 1, "outside area": 4},
    ("pdp", 1): {"community": 5},
    ("pdp", 2): {"community": 2},
}
"""Invented: the report gives no other locations. Many of level 2 are outside the area, where no clock runs, for 105
meetings a year cannot review 63 people every 12 weeks."""
AWAY_WHILE_AT_LEVEL_2 = 0.4
"""Share of those who dropped to level 1 who were outside the area until then."""


@dataclass(frozen=True)
class Flows:
    """How many move in one year, at the published size.

    `screened_1`, `screened_2` enter by a screening, to that level · `straight_1`, `straight_2`, `straight_3` enter
    without one · `up_2`, `up_3` rise to that level · `down_1`, `down_2` drop to it · `exits_1`, `exits_2` leave from
    that level · `category_1` of those who enter · `category_1_exits` of those who leave.
    """

    screened_1: float
    screened_2: float
    straight_1: float
    straight_2: float
    straight_3: float
    up_2: float
    up_3: float
    down_1: float
    down_2: float
    exits_1: float
    exits_2: float
    category_1: float
    category_1_exits: float


FLOWS = (
    # 2023: 36 entered, 14 registered, 10 removed; 87 were at level 2 or 3 at some time; 24 dropped to level 1. Of 21
    # screenings two have no recorded outcome: with sound records they went to level 1.
    Flows(7, 14, 3, 12, 0, 5, 0, 24, 0, 12, 0, 14, 10),
    # 2022: 23 entered; 72 were at level 2 or 3 at some time.
    Flows(4, 10, 2, 7, 0, 3, 0, 16, 2, 10, 1, 10, 7),
)
"""The last year's and the year's before it; moves of earlier years are shares of those then managed (`earlier`)."""


def earlier(years_ago: int, at_1: int, at_2: int, at_3: int) -> Flows:
    """The moves of a year of which nothing is published, from the numbers at each level at its end.

    Not scaled: they are already of the area's own size. The register has grown, and faster in its first years.
    """
    young = years_ago >= 5
    flows = Flows(
        screened_1=0.02 * at_1,
        screened_2=0.17 * at_2,
        straight_1=0.02 * at_1,
        straight_2=0.14 * at_2,
        straight_3=0.5 * at_3,
        up_2=0.05 * at_2,
        up_3=0.25 * at_3,
        down_1=(0.22 if young else 0.28) * at_2,
        down_2=0.05 * at_2,
        exits_1=(0.03 if young else 0.05) * at_1,
        exits_2=0.02 * at_2,
        category_1=0,
        category_1_exits=0,
    )
    entered = flows.screened_1 + flows.screened_2 + flows.straight_1 + flows.straight_2
    return replace(flows, category_1=0.5 * entered, category_1_exits=0.7 * (flows.exits_1 + flows.exits_2))


MEETINGS = (126, 132)
"""Meetings of any kind, in the last year (21 screenings, 105 at level 2) and the year before (same report, 4.2)."""
MOST_MEETINGS = (126, 132, 140, 130, 112)
"""The same and, for the three years before, an invented bound."""
EACH_YEAR_EARLIER = 0.85
"""What becomes of the bound with every further year back."""

NOT_RECORDED_OUTCOMES = 2
"""Screenings of the last year whose outcome is not recorded (21 screenings, 19 outcomes), where flaws are wanted."""

REFERRALS = (57, 25)
"""Referrals of the last year and the year before (same report, 4.1)."""
NOT_ROUTED = 2
"""Referrals of the last year with no recorded route (57 referrals, 55 routes)."""
REFERRAL_SOURCES = {"police": 40, "probation": 14, "adult mental health": 2, "police and probation": 1}
REFERRAL_CONCERNS = {"domestic violence": 8, "general violence": 33, "sexual": 16}

REVIEW_DAYS = {1: 84, 2: 84, 3: 42}
"""Days between reviews by level (guidance 2010, 10.11)."""
CLOCK_LOCATIONS = frozenset({"community", "custody", "hospital"})
IN_TIME_1 = 0.93
IN_TIME_3 = 0.88
IN_TIME_2 = (0.72, 0.78, 0.82, 0.80, 0.84, 0.80, 0.76, 0.74, 0.70, 0.66, 0.60, 0.56, 0.52, 0.50, 0.58, 0.62, 0.66, 0.68)
"""Share of level 2 reviews that were in time, by quarters before the as-at date; the last value holds before that."""

AGENCIES: dict[str, tuple[float, float, float]] = {
    # agency: share of level 2 and 3 meetings it is invited to, share it takes part in, share senior enough of those
    "police": (1.0, 0.985, 0.995),
    "probation": (1.0, 0.975, 0.99),
    "prison": (0.45, 0.96, 0.98),
    "housing": (0.60, 0.88, 0.96),
    "adult mental health": (0.55, 0.76, 0.97),
    "children's services": (0.45, 0.84, 0.96),
    "customs": (0.25, 0.82, 0.98),
    "customer and local services": (0.35, 0.80, 0.90),
}
DECLINING = "housing"
DECLINED_TO = 0.5
"""Where the declining agency's attendance ends after a year's steady fall."""
SCREENING_AGENCIES = ("police", "probation", "prison", "children's services")
"""Those that a screening always invites (annual report 2023, 4.2)."""

BOARD: dict[str, tuple[float, float]] = {
    # member: shares of meetings that the member, and a deputy, came to
    "police": (0.85, 0.12),
    "probation": (0.88, 0.10),
    "prison": (0.80, 0.15),
    "customs": (0.72, 0.16),
    "customer and local services": (0.62, 0.16),
    "children, young people and education": (0.70, 0.18),
    "health and community services": (0.60, 0.18),
    "strategic policy": (0.74, 0.14),
    "lay adviser": (0.93, 0.0),
}
JOINED_LATER = "lay adviser"

AREA = "jersey"
AGED_10_AND_OVER = 95_000
"""Invented and round, of the island's order of size."""
