"""A refresh (read, check, measure, write) against reading the tables, and its peak memory.

*Reading the tables* is the product's own reading of the same folder: every column, a fingerprint of each file, a locator on every
row. It is told for both forms that tables have as files: CSV, the form that the sample area is written in and that most exports
have, and Parquet, which reads ten times as quickly and so is the harder measure of everything that comes after the reading.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from checks.numbers import numbered
from checks.runner import check
from checks.standard import load_standard
from connectors.sources import pull
from connectors.store import Store
from dashboard import frames
from dashboard.refresh import Refreshed, refresh
from dashboard.settings import Settings, settings_from
from kpis.area import Area
from kpis.measures import MEASURES
from kpis.periods import periods_between
from kpis.results import all_results
from tests.benchmarks.area import AS_AT
from tests.benchmarks.row import best

STANDARD = "jersey"
RATIO_BOUND, MEMORY_BOUND_GIB = 11.0, 1.5
TIMES = 3
MADE_AT = datetime(2024, 1, 2, 9, 0, tzinfo=UTC)


def run(area_folder: Path) -> list[dict[str, Any]]:
    """Two rows of the table for each form of the files: the time against reading, and the memory."""
    with tempfile.TemporaryDirectory(prefix="mappa-monitor-csv-") as folder:
        as_csv = Path(folder)
        for file in area_folder.glob("*.parquet"):
            pl.read_parquet(file).write_csv(as_csv / f"{file.stem}.csv")
        return [*_rows("CSV", as_csv), *_rows("Parquet", area_folder)]


def _rows(form: str, source: Path) -> list[dict[str, Any]]:
    with _store_folder() as folder:
        same = _same_answers(source, folder)
    pairs = [(_timed(source), best(lambda: pull(str(source)), 1)[0]) for _ in range(TIMES)]
    seconds, reading = (min(side) for side in zip(*pairs, strict=True))
    return [
        {
            "name": f"a refresh from {form} files, against reading them",
            "ours": seconds,
            "other": reading,
            "ratio": seconds / reading,
            "bound": RATIO_BOUND,
            "same_answers": same,
        },
        {
            "name": f"a refresh from {form} files: peak memory of the whole process",
            "ours": _peak_memory(source),
            "bound": MEMORY_BOUND_GIB,
            "unit": "GiB",
        },
    ]


def settings_for(source: Path, folder: Path) -> Settings:
    """Settings of an area that reads `source` and stores in `folder`."""
    store = str(folder / "benchmark.sqlite")
    given = {"area": "Benchmark area", "source": str(source), "standards": [STANDARD], "store": store}
    return settings_from(given, "benchmark settings")


def settings_file(source: Path, folder: Path) -> Path:
    """A settings file in `folder`, of an area that reads `source`."""
    file = folder / "area.toml"
    file.write_text(
        f'area = "Benchmark area"\nsource = "{source.as_posix()}"\nstandards = ["{STANDARD}"]\nas_at = {AS_AT}\n',
        "utf-8",
    )
    return file


def refreshed(source: Path, folder: Path) -> Refreshed:
    """One refresh of `source` into the store in `folder`."""
    return refresh(settings_for(source, folder), AS_AT, MADE_AT)


@contextmanager
def _store_folder() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="mappa-monitor-store-") as folder:
        yield Path(folder)


def _timed(source: Path) -> float:
    with _store_folder() as folder:
        return best(lambda: refreshed(source, folder), 1)[0]


def _peak_memory(source: Path) -> float:
    """In GiB: the most that the command `refresh` ever held, in a process of its own."""
    with _store_folder() as folder:
        settings = settings_file(source, folder)
        command = [sys.executable, "-m", "tests.benchmarks.peak", "refresh", "--settings", str(settings)]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(said.stdout.split()[-1]) / 2**20


def _same_answers(source: Path, folder: Path) -> bool:
    """Whether the snapshot holds what reading, checking and measuring by themselves give."""
    snapshot = refreshed(source, folder).snapshot
    standard = load_standard(STANDARD)
    pulled = pull(str(source))
    checked = check(pulled.tables, standard, AS_AT)
    with Store.open(folder / "benchmark.sqlite", read_only=True) as store:
        try:
            for name, frame in numbered(checked.tables).frames.items():
                assert_frame_equal(store.frame(snapshot.id, frames.table(name)), frame)
            found = store.frame(snapshot.id, frames.findings(STANDARD)).select(checked.findings.columns)
            assert_frame_equal(found, checked.findings)
            results = store.results(snapshot.id, standard=STANDARD)
            first = results.select(pl.col("period_start").min()).item()
            periods = periods_between(standard, first, AS_AT)
            area = Area(checked.tables, standard)
            alone = all_results(area, periods)
            assert_frame_equal(results.select(alone.columns), alone, check_exact=True, check_row_order=False)
            held = set(store.frame_names(snapshot.id))
            for measure in (each for each in MEASURES.values() if each.in_standard(standard) and each.supplied(area)):
                names = [frames.evidence(STANDARD, measure.id, each.name) for each in periods]
                kept = [store.frame(snapshot.id, name) for name in names if name in held]
                made = measure.evidence(area).filter(pl.col("owed_on") >= first).collect()
                assert_frame_equal(pl.concat([made.clear(), *kept]), made, check_row_order=False)
        except AssertionError:
            return False
    return True
