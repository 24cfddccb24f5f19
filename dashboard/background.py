"""Work that takes longer than a page may: done on a thread of its own, while the page says what is going on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

import streamlit as st

SAID_AFTER = 0.3
"""Seconds after which a page says that it is still at work."""

LOOKED_AGAIN = 0.25
KEPT = 8


class Worker:
    """One job at a time, whoever asks; what the latest jobs gave is kept, and asked for again it is there at once.

    A person who goes to another page meanwhile leaves the job to end by itself.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._jobs: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._lock = Lock()

    def start(self, key: Hashable, job: Callable[[], Any]) -> Future[Any]:
        """What the job of this key gives; begun unless it has been. One that failed is begun anew."""
        with self._lock:
            known = self._jobs.get(key)
            if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
                self._jobs[key] = known = self._pool.submit(job)
            self._jobs.move_to_end(key)
            while len(self._jobs) > KEPT:
                _, oldest = self._jobs.popitem(last=False)
                oldest.cancel()
            return known


@st.cache_resource(show_spinner=False)
def _worker() -> Worker:
    return Worker()


def done_meanwhile(key: Hashable, job: Callable[[], Any], words: str) -> Any:
    """What a job gives; where that takes a moment, the page says so. The job must not draw. Raises what the job raises."""
    work = _worker().start(key, job)
    wait([work], timeout=SAID_AFTER)
    if work.done():
        return work.result()
    place = st.empty()
    try:
        while not work.done():
            place.info(words)  # drawing is also what lets a person leave the page meanwhile
            wait([work], timeout=LOOKED_AGAIN)
    finally:
        place.empty()
    return work.result()
