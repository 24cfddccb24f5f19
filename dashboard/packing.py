"""Frames packed for the store on other threads while the next ones are still being worked out."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from types import TracebackType
from typing import Self

import polars as pl

from connectors.store import PackedFrame, packed

_AT_ONCE = 4
"""Frames that may wait or be packed at a time: more would only hold more memory."""


class Packing:
    """Takes frames by name, in a `with`, and gives them back packed, in the order in which they came."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=min(_AT_ONCE, os.cpu_count() or 1))
        self._room = BoundedSemaphore(_AT_ONCE)
        self._kept: dict[str, Future[PackedFrame]] = {}

    def keep(self, name: str, frame: pl.DataFrame) -> None:
        """Pack the frame under the name; waits while as many are at work as may be."""
        self._room.acquire()
        self._kept[name] = self._threads.submit(self._pack, [frame])

    def _pack(self, given: list[pl.DataFrame]) -> PackedFrame:
        try:
            # Taken out of the list, so that the frame is let go as soon as it is packed and not when all are.
            return packed(given.pop())
        finally:
            self._room.release()

    def frames(self) -> dict[str, PackedFrame]:
        """All of them; raises whatever the packing of one of them raised."""
        return {name: each.result() for name, each in self._kept.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
