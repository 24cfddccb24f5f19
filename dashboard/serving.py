"""Serving the dashboard on this machine: the port, the settings handed on, the browser, the end."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
import webbrowser
from pathlib import Path
from types import FrameType
from typing import Any

from checks.errors import UsageError

HOST = "127.0.0.1"
FIRST_PORT = 8501
PORTS_TRIED = 100
SETTINGS_VARIABLE = "MAPPA_SETTINGS"

APP = Path(__file__).parent / "app.py"
OUR_FOLDERS = ("checks", "connectors", "kpis", "dashboard")

# What keeps records on this machine and off the console, said as flags besides the configuration file: flags win over the
# files and variables of whoever starts it, and an installed program has no configuration file beside it.
CONFIDENTIAL = {
    "server.address": HOST,
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableAgentApi": "false",
    "server.enableStaticServing": "false",
    "server.headless": "true",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": "false",
    "logger.level": "warning",
    "logger.enableRich": "false",
    "logger.hideWelcomeMessage": "true",
}
ALLOWED_HOSTS = (HOST, "localhost")


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
            raise _taken(asked)
        return asked
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(port):
            return port
    raise UsageError(f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} is free. Name one with --port.")


def _taken(port: int) -> UsageError:
    return UsageError(
        f"Port {port} of this machine is taken or not allowed. Name another with --port, or leave it out."
    )


def serve(settings_file: Path, port: int, open_browser: bool) -> int:
    """Serve the dashboard until it is stopped by Ctrl-C or a signal to end; returns the exit code.

    The server runs in this process, so that nothing is left over, however it ends.
    """
    os.environ[SETTINGS_VARIABLE] = str(settings_file.resolve())
    signal.signal(signal.SIGTERM, _end)  # until the server is up and takes its own care of it
    log_without_contents()
    # Streamlit reads its theme and the rest of its configuration from the folder it is started in.
    os.chdir(APP.parent.parent)
    from streamlit.web import cli

    if open_browser:
        threading.Thread(target=_open_when_ready, args=(port,), daemon=True).start()
    flags = [("server.port", port), *CONFIDENTIAL.items(), *(("server.allowedHosts", each) for each in ALLOWED_HOSTS)]
    words = ["run", str(APP), *(f"--{name}={value}" for name, value in flags)]
    with contextlib.redirect_stdout(sys.stderr):
        try:
            cli.main(words, prog_name="mappa-monitor", standalone_mode=False)
        except KeyboardInterrupt:
            return 0
        except SystemExit as ended:
            if ended.code and not is_free(port):
                raise _taken(port) from None  # taken while we were getting ready
            raise
    return 0


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def log_without_contents() -> None:
    """From now on no log and no thread of this process tells an exception's text: it may hold a record's content.

    What is told is its kind, and where in the program it arose.
    """
    usual = logging.getLogRecordFactory()

    def plain_record(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = usual(*arguments, **named)
        error = record.exc_info[1] if record.exc_info else None
        if error is None and isinstance(record.args, tuple):
            error = next((each for each in record.args if isinstance(each, BaseException)), None)
        if error is not None:
            record.msg, record.args, record.exc_info = f"Unforeseen: {kind_and_place(error)}", (), None
        return record

    def of_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            logging.getLogger("mappa-monitor").error("Unforeseen", exc_info=arguments.exc_value)

    logging.setLogRecordFactory(plain_record)
    threading.excepthook = of_thread


def kind_and_place(error: BaseException) -> str:
    """An exception's kind and the last place of the product that it passed, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    at = ([each for each in frames if _is_ours(Path(each.filename))] or frames)[-1:]
    return type(error).__name__ + "".join(f" in {Path(each.filename).name}, line {each.lineno}" for each in at)


def _is_ours(file: Path) -> bool:
    root = APP.parent.parent
    return file.is_relative_to(root) and file.relative_to(root).parts[0] in OUR_FOLDERS


def _open_when_ready(port: int, patience: float = 30.0) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, port)) == 0:
                webbrowser.open(f"http://{HOST}:{port}")
                return
        time.sleep(0.2)
