"""What a benchmark says: one row per comparison, and how long things take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One comparison. `ours`, `other` in `unit` (s, ms or GiB); `ratio` ours / other, null where the bound is on `ours` alone.

    `bound` on the ratio, or on `ours` where there is no ratio; null: told for information. `same_answers` null: nothing to
    compare.
    """

    name: str
    ours: float | None
    other: float | None
    ratio: float | None
    bound: float | None
    same_answers: bool | None
    unit: str = "s"

    @classmethod
    def of(cls, said: dict[str, Any]) -> Row:
        """From what a part's `run` gives."""
        return cls(
            name=said["name"],
            ours=said.get("ours", said.get("ours_seconds")),
            other=said.get("other", said.get("other_seconds")),
            ratio=said.get("ratio"),
            bound=said.get("bound"),
            same_answers=said.get("same_answers"),
            unit=said.get("unit", "s"),
        )

    @property
    def kept(self) -> bool | None:
        """Whether the bound is kept; null where there is none."""
        measured = self.ours if self.ratio is None else self.ratio
        return None if self.bound is None or measured is None else measured <= self.bound


def best(work: Callable[[], T], times: int, before: Callable[[], object] = lambda: None) -> tuple[float, T]:
    """The shortest of several runs, in seconds, and the last run's answer. `before` is called before each, untimed.

    The shortest, because whatever else the machine does only ever makes a run longer.
    """
    shortest = float("inf")
    for _ in range(times):
        before()
        start = time.perf_counter()
        answer = work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, answer


def in_turn(*works: Callable[[], object], times: int, take: Callable[[Sequence[float]], float] = min) -> list[float]:
    """Of several runs of each the shortest, or what else to `take` of them, in seconds; one after the other and round again.

    So whatever else the machine does meets all sides of a comparison alike.
    """
    rounds = [[best(work, 1)[0] for work in works] for _ in range(times)]
    return [take(each) for each in zip(*rounds, strict=True)]
