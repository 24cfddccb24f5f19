"""The sample area: the checks find just what was planted in it, and nothing in the sound one."""

from __future__ import annotations

import polars as pl
import pytest

from checks.locators import FILE, ROW, SHEET
from connectors.sample.area import SampleArea, make_area
from tests.checks.areas import AS_AT, checked


def located(area: SampleArea) -> dict[str, pl.DataFrame]:
    return {
        name: frame.with_columns(
            pl.lit(f"{name}.csv").alias(FILE),
            pl.lit(None, dtype=pl.String).alias(SHEET),
            pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(ROW),
        )
        for name, frame in area.tables.items()
    }


@pytest.mark.parametrize("seed", [2023, 7])
def test_every_planted_flaw_is_found_and_nothing_else(seed: int) -> None:
    area = make_area(seed=seed)
    findings = checked(located(area)).findings
    assert dict(findings.group_by("rule").len().iter_rows()) == area.planted
    places = {(rule, planted.table, planted.row) for rule, rows in area.planted_rows.items() for planted in rows}
    assert set(findings.select("rule", "table", "row").iter_rows()) == places
    assert len(area.planted) >= 60


def test_nothing_is_found_in_the_sound_area() -> None:
    answer = checked(located(make_area(flaws=False)))
    assert answer.findings.is_empty()
    assert set(answer.outcomes["status"]) == {"pass"}
    assert not answer.has_errors
    assert answer.tables.as_at == AS_AT
