"""A refresh (read, check, measure, write) against reading the tables, and its peak memory.

The source is a folder of Parquet files, the quickest kind of source there is, so that nothing slow in the reading flatters
the ratio. It is set against two readings of the same files: the product's own (every column, a fingerprint of each file, a
locator on every row), which is the bound of record, and Polars reading every column and nothing else, told beside it.
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

from checks.runner import check
from checks.standard import load_standard
from connectors.sources import pull
from connectors.store import Store
from dashboard import frames
from dashboard.refresh import Refreshed, refresh
from dashboard.settings import Settings, settings_from
from kpis.area import Area
from kpis.periods import periods_between
from kpis.results import all_results
from tests.benchmarks.area import AS_AT
from tests.benchmarks.row import best

STANDARD = "jersey"
RATIO_BOUND, MEMORY_BOUND_GIB = 11.0, 1.5
TIMES = 3
MADE_AT = datetime(2024, 1, 2, 9, 0, tzinfo=UTC)


def run(area_folder: Path) -> list[dict[str, Any]]:
    """The rows of the table: time against both readings, and memory in a process that does nothing but one refresh."""
    with _store_folder() as folder:
        same = _same_answers(area_folder, folder)
    reading, _ = best(lambda: pull(str(area_folder)), TIMES + 2)
    bare, _ = best(lambda: [pl.read_parquet(each) for each in sorted(area_folder.glob("*.parquet"))], TIMES + 2)
    seconds = min(_timed(area_folder) for _ in range(TIMES))
    peak = _peak_memory(area_folder)
    return [
        {
            "name": "a refresh, against reading the tables as the product does",
            "ours": seconds,
            "other": reading,
            "ratio": seconds / reading,
            "bound": RATIO_BOUND,
            "same_answers": same,
        },
        {
            "name": "a refresh, against Polars reading every column",
            "ours": seconds,
            "other": bare,
            "ratio": seconds / bare,
            "bound": None,
            "same_answers": same,
        },
        {
            "name": "a refresh: peak memory of the whole process",
            "ours": peak,
            "other": None,
            "ratio": None,
            "bound": MEMORY_BOUND_GIB,
            "same_answers": None,
            "unit": "GiB",
        },
    ]


def settings_for(source: Path, folder: Path) -> Settings:
    """Settings of an area that reads `source` and stores in `folder`."""
    store = str(folder / "benchmark.sqlite")
    given = {"area": "Benchmark area", "source": str(source), "standards": [STANDARD], "store": store}
    return settings_from(given, "benchmark settings")


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
    """In GiB: the most that a fresh process ever held while it did one refresh."""
    with _store_folder() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.refresh", str(source), str(folder)]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(said.stdout.split()[-1]) / 2**20


def peak_kib() -> int:
    """The most memory that this process has held so far, in KiB, as the system counted it."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


def _same_answers(source: Path, folder: Path) -> bool:
    """Whether the snapshot holds what reading, checking and measuring by themselves give."""
    snapshot = refreshed(source, folder).snapshot
    standard = load_standard(STANDARD)
    pulled = pull(str(source))
    checked = check(pulled.tables, standard, AS_AT)
    with Store.open(folder / "benchmark.sqlite", read_only=True) as store:
        try:
            for name, frame in checked.tables.frames.items():
                assert_frame_equal(store.frame(snapshot.id, frames.table(name)), frame)
            found = store.frame(snapshot.id, frames.findings(STANDARD)).select(checked.findings.columns)
            assert_frame_equal(found, checked.findings)
            results = store.results(snapshot.id, standard=STANDARD)
            first = results.select(pl.col("period_start").min()).item()
            periods = periods_between(standard, first, AS_AT)
            alone = all_results(Area(checked.tables, standard), periods)
            assert_frame_equal(results.select(alone.columns), alone, check_exact=True, check_row_order=False)
        except AssertionError:
            return False
    return True


if __name__ == "__main__":
    refreshed(Path(sys.argv[1]), Path(sys.argv[2]))
    print(peak_kib())
