"""The benchmarks: `python -m tests.benchmarks`, or `python3 start.py bench`.

Each part runs in a process of its own on the same synthetic area and first proves that both sides give the same answers. A
bound that is missed is said, not punished, since the machine may be busy: the exit code is 1 only where answers differ.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.area import NATIONAL_CASES, NATIONAL_YEARS, area_folder
from tests.benchmarks.row import Row

PARTS = {
    "checks": "all checks against the same rules fused by hand, and against DuckDB",
    "measures": "the seven measures against DuckDB, and against reading their columns",
    "further": "all measures together against DuckDB",
    "refresh": "a refresh against reading the tables, and its peak memory",
    "reading": "reading a workbook of 100,000 rows against the bare typed reader",
    "pages": "every page's script on this area against the 250-case one",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for and print their table; 1 where answers differ, else 0."""
    asked = _asked(arguments)
    if asked.part:
        _run_here(asked.part, Path(asked.folder), Path(asked.out), asked.times)
        return 0
    print(_machine(), flush=True)
    _say(f"making or finding the area of {asked.cases:,} cases over {asked.years} years")
    folder = area_folder(asked.cases, asked.years)
    print(_size(folder), flush=True)
    rows: list[Row] = []
    for part in asked.only or PARTS:
        _say(f"{part}: {PARTS[part]}")
        rows += _run_apart(part, folder, asked.times)
    print(_table(rows))
    missed = [row.name for row in rows if row.kept is False]
    if missed:
        print(f"Bounds missed on this machine in this run: {len(missed)} ({'; '.join(missed)}).")
    wrong = [row.name for row in rows if row.same_answers is False]
    if wrong:
        print(f"Answers differ, so these figures mean nothing: {'; '.join(wrong)}.")
    if asked.json:
        Path(asked.json).write_text(json.dumps([asdict(row) | {"kept": row.kept} for row in rows], indent=1), "utf-8")
    return 1 if wrong else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=PARTS, help="run only this part (may be given several times)"
    )
    parser.add_argument("--cases", type=int, default=NATIONAL_CASES, help="active cases of the area (%(default)s)")
    parser.add_argument("--years", type=int, default=NATIONAL_YEARS, help="years of records (%(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the rows there as well")
    parser.add_argument("--times", type=int, help="time each side so often (as often as the part thinks right)")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def _run_here(part: str, folder: Path, out: Path, times: int | None) -> None:
    module: Any = import_module(f"tests.benchmarks.{part}")
    module.TIMES = times or module.TIMES
    out.write_text(json.dumps(module.run(folder)), "utf-8")


def _run_apart(part: str, folder: Path, times: int | None) -> list[Row]:
    """A part in a process of its own, so that none inherits another's memory, caches or loaded modules."""
    with tempfile.TemporaryDirectory() as kept:
        out = Path(kept) / "rows.json"
        command = [sys.executable, "-m", "tests.benchmarks", "--part", part, "--folder", str(folder), "--out", str(out)]
        command += [] if times is None else ["--times", str(times)]
        subprocess.run(command, check=True)
        return [Row.of(said) for said in json.loads(out.read_text("utf-8"))]


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("polars", "pandera", "sqlalchemy", "streamlit", "duckdb")
    )
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}, {packages}"


def _size(folder: Path) -> str:
    import polars as pl

    rows = {name: pl.scan_parquet(folder / f"{name}.parquet").select(pl.len()).collect().item() for name in _TABLES}
    return "Area: " + ", ".join(f"{count:,} {name}" for name, count in rows.items())


_TABLES = ("cases", "meetings", "attendance", "reviews", "visits", "actions")


def _table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["", "| what | ours | against | ratio | bound | kept | same answers |", "|---|--:|--:|--:|--:|---|---|"]
    for row in rows:
        cells = (
            row.name,
            _amount(row.ours, row.unit),
            _amount(row.other, row.unit),
            "" if row.ratio is None else f"{row.ratio:.2f}",
            "" if row.bound is None else (f"{row.bound:g}" if row.ratio is not None else f"{row.bound:g} {row.unit}"),
            {True: "yes", False: "**no**", None: ""}[row.kept],
            {True: "yes", False: "**no**", None: ""}[row.same_answers],
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}"


if __name__ == "__main__":
    sys.exit(main())
