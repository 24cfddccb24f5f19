"""What libraries are told is told before they are loaded, or it would be told in vain."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TOLD = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:100,muzzy_decay_ms:0", "OPENBLAS_NUM_THREADS": "1"}
SAYS = f"""
import dashboard, os, sys
print(*({{"numpy", "polars"}} & set(sys.modules)), *(os.environ[name] for name in {list(TOLD)}))
"""


@pytest.mark.parametrize("by_the_machine", [{}, {"_RJEM_MALLOC_CONF": "dirty_decay_ms:0", "OPENBLAS_NUM_THREADS": "2"}])
def test_it_stands_before_anything_is_loaded_and_whoever_runs_the_program_has_the_last_word(
    by_the_machine: dict[str, str],
) -> None:
    others = {name: value for name, value in os.environ.items() if name not in TOLD}
    command = [sys.executable, "-c", SAYS]
    said = subprocess.run(command, env=others | by_the_machine, check=True, capture_output=True, text=True).stdout
    assert said.split() == list((TOLD | by_the_machine).values())
