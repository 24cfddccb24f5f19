"""Minutes of level 2 meetings issued in time (J10 10.12; H08 “MAPP Meeting Minutes”)."""

from __future__ import annotations

from kpis.measure import Example
from kpis.minutes_in_time import minutes_in_time, one_meeting

MEASURE = minutes_in_time(
    "2",
    "J10 10.12; H08 “MAPP Meeting Minutes”",
    passes=Example(
        "A meeting on Wednesday 25 October: ten working days on is 8 November, the day on which the minutes go out.",
        one_meeting("2", "2023-10-25", "2023-11-08"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The minutes of a meeting on 20 December were not issued by 8 January, two Christmas holidays and New Year's Day left "
        "out: missed, and missed in the quarter in which they fell due.",
        one_meeting("2", "2023-12-20", None),
        "2024-Q1",
        0,
        1,
        0,
        "no target",
        as_at="2024-01-09",
    ),
)
