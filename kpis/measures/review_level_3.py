"""Level 3 cases reviewed in time (J10 10.11, 16.2 (1); H08 “Frequency of MAPP Meetings”)."""

from __future__ import annotations

from kpis.measure import Example
from kpis.reviews_in_time import one_case, reviews_in_time

_CASE = one_case("3", "2023-01-04", "2023-02-15", "2023-03-30")

MEASURE = reviews_in_time(
    "3",
    "J10 10.11, 16.2 (1); H08 “Frequency of MAPP Meetings”",
    passes=Example(
        "A level 3 case since 4 January, reviewed every six weeks. The first review is due on 15 February and held that day. "
        "With the figures as known on 16 February, it is the only one due.",
        _CASE,
        "2023-Q1",
        1,
        1,
        0,
        "met",
        as_at="2023-02-16",
    ),
    breaks=Example(
        "The second review is due on 29 March and held a day late: the case had two reviews due in the quarter and missed one.",
        _CASE,
        "2023-Q1",
        0,
        1,
        0,
        "not met",
    ),
)
