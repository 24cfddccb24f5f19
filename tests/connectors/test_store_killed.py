"""A refresh that is killed leaves the last snapshot as it was, and the next refresh works; on both databases."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from connectors.store import SnapshotInfo, Store
from tests.connectors.store_child import second
from tests.connectors.store_samples import content, frames_of, results, rule_outcomes

pytestmark = pytest.mark.long


ROOT = Path(__file__).parents[2]


@contextmanager
def children(url: str, ways: Sequence[tuple[str, ...]]) -> Generator[list[subprocess.Popen[str]]]:
    """One child per way, all loaded side by side and each waiting for its line."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.connectors.store_child", url, f"child {number}", *way],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number, way in enumerate(ways)
    ]  # fmt: skip
    try:
        for child in started:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        yield started
    finally:
        for child in started:
            child.kill()
            child.communicate()


def go(child: subprocess.Popen[str]) -> None:
    """Send the line that it waits for."""
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


def must_stand(store: Store, first: SnapshotInfo) -> None:
    """The first snapshot is as it was given."""
    assert store.snapshots()[0] == first
    assert store.frame_names(first.id) == sorted(content().frames)
    for name, frame in frames_of(content()).items():
        assert_frame_equal(store.frame(first.id, name), frame)
    assert_frame_equal(store.results(first.id), results())
    assert_frame_equal(store.rule_outcomes(first.id), rule_outcomes())
    assert store.definitions(first.id) == content().definitions


def must_be_whole(store: Store, info: SnapshotInfo) -> None:
    """A snapshot of a child has everything."""
    for name, frame in frames_of(second(info.fingerprint, info.previous_id)).items():
        assert_frame_equal(store.frame(info.id, name), frame)
    assert_frame_equal(store.results(info.id), results())
    assert_frame_equal(store.rule_outcomes(info.id), rule_outcomes())


def test_killed_at_any_step_or_statement_the_last_snapshot_stands(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
    ways = [("step", str(n)) for n in range(7)]  # before each frame, results, rule outcomes and the end
    ways += [("statement", str(n)) for n in (0, 2, 7, 20, 40)]
    with children(url, ways) as started:
        for child, way in zip(started, ways, strict=True):
            go(child)
            assert child.wait(60) == -signal.SIGKILL, way
            with Store.open(url, read_only=True) as pages:
                assert pages.snapshots() == [first], way
                must_stand(pages, first)
    with Store.open(url) as store:
        info, added = store.write(second("after", first.id))
        assert added
        assert [each.id for each in store.snapshots()] == [first.id, info.id]
        must_stand(store, first)
        must_be_whole(store, info)


def test_killed_straight_after_the_commit_the_new_snapshot_is_there(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
    with children(url, [("commit",)]) as (child,):
        go(child)
        assert child.wait(60) == -signal.SIGKILL
    with Store.open(url, read_only=True) as pages:
        must_stand(pages, first)
        newest = pages.newest()
        assert newest is not None
        assert newest.fingerprint == "child 0"
        must_be_whole(pages, newest)


def test_killed_at_any_moment_every_snapshot_there_is_whole(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
    delays = [0.0, 0.01, 0.02, 0.04, 0.08, 0.12]
    with children(url, [("wait",)] * len(delays)) as started:
        for child, delay in zip(started, delays, strict=True):
            go(child)
            assert child.stdout is not None
            assert child.stdout.readline() == "writing\n"
            time.sleep(delay)
            child.kill()
            child.wait(60)
            with Store.open(url) as store:  # for writing: whatever the killed one left behind is in nobody's way
                must_stand(store, first)
                for info in store.snapshots()[1:]:
                    must_be_whole(store, info)
    with Store.open(url) as store:
        newest = store.newest()
        assert newest is not None
        info, added = store.write(second("after", newest.id))
        assert added
        must_be_whole(store, info)


def test_killed_while_the_store_is_made_it_can_be_made_again(url: str) -> None:
    ways = [("statement", "0"), ("step", "0"), ("step", "3")]
    with children(url, ways) as started:
        for child in started:
            go(child)
            assert child.wait(60) == -signal.SIGKILL
            with Store.open(url) as store:
                assert store.snapshots() == []
    with Store.open(url) as store:
        info, _ = store.write(second("after", None))
        must_be_whole(store, info)
