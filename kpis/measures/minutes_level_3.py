"""Minutes of level 3 meetings issued in time (J10 10.12; H08 “MAPP Meeting Minutes”)."""

from __future__ import annotations

from kpis.measure import Example
from kpis.minutes_in_time import minutes_in_time, one_meeting

MEASURE = minutes_in_time(
    "3",
    "J10 10.12; H08 “MAPP Meeting Minutes”",
    passes=Example(
        "A meeting on Wednesday 3 May: the fifth working day after it would be 10 May, but in Jersey 8 and 9 May 2023 were "
        "holidays, so minutes issued on 12 May are in time.",
        one_meeting("3", "2023-05-03", "2023-05-12"),
        "2023-Q2",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The minutes of a meeting on 8 November, due on 15 November, were issued a day late.",
        one_meeting("3", "2023-11-08", "2023-11-16"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
