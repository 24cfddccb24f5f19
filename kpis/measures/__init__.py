"""The measures, found by folder: every module here declares one `MEASURE`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from kpis.measure import THEMES, Measure

_FIRST = (
    "review_level_3",
    "review_level_2",
    "disclosure",
    "smb_attendance",
    "agency_attendance",
    "review_level_1",
    "screening_outcomes",
)


def _found() -> dict[str, Measure]:
    measures = [import_module(f"{__name__}.{info.name}").MEASURE for info in iter_modules(__path__)]
    place = {name: index for index, name in enumerate(_FIRST)}

    def order(each: Measure) -> tuple[int, int, str]:
        return THEMES.index(each.theme), place.get(each.id, len(place)), each.id

    return {each.id: each for each in sorted(measures, key=order)}


MEASURES: dict[str, Measure] = _found()
"""Every measure by id: the Board's KPIs in the order of the guidance (J10 16.2), then the others by theme and name."""
