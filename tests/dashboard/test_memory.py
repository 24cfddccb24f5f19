"""Memory that is no longer needed goes back to the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAYS = "import sys, os, dashboard; print('polars' in sys.modules, os.environ['_RJEM_MALLOC_CONF'])"


@pytest.mark.parametrize("set_by_the_machine", [None, "dirty_decay_ms:0"])
def test_what_polars_keeps_is_said_before_polars_is_loaded(set_by_the_machine: str | None) -> None:
    given = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    if set_by_the_machine:
        given["_RJEM_MALLOC_CONF"] = set_by_the_machine
    said = subprocess.run([sys.executable, "-c", SAYS], env=given, check=True, capture_output=True, text=True).stdout
    assert said.split() == ["False", set_by_the_machine or "dirty_decay_ms:100,muzzy_decay_ms:0"]
