"""The most memory that one command of the product holds: `python -m tests.benchmarks.peak refresh …` ends with it, in KiB."""

from __future__ import annotations

import sys
from pathlib import Path

from dashboard.command_line import run


def peak_kib() -> int:
    """The most memory that this process has held so far, in KiB, as the system counted it."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


if __name__ == "__main__":
    ended = run(sys.argv[1:])
    print(peak_kib())
    sys.exit(ended)
