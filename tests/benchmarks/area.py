"""The synthetic national area that the benchmarks run on: made once, kept as Parquet in the machine's temporary folder.

The tables are those of `connectors.sample`, flaws included, one Parquet file per table, every column as text: what a CSV
folder or a workbook would hold, so that the checks have all their reading of dates, codes and flags to do.
"""

from __future__ import annotations

import getpass
import hashlib
import shutil
import tempfile
from pathlib import Path

import connectors.sample
from connectors.sample.area import AS_AT, make_area

NATIONAL_CASES = 100_000
NATIONAL_YEARS = 15
ISLAND_CASES = 250

__all__ = ["AS_AT", "ISLAND_CASES", "NATIONAL_CASES", "NATIONAL_YEARS", "area_folder", "kept_in"]


def kept_in() -> Path:
    """The folder in which benchmark areas are kept between runs; it may be deleted at any time."""
    folder = Path(tempfile.gettempdir()) / f"mappa-monitor-benchmarks-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def area_folder(cases: int = NATIONAL_CASES, years: int = NATIONAL_YEARS) -> Path:
    """A folder with the sample area of that size as `TABLE.parquet`; made if this generator has not made it before."""
    folder = kept_in() / f"area-{cases}-{years}-{_generator()}"
    if folder.exists():
        return folder
    area = make_area(cases=cases, years=years)
    making = Path(tempfile.mkdtemp(dir=kept_in()))
    try:
        for table, frame in area.tables.items():
            frame.write_parquet(making / f"{table}.parquet")
        making.rename(folder)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
        if not folder.exists():  # another run may have finished it first
            raise
    return folder


def _generator() -> str:
    """Of the code that makes the area: a changed generator makes another area."""
    digest = hashlib.sha256()
    for file in sorted(Path(connectors.sample.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
