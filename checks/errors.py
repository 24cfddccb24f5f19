"""The errors that end a command: one or two plain sentences each, and the exit code that goes with them.

An error names the file, sheet, row and column, says what was expected and what was found, and how to go on.
It never holds a record's content.
"""

from __future__ import annotations


class MappaError(Exception):
    """Base of every error shown to a person; `exit_code` is what the command line returns."""

    exit_code = 2


class UsageError(MappaError):
    """Wrong usage of the command (exit 2)."""

    exit_code = 2


class SourceError(MappaError):
    """A source could not be read (exit 3)."""

    exit_code = 3


class SettingsError(MappaError):
    """Settings, a mapping or a standard is wrong (exit 4)."""

    exit_code = 4


class StoreError(MappaError):
    """The store could not be reached or written (exit 5)."""

    exit_code = 5
