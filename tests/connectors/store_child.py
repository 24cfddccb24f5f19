"""A refresh in a process of its own, to be killed or starved: `python -m tests.connectors.store_child URL NAME HOW …`.

HOW: `step N` kills itself at the N-th call of progress · `statement N` before the N-th statement after the transaction
began, and `commit` straight after the commit · `wait` says when it begins to write, to be killed from outside ·
`limit N` may make no file longer than N bytes. It starts when it is sent a line, and ends with the exit code of the
error it meets, whose words go to standard output.
"""

from __future__ import annotations

import os
import signal
import sys

import sqlalchemy as sa
from sqlalchemy import event

from checks.errors import MappaError
from connectors.store import SnapshotContent, Store
from tests.connectors.store_samples import attendance, content


def second(fingerprint: str, previous_id: int | None, rows: int = 60_000) -> SnapshotContent:
    """What the child stores: four frames that the first snapshot does not have, each of several pieces."""
    made = {f"frame {n}": attendance(rows + n, changed=100 + n) for n in range(4)}
    return content(fingerprint=fingerprint, previous_id=previous_id, frames=made)


def die() -> None:
    """As a power cut would: no handler runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, fingerprint: str, how: str, number: str = "0") -> int:
    """Refresh as told."""
    print("ready", flush=True)  # noqa: T201, the parent waits for it
    sys.stdin.readline()
    if how == "limit":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
    calls = 0

    def progress(what: str, done: int, of: int) -> None:
        nonlocal calls
        if how == "wait" and not calls:
            print("writing", flush=True)  # noqa: T201
        if how == "step" and calls == int(number):
            die()
        calls += 1

    try:
        with Store.open(url, chunk_bytes=20_000) as store:
            newest = store.newest()
            made = second(fingerprint, None if newest is None else newest.id)
            if how == "statement":
                left = int(number)

                @event.listens_for(store._engine, "before_cursor_execute")
                def _count(*_: object) -> None:
                    nonlocal left
                    left -= 1
                    if left < 0:
                        die()

            if how == "commit":

                @event.listens_for(store._engine, "commit")
                def _before(connection: sa.Connection) -> None:
                    driver = connection.connection.driver_connection
                    if driver is not None:
                        driver.commit()
                    die()

            store.write(made, progress)
    except MappaError as error:
        print(error)  # noqa: T201
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
