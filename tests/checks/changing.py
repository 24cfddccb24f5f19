"""Standards whose figures change on a date, as a test needs them: written to a file and read back as an area's own would be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from checks.standard import Figures, Standard, load_standard

HEAD = """
extends = "{base}"
name = "changing"

[[sources]]
short = "T"
title = "A test"
edition = "2023"
"""


def changing(folder: Path, base: str, *changes: tuple[str, str, str], more: Iterable[str] = ()) -> Standard:
    """A shipped standard with changes: each a figure, the day from which it changes, and its value as TOML writes it.

    `more`: further figures, each a line of TOML.
    """
    text = HEAD.format(base=base) + "\n[figures]\n" + "\n".join(more)
    for figure, day, value in changes:
        text += f'\n[[figures.{figure}.changes]]\nfrom = {day}\nvalue = {value}\ncite = "T {day}"\n'
    path = folder / "changing.toml"
    path.write_text(text, "utf-8")
    return load_standard(path)


def as_of(standard: Standard, day: date) -> Standard:
    """The standard as it was on a day, as if it had never been otherwise."""
    then = {
        name: figure.model_copy(update={"value": standard.value(name, on=day), "changes": []})
        for name in Figures.model_fields
        if (figure := getattr(standard.figures, name)) is not None
    }
    return standard.model_copy(update={"figures": standard.figures.model_copy(update=then)})
