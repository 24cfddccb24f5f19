"""What if a figure of the standard, or a target, were another? The verdicts that would follow; nothing is stored.

A figure is supposed to have been so always: what was owed in earlier years is held to it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import polars as pl

from checks.standard import with_figures
from checks.typed_tables import TypedTables
from kpis.area import Area
from kpis.measures import MEASURES
from kpis.periods import Period
from kpis.results import HEADLINE, RESULTS, all_results, judged, target_in_force, targets_of


@dataclass(frozen=True)
class Changes:
    """What is supposed: `figures` of the standard by name, each with its value · `targets` by measure, each a share from 0 to 1."""

    figures: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def targets_alone(self) -> bool:
        """Whether what was counted stays as it is, and only the verdicts may change."""
        return not self.figures


def supposed(area: Area, changes: Changes) -> Area:
    """The area, held to the standard with what is supposed.

    Raises SettingsError (exit 4) for what a standard could not set either. A target for which the standard has no figure is
    supposed to be adopted by the area.
    """
    in_standard = {figure: target for name, target in changes.targets.items() if (figure := MEASURES[name].target)}
    adopted = {name: target for name, target in changes.targets.items() if MEASURES[name].target is None}
    standard = with_figures(area.standard, {**in_standard, **changes.figures})
    return replace(area, standard=standard, adopted_targets={**area.adopted_targets, **adopted})


def what_if(area: Area, changes: Changes, periods: Sequence[Period]) -> pl.DataFrame:
    """The results of every measure for some periods, had the changes always been so (columns: `RESULTS`): headlines and units."""
    return all_results(supposed(area, changes), periods, dimensions=False)


def judged_again(results: pl.DataFrame, area: Area, changes: Changes, periods: Sequence[Period]) -> pl.DataFrame:
    """Results as they were counted (columns: `RESULTS`), with the verdicts that other targets would give them.

    Only the targets of `changes` are looked at, and of the area its standard and its adopted targets: no record is read.
    """
    then = supposed(_without_records(area), Changes(targets=changes.targets))
    names = [each.name for each in periods]
    parts, columns = [], list(RESULTS)
    for (name,), rows in results.filter(pl.col("period").is_in(names)).group_by("measure", maintain_order=True):
        measure = MEASURES.get(str(name))
        if measure is None or measure.id not in changes.targets:
            parts.append(rows)
            continue
        told = pl.col("owed").is_not_null() | (pl.col("by") != HEADLINE)
        targets = targets_of(measure, then, periods)
        again = judged(rows.filter(told), measure, targets)
        not_told = rows.filter(~told).with_columns(target=target_in_force(targets))
        parts.append(pl.concat([again.select(columns), not_told.select(columns)]))
    return pl.concat([pl.DataFrame(schema=RESULTS), *(each.select(columns) for each in parts)])


def _without_records(area: Area) -> Area:
    return replace(area, tables=TypedTables({}, {}, area.as_at))
