"""Serving the dashboard on this machine: the port, the settings handed on, the browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path

from checks.errors import UsageError

HOST = "127.0.0.1"
FIRST_PORT = 8501
SETTINGS_VARIABLE = "MAPPA_SETTINGS"

APP = Path(__file__).parent / "app.py"

# On the command line besides the configuration file, so that loopback never hangs on the folder one happens to be in.
CONFIDENTIAL = {
    "server.address": HOST,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
}


def is_free(port: int) -> bool:
    """Whether the port of this machine can be taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # A port just given up is free at once, as it is for the server itself.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def chosen_port(asked: int | None) -> int:
    """The port asked for, or the first free one; raises UsageError (exit 2) where the one asked for is taken."""
    if asked is not None:
        if not is_free(asked):
            raise UsageError(
                f"Port {asked} of this machine is taken or not allowed. Name another with --port, or leave it out."
            )
        return asked
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if is_free(port):
            return port
    raise UsageError(f"No port from {FIRST_PORT} to {FIRST_PORT + 99} is free. Name one with --port.")


def serve(settings_file: Path, port: int, open_browser: bool) -> int:
    """Serve the dashboard until it is stopped; returns the server's exit code."""
    command = [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={port}"]
    command += [f"--{name}={value}" for name, value in CONFIDENTIAL.items()]
    environment = {**os.environ, SETTINGS_VARIABLE: str(settings_file.resolve())}
    # Streamlit reads its theme and the rest of its configuration from the folder it is started in.
    with subprocess.Popen(command, cwd=APP.parent.parent, env=environment, stdout=subprocess.DEVNULL) as server:
        if open_browser:
            threading.Thread(target=_open_when_ready, args=(port,), daemon=True).start()
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()
            server.wait()
            return 0


def _open_when_ready(port: int, patience: float = 30.0) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, port)) == 0:
                webbrowser.open(f"http://{HOST}:{port}")
                return
        time.sleep(0.2)
