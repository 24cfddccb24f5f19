"""What a refresh stores for the page Caseload over time: counts and curves, never rows of cases, so that their size does not
grow with the caseload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from dashboard import frames
from kpis.area import Area
from kpis.flow import flow
from kpis.level_history import gaps
from kpis.periods import Period
from kpis.review_load import meeting_days, review_load
from kpis.time_at_level import time_at_level


def over_time(area: Area, periods: Sequence[Period], late: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The frames with their names; `periods` in order of time, `late` as of `kpis.late_reviews`."""
    standard = area.standard.name
    yield frames.flow(standard), flow(area, [each for each in periods if each.kind == "quarter"])
    yield frames.flow_gaps(standard), gaps(area)
    times, stays = time_at_level(area)
    yield frames.times_at_level(standard), times
    yield frames.stays_at_level(standard), stays
    yield frames.review_load(standard), review_load(area, late)
    yield frames.meeting_days(standard), meeting_days(area)
