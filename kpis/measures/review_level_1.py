"""Level 1 cases reviewed in time (J10 10.11; H08 “Frequency of MAPP Meetings”)."""

from __future__ import annotations

from kpis.measure import Example
from kpis.reviews_in_time import one_case, reviews_in_time

_BY_LEAD_AGENCY = {
    **one_case("1", "2023-01-04"),
    "reviews": [{"case_id": "C1", "reviewed_on": "2023-03-22", "agency": "police"}],
}

MEASURE = reviews_in_time(
    "1",
    "J10 10.11; H08 “Frequency of MAPP Meetings”",
    passes=Example(
        "A level 1 case since 4 January is reviewed by its lead agency on 22 March, a week before the twelve weeks are up.",
        _BY_LEAD_AGENCY,
        "2023-Q1",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "Nothing is recorded after 22 March: the review due on 14 June is missed.",
        _BY_LEAD_AGENCY,
        "2023-Q2",
        0,
        1,
        0,
        "no target",
    ),
)
