"""The command `mappa-monitor`: what scripts and schedulers call, and what starts the dashboard.

Results go to standard output, people's messages and progress to standard error. Exit codes: 0 done · 1 done, and findings of
severity error exist · 2 wrong usage · 3 a source could not be read · 4 settings or a standard is wrong · 5 the store could not be
reached or written. Besides these, none of the contract's: 70 a fault in the program itself · 130 interrupted.

The commands themselves are in `dashboard.commands`. They bring large packages, so they are imported only here inside `run`,
where an interruption is already answered plainly.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

FAULT = 70
INTERRUPTED = 130
NAME = "mappa-monitor"


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; every error ends in one or two sentences, never in a traceback."""
    from checks.errors import MappaError
    from dashboard.shown_in_terminal import say

    try:
        code = _run(list(arguments))
    except MappaError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else FAULT
    except BaseException as fault:  # a library written in Rust may panic, which is no Exception
        from dashboard.serving import kind_and_place

        # The text of an unforeseen exception may hold a record: only its kind and place are shown.
        say(f"The program has failed ({kind_and_place(fault)}). This is no fault of yours; please report this line.")
        return FAULT
    if code == INTERRUPTED:
        say("Interrupted.")
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from checks.errors import UsageError
    from dashboard.commands import app
    from dashboard.shown_in_terminal import say

    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name=NAME, standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        # Of an option without its value nobody says in which command it stood.
        named = f"{NAME} {arguments[0]}" if arguments and arguments[0] in getattr(command, "commands", {}) else NAME
        path = getattr(context, "command_path", named)
        if len(arguments) == 0:
            say(error.format_message())
            return error.exit_code
        said = error.format_message()
        if not said.endswith("?"):  # then it makes a suggestion of its own
            said = f"{said.rstrip('.')}. `{path} --help` says how it is used."
        raise UsageError(said) from None
    except typer.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, lives as long as we do
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        # Python would end some interrupted programs by a signal instead, and start closing what need not be closed.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
