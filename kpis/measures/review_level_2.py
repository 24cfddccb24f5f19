"""Level 2 cases reviewed in time (J10 10.11, 16.2 (2); H08 “Frequency of MAPP Meetings”)."""

from __future__ import annotations

from kpis.measure import Example
from kpis.reviews_in_time import one_case, reviews_in_time

_CASE = one_case("2", "2023-01-04", "2023-03-22", "2023-07-05")

MEASURE = reviews_in_time(
    "2",
    "J10 10.11, 16.2 (2); H08 “Frequency of MAPP Meetings”",
    passes=Example(
        "A level 2 case since 4 January, reviewed every twelve weeks. The first review is due on 29 March and held on 22 March.",
        _CASE,
        "2023-Q1",
        1,
        1,
        0,
        "met",
    ),
    breaks=Example(
        "From 22 March the next review is due on 14 June; it is held on 5 July, three weeks late.",
        _CASE,
        "2023-Q2",
        0,
        1,
        0,
        "not met",
    ),
)
