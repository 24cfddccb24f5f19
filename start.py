#!/usr/bin/env python3
"""Start MAPPA Monitor, or its tests, on a machine that has Python and nothing else.

Uses the standard library only. Makes an environment in `.venv` beside this file, installs into it exactly the packages
that the lock files record (checked by hash, ready-made wheels only), installs the project itself as editable, and
leaves a stamp so that the next start goes straight to the program. Where packages come from is pip's own settings'
business: nothing here names or changes an index.

Messages go to standard error, so that the output of a command such as `measure --json` stays clean. This file must
at least parse on the old Pythons that it turns away (3.6 and later), hence no newer syntax and few annotations.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
RUNTIME_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"
STAMP = "start-stamp.json"
LOG = "install.log"
# Not one of mappa-monitor's own exit codes (0 to 5), so that a scheduler can tell "not set up" from "ran and failed".
SET_UP_FAILED = 10
INTERRUPTED = 130

HELP = """\
Start MAPPA Monitor. The first start makes what it needs in .venv beside this file (one to three minutes, and a
connection to a package index); later starts take no time.

  python3 start.py                    open the dashboard on sample data at an address of this machine only
  python3 start.py demo [options]     the same, with options of `mappa-monitor demo`
  python3 start.py COMMAND [options]  run any command of mappa-monitor, for example: serve --port 8600
  python3 start.py test [options]     run every test; options go to pytest, for example: test -k disclosure
  python3 start.py bench [options]    run the benchmarks
  python3 start.py --help             this text; `python3 start.py COMMAND --help` for one command

Exit codes are those of the command that ran; 10 if the set-up failed, 130 if it was interrupted.
To set up afresh, delete the folder .venv and start again.
"""


class SetUpError(Exception):
    """The set-up cannot go on; the text is one or two plain sentences for the person at the keyboard."""


def say(text, end="\n"):
    print(text, end=end, file=sys.stderr, flush=True)


# What to run


def in_environment(venv, program, windows=os.name == "nt"):
    """Path of `program` inside the environment; Windows keeps programs elsewhere and gives them a suffix."""
    return venv / "Scripts" / (program + ".exe") if windows else venv / "bin" / program


def lock_for(words):
    """Which lock the command line needs: tests and benchmarks compare with more packages than the product uses."""
    return TEST_LOCK if words[:1] in (["test"], ["bench"]) else RUNTIME_LOCK


def cores():
    """Processors this process may use, which on a shared machine can be fewer than it has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers(available):
    """Test processes to start: one more than cores, as some wait for a browser; eight at most, as each takes some 300 MB."""
    return max(2, min(available + 1, 8))


def pytest_options(options, available):
    """Options for pytest: as given, spread over processes unless the person chose otherwise or wants to debug."""
    if any(option.startswith(("-n", "--numprocesses", "--pdb", "--trace")) for option in options):
        return list(options)
    # By file, because what a file sets up for all its tests (a server, a sample area) is then set up once.
    return ["-n", str(workers(available)), "--dist", "loadfile", *options]


def command_for(root, words, available):
    """Turn the words after `start.py` into the program to run, its arguments and the folder to run it in.

    None for the folder means: where the person stands, so that relative paths on the command line mean what they say.
    """
    venv = root / ".venv"
    python = str(in_environment(venv, "python"))
    if words[:1] == ["test"]:
        return [python, "-m", "pytest", *pytest_options(words[1:], available)], root
    if words[:1] == ["bench"]:
        return [python, "-m", "tests.benchmarks", *words[1:]], root
    if not words or words[0].startswith("-"):
        words = ["demo", *words]
    return [str(in_environment(venv, "mappa-monitor")), *words], None


def child_environment(environment):
    """The variables for what we start: without those that would make it read packages from outside its environment.

    Nor with the one that forbids Python to keep what it has compiled: the packages come uncompiled, the environment is ours to
    write to, and compiling them anew makes every start take three times as long.
    """
    kept = dict(environment)
    outside = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "PIP_TARGET", "PIP_PREFIX")
    for name in (*outside, "PYTHONDONTWRITEBYTECODE"):
        kept.pop(name, None)
    kept["PIP_USER"] = "0"
    return kept


def wait_for(arguments, folder, environment):
    """Run to the end and give back the exit code; Ctrl-C is the child's to answer, as the keyboard tells both."""
    process = subprocess.Popen(arguments, cwd=folder, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def hand_over(arguments, folder):
    """Become the program, so that its exit code, and signals to it, need no passing on; Windows cannot, and waits."""
    environment = child_environment(os.environ)
    if os.name == "nt":
        return wait_for(arguments, folder, environment)
    if folder is not None:
        os.chdir(folder)
    sys.stdout.flush()
    sys.stderr.flush()
    return os.execve(arguments[0], arguments, environment)


# What is there, and what is missing


def digest(path):
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise SetUpError(
            f"The file {path.name} is missing from {path.parent}, so this copy of MAPPA Monitor is not whole. "
            "Fetch it again and start again."
        ) from None
    except OSError as problem:
        raise SetUpError(f"The file {path} cannot be read ({problem.strerror}).") from None


def wanted_stamp(root, lock):
    """What the stamp says once everything is in place. Environments hold absolute paths, hence the folder."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()} {platform.machine()}",
        "home": sys.base_prefix,
        "folder": str(root),
        "lock": lock,
        "packages": digest(root / lock),
        "project": digest(root / "pyproject.toml"),
    }


def read_stamp(venv):
    """The stamp of a finished set-up; None if there is none, or if a set-up was cut short."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) and stamp.get("packages") else None


def write_stamp(venv, stamp):
    """Replace the stamp in one move; an empty one marks a folder as ours and not finished."""
    new = venv / (STAMP + ".new")
    new.write_text(json.dumps(stamp, indent=2), encoding="utf-8")
    os.replace(new, venv / STAMP)


def steps(root, lock, stamp):
    """What must be done, from `environment`, `packages` and `project`, given the stamp found (or None).

    A changed lock or Python means a fresh environment, so that nothing of the old one lingers; the tests' packages
    go on top of the product's, being the same and more; a changed pyproject.toml only reinstalls the project.
    """
    everything = ["environment", "packages", "project"]
    venv = root / ".venv"
    if stamp is None or not in_environment(venv, "python").exists():
        return everything
    wanted = wanted_stamp(root, lock)
    if any(stamp.get(key) != wanted[key] for key in ("python", "home", "folder")):
        return everything
    installed = stamp.get("lock")
    if installed not in (RUNTIME_LOCK, TEST_LOCK) or stamp["packages"] != digest(root / installed):
        return everything
    if installed == RUNTIME_LOCK and lock == TEST_LOCK:
        return ["packages", "project"]
    if stamp.get("project") != wanted["project"] or not in_environment(venv, "mappa-monitor").exists():
        return ["project"]
    return []


# Doing it


def runs(program):
    """Whether such a program is there and starts; some that stand on the path are mere pointers to nothing."""
    if not shutil.which(program):
        return False
    return subprocess.call([program, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def check_python(version=sys.version_info):
    """Turn away a Python that is too old, or that cannot make environments."""
    if tuple(version[:2]) < OLDEST_PYTHON:
        newer = next(filter(runs, ("python3.13", "python3.12", "python3.11")), None)
        raise SetUpError(
            "MAPPA Monitor needs Python {}.{} or later, and this is Python {}.{}. ".format(*OLDEST_PYTHON, *version[:2])
            + (f"Use the newer one on this machine: {newer} start.py" if newer else "Install a newer Python first.")
        )
    if any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip")):
        raise SetUpError(
            "This Python lacks its module for making environments. On Debian or Ubuntu install it with "
            "`sudo apt install python3-venv`, then start again."
        )


@contextlib.contextmanager
def one_at_a_time(path):
    """Hold a lock on `path` (which is only read), so that two starts do not build in the same folder at once."""
    with path.open("rb") as file:
        if os.name == "nt":
            import msvcrt

            # Far beyond the end: Windows denies others the bytes that are locked.
            file.seek(1 << 30)
            take = lambda: msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # noqa: E731
        else:
            import fcntl

            take = lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # noqa: E731
        told = False
        while True:
            try:
                take()
                break
            except (BlockingIOError, PermissionError):
                if not told:
                    say("Another start is setting up this folder; waiting for it to finish ...")
                    told = True
                time.sleep(0.5)
            except OSError:
                break  # A file system without locks: go on without one.
        yield


def claim(venv):
    """Make `.venv`, or empty the one an earlier start made; never touch one that somebody else made."""
    try:
        if venv.exists() and not venv.is_dir():
            raise SetUpError(f"{venv} is a file, and the set-up needs a folder of that name. Rename or delete it.")
        if venv.is_dir() and any(venv.iterdir()) and not (venv / STAMP).exists():
            raise SetUpError(
                f"The environment {venv} was not made by start.py, which therefore leaves it alone. "
                "Rename or delete that folder, then start again."
            )
        venv.mkdir(exist_ok=True)
        write_stamp(venv, {})
        for entry in venv.iterdir():
            if entry.name == STAMP:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except OSError as problem:
        raise SetUpError(
            f"The folder {venv} cannot be written ({problem.strerror}). Put MAPPA Monitor in a folder of your own, "
            "close programs that still use it, and start again."
        ) from None


def reason(log_text):
    """Say in a sentence why pip stopped, from what it wrote."""
    for pattern, sentence in (
        (r"No space left|Errno 28|not enough space", "The disk is full: about 2 GB must be free."),
        (
            r"DO NOT MATCH THE HASHES",
            "A package that arrived is not the one this version was tested with, and was not installed. "
            "Tell whoever keeps your package index; do not work around it.",
        ),
        (
            r"--require-hashes mode|Invalid requirement",
            "The lock file is damaged. Fetch this copy of the project again.",
        ),
        (r"CERTIFICATE_VERIFY_FAILED|SSLError", "The package index could not be trusted: its certificate is unknown."),
        (
            r"ProxyError|NewConnectionError|NameResolutionError|[Tt]imed out|Connection (refused|reset|broken)|"
            r"Temporary failure in name resolution",
            "The package index could not be reached. Check the network and proxy settings.",
        ),
        (
            r"No matching distribution|Could not find a version",
            "The package index has no ready-made package for this Python and machine.",
        ),
        (r"Permission denied|Errno 13|Access is denied", "A file could not be written."),
    ):
        if re.search(pattern, log_text):
            return sentence
    return "The installation of packages stopped."


def run_logged(arguments, log, watch=None):
    """Run a set-up step, its output into the log, each line also to `watch`; a failure becomes a plain sentence."""
    mark = log.stat().st_size if log.exists() else 0
    process = subprocess.Popen(
        arguments,
        env=child_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    with process, log.open("a", encoding="utf-8") as file:
        try:
            for line in process.stdout or ():
                file.write(line)
                if watch:
                    watch(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        with log.open("rb") as file:
            file.seek(mark)
            text = file.read().decode("utf-8", "replace")
        raise SetUpError(f"{reason(text)} The installer's own words are in {log}. Put that right and start again.")


def package_progress(total):
    """A watcher of pip's lines that keeps one line of progress on a terminal, and a few lines in a log."""
    seen = 0
    terminal = sys.stderr.isatty()

    def watch(line):
        nonlocal seen
        named = re.match(r"(?:Collecting|Ignoring|Requirement already satisfied:) *([A-Za-z0-9._-]+)", line)
        if named:
            seen += 1
            if terminal:
                say(f"\r       {seen} of {total}: {named.group(1):<40}", end="")
            elif seen % 25 == 0:
                say(f"       {seen} of {total}")
        elif line.startswith("Installing collected packages"):
            text = "all here; putting them in place (the longest part on a slow disk) ..."
            say(f"\r       {text:<60}" if terminal else f"       {text}")

    return watch


def prepare(root, lock):
    """Bring the environment to where `lock` wants it; quick, and writing nothing, if it is there already."""
    venv = root / ".venv"
    wanted = wanted_stamp(root, lock)
    if not steps(root, lock, read_stamp(venv)):
        return
    with one_at_a_time(root / "pyproject.toml"):
        to_do = steps(root, lock, read_stamp(venv))
        if not to_do:
            return
        began = time.monotonic()
        stamp = read_stamp(venv)
        if to_do == ["project"] and stamp:
            # The packages stay as they are, and may be the tests' although the product is asked for.
            wanted.update(lock=stamp["lock"], packages=stamp["packages"])
        total = len(re.findall(r"(?m)^[A-Za-z0-9._-]+==", (root / lock).read_text(encoding="utf-8")))
        install = [str(in_environment(venv, "python")), "-m", "pip", "install", "--disable-pip-version-check"]
        install += ["--no-input", "--progress-bar", "off"]
        say(f"Setting up MAPPA Monitor in {root}")
        if "packages" in to_do:
            say("This is needed once and takes one to three minutes, depending on the network and the disk.")
        if "environment" in to_do:
            say("  - making an environment for its packages (.venv), some seconds ...")
            claim(venv)
        try:
            log = venv / LOG
            write_stamp(venv, {})
            log.write_text("", encoding="utf-8")
            if "environment" in to_do:
                run_logged([sys.executable, "-m", "venv", str(venv)], log)
            if "packages" in to_do:
                say(f"  - fetching and installing {total} packages ...")
                exactly = ["--require-hashes", "--only-binary", ":all:", "--no-compile", "-r", str(root / lock)]
                run_logged([*install, *exactly], log, package_progress(total))
            say("  - installing MAPPA Monitor itself, some seconds ...")
            run_logged([*install, "--no-deps", "--no-build-isolation", "-e", str(root)], log)
            write_stamp(venv, wanted)
        except OSError as problem:
            raise SetUpError(
                f"The folder {venv} cannot be written ({problem.strerror}). Free some space or put MAPPA Monitor in a "
                "folder of your own, and start again."
            ) from None
        say(f"Ready after {time.monotonic() - began:.0f} seconds. The next start goes straight to the program.")


def main(words):
    """Do what the words ask for and give back the exit code."""
    if words[:1] in (["--help"], ["-h"], ["help"]):
        print(HELP, end="")
        return 0
    try:
        check_python()
        prepare(ROOT, lock_for(words))
        return hand_over(*command_for(ROOT, words, cores()))
    except SetUpError as problem:
        say(f"\n{problem}")
        return SET_UP_FAILED
    except KeyboardInterrupt:
        say("\nStopped. Start again to go on.")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
