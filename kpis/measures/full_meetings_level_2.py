"""Level 2 cases with full meetings in time (domain 4.6; H08 “Review Meetings”)."""

from __future__ import annotations

from kpis.full_meetings import full_meetings
from kpis.measure import Example
from kpis.reviews_in_time import one_case

_CASE = one_case("2", "2022-08-31", "2022-11-16", "2023-02-08", "2023-05-03", "2023-07-19")
_FORMS = ("core group", "full", "core group", "core group")
_MEETINGS = [{**row, "format": form} for row, form in zip(_CASE["meetings"], _FORMS, strict=True)]
_CASE = {**_CASE, "meetings": _MEETINGS}

MEASURE = full_meetings(
    "2",
    "six months",
    "H08 “Review Meetings”, “Level 2: Multi-Agency Public Protection Meeting”",
    passes=Example(
        "A level 2 case since 31 August. Its first full meeting is due on 28 February, the last day of the sixth month, "
        "and held on 8 February.",
        _CASE,
        "2022-23-Q4",
        1,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
    breaks=Example(
        "From 8 February the next full meeting is due on 8 August. Core groups meet in May and July, but no full meeting.",
        _CASE,
        "2023-24-Q2",
        0,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
)
