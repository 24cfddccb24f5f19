"""Level 3 cases with full meetings in time (domain 4.6; H08 “Review Meetings”)."""

from __future__ import annotations

from kpis.full_meetings import full_meetings
from kpis.measure import Example
from kpis.reviews_in_time import one_case

_CASE = one_case("3", "2023-01-04", "2023-02-15", "2023-03-29", "2023-05-10")
_MEETINGS = [
    {**row, "format": form} for row, form in zip(_CASE["meetings"], ("core group", "full", "core group"), strict=True)
]
_CASE = {**_CASE, "meetings": _MEETINGS}

MEASURE = full_meetings(
    "3",
    "twelve weeks",
    "H08 “Review Meetings”, “Level 3: Multi-Agency Public Protection Meeting”",
    passes=Example(
        "A level 3 case since 4 January. After a core group in February the full meeting of 29 March comes on its due day.",
        _CASE,
        "2022-23-Q4",
        1,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
    breaks=Example(
        "The next full meeting is due on 21 June; only a core group met, on 10 May.",
        _CASE,
        "2023-24-Q1",
        0,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
)
