"""The dashboard as it is served: to this machine only, until it is told to stop, with nothing left behind."""

from __future__ import annotations

import contextlib
import logging
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from connectors.store import Store
from dashboard.serving import ALLOWED_HOSTS, CONFIDENTIAL, HOST, chosen_port, is_free, log_without_contents
from tests.command import environment, program

pytestmark = pytest.mark.long

START_SECONDS = 180.0
STOP_SECONDS = 20.0
NAME = "Zebedee Quillfeather"

Process = subprocess.Popen[str]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts the command in a process of its own; whatever happens, it is gone afterwards."""
    with contextlib.ExitStack() as stack:

        def started(*words: object) -> Process:
            process = subprocess.Popen(
                program(*words),
                cwd=tmp_path,
                env=environment({"BROWSER": "false"}),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield started


def get(port: int, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=10) as answer:
        return answer.status, answer.read().decode()


def wait_until_healthy(process: Process, port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if get(port, "/_stcore/health") == (200, "ok"):
                return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError("it did not come up")


def stopped(process: Process, by: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(by)
    out, err = process.communicate(timeout=STOP_SECONDS)
    return process.returncode, out, err


def children(process: Process) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(each.read_text("utf-8").rpartition(")")[2].split()[1]) == process.pid:
                found.append(int(each.parent.name))
    return found


def addresses_listening(port: int) -> set[str]:
    """The local addresses, in the kernel's own spelling, at which the port listens."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text("utf-8").splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if int(local.rpartition(":")[2], 16) == port and state == "0A":
                found.add(local.partition(":")[0])
    return found


def test_the_demo_from_start_to_end_and_once_more(
    tmp_path: Path, free_port: int, start: Callable[..., Process]
) -> None:
    words = ("demo", "--folder", tmp_path / "area", "--port", free_port, "--no-browser")
    for how in (signal.SIGINT, signal.SIGTERM):
        process = start(*words)
        wait_until_healthy(process, free_port)
        status, page = get(free_port, "/")
        assert status == 200
        assert "<title>" in page
        assert addresses_listening(free_port) == {"0100007F"}, "127.0.0.1 and nothing else"
        assert children(process) == []
        code, out, err = stopped(process, how)
        assert (code, out) == (0, "")
        assert "Traceback" not in err
        assert f"http://127.0.0.1:{free_port} (this machine only)" in err
        assert is_free(free_port)
        said = "Stored snapshot 1" if how == signal.SIGINT else "Nothing has changed since snapshot 1"
        assert said in err
    with Store.open(tmp_path / "area" / "mappa-monitor.sqlite", read_only=True) as store:
        assert [each.area for each in store.snapshots()] == ["Sample area"]
        assert store.snapshots()[0].standards[0].name == "jersey"
    assert sorted(path.name for path in (tmp_path / "area").iterdir() if "sqlite-" not in path.name) == [
        "mappa-monitor.sqlite",
        "mappa-monitor.toml",
        "records",
    ]


def test_serve_before_any_refresh(tmp_path: Path, free_port: int, start: Callable[..., Process]) -> None:
    (tmp_path / "mappa-monitor.toml").write_text(
        'area = "Here"\nsource = "sample"\nstandards = ["jersey"]\n', encoding="utf-8"
    )
    process = start("serve", "--port", free_port)
    wait_until_healthy(process, free_port)
    code, _, err = stopped(process, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["mappa-monitor.toml"], "looking makes nothing"


def test_the_page_says_what_to_do_where_nobody_has_refreshed(tmp_path: Path, open_page: Callable[..., AppTest]) -> None:
    path = tmp_path / "mappa-monitor.toml"
    path.write_text('area = "Here"\nsource = "sample"\nstandards = ["jersey"]\n', encoding="utf-8")
    page = open_page(path)
    assert any("Refresh" in each.value for each in page.info)
    assert any(each.label == "Refresh" for each in page.button)


def test_the_first_free_port_is_taken() -> None:
    port = chosen_port(None)
    assert port >= 8501
    with socket.socket() as taken:
        taken.bind((HOST, port))
        taken.listen()
        assert not is_free(port)
        assert chosen_port(None) > port


def test_streamlit_knows_every_setting_that_keeps_records_here() -> None:
    known = config.get_config_options()
    assert set(CONFIDENTIAL) <= set(known)
    assert CONFIDENTIAL["server.address"] == HOST == "127.0.0.1"
    assert CONFIDENTIAL["browser.gatherUsageStats"] == "false"
    assert CONFIDENTIAL["client.showErrorDetails"] == "none"
    assert set(ALLOWED_HOSTS) == {"127.0.0.1", "localhost"}


def test_a_log_never_tells_what_an_exception_says(capfd: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogRecordFactory(), threading.excepthook
    logger = logging.getLogger("a library")
    handler = logging.StreamHandler()
    logger.addHandler(handler)

    def fail() -> None:
        raise ValueError(f"{NAME} is not a date")

    try:
        log_without_contents()
        try:
            fail()
        except ValueError as error:
            logger.exception("While reading")
            logger.error("Failed: %s", error)
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        logger.warning("port %d", 8501)
    finally:
        logger.removeHandler(handler)
        logging.setLogRecordFactory(before[0])
        threading.excepthook = before[1]
    shown = capfd.readouterr().err
    assert "Quillfeather" not in shown
    assert "Traceback" not in shown
    assert len(re.findall(r"Unforeseen: ValueError in test_serving\.py, line \d+", shown)) >= 2
    assert "port 8501" in shown
