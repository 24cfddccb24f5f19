"""A property that is worked out once, even where several threads ask for it at the same time."""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import Any


class once(cached_property):
    """`functools.cached_property` with a lock, which Python 3.12 took out."""

    def __init__(self, work: Any) -> None:
        super().__init__(work)
        self._at_work = RLock()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """The value; the first to ask works it out, and whoever else asks meanwhile waits."""
        if instance is None or self.attrname in instance.__dict__:
            return super().__get__(instance, owner)
        with self._at_work:
            return super().__get__(instance, owner)
