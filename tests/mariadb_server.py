"""A real MariaDB for the tests: one server for all workers of a run, signed in to with a password over loopback."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import sqlalchemy as sa
from fasteners import InterProcessLock

ADDRESS = "127.0.0.1"
# Not as durable as a server should be, and small: it lives for one run.
OPTIONS = (
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=24M",
    "--innodb-log-file-size=8M",
    "--performance-schema=off",
    "--character-set-server=latin1",  # an old server's own choice, which must not matter
)
START_SECONDS = 60


@dataclass(frozen=True)
class MariaDB:
    """The running server; `user` may make databases and accounts, and must give `password`."""

    port: int
    user: str
    password: str

    def url(self, database: str, *, user: str | None = None, password: str | None = None) -> str:
        """The SQLAlchemy URL of one database, password included."""
        return sa.URL.create(
            "mariadb+pymysql", user or self.user, password or self.password, ADDRESS, self.port, database
        ).render_as_string(hide_password=False)

    def execute(self, *statements: str) -> None:
        """An administrator's statements."""
        with contextlib.closing(
            pymysql.connect(
                host=ADDRESS, port=self.port, user=self.user, password=self.password, charset="utf8mb4", autocommit=True
            )
        ) as connection:
            for statement in statements:
                with connection.cursor() as cursor:
                    cursor.execute(statement)

    @contextlib.contextmanager
    def new_database(self) -> Generator[str]:
        """A database of its own, by name; dropped afterwards."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield name
        finally:
            self.execute(f"DROP DATABASE IF EXISTS {name}")


def is_installed() -> bool:
    """Whether the machine has the server's programs."""
    return _program("mariadbd") is not None and _program("mariadb-install-db") is not None


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind((ADDRESS, 0))
        return int(free.getsockname()[1])


def _start(home: Path, port: int, password: str) -> None:
    """Make a data folder and start the server on it, in a session of its own: it outlives the worker that starts it."""
    data, user = home / "data", f"--user={getpass.getuser()}"
    made = [str(_program("mariadb-install-db")), "--no-defaults", f"--datadir={data}", user, "--skip-test-db"]
    subprocess.run(
        [*made, "--auth-root-authentication-method=normal", *OPTIONS], check=True, capture_output=True, timeout=120
    )
    words = [str(_program("mariadbd")), "--no-defaults", f"--datadir={data}", user, f"--port={port}", *OPTIONS]
    with (home / "log").open("wb") as log:
        subprocess.Popen(
            [*words, f"--bind-address={ADDRESS}", f"--socket={home / 's'}", f"--pid-file={home / 'pid'}"],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = pymysql.connect(unix_socket=str(home / "s"), user="root", autocommit=True)
            break
        except pymysql.err.OperationalError:
            if time.monotonic() > until:
                raise RuntimeError(f"the test server did not start; its log is {home / 'log'}") from None
            time.sleep(0.05)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"CREATE USER tester@'{ADDRESS}' IDENTIFIED BY '{password}'")
        cursor.execute(f"GRANT ALL ON *.* TO tester@'{ADDRESS}' WITH GRANT OPTION")


def _stop(home: Path, server: MariaDB) -> None:
    process = int((home / "pid").read_text())
    server.execute("SHUTDOWN")
    until = time.monotonic() + START_SECONDS
    while _runs(process) and time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):  # only the worker that started it is told of its end
            os.waitpid(process, os.WNOHANG)
        time.sleep(0.02)
    shutil.rmtree(home, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def shared_server(run_folder: Path) -> Generator[MariaDB]:
    """The server of this run: started by the first worker that asks, stopped and removed by the last to leave.

    `run_folder` is common to all workers of one run. The data lies beside it rather than in it, for a socket's path is short.
    """
    own = hashlib.sha256(str(run_folder).encode()).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"mappa-monitor-mariadb-{own}"
    lock = InterProcessLock(run_folder / "mariadb.lock")
    word = hashlib.sha256(f"{run_folder} mariadb sign-in".encode()).hexdigest()[:24]  # the same for every worker
    using = home / "using"
    with lock:
        if not (using.is_dir() and any(using.iterdir())):
            shutil.rmtree(home, ignore_errors=True)
            using.mkdir(parents=True)
            port = free_port()
            (home / "port").write_text(str(port))
            _start(home, port, word)
        (using / str(os.getpid())).touch()
        server = MariaDB(int((home / "port").read_text()), "tester", word)
    try:
        yield server
    finally:
        with lock:
            (using / str(os.getpid())).unlink()
            if not any(_runs(int(each.name)) for each in using.iterdir()):
                _stop(home, server)
